import * as ErrorReport from "../failure/ErrorReport.ts"
import * as PipePath from "../program/PipePath.ts"
import type { RunEvent } from "../program/RunEvents.ts"

/** A run event and when it happened, in milliseconds since the epoch. What a run is told by afterwards. */
export interface TimedEvent {
  readonly at: number
  readonly event: RunEvent
}

/** Whether some of the run's output comes from the stand-in for models. */
export const isSimulated = (events: Iterable<TimedEvent>): boolean =>
  Array.from(events).some(({ event }) => event._tag === "LeafFinished" && event.usage.simulated === true)

export const iso = (millis: number): string => new Date(millis).toISOString()

const pathOf = (event: RunEvent): string => typeof event.path === "string" ? event.path : PipePath.show(event.path)

/** The event as one line of the run's trace (newline-delimited JSON). A failure is written as its report. */
export const line = ({ at, event }: TimedEvent, runId?: string): string => {
  const { _tag, path: _, ...rest } = event
  const failure = "failure" in rest
    ? { failure: ErrorReport.fromFailure(rest.failure, runId === undefined ? {} : { runId }) }
    : {}
  return JSON.stringify({ at: iso(at), event: _tag, path: pathOf(event), ...rest, ...failure })
}
