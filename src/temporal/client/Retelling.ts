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

/** Tells those of these events that were not told yet, in the order they are given; none before the start of its pipe. */
export type Retelling = (events: ReadonlyArray<TimedEvent>) => void

const ordinal = (event: RunEvent): number =>
  event._tag === "ItemFinished" ? event.index : event._tag === "Retry" ? event.attempt : 0

const placeOf = ({ path }: RunEvent): string => typeof path === "string" ? path : PipePath.show(path)

const keyOf = (event: RunEvent): string => JSON.stringify([event._tag, placeOf(event), ordinal(event)])

/** From the entry to the pipe of the event: `a`, `a/0-b` of `a/0-b#0`. */
const pipesOf = (event: RunEvent): ReadonlyArray<string> => {
  const steps = placeOf(event).replace(/#\d+$/, "").split("/")
  return steps.map((_, at) => steps.slice(0, at + 1).join("/"))
}

/** What a run takes over from an earlier attempt is older than the pipes that it belongs to: their start is told before it. */
const ordered = (events: ReadonlyArray<TimedEvent>): ReadonlyArray<TimedEvent> => {
  const starts = new Map<string, Array<TimedEvent>>()
  for (const each of events) {
    if (each.event._tag !== "PipeStarted" && each.event._tag !== "BatchStarted") continue
    const path = placeOf(each.event)
    starts.set(path, [...starts.get(path) ?? [], each])
  }
  const placed = new Set<TimedEvent>()
  for (const each of events) {
    for (const path of pipesOf(each.event)) {
      for (const start of starts.get(path) ?? []) placed.add(start)
      starts.delete(path)
    }
    placed.add(each)
  }
  return Array.from(placed)
}

export const make = (listener: (event: RunEvent, at: number) => void): Retelling => {
  const told = new Set<string>()
  return (events) => {
    for (const { at, event } of ordered(events)) {
      const key = keyOf(event)
      if (told.has(key)) continue
      told.add(key)
      listener(event, at)
    }
  }
}
