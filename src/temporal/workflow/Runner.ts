import * as Effect from "effect/Effect"
import type { WorkingMemory } from "../../concept/WorkingMemory.ts"
import { fail, type PipeFailure } from "../../failure/PipeFailure.ts"
import * as Reason from "../../failure/Reason.ts"
import type { Library } from "../../library/Library.ts"
import * as Items from "../../pipe/Items.ts"
import { isController } from "../../program/Controllers.ts"
import * as PipePath from "../../program/PipePath.ts"
import { type BatchCall, type ItemExit, type PipeCall, PipeRunner } from "../../program/PipeRunner.ts"
import type { Sender } from "../wire/Input.ts"
import * as Memory from "../wire/Memory.ts"
import * as Outcomes from "../wire/Outcomes.ts"
import type { Common } from "../wire/Payload.ts"
import type { Children } from "./Children.ts"
import * as Spread from "./Spread.ts"

/** What pipes that are called run with, inside a workflow. */
export interface Running {
  readonly library: Library
  readonly common: Common
  readonly send: Sender
  readonly children: Children
  /** Of a workflow that is a shard: its range, in the list that it is part of. */
  readonly within?: { readonly from: number; readonly of: number; readonly isStopped: () => boolean }
}

/** Whether the leaves of the pipe are all that it does: it can run in its caller's workflow, for it calls no other. */
const isOperator = (library: Library, ref: string): boolean => {
  const pipe = library.pipe(ref)
  return pipe !== undefined && !isController(pipe.type)
}

/** Runs each pipe that the program calls as a workflow of its own, and applies to the caller's memory what that one changed. */
export const calling =
  ({ children, send }: Pick<Running, "children" | "send">) =>
  (wanted: PipeCall): Effect.Effect<WorkingMemory, PipeFailure> =>
    Effect.map(children.pipe(wanted.path, send.pipe(wanted)), ({ change }) => Memory.apply(wanted.memory, change))

/** Runs ranges of a batch as workflows of their own, and puts together what they answer. */
export const sharded = Effect.fnUntraced(
  function*(
    batch: BatchCall,
    { children, library, send, within, ...running }: Running,
    concurrency: number
  ): Effect.fn.Return<ReadonlyArray<ItemExit>, PipeFailure> {
    const { branch, call: { path, scope }, items } = batch
    const { granularity, shardSize } = running.common
    const { from: base = 0, isStopped = () => false, of = items.length } = within ?? {}
    const { atOnce, ranges, share } = Spread.over(items.length, concurrency, shardSize)
    const isInline = granularity !== "item" && isOperator(library, branch.ref)
    const isCollecting = scope.settings.onItemFailure === "collect"
    let hasFailed = false
    const shard = ({ from, to }: Spread.Range, index: number): Effect.Effect<ReadonlyArray<ItemExit>, PipeFailure> =>
      Effect.suspend(() => {
        const part = items.slice(from, to)
        if (hasFailed || isStopped()) return Effect.succeed(part.map(() => undefined))
        const place = PipePath.child(path, { code: `${branch.code}-shard`, ref: branch.ref }, index)
        const asked = { items: part, from: base + from, of, concurrency: share, isInline }
        return children.shard(place, send.shard(batch, asked)).pipe(
          Effect.map(({ outcomes }) => outcomes.map(Outcomes.decode)),
          Effect.tap((exits) => {
            if (isCollecting || !exits.some((exit) => exit?._tag === "Failure")) return Effect.void
            hasFailed = true
            return children.stop
          })
        )
      })
    const parts = yield* Effect.forEach(ranges, shard, { concurrency: atOnce })
    return parts.flat()
  }
)

/** Goes through a batch: an item is a workflow of its own; where they are too many for one history, ranges of them are. */
const batching = (running: Running, call: PipeRunner["Service"]["call"]): PipeRunner["Service"]["batch"] => (batch) => {
  const { granularity, shardSize } = running.common
  const { branch, call: { scope: { settings } }, items } = batch
  const concurrency = Spread.bound(settings.maxConcurrency)
  const isSharded = items.length > shardSize ||
    (granularity === "shard" && items.length > 0 && isOperator(running.library, branch.ref))
  return isSharded ? sharded(batch, running, concurrency) : Items.run(batch, { call, concurrency })
}

export const make = (running: Running): PipeRunner["Service"] => {
  const call = calling(running)
  return PipeRunner.of({
    call,
    batch: batching(running, call),
    run: ({ ref }) =>
      Effect.fail(fail(new Reason.Unsupported({ what: `starting a run of "${ref}" from inside a durable run` })))
  })
}
