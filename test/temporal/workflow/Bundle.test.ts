import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { readFileSync } from "node:fs"
import { builtinModules } from "node:module"
import { fileURLToPath } from "node:url"
import { Script } from "node:vm"
import { beforeAll } from "vitest"
import * as Bundle from "../../../src/temporal/worker/Bundle.ts"

let code = ""

beforeAll(async () => {
  code = readFileSync(await Effect.runPromise(Bundle.path), "utf8")
}, 240_000)

describe("the code that workflows run", () => {
  it("is at most a megabyte, with the map that workers ask for", () => {
    assert.isAtMost(code.length, 1_000_000)
    assert.match(code, /\/\/# sourceMappingURL=data:application\/json;base64,/)
  })

  it("is a script that asks for no module, of Node or other", () => {
    assert.doesNotThrow(() => new Script(code))
    const asked = builtinModules.filter((name) => code.includes(`require("${name}")`))
    assert.deepStrictEqual(asked, [])
  })

  it("tells nothing of the machine that built it", () => {
    assert.notInclude(code, fileURLToPath(new URL("../../../", import.meta.url)))
  })

  it("is built once and then found", async () => {
    assert.strictEqual(await Effect.runPromise(Bundle.path), await Effect.runPromise(Bundle.path))
  })
})
