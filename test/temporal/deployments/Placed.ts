/** Where the activities of a run were done, as the histories of its workflows tell it. */
import type { Client } from "@temporalio/client"
import * as Effect from "effect/Effect"

export interface Placed {
  readonly activity: string
  readonly queue: string
  /** Milliseconds since 1970. */
  readonly scheduled: number
  readonly maximumAttempts: number
  readonly startToCloseSeconds: number
  /** Of the attempt that completed it; nothing is known of the others here. */
  readonly done?: { readonly identity: string; readonly attempt: number; readonly started: number }
}

type Events = NonNullable<Awaited<ReturnType<ReturnType<Client["workflow"]["getHandle"]>["fetchHistory"]>>["events"]>
type Time = Events[number]["eventTime"]

const millis = (time: Time): number => Number(time?.seconds ?? 0) * 1000 + (time?.nanos ?? 0) / 1e6

const activities = (events: Events): ReadonlyArray<Placed> =>
  events.flatMap(({ activityTaskScheduledEventAttributes: scheduled, eventId, eventTime }) => {
    if (scheduled === null || scheduled === undefined) return []
    const of = String(eventId)
    const isOf = (each: { readonly scheduledEventId?: unknown } | null | undefined) =>
      each !== null && each !== undefined && String(each.scheduledEventId) === of
    const start = events.find(({ activityTaskStartedEventAttributes: each }) => isOf(each))
    const isDone = events.some(({ activityTaskCompletedEventAttributes: each }) => isOf(each))
    const started = start?.activityTaskStartedEventAttributes
    const placed: Placed = {
      activity: scheduled.activityType?.name ?? "",
      queue: scheduled.taskQueue?.name ?? "",
      scheduled: millis(eventTime),
      maximumAttempts: Number(scheduled.retryPolicy?.maximumAttempts),
      startToCloseSeconds: Number(scheduled.startToCloseTimeout?.seconds),
      ...(isDone ?
        {
          done: {
            identity: started?.identity ?? "",
            attempt: Number(started?.attempt),
            started: millis(start?.eventTime)
          }
        } :
        {})
    }
    return [placed]
  })

const children = (events: Events): ReadonlyArray<string> =>
  events.flatMap(({ childWorkflowExecutionStartedEventAttributes: started }) =>
    started?.workflowExecution?.workflowId ?? []
  )

/** Of a workflow and all below it. Before it is started, there are none. */
export const of = (client: Client, workflowId: string): Effect.Effect<ReadonlyArray<Placed>> =>
  Effect.tryPromise(() => client.workflow.getHandle(workflowId).fetchHistory()).pipe(
    Effect.map(({ events }) => events ?? []),
    Effect.orElseSucceed((): Events => []),
    Effect.flatMap((events) =>
      Effect.map(
        Effect.forEach(children(events), (child) => of(client, child), { concurrency: 8 }),
        (below) => [...activities(events), ...below.flat()]
      )
    )
  )
