import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { fail } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import { wrap } from "../report/Columns.ts"
import * as RunTreeText from "../report/RunTreeText.ts"
import * as Found from "../temporal/client/Runs.ts"
import * as WatchRun from "../temporal/client/Watch.ts"
import * as DurableRun from "./DurableRun.ts"
import { Ended } from "./Exit.ts"
import * as Runs from "./Runs.ts"
import { Streams } from "./Streams.ts"

/** `pipelex status` and `pipelex cancel`: how far a durable run is, and an end to it. */
export interface Options {
  readonly runId: string
}

/** The tree of the run's pipes with the state of each. */
export const status = Effect.fn("RunControl.status")(
  function*({ runId }: Options) {
    const streams = yield* Streams
    const opened = yield* Runs.open(runId)
    const record = yield* Runs.record(opened)
    const { failure, now, stuck, tree } = record
    const { style, width } = streams.out
    return yield* streams.answer({
      lines: () => [
        ...Runs.heading(runId, opened, now, streams.out),
        ...RunTreeText.lines(tree, { now, width, style, most: Runs.mostItems }),
        ...(stuck === undefined ? [] : DurableRun.stuck(stuck, streams.out)),
        ...Runs.leftOut(runId, opened, record, streams.out),
        ...(failure === undefined ? [] : wrap(`${failure.message} [${failure.code}]`, width).map(style.bad))
      ],
      json: () => Runs.toJson(runId, opened, record)
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
    const ended = yield* Effect.result(WatchRun.result(connection, started, {
      onStuck: (stuck) => streams.warn(DurableRun.stuck(stuck, streams.err))
    }))
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
