import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type { Connection } from "../config/Connection.ts"
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

interface Speech {
  readonly provider: string
  readonly endpoint: string
  readonly path: string
  readonly headers: (key: string) => Readonly<Record<string, string>>
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` })

const openai: Speech = { provider: "openai", endpoint: "https://api.openai.com/v1", path: "/models", headers: bearer }

const speeches: Readonly<Record<string, Speech>> = {
  openai,
  openai_responses: openai,
  openai_img_gen: openai,
  anthropic: {
    provider: "anthropic",
    endpoint: "https://api.anthropic.com",
    path: "/v1/models?limit=1000",
    headers: (key) => ({ "x-api-key": key, "anthropic-version": "2023-06-01" })
  },
  mistral: { provider: "mistral", endpoint: "https://api.mistral.ai/v1", path: "/models", headers: bearer },
  google: {
    provider: "google",
    endpoint: "https://generativelanguage.googleapis.com/v1beta",
    path: "/models?pageSize=1000",
    headers: (key) => ({ "x-goog-api-key": key })
  }
}

/** Whether the provider behind an adapter has a list of its models. */
export const isListed = (sdk: string): boolean => Object.hasOwn(speeches, sdk)

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
  const headers = apiKey === undefined ? {} : speech.headers(Redacted.value(apiKey))
  const api = JsonApi.make({
    provider: speech.provider,
    fetch,
    baseUrl: endpoint,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Redacted.make(value)])),
    scrub
  })
  const answer = yield* JsonApi.get(api, speech.path, { timeoutSeconds })
  const { data = [], models = [] } = yield* Effect.mapError(
    Schema.decodeUnknownEffect(Answer)(answer),
    () => new ProviderError({ kind: "unreadable", metadata: { provider: speech.provider } })
  )
  return [...data, ...models].flatMap(listed).toSorted((a, b) => a.id < b.id ? -1 : 1)
})
