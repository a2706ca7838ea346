import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import { PipeFailure } from "../../failure/PipeFailure.ts"
import type { Family } from "../../program/Models.ts"
import { emit } from "../../program/RunEvents.ts"
import { classify } from "../classify/Classify.ts"
import type { Meter } from "../Meter.ts"
import * as Deadline from "./Deadline.ts"
import { ProviderError } from "./ProviderError.ts"
import * as Tier1 from "./Tier1.ts"
import { withhold } from "./Withheld.ts"

/** How the requests of a leaf are sent: Tier 1 around each, every one of them counted, the failure of the last one classified. */
export interface Sending {
  readonly family: Family
  /** Name of the backend, as the user configured it: the `provider` of a failure. */
  readonly backend: string
  /** Handle. */
  readonly model: string
  /** Requests that may follow the first. */
  readonly retries: number
  readonly meter: Meter
  /** Path of the leaf, for its events. */
  readonly path: string
  /** What the request says in words, or quotes of an answer: it is taken out of what the provider says of the request. */
  readonly texts?: ReadonlyArray<string>
}

const kinds: Readonly<Record<Exclude<ProviderError["kind"], "status">, string>> = {
  not_sent: "cannot be reached",
  network: "connection lost",
  timeout: "no answer in time",
  unreadable: "unreadable answer",
  credentials: "no credentials",
  unknown: "unknown"
}

/** In a word, why a request is sent again: `429`, `connection refused`. */
const why = ({ kind, metadata: { message, status } }: ProviderError): string =>
  kind === "status" ? String(status ?? "no status") : message ?? kinds[kind]

/** Tells the listener of the run, the log and the span that a request is about to be sent again. */
const announce = Effect.fnUntraced(function*(
  { backend, model, path, retries }: Sending,
  error: ProviderError,
  retry: number,
  delay: Duration.Duration
) {
  const told = { attempt: retry + 1, of: retries + 1, delaySeconds: Duration.toSeconds(delay), why: why(error) }
  yield* emit(() => ({ _tag: "Retry", path, ...told }))
  yield* Effect.logDebug("sending a request again").pipe(Effect.annotateLogs({ backend, model, path, ...told }))
  const span = yield* Effect.option(Effect.currentSpan)
  if (Option.isNone(span)) return
  const { status } = error.metadata
  span.value.event("pipelex.retry", yield* Clock.currentTimeNanos, {
    "pipelex.retry.attempt": told.attempt,
    "pipelex.retry.delay_seconds": told.delaySeconds,
    "pipelex.retry.reason": told.why,
    ...(status === undefined ? {} : { "http.response.status_code": status })
  })
})

const late = (provider: string, kind: "not_sent" | "timeout") =>
  new ProviderError({ kind, metadata: { provider, message: "no time is left" } })

/** A request that ends when the time of its leaf does. Without any time it is not sent: nothing is paid for what nobody waits for. */
const withinDeadline = <A>(
  request: Effect.Effect<A, ProviderError>,
  provider: string
): Effect.Effect<A, ProviderError> =>
  Effect.flatMap(Deadline.left, (left) => {
    if (left === undefined) return request
    return left === 0
      ? Effect.fail(late(provider, "not_sent"))
      : Effect.timeoutOrElse(request, { duration: left, orElse: () => Effect.fail(late(provider, "timeout")) })
  })

/** Whether a wait ends while there is still time for a request. */
const isInTime = (wait: Duration.Duration) =>
  Effect.map(Deadline.left, (left) => left === undefined || Duration.toMillis(wait) < left)

/** Tier 1 after the first request has failed: a leaf whose first is answered needs no policy. */
const again = <A>(
  first: ProviderError,
  once: Effect.Effect<A, ProviderError>,
  sending: Sending
): Effect.Effect<A, ProviderError> => {
  let isFirst = true
  const next = Effect.suspend(() => {
    if (!isFirst) return once
    isFirst = false
    return Effect.fail(first)
  })
  const policy = Tier1.schedule(sending.retries, sending.family).pipe(
    Schedule.while(({ duration }) => isInTime(duration)),
    Schedule.tap(({ attempt, duration, input }) => announce(sending, input, attempt, duration))
  )
  return Effect.retry(next, policy)
}

/** Tier 1 around one request. What fails in the end is classified, and says how many requests there were. */
export const send = <A>(
  request: Effect.Effect<A, ProviderError>,
  sending: Sending
): Effect.Effect<A, PipeFailure> =>
  Effect.suspend(() => {
    const { backend, family, meter, model, texts = [] } = sending
    let requests = 0
    const once = withinDeadline(
      Effect.suspend(() => {
        requests += 1
        meter.sent()
        return Effect.mapError(request, (error) => withhold(error, texts))
      }),
      backend
    )
    const failed = (error: ProviderError): PipeFailure =>
      new PipeFailure({
        reason: classify(error, { family, backend, model }),
        location: {},
        attempts: { transport: requests }
      })
    return Effect.catch(once, (error) => Effect.mapError(again(error, once, sending), failed))
  })
