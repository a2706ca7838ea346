import { workflowInfo } from "@temporalio/workflow"
import * as Effect from "effect/Effect"
import type { PipeFailure } from "../../failure/PipeFailure.ts"
import * as Items from "../../pipe/Items.ts"
import type { PipeCall, PipeRunner } from "../../program/PipeRunner.ts"
import * as Outcomes from "../wire/Outcomes.ts"
import type { ShardInput } from "../wire/Payload.ts"
import * as Halt from "./Halt.ts"
import * as Runner from "./Runner.ts"
import type { Running } from "./Running.ts"
import * as Shards from "./Shards.ts"
import * as Slots from "./Slots.ts"

/** Some items of a batch, in a workflow of their own. */
export interface Gone {
  readonly outcomes: ReadonlyArray<Outcomes.SentOutcome>
  /** That it still has. */
  readonly slots: number
  /** The history has become long: the rest is for a new one. */
  readonly isUnfinished: boolean
}

/** Where servers advise a new history. */
const mostEvents = 4096
/** What a history may grow by, far below what a server takes: whoever takes a shard over reads all of it. */
const mostBytes = 768 * 1024

/** Whether the history has become long since it was begun: what a shard is given may be large too, and is so in every history. */
const filling = (): () => boolean => {
  const { historySize: first } = workflowInfo()
  return () => {
    const { continueAsNewSuggested, historyLength, historySize } = workflowInfo()
    return continueAsNewSuggested || historyLength >= mostEvents || historySize - first >= mostBytes
  }
}

/** Runs the branch for each item of the shard: in place where it can, else each as a workflow; ranges of them when they are many. */
export const run = Effect.fnUntraced(function*(
  call: PipeCall,
  { common, shard }: ShardInput,
  running: Running,
  inPlace: PipeRunner["Service"]["call"]
): Effect.fn.Return<Gone, PipeFailure> {
  const { from, isInline, item, items, known = [], list, of, share } = shard
  const { halt, library } = running
  const { ref } = call
  const batch = { call, branch: { ref, code: library.pipe(ref)?.code ?? ref }, item, list, items }
  if (items.length > common.shardSize) {
    const exits = yield* Shards.run(batch, { ...running, within: { from, of } }, share)
    return { outcomes: exits.map(Outcomes.encode), slots: share, isUnfinished: false }
  }
  const isFull = filling()
  let wasFull = false
  const isStopped = () => {
    wasFull ||= isFull()
    return wasFull || halt.isTold()
  }
  const slots = Slots.make(shard, isStopped)
  const exits = yield* Items.run(batch, {
    call: isInline ? inPlace : Runner.calling(running),
    through: slots.through,
    from,
    of,
    known: known.map(Outcomes.decode),
    isStopped,
    onFailure: Effect.suspend(() => {
      halt.tell()
      return of > items.length ? Halt.tellParent : Effect.void
    })
  })
  return {
    outcomes: exits.map(Outcomes.encode),
    slots: slots.left(),
    isUnfinished: wasFull && !halt.isTold() && exits.includes(undefined)
  }
})
