import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Configuration from "../config/Configuration.ts"
import * as Pdf from "../document/Pdf.ts"
import { Leaves } from "../program/Leaves.ts"
import { PipeRunner } from "../program/PipeRunner.ts"
import * as Files from "../provider/Files.ts"
import * as Handlers from "../provider/Handlers.ts"
import type { HostFunctions } from "../provider/HostFunctions.ts"
import * as Serving from "../provider/Serving.ts"
import * as Storage from "../storage/Storage.ts"
import * as InputFiles from "./InputFiles.ts"
import { prepare, type Preparing } from "./Prepare.ts"
import * as Runner from "./Runner.ts"

/** How a run in this process is set up. Everything has a default. */
export interface Options extends Partial<Pick<Preparing, "models" | "settings" | "scope">> {
  readonly functions?: HostFunctions
  /** Folder that relative file paths of inputs start from. Default: the working directory. */
  readonly base?: string
  /** Folders that may be read. Default: any. */
  readonly readableFolders?: ReadonlyArray<string>
  /** Where artefacts go: a folder, or memory. Default: `.pipelex/storage`. */
  readonly storage?: "memory" | { readonly directory: string }
}

const platform = Layer.mergeAll(NodeFileSystem.layer, NodePath.layer)

const storageLayer = ({ storage }: Options) =>
  storage === "memory"
    ? Storage.layerMemory
    : Layer.provide(Storage.layerLocal(storage ?? { directory: Storage.defaultDirectory }), platform)

const configured = (options: Options) =>
  options.models !== undefined && options.settings !== undefined
    ? Effect.succeed({ models: options.models, settings: options.settings })
    : Effect.map(Configuration.loadFrom(options.base ?? "."), ({ models, settings }) => ({
      models: options.models ?? Serving.live(models),
      settings: options.settings ?? settings
    }))

/** What the handlers of the leaves need: files, artefacts, documents. */
export const resources = (options: Options = {}) =>
  Layer.provideMerge(
    Files.layer({
      ...(options.base === undefined ? {} : { base: options.base }),
      ...(options.readableFolders === undefined ? {} : { scope: options.readableFolders })
    }),
    Layer.mergeAll(storageLayer(options), Pdf.layer, platform)
  )

/** Runs pipes in this process: documents read here, model calls answered by the `simulated` backend. */
export const layerWith = (options: Options = {}) =>
  Layer.effectContext(Effect.gen(function*() {
    const { models, settings } = yield* configured(options)
    const functions = options.functions ?? {}
    const answering = yield* Handlers.make({ functions })
    const services = yield* Effect.context<Files.Files | Storage.Storage>()
    const preparing: Preparing = {
      models,
      settings,
      functions: new Set(Object.keys(functions)),
      ...(options.scope === undefined ? {} : { scope: options.scope }),
      lookAtFiles: (concepts, memory, runId) =>
        Effect.provideContext(InputFiles.prepare(concepts, memory, runId), services)
    }
    return Context.make(Leaves, answering).pipe(Context.add(PipeRunner, Runner.make(answering, prepare(preparing))))
  })).pipe(Layer.provide(resources(options)))

/** `layerWith` and its defaults: the configuration of the working directory. */
export const layer = layerWith()
