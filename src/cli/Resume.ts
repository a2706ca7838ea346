import * as Effect from "effect/Effect"
import { fail } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import { wrap } from "../report/Columns.ts"
import * as FailedItems from "../report/FailedItems.ts"
import * as Submit from "../temporal/client/Submit.ts"
import * as Attach from "./Attach.ts"
import { Ended } from "./Exit.ts"
import * as Runs from "./Runs.ts"
import { Streams } from "./Streams.ts"

/** `pipelex resume`: what failed in a durable run, run again; then what `pipelex run` has to show for the whole of it. */
const goesOn = (runId: string): Ended => {
  const problem = `run "${runId}" has not ended: \`pipelex attach ${runId}\` waits for it`
  return new Ended({ code: 1, failure: fail(new Reason.RequestInvalid({ problem })) })
}

const isWhole = Effect.fnUntraced(function*(runId: string, { run: { started, status } }: Runs.Open) {
  const streams = yield* Streams
  return yield* streams.answer({
    lines: () =>
      wrap(
        `Nothing failed in run ${runId}, so there is nothing to run again. \`pipelex result ${runId}\` shows its output.`,
        streams.out.width
      ),
    json: () => ({ run_id: runId, workflow_id: started.workflowId, status, failed_items: [] })
  })
})

/** Items of a run that was completed without them. */
const missing = Effect.fnUntraced(function*(opened: Runs.Open) {
  const { failedItems, failure } = yield* Runs.record(opened)
  // A run that was completed has no failure: this one is of the asking.
  return failure === undefined ? failedItems : yield* failure
})

export const resume = Effect.fn("Resume.resume")(
  function*(options: Attach.Options) {
    const { runId } = options
    const streams = yield* Streams
    const opened = yield* Runs.open(runId)
    if (!Runs.hasEnded(opened)) return yield* goesOn(runId)
    const failed = opened.run.status === "COMPLETED" ? yield* missing(opened) : undefined
    if (failed?.length === 0) return yield* isWhole(runId, opened)
    const started = yield* Submit.resume(opened.connection, opened.run)
    const what = failed === undefined
      ? "what came to a good end is not run again"
      : `running ${FailedItems.amount(failed)} again`
    yield* streams.note(wrap(`Resuming run ${runId}: ${what}`, streams.err.width))
    return yield* Attach.finish(options, { ...opened, run: { ...opened.run, started } })
  },
  Effect.scoped
)
