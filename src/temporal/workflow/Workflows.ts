import { defineQuery, setHandler } from "@temporalio/workflow"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { valueAt } from "../../failure/Foreign.ts"
import { fail, type PipeFailure } from "../../failure/PipeFailure.ts"
import * as Reason from "../../failure/Reason.ts"
import { Leaves } from "../../program/Leaves.ts"
import { PipeRunner } from "../../program/PipeRunner.ts"
import { RunEvents } from "../../program/RunEvents.ts"
import * as Input from "../wire/Input.ts"
import * as Memory from "../wire/Memory.ts"
import { payloadVersion, queries } from "../wire/Names.ts"
import type { PipeInput, PipeOutput, SentEvent, Status } from "../wire/Payload.ts"
import * as Activities from "./Activities.ts"
import * as Children from "./Children.ts"
import { thrown } from "./Failing.ts"
import * as Recorder from "./Recorder.ts"
import * as Runtime from "./Runtime.ts"
import { seal } from "./Sealed.ts"

const status = defineQuery<Status, [since?: number]>(queries.status)

/** Compiles the pipe and runs its program, children as workflows and leaves as activities. */
const program = Effect.fnUntraced(
  function*(input: PipeInput, events: Array<SentEvent>): Effect.fn.Return<PipeOutput, PipeFailure> {
    const { call, library } = yield* Effect.fromResult(Input.open(input))
    const recorder = Recorder.make(input, events)
    setHandler(status, recorder.status)
    const pipe = library.pipe(call.ref)
    if (pipe === undefined) return yield* fail(new Reason.PipeNotFound({ ref: call.ref, suggestions: [] }))
    const runner = Children.make({ own: call, input: Input.sender(library, input), recorder })
    const memory = yield* pipe.run(call).pipe(
      Effect.provideService(PipeRunner, runner),
      Effect.provideService(Leaves, Activities.make(input.common.routing)),
      Effect.provideService(RunEvents, recorder.listen)
    )
    return { version: payloadVersion, change: Memory.change(call.memory, memory), events }
  }
)

/** Nothing of the input is looked at outside the program: what is wrong with it has to fail the run, not the workflow's task. */
const execute = async (input: PipeInput): Promise<PipeOutput> => {
  const events: Array<SentEvent> = []
  const exit = await Runtime.run(program(input, events))
  if (Exit.isSuccess(exit)) return exit.value
  const error = thrown(exit.cause, events)
  throw valueAt(valueAt(input, "common"), "isSealed") === true ? seal(error) : error
}

// Workflow types are the names of these exports, and in histories: `Names.workflows`.

/** A run, with its entry pipe. */
export const wf_pipe_run = (input: PipeInput): Promise<PipeOutput> => execute(input)

/** A pipe that another pipe calls. */
export const wf_pipe_router = (input: PipeInput): Promise<PipeOutput> => execute(input)
