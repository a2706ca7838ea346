import * as Effect from "effect/Effect"
import process from "node:process"
import { fail } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import * as FailedItems from "../report/FailedItems.ts"
import * as RunRecord from "../report/RunRecord.ts"
import * as Costs from "./Costs.ts"
import * as Execution from "./Execution.ts"
import { Ended } from "./Exit.ts"
import * as Following from "./Following.ts"
import * as LeftOut from "./LeftOut.ts"
import * as LiveRun from "./LiveRun.ts"
import * as RunMethod from "./RunMethod.ts"
import * as Runs from "./Runs.ts"
import { Streams } from "./Streams.ts"
import * as Watch from "./Watch.ts"

/** `pipelex attach` and `pipelex result`: a durable run to its end, and then what `pipelex run` has to show for one. */
export interface Options {
  readonly runId: string
  readonly outputDir: string | undefined
}

const shown = ({ outputDir }: Options): RunMethod.Shown => ({
  outputDir,
  saveWorkingMemory: true,
  workingMemoryPath: undefined,
  saveMainStuff: true,
  saveCsv: undefined,
  prettyPrint: true,
  costs: true,
  dryRun: false
})

/** Waits for the run, shows what it came to, and writes its files. */
export const finish = Effect.fnUntraced(function*(options: Options, opened: Runs.Open) {
  const { configuration, environment, run: { started } } = opened
  const { call, library, workflowId } = started
  const { runId, settings } = call.scope
  const streams = yield* Streams
  const entry = library.pipes.get(call.ref)
  if (entry === undefined) {
    return yield* fail(new Reason.PipeNotFound({ ref: call.ref, suggestions: [] }))
  }
  const prices = Runs.prices(opened)
  const isGraphed = configuration.options.isGraphGenerated
  const watch = Watch.make(streams, { prices, keepsAll: isGraphed })
  const local = yield* LiveRun.open({ configuration, environment, settings, base: process.cwd() })
  const spending = { events: watch.events, prices, runId }
  const left = () => ({ failed: FailedItems.of(watch.events), runId, isDurable: true })
  const watched = LeftOut.toldFirst(left)(Following.follow(opened, watch))
  const memory = yield* Execution.ofWorkflow(workflowId)(
    Costs.accounted(spending, configuration.options.reporting)(watched)
  )
  const isSimulated = RunRecord.isSimulated(watch.events)
  return yield* RunMethod.conclude(shown(options), {
    memory,
    library,
    entry,
    found: undefined,
    configuration,
    watch,
    prices,
    ...left(),
    isSimulated,
    isGraphed,
    opened: local
  })
})

/** Waits for the run, telling how far it is. */
export const attach = Effect.fn("Attach.attach")(
  function*(options: Options) {
    return yield* finish(options, yield* Runs.open(options.runId))
  },
  Effect.scoped
)

/** What the run came to; one that has not ended is a failure of the command, not of the run. */
export const result = Effect.fn("Attach.result")(
  function*(options: Options) {
    const opened = yield* Runs.open(options.runId)
    if (Runs.hasEnded(opened)) return yield* finish(options, opened)
    const problem = `run "${options.runId}" has not ended: \`pipelex attach ${options.runId}\` waits for it`
    return yield* new Ended({ code: 1, failure: fail(new Reason.RequestInvalid({ problem })) })
  },
  Effect.scoped
)
