/** Histories of runs: fetched, cut, and replayed on the code of today. */
import type { Client } from "@temporalio/client"
import { type History, historyFromJSON, historyToJSON } from "@temporalio/common/lib/proto-utils.js"
import { Worker } from "@temporalio/worker"
import * as Effect from "effect/Effect"
import * as Quiet from "../Quiet.ts"

export interface Recorded {
  readonly workflowId: string
  readonly history: History
}

const childrenOf = ({ events }: History): ReadonlyArray<string> =>
  (events ?? []).flatMap(({ childWorkflowExecutionStartedEventAttributes: started }) =>
    started?.workflowExecution?.workflowId ?? []
  )

/** The history of a workflow, and those of everything that it started. */
export const fetch = (client: Client, workflowId: string): Effect.Effect<ReadonlyArray<Recorded>> =>
  Effect.gen(function*() {
    const history = yield* Effect.promise(() => client.workflow.getHandle(workflowId).fetchHistory())
    const below = yield* Effect.forEach(childrenOf(history), (child) => fetch(client, child))
    return [{ workflowId, history }, ...below.flat()]
  })

/** Every beginning of a history that ends where a worker took it up. */
export const prefixes = ({ history, workflowId }: Recorded): ReadonlyArray<Recorded> => {
  const events = history.events ?? []
  return events.flatMap(({ workflowTaskStartedEventAttributes: started }, index) =>
    started == null ? [] : [{ workflowId, history: { events: events.slice(0, index + 1) } }]
  )
}

/** What did not replay, by workflow id. */
export const failures = (
  codePath: string,
  recorded: ReadonlyArray<Recorded>
): Effect.Effect<ReadonlyArray<string>> =>
  Effect.promise(async () => {
    Quiet.install()
    const found: Array<string> = []
    for await (const { error, workflowId } of Worker.runReplayHistories({ workflowBundle: { codePath } }, recorded)) {
      if (error !== undefined) found.push(`${workflowId}: ${error.message}`)
    }
    return found
  })

/** How many events of a kind the histories hold. */
export const count = (
  recorded: ReadonlyArray<Recorded>,
  attributes: keyof NonNullable<History["events"]>[number]
): number => recorded.flatMap(({ history }) => history.events ?? []).filter((event) => event[attributes] != null).length

/** Who ran it, and where, is nobody's business. */
const scrub = (_: string, value: unknown): unknown => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value
  const entries = Object.entries(value).filter(([key]) => key !== "stickyAttributes")
  return Object.fromEntries(entries.map(([key, each]) => [key, key === "identity" ? "recorder" : each]))
}

/** One workflow per line. */
export const toJson = (recorded: ReadonlyArray<Recorded>): string => {
  const lines = recorded.map(({ history, workflowId }) =>
    JSON.stringify({ workflowId, history: JSON.parse(historyToJSON(history), scrub) as unknown })
  )
  return `[\n${lines.join(",\n")}\n]\n`
}

export const fromJson = (text: string): ReadonlyArray<Recorded> =>
  (JSON.parse(text) as ReadonlyArray<{ readonly workflowId: string; readonly history: unknown }>).map((each) => ({
    workflowId: each.workflowId,
    history: historyFromJSON(each.history)
  }))
