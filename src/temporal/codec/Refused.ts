import { ApplicationFailure } from "@temporalio/common"
import * as Effect from "effect/Effect"
import type { PipeFailure } from "../../failure/PipeFailure.ts"
import * as Wire from "../../failure/Wire.ts"

/** Inside the SDK, a failure is told by an error of the SDK's that carries its report: whoever waits then finds the report. */
export const thrown = (failure: PipeFailure): ApplicationFailure =>
  ApplicationFailure.create({
    message: failure.message,
    type: failure.reason._tag,
    nonRetryable: !failure.retryable,
    details: [Wire.encode(failure)]
  })

/** Runs a program of ours where the SDK wants a promise. */
export const promise = <A>(program: Effect.Effect<A, PipeFailure>, signal?: AbortSignal): Promise<A> =>
  Effect.runPromise(Effect.mapError(program, thrown), signal === undefined ? {} : { signal })
