import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { JsonObject } from "../concept/Json.ts"
import { contents, type Shape, shapeOf, type Stuff } from "../concept/Stuff.ts"
import * as WorkingMemory from "../concept/WorkingMemory.ts"
import { fail, locate, type PipeFailure } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import * as PipePath from "../program/PipePath.ts"
import { type PipeCall, PipeRunner } from "../program/PipeRunner.ts"
import { emit } from "../program/RunEvents.ts"
import type { Produced } from "./Execution.ts"

/** What a batch runs over: a list in memory, and the pipe that gets one item of it under a name of its own. */
export interface Fan {
  readonly list: string
  readonly item: string
  readonly branch: { readonly ref: string; readonly code: string }
}

const itemShape = (list: Stuff): Shape => {
  const shape = shapeOf(list)
  return { ...shape, plural: false }
}

const itemStuff = (list: Stuff, name: string, index: number, content: JsonObject): Stuff => ({
  code: `${list.code}-branch-${index}`,
  name,
  concept: list.concept,
  plural: false,
  content,
  ...(list.held === undefined ? {} : { held: itemShape(list) })
})

/**
 * Runs the branch once per item, at most `max_concurrency` at a time, and gathers the results in the order of the items; an absent
 * one is dropped. After a failure nothing new starts, what has started is awaited, and the failure of the lowest index is raised.
 */
export const run = Effect.fnUntraced(
  function*(call: PipeCall, fan: Fan): Effect.fn.Return<Produced, PipeFailure, PipeRunner> {
    const runner = yield* PipeRunner
    const list = WorkingMemory.get(call.memory, fan.list)
    if (list === undefined || !list.plural) {
      return yield* fail(
        new Reason.WiringInvalid({ problem: `"${fan.list}" is not a list, so there is nothing to batch over` })
      )
    }
    const items = contents(list)
    yield* emit(() => ({ _tag: "BatchStarted", path: call.path, items: items.length }))
    let isStopped = false
    let succeeded = 0

    const branch = (content: JsonObject, index: number) =>
      Effect.suspend(() => {
        if (isStopped) return Effect.undefined
        return Effect.exit(runner.call({
          method: call.method,
          ref: fan.branch.ref,
          memory: WorkingMemory.store(call.memory, itemStuff(list, fan.item, index, content), fan.item),
          path: PipePath.child(call.path, fan.branch, index),
          scope: call.scope,
          result: undefined
        }))
      }).pipe(
        Effect.flatMap((exit) => {
          if (exit === undefined) return Effect.undefined
          if (Exit.isFailure(exit)) isStopped = true
          else succeeded++
          const output = Exit.map(exit, (memory) => WorkingMemory.get(memory, WorkingMemory.main)?.content)
          return Effect.as(emit(() => ({ _tag: "ItemFinished", path: call.path, index, items: items.length })), output)
        })
      )

    const exits = yield* Effect.forEach(items, branch, { concurrency: call.scope.settings.maxConcurrency })
    const results: Array<JsonObject> = []
    for (const [index, exit] of exits.entries()) {
      if (exit === undefined) continue
      if (Exit.isSuccess(exit)) {
        if (exit.value !== undefined) results.push(exit.value)
        continue
      }
      return yield* Effect.mapError(
        Effect.failCause(exit.cause),
        (failure) => locate(failure, { item: index, succeeded })
      )
    }
    return { content: { items: results }, plural: true }
  }
)
