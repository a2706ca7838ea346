import * as Foreign from "../../failure/Foreign.ts"
import { PipeFailure } from "../../failure/PipeFailure.ts"
import * as Wire from "../../failure/Wire.ts"
import type { RunEvent } from "../../program/RunEvents.ts"
import * as Path from "./Path.ts"
import type { EncodedEvent, SentEvent } from "./Payload.ts"

/** What a leaf consumed is told once, by the leaf's own event. */
const withoutUsage = ({ attempts, location, reason }: PipeFailure): PipeFailure =>
  new PipeFailure({ reason, location, ...(attempts === undefined ? {} : { attempts }) })

export const encode = (event: RunEvent): EncodedEvent => ({
  ...event,
  ...(typeof event.path === "string" ? {} : { path: Path.encode(event.path) }),
  ...(event._tag === "PipeFailed" ? { failure: Wire.encode(withoutUsage(event.failure)) } : {}),
  ...(event._tag === "LeafFailed" ? { failure: Wire.encode(event.failure) } : {})
})

/** Bytes of events that may travel with a failure, which a server keeps whole in every history it passes. */
const most = 100_000

/** The events of a run that failed: all of them while they are few, else those that say what was consumed. */
export const ofFailure = (events: ReadonlyArray<SentEvent>): ReadonlyArray<SentEvent> =>
  JSON.stringify(events).length <= most
    ? events
    : events.filter(({ event: { _tag } }) => _tag === "LeafFinished" || _tag === "LeafFailed")

const isSent = (value: unknown): value is SentEvent =>
  typeof Foreign.valueAt(value, "at") === "number" &&
  Foreign.textAt(Foreign.valueAt(value, "event"), "_tag") !== undefined

/** The events that the failure of a workflow carries beside its report, as they were sent. */
export const carried = (error: unknown): ReadonlyArray<SentEvent> => {
  const found = Foreign.details(error).map((detail) => Foreign.valueAt(detail, "events")).find((each) =>
    Array.isArray(each)
  )
  return Array.isArray(found) ? found.filter(isSent) : []
}
