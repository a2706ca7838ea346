import { defineSignal, setHandler, workflowInfo } from "@temporalio/workflow"
import * as Effect from "effect/Effect"
import type { PipeFailure } from "../../failure/PipeFailure.ts"
import * as Items from "../../pipe/Items.ts"
import type { PipeCall, PipeRunner } from "../../program/PipeRunner.ts"
import { signals } from "../wire/Names.ts"
import * as Outcomes from "../wire/Outcomes.ts"
import type { ShardInput } from "../wire/Payload.ts"
import * as Runner from "./Runner.ts"

/** Some items of a batch, in a workflow of their own. */
export interface Gone {
  readonly outcomes: ReadonlyArray<Outcomes.SentOutcome>
  /** The history has become long: the rest is for a new one. */
  readonly isUnfinished: boolean
}

const stop = defineSignal(signals.stop)

/** Where servers advise a new history. */
const mostEvents = 4096

const isFull = (): boolean => {
  const { continueAsNewSuggested, historyLength } = workflowInfo()
  return continueAsNewSuggested || historyLength >= mostEvents
}

/** Runs the branch for each item of the shard: in place where it can, else each as a workflow; ranges of them when they are many. */
export const run = Effect.fnUntraced(function*(
  call: PipeCall,
  { common, shard }: ShardInput,
  running: Runner.Running,
  inPlace: PipeRunner["Service"]["call"]
): Effect.fn.Return<Gone, PipeFailure> {
  const { concurrency, from, isInline, item, items, known = [], list, of } = shard
  let isTold = false
  let wasFull = false
  setHandler(stop, () => {
    isTold = true
  })
  const { ref } = call
  const code = running.library.pipe(ref)?.code ?? ref
  const batch = { call, branch: { ref, code }, item, list, items }
  const isStopped = () => {
    wasFull ||= isFull()
    return isTold || wasFull
  }
  const exits = items.length > common.shardSize
    ? yield* Runner.sharded(batch, { ...running, within: { from, of, isStopped: () => isTold } }, concurrency)
    : yield* Items.run(batch, {
      call: isInline ? inPlace : Runner.calling(running),
      concurrency,
      from,
      of,
      known: known.map(Outcomes.decode),
      isStopped
    })
  const hasFailed = call.scope.settings.onItemFailure === "fail" && exits.some((exit) => exit?._tag === "Failure")
  return {
    outcomes: exits.map(Outcomes.encode),
    isUnfinished: wasFull && !isTold && !hasFailed && exits.includes(undefined)
  }
})
