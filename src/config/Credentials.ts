import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type { Family } from "../program/Models.ts"
import type { Backend, BackendModel } from "./Backends.ts"
import type { Connection, ModelWire } from "./Connection.ts"
import * as OllamaHost from "./OllamaHost.ts"
import * as Placeholder from "./Placeholder.ts"
import * as Scrub from "./Scrub.ts"

/**
 * What backends need before they can be called, looked up in the variables of a run. Each is asked for by itself: a key that is missing
 * only matters to whoever calls its backend.
 */
export interface Missing {
  /** One per placeholder that does not resolve: to set it is enough. */
  readonly variables: ReadonlyArray<string>
}

export interface Connections {
  readonly get: (backend: string) => Result.Result<Connection, Missing>
  /** Whether everything that the backend needs is there; what one of its models needs alone is not counted. */
  readonly isServing: (backend: Backend) => boolean
  /** What a model needs and has not got, beyond its backend's own. */
  readonly lackedBy: (model: BackendModel) => ReadonlyArray<string>
}

/** The backend that runs in this process. */
export const internal = "internal"

/** Whether the backend is called over the network with a key of the user's. */
export const needsKey = ({ apiKey, extra, name }: Backend): boolean =>
  name !== internal &&
  [apiKey, ...Object.values(extra)].some((text) => typeof text === "string" && Placeholder.isIn(text))

/** Whether `OLLAMA_HOST` can turn the backend on. */
export const isAtHost = ({ name }: Backend): boolean => name === "ollama"

const packagedOllama = "http://localhost:11434/v1"

/** The backends with what the variables say of them: `OLLAMA_HOST` turns the backend `ollama` on, and says where it is. */
export const configuredBy = (
  backends: ReadonlyArray<Backend>,
  variables: Placeholder.Variables
): ReadonlyArray<Backend> => {
  const endpoint = OllamaHost.endpoint(variables(OllamaHost.variable) ?? "")
  return endpoint === undefined ?
    backends :
    backends.map((backend) =>
      isAtHost(backend) && (!backend.isEnabled || backend.endpoint === packagedOllama)
        ? { ...backend, isEnabled: true, endpoint }
        : backend
    )
}

const resolveAll = (texts: ReadonlyArray<readonly [key: string, text: string]>, variables: Placeholder.Variables) => {
  const found = texts.map(([key, text]) => [key, Placeholder.resolve(text, variables)] as const)
  return {
    missing: found.flatMap(([, result]) => Result.isFailure(result) ? result.failure : []),
    values: new Map(found.flatMap(([key, result]) => Result.isSuccess(result) ? [[key, result.success.text]] : []))
  }
}

type Extra = Connection["extra"][string]

const isText = (value: unknown): value is string => typeof value === "string"
const isPlain = (value: unknown): value is boolean | number => typeof value === "boolean" || typeof value === "number"

const ownTexts = ({ apiKey, endpoint, extra }: Backend): ReadonlyArray<readonly [string, string]> =>
  Object.entries({ ...extra, api_key: apiKey, endpoint }).flatMap(([key, value]) => isText(value) ? [[key, value]] : [])

/** Without what does not resolve: a table of models has no model that lacks something. */
const wireOf = (
  { endpointPath, headers, model, rules, variant }: BackendModel,
  variables: Placeholder.Variables
): ModelWire => {
  const text = (written: string) => Result.getOrUndefined(Placeholder.resolve(written, variables))?.text
  const path = endpointPath === undefined ? undefined : text(endpointPath)
  return {
    modelId: text(model.modelId) ?? model.modelId,
    headers: Object.fromEntries(Array.from(
      resolveAll(Object.entries(headers), variables).values,
      ([key, value]) => [key, Redacted.make(value)] as const
    )),
    rules,
    ...(variant === undefined ? {} : { variant }),
    ...(path === undefined ? {} : { endpointPath: path })
  }
}

/** What the texts of a backend and of its models' headers come to, without the endpoint. */
const secretsOf = (backend: Backend, variables: Placeholder.Variables): ReadonlyArray<string> => {
  const own = resolveAll(ownTexts(backend), variables).values
  const headers = backend.models.flatMap((each) => Object.entries(each.headers))
  return [
    ...Array.from(own).flatMap(([key, value]) => key === "endpoint" ? [] : [value]),
    ...headers.flatMap(([, written]) => resolveAll([["", written]], variables).values.get("") ?? [])
  ]
}

/** Blanks the secrets of all these backends, those that serve and those that do not. */
export const scrubber = (
  { backends }: { readonly backends: ReadonlyArray<Backend> },
  variables: Placeholder.Variables
): Connection["scrub"] => Scrub.scrubber(backends.flatMap((backend) => secretsOf(backend, variables)))

const connect = (backend: Backend, variables: Placeholder.Variables): Result.Result<Connection, Missing> => {
  const { missing, values } = resolveAll(ownTexts(backend), variables)
  if (missing.length > 0) return Result.fail({ variables: Array.from(new Set(missing)) })
  const endpoint = values.get("endpoint")
  const apiKey = values.get("api_key")
  const scrub = Scrub.scrubber(secretsOf(backend, variables))
  const known = new Map<string, BackendModel>(
    backend.models.map((each) => [JSON.stringify([each.model.family, each.model.handle]), each])
  )
  const extra = Object.entries(backend.extra).flatMap(([key, value]): ReadonlyArray<readonly [string, Extra]> => {
    const text = values.get(key)
    return text !== undefined ? [[key, Redacted.make(text)]] : isPlain(value) ? [[key, value]] : []
  })
  return Result.succeed({
    backend: backend.name,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(apiKey === undefined || apiKey === ""
      ? {}
      : { apiKey: Redacted.make(apiKey, { label: `key of ${backend.name}` }) }),
    extra: Object.fromEntries(extra),
    model: (family: Family, handle: string) => {
      const found = known.get(JSON.stringify([family, handle]))
      return found === undefined ? { modelId: handle, headers: {}, rules: {} } : wireOf(found, variables)
    },
    scrub
  })
}

/** The connections of a run. `variables` is asked when a backend is, so nothing is read that nobody needs. */
export const connections = (
  { backends }: { readonly backends: ReadonlyArray<Backend> },
  variables: Placeholder.Variables
): Connections => {
  const known = new Map(configuredBy(backends, variables).map((backend) => [backend.name, backend]))
  return {
    get: (name) => {
      const backend = known.get(name)
      return backend === undefined ? Result.fail({ variables: [] }) : connect(backend, variables)
    },
    isServing: (backend) => resolveAll(ownTexts(backend), variables).missing.length === 0,
    lackedBy: ({ endpointPath, headers, model }) =>
      resolveAll(
        Object.entries({ ...headers, "": model.modelId, " ": endpointPath }).flatMap(([key, text]) =>
          text === undefined ? [] : [[key, text] as const]
        ),
        variables
      ).missing
  }
}
