import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Slot from "../concept/Slot.ts"
import type { Shape } from "../concept/Stuff.ts"
import type { WorkingMemory as Memory } from "../concept/WorkingMemory.ts"
import * as WorkingMemory from "../concept/WorkingMemory.ts"
import type { PipeFailure } from "../failure/PipeFailure.ts"
import type { Leaves } from "../program/Leaves.ts"
import type { PipeCall, PipeRunner } from "../program/PipeRunner.ts"
import * as Binding from "./Binding.ts"
import { type Definition, type Kind, none, type Surroundings } from "./Definition.ts"
import { compiled, type Written } from "./Execution.ts"
import { header } from "./Header.ts"
import { checkItem } from "./PipeBatch.ts"
import * as Step from "./Step.ts"
import * as StepBatch from "./StepBatch.ts"
import * as StepCall from "./StepCall.ts"

/** Runs steps one after the other over one memory. */
export class Blueprint extends Schema.Class<Blueprint>("PipeSequence.Blueprint")({
  type: Schema.tag("PipeSequence"),
  ...header,
  steps: Schema.Array(Step.Step).check(Schema.isMinLength(1))
}) {}

export const validate: Kind<Blueprint>["validate"] = (code, { steps }) =>
  steps.flatMap((step, index) => Step.validate(code, ["steps", index], step, "sequence"))

export const check: Kind<Blueprint>["check"] = (definition, surroundings) =>
  definition.blueprint.steps.flatMap((step, index) =>
    step.batch_as === undefined || step.pipe === undefined
      ? none
      : checkItem(definition, ["steps", index, "batch_as"], step.batch_as, step.pipe, surroundings)
  )

export const references: Kind<Blueprint>["references"] = ({ steps }) =>
  steps.flatMap((step, index) => step.pipe === undefined ? [] : [{ ref: step.pipe, path: ["steps", index, "pipe"] }])

type Run = (call: PipeCall) => Effect.Effect<Memory, PipeFailure, PipeRunner | Leaves>

const compileStep = (
  definition: Definition,
  step: Step.Step,
  index: number,
  surroundings: Surroundings,
  declared: ReadonlyMap<string, Shape>
): Run => {
  if (Step.isBinding(step)) {
    const end = Binding.end(step.from, declared, surroundings.concepts)
    return (call) => Binding.run(call, step.from, step.result, surroundings.concepts, end)
  }
  const called = surroundings.find(definition, step.pipe ?? "")
  if (called === undefined) return (call) => Effect.succeed(call.memory)
  return step.batch_over === undefined || step.batch_as === undefined
    ? StepCall.compile(step, index, called)
    : StepBatch.compile(
      definition,
      { ...step, batch_over: step.batch_over, batch_as: step.batch_as },
      index,
      called,
      surroundings
    )
}

/** The caller's name for the result holds what the last step left as the main stuff, or its absence. */
const name = (memory: Memory, result: string | undefined): Memory => {
  if (result === undefined) return memory
  const stuff = WorkingMemory.get(memory, WorkingMemory.main)
  if (stuff !== undefined) {
    return memory.root.get(result) === stuff
      ? memory
      : WorkingMemory.store(memory, { ...stuff, name: result }, result)
  }
  const absence = WorkingMemory.absence(memory, WorkingMemory.main)
  return absence === undefined ? memory : WorkingMemory.putAbsence(memory, result, { ...absence, variable: result })
}

/** What each name is declared as when a step is reached, as far as this sequence itself says. */
const declaredBefore = (definition: Definition<Blueprint>, surroundings: Surroundings) => {
  const shapes = new Map<string, Shape>()
  for (const [input, slot] of definition.inputs) {
    shapes.set(input, { concept: slot.concept, plural: Slot.isPlural(slot) })
  }
  return definition.blueprint.steps.map((step): ReadonlyMap<string, Shape> => {
    const before = new Map(shapes)
    const called = step.pipe === undefined ? undefined : surroundings.find(definition, step.pipe)
    const made = Step.isBinding(step)
      ? Binding.end(step.from, before, surroundings.concepts)
      : called === undefined
      ? undefined
      : { concept: called.output.concept, plural: isPluralStep(step, called) }
    if (step.result !== undefined && made !== undefined) shapes.set(step.result, made)
    return before
  })
}

const isPluralStep = (step: Step.Step, called: Definition): boolean =>
  step.batch_over !== undefined ||
  Slot.isPlural({ multiplicity: Step.multiplicity(step, called.output) ?? called.output.multiplicity })

/** Names every run of the sequence stores. */
const written = (definition: Definition<Blueprint>, surroundings: Surroundings): ReadonlyArray<Written> =>
  definition.blueprint.steps.flatMap((step) => {
    const called = step.pipe === undefined ? undefined : surroundings.find(definition, step.pipe)
    if (step.result === undefined || called === undefined) return []
    return [{ name: step.result, concept: called.output.concept, plural: isPluralStep(step, called) }]
  })

export const compile: Kind<Blueprint>["compile"] = (definition, surroundings) => {
  const declared = declaredBefore(definition, surroundings)
  const steps = definition.blueprint.steps.map((step, index) =>
    compileStep(definition, step, index, surroundings, declared[index] ?? new Map())
  )
  return compiled(
    definition,
    Effect.fnUntraced(function*(call) {
      let { memory } = call
      for (const step of steps) memory = yield* step({ ...call, memory })
      return name(memory, call.result)
    }),
    written(definition, surroundings)
  )
}
