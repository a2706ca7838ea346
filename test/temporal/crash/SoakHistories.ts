/** What the server holds of a batch in shards: how much, and when it had the answer of each item. */
import type { Client } from "@temporalio/client"
import * as Effect from "effect/Effect"
import { Buffer } from "node:buffer"

export interface History {
  readonly id: string
  readonly events: number
  readonly bytes: number
}

const millis = (time: { readonly seconds?: unknown; readonly nanos?: number | null } | null | undefined): number =>
  Number(time?.seconds ?? 0) * 1000 + (time?.nanos ?? 0) / 1e6

type Payloads = { readonly payloads?: ReadonlyArray<{ readonly data?: Uint8Array | null }> | null } | null | undefined

const textOf = (payloads: Payloads): string =>
  (payloads?.payloads ?? []).map(({ data }) => Buffer.from(data ?? []).toString()).join("\n")

/** What the server holds of one workflow; of one that went on anew, of each of its histories. */
const histories = async (client: Client, id: string, itemIn: (input: string) => number) => {
  const found: Array<History> = []
  const completed: Array<readonly [item: number, at: number]> = []
  const children: Array<string> = []
  let runId: string | undefined
  do {
    const handle = client.workflow.getHandle(id, runId)
    // oxlint-disable-next-line eslint/no-await-in-loop -- the one names the one before it
    const [{ historyLength, historySize = 0 }, { events }] = await Promise.all([
      handle.describe(),
      handle.fetchHistory()
    ])
    found.push({ id, events: historyLength, bytes: historySize })
    const items = new Map<string, number>()
    runId = undefined
    for (const event of events ?? []) {
      const scheduled = event.activityTaskScheduledEventAttributes
      const ended = event.activityTaskCompletedEventAttributes
      const child = event.startChildWorkflowExecutionInitiatedEventAttributes?.workflowId
      if (scheduled != null) items.set(String(event.eventId), itemIn(textOf(scheduled.input)))
      if (ended != null) {
        completed.push([items.get(String(ended.scheduledEventId)) ?? Number.NaN, millis(event.eventTime)])
      }
      if (child != null) children.push(child)
      runId = event.workflowExecutionStartedEventAttributes?.continuedExecutionRunId || runId
    }
  } while (runId !== undefined)
  return { found, completed, children }
}

type Read = Awaited<ReturnType<typeof histories>>

/** Of the run, and of the workflows below it. */
export const of = Effect.fnUntraced(function*(client: Client, runId: string, itemIn: (input: string) => number) {
  const read = (id: string) => Effect.promise(() => histories(client, id, itemIn))
  const below = ({ children }: Read): Effect.Effect<ReadonlyArray<Read>> =>
    Effect.map(
      Effect.forEach(children, (id) =>
        Effect.flatMap(read(id), (found) => Effect.map(below(found), (more) => [found, ...more])), { concurrency: 4 }),
      (found) =>
        found.flat()
    )
  const top = yield* read(runId)
  const shards = yield* below(top)
  const completed = new Map<number, number>()
  for (const [item, at] of [top, ...shards].flatMap((each) => each.completed)) {
    completed.set(item, Math.min(at, completed.get(item) ?? at))
  }
  return {
    completed,
    run: top.found[0] ?? { id: runId, events: Number.NaN, bytes: Number.NaN },
    shards: shards.flatMap(({ found }) => found)
  }
})
