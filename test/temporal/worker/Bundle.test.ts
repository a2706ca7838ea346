/** What is kept of the workflows' code when it is built from sources. */
import { assert, describe, it } from "@effect/vitest"
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach } from "vitest"
import * as Bundle from "../../../src/temporal/worker/Bundle.ts"

let folder = ""

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pipelex-bundle-"))
})

afterEach(() => rm(folder, { recursive: true }))

const never = (): Promise<string> => Promise.reject(new Error("it was built again"))

describe("the kept code of workflows", () => {
  it("is built once for a digest", async () => {
    const file = await Bundle.kept(folder, "a", async () => "code")
    assert.strictEqual(await Bundle.kept(folder, "a", never), file)
    assert.strictEqual(await readFile(file, "utf8"), "code")
  })

  it("is whole when several build it at once, and nothing else is left", async () => {
    const code = "x".repeat(1_000_000)
    const files = await Promise.all(Array.from({ length: 8 }, () => Bundle.kept(folder, "a", async () => code)))
    assert.strictEqual(new Set(files).size, 1)
    assert.strictEqual(await readFile(files[0] ?? "", "utf8"), code)
    assert.deepStrictEqual(await readdir(folder), ["workflow-a.js"])
  })

  it("is removed when others have been of use since, with what a killed build left", async () => {
    await writeFile(join(folder, "workflow-x.0-0"), "half")
    await utimes(join(folder, "workflow-x.0-0"), 1, 1)
    await writeFile(join(folder, "other.js"), "of somebody else")
    const digests = ["a", "b", "c", "d", "e"]
    for (const [at, digest] of digests.entries()) {
      // oxlint-disable-next-line eslint/no-await-in-loop
      const file = await Bundle.kept(folder, digest, async () => digest)
      // oxlint-disable-next-line eslint/no-await-in-loop
      await utimes(file, at + 10, at + 10)
    }
    await Bundle.kept(folder, "a", never)
    await Bundle.kept(folder, "f", async () => "f")
    assert.deepStrictEqual(
      (await readdir(folder)).toSorted(),
      ["other.js", ...["a", "c", "d", "e", "f"].map((digest) => `workflow-${digest}.js`)]
    )
  })
})
