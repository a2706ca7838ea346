import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { own } from "../concept/Json.ts"
import type { Backend } from "../config/Backends.ts"
import type { Connection } from "../config/Connection.ts"
import { fail, type PipeFailure } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import { classify } from "./classify/Classify.ts"
import * as Google from "./google/Api.ts"
import * as Mistral from "./mistral/Api.ts"
import * as JsonApi from "./transport/JsonApi.ts"
import { ProviderError } from "./transport/ProviderError.ts"

/** What a provider itself says it has: one request, which also tells whether it can be reached and takes the key. */
export interface Listed {
  readonly id: string
  /** Day, as `YYYY-MM-DD`. */
  readonly created?: string
  readonly owner?: string
}

const Named = Schema.Struct({
  id: Schema.optionalKey(Schema.String),
  /** Google's `models/…`. */
  name: Schema.optionalKey(Schema.String),
  /** Seconds since the epoch. */
  created: Schema.optionalKey(Schema.NullOr(Schema.Finite)),
  created_at: Schema.optionalKey(Schema.NullOr(Schema.Union([Schema.String, Schema.Finite]))),
  owned_by: Schema.optionalKey(Schema.NullOr(Schema.String))
})

const Answer = Schema.Struct({
  data: Schema.optionalKey(Schema.Array(Named)),
  models: Schema.optionalKey(Schema.Array(Named))
})

/** How a provider is asked. */
interface Speech {
  readonly provider: string
  readonly endpoint: string
  readonly path: (connection: Connection) => string
  readonly headers: (key: string, connection: Connection) => Readonly<Record<string, string>>
}

/** What the backend's table says besides, when it is a text. */
const extra = ({ extra: said }: Connection, key: string): string | undefined => {
  const value = own(said, key)
  return Redacted.isRedacted(value) ? Redacted.value(value) : undefined
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` })

const openai: Speech = {
  provider: "openai",
  endpoint: "https://api.openai.com/v1",
  path: () => "/models",
  headers: bearer
}

/** With an `api_version` it is a resource of Azure; Azure's versionless API is asked like any other server. */
const azure: Speech = {
  ...openai,
  path: (connection) => {
    const version = extra(connection, "api_version")
    return version === undefined ? "/models" : `/openai/models?api-version=${encodeURIComponent(version)}`
  },
  headers: (key, connection) => extra(connection, "api_version") === undefined ? bearer(key) : { "api-key": key }
}

const spoken = ({ endpoint, key, provider }: JsonApi.Spoken, path: string): Speech => ({
  provider,
  endpoint,
  path: () => path,
  headers: (secret) => Object.fromEntries([key(secret)])
})

const speeches: Readonly<Record<string, Speech>> = {
  openai,
  openai_responses: openai,
  openai_img_gen: openai,
  azure_openai: azure,
  azure_openai_responses: azure,
  anthropic: {
    provider: "anthropic",
    endpoint: "https://api.anthropic.com",
    path: () => "/v1/models?limit=1000",
    headers: (key, connection) => ({
      [extra(connection, "auth_header") ?? "x-api-key"]: key,
      "anthropic-version": "2023-06-01"
    })
  },
  mistral: spoken(Mistral.api, "/models"),
  google: spoken(Google.api, "/models?pageSize=1000")
}

/** The adapter by which a backend is asked for its models; nothing when its provider has no list of them. */
export const sdkOf = ({ models }: Pick<Backend, "models">): string | undefined =>
  models.map(({ model }) => model.sdk).find((sdk) => Object.hasOwn(speeches, sdk))

const day = ({ created, created_at: at }: typeof Named.Type): string | undefined => {
  const written = created ?? at
  if (written === undefined || written === null) return undefined
  const date = new Date(typeof written === "number" ? written * 1000 : written)
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString().slice(0, 10)
}

const listed = (model: typeof Named.Type): ReadonlyArray<Listed> => {
  const id = model.id ?? model.name?.replace(/^models\//, "")
  const created = day(model)
  return id === undefined ? [] : [{
    id,
    ...(created === undefined ? {} : { created }),
    ...(typeof model.owned_by === "string" ? { owner: model.owned_by } : {})
  }]
}

/** Lists the models of a backend. Sends one request, and repeats none. */
export const list = Effect.fn("Catalogue.list")(function*(
  connection: Connection,
  sdk: string,
  fetch: typeof globalThis.fetch,
  timeoutSeconds: number
) {
  const speech = speeches[sdk] ?? openai
  const { apiKey, endpoint = speech.endpoint, scrub } = connection
  const headers = apiKey === undefined ? {} : speech.headers(Redacted.value(apiKey), connection)
  const api = JsonApi.make({
    provider: speech.provider,
    fetch,
    baseUrl: endpoint,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Redacted.make(value)])),
    scrub
  })
  const answer = yield* JsonApi.get(api, speech.path(connection), { timeoutSeconds })
  const { data = [], models = [] } = yield* Effect.mapError(
    Schema.decodeUnknownEffect(Answer)(answer),
    () => new ProviderError({ kind: "unreadable", metadata: { provider: speech.provider } })
  )
  return [...data, ...models].flatMap(listed).toSorted((a, b) => a.id < b.id ? -1 : 1)
})

const refused: Readonly<Record<number, string>> = {
  401: "it refuses the key",
  403: "it refuses the key",
  404: "it has no list of its models at this endpoint",
  429: "it has had too many requests"
}

const byKind: Readonly<Record<ProviderError["kind"], (error: ProviderError) => string>> = {
  status: ({ metadata: { status = 0 } }) => `${refused[status] ?? "it fails"} (HTTP ${status})`,
  not_sent: ({ metadata: { message } }) => `it cannot be reached${message === undefined ? "" : ` (${message})`}`,
  network: ({ metadata: { message } }) => `it cannot be reached${message === undefined ? "" : ` (${message})`}`,
  timeout: () => "it gives no answer in time",
  unreadable: () => "its answer is no list of models",
  credentials: () => "it needs a key",
  unknown: ({ metadata: { message } }) => message ?? "it cannot be asked"
}

/** Why a provider gave no list, in a few words. */
export const explain = (error: ProviderError): string => byKind[error.kind](error)

/** The same as a failure: what any request would come to, unless it is only the list that is missing. */
export const failure = (error: ProviderError, backend: string): PipeFailure => {
  const { metadata } = error
  return fail(
    metadata.status === 404 || error.kind === "unreadable"
      ? new Reason.ResponseInvalid({ provider: backend, metadata, defect: explain(error), category: "unknown" })
      : classify(error, { family: "llm", backend })
  )
}
