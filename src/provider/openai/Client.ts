import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { AzureOpenAI } from "openai/azure"
import { OpenAI } from "openai/client"
import { APIConnectionTimeoutError } from "openai/core/error"
import type { Connection, InferenceOptions, ModelWire } from "../../config/Connection.ts"
import type { AdapterContext } from "../Adapter.ts"
import { ProviderError } from "../transport/ProviderError.ts"
import * as Reported from "../transport/Reported.ts"
import { fromSdk } from "../transport/SdkError.ts"
import { within } from "../transport/Within.ts"
import * as Sender from "./Sender.ts"

/**
 * The official SDK as adapters use it: one request per call, no retry, no log, nothing taken from the environment. Bodies are posted by
 * their path, since OpenAI-compatible servers are promised the body that was made here, and answers are checked by who reads them.
 */
const text = ({ extra }: Connection, key: string): string | undefined => {
  const value = Object.hasOwn(extra, key) ? extra[key] : undefined
  return Redacted.isRedacted(value) ? Redacted.value(value) : undefined
}

/** What failures call this API, whoever serves it. */
export const provider = "openai"

/** The SDK wants a key; servers that need none (Ollama) are sent this. */
const dummyKey = "unused"

const limit = ({ requestTimeoutSeconds: seconds }: InferenceOptions): number => Math.ceil(seconds * 1000)

/** Drops the headers that the SDK takes from `OPENAI_CUSTOM_HEADERS`: meant for one provider, they would go to every compatible one. */
const closed = (made: OpenAI): OpenAI => {
  delete made["_options"].defaultHeaders
  return made
}

/**
 * The client of a backend. One with an `api_version` is an Azure resource, called by its deployments and with its own key header; Azure's
 * versionless API is called like any other server.
 */
export const client = ({ connection, fetch, inference }: AdapterContext): OpenAI => {
  const { apiKey, endpoint } = connection
  const apiVersion = text(connection, "api_version")
  const options = {
    apiKey: apiKey === undefined ? dummyKey : Redacted.value(apiKey),
    adminAPIKey: null,
    organization: text(connection, "organization") ?? null,
    project: text(connection, "project") ?? null,
    webhookSecret: null,
    maxRetries: 0,
    timeout: limit(inference),
    fetch,
    logLevel: "off"
  } as const
  return closed(
    apiVersion === undefined || endpoint === undefined
      ? new OpenAI({ ...options, baseURL: endpoint ?? null })
      : new AzureOpenAI({ ...options, baseURL: null, endpoint, apiVersion })
  )
}

/**
 * Posts a JSON body, and reads the answer. One that reports an error fails as that error; one that does not fit what is read of it, is not
 * what the API promises.
 */
export type Post<Answer> = (
  path: string,
  body: object,
  headers: ModelWire["headers"]
) => Effect.Effect<Answer, ProviderError>

const unreadable = (): ProviderError =>
  new ProviderError({ kind: "unreadable", metadata: { provider, message: "the answer is not what the API promises" } })

/** How an adapter sends its requests. Interrupting one closes it. */
export const posting = <Answer>(context: AdapterContext, answer: Schema.Codec<Answer, unknown>): Post<Answer> => {
  const send = Sender.make(client(context), context.fetch)
  const millis = limit(context.inference)
  const failed = fromSdk(provider, context.connection)
  const decode = Schema.decodeUnknownEffect(answer)
  const read = (sent: unknown): Effect.Effect<Answer, ProviderError> => {
    const reported = Reported.inAnswer(provider, sent, context.connection)
    return reported === undefined ? Effect.mapError(decode(sent), unreadable) : Effect.fail(reported)
  }
  return (path, body, headers) =>
    Effect.flatMap(
      within(millis, {
        run: (signal) => send(path, body, headers, signal),
        late: () => new APIConnectionTimeoutError(),
        failed
      }),
      read
    )
}
