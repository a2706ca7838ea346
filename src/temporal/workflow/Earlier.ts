import { scheduleLocalActivity } from "@temporalio/workflow"
import * as Effect from "effect/Effect"
import type { PipeFailure } from "../../failure/PipeFailure.ts"
import * as Failures from "../wire/Failures.ts"
import { earlierResult } from "../wire/Names.ts"
import { operation } from "./Runtime.ts"

const options = { startToCloseTimeout: 30_000, retry: { initialInterval: 500, maximumAttempts: 5 } }

/**
 * What the workflow of that id answered in an earlier attempt of the run; undefined when it was not begun, or did not end well. Ids are
 * made of the program's structure, so that a workflow has the same one in every attempt. Asked by the worker, outside of the isolate.
 */
export const result = <A>(workflowId: string): Effect.Effect<A | undefined, PipeFailure> =>
  operation(() => scheduleLocalActivity<A | null>(earlierResult, [workflowId], options)).pipe(
    Effect.mapBoth({ onSuccess: (found) => found ?? undefined, onFailure: (error) => Failures.recover(error) })
  )
