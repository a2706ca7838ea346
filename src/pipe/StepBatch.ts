import * as Effect from "effect/Effect"
import { isPlural, type Slot } from "../concept/Slot.ts"
import type { WorkingMemory } from "../concept/WorkingMemory.ts"
import type { PipeFailure } from "../failure/PipeFailure.ts"
import type { Leaves } from "../program/Leaves.ts"
import * as PipePath from "../program/PipePath.ts"
import type { PipeCall, PipeRunner } from "../program/PipeRunner.ts"
import * as Batch from "./Batch.ts"
import * as Binding from "./Binding.ts"
import type { Definition, Surroundings } from "./Definition.ts"
import { operator } from "./Execution.ts"
import type { Header } from "./Header.ts"
import { boundPrefix, type Step } from "./Step.ts"

/** A step or branch with `batch_over`: the batch it stands for, known in the run as `<pipe>_batch`. */
export interface BatchStep extends Step {
  readonly batch_over: string
  readonly batch_as: string
}

/** The name a dotted path is bound to: `_bound_catalog_pages`. */
export const boundName = (path: string): string => `${boundPrefix}${path.replaceAll(".", "_")}`

const implied = (definition: Definition, step: BatchStep, list: string, called: Definition): Definition => {
  const item = called.inputs.get(step.batch_as)
  const inputs = new Map<string, Slot>(Array.from(called.inputs).filter(([name]) => name !== step.batch_as))
  inputs.set(list, { concept: item?.concept ?? "native.Anything", multiplicity: "list", presence: "plain" })
  const blueprint: Header = {
    type: "PipeBatch",
    description: `${called.code} for each item of ${step.batch_over}`,
    inputs: {},
    output: ""
  }
  return {
    ref: `${called.ref}_batch`,
    code: `${called.code}_batch`,
    domain: definition.domain,
    blueprint,
    inputs,
    output: {
      concept: called.output.concept,
      multiplicity: isPlural(called.output) ? called.output.multiplicity : "list",
      presence: "plain"
    }
  }
}

export const compile = (
  definition: Definition,
  step: BatchStep,
  index: number,
  called: Definition,
  surroundings: Surroundings
): (call: PipeCall) => Effect.Effect<WorkingMemory, PipeFailure, PipeRunner | Leaves> => {
  const isBound = step.batch_over.includes(".")
  const list = isBound ? boundName(step.batch_over) : step.batch_over
  const batch = implied(definition, step, list, called)
  const pipe = operator(batch, (call) => Batch.run(call, { list, item: step.batch_as, branch: called }))
  return (call) => {
    const own = { ...call, path: PipePath.child(call.path, batch, index), result: step.result }
    if (!isBound) return pipe.run(own)
    return Effect.flatMap(
      Binding.run(call, step.batch_over, list, surroundings.concepts),
      (memory) => pipe.run({ ...own, memory })
    )
  }
}
