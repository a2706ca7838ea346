import * as PipePath from "../../program/PipePath.ts"
import type { RunEvent } from "../../program/RunEvents.ts"

/**
 * Tells a listener the events of a run that happens elsewhere, each of them once, however often and from however many workflows it is
 * heard. An event is known by its place in the run, so nothing depends on who carried it here.
 */
export interface TimedEvent {
  /** Milliseconds since the epoch, by the clock of the run. */
  readonly at: number
  readonly event: RunEvent
}

/** Tells those of these events that were not told yet, in the order they are given. */
export type Retelling = (events: ReadonlyArray<TimedEvent>) => void

const ordinal = (event: RunEvent): number =>
  event._tag === "ItemFinished" ? event.index : event._tag === "Retry" ? event.attempt : 0

const keyOf = (event: RunEvent): string =>
  JSON.stringify([
    event._tag,
    typeof event.path === "string" ? event.path : PipePath.show(event.path),
    ordinal(event)
  ])

export const make = (listener: (event: RunEvent, at: number) => void): Retelling => {
  const told = new Set<string>()
  return (events) => {
    for (const { at, event } of events) {
      const key = keyOf(event)
      if (told.has(key)) continue
      told.add(key)
      listener(event, at)
    }
  }
}
