import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { fail } from "../../../src/failure/PipeFailure.ts"
import type { Family } from "../../../src/program/Models.ts"
import { classify } from "../../../src/provider/classify/Classify.ts"
import { ProviderError } from "../../../src/provider/transport/ProviderError.ts"

interface Given {
  readonly kind?: ProviderError["kind"]
  readonly status?: number
  readonly provider?: string
  readonly message?: string
  readonly code?: string
  readonly body?: unknown
  readonly retryAfter?: number
  readonly family?: Family
}

const facts = (
  { body, code, family = "llm", kind = "status", message, provider = "openai", retryAfter, status }: Given
) => {
  const failure = fail(classify(
    new ProviderError({
      kind,
      metadata: {
        provider,
        ...(status === undefined ? {} : { status }),
        ...(message === undefined ? {} : { message }),
        ...(code === undefined ? {} : { providerCode: code }),
        ...(retryAfter === undefined ? {} : { retryAfterSeconds: retryAfter })
      },
      ...(body === undefined ? {} : { body })
    }),
    { family, model: "m", backend: "b" }
  ))
  assert.strictEqual(failure.model, "m")
  assert.strictEqual(failure.provider, "b")
  const told: ReadonlyArray<string | undefined> = [failure.category, failure.code, failure.suggestedAction.kind]
  return told
}

const googleQuota = (quotaId: string) => ({
  error: {
    code: 429,
    status: "RESOURCE_EXHAUSTED",
    message: "Resource has been exhausted (e.g. check quota).",
    details: [{ "@type": "type.googleapis.com/google.rpc.QuotaFailure", violations: [{ quotaId }] }]
  }
})

/** Title, what came back, what it means. */
const ladder: ReadonlyArray<readonly [string, Given, ReadonlyArray<string>]> = [
  ["the gateway does not allow the model", { status: 412, code: "model_not_allowed_error" }, [
    "configuration",
    "model.unavailable",
    "change_model"
  ]],
  ["the quota is used up, by message", { status: 429, message: "You exceeded your current quota, please check" }, [
    "capacity",
    "provider.quota_exhausted",
    "check_billing"
  ]],
  ["the quota is used up, by code", { status: 429, body: { error: { code: "insufficient_quota" } } }, [
    "capacity",
    "provider.quota_exhausted",
    "check_billing"
  ]],
  ["the credit is used up, with another status", {
    status: 400,
    provider: "anthropic",
    message: "Your credit balance is too low"
  }, [
    "capacity",
    "provider.quota_exhausted",
    "check_billing"
  ]],
  ["Mistral says quota of a 429 only", { status: 422, provider: "mistral", message: "quota is not a number" }, [
    "configuration",
    "runtime.unexpected",
    "change_input"
  ]],
  ["Azure never says quota", { status: 429, provider: "azure", message: "quota exceeded" }, [
    "transient",
    "provider.rate_limited",
    "wait_and_retry"
  ]],
  ["Google by the minute passes", {
    status: 429,
    provider: "google",
    body: googleQuota("GenerateRequestsPerMinutePerProject")
  }, [
    "transient",
    "provider.rate_limited",
    "wait_and_retry"
  ]],
  ["Google by the day does not", {
    status: 429,
    provider: "google",
    body: googleQuota("GenerateRequestsPerDayPerProject")
  }, [
    "capacity",
    "provider.quota_exhausted",
    "check_billing"
  ]],
  ["Google with a delay to retry after passes", {
    status: 429,
    provider: "google",
    body: {
      error: {
        message: "Resource has been exhausted",
        details: [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "12s" }]
      }
    }
  }, ["transient", "provider.rate_limited", "wait_and_retry"]],
  ["Google without any detail passes", { status: 429, provider: "google", message: "Resource has been exhausted" }, [
    "transient",
    "provider.rate_limited",
    "wait_and_retry"
  ]],
  ["429", { status: 429 }, ["transient", "provider.rate_limited", "wait_and_retry"]],
  ["408", { status: 408 }, ["transient", "provider.timeout", "wait_and_retry"]],
  ["408 of an image", { status: 408, family: "img_gen" }, ["transient", "provider.timeout", "wait_and_retry"]],
  ["402", { status: 402 }, ["capacity", "provider.quota_exhausted", "check_billing"]],
  ["401", { status: 401 }, ["configuration", "provider.credential_refused", "check_credentials"]],
  ["403", { status: 403 }, ["configuration", "provider.credential_refused", "check_credentials"]],
  ["404", { status: 404 }, ["configuration", "model.unavailable", "change_model"]],
  ["400 about the context", { status: 400, body: { error: { code: "context_length_exceeded" } } }, [
    "content",
    "model.context_exceeded",
    "change_input"
  ]],
  ["400 about the context, in words", { status: 400, message: "prompt is too long: 250000 tokens" }, [
    "content",
    "model.context_exceeded",
    "change_input"
  ]],
  ["400 about policy", { status: 400, message: "Request blocked by the safety system" }, [
    "content",
    "model.content_refused",
    "change_input"
  ]],
  ["400 about policy, by code", { status: 400, body: { error: { code: "ContentPolicyViolation" } } }, [
    "content",
    "model.content_refused",
    "change_input"
  ]],
  ["any other 400", { status: 400, message: "Bad request" }, ["content", "runtime.unexpected", "change_input"]],
  ["500", { status: 500 }, ["transient", "provider.failed", "wait_and_retry"]],
  ["503", { status: 503 }, ["transient", "provider.unavailable", "wait_and_retry"]],
  ["529", { status: 529 }, ["transient", "provider.unavailable", "wait_and_retry"]],
  ["504", { status: 504 }, ["transient", "provider.timeout", "wait_and_retry"]],
  ["500 of an image", { status: 500, family: "img_gen" }, ["ambiguous", "provider.outcome_unknown", "wait_and_retry"]],
  ["413", { status: 413 }, ["configuration", "input.too_large", "change_input"]],
  ["413 about the context", { status: 413, message: "input is too long for requested model" }, [
    "content",
    "model.context_exceeded",
    "change_input"
  ]],
  ["409", { status: 409 }, ["configuration", "runtime.unexpected", "change_input"]],
  ["422", { status: 422 }, ["configuration", "runtime.unexpected", "change_input"]],
  ["a status that is no error's", { status: 200 }, ["unknown", "runtime.unexpected", "contact_support"]],
  ["nobody was reached", { kind: "not_sent" }, ["transient", "provider.unavailable", "wait_and_retry"]],
  ["nobody was reached for an image", { kind: "not_sent", family: "img_gen" }, [
    "transient",
    "provider.unavailable",
    "wait_and_retry"
  ]],
  ["no answer in time", { kind: "timeout" }, ["transient", "provider.timeout", "wait_and_retry"]],
  ["no answer in time for an image", { kind: "timeout", family: "img_gen" }, [
    "ambiguous",
    "provider.outcome_unknown",
    "wait_and_retry"
  ]],
  ["the connection was lost", { kind: "network" }, ["transient", "provider.unavailable", "wait_and_retry"]],
  ["the connection was lost for an image", { kind: "network", family: "img_gen" }, [
    "ambiguous",
    "provider.outcome_unknown",
    "wait_and_retry"
  ]],
  ["an answer nobody can read", { kind: "unreadable" }, ["unknown", "provider.response_invalid", "contact_support"]],
  ["an image nobody can read", { kind: "unreadable", family: "img_gen" }, [
    "ambiguous",
    "provider.outcome_unknown",
    "wait_and_retry"
  ]],
  ["Bedrock's quota, by code", { status: 400, provider: "bedrock", code: "ServiceQuotaExceededException" }, [
    "capacity",
    "provider.quota_exhausted",
    "check_billing"
  ]],
  ["Mistral's quota", { status: 429, provider: "mistral", message: "Monthly quota reached" }, [
    "capacity",
    "provider.quota_exhausted",
    "check_billing"
  ]],
  ["the gateway's credits", { status: 429, provider: "gateway", message: "Insufficient funds" }, [
    "capacity",
    "provider.quota_exhausted",
    "check_billing"
  ]],
  ["Google's billing account", { status: 429, provider: "google", message: "Billing account closed" }, [
    "capacity",
    "provider.quota_exhausted",
    "check_billing"
  ]],
  ["Google's quota exceeded, of which nothing is attached", {
    status: 429,
    provider: "google",
    message: "Quota exceeded"
  }, [
    "capacity",
    "provider.quota_exhausted",
    "check_billing"
  ]],
  ["a quota of an image", { status: 500, family: "img_gen", message: "You exceeded your current quota" }, [
    "capacity",
    "provider.quota_exhausted",
    "check_billing"
  ]],
  ["429 of an image", { status: 429, family: "img_gen" }, ["transient", "provider.rate_limited", "wait_and_retry"]],
  ["409 of an image", { status: 409, family: "img_gen" }, ["configuration", "runtime.unexpected", "change_input"]],
  ["529 of an image", { status: 529, family: "img_gen" }, ["ambiguous", "provider.outcome_unknown", "wait_and_retry"]],
  ["policy in the body", { status: 422, body: { detail: [{ msg: "blocked by safety filter" }] } }, [
    "content",
    "model.content_refused",
    "change_input"
  ]],
  ["another provider's words for a search", { status: 400, provider: "openai", code: "FETCH_ERROR" }, [
    "content",
    "runtime.unexpected",
    "change_input"
  ]],
  ["nothing found", { status: 400, provider: "linkup", family: "search", code: "SEARCH_QUERY_NO_RESULT" }, [
    "content",
    "model.no_result",
    "change_input"
  ]],
  ["no credit for a search", {
    status: 429,
    provider: "linkup",
    family: "search",
    code: "INSUFFICIENT_FUNDS_CREDITS"
  }, ["capacity", "provider.quota_exhausted", "check_billing"]],
  ["a page that cannot be fetched now", { status: 400, provider: "linkup", family: "search", code: "FETCH_ERROR" }, [
    "transient",
    "input.url_unreachable",
    "wait_and_retry"
  ]],
  ["a code called like something every object has", { status: 400, provider: "linkup", code: "constructor" }, [
    "content",
    "runtime.unexpected",
    "change_input"
  ]],
  ["a provider called like something every object has", { status: 429, provider: "toString" }, [
    "transient",
    "provider.rate_limited",
    "wait_and_retry"
  ]],
  ["there is no key", { kind: "credentials" }, [
    "configuration",
    "pipelex.config.credential_missing",
    "check_credentials"
  ]],
  ["anything else about an image", { kind: "unknown", family: "img_gen" }, [
    "ambiguous",
    "provider.outcome_unknown",
    "wait_and_retry"
  ]],
  ["anything else", { kind: "unknown" }, ["unknown", "runtime.unexpected", "contact_support"]]
]

describe("classify", () => {
  for (const [title, given, expected] of ladder) {
    it(title, () => assert.deepStrictEqual(facts(given), expected))
  }

  it("carries the delay that was asked for", () => {
    const failure = fail(classify(
      new ProviderError({ kind: "status", metadata: { provider: "openai", status: 429, retryAfterSeconds: 120 } }),
      { family: "llm", model: "m", backend: "b" }
    ))
    assert.strictEqual(failure.suggestedAction.detail, "Wait at least 120 s, then run the method again.")
  })

  it("tells what makes a request of the family smaller", () => {
    const advice = (family: Family) =>
      fail(classify(
        new ProviderError({ kind: "status", metadata: { provider: "p", status: 400, message: "Prompt is too long" } }),
        { family, model: "m", backend: "b" }
      )).suggestedAction.detail
    assert.match(advice("llm"), /max_tokens/)
    assert.match(advice("img_gen"), /fewer images/)
    assert.match(advice("text_extractor"), /Split/)
    assert.match(advice("search"), /Shorten/)
  })

  it("keeps what the provider said on every reason", () => {
    for (const [title, given] of ladder) {
      const metadata = { provider: given.provider ?? "openai", requestId: "req-1", message: given.message ?? "said" }
      const error = new ProviderError({
        kind: given.kind ?? "status",
        metadata: { ...metadata, ...(given.status === undefined ? {} : { status: given.status }) }
      })
      const reason = classify(error, { family: given.family ?? "llm", model: "m", backend: "b" })
      assert.deepInclude("metadata" in reason ? reason.metadata : undefined, metadata, title)
    }
  })

  it.prop("gives one category to every failure of any status", [
    Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 999 })),
    Schema.Literals(["openai", "anthropic", "google", "mistral", "bedrock", "gateway", "fal", "linkup"]),
    Schema.Literals(["llm", "text_extractor", "img_gen", "search", "judgment"]),
    Schema.String
  ], ([status, provider, family, message]) => {
    const failure = fail(classify(
      new ProviderError({ kind: "status", metadata: { provider, status, message }, body: { error: { message } } }),
      { family, model: "m", backend: "b" }
    ))
    assert.isDefined(failure.category)
    if (failure.retryable) assert.notStrictEqual(failure.retry, "no")
    if (family === "img_gen" && status >= 500) assert.notStrictEqual(failure.category, "transient")
  }, { arbitrary: { runs: 10_000 } })
})
