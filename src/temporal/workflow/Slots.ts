import { defineSignal, getExternalWorkflowHandle, setHandler } from "@temporalio/workflow"
import * as Effect from "effect/Effect"
import type { Through } from "../../pipe/Items.ts"
import { signals } from "../wire/Names.ts"
import type { Shard } from "../wire/Payload.ts"
import { operation, until } from "./Runtime.ts"

/**
 * The items that a shard may have at once. What it has no items for any more it hands over to the shard after it, so that a batch has as
 * many at once as it may from its first item to its last, also while one item takes long.
 */
export interface Slots {
  readonly through: Through
  /** Those that it has and has not handed over. */
  readonly left: () => number
}

const more = defineSignal<[count: number]>(signals.slots)

/** Slots are handed over in so many parts at the most: every part is some events in two histories. */
const parts = 4

/** Tells a shard that it has so many slots more; false when it has ended. */
export const give = (workflowId: string, slots: number): Effect.Effect<boolean> =>
  Effect.match(operation(() => getExternalWorkflowHandle(workflowId).signal(more, slots)), {
    onSuccess: () => true,
    onFailure: () => false
  })

export const make = (
  { next, share, slots }: Pick<Shard, "next" | "share" | "slots">,
  isStopped: () => boolean
): Slots => {
  let held = slots
  setHandler(more, (count) => {
    held += count
  })

  const through: Through = <A, B>(items: ReadonlyArray<A>, one: (item: A, index: number) => Effect.Effect<B>) =>
    Effect.suspend(() => {
      const results: Array<B> = []
      const left = items.entries()
      const part = Math.ceil(share / parts)
      let begun = 0
      let busy = 0
      const isOver = () => begun === items.length || isStopped()
      const isOut = () => begun === items.length && busy === 0
      const spare = () => begun === items.length && !isStopped() ? held - busy : 0

      const slot = Effect.fnUntraced(function*(place: number) {
        if (place >= held) yield* until(() => place < held || isOver())
        for (const [index, item] of left) {
          begun++
          busy++
          results[index] = yield* one(item, index)
          busy--
        }
      })

      const handing = Effect.gen(function*() {
        if (next === undefined) return
        while (true) {
          yield* until(() => isOut() || spare() >= part)
          const count = spare()
          if (count <= 0) return
          held -= count
          if (!(yield* give(next, count))) {
            held += count
            return
          }
        }
      })

      const places = Array.from({ length: Math.min(share, items.length) }, (_, place) => slot(place))
      return Effect.as(Effect.all([...places, handing], { concurrency: "unbounded", discard: true }), results)
    })

  return { through, left: () => held }
}
