import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Configuration from "../config/Configuration.ts"
import * as Environment from "../config/Environment.ts"
import * as InferenceToml from "../config/InferenceToml.ts"
import * as Serving from "../config/Serving.ts"
import * as SimulatedToml from "../config/SimulatedToml.ts"
import * as Pdf from "../document/Pdf.ts"
import { fail } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import { notThere } from "../failure/Suggest.ts"
import { Leaves } from "../program/Leaves.ts"
import { PipeRunner } from "../program/PipeRunner.ts"
import * as Adapters from "../provider/Adapters.ts"
import * as Connections from "../provider/Connections.ts"
import * as Files from "../provider/Files.ts"
import * as Handlers from "../provider/Handlers.ts"
import type { HostFunctions } from "../provider/HostFunctions.ts"
import * as Fetch from "../provider/transport/Fetch.ts"
import * as Storage from "../storage/Storage.ts"
import * as Artefacts from "./Artefacts.ts"
import * as InputFiles from "./InputFiles.ts"
import { prepare, type Preparing } from "./Prepare.ts"
import * as Runner from "./Runner.ts"

/**
 * How a run in this process is set up. Everything has a default: the configuration of the working directory, and the backends whose
 * credentials its environment holds. Given `models` and `settings`, no configuration is read and the simulated backend answers.
 */
export interface Options extends Partial<Pick<Preparing, "models" | "settings" | "scope">> {
  /** A configuration that was read already. */
  readonly configuration?: Configuration.Configuration
  /** Where the secrets of backends are looked up. Default: the environment, over the `.env` files. */
  readonly environment?: Pick<Environment.Environment, "get">
  /** Who answers every model call: `simulated`, or a backend by name. Default: each model's own backend. */
  readonly backend?: string
  readonly functions?: HostFunctions
  /** Folder that relative file paths of inputs start from. Default: the working directory. */
  readonly base?: string
  /** Folders that may be read. Default: any. */
  readonly readableFolders?: ReadonlyArray<string>
  /** Where artefacts go: a folder, or memory. Default: what the configuration says, which is `.pipelex/storage` unless changed. */
  readonly storage?: "memory" | { readonly directory: string }
}

const platform = Layer.mergeAll(NodeFileSystem.layer, NodePath.layer)

const storageLayer = ({ configuration, storage }: Options) => {
  if (storage === "memory") return Storage.layerMemory
  if (storage !== undefined) return Storage.layerLocal(storage)
  return configuration === undefined ? Storage.layerLocal() : Artefacts.layer(configuration)
}

/** Nothing is known of the machine: the stand-in answers, and the rest is as the package has it. */
const unconfigured = { answering: { _tag: "Simulated" }, inference: InferenceToml.defaults, simulated: {} } as const

const answeringOf = ({ connections, isSimulated }: Serving.Live): Handlers.Answering =>
  isSimulated ? { _tag: "Simulated" } : { _tag: "Backends", connections: Connections.make(connections.get) }

const configured = Effect.fnUntraced(function*(options: Options) {
  const { backend, base = ".", models, settings } = options
  const needsNone = options.configuration === undefined && (backend === undefined || backend === Serving.simulated)
  if (models !== undefined && settings !== undefined && needsNone) {
    return { ...unconfigured, options, models, settings }
  }
  const configuration = options.configuration ?? (yield* Configuration.loadFrom(base))
  const known = Serving.selectable(configuration.inference)
  if (backend !== undefined && !known.includes(backend)) {
    return yield* fail(new Reason.RequestInvalid({ problem: notThere("backend", backend, known) }))
  }
  const { home } = configuration.locations
  const environment = options.environment ??
    (yield* Environment.load({ cwd: base, ...(home === undefined ? {} : { home }) }))
  const live = Configuration.live(configuration, { variables: environment.get, isAdapted: Adapters.isAdapted, backend })
  return {
    options: { ...options, configuration },
    answering: answeringOf(live),
    inference: configuration.options.inference,
    simulated: SimulatedToml.options(configuration.values),
    models: models ?? live.models,
    settings: settings ?? configuration.settings
  }
})

/** What the handlers of the leaves need: files, artefacts, documents, connections to providers. */
export const resources = (options: Options = {}) => {
  const { base, configuration, readableFolders } = options
  const files = Files.layer({
    ...(base === undefined ? {} : { base }),
    ...(readableFolders === undefined ? {} : { scope: readableFolders }),
    ...(configuration === undefined ? {} : { remote: { isGuarded: configuration.options.network.isFetchGuarded } })
  })
  const storage = Layer.provide(storageLayer(options), platform)
  return Layer.provideMerge(files, Layer.mergeAll(storage, Pdf.layer, Fetch.layer, platform))
}

type Configured = Effect.Success<ReturnType<typeof configured>>

const running = ({ answering, inference, models, options, settings, simulated }: Configured) =>
  Layer.effectContext(Effect.gen(function*() {
    const functions = options.functions ?? {}
    const leaves = yield* Handlers.make({ answering, inference, functions, simulated })
    const services = yield* Effect.context<Files.Files | Storage.Storage>()
    const preparing: Preparing = {
      models,
      settings,
      functions: new Set(Object.keys(functions)),
      ...(options.scope === undefined ? {} : { scope: options.scope }),
      lookAtFiles: (concepts, memory, runId) =>
        Effect.provideContext(InputFiles.prepare(concepts, memory, runId), services)
    }
    return Context.make(Leaves, leaves).pipe(Context.add(PipeRunner, Runner.make(leaves, prepare(preparing))))
  }))

/** `layerWith` that also hands out the resources it runs on, for who reads the files of a run after it. */
export const layerWithResources = (options: Options = {}) =>
  Layer.unwrap(
    Effect.map(configured(options), (found) => Layer.provideMerge(running(found), resources(found.options)))
  ).pipe(Layer.provide(platform))

/**
 * Runs pipes in this process: documents are read here, model calls answered by the backends that can be called, or by the `simulated`
 * one when none can.
 */
export const layerWith = (options: Options = {}) =>
  Layer.unwrap(
    Effect.map(configured(options), (found) => Layer.provide(running(found), resources(found.options)))
  ).pipe(Layer.provide(platform))

/** `layerWith` and its defaults: the configuration of the working directory. */
export const layer = layerWith()
