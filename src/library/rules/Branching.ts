import type * as Slot from "../../concept/Slot.ts"
import type { Issue } from "../../failure/Issue.ts"
import { type Definition, type Surroundings } from "../../pipe/Definition.ts"
import type * as PipeBatch from "../../pipe/PipeBatch.ts"
import * as PipeCondition from "../../pipe/PipeCondition.ts"
import type * as PipeParallel from "../../pipe/PipeParallel.ts"
import * as TemplateField from "../../pipe/TemplateField.ts"
import { declaredAgainst, type Need } from "./Memory.ts"

/** Parallels, conditions and batches: their inputs are what their children need. */
const needsOf = (called: Definition, path: ReadonlyArray<string | number>, except?: string): ReadonlyArray<Need> =>
  Array.from(called.inputs).filter(([name]) => name !== except).map(([name, slot]) => ({
    name,
    slot,
    reader: called.code,
    path
  }))

const listNeed = (name: string, item: Slot.Slot | undefined, path: ReadonlyArray<string | number>): Need => ({
  name,
  slot: { concept: item?.concept ?? "native.Dynamic", multiplicity: "list", presence: "plain" },
  reader: "",
  path
})

export const checkParallel = (
  definition: Definition<PipeParallel.Blueprint>,
  surroundings: Surroundings
): ReadonlyArray<Issue> => {
  let isPartial = false
  const needs = definition.blueprint.branches.flatMap((branch, index): ReadonlyArray<Need> => {
    const called = branch.pipe === undefined ? undefined : surroundings.find(definition, branch.pipe)
    if (called === undefined) {
      isPartial = true
      return []
    }
    if (called.ref === definition.ref) return []
    const path = ["branches", index]
    if (branch.batch_over === undefined || branch.batch_as === undefined) return needsOf(called, path)
    return [
      ...needsOf(called, path, branch.batch_as),
      listNeed(branch.batch_over, called.inputs.get(branch.batch_as), [...path, "batch_over"])
    ]
  })
  return declaredAgainst(definition.code, definition.inputs, needs, surroundings.concepts, isPartial)
}

export const checkCondition = (
  definition: Definition<PipeCondition.Blueprint>,
  surroundings: Surroundings
): ReadonlyArray<Issue> => {
  const { blueprint, code, inputs } = definition
  const field = PipeCondition.field(blueprint)
  const { parsed } = TemplateField.parseAll(code, [field], inputs.keys(), surroundings.compat)
  let isPartial = parsed.length === 0
  const read = TemplateField.roots(parsed).map((name): Need => ({
    name,
    slot: undefined,
    reader: TemplateField.name(field),
    path: field.path
  }))
  const alias = blueprint.add_alias_from_expression_to
  const needs = PipeCondition.outcomePipes(blueprint).flatMap((ref): ReadonlyArray<Need> => {
    const called = surroundings.find(definition, ref)
    if (called === undefined) isPartial = true
    return called === undefined ? [] : needsOf(called, ["outcomes"]).filter(({ name }) => name !== alias)
  })
  return declaredAgainst(code, inputs, [...read, ...needs], surroundings.concepts, isPartial)
}

export const checkBatch = (
  definition: Definition<PipeBatch.Blueprint>,
  surroundings: Surroundings
): ReadonlyArray<Issue> => {
  const { branch_pipe_code: ref, input_item_name: item, input_list_name: list } = definition.blueprint
  const called = surroundings.find(definition, ref)
  if (called === undefined) return []
  const needs = [
    ...needsOf(called, ["branch_pipe_code"], item),
    listNeed(list, called.inputs.get(item), ["input_list_name"])
  ]
  // Its inputs are its own: what no branch reads by name still reaches the branches through the memory they copy.
  return declaredAgainst(definition.code, definition.inputs, needs, surroundings.concepts, true)
}
