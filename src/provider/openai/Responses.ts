import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Connection } from "../../config/Connection.ts"
import type { AdapterContext, LanguageAdapter, LanguageRequest, Reply } from "../Adapter.ts"
import * as JsonText from "../JsonText.ts"
import { Count, optional, units } from "../Tokens.ts"
import type { ProviderError } from "../transport/ProviderError.ts"
import * as Reported from "../transport/Reported.ts"
import { posting, provider } from "./Client.ts"
import * as ResponsesBody from "./ResponsesBody.ts"

/** The Responses API of OpenAI. */
/** A text or a refusal of a message. Items that are no messages (thoughts, calls) have other contents, or none. */
const Part = Schema.Struct({
  type: Schema.String,
  text: optional(Schema.String),
  refusal: optional(Schema.String)
})

const Answer = Schema.Struct({
  status: optional(Schema.String),
  error: optional(Schema.Struct({ code: optional(Schema.String), message: optional(Schema.String) })),
  incomplete_details: optional(Schema.Struct({ reason: optional(Schema.String) })),
  output: Schema.Array(Schema.Struct({ type: Schema.String, content: optional(Schema.Array(Part)) })),
  usage: optional(Schema.Struct({
    input_tokens: Count,
    output_tokens: Count,
    input_tokens_details: optional(Schema.Struct({ cached_tokens: Count })),
    output_tokens_details: optional(Schema.Struct({ reasoning_tokens: Count }))
  }))
})
type Answer = typeof Answer.Type

/** What failed for a reason that no status is known of was wrong with the request; what failed for none, with the server. */
const failure = ({ error }: Answer, connection: Connection): ProviderError =>
  Reported.error(provider, typeof error?.code === "string" ? 400 : 500, { error: error ?? null }, connection)

const replyOf = ({ incomplete_details: incomplete, output, status, usage }: Answer): Reply<string> => {
  const parts = output.flatMap(({ content, type }) => type === "message" ? content ?? [] : [])
  const text = parts.flatMap((part) => part.type === "output_text" ? [part.text ?? ""] : []).join("")
  const isRefused = parts.some(({ type }) => type === "refusal") || incomplete?.reason === "content_filter"
  return {
    message: text,
    text,
    stop: isRefused ? "refused" : status === "incomplete" ? "length" : "complete",
    units: units({
      input: usage?.input_tokens,
      input_cached: usage?.input_tokens_details?.cached_tokens,
      output: usage?.output_tokens,
      output_reasoning: usage?.output_tokens_details?.reasoning_tokens
    })
  }
}

/** The adapter of a backend. Web addresses of images and documents are passed. */
export const make = (context: AdapterContext): LanguageAdapter<string> => {
  const post = posting(context, Answer)
  const ask = (body: object, { wire: { headers } }: LanguageRequest): Effect.Effect<Reply<string>, ProviderError> =>
    Effect.flatMap(
      post("/responses", body, headers),
      (answer) =>
        answer.status === "failed"
          ? Effect.fail(failure(answer, context.connection))
          : Effect.succeed(replyOf(answer))
    )

  return {
    passesUrls: { images: true, documents: true },
    text: (request) => ask(ResponsesBody.text(request), request),
    object: (request, structure, turns) =>
      Effect.map(ask(ResponsesBody.object(request, structure, turns), request), (reply) => ({
        ...reply,
        value: JsonText.read(reply.text)
      }))
  }
}
