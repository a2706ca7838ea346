import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from "@temporalio/common"
import { DeterminismViolationError } from "@temporalio/workflow"
import * as Cause from "effect/Cause"
import { fail, type PipeFailure } from "../../failure/PipeFailure.ts"
import * as Reason from "../../failure/Reason.ts"
import * as Wire from "../../failure/Wire.ts"
import * as Events from "../wire/Events.ts"
import * as Failures from "../wire/Failures.ts"
import type { SentEvents } from "../wire/Payload.ts"

/**
 * The end of a workflow that failed: its report, and the events of the run until then. Never repeated as a whole: what is worth
 * repeating has been, at the leaf.
 */
const ended = (failure: PipeFailure, events: SentEvents): ApplicationFailure =>
  ApplicationFailure.create({
    message: failure.message,
    type: failure.reason._tag,
    nonRetryable: true,
    details: [Wire.encode(failure), { events: Events.ofFailure(events) }],
    ...(Failures.isExpected(failure) ? { category: ApplicationFailureCategory.BENIGN } : {})
  })

const sentence = (defect: unknown): string =>
  defect instanceof Error && defect.message.trim() !== "" ? `${defect.name}: ${defect.message}` : String(defect)

/**
 * What a workflow throws. A plain error would fail the workflow's task, which the server then repeats for ever, so that every defect
 * becomes a failure of the run. The one exception is a history that does not fit the code: another version of the code may fit it.
 */
export const thrown = (cause: Cause.Cause<PipeFailure>, events: SentEvents): unknown => {
  const failed = cause.reasons.find(Cause.isFailReason)
  if (failed !== undefined) return ended(failed.error, events)
  const died = cause.reasons.find(Cause.isDieReason)
  if (died === undefined) return new CancelledFailure("the run was cancelled")
  return died.defect instanceof DeterminismViolationError
    ? died.defect
    : ended(fail(new Reason.Unexpected({ problem: sentence(died.defect) })), events)
}
