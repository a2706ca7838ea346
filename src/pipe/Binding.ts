import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Access from "../concept/Access.ts"
import type { Concepts } from "../concept/Concept.ts"
import { type Shape, shapeOf, type Stuff } from "../concept/Stuff.ts"
import * as WorkingMemory from "../concept/WorkingMemory.ts"
import { fail, type PipeFailure } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import * as PipePath from "../program/PipePath.ts"
import type { PipeCall } from "../program/PipeRunner.ts"

const absent = (
  call: PipeCall,
  result: string,
  reason: string,
  upstream?: WorkingMemory.Absence,
  declared?: Shape
): WorkingMemory.WorkingMemory => {
  const absence: WorkingMemory.Absence = {
    variable: result,
    kind: upstream === undefined ? "declared_absent" : "skipped",
    reason,
    ...(upstream === undefined ? {} : { upstream })
  }
  if (declared?.plural === true) {
    const list = { ...declared, code: PipePath.stuffCode(call.path, result), name: result, content: { items: [] } }
    const memory = WorkingMemory.store(call.memory, list, result)
    return { ...memory, absences: new Map(memory.absences).set(result, absence) }
  }
  return WorkingMemory.putAbsence(WorkingMemory.putAbsence(call.memory, result, absence), WorkingMemory.main, absence)
}

/** What binding a path stores, by the declared structures. */
export const end = (from: string, declared: ReadonlyMap<string, Shape>, concepts: Concepts): Shape | undefined => {
  const [root = "", ...path] = from.split(".")
  const shape = declared.get(root)
  const found = shape === undefined ? undefined : Access.walk(concepts, shape, path)
  return found === undefined || Result.isFailure(found) ? undefined : found.success.shape
}

/**
 * Stores a copy of the value at a path under a name of its own, as the concept that the declared structures give it. From an absent
 * root it stores an empty list when that is `declared` to be a list, else the absence.
 */
export const run = (
  call: PipeCall,
  from: string,
  result: string,
  concepts: Concepts,
  declared?: Shape
): Effect.Effect<WorkingMemory.WorkingMemory, PipeFailure> => {
  const [root = "", ...path] = from.split(".")
  const stuff = WorkingMemory.get(call.memory, root)
  if (stuff === undefined) {
    const upstream = WorkingMemory.absence(call.memory, root)
    return upstream === undefined
      ? Effect.fail(fail(new Reason.BindingFailed({ from, problem: `"${root}" is not in memory` })))
      : Effect.succeed(absent(call, result, `"${root}" is absent`, upstream, declared))
  }
  const bound: Stuff = { ...stuff, name: result, code: PipePath.stuffCode(call.path, result) }
  if (path.length === 0) return Effect.succeed(WorkingMemory.store(call.memory, bound, result))
  const found = Access.read(concepts, shapeOf(stuff), stuff.content, path)
  if (Result.isFailure(found)) {
    return Effect.fail(fail(new Reason.PathUnresolved({ path: from, available: found.failure.available })))
  }
  const { content, nullAt, shape } = found.success
  if (content === undefined) return Effect.succeed(absent(call, result, `"${from}" is empty at "${nullAt ?? from}"`))
  const { held: _, ...plain } = bound
  return Effect.succeed(
    WorkingMemory.store(call.memory, { ...plain, concept: shape.concept, plural: shape.plural, content }, result)
  )
}
