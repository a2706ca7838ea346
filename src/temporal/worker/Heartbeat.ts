import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Usage } from "../../failure/Usage.ts"
import type { RunEvent } from "../../program/RunEvents.ts"

/** What an activity's beats carry: the next attempt, and whoever looks at the server, can read it. */
export const Beat = Schema.Struct({
  /** Consumed by this attempt and those before it, once it has failed. */
  usage: Schema.optionalKey(Usage),
  /** The latest request that was sent again. */
  retry: Schema.optionalKey(
    Schema.Struct({ attempt: Schema.Int, of: Schema.Int, delaySeconds: Schema.Finite, why: Schema.String })
  )
})
export type Beat = typeof Beat.Type

const decode = Schema.decodeUnknownOption(Beat)

/** What the attempts before this one have consumed, as far as they could tell. */
export const consumed = (details: unknown): Usage | undefined => Option.getOrUndefined(decode(details))?.usage

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
