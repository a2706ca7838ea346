import type { Connection } from "../../config/Connection.ts"
import type { ProviderMetadata } from "../../failure/Metadata.ts"
import * as ConnectionFailure from "./ConnectionFailure.ts"
import * as HttpError from "./HttpError.ts"
import { ProviderError } from "./ProviderError.ts"
import * as Reported from "./Reported.ts"
import type { Header } from "./RetryAfter.ts"

/**
 * What the official SDKs throw, as a `ProviderError`. They come from one generator, so that their errors have one shape, which is read
 * here without importing either of them.
 */
interface Thrown {
  readonly status?: unknown
  /** OpenAI: what the body has under `error`. Anthropic: the body. */
  readonly error?: unknown
  readonly headers?: unknown
}

const thrown = (cause: unknown): Thrown => typeof cause === "object" && cause !== null ? cause : {}

const isHeaders = (value: unknown): value is { readonly get: (name: string) => string | null } =>
  typeof value === "object" && value !== null && "get" in value && typeof value.get === "function"

const headerOf = ({ headers }: Thrown): Header => isHeaders(headers) ? (name) => headers.get(name) : () => undefined

/** `constructor.name`: only one of the SDKs sets `name`. */
const className = (cause: unknown): string => cause instanceof Error ? cause.constructor.name : typeof cause

/** For `Effect.tryPromise({ catch })` around a call of the openai or anthropic SDK. `provider` is the API's name, not the backend's. */
export const fromSdk = (provider: string, { scrub }: Pick<Connection, "scrub">) => (cause: unknown): ProviderError => {
  const sdkError = className(cause)
  const metadata: ProviderMetadata = { provider, sdkError }
  // What the engine says of text that is no JSON quotes it.
  if (cause instanceof SyntaxError) {
    return new ProviderError({ kind: "unreadable", metadata: { ...metadata, message: "the answer is not JSON" } })
  }
  const facts = thrown(cause)
  const body = facts.error ?? undefined
  const status = typeof facts.status === "number"
    ? facts.status
    : body === undefined
    ? undefined
    : Reported.statusOf(body)
  const thrownMessage = cause instanceof Error ? cause.message : ""
  if (status !== undefined) {
    return HttpError.refused({
      provider,
      sdkError,
      status,
      header: headerOf(facts),
      // Without a sentence of its own, the SDK's message is the whole body.
      ...(body === undefined ? { text: thrownMessage } : { body })
    }, scrub)
  }
  const connection = body === undefined ? ConnectionFailure.of(cause) : undefined
  const message = connection?.message ?? HttpError.sentence(body === undefined ? thrownMessage : "", scrub)
  return new ProviderError({
    kind: connection?.kind ?? "unknown",
    metadata: { ...metadata, ...(message === "" ? {} : { message }) },
    ...(body === undefined ? {} : { body })
  })
}
