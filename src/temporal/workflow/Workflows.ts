import { SearchAttributeType } from "@temporalio/common"
import { continueAsNew, defineQuery, setHandler, upsertSearchAttributes } from "@temporalio/workflow"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { valueAt } from "../../failure/Foreign.ts"
import { fail, type PipeFailure } from "../../failure/PipeFailure.ts"
import * as Reason from "../../failure/Reason.ts"
import type { Library } from "../../library/Library.ts"
import { Leaves } from "../../program/Leaves.ts"
import { type CompiledPipe, type PipeCall, PipeRunner } from "../../program/PipeRunner.ts"
import { RunEvents } from "../../program/RunEvents.ts"
import * as Input from "../wire/Input.ts"
import * as Memory from "../wire/Memory.ts"
import { payloadVersion, queries } from "../wire/Names.ts"
import * as Packed from "../wire/Packed.ts"
import type { PipeInput, PipeOutput, SentEvent, ShardInput, ShardOutput, Status } from "../wire/Payload.ts"
import * as Activities from "./Activities.ts"
import * as Children from "./Children.ts"
import { thrown } from "./Failing.ts"
import * as Halt from "./Halt.ts"
import * as Recorder from "./Recorder.ts"
import * as Runner from "./Runner.ts"
import type { Running } from "./Running.ts"
import * as Runtime from "./Runtime.ts"
import { seal } from "./Sealed.ts"
import * as Shard from "./Shard.ts"

const status = defineQuery<Status, [since?: number]>(queries.status)

type Told = Array<SentEvent | string>

const pipeOf = (library: Library, ref: string): Effect.Effect<CompiledPipe, PipeFailure> => {
  const found = library.pipe(ref)
  return found === undefined
    ? Effect.fail(fail(new Reason.PipeNotFound({ ref, suggestions: [] })))
    : Effect.succeed(found)
}

/** What a workflow's program runs with: the compiled method, and the workflows, activities and events that stand behind it. */
const opened = Effect.fnUntraced(function*(input: PipeInput, events: Told, items?: number) {
  const { call, common, library } = yield* Effect.fromResult(Input.open(input))
  const recorder = Recorder.make(input, events, items)
  setHandler(status, recorder.status)
  const children = Children.make(call.path, input, recorder)
  const running: Running = {
    library,
    common,
    send: Input.sender(library, { common, crateDigest: input.crateDigest }),
    children,
    halt: Halt.make()
  }
  const runner = Runner.make(running)
  const inPlace = (wanted: PipeCall) =>
    pipeOf(library, wanted.ref).pipe(
      Effect.flatMap((found) => found.run(wanted)),
      Effect.provideService(PipeRunner, runner),
      Effect.provideService(Leaves, Activities.make(common.routing)),
      Effect.provideService(RunEvents, recorder.listen)
    )
  return { call, inPlace, recorder, running }
})

const counted = (failedItems: number) => failedItems === 0 ? {} : { failedItems }

/** Compiles the pipe and runs its program, children as workflows and leaves as activities. */
const pipe = Effect.fnUntraced(function*(input: PipeInput, events: Told): Effect.fn.Return<PipeOutput, PipeFailure> {
  const { call, inPlace, recorder } = yield* opened(input, events)
  const memory = yield* inPlace(call)
  return {
    version: payloadVersion,
    given: Input.given(input),
    change: Memory.change(call.memory, memory),
    events: Packed.pack(events),
    ...counted(recorder.failedItems())
  }
})

/** Goes through the items of a shard. Answers how each of them ended, or with what the rest of them is to be begun anew. */
const shard = Effect.fnUntraced(
  function*(input: ShardInput, events: Told): Effect.fn.Return<ShardOutput | ShardInput, PipeFailure> {
    const { events: before = [], failedItems = 0, items } = input.shard
    const { call, inPlace, recorder, running } = yield* opened(input, events, items.length)
    events.push(...before)
    const { isUnfinished, outcomes, slots } = yield* Shard.run(call, input, running, inPlace).pipe(
      Effect.provideService(RunEvents, recorder.listen)
    )
    const told = { events: Packed.pack(events), ...counted(failedItems + recorder.failedItems()) }
    return isUnfinished
      ? { ...input, shard: { ...input.shard, known: outcomes, slots, ...told } }
      : { version: payloadVersion, given: Input.given(input), outcomes, slots, ...told }
  }
)

/** A run that failed can be found by the category of its failure, where the namespace has the attribute. */
const marked = (input: PipeInput, { cause }: Exit.Failure<unknown, PipeFailure>): void => {
  const attributes = valueAt(valueAt(input, "common"), "attributes")
  if (!Array.isArray(attributes) || !attributes.includes("FailureCategory")) return
  const category = cause.reasons.find(Cause.isFailReason)?.error.category
  const key = { name: "FailureCategory", type: SearchAttributeType.KEYWORD } as const
  if (category !== undefined) upsertSearchAttributes([{ key, value: category }])
}

/** Nothing of the input is looked at outside the program: what is wrong with it has to fail the run, not the workflow's task. */
const execute = async <Input extends PipeInput, A>(
  program: (input: Input, events: Told) => Effect.Effect<A, PipeFailure>,
  input: Input,
  isRun = false
): Promise<A> => {
  const events: Told = []
  const exit = await Runtime.run(program(input, events))
  if (Exit.isSuccess(exit)) return exit.value
  if (isRun) marked(input, exit)
  const error = thrown(exit.cause, events)
  throw valueAt(valueAt(input, "common"), "isSealed") === true ? seal(error) : error
}

// Workflow types are the names of these exports, and in histories: `Names.workflows`.

/** A run, with its entry pipe. */
export const wf_pipe_run = (input: PipeInput): Promise<PipeOutput> => execute(pipe, input, true)

/** A pipe that another pipe calls. */
export const wf_pipe_router = (input: PipeInput): Promise<PipeOutput> => execute(pipe, input)

/** Some of the items of a batch. */
export const wf_pipe_shard = async (input: ShardInput): Promise<ShardOutput> => {
  const ended = await execute(shard, input)
  return "shard" in ended ? continueAsNew<typeof wf_pipe_shard>(ended) : ended
}
