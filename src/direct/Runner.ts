import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as WorkingMemory from "../concept/WorkingMemory.ts"
import { fail, type PipeFailure } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import * as Items from "../pipe/Items.ts"
import { type Handlers, Leaves } from "../program/Leaves.ts"
import { type PipeCall, PipeRunner, type RunRequest } from "../program/PipeRunner.ts"

/** How a request from an application becomes a call: the crate compiled, the inputs put in memory. */
export type Prepare = (request: RunRequest) => Effect.Effect<PipeCall, PipeFailure>

/** Runs every pipe in this fiber, with these leaves. */
export const make = (leaves: Handlers, prepare: Prepare): PipeRunner["Service"] => {
  const call = (wanted: PipeCall): Effect.Effect<WorkingMemory.WorkingMemory, PipeFailure> => {
    const pipe = wanted.method.pipe(wanted.ref)
    return pipe === undefined
      ? Effect.fail(fail(new Reason.PipeNotFound({ ref: wanted.ref, suggestions: [] })))
      : Effect.provideContext(pipe.run(wanted), context)
  }
  const runner = PipeRunner.of({
    call,
    batch: (batch) => Items.run(batch, { call, through: Items.atOnce(batch.call.scope.settings.maxConcurrency) }),
    run: (request) =>
      Effect.gen(function*() {
        const prepared = yield* prepare(request)
        const memory = yield* call(prepared)
        return WorkingMemory.get(memory, WorkingMemory.main)?.content ?? null
      })
  })
  const context = Context.make(Leaves, Leaves.of(leaves)).pipe(Context.add(PipeRunner, runner))
  return runner
}
