import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Lane from "../../../src/temporal/workflow/Lane.ts"

const between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

/** Turns that something takes, one after another. */
const turns = Schema.NonEmptyArray(between(0, 9))

const Case = Schema.Struct({
  share: between(1, 9),
  open: between(1, 5),
  /** Of each shard. */
  items: Schema.NonEmptyArray(between(1, 7)),
  starts: turns,
  signals: turns,
  leaves: turns
})

const pause = (count: number): Effect.Effect<void> =>
  count <= 0 ? Effect.void : Effect.andThen(Effect.yieldNow, Effect.suspend(() => pause(count - 1)))

const until = (isSo: () => boolean): Effect.Effect<void> =>
  Effect.suspend(() => isSo() ? Effect.void : Effect.andThen(Effect.yieldNow, until(isSo)))

/** Shards as workflows are: they are there some time after they were started, and hear of slots some time after these were given. */
const simulated = Effect.fnUntraced(function*({ items, leaves, open, share, signals, starts }: typeof Case.Type) {
  const cycle = (of: ReadonlyArray<number>) => {
    let nth = 0
    return () => of[nth++ % of.length] ?? 0
  }
  const [started, signalled, worked] = [cycle(starts), cycle(signals), cycle(leaves)]
  const slots = new Map<number, number>()
  let now = 0
  let most = 0
  let done = 0
  const give = (at: number, count: number) =>
    Effect.map(pause(signalled()), () => {
      const had = slots.get(at)
      if (had !== undefined) slots.set(at, had + count)
      return had !== undefined
    })
  const shard = Effect.fnUntraced(function*(at: number, next: number | undefined, first: number, tell: () => void) {
    yield* pause(started())
    slots.set(at, first)
    tell()
    const all = items[at] ?? 0
    const left = () => slots.get(at) ?? 0
    let begun = 0
    let busy = 0
    let isRefused = false
    const item = Effect.gen(function*() {
      most = Math.max(most, ++now)
      yield* pause(worked())
      now--
      busy--
      done++
    })
    const handing: Effect.Effect<void> = Effect.gen(function*() {
      if (next === undefined) return
      while (!isRefused) {
        yield* until(() => begun === all && (busy === 0 || left() > busy))
        const spare = left() - busy
        if (spare === 0) return
        slots.set(at, busy)
        isRefused = !(yield* give(next, spare))
        if (isRefused) slots.set(at, left() + spare)
      }
    })
    const working = Effect.gen(function*() {
      while (begun < all) {
        yield* until(() => busy < left())
        begun++
        busy++
        yield* Effect.forkChild(item)
      }
      yield* until(() => busy === 0)
    })
    yield* Effect.all([working, handing], { concurrency: "unbounded" })
    const kept = left()
    slots.delete(at)
    return [at, kept] as const
  })
  const made = yield* Lane.run({ shards: items.map((_, at) => at), share, open, run: shard, give, until })
  return { made, most, done }
})

describe("a row of shards", () => {
  it.live.prop(
    "comes to its end whenever its shards start, hear of slots and end, with no more items at once than it may have",
    [Case],
    ([row]) =>
      Effect.gen(function*() {
        const { done, made, most } = yield* Effect.timeout(simulated(row), "10 seconds")
        assert.deepStrictEqual(made, row.items.map((_, at) => at))
        assert.strictEqual(done, row.items.reduce((sum, count) => sum + count, 0))
        assert.isAtMost(most, row.share)
      }),
    { arbitrary: { runs: 500 } }
  )
})
