import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as WorkingMemory from "../../concept/WorkingMemory.ts"
import * as Configuration from "../../config/Configuration.ts"
import * as Environment from "../../config/Environment.ts"
import * as Serving from "../../config/Serving.ts"
import * as TemporalAccess from "../../config/TemporalAccess.ts"
import * as Direct from "../../direct/Direct.ts"
import * as InputFiles from "../../direct/InputFiles.ts"
import { prepare, type Preparing } from "../../direct/Prepare.ts"
import { fail } from "../../failure/PipeFailure.ts"
import * as Reason from "../../failure/Reason.ts"
import { isLibrary } from "../../library/Library.ts"
import { type PipeCall, PipeRunner } from "../../program/PipeRunner.ts"
import * as Adapters from "../../provider/Adapters.ts"
import * as Attributes from "./Attributes.ts"
import * as Connection from "./Connection.ts"
import * as Submit from "./Submit.ts"
import * as Watch from "./Watch.ts"

/**
 * Runs pipes as workflows of a Temporal server: the same programs as in process, started from here and carried out by workers. Everything
 * has a default: the configuration of the working directory says which server, which queue and where files are stored.
 */
export interface Options extends Omit<Direct.Options, "functions"> {
  /** Names of the functions that the workers have registered. */
  readonly functions?: ReadonlyArray<string>
  /** Name of a server profile. Default: the selected one. */
  readonly server?: string
  /** Default: the configured one. */
  readonly taskQueue?: string
  /** Whether a run is cancelled when the Effect that waits for it is interrupted. Default: it goes on, and may be attached to by its id. */
  readonly isCancelledWithCaller?: boolean
  readonly watch?: Watch.Options
  /** From 1, the most urgent, to 5. Default: 3. */
  readonly priority?: Submit.Priority
}

const platform = Layer.mergeAll(NodeFileSystem.layer, NodePath.layer)

const configured = Effect.fnUntraced(function*({ backend, base = ".", ...options }: Options) {
  const configuration = options.configuration ?? (yield* Configuration.loadFrom(base))
  const { home } = configuration.locations
  const environment = options.environment ??
    (yield* Environment.load({ cwd: base, ...(home === undefined ? {} : { home }) }))
  const access = yield* TemporalAccess.resolve(
    configuration.values,
    environment.get,
    options.server,
    configuration.locations
  )
  const asking = { variables: environment.get, isAdapted: Adapters.isAdapted, backend }
  return {
    configuration,
    environment,
    access,
    models: options.models ?? Serving.durable(configuration.inference, asking).models,
    settings: options.settings ?? configuration.settings
  }
})

/** What keeps a run waiting is logged, unless the program has its own way to tell it. */
const logged = ({ taskQueue, workflowId }: Submit.Started): Watch.Options => ({
  onNoWorker: Effect.annotateLogs(Effect.logWarning("no worker polls the queue of a run"), { taskQueue, workflowId }),
  onStuck: (stuck) => Effect.annotateLogs(Effect.logWarning("the workers of a run cannot go on with it"), { ...stuck })
})

/** Waits for the run, and cancels it with the caller where that is wanted. */
const waited = (
  connection: Connection.Connection,
  started: Submit.Started,
  { isCancelledWithCaller, watch }: Options
) => {
  const waiting = Watch.result(connection, started, { ...logged(started), ...watch })
  return isCancelledWithCaller === true
    ? Effect.onInterrupt(waiting, () => Effect.ignore(Connection.request(connection, () => started.handle.cancel())))
    : waiting
}

const running = Effect.fnUntraced(function*(options: Options) {
  const { access, configuration, environment, models, settings } = yield* configured(options)
  const { backend, functions = [], priority, scope, taskQueue } = options
  const { server: _server, isCancelledWithCaller: _cancelled, watch: _watch, functions: _functions, ...local } = options
  const services = yield* Layer.build(Direct.resources({ ...local, configuration, environment }))
  const connection = yield* Connection.open(access)
  const { attached } = yield* Attributes.find(connection)

  const stored: NonNullable<Preparing["lookAtFiles"]> = (concepts, memory, runId) =>
    Effect.provideContext(InputFiles.prepare(concepts, memory, runId, { isStored: true }), services)
  const preparing = prepare({
    models,
    settings,
    functions: new Set(functions),
    lookAtFiles: stored,
    ...(scope === undefined ? {} : { scope })
  })

  const submit = Effect.fn("TemporalClient.submit")(function*(call: PipeCall, isNamed: boolean) {
    const { method: library } = call
    if (!isLibrary(library)) return yield* Effect.die(new Error("a durable run needs the library that its pipe is of"))
    const started = yield* Submit.start(connection, {
      library,
      call,
      models,
      functions,
      backend,
      attributes: attached,
      locations: configuration.locations,
      taskQueue,
      priority,
      isNamed
    })
    return yield* waited(connection, started, options)
  })

  return PipeRunner.of({
    call: (call) =>
      Effect.flatMap(
        stored(call.method.concepts, call.memory, call.scope.runId),
        (memory) => submit({ ...call, memory }, true)
      ),
    batch: ({ branch: { ref } }) =>
      Effect.fail(fail(new Reason.Unsupported({ what: `a batch of "${ref}" outside of a run` }))),
    run: Effect.fnUntraced(function*(request) {
      const call = yield* preparing(request)
      const memory = yield* submit(call, scope?.runId !== undefined)
      return WorkingMemory.get(memory, WorkingMemory.main)?.content ?? null
    })
  })
})

/** Answers `PipeRunner` for as long as the connection holds, which is as long as the layer lives. */
export const layerWith = (options: Options = {}) =>
  Layer.effect(PipeRunner, running(options)).pipe(Layer.provide(platform))

/** `layerWith` and its defaults: the configuration of the working directory. */
export const layer = layerWith()
