import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { type JsonObject, JsonValue, textOf } from "../../concept/Json.ts"
import type { Structure } from "../../program/Leaves.ts"
import type {
  AdapterContext,
  LanguageAdapter,
  LanguageRequest,
  Media,
  ObjectReply,
  Reasoning,
  Reply,
  Turn
} from "../Adapter.ts"
import * as JsonText from "../JsonText.ts"
import { correction } from "../Reask.ts"
import { Count, units } from "../Tokens.ts"
import * as JsonApi from "../transport/JsonApi.ts"
import { ProviderError } from "../transport/ProviderError.ts"
import { api as spoken } from "./Api.ts"
import * as ResponseSchema from "./ResponseSchema.ts"

/** Language models of the Gemini API: `generateContent`, one candidate. */

/** The model's parts as they came: those with the signature of a thought are only taken back unchanged. */
interface Message {
  readonly parts: ReadonlyArray<JsonObject>
}

const Answer = Schema.Struct({
  candidates: Schema.optionalKey(Schema.Array(Schema.Struct({
    content: Schema.optionalKey(
      Schema.Struct({ parts: Schema.optionalKey(Schema.Array(Schema.Record(Schema.String, JsonValue))) })
    ),
    finishReason: Schema.optionalKey(Schema.String)
  }))),
  promptFeedback: Schema.optionalKey(Schema.Struct({ blockReason: Schema.optionalKey(Schema.String) })),
  usageMetadata: Schema.optionalKey(Schema.Struct({
    promptTokenCount: Count,
    toolUsePromptTokenCount: Count,
    cachedContentTokenCount: Count,
    candidatesTokenCount: Count,
    thoughtsTokenCount: Count
  }))
})
type Answer = typeof Answer.Type

/** Any other reason is an answer that ended by itself, or one without text. */
const stops: ReadonlyMap<string, Reply<Message>["stop"]> = new Map([
  ["MAX_TOKENS", "length"],
  ...["SAFETY", "RECITATION", "PROHIBITED_CONTENT", "BLOCKLIST", "SPII", "IMAGE_SAFETY"].map(
    (reason) => [reason, "refused"] as const
  )
])

const part = (media: Media): JsonObject =>
  media._tag === "Url"
    ? { fileData: { fileUri: media.url } }
    : { inlineData: { mimeType: media.mimeType, data: media.base64 } }

const thinking = (reasoning: Reasoning): JsonObject => ({
  includeThoughts: false,
  ...(reasoning._tag === "Budget" ? { thinkingBudget: reasoning.tokens } : { thinkingLevel: reasoning.effort })
})

const said = (role: "user" | "model", parts: ReadonlyArray<JsonObject>): JsonObject => ({ role, parts })

const turnContents = ({ message, misfits }: Turn<Message>): ReadonlyArray<JsonObject> => [
  ...(message.parts.length === 0 ? [] : [said("model", message.parts)]),
  said("user", [{ text: correction(misfits, "json") }])
]

const bodyOf = (
  { documents, images, maxTokens, reasoning, system, temperature, user }: LanguageRequest,
  structure?: Structure,
  turns: ReadonlyArray<Turn<Message>> = []
): JsonObject => ({
  ...(system === undefined ? {} : { systemInstruction: { parts: [{ text: system }] } }),
  contents: [
    said("user", [{ text: user }, ...images.map(part), ...documents.map(part)]),
    ...turns.flatMap(turnContents)
  ],
  generationConfig: {
    candidateCount: 1,
    ...(temperature === undefined ? {} : { temperature }),
    ...(maxTokens === undefined ? {} : { maxOutputTokens: maxTokens }),
    ...(reasoning === undefined ? {} : { thinkingConfig: thinking(reasoning) }),
    ...(structure === undefined ? {} : {
      responseMimeType: "application/json",
      responseJsonSchema: ResponseSchema.of(structure.schema)
    })
  }
})

/** What the model thought, and what its tools were given, is beside what Gemini calls its answer and its prompt; it is paid for alike. */
const unitsOf = ({ usageMetadata: usage = {} }: Answer): Reply<Message>["units"] =>
  units({
    input: (usage.promptTokenCount ?? 0) + (usage.toolUsePromptTokenCount ?? 0),
    input_cached: usage.cachedContentTokenCount,
    output: (usage.candidatesTokenCount ?? 0) + (usage.thoughtsTokenCount ?? 0),
    output_reasoning: usage.thoughtsTokenCount
  })

const texts = ({ parts }: Message): ReadonlyArray<string> =>
  parts.filter(({ text, thought }) => typeof text === "string" && thought !== true).map((piece) =>
    textOf(piece, "text")
  )

const replyOf = (answer: Answer): Reply<Message> => {
  const [candidate] = answer.candidates ?? []
  const message = { parts: candidate?.content?.parts ?? [] }
  const stop = answer.promptFeedback?.blockReason === undefined
    ? stops.get(candidate?.finishReason ?? "") ?? "complete"
    : "refused"
  return { message, text: texts(message).join("\n\n"), stop, units: unitsOf(answer) }
}

const { provider } = spoken

const unreadable = () =>
  new ProviderError({
    kind: "unreadable",
    metadata: { provider, message: "the answer is not what the API promises" }
  })

/** The adapter of a backend that speaks the Gemini API. */
export const make = ({ connection, fetch, inference }: AdapterContext): LanguageAdapter<Message> => {
  const api = JsonApi.of({ connection, fetch }, spoken)
  const decode = Schema.decodeUnknownEffect(Answer)

  const generate = Effect.fnUntraced(function*({ wire }: LanguageRequest, body: JsonObject) {
    const answer = yield* JsonApi.post(api, `/models/${encodeURIComponent(wire.modelId)}:generateContent`, body, {
      headers: wire.headers,
      timeoutSeconds: inference.requestTimeoutSeconds
    })
    return replyOf(yield* Effect.mapError(decode(answer), unreadable))
  })

  return {
    passesUrls: { images: false, documents: false },
    text: (request) => generate(request, bodyOf(request)),
    object: (request, structure, turns) =>
      Effect.map(generate(request, bodyOf(request, structure, turns)), (reply): ObjectReply<Message> => ({
        ...reply,
        // A blank line between two pieces could fall within a string.
        value: JsonText.read(texts(reply.message).join(""))
      }))
  }
}
