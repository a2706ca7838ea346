import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as HostFunctions from "../../src/provider/HostFunctions.ts"

const meta = { runId: "r", userId: "u", pipe: "p", domain: "d", path: "p#0" }

describe("host functions", () => {
  const call = (functions: HostFunctions.HostFunctions, name: string) =>
    HostFunctions.handler(functions)({
      meta,
      function: name,
      memory: { a: { concept: "native.Text", content: { text: "x" } } }
    })

  it.effect("are found by their own name alone", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* call({ "a.b": () => "x" }, "a.b")).value, "x")
      for (const name of ["a.c", "constructor", "toString", "__proto__"]) {
        assert.strictEqual((yield* Effect.flip(call({ "a.b": () => "x" }, name))).code, "method.function_invalid")
      }
    }))

  it.effect("fail by the name of what they throw, whatever it is", () =>
    Effect.gen(function*() {
      for (
        const [thrown, name] of [[new RangeError("secret"), "RangeError"], ["secret", "string"], [
          undefined,
          "undefined"
        ]] as const
      ) {
        const failure = yield* Effect.flip(call({ f: () => Promise.reject(thrown) }, "f"))
        assert.include(failure.message, name)
        assert.notInclude(JSON.stringify(failure), "secret")
      }
    }))
})
