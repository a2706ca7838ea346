import { assert, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import { usage } from "../../src/cli/Exit.ts"
import * as Problem from "../../src/cli/Problem.ts"
import { type Audience, Streams } from "../../src/cli/Streams.ts"
import { fail } from "../../src/failure/PipeFailure.ts"
import * as Reason from "../../src/failure/Reason.ts"
import * as Style from "../../src/report/Style.ts"

const audience: Audience = {
  reader: "people",
  format: "json",
  errorFormat: "json",
  quiet: false,
  colour: false,
  logo: false,
  traceback: false
}

const nothing = () => Effect.void

/** The lines told to stderr. */
const told = Effect.fnUntraced(function*(cause: Cause.Cause<unknown>, reader: Partial<Audience> = {}) {
  const said: Array<string> = []
  const shown = { width: 80, style: Style.plain }
  yield* Effect.provideService(
    Problem.tell(cause, Problem.ended(cause)),
    Streams,
    Streams.of({
      audience: { ...audience, ...reader },
      out: shown,
      err: shown,
      isOutTerminal: false,
      isErrTerminal: false,
      height: 24,
      result: nothing,
      json: nothing,
      answer: nothing,
      note: nothing,
      warn: nothing,
      problem: (lines) => Effect.sync(() => said.push(...lines))
    })
  )
  return said
})

it.effect("a defect is one line with the code runtime.unexpected, and a stack only when asked for", () =>
  Effect.gen(function*() {
    const defect = Cause.die(new TypeError("x is not\na function"))
    assert.deepStrictEqual(yield* told(defect), ["TypeError: x is not a function [runtime.unexpected]"])
    assert.strictEqual(Problem.ended(defect).code, 1)
    assert.include((yield* told(defect, { traceback: true })).join("\n"), "Problem.test.ts")
  }))

it.effect("what failed in a run is told with its facts, and what was wrong before takes a line", () =>
  Effect.gen(function*() {
    const failed = yield* told(
      Cause.fail(fail(new Reason.RequestInvalid({ problem: "it is wrong" }), { pipe: "draft" }))
    )
    assert.strictEqual(failed[0], "Pipe \"draft\" failed: it is wrong")
    assert.isAtMost(failed.length, 15)
    assert.deepStrictEqual(yield* told(Cause.fail(fail(new Reason.RequestInvalid({ problem: "it is wrong" })))), [
      "It is wrong [request.invalid]"
    ])
  }))

it.effect("a line that cannot be obeyed ends with 2", () =>
  Effect.gen(function*() {
    const cause = Cause.fail(usage("no such flag"))
    assert.strictEqual(Problem.ended(cause).code, 2)
    assert.deepStrictEqual(yield* told(cause), ["No such flag"])
  }))

it.effect("a program is told in one document", () =>
  Effect.gen(function*() {
    const said = yield* told(Cause.die(new Error("boom")), { reader: "program" })
    assert.strictEqual(JSON.parse(said.join("\n")).code, "runtime.unexpected")
  }))
