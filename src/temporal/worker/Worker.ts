import { type ActivityInterceptorsFactory, NativeConnection, Worker, type WorkerOptions } from "@temporalio/worker"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { hostname } from "node:os"
import process from "node:process"
import type { TemporalAccess } from "../../config/TemporalAccess.ts"
import { valueAt } from "../../failure/Foreign.ts"
import { fail, type PipeFailure } from "../../failure/PipeFailure.ts"
import * as Reason from "../../failure/Reason.ts"
import { Leaves } from "../../program/Leaves.ts"
import * as LeafMetrics from "../../report/LeafMetrics.ts"
import * as Connecting from "../codec/Connecting.ts"
import * as DataConverter from "../codec/DataConverter.ts"
import * as Names from "../wire/Names.ts"
import * as Sealed from "../workflow/Sealed.ts"
import * as Activities from "./Activities.ts"
import * as Bundle from "./Bundle.ts"
import * as Departed from "./Departed.ts"
import * as Deployment from "./Deployment.ts"
import * as EarlierResults from "./EarlierResults.ts"
import * as Logs from "./Logs.ts"
import * as Plan from "./Plan.ts"
import * as SearchAttributes from "./SearchAttributes.ts"

/**
 * A worker: workflows from the prebuilt bundle, leaves as activities on this machine's files and keys. It is open as long as its scope;
 * when that ends, it stops asking for work, lets what it has finish within the grace of its profile, and cancels the rest.
 */
export interface Options<E> {
  readonly access: TemporalAccess
  readonly plan: Plan.Plan
  /** What answers the leaves; `Resources.layer`, unless it is a test. */
  readonly leaves: Layer.Layer<Leaves, E>
  readonly log?: Logs.Sink
  /** The file with the workflows' code. Default: this release's. */
  readonly code?: string
}

/** What a worker does at the moment. */
export interface Status {
  /** Whether it asks for work; not so while it stops. */
  readonly isPolling: boolean
  readonly activities: number
  readonly workflowTasks: number
  readonly cachedWorkflows: number
}

export interface Running {
  readonly identity: string
  readonly workflows: number
  readonly activities: number
  /** Set where the configuration names a deployment. */
  readonly version?: Deployment.Version
  readonly status: Effect.Effect<Status>
  /** Whether the server answers now. */
  readonly isConnected: Effect.Effect<boolean>
  /** Ends when the worker has stopped by itself, which it does only when something is wrong. */
  readonly ended: Effect.Effect<void, PipeFailure>
  /** Asks it to stop, and waits until all it had is finished or cancelled. */
  readonly stop: Effect.Effect<void>
  /** Cancels the leaves that are under way: the server has them begun again, by another worker or after a restart. */
  readonly abandon: Effect.Effect<void>
}

const unavailable = (problem: string): PipeFailure => fail(new Reason.RuntimeUnavailable({ problem }))

const silent: Logs.Sink = { level: undefined, put: () => undefined }

const notFound = 5

/** Opens the payload store, connects, and knows that the namespace is there. What is to be said of its search attributes comes along. */
export const connect = Effect.fn("Worker.connect")(function*(
  access: TemporalAccess,
  log: Logs.Sink = silent,
  telemetry: Logs.Telemetry = {}
) {
  const { options, server } = access
  const dataConverter = yield* DataConverter.make(access)
  yield* Effect.sync(() => Logs.install(log, options.log, telemetry))
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

/** After the grace has ended and the rest was cancelled: for what does not hear of it. */
const force = 10_000

/** Runs stay with the version of the code they began on, where an operator keeps versions apart. */
const versioning = (version: Deployment.Version): Partial<WorkerOptions> => ({
  workerDeploymentOptions: { version, useWorkerVersioning: true, defaultVersioningBehavior: "PINNED" }
})

/** What the workers of this configuration are a version of, if of anything. */
export const versionOf = Effect.fnUntraced(function*({ options }: Pick<TemporalAccess, "options">, code?: string) {
  const { deploymentName } = options.worker
  if (deploymentName === undefined) return undefined
  const version: Deployment.Version = {
    deploymentName,
    buildId: yield* Deployment.buildId(code ?? (yield* Bundle.path))
  }
  return version
})

/** A server that does not answer within this is told to be away. */
const answerMillis = 2000

const answers = (connection: NativeConnection): Effect.Effect<boolean> =>
  Effect.flatMap(
    Clock.currentTimeMillis,
    (now) =>
      Effect.tryPromise(() =>
        connection.withDeadline(now + answerMillis, () => connection.workflowService.getSystemInfo({}))
      ).pipe(
        Effect.timeout(answerMillis),
        Effect.isSuccess
      )
  )

const statusOf = (worker: Worker): Status => {
  const { numCachedWorkflows, numInFlightActivities, numInFlightWorkflowActivations, runState } = worker.getStatus()
  return {
    isPolling: runState === "RUNNING",
    activities: numInFlightActivities,
    workflowTasks: numInFlightWorkflowActivations,
    cachedWorkflows: numCachedWorkflows
  }
}

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
  { access, code, leaves, log, plan }: Options<E>,
  connected?: Effect.Success<ReturnType<typeof connect>>
) {
  const isSealed = access.options.payloadCodec.encryption.isEnabled
  const { connection, dataConverter } = connected ?? (yield* connect(access, log))
  const { activities: names, hasWorkflows, numbers, queue, queueRate } = plan
  if (hasWorkflows) {
    yield* Effect.forkScoped(Departed.dismiss(connection, { namespace: access.server.namespace, queue }))
  }
  // The log and its level are the caller's, also for what the server asks for.
  const built = yield* Layer.build(leaves)
  const services = Context.merge(
    yield* Effect.context(),
    Context.add(built, Leaves, LeafMetrics.make(Context.get(built, Leaves)))
  )
  const version = yield* versionOf(access, code)
  const codePath = hasWorkflows ? code ?? (yield* Bundle.path) : undefined
  const abandoned = yield* Deferred.make<never>()
  const run: Activities.Run = (program, options) =>
    Effect.runPromiseExitWith(services)(Effect.raceFirst(program, Deferred.await(abandoned)), options)
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
        shutdownForceTime: numbers.gracefulShutdownTimeout + force,
        ...Plan.workerOptions(numbers),
        ...(codePath === undefined ? {} : { workflowBundle: { codePath } }),
        ...(version === undefined ? {} : versioning(version)),
        ...(queueRate === undefined ? {} : { maxTaskQueueActivitiesPerSecond: queueRate }),
        activities: {
          ...Activities.make(names, run),
          ...(hasWorkflows
            ? EarlierResults.make({ connection, namespace: access.server.namespace, dataConverter })
            : {})
        },
        // What workflows ask of their own worker needs no poll, and a worker without leaves must not take any.
        enableNonLocalActivities: names.length > 0
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
    ...(version === undefined ? {} : { version }),
    status: Effect.sync(() => statusOf(worker)),
    isConnected: yield* Effect.cachedWithTTL(answers(connection), "1 second"),
    ended: Effect.flatMap(
      Effect.promise(() => done),
      (error) => error === undefined ? Effect.void : Effect.fail(unavailable(`the worker stopped: ${error.message}`))
    ),
    stop: Effect.asVoid(stop),
    abandon: Effect.asVoid(Deferred.interrupt(abandoned))
  }
  return running
})
