/** What the server's histories hold of a run, from its own down to those of all it started: read at once, or followed as they grow. */
import type { Client } from "@temporalio/client"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { Buffer } from "node:buffer"
import { valueAt } from "../../../src/failure/Foreign.ts"

type Page = Awaited<ReturnType<Client["workflowService"]["getWorkflowExecutionHistory"]>>
type Raw = NonNullable<NonNullable<Page["history"]>["events"]>[number]

export interface Event {
  readonly workflowId: string
  /** As in `workflowTaskStarted`. */
  readonly type: string
  readonly raw: Raw
}

const suffix = "EventAttributes"

const typeOf = (raw: Raw): string =>
  Object.entries(raw).find(([key, value]) => key.endsWith(suffix) && value != null)?.[0].slice(0, -suffix.length) ?? ""

/** The child that an event is about. */
const childOf = ({ raw }: Event): string | undefined =>
  raw.startChildWorkflowExecutionInitiatedEventAttributes?.workflowId ?? undefined

/** One page after another, each when there is one: to the end as it is now, or to the end of the workflow. */
const read = Effect.fnUntraced(function*<R>(
  client: Client,
  workflowId: string,
  isFollowed: boolean,
  hear: (event: Event) => Effect.Effect<void, never, R>
) {
  let nextPageToken: Uint8Array | null | undefined
  do {
    const asked = {
      namespace: client.options.namespace,
      execution: { workflowId },
      waitNewEvent: isFollowed,
      ...(nextPageToken == null ? {} : { nextPageToken })
    }
    const page: Page = yield* Effect.tryPromise((signal) =>
      client.withAbortSignal(signal, () => client.workflowService.getWorkflowExecutionHistory(asked))
    )
    for (const raw of page.history?.events ?? []) yield* hear({ workflowId, type: typeOf(raw), raw })
    nextPageToken = page.nextPageToken
  } while ((nextPageToken?.length ?? 0) > 0)
})

/** All events until now. */
export const soFar = (client: Client, workflowId: string): Effect.Effect<ReadonlyArray<Event>> =>
  Effect.gen(function*() {
    const events: Array<Event> = []
    // A child that was asked for may not have begun.
    yield* Effect.ignore(read(client, workflowId, false, (event) => Effect.sync(() => void events.push(event))))
    const below = yield* Effect.forEach(
      events.flatMap((event) => childOf(event) ?? []),
      (child) => soFar(client, child),
      { concurrency: 8 }
    )
    return [...events, ...below.flat()]
  })

/** Hears every event as soon as it is there, also of a run that is yet to be started. It never ends by itself. */
export const follow = (client: Client, workflowId: string, hear: (event: Event) => void): Effect.Effect<never> =>
  Effect.scoped(Effect.gen(function*() {
    let heard = 0
    const each = (event: Event) => {
      // What is read again after the server was away is no news.
      const id = Number(event.raw.eventId)
      if (id <= heard) return Effect.void
      heard = id
      hear(event)
      const child = childOf(event)
      return child === undefined ? Effect.void : Effect.asVoid(Effect.forkScoped(follow(client, child, hear)))
    }
    const reading = read(client, workflowId, true, each)
    yield* Effect.retry(reading, Schedule.spaced("20 millis"))
    return yield* Effect.never
  })).pipe(Effect.orDie)

const text = (payloads: { readonly payloads?: ReadonlyArray<{ readonly data?: Uint8Array | null }> | null } | null) =>
  (payloads?.payloads ?? []).map(({ data }) => Buffer.from(data ?? []).toString()).join("\n")

export interface Leaf {
  /** What the activity was given. */
  readonly input: string
  readonly isCompleted: boolean
}

/** The activities among the events. */
export const leaves = (events: ReadonlyArray<Event>): ReadonlyArray<Leaf> => {
  const ended = new Set(
    events.flatMap(({ raw, workflowId }) =>
      raw.activityTaskCompletedEventAttributes == null
        ? []
        : `${workflowId} ${String(raw.activityTaskCompletedEventAttributes.scheduledEventId)}`
    )
  )
  return events.flatMap(({ raw, workflowId }) =>
    raw.activityTaskScheduledEventAttributes == null ? [] : {
      input: text(raw.activityTaskScheduledEventAttributes.input ?? null),
      isCompleted: ended.has(`${workflowId} ${String(raw.eventId)}`)
    }
  )
}

/** The events of activities that were lost with their worker. */
const lost = (events: ReadonlyArray<Event>): ReadonlySet<string> =>
  new Set(events.flatMap(({ raw, workflowId }) => {
    const ended = raw.activityTaskTimedOutEventAttributes
    return ended == null
      ? []
      : [ended.scheduledEventId, ended.startedEventId, raw.eventId].map((id) => `${workflowId} ${String(id)}`)
  }))

/** The history of what was done, whoever did it and however often it was tried: no tasks of workers, order between branches set aside. */
export const deeds = (events: ReadonlyArray<Event>, runId: string): ReadonlyArray<string> => {
  const undone = lost(events)
  return events
    .filter(({ raw, type, workflowId }) =>
      !type.startsWith("workflowTask") && !undone.has(`${workflowId} ${String(raw.eventId)}`)
    )
    .map(({ type, workflowId }) => `${workflowId.replace(runId, "run")} ${type}`)
    .toSorted()
}

/** What the run's own workflow ended with changed in memory: all that its pipes made. */
export const made = (events: ReadonlyArray<Event>, runId: string): unknown => {
  const completed = events.find(({ type, workflowId }) => workflowId === runId && type === "workflowExecutionCompleted")
  const output = text(completed?.raw.workflowExecutionCompletedEventAttributes?.result ?? null)
  return valueAt(JSON.parse(output.replaceAll(runId, "run")), "change")
}
