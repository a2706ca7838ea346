import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Misfit } from "../../src/failure/Metadata.ts"
import { fail, type PipeFailure } from "../../src/failure/PipeFailure.ts"
import * as Reason from "../../src/failure/Reason.ts"
import type { Turn } from "../../src/provider/Adapter.ts"
import { capped, correction, reask, reported } from "../../src/provider/Reask.ts"

const asking = (
  attempts: number,
  ask: (turns: ReadonlyArray<Turn<string>>) => Effect.Effect<Result.Result<unknown, string>, PipeFailure>
) =>
  reask<string, number>({
    attempts,
    ask: (turns) => Effect.map(ask(turns), (value) => ({ message: `turn ${turns.length}`, value })),
    check: (answer) => answer === 3 ? Result.succeed(3) : Result.fail([{ pointer: "/a", reason: "is wrong" }]),
    model: "m",
    provider: "p",
    structure: { concept: "d.C", schema: { type: "object", properties: { a: {} } } }
  })

describe("asking again", () => {
  it.effect("shows each wrong answer with what was wrong, and counts the attempts", () =>
    Effect.gen(function*() {
      const seen: Array<ReadonlyArray<unknown>> = []
      const asked = yield* asking(5, (turns) =>
        Effect.sync(() => {
          seen.push(turns)
          return turns.length === 1 ? Result.fail("is not JSON") : Result.succeed(turns.length + 1)
        }))
      assert.deepStrictEqual(asked, { value: 3, attempts: 3 })
      const first = { message: "turn 0", misfits: [{ pointer: "/a", reason: "is wrong" }] }
      const second = { message: "turn 1", misfits: [{ pointer: "", reason: "is not JSON" }] }
      assert.deepStrictEqual(seen, [[], [first], [first, second]])
    }))

  it.effect("ends at once on a failure of the request, which keeps its own attempts", () =>
    Effect.gen(function*() {
      const busy = fail(new Reason.RateLimited({}))
      const first = yield* Effect.flip(asking(5, () => Effect.fail(busy)))
      const second = yield* Effect.flip(
        asking(5, (turns) => turns.length === 0 ? Effect.succeed(Result.succeed(1)) : Effect.fail(busy))
      )
      assert.deepStrictEqual([first.code, first.attempts], ["provider.rate_limited", undefined])
      assert.deepStrictEqual([second.code, second.attempts], ["provider.rate_limited", { reask: 2 }])
    }))

  it.effect.prop(
    "asks at most as often as it may, and once for an answer that fits",
    [
      Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 10 })),
      Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 12 }))
    ],
    ([attempts, good]) =>
      Effect.gen(function*() {
        let asked = 0
        const result = yield* Effect.result(asking(attempts, (turns) =>
          Effect.sync(() => {
            asked += 1
            return Result.succeed(turns.length + 1 === good ? 3 : 0)
          })))
        assert.strictEqual(asked, Math.min(attempts, good))
        assert.strictEqual(Result.isSuccess(result), good <= attempts)
      })
  )
})

it("a reported misfit names fields and positions, and no key that the model made up", () => {
  const schema = {
    type: "object",
    properties: { "a/b": { type: "array", items: { $ref: "#/$defs/C" } } },
    $defs: { C: { type: "object", properties: { scores: { additionalProperties: { type: "number" } } } } }
  }
  const misfits = [
    { pointer: "/a~1b/12/scores/Jane Doe", reason: "is not a number" },
    { pointer: "", reason: "is not JSON" }
  ]
  assert.deepStrictEqual(reported(misfits, { schema }), [
    { pointer: "/a~1b/12/scores/*", reason: "is not a number" },
    { pointer: "", reason: "is not JSON" }
  ])
})

describe("a correction", () => {
  it("lists the places and asks again, by the way the answer is given", () => {
    const misfits = [{ pointer: "/a/0", reason: "is missing" }, { pointer: "", reason: "is not an object" }]
    const listed = "- /a/0: is missing\n- the answer: is not an object\n"
    assert.strictEqual(
      correction(misfits, "tool"),
      `The call is not valid:\n${listed}\nMake the call again with these errors fixed.`
    )
    assert.strictEqual(
      correction(misfits, "json"),
      `The answer is not valid:\n${listed}\nAnswer again with these errors fixed. Write the corrected JSON and nothing else.`
    )
  })

  const misfit = Schema.Struct({ pointer: Schema.String, reason: Schema.String })
  const size = (misfits: ReadonlyArray<Misfit>) =>
    misfits.reduce((sum, each) => sum + each.pointer.length + each.reason.length, 0)

  it.effect.prop("holds at most 20 errors and 4 KB of them, and something when there is something", [
    Schema.Array(misfit),
    Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 2000 }))
  ], ([misfits, times]) =>
    Effect.sync(() => {
      const long = misfits.map(({ pointer, reason }) => ({ pointer, reason: reason.repeat(times) }))
      const kept = capped(long)
      assert.isAtMost(kept.length, 20)
      assert.isAtMost(size(kept), 4096)
      assert.strictEqual(kept.length === 0, misfits.length === 0)
      assert.deepStrictEqual(capped(kept), kept)
    }))

  it("leaves few and short ones as they are", () => {
    const few = Array.from({ length: 20 }, (_, index) => ({ pointer: `/items/${index}/name`, reason: "is missing" }))
    assert.deepStrictEqual(capped(few), few)
    assert.lengthOf(capped([...few, ...few]), 20)
    assert.lengthOf(capped(few.map(({ pointer }) => ({ pointer, reason: "x".repeat(5000) }))), 7)
  })
})
