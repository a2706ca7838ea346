import * as Effect from "effect/Effect"
import type { WorkingMemory } from "../../concept/WorkingMemory.ts"
import { fail, type PipeFailure } from "../../failure/PipeFailure.ts"
import * as Reason from "../../failure/Reason.ts"
import * as Items from "../../pipe/Items.ts"
import { type PipeCall, PipeRunner } from "../../program/PipeRunner.ts"
import * as Memory from "../wire/Memory.ts"
import type { Running } from "./Running.ts"
import * as Shards from "./Shards.ts"
import * as Spread from "./Spread.ts"

/** Runs each pipe that the program calls as a workflow of its own, and applies to the caller's memory what that one changed. */
export const calling =
  ({ children, send }: Pick<Running, "children" | "send">) =>
  (wanted: PipeCall): Effect.Effect<WorkingMemory, PipeFailure> =>
    Effect.map(children.pipe(wanted.path, send.pipe(wanted)), ({ change }) => Memory.apply(wanted.memory, change))

/** Goes through a batch: an item is a workflow of its own; where they are too many for one history, ranges of them are. */
const batching = (running: Running, call: PipeRunner["Service"]["call"]): PipeRunner["Service"]["batch"] => (batch) => {
  const { granularity, shardSize } = running.common
  const { branch, call: { scope: { settings } }, items } = batch
  const concurrency = Spread.bound(settings.maxConcurrency)
  const isSharded = items.length > shardSize ||
    (granularity === "shard" && items.length > 0 && Shards.isOperator(running.library, branch.ref))
  return isSharded
    ? Shards.run(batch, running, concurrency)
    : Items.run(batch, { call, through: Items.atOnce(concurrency) })
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
