import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { AsyncLocalStorage } from "node:async_hooks"
import { readFileSync } from "node:fs"
import { builtinModules } from "node:module"
import { fileURLToPath } from "node:url"
import { createContext, runInContext, Script } from "node:vm"
import { beforeAll } from "vitest"
import * as Names from "../../../src/temporal/wire/Names.ts"
import * as Bundle from "../../../src/temporal/worker/Bundle.ts"

let code = ""

beforeAll(async () => {
  code = readFileSync(await Effect.runPromise(Bundle.path), "utf8")
}, 240_000)

/** What the SDK gives an isolate beside the language itself. */
const injected = { AbortController, AsyncLocalStorage, TextDecoder, TextEncoder, URL, URLSearchParams, console }

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

  it("is evaluated once, however many workflows ask for it, and only the SDK's own modules are in the table of each", () => {
    const theirs: Record<string, unknown> = {}
    const context = createContext({ ...injected, __webpack_module_cache__: theirs })
    runInContext(code, context)
    const before = Object.keys(theirs)
    const evaluated: unknown = runInContext("[__TEMPORAL__.importWorkflows(), __TEMPORAL__.importWorkflows()]", context)
    assert.isArray(evaluated)
    const [first, second] = Array.isArray(evaluated) ? evaluated : []
    assert.strictEqual(first, second)
    assert.includeMembers(Object.keys(first), Object.values(Names.workflows))
    assert.isNotEmpty(before)
    assert.deepStrictEqual(Object.keys(theirs), before)
  })

  it("is built once and then found", async () => {
    assert.strictEqual(await Effect.runPromise(Bundle.path), await Effect.runPromise(Bundle.path))
  })
})
