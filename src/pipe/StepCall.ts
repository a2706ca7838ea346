import * as Effect from "effect/Effect"
import type { WorkingMemory } from "../concept/WorkingMemory.ts"
import type { PipeFailure } from "../failure/PipeFailure.ts"
import * as PipePath from "../program/PipePath.ts"
import { type PipeCall, PipeRunner } from "../program/PipeRunner.ts"
import type { Definition } from "./Definition.ts"
import * as Step from "./Step.ts"

/** A step of a sequence or a branch of a parallel that calls one pipe once, on the memory of the caller. */
export const compile = (
  step: Step.Step,
  index: number,
  called: Definition
): (call: PipeCall) => Effect.Effect<WorkingMemory, PipeFailure, PipeRunner> => {
  const multiplicity = Step.multiplicity(step, called.output)
  return (call) =>
    Effect.flatMap(PipeRunner, (runner) =>
      runner.call({
        method: call.method,
        ref: called.ref,
        memory: call.memory,
        path: PipePath.child(call.path, called, index),
        scope: call.scope,
        result: step.result,
        ...(multiplicity === undefined ? {} : { multiplicity })
      }))
}
