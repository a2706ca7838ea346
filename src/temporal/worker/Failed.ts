import type { Info } from "@temporalio/activity"
import { ApplicationFailure, ApplicationFailureCategory } from "@temporalio/common"
import { msToNumber } from "@temporalio/common/lib/time.js"
import { metadata, retryAfter } from "../../failure/ErrorReport.ts"
import { PipeFailure } from "../../failure/PipeFailure.ts"
import type { Usage } from "../../failure/Usage.ts"
import * as Wire from "../../failure/Wire.ts"
import * as Failures from "../wire/Failures.ts"

/** What is known of the attempt that failed. */
export type Attempt = Pick<Info, "attempt" | "retryPolicy">

/** A provider that asks for more patience than this is not waited for: the report says how long it wants. */
export const longestWait = 600_000

/** Where the policy sets no bound, servers stop at so many times the first interval. */
const implied = 100

/** Milliseconds until the policy alone would start the next attempt. */
export const policyDelay = ({ attempt, retryPolicy = {} }: Attempt): number => {
  const { backoffCoefficient = 2, initialInterval = 1000, maximumInterval } = retryPolicy
  const first = msToNumber(initialInterval)
  const most = maximumInterval === undefined ? first * implied : msToNumber(maximumInterval)
  return Math.min(first * backoffCoefficient ** (attempt - 1), most)
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
    ...(isWorthIt && wait > policyDelay(attempt) ? { nextRetryDelay: Math.ceil(wait) } : {}),
    ...(Failures.isExpected(failure) ? { category: ApplicationFailureCategory.BENIGN } : {})
  })
}
