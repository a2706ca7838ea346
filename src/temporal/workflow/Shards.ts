import * as Effect from "effect/Effect"
import type { PipeFailure } from "../../failure/PipeFailure.ts"
import type { Library } from "../../library/Library.ts"
import { isController } from "../../program/Controllers.ts"
import * as PipePath from "../../program/PipePath.ts"
import type { BatchCall, ItemExit } from "../../program/PipeRunner.ts"
import * as Outcomes from "../wire/Outcomes.ts"
import * as Halt from "./Halt.ts"
import * as Lane from "./Lane.ts"
import type { Running } from "./Running.ts"
import { until } from "./Runtime.ts"
import * as Slots from "./Slots.ts"
import * as Spread from "./Spread.ts"

/** Whether the leaves of the pipe are all that it does: it can run in its caller's workflow, for it calls no other. */
export const isOperator = (library: Library, ref: string): boolean => {
  const pipe = library.pipe(ref)
  return pipe !== undefined && !isController(pipe.type)
}

/**
 * Shards of a lane that are open at once: one at work, one that has been started so that it can take over, and others that still wait for
 * an item that takes long.
 */
const mostOpen = 4

interface Place extends Spread.Range {
  readonly path: PipePath.PipePath
}

type Exits = ReadonlyArray<ItemExit>

/** Runs ranges of a batch as workflows of their own, and puts together what they answer. */
export const run = Effect.fnUntraced(
  function*(
    batch: BatchCall,
    { children, common, halt, library, send, within }: Running,
    concurrency: number
  ): Effect.fn.Return<Exits, PipeFailure> {
    const { branch, call: { path, scope }, items } = batch
    const { from: base = 0, of = items.length } = within ?? {}
    const { isLast, lanes, ranges, share } = Spread.over(items.length, concurrency, common.shardSize)
    const isInline = common.granularity !== "item" && isOperator(library, branch.ref)
    const isCollecting = scope.settings.onItemFailure === "collect"

    const shard = Effect.fnUntraced(function*(
      { from, path: at, to }: Place,
      next: Place | undefined,
      slots: number,
      started: () => void
    ): Effect.fn.Return<readonly [Exits, number], PipeFailure> {
      const part = items.slice(from, to)
      if (halt.isTold()) return [part.map(() => undefined), 0]
      const input = send.shard(batch, {
        items: part,
        from: base + from,
        of,
        slots,
        share,
        isInline,
        ...(isLast && next !== undefined ? { next: children.idOf(next.path) } : {})
      })
      const { outcomes, slots: left } = yield* children.shard(at, input, started)
      const exits = outcomes.map(Outcomes.decode)
      if (!isCollecting && exits.some((exit) => exit?._tag === "Failure")) halt.tell()
      // After a failure nobody begins anything with them.
      return [exits, halt.isTold() ? 0 : left]
    })

    const lane = (shards: ReadonlyArray<Place>): Effect.Effect<ReadonlyArray<Exits>, PipeFailure> =>
      Lane.run({
        shards,
        share,
        open: isLast ? mostOpen : 1,
        run: shard,
        give: ({ path: to }, slots) => Slots.give(children.idOf(to), slots),
        until
      })

    const places = ranges.map((range, index) => ({
      ...range,
      path: PipePath.child(path, { code: `${branch.code}-shard`, ref: branch.ref }, index)
    }))
    const rows = Array.from({ length: lanes }, (_, row) => places.filter((_place, index) => index % lanes === row))
    const stopping = halt.told.pipe(
      Effect.andThen(children.stop),
      Effect.andThen(within === undefined ? Effect.void : Halt.tellParent),
      Effect.andThen(Effect.never)
    )
    const ended = yield* Effect.raceFirst(Effect.forEach(rows, lane, { concurrency: "unbounded" }), stopping)
    return ranges.flatMap((_, index) => ended[index % lanes]?.[Math.floor(index / lanes)] ?? [])
  }
)
