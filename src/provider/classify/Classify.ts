import { own } from "../../concept/Json.ts"
import type { ProviderMetadata } from "../../failure/Metadata.ts"
import * as Reason from "../../failure/Reason.ts"
import type { Family } from "../../program/Models.ts"
import type { ProviderError } from "../transport/ProviderError.ts"
import * as Signals from "./Signals.ts"

/**
 * What a failed request means: a pure function of what the adapter found and of what the request was for. The same for every provider;
 * what only one of them says is in `Signals`.
 */
export interface Asked {
  readonly family: Family
  /** Handle; nothing when the request was not for a model. */
  readonly model?: string
  /** Name of the backend, as the user configured it. */
  readonly backend: string
}

interface Facts {
  readonly model?: string
  readonly provider: string
  readonly metadata: ProviderMetadata
}

/** A failure on its way to a reason. */
interface Failed extends Asked {
  readonly error: ProviderError
  readonly status: number
  readonly facts: Facts
}

/** Whether the work may have been done, and billed, although no answer came. */
const isAmbiguous = ({ family }: Asked): boolean => family === "img_gen"

const webPage = (why: Reason.FileRefused["why"], category: "content" | "transient") => ({ facts }: Failed) =>
  new Reason.FileRefused({ what: "the web page", why, category, ...facts })

/** What a service has its own words for: API → code → what that means. */
const services: Readonly<Record<string, Readonly<Record<string, (failed: Failed) => Reason.Reason>>>> = {
  linkup: {
    SEARCH_QUERY_NO_RESULT: ({ facts }) => new Reason.NoResult({ ...facts }),
    FETCH_RESPONSE_TOO_LARGE: webPage("too_large", "content"),
    FETCH_URL_IS_FILE: webPage("unsupported", "content"),
    FETCH_ERROR: webPage("unreachable", "transient")
  }
}

const ofService = ({ error: { metadata: { provider, providerCode = "" } } }: Failed) =>
  own(own(services, provider) ?? {}, providerCode)

interface Rung {
  readonly when: (failed: Failed) => boolean
  readonly means: (failed: Failed) => Reason.Reason
}

const status = (...statuses: ReadonlyArray<number>) => (failed: Failed): boolean => statuses.includes(failed.status)
const isServerError = (failed: Failed): boolean => failed.status >= 500
const isClientError = (failed: Failed): boolean => failed.status >= 400 && failed.status < 500

/** The ladder of statuses: the first rung that fits. */
const ladder: ReadonlyArray<Rung> = [
  {
    when: ({ error }) => Signals.isNotAllowed(error),
    means: ({ facts }) => new Reason.ModelUnavailable({ ...facts, why: "not_allowed" })
  },
  { when: ({ error }) => Signals.isQuota(error), means: ({ facts }) => new Reason.QuotaExhausted({ ...facts }) },
  {
    when: status(429),
    means: ({ facts, facts: { metadata: { retryAfterSeconds } } }) =>
      new Reason.RateLimited({ ...facts, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) })
  },
  { when: status(408), means: ({ facts }) => new Reason.ProviderTimeout({ ...facts }) },
  { when: status(401, 403), means: ({ facts }) => new Reason.CredentialRefused({ ...facts }) },
  {
    when: status(404),
    means: ({ facts }) => new Reason.ModelUnavailable({ ...facts, why: "unknown_at_provider" })
  },
  {
    when: (failed) => isServerError(failed) && isAmbiguous(failed),
    means: ({ facts }) => new Reason.OutcomeUnknown({ ...facts })
  },
  { when: status(503, 529), means: ({ facts }) => new Reason.ProviderUnavailable({ ...facts }) },
  { when: status(504), means: ({ facts }) => new Reason.ProviderTimeout({ ...facts }) },
  { when: isServerError, means: ({ facts, status: code }) => new Reason.ProviderFailed({ ...facts, status: code }) },
  {
    when: (failed) => isClientError(failed) && Signals.isContext(failed.error),
    means: ({ facts, family }) => new Reason.ContextExceeded({ ...facts, family })
  },
  {
    when: (failed) => isClientError(failed) && Signals.isPolicy(failed.error),
    means: ({ facts }) => new Reason.ContentRefused({ ...facts })
  },
  { when: status(400), means: ({ facts }) => new Reason.RequestRefused({ ...facts, category: "content" }) },
  {
    when: status(413),
    means: ({ facts }) =>
      new Reason.FileRefused({ what: "the request", why: "too_large", category: "configuration", ...facts })
  },
  { when: isClientError, means: ({ facts }) => new Reason.RequestRefused({ ...facts, category: "configuration" }) }
]

const byStatus = (failed: Failed): Reason.Reason => {
  const means = ofService(failed) ?? ladder.find(({ when }) => when(failed))?.means
  return means?.(failed) ?? new Reason.Unclassified({ ...failed.facts })
}

const withoutAnswer = (failed: Failed, otherwise: Reason.Reason): Reason.Reason =>
  isAmbiguous(failed) ? new Reason.OutcomeUnknown({ ...failed.facts }) : otherwise

const byKind: Readonly<Record<ProviderError["kind"], (failed: Failed) => Reason.Reason>> = {
  status: byStatus,
  not_sent: ({ facts }) => new Reason.ProviderUnavailable({ ...facts }),
  timeout: (failed) => withoutAnswer(failed, new Reason.ProviderTimeout({ ...failed.facts })),
  network: (failed) => withoutAnswer(failed, new Reason.ProviderUnavailable({ ...failed.facts })),
  unreadable: (failed) =>
    withoutAnswer(
      failed,
      new Reason.ResponseInvalid({
        ...failed.facts,
        category: "unknown",
        defect: failed.facts.metadata.message ?? "it is not what the API promises"
      })
    ),
  credentials: ({ backend, error: { variables = [] }, facts }) =>
    new Reason.CredentialMissing({ ...facts, backend, variables }),
  unknown: (failed) => withoutAnswer(failed, new Reason.Unclassified({ ...failed.facts }))
}

/** Why the pipe fails that sent the request. Total: every failure has exactly one reason. */
export const classify = (error: ProviderError, asked: Asked): Reason.Reason =>
  byKind[error.kind]({
    ...asked,
    error,
    status: error.metadata.status ?? 0,
    facts: {
      provider: asked.backend,
      metadata: error.metadata,
      ...(asked.model === undefined ? {} : { model: asked.model })
    }
  })
