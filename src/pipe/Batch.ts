import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { JsonObject } from "../concept/Json.ts"
import { contents } from "../concept/Stuff.ts"
import * as WorkingMemory from "../concept/WorkingMemory.ts"
import { fail, locate, type PipeFailure } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import { type PipeCall, PipeRunner } from "../program/PipeRunner.ts"
import { emit } from "../program/RunEvents.ts"
import type { Produced } from "./Execution.ts"
import * as Items from "./Items.ts"

/** What a batch runs over: a list in memory, and the pipe that gets one item of it under a name of its own. */
export interface Fan {
  readonly list: string
  readonly item: string
  readonly branch: { readonly ref: string; readonly code: string }
}

/** The record of an item that failed in a run that goes on without it. */
const lost = (fan: Fan, index: number, { code, message }: PipeFailure): WorkingMemory.Absence => ({
  variable: `${fan.list}[${index}]`,
  kind: "failed",
  reason: `${message} [${code}]`,
  producer: fan.branch.code
})

/**
 * Runs the branch once per item, at most `max_concurrency` at a time, and gathers the results in the order of the items; an absent
 * one is dropped. After a failure nothing new starts, what has started is awaited, and the failure of the lowest index is raised; where
 * failures are collected, an item that failed is recorded as absent instead, and the rest are gathered.
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
    const { content: _, ...described } = list
    yield* emit(() => ({ _tag: "BatchStarted", path: call.path, items: items.length }))
    const exits = yield* runner.batch({ call, branch: fan.branch, item: fan.item, list: described, items })
    const succeeded = exits.filter((exit) => exit !== undefined && Exit.isSuccess(exit)).length
    const isCollecting = call.scope.settings.onItemFailure === "collect"
    const results: Array<JsonObject> = []
    const absences: Array<WorkingMemory.Absence> = []
    for (const [index, exit] of exits.entries()) {
      if (exit === undefined) continue
      if (Exit.isSuccess(exit)) {
        if (exit.value !== undefined) results.push(exit.value)
        continue
      }
      const failure = Items.failureOf(exit)
      if (!isCollecting || failure === undefined) {
        return yield* Effect.mapError(
          Effect.failCause(exit.cause),
          (each) => locate(each, { item: index, succeeded })
        )
      }
      absences.push(lost(fan, index, failure))
    }
    return { content: { items: results }, plural: true, ...(absences.length === 0 ? {} : { absences }) }
  }
)
