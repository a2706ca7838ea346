import type { Info } from "@temporalio/activity"
import { ApplicationFailure, ApplicationFailureCategory } from "@temporalio/common"
import { msToNumber } from "@temporalio/common/lib/time.js"
import { metadata, retryAfter } from "../../failure/ErrorReport.ts"
import { PipeFailure } from "../../failure/PipeFailure.ts"
import type { Usage } from "../../failure/Usage.ts"
import * as Wire from "../../failure/Wire.ts"
import * as Failures from "../wire/Failures.ts"
import type { Backoff } from "../wire/Payload.ts"

/** What is known of the attempt that failed. */
export interface Attempt extends Pick<Info, "attempt"> {
  readonly backoff: Backoff
}

/** A provider that asks for more patience than this is not waited for: the report says how long it wants. */
export const longestWait = 600_000

/** Where the policy sets no bound, servers stop at so many times the first interval. */
const implied = 100

/** What holds for a job that came without: the activity's own policy. */
export const backoffOf = ({ retryPolicy = {} }: Pick<Info, "retryPolicy">): Backoff => {
  const { backoffCoefficient = 2, initialInterval = 1000, maximumInterval } = retryPolicy
  return {
    initialInterval: msToNumber(initialInterval),
    backoffCoefficient,
    ...(maximumInterval === undefined ? {} : { maximumInterval: msToNumber(maximumInterval) })
  }
}

/** Milliseconds until the policy alone would start the next attempt. */
export const policyDelay = ({ attempt, backoff }: Attempt): number => {
  const { backoffCoefficient, initialInterval, maximumInterval = initialInterval * implied } = backoff
  return Math.min(initialInterval * backoffCoefficient ** (attempt - 1), maximumInterval)
}

const asked = (failure: PipeFailure): number =>
  (retryAfter(failure) ?? metadata(failure)?.retryAfterSeconds ?? 0) * 1000

/** The failure with what the server counted, and with the usage of all attempts. */
export const counted = (failure: PipeFailure, attempt: number, usage: Usage | undefined): PipeFailure =>
  new PipeFailure({
    reason: failure.reason,
    location: failure.location,
    attempts: { ...failure.attempts, activity: attempt },
    ...(usage === undefined ? {} : { usage })
  })

/**
 * How a leaf's failure is told to the server: whether it is worth another attempt is decided by its category alone, and the next one waits
 * as long as the policy says, or as the provider asks when that is longer.
 */
export const thrown = (failure: PipeFailure, attempt: Attempt): ApplicationFailure => {
  const wait = asked(failure)
  const isWorthIt = failure.retryable && wait <= longestWait
  return ApplicationFailure.create({
    message: failure.message,
    type: failure.reason._tag,
    nonRetryable: !isWorthIt,
    details: [Wire.encode(failure)],
    ...(isWorthIt ? { nextRetryDelay: Math.ceil(Math.max(wait, policyDelay(attempt))) } : {}),
    ...(Failures.isExpected(failure) ? { category: ApplicationFailureCategory.BENIGN } : {})
  })
}
