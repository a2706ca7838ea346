import * as Effect from "effect/Effect"
import type { Usage } from "../../failure/Usage.ts"
import type { RunEvent } from "../../program/RunEvents.ts"
import type { Beat } from "../wire/Beat.ts"

export const retryOf = (event: RunEvent): Beat => {
  if (event._tag !== "Retry") return {}
  const { attempt, delaySeconds, of, why } = event
  return { retry: { attempt, of, delaySeconds, why } }
}

/** Often enough for a cancellation to be heard soon, and for a server that waits less to hear of a worker that lives. */
const longest = 1500

/** Milliseconds between beats. */
export const interval = (heartbeatTimeout: number | undefined): number =>
  heartbeatTimeout === undefined || heartbeatTimeout <= 0 ? longest : Math.min(longest, heartbeatTimeout / 3)

/**
 * Beats until it is interrupted. Not at once: the server has just given the work away, and most leaves of an instant are done before the
 * first beat, which would be a request of its own.
 */
export const beating = (beat: () => void, heartbeatTimeout: number | undefined): Effect.Effect<never> =>
  Effect.forever(Effect.andThen(Effect.sleep(interval(heartbeatTimeout)), Effect.sync(beat)))

const sum = (a: Usage["units"], b: Usage["units"]): Usage["units"] => ({
  ...a,
  ...Object.fromEntries(Object.entries(b).map(([unit, amount]) => [unit, amount + (a[unit] ?? 0)]))
})

/** Of the attempts before, and of this one. */
export const total = (before: Usage | undefined, own: Usage | undefined): Usage | undefined =>
  before === undefined || own === undefined ? own ?? before : {
    ...before,
    ...own,
    requests: before.requests + own.requests,
    reasks: before.reasks + own.reasks,
    units: sum(before.units, own.units),
    seconds: before.seconds + own.seconds
  }
