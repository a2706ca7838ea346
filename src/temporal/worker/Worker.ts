import { type ActivityInterceptorsFactory, NativeConnection, Worker, type WorkerOptions } from "@temporalio/worker"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { createHash } from "node:crypto"
import { readFile } from "node:fs/promises"
import { hostname } from "node:os"
import process from "node:process"
import type { TemporalAccess } from "../../config/TemporalAccess.ts"
import type { Profile } from "../../config/TemporalOptions.ts"
import { valueAt } from "../../failure/Foreign.ts"
import { fail, type PipeFailure } from "../../failure/PipeFailure.ts"
import * as Reason from "../../failure/Reason.ts"
import type { Leaves } from "../../program/Leaves.ts"
import * as Connecting from "../codec/Connecting.ts"
import * as DataConverter from "../codec/DataConverter.ts"
import * as Names from "../wire/Names.ts"
import * as Sealed from "../workflow/Sealed.ts"
import * as Activities from "./Activities.ts"
import * as Bundle from "./Bundle.ts"
import * as Logs from "./Logs.ts"
import type { Plan } from "./Plan.ts"
import * as SearchAttributes from "./SearchAttributes.ts"

/**
 * A worker: workflows from the prebuilt bundle, leaves as activities on this machine's files and keys. It is open as long as its scope;
 * when that ends, it stops asking for work, lets what it has finish within the grace of its profile, and cancels the rest.
 */
export interface Options<E> {
  readonly access: TemporalAccess
  readonly plan: Plan
  /** What answers the leaves; `Resources.layer`, unless it is a test. */
  readonly leaves: Layer.Layer<Leaves, E>
  readonly log?: Logs.Sink
}

export interface Running {
  readonly identity: string
  readonly workflows: number
  readonly activities: number
  /** Ends when the worker has stopped by itself, which it does only when something is wrong. */
  readonly ended: Effect.Effect<void, PipeFailure>
  /** Asks it to stop, and waits until all it had is finished or cancelled. */
  readonly stop: Effect.Effect<void>
}

const unavailable = (problem: string): PipeFailure => fail(new Reason.RuntimeUnavailable({ problem }))

const silent: Logs.Sink = { level: undefined, put: () => undefined }

const notFound = 5

/** Opens the payload store, connects, and knows that the namespace is there. What is to be said of its search attributes comes along. */
export const connect = Effect.fn("Worker.connect")(function*(access: TemporalAccess, log: Logs.Sink = silent) {
  const { options, server } = access
  const dataConverter = yield* DataConverter.make(access)
  yield* Effect.sync(() => Logs.install(log, options.log))
  const place = `the Temporal server ${server.address}`
  const connection = yield* Effect.acquireRelease(
    Effect.tryPromise({
      try: () => NativeConnection.connect(Connecting.options(server)),
      catch: () => unavailable(`${place} (namespace "${server.namespace}") cannot be reached`)
    }),
    (opened) => Effect.promise(() => opened.close())
  )
  yield* Effect.tryPromise({
    try: () => connection.workflowService.describeNamespace({ namespace: server.namespace }),
    catch: (error) => ({ code: valueAt(error, "code") })
  }).pipe(
    Effect.catch(({ code }) =>
      code === notFound ? Effect.fail(unavailable(`${place} has no namespace "${server.namespace}"`)) : Effect.void
    )
  )
  return { connection, dataConverter, notices: yield* SearchAttributes.check(access, connection) }
})

/** The profile as the SDK takes it. */
const numbersOf = (profile: Profile): Partial<WorkerOptions> => ({
  maxCachedWorkflows: profile.maxCachedWorkflows,
  stickyQueueScheduleToStartTimeout: profile.stickyQueueScheduleToStartTimeout,
  maxHeartbeatThrottleInterval: profile.maxHeartbeatThrottleInterval,
  defaultHeartbeatThrottleInterval: profile.defaultHeartbeatThrottleInterval,
  maxConcurrentWorkflowTaskPolls: profile.maxConcurrentWorkflowTaskPolls,
  maxConcurrentActivityTaskPolls: profile.maxConcurrentActivityTaskPolls,
  ...(profile.maxActivitiesPerSecond === undefined ? {} : { maxActivitiesPerSecond: profile.maxActivitiesPerSecond }),
  ...(profile.tuningMode === "resource_based"
    ? { tuner: { tunerOptions: { targetCpuUsage: 0.8, targetMemoryUsage: 0.8 } } }
    : {
      maxConcurrentWorkflowTaskExecutions: profile.maxConcurrentWorkflowTasks,
      maxConcurrentActivityTaskExecutions: profile.maxConcurrentActivities,
      maxConcurrentLocalActivityExecutions: profile.maxConcurrentLocalActivities
    })
})

/** After the grace has ended and the rest was cancelled: for what does not hear of it. */
const force = 10_000

/** Of the workflows' code: two workers with the same one replay each other's histories. */
const buildIdOf = (file: string) =>
  Effect.map(
    Effect.promise(() => readFile(file)),
    (code) => createHash("sha256").update(code).digest("hex").slice(0, 16)
  )

/** Runs stay with the version of the code they began on, where an operator keeps versions apart. */
const versioning = (deploymentName: string, buildId: string): Partial<WorkerOptions> => ({
  workerDeploymentOptions: {
    version: { deploymentName, buildId },
    useWorkerVersioning: true,
    defaultVersioningBehavior: "PINNED"
  }
})

/** What the bundle of workflows decides of a worker. */
const bundled = Effect.fnUntraced(function*(hasWorkflows: boolean, deploymentName: string | undefined) {
  if (!hasWorkflows && deploymentName === undefined) return {}
  const codePath = yield* Bundle.path
  return {
    ...(hasWorkflows ? { workflowBundle: { codePath } } : {}),
    ...(deploymentName === undefined ? {} : versioning(deploymentName, yield* buildIdOf(codePath)))
  }
})

/** Told to stop, or stopped: nothing to say about either twice. */
const quiet = (worker: Worker): void => {
  if (worker.getState() === "RUNNING") worker.shutdown()
}

/** What activities fail with is as secret as what they answer. */
const sealed: ActivityInterceptorsFactory = () => ({
  inbound: {
    execute: (input, next) =>
      next(input).catch((error: unknown) => {
        throw Sealed.seal(error)
      })
  }
})

/** Opens a worker that asks for work at once. */
export const open = Effect.fn("Worker.open")(function*<E>(
  { access, leaves, log, plan }: Options<E>,
  connected?: Effect.Success<ReturnType<typeof connect>>
) {
  const isSealed = access.options.payloadCodec.encryption.isEnabled
  const { connection, dataConverter } = connected ?? (yield* connect(access, log))
  const { activities: names, hasWorkflows, numbers, queue, queueRate } = plan
  // The log and its level are the caller's, also for what the server asks for.
  const services = Context.merge(yield* Effect.context(), yield* Layer.build(leaves))
  const code = yield* bundled(hasWorkflows, access.options.worker.deploymentName)
  const run = Effect.runPromiseExitWith(services)
  const identity = `${process.pid}@${hostname()}`
  const worker = yield* Effect.tryPromise({
    try: () =>
      Worker.create({
        connection,
        identity,
        namespace: access.server.namespace,
        taskQueue: queue,
        dataConverter,
        ...(isSealed ? { interceptors: { activity: [sealed] } } : {}),
        shutdownGraceTime: numbers.gracefulShutdownTimeout,
        shutdownForceTime: numbers.gracefulShutdownTimeout + force,
        ...numbersOf(numbers),
        ...code,
        ...(queueRate === undefined ? {} : { maxTaskQueueActivitiesPerSecond: queueRate }),
        ...(names.length === 0 ? {} : { activities: Activities.make(names, run) })
      }),
    catch: (error) =>
      unavailable(`the worker could not be made: ${error instanceof Error ? error.message : String(error)}`)
  })
  const done = worker.run().then(
    () => undefined,
    (error: unknown) => error instanceof Error ? error : new Error(String(error))
  )
  const stop = Effect.andThen(Effect.sync(() => quiet(worker)), Effect.promise(() => done))
  yield* Effect.addFinalizer(() => stop)
  const running: Running = {
    identity,
    workflows: hasWorkflows ? Object.keys(Names.workflows).length : 0,
    activities: names.length,
    ended: Effect.flatMap(
      Effect.promise(() => done),
      (error) => error === undefined ? Effect.void : Effect.fail(unavailable(`the worker stopped: ${error.message}`))
    ),
    stop: Effect.asVoid(stop)
  }
  return running
})
