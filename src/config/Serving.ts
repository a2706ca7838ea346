import * as Result from "effect/Result"
import type { Model, ModelTable } from "../program/Models.ts"
import type { Backend, BackendModel } from "./Backends.ts"
import * as Credentials from "./Credentials.ts"
import * as OllamaHost from "./OllamaHost.ts"
import type { Variables } from "./Placeholder.ts"
import * as Routing from "./Routing.ts"

/** Which models there are: for a verdict, all that an enabled backend has; for a live run, those that can be called from here. */
export interface Inference {
  readonly backends: ReadonlyArray<Backend>
  readonly profile: Routing.Profile
  readonly decks: ModelTable["decks"]
  readonly isFallbackEnabled: boolean
}

/** The model table. `isServing` leaves out backends whose credentials do not resolve. */
export const models = (inference: Inference, isServing?: (backend: Backend) => boolean): ModelTable => {
  const routed = Routing.route(inference.profile, inference.backends, isServing)
  return {
    models: routed.models.map(({ model }) => model),
    unserved: routed.unserved,
    decks: inference.decks,
    isFallbackEnabled: inference.isFallbackEnabled
  }
}

/** What a live run in this process works with. */
export interface Live {
  readonly models: ModelTable
  readonly connections: Credentials.Connections
  /** Nothing on the network can be called, or nothing is wanted: model calls are answered by the `simulated` backend. */
  readonly isSimulated: boolean
}

export interface Asking {
  readonly variables: Variables
  /** Whether this runtime can speak to the model. */
  readonly isAdapted: (model: Pick<Model, "family" | "sdk">) => boolean
  /** The one backend that answers every model call, whatever the routing says: `simulated`, or one of `backends.toml`. */
  readonly backend?: string | undefined
}

export const simulated = "simulated"

/** Whether the backend is called over a network, rather than run in this process. */
export const isNetwork = ({ name }: Backend): boolean => name !== Credentials.internal

/** What one may name as the backend that answers everything. */
export const selectable = ({ backends }: Pick<Inference, "backends">): ReadonlyArray<string> => [
  simulated,
  ...backends.filter(isNetwork).map(({ name }) => name)
]

/** The chosen backend alone, beside what runs in this process. */
const only = (inference: Inference, name: string): Inference => ({
  ...inference,
  backends: inference.backends.map((backend) => ({
    ...backend,
    isEnabled: backend.name === name || (!isNetwork(backend) && backend.isEnabled)
  })),
  profile: { name: `all_${name}`, description: name, defaultBackend: name, routes: [], optionalRoutes: [] }
})

const lackingOf = (
  { backends }: Inference,
  { get, lackedBy }: Credentials.Connections,
  table: ModelTable
): Pick<ModelTable, "lacking" | "unserved"> => {
  const served = new Set(table.models.map(({ handle }) => handle))
  const lacks = backends.filter(({ isEnabled }) => isEnabled).toReversed().flatMap((backend) => {
    const found = get(backend.name)
    const own = Result.isFailure(found) ? found.failure.variables : []
    return backend.models.filter(({ model }) => !served.has(model.handle)).flatMap((each) => {
      const variables = Array.from(new Set([...own, ...lackedBy(each)]))
      return variables.length === 0 ? [] : [{ handle: each.model.handle, backend: backend.name, variables }]
    })
  })
  return {
    lacking: Object.fromEntries(lacks.map(({ handle, variables }) => [handle, variables])),
    unserved: { ...table.unserved, ...Object.fromEntries(lacks.map(({ backend, handle }) => [handle, backend])) }
  }
}

const keeping = (inference: Inference, keep: (model: BackendModel, backend: Backend) => boolean): Inference => {
  const kept = (backend: Backend): Backend => ({
    ...backend,
    models: backend.models.filter((model) => keep(model, backend))
  })
  return { ...inference, backends: inference.backends.map(kept) }
}

/**
 * A live run's table: a backend without its credentials, and a model that nothing here can speak to, serve no waterfall, wildcard or
 * default. With `simulated` every model counts as there, except extractors: documents are read for real, by what runs in this process.
 */
export const live = (configured: Inference, { backend, isAdapted, variables }: Asking): Live => {
  const backends = Credentials.configuredBy(configured.backends, variables)
  const inference = keeping({ ...configured, backends }, ({ model }) => isAdapted(model))
  const wanted = backend === undefined || backend === simulated ? inference : only(inference, backend)
  const connections = Credentials.connections(wanted, variables)
  const canCall = (each: Backend) => each.isEnabled && each.models.length > 0 && connections.isServing(each)
  const isSimulated = backend === simulated ||
    (backend === undefined && !wanted.backends.some((each) => isNetwork(each) && canCall(each)))
  const table = isSimulated
    ? models(keeping(configured, ({ model }, each) => !isNetwork(each) || model.family !== "text_extractor"))
    : models(keeping(wanted, (model) => connections.lackedBy(model).length === 0), canCall)
  return { models: { ...table, ...lackingOf(wanted, connections, table) }, connections, isSimulated }
}

/**
 * A durable run's table, as its submitter resolves it. Where nothing can be called from here the keys are the workers' own: every enabled
 * backend counts, and nothing is simulated unless that was asked for.
 */
export const durable = (configured: Inference, asking: Asking): Live => {
  const { backend, isAdapted, variables } = asking
  const found = live(configured, asking)
  const network = new Set(configured.backends.filter(isNetwork).map(({ name }) => name))
  if (backend === simulated || found.models.models.some((model) => !found.isSimulated && network.has(model.backend))) {
    return found
  }
  const backends = Credentials.configuredBy(configured.backends, variables)
  const adapted = keeping({ ...configured, backends }, ({ model }) => isAdapted(model))
  return { ...found, models: models(backend === undefined ? adapted : only(adapted, backend)), isSimulated: false }
}

/** What would enable a backend. */
export interface Enabling {
  /** As it is shown. */
  readonly backend: string
  readonly variables: ReadonlyArray<string>
  /** It needs no key, but a server. */
  readonly isLocal: boolean
}

/** What to set for the backends that answer language models and cannot yet, in the order of their file. */
export const enabling = ({ backends }: Inference, variables: Variables): ReadonlyArray<Enabling> => {
  const { get } = Credentials.connections({ backends }, variables)
  return backends.filter(({ models: all }) => all.some(({ model }) => model.family === "llm")).flatMap(
    (each): ReadonlyArray<Enabling> => {
      const backend = each.displayName ?? each.name
      if (Credentials.isAtHost(each) && !each.isEnabled) {
        return [{ backend, variables: [OllamaHost.variable], isLocal: true }]
      }
      const found = get(each.name)
      return each.isEnabled && Result.isFailure(found)
        ? [{ backend, variables: found.failure.variables, isLocal: false }]
        : []
    }
  )
}
