/** Runs pipes of a library durably: a worker with the leaves answered from a script, and a submitter that does no more than it must. */
import { Client, Connection } from "@temporalio/client"
import { NativeConnection, Worker } from "@temporalio/worker"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Result from "effect/Result"
import type { JsonObject } from "../../../src/concept/Json.ts"
import type { WorkingMemory } from "../../../src/concept/WorkingMemory.ts"
import * as Recorded from "../../../src/direct/Recorded.ts"
import type { PipeFailure } from "../../../src/failure/PipeFailure.ts"
import * as Inputs from "../../../src/library/Inputs.ts"
import type { Library } from "../../../src/library/Library.ts"
import { type Handlers, Leaves } from "../../../src/program/Leaves.ts"
import * as PipePath from "../../../src/program/PipePath.ts"
import type { PipeCall } from "../../../src/program/PipeRunner.ts"
import * as Routing from "../../../src/program/Routing.ts"
import { defaults } from "../../../src/program/Settings.ts"
import * as EventReader from "../../../src/temporal/wire/EventReader.ts"
import * as Events from "../../../src/temporal/wire/Events.ts"
import * as Failures from "../../../src/temporal/wire/Failures.ts"
import * as Input from "../../../src/temporal/wire/Input.ts"
import * as Memory from "../../../src/temporal/wire/Memory.ts"
import { workflows } from "../../../src/temporal/wire/Names.ts"
import type { Common, PipeInput, PipeOutput } from "../../../src/temporal/wire/Payload.ts"
import * as Activities from "../../../src/temporal/worker/Activities.ts"
import * as Bundle from "../../../src/temporal/worker/Bundle.ts"
import * as EarlierResults from "../../../src/temporal/worker/EarlierResults.ts"
import { echo, models, type Running } from "../../library/Fixture.ts"
import * as Quiet from "../Quiet.ts"

/** Attempts follow each other at once, so that no test waits for a policy. */
export const routing: Routing.RoutingTable = {
  ...Routing.defaults,
  baseline: {
    ...Routing.defaults.baseline,
    retry: { ...Routing.defaults.baseline.retry, initialInterval: 10 }
  }
}

export const common: Common = {
  models,
  functions: [],
  routing,
  attributes: [],
  granularity: "item",
  shardSize: 200
}

/** The call that a run of the entry pipe is, as the in-process fixture makes it. */
export const callOf = (
  library: Library,
  ref: string,
  inputs: JsonObject,
  { compat = false, result, scope, settings }: Running = {}
): PipeCall => {
  const entry = library.pipes.get(ref)
  if (entry === undefined) throw new Error(`no pipe ${ref}`)
  const memory = Inputs.shape({ library, entry, compat }, inputs)
  if (Result.isFailure(memory)) throw memory.failure
  return {
    method: library,
    ref,
    memory: memory.success,
    path: PipePath.entry(entry),
    scope: { runId: "run", userId: "tester", mode: "live", settings: { ...defaults, ...settings }, ...scope },
    result
  }
}

export interface Ran {
  readonly id: string
  readonly result: Result.Result<WorkingMemory, PipeFailure>
  readonly events: ReturnType<typeof EventReader.timed>
}

export interface Durable {
  readonly client: Client
  readonly queue: string
  /** Starts the workflow of a call and gives its handle. */
  readonly start: (call: PipeCall, library: Library, more?: Partial<Common>, id?: string) => Effect.Effect<
    Awaited<ReturnType<typeof startWorkflow>>
  >
  readonly run: (
    library: Library,
    ref: string,
    inputs?: JsonObject,
    running?: Running,
    more?: Partial<Common>,
    /** Of an attempt that has ended. */
    id?: string
  ) => Effect.Effect<Ran>
}

const startWorkflow = (client: Client, taskQueue: string, workflowId: string, input: PipeInput) =>
  client.workflow.start<(input: PipeInput) => Promise<PipeOutput>>(workflows.run, {
    taskQueue,
    workflowId,
    args: [input]
  })

export interface Options {
  readonly answer?: Recorded.Answer
  readonly real?: Partial<Handlers>
  /** Nothing cached: every workflow task replays the whole history. */
  readonly maxCachedWorkflows?: number
}

/** A worker on a queue of its own, stopped with its scope. */
export const make = Effect.fnUntraced(function*(address: string, options: Options = {}) {
  const { answer = echo, maxCachedWorkflows, real } = options
  Quiet.install()
  const opened = yield* Effect.acquireRelease(
    Effect.promise(() => Connection.connect({ address })),
    (made) => Effect.promise(() => made.close())
  )
  const client = new Client({ connection: opened })
  const queue = `workflow-${globalThis.crypto.randomUUID()}`
  const codePath = yield* Bundle.path
  const leaves = Recorded.leaves({ answer, ...(real === undefined ? {} : { real }) })
  const runtime = yield* Effect.acquireRelease(
    Effect.sync(() => ManagedRuntime.make(Layer.succeed(Leaves, Leaves.of(leaves)))),
    (made) => made.disposeEffect
  )
  const connection = yield* Effect.acquireRelease(
    Effect.promise(() => NativeConnection.connect({ address })),
    (made) => Effect.promise(() => made.close())
  )
  yield* Effect.acquireRelease(
    Effect.promise(async () => {
      const worker = await Worker.create({
        connection,
        taskQueue: queue,
        workflowBundle: { codePath },
        activities: {
          ...Activities.make(Activities.names, runtime.runPromiseExit),
          ...EarlierResults.make({ connection, namespace: "default", dataConverter: {} })
        },
        shutdownGraceTime: 0,
        ...(maxCachedWorkflows === undefined ? {} : { maxCachedWorkflows })
      })
      return { worker, running: worker.run() }
    }),
    ({ running, worker }) =>
      Effect.promise(() => {
        worker.shutdown()
        return running
      })
  )
  let started = 0
  const start: Durable["start"] = (call, library, more, id = `${queue}-${started++}`) =>
    Effect.promise(() => {
      const run = { common: { ...common, ...more }, crateDigest: "0123456789abcdef" }
      return startWorkflow(client, queue, id, Input.sender(library, run).pipe(call))
    })
  const durable: Durable = {
    client,
    queue,
    start,
    run: Effect.fnUntraced(function*(library, ref, inputs = {}, running = {}, more = {}, id) {
      const call = callOf(library, ref, inputs, running)
      const handle = yield* start(call, library, more, id)
      const output = yield* Effect.result(Effect.tryPromise(() => handle.result()))
      return Result.isSuccess(output)
        ? {
          id: handle.workflowId,
          result: Result.succeed(Memory.apply(call.memory, output.success.change)),
          events: EventReader.timed(output.success.events)
        }
        : {
          id: handle.workflowId,
          result: Result.fail(Failures.recover(output.failure)),
          events: EventReader.timed(Events.carried(output.failure))
        }
    })
  }
  return durable
})
