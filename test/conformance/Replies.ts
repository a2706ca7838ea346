/** What a recorded reply means to the leaf that asked: an answer, or the failure that a provider's adapter makes of it. */
import * as Effect from "effect/Effect"
import type { Json, JsonObject } from "../../src/concept/Json.ts"
import type { Sent } from "../../src/direct/Recorded.ts"
import type { ProviderMetadata } from "../../src/failure/Metadata.ts"
import { fail, type PipeFailure } from "../../src/failure/PipeFailure.ts"
import * as Reason from "../../src/failure/Reason.ts"
import { object, string } from "./Corpus.ts"
import * as Standard from "./Standard.ts"

interface By {
  readonly model: string
  readonly provider: string
}

type Facts = By & { readonly metadata: ProviderMetadata }

const by = ({ job }: Sent): By =>
  "setting" in job
    ? { model: job.setting.model.handle, provider: job.setting.model.backend }
    : { model: "", provider: "" }

const says = (body: string, ...words: ReadonlyArray<string>): boolean =>
  words.some((word) => body.toLowerCase().includes(word))

const isQuota = (body: string): boolean =>
  says(
    body,
    "insufficient_quota",
    "exceeded your current quota",
    "quota exceeded",
    "quota has been",
    "credit balance",
    "out of credits",
    "insufficient credit",
    "billing limit",
    "billing issue"
  )

const isTooLong = (body: string): boolean =>
  says(
    body,
    "context_length_exceeded",
    "maximum context length",
    "exceeds the context window",
    "prompt is too long",
    "exceed context limit",
    "input is too long for requested model",
    "exceeds the maximum number of tokens allowed"
  )

const isPolicy = (body: string): boolean =>
  says(body, "content_policy", "content_filter", "safety system", "safety filter", "blocked by safety")

/** The rungs of the status ladder, first match first. */
const rungs: ReadonlyArray<
  readonly [matches: (status: number, body: string) => boolean, reason: (facts: Facts, status: number) => Reason.Reason]
> = [
  [(_, body) => isQuota(body), (facts) => new Reason.QuotaExhausted(facts)],
  [(status) => status === 429, (facts) => new Reason.RateLimited(facts)],
  [(status) => status === 408 || status === 504, (facts) => new Reason.ProviderTimeout(facts)],
  [(status) => status === 402, (facts) => new Reason.QuotaExhausted(facts)],
  [(status) => status === 401 || status === 403, (facts) => new Reason.CredentialRefused(facts)],
  [(status) => status === 404, (facts) => new Reason.ModelUnavailable({ ...facts, why: "unknown_at_provider" })],
  [(status) => status === 503 || status === 529, (facts) => new Reason.ProviderUnavailable(facts)],
  [(status) => status >= 500, (facts, status) => new Reason.ProviderFailed({ ...facts, status })],
  [(_, body) => isTooLong(body), (facts) => new Reason.ContextExceeded(facts)],
  [(_, body) => isPolicy(body), (facts) => new Reason.ContentRefused(facts)],
  [
    (status) => status === 413,
    (facts) =>
      new Reason.FileRefused({
        what: "the request",
        why: "too_large",
        category: "configuration",
        model: facts.model,
        provider: facts.provider
      })
  ],
  [(status) => status === 400, (facts) => new Reason.RequestRefused({ ...facts, category: "content" })],
  [(status) => status >= 400, (facts) => new Reason.RequestRefused({ ...facts, category: "configuration" })]
]

const ofStatus = (status: number, body: Json | undefined, who: By): Reason.Reason => {
  const error = object(object(body)["error"])
  const providerCode = string(error["type"]) ?? string(error["code"])
  const metadata = { provider: who.provider, status, ...(providerCode === undefined ? {} : { providerCode }) }
  const text = JSON.stringify(body ?? null)
  const rung = rungs.find(([matches]) => matches(status, text))
  return rung === undefined ? new Reason.Unclassified({ ...who, metadata }) : rung[1]({ ...who, metadata }, status)
}

const finishes: Readonly<Record<string, (who: By) => Reason.Reason>> = {
  length: (who) => new Reason.OutputTruncated(who),
  max_tokens: (who) => new Reason.OutputTruncated(who),
  content_filter: (who) => new Reason.ContentRefused(who),
  refusal: (who) => new Reason.ContentRefused(who)
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const images = ({ job }: Sent, sha256: string): unknown =>
  "count" in job
    ? Array.from({ length: job.count }, () => ({
      url: `pipelex-storage://${job.meta.runId}/generated/${sha256.slice(0, 16)}.png`,
      source_prompt: "prompt" in job && typeof job.prompt === "string" ? job.prompt : null,
      mime_type: "image/png",
      width: 1024,
      height: 1024
    }))
    : []

const refuse = (reason: Reason.Reason) => Effect.fail(fail(reason))

export const answer = (sent: Sent, reply: JsonObject): Effect.Effect<unknown, PipeFailure> => {
  const who = by(sent)
  if (typeof reply["status"] === "number") return refuse(ofStatus(reply["status"], reply["body"], who))
  if (reply["reset"] !== undefined) return refuse(new Reason.ProviderUnavailable(who))
  if (reply["raw"] !== undefined) {
    return refuse(new Reason.ResponseInvalid({ ...who, defect: "it is not JSON", category: "unknown" }))
  }
  if (reply["refusal"] !== undefined) return refuse(new Reason.ContentRefused(who))
  const finish = finishes[string(reply["finish"]) ?? ""]
  if (finish !== undefined) return refuse(finish(who))
  if (typeof reply["image_sha256"] === "string") return Effect.succeed(images(sent, reply["image_sha256"]))
  if (typeof reply["tool_text"] === "string") return Effect.succeed(parsed(reply["tool_text"]))
  if (reply["object"] !== undefined) return Effect.succeed(reply["object"])
  if (typeof reply["text"] !== "string") return Effect.succeed(Standard.answer(sent))
  return Effect.succeed("structure" in sent.job ? parsed(reply["text"]) : reply["text"])
}
