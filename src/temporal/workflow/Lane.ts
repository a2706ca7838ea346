import { condition } from "@temporalio/workflow"
import * as Effect from "effect/Effect"
import { operation } from "./Runtime.ts"
import * as Slots from "./Slots.ts"

/**
 * A row of shards that have the slots of one between them. Each gives what it has no items for any more to the next one by itself; this
 * is for what it cannot give away, because it ends, or the next one has.
 */
export interface Lane {
  /** Waits until the shard before has been started, and gives the slots that this one begins with. */
  readonly enter: (at: number) => Effect.Effect<number>
  readonly started: (at: number) => void
  /** The shard has ended, with so many slots. */
  readonly leave: (at: number, slots: number) => Effect.Effect<void>
}

type State = "waiting" | "open" | "ended"

/** Of the workflows of these ids. */
export const make = (ids: ReadonlyArray<string>, share: number): Lane => {
  const states = ids.map((): State => "waiting")
  // Slots that no shard has.
  let loose = share

  /** The shard that was started last; when none was after that one, the slots are for one that is still to be started, if there is one. */
  const toWhom = (after: number): number => {
    const ahead = states.findLastIndex((state, at) => at > after && state === "open")
    return ahead >= 0 || states.at(-1) === "waiting" ? ahead : states.lastIndexOf("open")
  }

  const lend = Effect.fnUntraced(function*(after: number, slots: number) {
    for (let at = toWhom(after); at >= 0; at = toWhom(after)) {
      const id = ids[at]
      if (id !== undefined && (yield* Slots.give(id, slots))) return
      states[at] = "ended"
    }
    loose += slots
  })

  const isNext = (at: number): boolean => at === 0 || states[at - 1] !== "waiting"

  return {
    enter: Effect.fnUntraced(function*(at) {
      if (!isNext(at)) yield* Effect.orDie(operation(() => condition(() => isNext(at))))
      const slots = loose
      loose = 0
      return slots
    }),
    started: (at) => {
      if (states[at] === "waiting") states[at] = "open"
    },
    leave: (at, slots) =>
      Effect.suspend(() => {
        states[at] = "ended"
        return slots === 0 ? Effect.void : lend(at, slots)
      })
  }
}
