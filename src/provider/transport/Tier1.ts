import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import type { Family } from "../../program/Models.ts"
import { isQuota } from "../classify/Signals.ts"
import type { ProviderError } from "./ProviderError.ts"

/**
 * Tier 1: when a request that failed on its way is sent again, and after how long. The only policy there is for that: the SDKs' own
 * retries are off. What it does depends on the failure, the number of the attempt and one random number alone.
 */
export const longestWait = Duration.minutes(1)

const first = Duration.millis(500)
const longestBackoff = Duration.seconds(8)

/** What is beyond doubt not done yet, so that doing it costs nothing twice. */
const provesNothingDone = (error: ProviderError): boolean =>
  error.kind === "not_sent" || (error.kind === "status" && [408, 429].includes(error.metadata.status ?? 0))

const isTransientStatus = (status: number): boolean => [408, 409, 429].includes(status) || status >= 500

const neverSettled: ReadonlySet<ProviderError["kind"]> = new Set<ProviderError["kind"]>([
  "not_sent",
  "network",
  "timeout"
])

/** The provider's own word goes before what its status means in general. */
const isTransient = ({ kind, metadata: { status = 0 }, shouldRetry }: ProviderError): boolean =>
  kind === "status" ? shouldRetry ?? isTransientStatus(status) : neverSettled.has(kind)

/** Whether the request may be sent again. Images are billed when made: theirs is repeated only where nothing was made. */
export const isRetryable = (error: ProviderError, family: Family): boolean => {
  if (isQuota(error)) return false
  const asked = error.metadata.retryAfterSeconds
  if (asked !== undefined && asked > Duration.toSeconds(longestWait)) return false
  if (family === "img_gen") return provesNothingDone(error) && error.shouldRetry !== false
  return isTransient(error)
}

/** Half a second doubling to eight, less up to a quarter; a delay that the provider asks for is kept to. */
export const schedule = (retries: number, family: Family) =>
  Schedule.min([Schedule.exponential(first), Schedule.spaced(longestBackoff)]).pipe(
    Schedule.upTo({ times: retries }),
    Schedule.setInputType<ProviderError>(),
    Schedule.while(({ input }) => isRetryable(input, family)),
    Schedule.modifyDelay(({ duration, input }) => {
      const asked = input.metadata.retryAfterSeconds
      return asked === undefined
        ? Effect.map(Random.next, (roll) => Duration.times(duration, 1 - roll / 4))
        : Effect.succeed(Duration.seconds(asked))
    })
  )
