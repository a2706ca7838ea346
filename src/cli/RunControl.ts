import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as ErrorReport from "../failure/ErrorReport.ts"
import { fail } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import { duration } from "../report/Amounts.ts"
import { iso } from "../report/RunRecord.ts"
import * as RunTree from "../report/RunTree.ts"
import * as Found from "../temporal/client/Runs.ts"
import * as WatchRun from "../temporal/client/Watch.ts"
import { Ended } from "./Exit.ts"
import * as Runs from "./Runs.ts"
import { Streams } from "./Streams.ts"

/** `pipelex status` and `pipelex cancel`: how far a durable run is, and an end to it. */
export interface Options {
  readonly runId: string
}

const states: Readonly<Record<string, string>> = {
  RUNNING: "running",
  PAUSED: "paused",
  COMPLETED: "completed",
  FAILED: "failed",
  CANCELLED: "cancelled",
  TERMINATED: "terminated",
  TIMED_OUT: "timed out"
}

const stateOf = ({ run: { status } }: Runs.Open): string => states[status] ?? status.toLowerCase()

const heading = (runId: string, opened: Runs.Open): string => {
  const { endedAt, startedAt, started: { taskQueue, workflowId } } = opened.run
  const since = (endedAt ?? new Date()).getTime() - startedAt.getTime()
  return `Run ${runId}: ${stateOf(opened)} ${endedAt === undefined ? "for" : "after"} ${duration(since)}` +
    ` (workflow ${workflowId}, queue ${taskQueue})`
}

/** The tree of the run's pipes with the state of each. */
export const status = Effect.fn("RunControl.status")(
  function*({ runId }: Options) {
    const streams = yield* Streams
    const opened = yield* Runs.open(runId)
    const { events, failure } = yield* Runs.record(opened)
    const { endedAt, startedAt, status: state, started: { call, taskQueue, workflowId } } = opened.run
    const now = (endedAt ?? new Date()).getTime()
    const tree = RunTree.of(events)
    return yield* streams.answer({
      lines: () => [
        heading(runId, opened),
        ...RunTree.lines(tree, now),
        ...(failure === undefined ? [] : [`${failure.message} [${failure.code}]`])
      ],
      json: () => ({
        run_id: runId,
        workflow_id: workflowId,
        task_queue: taskQueue,
        pipe: call.ref,
        status: state,
        started_at: iso(startedAt.getTime()),
        ...(endedAt === undefined ? {} : { ended_at: iso(endedAt.getTime()) }),
        pipes: RunTree.toJson(tree),
        ...(failure === undefined ? {} : { failure: ErrorReport.fromFailure(failure, { runId }) })
      })
    })
  },
  Effect.scoped
)

/** Asks for the cancellation, and waits until the run has ended: it may still come to its end in its own way. */
export const cancel = Effect.fn("RunControl.cancel")(
  function*({ runId }: Options) {
    const streams = yield* Streams
    const opened = yield* Runs.open(runId)
    const { connection, run: { started } } = opened
    const isLate = Runs.hasEnded(opened)
    if (!isLate) yield* Found.cancel(connection, started)
    const ended = yield* Effect.result(WatchRun.result(connection, started))
    const isCancelled = Result.isFailure(ended) && ended.failure.reason._tag === "RunCancelled"
    if (!isCancelled) {
      const problem = Result.isFailure(ended)
        ? `run "${runId}" had failed before it could be cancelled`
        : `run "${runId}" had come to its end before it could be cancelled`
      return yield* new Ended({ code: 1, failure: fail(new Reason.RequestInvalid({ problem })) })
    }
    return yield* streams.answer({
      lines: () => [`Run ${runId} was cancelled${isLate ? " before" : ""}.`],
      json: () => ({ run_id: runId, workflow_id: started.workflowId, status: "CANCELLED" })
    })
  },
  Effect.scoped
)
