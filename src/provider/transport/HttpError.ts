import { isArray, isObject, type JsonObject, own } from "../../concept/Json.ts"
import type { Connection } from "../../config/Connection.ts"
import { ProviderError } from "./ProviderError.ts"
import * as RetryAfter from "./RetryAfter.ts"

/**
 * An HTTP answer that is a refusal, as a `ProviderError`: the same facts of every provider, whoever read the answer. Of the body nothing
 * travels but the provider's own sentence and its code.
 */
export interface Refusal {
  /** The API's name, not the backend's. */
  readonly provider: string
  /** Class name of the error that the transport made of it. */
  readonly sdkError: string
  readonly status: number
  readonly header: RetryAfter.Header
  /** As parsed, where it is JSON. */
  readonly body?: unknown
  /** What there is to say when the body has no sentence. */
  readonly text?: string
}

const longestMessage = 500

/** A provider's sentence, fit to be shown: no secret, on one line, no longer than it is worth. */
export const sentence = (text: string, scrub: Connection["scrub"]): string => {
  const clean = scrub(text).replaceAll(/[\p{Cc}\s]+/gu, " ").trim()
  return clean.length > longestMessage ? `${clean.slice(0, longestMessage - 1)}…` : clean
}

const textOf = (object: JsonObject, key: string): string | undefined => {
  const value = own(object, key)
  return typeof value === "string" && value.trim() !== "" ? value : undefined
}

/** The error in a body, which holds it under `error`, in a list of one, or is it. */
export const errorOf = (body: unknown): JsonObject => {
  const outer = Array.isArray(body) ? body[0] : body
  if (!isJsonObject(outer)) return {}
  const inner = own(outer, "error")
  return isObject(inner) ? inner : outer
}

const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** `type` (OpenAI, Anthropic), else `code` (Linkup, flat bodies), else `status` (Google, whose code is the HTTP status again). */
const providerCode = (error: JsonObject): string | undefined => {
  const named = textOf(error, "type") ?? textOf(error, "code") ?? textOf(error, "status")
  // The envelope's own type says nothing.
  return named === "error" ? undefined : named
}

const said = (body: unknown, error: JsonObject): string | undefined =>
  textOf(error, "message") ?? (isJsonObject(body) ? textOf(body, "detail") ?? textOf(body, "error") : undefined)

/** What Google attaches to a refusal says after how many seconds to come back. */
const attachedDelay = (error: JsonObject): number | undefined => {
  const details = own(error, "details")
  if (!isArray(details)) return undefined
  const delays = details.filter(isObject).map((detail) => /^(\d+(?:\.\d+)?)s$/.exec(textOf(detail, "retryDelay") ?? ""))
  const seconds = delays.flatMap((found) => found === null ? [] : Number(found[1]))
  return seconds.find(Number.isFinite)
}

const requestIds = [
  "x-request-id",
  "request-id",
  "x-ms-request-id",
  "apim-request-id",
  "x-fal-request-id",
  "x-portkey-trace-id"
]

const requestId = (header: RetryAfter.Header, body: unknown): string | undefined =>
  requestIds.map(header).find((id) => typeof id === "string" && id !== "") ??
    (isJsonObject(body) ? textOf(body, "request_id") : undefined)

const asked: Readonly<Record<string, boolean>> = { true: true, false: false }

/** The provider's clock where it shows one, so that a wrong one here does no harm; there is no Effect, hence no `Clock`, to read ours. */
const nowMillis = (header: RetryAfter.Header): number => {
  const shown = Date.parse(header("date") ?? "")
  return Number.isNaN(shown) ? Date.now() : shown
}

/** What is known of the refusal. */
export const refused = (
  { body, header, provider, sdkError, status, text }: Refusal,
  scrub: Connection["scrub"]
): ProviderError => {
  const error = errorOf(body)
  const code = providerCode(error)
  const message = sentence(said(body, error) ?? text ?? "", scrub)
  const id = requestId(header, body)
  const retryAfterSeconds = RetryAfter.seconds(header, nowMillis(header)) ?? attachedDelay(error)
  const shouldRetry = own(asked, (header("x-should-retry") ?? "").trim().toLowerCase())
  return new ProviderError({
    kind: "status",
    metadata: {
      provider,
      sdkError,
      status,
      ...(message === "" ? {} : { message }),
      ...(id === undefined || id === null ? {} : { requestId: sentence(id, scrub) }),
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
      ...(code === undefined ? {} : { providerCode: sentence(code, scrub) })
    },
    ...(body === undefined ? {} : { body }),
    ...(shouldRetry === undefined ? {} : { shouldRetry })
  })
}
