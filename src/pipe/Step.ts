import * as Schema from "effect/Schema"
import * as Reference from "../concept/Reference.ts"
import type { Multiplicity, Slot } from "../concept/Slot.ts"
import type { Issue } from "../failure/Issue.ts"
import { issue, none } from "./Definition.ts"

/** A step of a sequence or a branch of a parallel: a call, or a binding (`from` and `result` alone). */
export const Step = Schema.Struct({
  pipe: Schema.optionalKey(Schema.NonEmptyString),
  result: Schema.optionalKey(Schema.String),
  nb_output: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThan(0))),
  multiple_output: Schema.optionalKey(Schema.Boolean),
  batch_over: Schema.optionalKey(Schema.NonEmptyString),
  batch_as: Schema.optionalKey(Schema.NonEmptyString),
  from: Schema.optionalKey(Schema.String)
})
export type Step = typeof Step.Type

export const isBinding = (step: Step): step is Step & { readonly from: string; readonly result: string } =>
  step.from !== undefined

/** Private names that a dotted `batch_over` binds to. */
export const boundPrefix = "_bound_"

type Path = ReadonlyArray<string | number>

/** A name under which something is stored: snake_case, never dotted or private. */
export const storedName = (pipe: string, path: Path, role: string, name: string): ReadonlyArray<Issue> =>
  Reference.snake.test(name) ? none : [
    issue(
      pipe,
      path,
      "method.identifier_invalid",
      `"${name}" cannot be a ${role}${
        name.startsWith(boundPrefix) ? `: names starting with ${boundPrefix} are reserved` : ""
      }`,
      {
        type: "invalid_input_name",
        names: [name],
        fix: "use lower-case letters, digits and underscores, starting with a letter"
      }
    )
  ]

const binding = (pipe: string, path: Path, step: Step): ReadonlyArray<Issue> => {
  const invalid = (problem: string, fix: string) =>
    issue(pipe, path, "method.binding_step_invalid", `a binding step of pipe "${pipe}" ${problem}`, {
      type: "binding_step_invalid",
      fix
    })
  const extra = Object.keys(step).filter((key) => key !== "from" && key !== "result")
  if (extra.length > 0) {
    return [
      invalid(
        `has ${extra.join(", ")} beside from and result`,
        "keep from and result alone, or call a pipe without from"
      )
    ]
  }
  if (step.result === undefined) return [invalid("has no result", "add result = \"<name>\"")]
  return [
    ...(Reference.path.test(step.from ?? "")
      ? none
      : [invalid(`has the malformed path "${step.from}"`, "write names separated by dots")]),
    ...(Reference.snake.test(step.result)
      ? none
      : [invalid(`has the malformed result "${step.result}"`, "use lower-case letters, digits and underscores")])
  ]
}

/** The rules one step shows by itself. `role` is `sequence` or `parallel`. */
export const validate = (pipe: string, path: Path, step: Step, role: "sequence" | "parallel"): ReadonlyArray<Issue> => {
  if (step.from !== undefined) {
    return role === "sequence" ? binding(pipe, path, step) : [
      issue(
        pipe,
        path,
        "method.binding_step_invalid",
        `a branch of pipe "${pipe}" is a binding step, which only a sequence may hold`,
        {
          type: "binding_step_invalid"
        }
      )
    ]
  }
  const violation = (problem: string, fix?: string) =>
    issue(
      pipe,
      path,
      "method.schema_violation",
      `a step of pipe "${pipe}" ${problem}`,
      fix === undefined ? {} : { fix }
    )
  const { batch_as: item, batch_over: list, result } = step
  const isDotted = list?.includes(".") ?? false
  return [
    ...(step.pipe === undefined ? [violation("names no pipe", "add pipe = \"<code>\"")] : none),
    ...(step.nb_output !== undefined && step.multiple_output !== undefined
      ? [violation("has both nb_output and multiple_output", "keep one of them")]
      : none),
    ...((list === undefined) === (item === undefined)
      ? none
      : [violation("has only one of batch_over and batch_as", "give both or neither")]),
    ...(result === undefined ? none : storedName(pipe, [...path, "result"], "result", result)),
    ...(item === undefined ? none : storedName(pipe, [...path, "batch_as"], "item name", item)),
    ...(list === undefined ? none : batchOver(pipe, path, list, isDotted, role)),
    ...(list !== undefined && list === item ? [collision(pipe, [...path, "batch_as"], item)] : none)
  ]
}

const batchOver = (
  pipe: string,
  path: Path,
  list: string,
  isDotted: boolean,
  role: "sequence" | "parallel"
): ReadonlyArray<Issue> => {
  if (!isDotted) return storedName(pipe, [...path, "batch_over"], "list name", list)
  if (role === "parallel") {
    return [
      issue(
        pipe,
        [...path, "batch_over"],
        "method.binding_step_invalid",
        `a branch of pipe "${pipe}" cannot batch over the path "${list}"`,
        {
          type: "binding_step_invalid",
          fix: "bind the path to a name in a sequence first"
        }
      )
    ]
  }
  return Reference.path.test(list) ? none : [
    issue(pipe, [...path, "batch_over"], "method.binding_step_invalid", `"${list}" is not a path`, {
      type: "binding_step_invalid"
    })
  ]
}

export const collision = (pipe: string, path: Path, item: string): Issue =>
  issue(pipe, path, "method.name_conflict", `the item name "${item}" of pipe "${pipe}" is taken`, {
    type: "batch_item_name_collision",
    names: [item],
    fix: "give the item a name of its own"
  })

/** How many values the called pipe is asked for: the step's override of what the pipe declares, if any. */
export const multiplicity = (step: Step, output: Slot): Multiplicity | undefined => {
  if (step.nb_output !== undefined) return step.nb_output === 1 ? "single" : step.nb_output
  if (step.multiple_output !== true) return undefined
  return typeof output.multiplicity === "number" ? output.multiplicity : "list"
}
