import { setCurrentDetails } from "@temporalio/workflow"
import { isArray, textOf } from "../../concept/Json.ts"
import type { PipePath } from "../../program/PipePath.ts"
import type { RunEvent } from "../../program/RunEvents.ts"
import * as Events from "../wire/Events.ts"
import type { PipeInput, SentEvent, SentEvents, Status } from "../wire/Payload.ts"
import { now } from "./Runtime.ts"

/** What a workflow tells of itself while it runs: its events, its running children, and a line for the server's page. */
export interface Recorder {
  readonly listen: (event: RunEvent) => void
  readonly childStarted: (id: string, path: PipePath) => void
  readonly childEnded: (id: string, told: Told) => void
  /** Items of batches that failed and were left out, until now. */
  readonly failedItems: () => number
  readonly status: (since?: number) => Status
}

/** What a child says of itself in the end. */
export interface Told {
  readonly events: SentEvents
  readonly failedItems?: number
  /** Of a shard: its items, all of which have been gone through. */
  readonly items?: number
}

/** How far a workflow has come, by the event it has just heard. */
const told = (event: RunEvent, progress: string): string | undefined => {
  switch (event._tag) {
    case "BatchStarted":
    case "ItemFinished":
      return progress
    case "LeafStarted":
      return event.model === undefined ? event.leaf : `${event.leaf} · ${event.model}`
    default:
      return undefined
  }
}

/** Events of one answer to `status`: what is asked again and again stays far below what a server takes. */
const mostAtOnce = 500

/**
 * `all` is given the events of this workflow, and those of each child when it has ended. `items` is how many a shard goes through, of
 * the many that its batch has.
 */
export const make = ({ crate, path, ref }: PipeInput, all: Array<SentEvent | string>, items?: number): Recorder => {
  const children = new Set<string>()
  const { blueprint = {} } = crate.pipes[ref] ?? {}
  const steps = blueprint["steps"] ?? null
  const nbSteps = textOf(blueprint, "type") === "PipeSequence" && isArray(steps) ? steps.length : undefined
  let itemsDone = 0
  let itemsFailed = 0
  let itemsAll = items ?? 0
  const progress = () => `${itemsDone} of ${itemsAll}`
  return {
    listen: (event) => {
      const sent: SentEvent = { at: now(), event: Events.encode(event) }
      all.push(sent)
      if (event._tag === "BatchStarted") {
        itemsDone = 0
        itemsAll = event.items
      }
      if (event._tag === "ItemFinished") {
        itemsDone++
        if (event.failure !== undefined) itemsFailed++
      }
      const text = told(event, progress())
      if (text !== undefined) setCurrentDetails(text)
    },
    childStarted: (id, { code, index = 0, parent }) => {
      children.add(id)
      // An item of a step's batch is a child too, and is counted as one.
      if (nbSteps !== undefined && parent?.depth === path.length) {
        setCurrentDetails(`step ${index + 1}/${nbSteps}: ${code}`)
      }
    },
    childEnded: (id, { events, failedItems = 0, items: gone = 0 }) => {
      children.delete(id)
      itemsFailed += failedItems
      itemsDone += gone
      if (gone > 0) setCurrentDetails(progress())
      for (const event of events) all.push(event)
    },
    failedItems: () => itemsFailed,
    status: (since = 0) => {
      const events = all.slice(since, since + mostAtOnce)
      return { pipe: path.at(-1)?.code ?? ref, next: since + events.length, events, children: Array.from(children) }
    }
  }
}
