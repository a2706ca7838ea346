import * as Result from "effect/Result"
import { Concepts } from "../concept/Concept.ts"
import { decode } from "../concept/ContentSchema.ts"
import { isObject, type JsonObject, own } from "../concept/Json.ts"
import type { Misfit } from "../failure/Metadata.ts"
import type { Structure } from "../program/Leaves.ts"

/** Whether a model's structured answer fits what was asked for, and what is wrong with it where it does not. */
export type Check<A> = (answer: unknown) => Result.Result<A, ReadonlyArray<Misfit>>

export interface Checks {
  readonly object: (structure: Structure) => Check<JsonObject>
  readonly list: (structure: Structure) => Check<ReadonlyArray<JsonObject>>
}

const listed = (answer: unknown): ReadonlyArray<unknown> | undefined => {
  const items = Array.isArray(answer) ? answer : isObject(answer) ? own(answer, "items") : undefined
  return Array.isArray(items) ? items : undefined
}

/** Checks that build the concepts of a job once, however many jobs share them. */
export const checks = (): Checks => {
  const known = new WeakMap<ReadonlyArray<unknown>, Concepts>()
  const conceptsOf = ({ concepts }: Structure): Concepts => {
    const found = known.get(concepts) ?? Concepts.make(concepts)
    known.set(concepts, found)
    return found
  }

  const object = (structure: Structure): Check<JsonObject> => (answer) =>
    decode(conceptsOf(structure), structure.concept, answer, "exact")

  const list = (structure: Structure): Check<ReadonlyArray<JsonObject>> => (answer) => {
    const items = listed(answer)
    if (items === undefined) return Result.fail([{ pointer: "/items", reason: "is not a list" }])
    const misfits: Array<Misfit> = []
    const contents: Array<JsonObject> = []
    for (const [index, item] of items.entries()) {
      const decoded = decode(conceptsOf(structure), structure.concept, item, "exact")
      if (Result.isSuccess(decoded)) contents.push(decoded.success)
      else {misfits.push(
          ...decoded.failure.map(({ pointer, reason }) => ({ pointer: `/items/${index}${pointer}`, reason }))
        )}
    }
    return misfits.length > 0 ? Result.fail(misfits) : Result.succeed(contents)
  }

  return { object, list }
}
