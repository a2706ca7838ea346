import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { Connection } from "../../config/Connection.ts"
import type { ProviderMetadata } from "../../failure/Metadata.ts"
import * as ConnectionFailure from "./ConnectionFailure.ts"
import * as HttpError from "./HttpError.ts"
import { ProviderError } from "./ProviderError.ts"

/**
 * JSON over plain HTTP, for the APIs that are called without an SDK: one request per call, nothing repeated, no redirect followed, every
 * failure a `ProviderError`. Interrupting a call closes its request.
 */
export interface JsonApi {
  /** The API's name in failures, not the backend's. */
  readonly provider: string
  readonly fetch: typeof globalThis.fetch
  readonly baseUrl: string
  /** Sent with every request. */
  readonly headers: Headers
  readonly scrub: Connection["scrub"]
}

export type Headers = Readonly<Record<string, Redacted.Redacted | string>>

export interface Options {
  /** On top of the API's own, which they beat. */
  readonly headers?: Headers
  /** From the request to the last byte of its answer. */
  readonly timeoutSeconds: number
}

/** An API without trailing slashes to its address. */
export const make = (api: JsonApi): JsonApi => ({ ...api, baseUrl: api.baseUrl.replace(/\/+$/, "") })

/** A provider's API: where it is unless a backend says otherwise, and how a key is shown to it. */
export interface Spoken {
  readonly provider: string
  readonly endpoint: string
  readonly key: (key: string) => readonly [header: string, value: string]
}

/** The key as a token of the `Authorization` header. */
export const bearer: Spoken["key"] = (key) => ["authorization", `Bearer ${key}`]

/** The API as a backend reaches it. */
export const of = (
  { connection: { apiKey, endpoint, scrub }, fetch }: {
    readonly connection: Pick<Connection, "apiKey" | "endpoint" | "scrub">
    readonly fetch: JsonApi["fetch"]
  },
  spoken: Spoken
): JsonApi => {
  const shownKey = apiKey === undefined ? undefined : spoken.key(Redacted.value(apiKey))
  return make({
    provider: spoken.provider,
    fetch,
    baseUrl: endpoint ?? spoken.endpoint,
    headers: shownKey === undefined ? {} : { [shownKey[0]]: Redacted.make(shownKey[1]) },
    scrub
  })
}

const shown = (headers: Headers): ReadonlyArray<readonly [string, string]> =>
  Object.entries(headers).map(([name, value]) => [
    name.toLowerCase(),
    typeof value === "string" ? value : Redacted.value(value)
  ])

/** A form names its own type, with the boundary in it. */
const contentType = (body: unknown): Headers =>
  body === undefined || body instanceof FormData ? {} : { "content-type": "application/json" }

const failed = ({ provider, scrub }: JsonApi) => (cause: unknown): ProviderError => {
  const sdkError = cause instanceof Error ? cause.constructor.name : typeof cause
  const metadata: ProviderMetadata = { provider, sdkError }
  const connection = ConnectionFailure.of(cause)
  if (connection !== undefined) {
    return new ProviderError({ kind: connection.kind, metadata: { ...metadata, message: connection.message } })
  }
  const message = HttpError.sentence(cause instanceof Error ? cause.message : "", scrub)
  return new ProviderError({ kind: "unknown", metadata: { ...metadata, ...(message === "" ? {} : { message }) } })
}

const parse = (text: string): { readonly json: unknown } | undefined => {
  try {
    return { json: JSON.parse(text) }
  } catch {
    return undefined
  }
}

const unreadable = ({ provider }: JsonApi): ProviderError =>
  new ProviderError({
    kind: "unreadable",
    metadata: { provider, sdkError: "SyntaxError", message: "the answer is not JSON" }
  })

const late = ({ provider }: JsonApi, seconds: number): ProviderError =>
  new ProviderError({
    kind: "timeout",
    metadata: { provider, sdkError: "TimeoutError", message: `no answer within ${seconds} seconds` }
  })

type Method = "GET" | "POST" | "PUT" | "DELETE"

/** The other methods may be answered with nothing at all. */
const answersWithJson: ReadonlySet<Method> = new Set<Method>(["GET", "POST"])

const read = (
  api: JsonApi,
  method: Method,
  response: Response,
  text: string
): Effect.Effect<unknown, ProviderError> => {
  const parsed = parse(text)
  if (response.ok) {
    if (text === "" && !answersWithJson.has(method)) return Effect.succeed(null)
    return parsed === undefined ? Effect.fail(unreadable(api)) : Effect.succeed(parsed.json)
  }
  return Effect.fail(HttpError.refused({
    provider: api.provider,
    sdkError: "HttpError",
    status: response.status,
    header: (name) => response.headers.get(name),
    ...(parsed === undefined ? { text } : { body: parsed.json })
  }, api.scrub))
}

const call = Effect.fnUntraced(function*(
  api: JsonApi,
  method: Method,
  path: string,
  body: object | undefined,
  { headers = {} }: Options
) {
  const [response, text] = yield* Effect.tryPromise({
    try: (signal) =>
      api.fetch(`${api.baseUrl}${path}`, {
        method,
        signal,
        redirect: "manual",
        headers: Object.fromEntries([
          ["accept", "application/json"],
          ["user-agent", "pipelex"],
          ...shown(contentType(body)),
          ...shown(api.headers),
          ...shown(headers)
        ]),
        ...(body === undefined ? {} : { body: body instanceof FormData ? body : JSON.stringify(body) })
      }).then((answer) => answer.text().then((whole) => [answer, whole] as const)),
    catch: failed(api)
  })
  return yield* read(api, method, response, text)
}, (self, api, _method, _path, _body, { timeoutSeconds }) =>
  Effect.timeoutOrElse(self, {
    duration: Duration.seconds(timeoutSeconds),
    orElse: () => Effect.fail(late(api, timeoutSeconds))
  }))

/** Posts JSON, or a form. */
export const post = (
  api: JsonApi,
  path: string,
  body: object,
  options: Options
): Effect.Effect<unknown, ProviderError> => call(api, "POST", path, body, options)

export const get = (api: JsonApi, path: string, options: Options): Effect.Effect<unknown, ProviderError> =>
  call(api, "GET", path, undefined, options)

/** A `PUT` without a body, for addresses that are asked to do something; `null` when the answer is empty. */
export const put = (api: JsonApi, path: string, options: Options): Effect.Effect<unknown, ProviderError> =>
  call(api, "PUT", path, undefined, options)

/** A `DELETE`; `null` when the answer is empty. */
export const remove = (api: JsonApi, path: string, options: Options): Effect.Effect<unknown, ProviderError> =>
  call(api, "DELETE", path, undefined, options)
