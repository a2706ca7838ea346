import { SearchAttributeType } from "@temporalio/common"
import { ChildWorkflowCancellationType, executeChild, ParentClosePolicy, workflowInfo } from "@temporalio/workflow"
import * as Effect from "effect/Effect"
import type { WorkingMemory } from "../../concept/WorkingMemory.ts"
import { fail, type PipeFailure } from "../../failure/PipeFailure.ts"
import * as Reason from "../../failure/Reason.ts"
import { type PipeCall, PipeRunner } from "../../program/PipeRunner.ts"
import * as Attributes from "../wire/Attributes.ts"
import * as Events from "../wire/Events.ts"
import * as Failures from "../wire/Failures.ts"
import * as Ids from "../wire/Ids.ts"
import { checkVersion } from "../wire/Input.ts"
import * as Memory from "../wire/Memory.ts"
import { workflows } from "../wire/Names.ts"
import type { PipeInput, PipeOutput } from "../wire/Payload.ts"
import * as Texts from "../wire/Texts.ts"
import type { Recorder } from "./Recorder.ts"
import { operation } from "./Runtime.ts"

/** The call that this workflow runs, and what it takes to start a workflow for another. */
export interface Calling {
  readonly own: PipeCall
  readonly input: (call: PipeCall) => PipeInput
  readonly recorder: Recorder
}

const execute = (workflowId: string, input: PipeInput) =>
  executeChild<(input: PipeInput) => Promise<PipeOutput>>(workflows.pipe, {
    workflowId,
    args: [input],
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
    typedSearchAttributes: Attributes.of(input).map(([name, value]) => ({
      key: { name, type: SearchAttributeType.KEYWORD },
      value
    })),
    staticSummary: Texts.summaryOf(input),
    staticDetails: Texts.detailsOf(input)
  })

/** Runs each pipe that the program calls as a workflow of its own, and applies to the caller's memory what that one changed. */
export const make = ({ input, own, recorder }: Calling): PipeRunner["Service"] => {
  const call = Effect.fnUntraced(function*(wanted: PipeCall): Effect.fn.Return<WorkingMemory, PipeFailure> {
    const id = Ids.child(workflowInfo().workflowId, own.path, wanted.path)
    recorder.childStarted(id, wanted.path)
    const output = yield* operation(() => execute(id, input(wanted))).pipe(
      Effect.tapError((error) => Effect.sync(() => recorder.childEnded(id, Events.carried(error)))),
      Effect.mapError((error) => Failures.recover(error))
    )
    recorder.childEnded(id, output.events)
    yield* Effect.fromResult(checkVersion(output))
    return Memory.apply(wanted.memory, output.change)
  })
  return PipeRunner.of({
    call,
    run: ({ ref }) =>
      Effect.fail(fail(new Reason.Unsupported({ what: `starting a run of "${ref}" from inside a durable run` })))
  })
}
