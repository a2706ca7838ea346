import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Issue } from "../failure/Issue.ts"
import * as Batch from "./Batch.ts"
import { type Definition, issue, type Kind, none, type Surroundings } from "./Definition.ts"
import { operator } from "./Execution.ts"
import { header } from "./Header.ts"
import { collision, storedName } from "./Step.ts"

/** Runs one pipe for each item of a list. */
export class Blueprint extends Schema.Class<Blueprint>("PipeBatch.Blueprint")({
  type: Schema.tag("PipeBatch"),
  ...header,
  branch_pipe_code: Schema.NonEmptyString,
  input_list_name: Schema.NonEmptyString,
  input_item_name: Schema.NonEmptyString
}) {}

export const validate: Kind<Blueprint>["validate"] = (
  code,
  { inputs, input_item_name: item, input_list_name: list }
) => {
  const names = [
    ...storedName(code, ["input_list_name"], "list name", list),
    ...storedName(code, ["input_item_name"], "item name", item)
  ]
  if (names.length > 0) return names
  return [
    ...(Object.hasOwn(inputs, list) ? none : [
      issue(
        code,
        ["input_list_name"],
        "method.input_undeclared",
        `"${list}" is batched over by pipe "${code}" but is not one of its inputs`,
        {
          type: "missing_input_variable",
          names: [list],
          params: { pipe: code, variables: [list] },
          fix: `add ${list} = "<Concept>[]" to its inputs`
        }
      )
    ]),
    ...(item === list || Object.hasOwn(inputs, item) ? [collision(code, ["input_item_name"], item)] : none)
  ]
}

/** The item has a place in the branch pipe. */
export const checkItem = (
  definition: Definition,
  path: ReadonlyArray<string | number>,
  item: string,
  branchRef: string,
  surroundings: Surroundings
): ReadonlyArray<Issue> => {
  const branch = surroundings.find(definition, branchRef)
  return branch === undefined || branch.inputs.has(item) ? none : [
    issue(definition.code, path, "method.wiring_invalid", `pipe "${branch.code}" has no input called "${item}"`, {
      type: "unknown_validation_error",
      names: [item],
      suggestions: Array.from(branch.inputs.keys()),
      fix: `name the item like one of its inputs: ${Array.from(branch.inputs.keys()).join(", ") || "it has none"}`
    })
  ]
}

export const check: Kind<Blueprint>["check"] = (definition, surroundings) => {
  const { blueprint } = definition
  return checkItem(definition, ["input_item_name"], blueprint.input_item_name, blueprint.branch_pipe_code, surroundings)
}

export const references: Kind<Blueprint>["references"] = (
  { branch_pipe_code: ref }
) => [{ ref, path: ["branch_pipe_code"] }]

export const compile: Kind<Blueprint>["compile"] = (definition, surroundings) => {
  const { blueprint } = definition
  const branch = surroundings.find(definition, blueprint.branch_pipe_code)
  const fan = {
    list: blueprint.input_list_name,
    item: blueprint.input_item_name,
    branch: { ref: branch?.ref ?? blueprint.branch_pipe_code, code: branch?.code ?? blueprint.branch_pipe_code }
  }
  return operator(definition, (call) => Effect.suspend(() => Batch.run(call, fan)))
}
