import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { Misfit } from "../failure/Metadata.ts"
import { fail, type PipeFailure } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import type { Check } from "./Answer.ts"

/** One answer that did not fit, and what the model is told of it. The answer stays here and in the next request, nowhere else. */
export interface Turn {
  readonly answer: unknown
  readonly misfits: ReadonlyArray<Misfit>
}

export interface Asked<A> {
  readonly value: A
  readonly attempts: number
}

const mostMisfits = 20

/**
 * Asks until an answer fits, `attempts` times in all, without delay. Only an answer that does not fit is asked again; a failure of the
 * request itself ends it at once. The failure names places and reasons, never the answer.
 */
export const reask = <A>(options: {
  readonly attempts: number
  readonly ask: (turns: ReadonlyArray<Turn>) => Effect.Effect<unknown, PipeFailure>
  readonly check: Check<A>
  readonly model: string
  readonly provider: string
  readonly concept: string
}): Effect.Effect<Asked<A>, PipeFailure> => {
  const { ask, attempts, check, concept, model, provider } = options
  const attempt = (turns: ReadonlyArray<Turn>): Effect.Effect<Asked<A>, PipeFailure> =>
    Effect.flatMap(ask(turns), (answer) => {
      const checked = check(answer)
      const count = turns.length + 1
      if (Result.isSuccess(checked)) return Effect.succeed({ value: checked.success, attempts: count })
      const misfits = checked.failure.slice(0, mostMisfits)
      return count < attempts
        ? attempt([...turns, { answer, misfits }])
        : Effect.fail(fail(new Reason.OutputSchemaMismatch({ model, provider, concept, attempts: count, misfits })))
    })
  return Effect.suspend(() => attempt([]))
}
