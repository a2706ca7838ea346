import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"

/**
 * Until when the requests of a leaf may last: milliseconds of the clock. Whoever will be killed at some time is told so beforehand, and then
 * starts no request and no wait that could not end before it. Nothing by default.
 */
export const Deadline = Context.Reference<number | undefined>("pipelex/provider/transport/Deadline", {
  defaultValue: () => undefined
})

/** Milliseconds that are left, if anything limits them. */
export const left: Effect.Effect<number | undefined> = Effect.flatMap(Deadline, (deadline) =>
  deadline === undefined
    ? Effect.undefined
    : Effect.map(Clock.currentTimeMillis, (now) => Math.max(0, deadline - now)))
