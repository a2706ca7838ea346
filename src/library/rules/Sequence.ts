import * as Result from "effect/Result"
import * as Access from "../../concept/Access.ts"
import * as Slot from "../../concept/Slot.ts"
import type { Issue } from "../../failure/Issue.ts"
import { type Definition, issue, type Surroundings } from "../../pipe/Definition.ts"
import * as PipeCondition from "../../pipe/PipeCondition.ts"
import * as PipeParallel from "../../pipe/PipeParallel.ts"
import * as PipeSequence from "../../pipe/PipeSequence.ts"
import * as Step from "../../pipe/Step.ts"
import { declaredAgainst, fits, type Known, mismatch, type Need } from "./Memory.ts"

/** Follows a sequence step by step: what each reads is there, fits, and what comes out is what was declared. */
interface Walk {
  readonly definition: Definition<PipeSequence.Blueprint>
  readonly surroundings: Surroundings
  readonly stored: Map<string, Known>
  readonly needs: Array<Need>
  readonly issues: Array<Issue>
  isPartial: boolean
}

const declaredAs = (walk: Walk, name: string): Known | undefined => {
  const slot = walk.definition.inputs.get(name)
  return slot === undefined ? undefined : { slot, isTainted: slot.presence === "optional" }
}

/** Reads a name: what is known of it, and a need for it when no step made it. */
const read = (
  walk: Walk,
  name: string,
  wanted: Slot.Slot | undefined,
  reader: string,
  path: ReadonlyArray<string | number>
): Known | undefined => {
  const made = walk.stored.get(name)
  if (made === undefined) {
    walk.needs.push({ name, slot: wanted, reader, path })
    return declaredAs(walk, name)
  }
  if (wanted !== undefined && !fits(walk.surroundings.concepts, made.slot, wanted)) {
    walk.issues.push(mismatch(walk.definition.code, path, name, made.slot, wanted, reader))
  }
  return made
}

const plural = (known: Known): boolean => Slot.isPlural(known.slot)

/** The slot at the end of a path, or the issue of a path that leads nowhere. */
const bound = (walk: Walk, from: string, path: ReadonlyArray<string | number>): Known | undefined => {
  const { code } = walk.definition
  const [root = "", ...rest] = from.split(".")
  const known = read(walk, root, undefined, code, path)
  if (known === undefined) return undefined
  if (rest.length > 0 && (known.slot.concept === "native.Dynamic" || known.slot.concept === "native.Anything")) {
    return { slot: { concept: "native.Dynamic", multiplicity: "single", presence: "plain" }, isTainted: true }
  }
  const end = Access.walk(walk.surroundings.concepts, { concept: known.slot.concept, plural: plural(known) }, rest)
  if (Result.isFailure(end)) {
    walk.issues.push(
      issue(code, path, "method.field_path_unresolved", `"${from}" leads nowhere: "${end.failure.at}" is not there`, {
        type: "binding_path_unresolved",
        names: [from],
        suggestions: end.failure.available,
        params: { pipe: code, path: from },
        ...(end.failure.available.length === 0 ? {} : { fix: `there is ${end.failure.available.join(", ")}` })
      })
    )
    return undefined
  }
  const { mayBeAbsent, shape } = end.success
  return {
    slot: {
      concept: shape.concept,
      multiplicity: shape.plural ? rest.length === 0 ? known.slot.multiplicity : "list" : "single",
      presence: "plain"
    },
    isTainted: !shape.plural && (mayBeAbsent || known.isTainted)
  }
}

const unknownSlot: Slot.Slot = { concept: "native.Dynamic", multiplicity: "single", presence: "plain" }

/**
 * Names that a called controller leaves in the memory it shares; of two with one name the last stored counts. Read from the end, so
 * that each pipe has to be looked into but once, however often it is called.
 */
const leaks = (
  called: Definition,
  surroundings: Surroundings,
  found = new Map<string, Known>(),
  seen = new Set<string>()
): ReadonlyMap<string, Known> => {
  if (seen.has(called.ref)) return found
  seen.add(called.ref)
  const { blueprint } = called
  const add = (name: string | undefined, known: () => Known): void => {
    if (name !== undefined && !found.has(name)) found.set(name, known())
  }
  const target = (ref: string | undefined) => ref === undefined ? undefined : surroundings.find(called, ref)
  if (blueprint instanceof PipeSequence.Blueprint) {
    for (const step of blueprint.steps.toReversed()) {
      const next = target(step.pipe)
      if (Step.isBinding(step)) add(step.result, () => ({ slot: unknownSlot, isTainted: false }))
      else if (next !== undefined) {
        add(step.result, () => ({ slot: stepOutput(step, next), isTainted: isMaybe(step, next) }))
        if (step.batch_over === undefined) leaks(next, surroundings, found, seen)
      }
    }
  } else if (blueprint instanceof PipeParallel.Blueprint && blueprint.add_each_output === true) {
    for (const branch of blueprint.branches.toReversed()) {
      const next = target(branch.pipe)
      if (next !== undefined) {
        add(branch.result, () => ({ slot: stepOutput(branch, next), isTainted: isMaybe(branch, next) }))
      }
    }
  } else if (blueprint instanceof PipeCondition.Blueprint) {
    for (const ref of PipeCondition.outcomePipes(blueprint).toReversed()) {
      const next = target(ref)
      if (next !== undefined) leaks(next, surroundings, found, seen)
    }
  }
  return found
}

const isMaybe = (step: Step.Step, called: Definition): boolean =>
  step.batch_over === undefined && called.output.presence === "optional" && !Slot.isPlural(stepOutput(step, called))

/** What a step stores: the called pipe's output, with the step's own multiplicity. */
export const stepOutput = (step: Step.Step, called: Definition): Slot.Slot => {
  const own = Step.multiplicity(step, called.output) ?? called.output.multiplicity
  return {
    concept: called.output.concept,
    multiplicity: step.batch_over === undefined ? own : "list",
    presence: "plain"
  }
}

const call = (walk: Walk, step: Step.Step, index: number, called: Definition): Known => {
  const path = ["steps", index]
  let isSkippable = false
  for (const [name, slot] of called.inputs) {
    // A pipe that calls itself needs nothing for that which its other steps do not need.
    if (called.ref === walk.definition.ref) break
    if (step.batch_over !== undefined && name === step.batch_as) continue
    const known = read(walk, name, slot, called.code, path)
    if (known?.isTainted === true && slot.presence === "plain") isSkippable = true
  }
  if (step.batch_over !== undefined && step.batch_as !== undefined) {
    overList(walk, step.batch_over, called.inputs.get(step.batch_as), path)
  }
  for (const [name, known] of leaks(called, walk.surroundings)) walk.stored.set(name, known)
  const slot = stepOutput(step, called)
  return { slot, isTainted: !Slot.isPlural(slot) && (isSkippable || isMaybe(step, called)) }
}

const overList = (walk: Walk, over: string, item: Slot.Slot | undefined, at: ReadonlyArray<string | number>): void => {
  const path = [...at, "batch_over"]
  const wanted: Slot.Slot = { concept: item?.concept ?? "native.Dynamic", multiplicity: "list", presence: "plain" }
  if (!over.includes(".")) {
    read(walk, over, wanted, "", path)
    return
  }
  const known = bound(walk, over, path)
  if (known !== undefined && !fits(walk.surroundings.concepts, known.slot, wanted)) {
    walk.issues.push(mismatch(walk.definition.code, path, over, known.slot, wanted, ""))
  }
}

const output = (walk: Walk, last: Known, step: Step.Step, isUnchecked: boolean): ReadonlyArray<Issue> => {
  const { code, output: declared } = walk.definition
  const { concepts } = walk.surroundings
  if (isUnchecked) return []
  const isOpen = [declared.concept, last.slot.concept].some((ref) => ref === "native.Dynamic") ||
    declared.concept === "native.Anything"
  const name = step.result ?? "output"
  if (!isOpen && !concepts.isCompatible(last.slot.concept, declared.concept, false)) {
    return [
      issue(
        code,
        ["output"],
        "method.output_concept_mismatch",
        `pipe "${code}" outputs "${declared.concept}", and its last step makes "${last.slot.concept}"`,
        {
          type: "inadequate_output_concept",
          names: [declared.concept, last.slot.concept],
          fix: `write output = "${Slot.show({ ...last.slot, presence: "plain" })}"`
        }
      )
    ]
  }
  if (!isOpen && !Slot.multiplicityFits(last.slot.multiplicity, declared.multiplicity)) {
    return [
      issue(
        code,
        ["output"],
        "method.output_multiplicity_mismatch",
        `pipe "${code}" outputs ${Slot.show(declared)}, and its last step makes ${Slot.show(last.slot)}`,
        {
          type: "inadequate_output_multiplicity",
          fix: `write output = "${Slot.show(last.slot)}"`
        }
      )
    ]
  }
  return last.isTainted && declared.presence !== "optional" && !Slot.isPlural(declared)
    ? [
      issue(
        code,
        ["output"],
        "method.optional_unhandled",
        `the output of pipe "${code}" may be absent, since "${name}" may be, and is not declared optional`,
        {
          type: "optional_not_handled",
          names: [name],
          params: { pipe: code, input: name, site: "sequence_output" },
          fix: `write output = "${Slot.show({ ...declared, presence: "optional" })}"`
        }
      )
    ]
    : []
}

export const check = (
  definition: Definition<PipeSequence.Blueprint>,
  surroundings: Surroundings,
  isUnchecked: (called: Definition) => boolean
): ReadonlyArray<Issue> => {
  const walk: Walk = { definition, surroundings, stored: new Map(), needs: [], issues: [], isPartial: false }
  let last: { readonly known: Known; readonly step: Step.Step; readonly isUnchecked: boolean } | undefined
  for (const [index, step] of definition.blueprint.steps.entries()) {
    last = undefined
    if (Step.isBinding(step)) {
      const known = bound(walk, step.from, ["steps", index, "from"])
      if (known === undefined) walk.isPartial = true
      const stored = known ??
        { slot: { concept: "native.Dynamic", multiplicity: "single", presence: "plain" } as const, isTainted: false }
      walk.stored.set(step.result, stored)
      last = { known: stored, step, isUnchecked: known === undefined }
      continue
    }
    const called = step.pipe === undefined ? undefined : surroundings.find(definition, step.pipe)
    if (called === undefined) {
      walk.isPartial = true
      if (step.result !== undefined) {
        walk.stored.set(step.result, {
          slot: { concept: "native.Dynamic", multiplicity: "single", presence: "plain" },
          isTainted: false
        })
      }
      continue
    }
    const known = call(walk, step, index, called)
    if (step.result !== undefined) walk.stored.set(step.result, known)
    last = { known, step, isUnchecked: isUnchecked(called) }
  }
  return [
    ...declaredAgainst(definition.code, definition.inputs, walk.needs, surroundings.concepts, walk.isPartial),
    ...walk.issues,
    ...(last === undefined ? [] : output(walk, last.known, last.step, last.isUnchecked))
  ]
}
