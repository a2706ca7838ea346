import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { existsSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { pitches } from "./Bundles.ts"
import { bin, folder, root, run } from "./Program.ts"

const file = (name: string): string => join(bin, name)

describe("the programs", () => {
  it.live("run from their sources as they do when built", () =>
    Effect.gen(function*() {
      const cwd = yield* folder({ "pitches.mthds": pitches })
      const fromSources = true
      const valid = yield* run(["validate", "bundle", "pitches.mthds"], { cwd, fromSources })
      const pdf = yield* run(["run", "bundle", join(root, "examples/meeting_minutes")], { cwd, fromSources })
      const agent = yield* run(["run", "bundle", "pitches.mthds", "--dry-run", "--mock-inputs"], {
        cwd,
        fromSources,
        program: "pipelex-agent"
      })
      assert.deepStrictEqual([valid.code, pdf.code, agent.code], [0, 0, 0], pdf.stderr)
      assert.include(pdf.stderr, "2 pages")
      assert.deepStrictEqual(Object.keys(JSON.parse(agent.stdout)), ["score", "comment"])
    }))

  it("can be started by name, and load next to nothing to tell their version", () => {
    const entry = readFileSync(file("pipelex.js"), "utf8")
    assert.isTrue(entry.startsWith("#!/usr/bin/env node\n"))
    assert.isTrue((statSync(file("pipelex.js")).mode & 0o111) !== 0)
    assert.isTrue(existsSync(file("PdfWorker.js")))
    const imported = Array.from(
      entry.matchAll(/from\s*["'`]\.\/([^"'`]+)["'`]/g),
      ([, name = ""]) => statSync(file(name)).size
    )
    assert.isBelow(imported.reduce((sum, size) => sum + size, entry.length), 4000)
  })
})
