import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import process from "node:process"
import * as Configuration from "../config/Configuration.ts"
import * as Environment from "../config/Environment.ts"
import * as ErrorReport from "../failure/ErrorReport.ts"
import type { PipeFailure } from "../failure/PipeFailure.ts"
import { RunEvents } from "../program/RunEvents.ts"
import { duration } from "../report/Amounts.ts"
import { wrap } from "../report/Columns.ts"
import * as FailedItems from "../report/FailedItems.ts"
import * as LeafUsage from "../report/LeafUsage.ts"
import { iso, type TimedEvent } from "../report/RunRecord.ts"
import * as RunTree from "../report/RunTree.ts"
import type * as Connection from "../temporal/client/Connection.ts"
import * as Found from "../temporal/client/Runs.ts"
import * as Stuck from "../temporal/client/Stuck.ts"
import * as Watch from "../temporal/client/Watch.ts"
import * as DurableRun from "./DurableRun.ts"
import * as LeftOut from "./LeftOut.ts"
import type { Shown } from "./Streams.ts"

/** Durable runs that were begun some time, found on the configured server by their id. */
export interface Open {
  readonly configuration: Configuration.Configuration
  readonly environment: Environment.Environment
  readonly connection: Connection.Connection
  readonly run: Found.Found
}

/** The run, while the scope is open. */
export const open = Effect.fnUntraced(function*(runId: string) {
  const configuration = yield* Configuration.loadFrom(process.cwd())
  const environment = yield* Environment.load(configuration.locations)
  const connection = yield* DurableRun.connect(configuration, environment)
  const run = yield* Found.find(connection, runId, configuration.locations)
  const found: Open = { configuration, environment, connection, run }
  return found
})

type Status = Found.Found["status"]

export const hasEnded = ({ run: { status } }: Open): boolean => status !== "RUNNING" && status !== "PAUSED"

/** Whether the run came to an end that is not its own. */
export const hasFailed = (status: Status): boolean =>
  status === "FAILED" || status === "CANCELLED" || status === "TERMINATED" || status === "TIMED_OUT"

/** `TIMED_OUT` as people say it. */
export const stateOf = (status: Status): string => status.toLowerCase().replaceAll("_", " ")

/** Of the items of a batch, how many are told one by one. */
export const mostItems = 20

/** What the models of the run cost. */
export const prices = ({ run: { models } }: Open): LeafUsage.Prices => LeafUsage.prices(models)

/** What is known of a run by now. */
export interface Record {
  readonly tree: ReadonlyArray<RunTree.Node>
  readonly failure?: PipeFailure | undefined
  /** Items of batches that failed and were left out, until now. */
  readonly failedItems: ReadonlyArray<FailedItems.FailedItem>
  /** Why it cannot go on, where it cannot. */
  readonly stuck?: Stuck.Stuck | undefined
  /** The end of the run, or the time at which it was looked at: milliseconds since the epoch. */
  readonly now: number
}

/** The run as these events tell it. */
export const told = (opened: Open, events: ReadonlyArray<TimedEvent>): Effect.Effect<Record> =>
  Effect.map(Clock.currentTimeMillis, (clock) => {
    const endedAt = opened.run.endedAt?.getTime()
    const tree = RunTree.of(events, { prices: prices(opened), ...(endedAt === undefined ? {} : { endedAt }) })
    return { tree, failedItems: FailedItems.of(events), now: endedAt ?? clock }
  })

/** What has happened in the run by now, and how it failed when it did. */
export const record = Effect.fnUntraced(function*(opened: Open) {
  const { connection, run } = opened
  const events: Array<TimedEvent> = []
  const heard = hasEnded(opened)
    ? Effect.asVoid(Watch.result(connection, run.started))
    : Watch.soFar(connection, run.started)
  const failure = yield* Effect.provideService(Effect.flip(heard), RunEvents, (event, at = 0) => {
    events.push({ at, event })
  }).pipe(Effect.catch(() => Effect.undefined))
  const stuck = hasEnded(opened) ? undefined : yield* Stuck.find(connection, run.started.workflowId)
  const found: Record = { ...(yield* told(opened, events)), failure, stuck }
  return found
})

/** Of a run that has ended, what it left out; while it goes on, the tree tells that. */
export const leftOut = (runId: string, opened: Open, { failedItems }: Record, shown: Shown): ReadonlyArray<string> => {
  if (!hasEnded(opened) || failedItems.length === 0) return []
  return ["", ...LeftOut.lines({ failed: failedItems, runId, isDurable: true }, shown)]
}

/** How the run stands, and where it is. */
export const heading = (runId: string, { connection, run }: Open, now: number, { style, width }: Shown) => {
  const { endedAt, startedAt, started: { taskQueue, workflowId }, status } = run
  const { server: { address, namespace } } = connection.access
  const since = duration((endedAt?.getTime() ?? now) - startedAt.getTime())
  const text = `Run ${runId}: ${stateOf(status)} ${endedAt === undefined ? "for" : "after"} ${since}`
  return [
    ...wrap(text, width).map(hasFailed(status) ? style.bad : style.strong),
    ...wrap(`workflow ${workflowId} on queue ${taskQueue}, server ${address}, namespace ${namespace}`, width)
      .map(style.faint)
  ]
}

/** The run for programs. */
export const toJson = (runId: string, { run }: Open, { failedItems, failure, stuck, tree }: Record) => {
  const { endedAt, startedAt, status, started: { call, taskQueue, workflowId } } = run
  return {
    run_id: runId,
    workflow_id: workflowId,
    task_queue: taskQueue,
    pipe: call.ref,
    status,
    started_at: iso(startedAt.getTime()),
    ...(endedAt === undefined ? {} : { ended_at: iso(endedAt.getTime()) }),
    pipes: RunTree.toJson(tree),
    ...LeftOut.member({ failed: failedItems, runId, isDurable: true }),
    ...(stuck === undefined
      ? {}
      : { stuck: { workflow_id: stuck.workflowId, problem: stuck.problem, remedy: stuck.remedy } }),
    ...(failure === undefined ? {} : { failure: ErrorReport.fromFailure(failure, { runId }) })
  }
}
