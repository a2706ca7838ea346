import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { fail } from "../../src/failure/PipeFailure.ts"
import * as Reason from "../../src/failure/Reason.ts"
import * as HostFunctions from "../../src/provider/HostFunctions.ts"
import { reask, type Turn } from "../../src/provider/Reask.ts"

const meta = { runId: "r", userId: "u", pipe: "p", domain: "d", path: "p#0" }

describe("reask", () => {
  const asking = (
    attempts: number,
    ask: (turns: ReadonlyArray<Turn>) => Effect.Effect<unknown, ReturnType<typeof fail>>
  ) =>
    reask({
      attempts,
      ask,
      check: (answer) =>
        answer === 3
          ? Result.succeed(3)
          : Result.fail(Array.from({ length: 30 }, () => ({ pointer: "/a", reason: "is wrong" }))),
      model: "m",
      provider: "p",
      concept: "d.C"
    })

  it.effect("shows each wrong answer with what was wrong, and counts the attempts", () =>
    Effect.gen(function*() {
      const seen: Array<ReadonlyArray<unknown>> = []
      const asked = yield* asking(5, (turns) =>
        Effect.sync(() => {
          seen.push(turns.map(({ answer }) => answer))
          return turns.length + 1
        }))
      assert.deepStrictEqual(asked, { value: 3, attempts: 3 })
      assert.deepStrictEqual(seen, [[], [1], [1, 2]])
    }))

  it.effect("ends with at most twenty misfits, and at once on a failure of the request", () =>
    Effect.gen(function*() {
      const wrong = yield* Effect.flip(asking(2, () => Effect.succeed("secret")))
      assert.lengthOf("misfits" in wrong.reason ? wrong.reason.misfits : [], 20)
      assert.notInclude(JSON.stringify(wrong), "secret")
      let asked = 0
      const busy = yield* Effect.flip(asking(5, () =>
        Effect.suspend(() => {
          asked++
          return Effect.fail(fail(new Reason.RateLimited({})))
        })))
      assert.deepStrictEqual([busy.code, asked], ["provider.rate_limited", 1])
    }))
})

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
