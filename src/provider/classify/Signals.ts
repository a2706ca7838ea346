import { isArray, isObject, type JsonObject, own, textOf } from "../../concept/Json.ts"
import { errorOf } from "../transport/HttpError.ts"
import type { ProviderError } from "../transport/ProviderError.ts"

/** What in an error tells that it is about quota, policy or the size of the prompt, where the status alone does not. */
const holds = (text: string, patterns: ReadonlyArray<string>): boolean => {
  const lower = text.toLowerCase()
  return patterns.some((pattern) => lower.includes(pattern))
}

const bodyText = ({ body }: ProviderError): string =>
  body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body)

/** The provider's own sentence; `message` may be shortened, so the body is looked at too. */
const said = (error: ProviderError): string => `${error.metadata.message ?? ""}\n${bodyText(error)}`

const codes = ({ body, metadata: { providerCode = "" } }: ProviderError): ReadonlyArray<string> => {
  const error = errorOf(body)
  return [providerCode, textOf(error, "code"), textOf(error, "type")]
}

interface Vocabulary {
  /** Enough by themselves, whatever the status. */
  readonly always?: ReadonlyArray<string>
  /** Only said of quotas with status 429. */
  readonly when429?: ReadonlyArray<string>
  readonly codes?: ReadonlyArray<string>
}

const vocabularies: Readonly<Record<string, Vocabulary>> = {
  openai: { always: ["insufficient_quota", "exceeded your current quota"] },
  anthropic: {
    always: [
      "quota exceeded",
      "quota has been",
      "credit balance",
      "out of credits",
      "insufficient credit",
      "billing limit",
      "billing issue"
    ],
    codes: ["billing_error"]
  },
  mistral: { when429: ["quota", "billing limit", "billing quota", "out of credits", "insufficient credits"] },
  gateway: {
    when429: [
      "quota",
      "billing limit",
      "billing quota",
      "insufficient_quota",
      "insufficient credit",
      "insufficient funds",
      "insufficient balance",
      "credits exhausted"
    ]
  },
  bedrock: { always: ["quota", "limit exceeded", "service quota"], codes: ["ServiceQuotaExceededException"] },
  linkup: { codes: ["INSUFFICIENT_FUNDS_CREDITS"] },
  simulated: { codes: ["insufficient_quota"] }
}

const details = (error: ProviderError): ReadonlyArray<JsonObject> => {
  const found = own(errorOf(error.body), "details")
  return isArray(found) ? found.filter(isObject) : []
}

const attached = (error: ProviderError, type: string): ReadonlyArray<JsonObject> =>
  details(error).filter((detail) => textOf(detail, "@type").endsWith(type))

/** Which quotas are used up, by the names that Google gives them. */
const violated = (error: ProviderError): ReadonlyArray<string> =>
  attached(error, "QuotaFailure").flatMap((detail) => {
    const violations = own(detail, "violations")
    return isArray(violations)
      ? violations.filter(isObject).map((each) => `${textOf(each, "quotaId")} ${textOf(each, "subject")}`)
      : []
  })

const lasting = /per[\s_-]?day|daily|billing/i
const passing = /per[\s_-]?(minute|second)/i

/**
 * Google words a passing rate limit and a spent quota alike ("Resource has been exhausted"), so that what it attaches is read first: a
 * quota counted by the day lasts; one counted by the minute, or a delay after which to come back, passes.
 */
const isGoogleQuota = (error: ProviderError): boolean => {
  const text = said(error)
  if (holds(text, ["billing limit", "billing quota", "billing exceeded", "billing account"])) return true
  const quotas = violated(error)
  if (quotas.some((quota) => lasting.test(quota))) return true
  if (quotas.some((quota) => passing.test(quota)) || error.metadata.retryAfterSeconds !== undefined) return false
  return holds(text, ["quota exceeded"]) && !passing.test(text)
}

/** The account has nothing left: repeating the request cannot help. */
export const isQuota = (error: ProviderError): boolean => {
  const { provider, status } = error.metadata
  if (error.kind !== "status" || isNotAllowed(error)) return false
  if (status === 402) return true
  if (provider === "google") return isGoogleQuota(error)
  const vocabulary = own(vocabularies, provider)
  if (vocabulary === undefined) return false
  return holds(said(error), vocabulary.always ?? []) ||
    codes(error).some((code) => vocabulary.codes?.includes(code) === true) ||
    (status === 429 && holds(said(error), vocabulary.when429 ?? []))
}

const policy = ["content_policy", "content_filter", "safety system", "safety filter", "blocked by safety"]

export const isPolicy = (error: ProviderError): boolean =>
  codes(error).some((code) => code.toLowerCase().replaceAll(/[^a-z]/g, "").includes("contentpolicy")) ||
  holds(said(error), policy)

const contextCode = "context_length_exceeded"
const context = [
  contextCode,
  "maximum context length",
  "exceeds the context window",
  "prompt is too long",
  "exceed context limit",
  "input is too long for requested model",
  "exceeds the maximum number of tokens allowed"
]

export const isContext = (error: ProviderError): boolean =>
  codes(error).includes(contextCode) || holds(said(error), context)

/** The gateway's allow-list does not have the model. */
export const isNotAllowed = (error: ProviderError): boolean => codes(error).includes("model_not_allowed_error")
