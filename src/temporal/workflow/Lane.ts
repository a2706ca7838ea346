import * as Effect from "effect/Effect"

/**
 * A row of shards that have the slots of one between them. Each gives what it has no items for any more to the next one by itself; this
 * is for what it cannot give away, because it ends, or the next one has.
 */
export interface Row<Shard, A, E> {
  readonly shards: ReadonlyArray<Shard>
  /** Slots of all of them together. */
  readonly share: number
  /** How many are open at once. */
  readonly open: number
  /** Runs a shard that begins with these slots, and tells when it can be given more. In the end it says how many it still had. */
  readonly run: (
    shard: Shard,
    next: Shard | undefined,
    slots: number,
    started: () => void
  ) => Effect.Effect<readonly [made: A, left: number], E>
  /** Tells a shard that has been started that it has so many more; false when it has ended. */
  readonly give: (shard: Shard, slots: number) => Effect.Effect<boolean>
  readonly until: (isSo: () => boolean) => Effect.Effect<void>
}

type State = "waiting" | "starting" | "open" | "ended"

const isUnderWay = (state: State | undefined): boolean => state === "starting" || state === "open"

/** Runs the shards, each when the one before it has been started, and gives what they made. */
export const run = <Shard, A, E>(row: Row<Shard, A, E>): Effect.Effect<ReadonlyArray<A>, E> => {
  const { give, open, share, shards, until } = row
  const states = shards.map((): State => "waiting")
  // Slots that no shard has: for the next that begins.
  let loose = share

  /** The shard that was started last; when none was after that one, the slots are for one that is yet to begin, if there is one. */
  const toWhom = (after: number): number => {
    const ahead = states.findLastIndex((state, at) => at > after && isUnderWay(state))
    return ahead >= 0 || states.at(-1) === "waiting" ? ahead : states.findLastIndex(isUnderWay)
  }

  const lend = Effect.fnUntraced(function*(after: number, slots: number) {
    for (let at = toWhom(after); at >= 0; at = toWhom(after)) {
      const to = at
      const shard = shards[to]
      // It has begun with what there was then, and cannot be told of more before it is there.
      if (states[to] === "starting") yield* until(() => states[to] !== "starting")
      if (shard !== undefined && (yield* give(shard, slots))) return
      states[to] = "ended"
    }
    loose += slots
  })

  const isNext = (at: number): boolean => at === 0 || states[at - 1] === "open" || states[at - 1] === "ended"

  const each = Effect.fnUntraced(function*(shard: Shard, at: number): Effect.fn.Return<A, E> {
    if (!isNext(at)) yield* until(() => isNext(at))
    const slots = loose
    loose = 0
    states[at] = "starting"
    const [made, left] = yield* row.run(shard, shards[at + 1], slots, () => {
      if (states[at] === "starting") states[at] = "open"
    })
    states[at] = "ended"
    if (left > 0) yield* lend(at, left)
    return made
  })

  return Effect.forEach(shards, each, { concurrency: open })
}
