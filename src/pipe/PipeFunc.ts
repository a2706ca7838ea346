import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { decode } from "../concept/ContentSchema.ts"
import { isObject, type JsonObject } from "../concept/Json.ts"
import * as Slot from "../concept/Slot.ts"
import type { Stuff } from "../concept/Stuff.ts"
import { fail, type PipeFailure } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import { Leaves } from "../program/Leaves.ts"
import { issue, type Kind, none, type Surroundings } from "./Definition.ts"
import { operator, outputOf, type Produced } from "./Execution.ts"
import { header } from "./Header.ts"
import * as Job from "./Job.ts"
import { mocked } from "./Mocked.ts"

/** Calls a function that the host registered, with the whole working memory. */
export class Blueprint extends Schema.Class<Blueprint>("PipeFunc.Blueprint")({
  type: Schema.tag("PipeFunc"),
  ...header,
  function_name: Schema.NonEmptyString
}) {}

const isName = (name: string, compat: boolean): boolean =>
  /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$/.test(name) || (compat && /^[A-Za-z_]\w*$/.test(name))

export const validate: Kind<Blueprint>["validate"] = (code, { function_name: name }, { compat }) =>
  isName(name, compat) ? none : [
    issue(code, ["function_name"], "method.function_invalid", `"${name}" is not the dotted path of a function`, {
      type: "pipe_func_function_refused",
      fix: "write module.function"
    })
  ]

export const check: Kind<Blueprint>["check"] = ({ blueprint, code }, { compat, hasFunction }) =>
  hasFunction(blueprint.function_name) || !isName(blueprint.function_name, compat) ? none : [
    issue(
      code,
      ["function_name"],
      "method.function_invalid",
      `no function "${blueprint.function_name}" is registered`,
      {
        type: "pipe_func_function_refused",
        names: [blueprint.function_name],
        fix: "register it with the library that loads the method"
      }
    )
  ]

export const references: Kind<Blueprint>["references"] = () => none

const forFunction = ({ concept, content }: Stuff) => ({ concept, content })

const noContent = [{ pointer: "", reason: "is neither a content nor a string" }]

const produced = (
  value: unknown,
  slot: Slot.Slot,
  { concepts }: Surroundings
): Effect.Effect<Produced, PipeFailure> => {
  const isPlural = Slot.isPlural(slot)
  if (Array.isArray(value) !== isPlural) {
    return Effect.fail(fail(
      new Reason.OutputMultiplicity({
        expected: isPlural ? "a list" : "one value",
        produced: isPlural ? "one value" : "a list"
      })
    ))
  }
  const contents: Array<JsonObject> = []
  for (const item of Array.isArray(value) ? value : [value]) {
    const content = typeof item === "string" ? { text: item } : item
    const decoded = isObject(content) ? decode(concepts, slot.concept, content) : Result.fail(noContent)
    if (Result.isFailure(decoded)) {
      return Effect.fail(fail(new Reason.OutputInvalid({ concept: slot.concept, misfits: decoded.failure })))
    }
    contents.push(decoded.success)
  }
  return Effect.succeed(
    isPlural ? { content: { items: contents }, plural: true } : { content: contents[0] ?? {}, plural: false }
  )
}

export const compile: Kind<Blueprint>["compile"] = (definition, surroundings) =>
  operator(
    definition,
    Effect.fnUntraced(function*(call) {
      const slot = outputOf(definition, call)
      if (call.scope.mode === "dry") return yield* mocked(surroundings.concepts, slot, call)
      const leaves = yield* Leaves
      const memory = Object.fromEntries(Array.from(call.memory.root, ([name, stuff]) => [name, forFunction(stuff)]))
      const job = { meta: Job.metadata(definition, call), function: definition.blueprint.function_name, memory }
      const { value } = yield* Job.leaf("act_func", job, (sent) => leaves.act_func(sent))
      return yield* produced(value, slot, surroundings)
    })
  )
