/** Workflows that show how an Effect runs in the isolate. */
import { scheduleActivity, workflowInfo } from "@temporalio/workflow"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Runtime from "../../../src/temporal/workflow/Runtime.ts"

const answer = async <A>(program: Effect.Effect<A, unknown>): Promise<A | string> => {
  const exit = await Runtime.run(program)
  return Exit.isSuccess(exit) ? exit.value : Exit.hasInterrupts(exit) ? "interrupted" : "failed"
}

/** Far more operations than a fiber may do before it yields. */
export const yields = () =>
  answer(Effect.gen(function*() {
    let sum = 0
    for (let index = 0; index < 20_000; index++) sum += yield* Effect.succeed(1)
    yield* Effect.yieldNow
    return sum
  }))

export const sleeps = () =>
  answer(Effect.gen(function*() {
    const before = yield* Clock.currentTimeMillis
    yield* Effect.sleep("10 millis")
    return (yield* Clock.currentTimeMillis) - before
  }))

export const timesOut = () =>
  answer(Effect.sleep("30 seconds").pipe(Effect.timeoutOption("10 millis"), Effect.as("went on")))

const note = (what: string) =>
  Runtime.operation(() => scheduleActivity("note", [what], { startToCloseTimeout: 10_000 }))

/** Is to be cancelled while it sleeps. */
export const cleansUp = () =>
  answer(Effect.sleep("1 hour").pipe(Effect.as("slept"), Effect.ensuring(Effect.orDie(note("cleaned up")))))

export const speaks = () =>
  answer(Effect.gen(function*() {
    yield* Effect.logInfo("before").pipe(Effect.annotateLogs({ pipe: "one" }))
    yield* note("between")
    yield* Effect.logWarning("after")
    yield* Effect.withSpan(Effect.void, "a span")
    return workflowInfo().historyLength > 0
  }))

/** An operation fails while another goes on: the other is cancelled with its fiber, and only then. */
export const races = () =>
  answer(
    Effect.all([Effect.sleep("1 hour"), Effect.andThen(note("first"), Effect.fail("no"))], { concurrency: "unbounded" })
  )
