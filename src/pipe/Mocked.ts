import * as Effect from "effect/Effect"
import type { Concepts } from "../concept/Concept.ts"
import * as Mock from "../concept/Mock.ts"
import type { Slot } from "../concept/Slot.ts"
import { fail, type PipeFailure } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import * as PipePath from "../program/PipePath.ts"
import type { CompiledPipe, PipeCall } from "../program/PipeRunner.ts"
import type { Definition } from "./Definition.ts"
import { operator, outputOf, type Produced } from "./Execution.ts"

/** What a dry run takes an operator's output to be. */
export const mocked = (concepts: Concepts, slot: Slot, call: PipeCall): Effect.Effect<Produced, PipeFailure> =>
  Effect.try({
    try: () => Mock.mock(concepts, slot, PipePath.show(call.path)),
    catch: () => fail(new Reason.MockUnsatisfiable({ concept: slot.concept }))
  })

/** A pipe that a dry run mocks and a live run refuses, for the reason given. */
export const dryOnly = (definition: Definition, concepts: Concepts, refusal: Reason.Reason): CompiledPipe =>
  operator(definition, (call) =>
    call.scope.mode === "dry"
      ? mocked(concepts, outputOf(definition, call), call)
      : Effect.fail(fail(refusal)))
