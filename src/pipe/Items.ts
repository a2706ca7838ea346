import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { JsonObject } from "../concept/Json.ts"
import { type Shape, shapeOf, type Stuff } from "../concept/Stuff.ts"
import * as WorkingMemory from "../concept/WorkingMemory.ts"
import type { PipeFailure } from "../failure/PipeFailure.ts"
import * as PipePath from "../program/PipePath.ts"
import type { BatchCall, ItemExit, PipeCall } from "../program/PipeRunner.ts"
import { emit } from "../program/RunEvents.ts"

/** Goes through a list, in order, with as many at once as there may be. */
export type Through = <A, B>(
  items: ReadonlyArray<A>,
  one: (item: A, index: number) => Effect.Effect<B>
) => Effect.Effect<ReadonlyArray<B>>

export const atOnce = (concurrency: number | "unbounded"): Through => (items, one) =>
  Effect.forEach(items, one, { concurrency })

/** How some items of a batch are gone through. */
export interface Going {
  readonly call: (call: PipeCall) => Effect.Effect<WorkingMemory.WorkingMemory, PipeFailure>
  readonly through: Through
  /** Place in the list of the first of these items, and how long the list is. Default: they are the whole list. */
  readonly from?: number
  readonly of?: number
  /** How some of them ended before: these are not run again. */
  readonly known?: ReadonlyArray<ItemExit>
  /** Asked before an item is begun. */
  readonly isStopped?: () => boolean
  /** Done at the failure after which nothing new is begun. */
  readonly onFailure?: Effect.Effect<void>
}

const itemShape = (list: Omit<Stuff, "content">): Shape => ({ ...shapeOf(list), plural: false })

const itemStuff = (list: Omit<Stuff, "content">, name: string, index: number, content: JsonObject): Stuff => ({
  code: `${list.code}-branch-${index}`,
  name,
  concept: list.concept,
  plural: false,
  content,
  ...(list.held === undefined ? {} : { held: itemShape(list) })
})

/** The failure of an item that has one; a defect and an interruption have none. */
export const failureOf = (exit: ItemExit): PipeFailure | undefined =>
  exit === undefined || Exit.isSuccess(exit) ? undefined : exit.cause.reasons.find(Cause.isFailReason)?.error

/**
 * Runs the branch once per item and gives how each of them ended, in their order. After a failure nothing new is begun, and what has been
 * begun is awaited, unless failures are collected.
 */
export const run = (batch: BatchCall, going: Going): Effect.Effect<ReadonlyArray<ItemExit>> => {
  const { branch, call, item, items, list } = batch
  const { from = 0, isStopped = () => false, known = [], of = items.length, onFailure = Effect.void, through } = going
  const isCollecting = call.scope.settings.onItemFailure === "collect"
  let hasFailed = false

  const one = (content: JsonObject, place: number): Effect.Effect<ItemExit> =>
    Effect.suspend(() => {
      const before = known[place]
      if (before !== undefined) return Effect.succeed(before)
      if (hasFailed || isStopped()) return Effect.undefined
      const index = from + place
      return going.call({
        method: call.method,
        ref: branch.ref,
        memory: WorkingMemory.store(call.memory, itemStuff(list, item, index, content), item),
        path: PipePath.child(call.path, branch, index),
        scope: call.scope,
        result: undefined
      }).pipe(
        Effect.map((memory) => WorkingMemory.get(memory, WorkingMemory.main)?.content),
        Effect.exit,
        Effect.tap((exit) => {
          const failure = isCollecting ? failureOf(exit) : undefined
          const isFirst = Exit.isFailure(exit) && failure === undefined && !hasFailed
          if (isFirst) hasFailed = true
          const told = emit(() => ({
            _tag: "ItemFinished",
            path: call.path,
            index,
            items: of,
            ...(failure === undefined ? {} : { failure })
          }))
          return isFirst ? Effect.andThen(told, onFailure) : told
        })
      )
    })

  return through(items, one)
}
