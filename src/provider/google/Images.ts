import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Buffer } from "node:buffer"
import type { AdapterContext, ImageAdapter, ImageReply, ImageRequest, Media } from "../Adapter.ts"
import * as JsonApi from "../transport/JsonApi.ts"
import { ProviderError } from "../transport/ProviderError.ts"
import { api as spoken } from "./Api.ts"

/** Images of the Gemini models: `generateContent` with an image for an answer, one at a time. */
const Part = Schema.Struct({
  thought: Schema.optionalKey(Schema.Boolean),
  inlineData: Schema.optionalKey(Schema.Struct({ mimeType: Schema.optionalKey(Schema.String), data: Schema.String }))
})

const Answer = Schema.Struct({
  candidates: Schema.optionalKey(
    Schema.Array(
      Schema.Struct({
        content: Schema.optionalKey(Schema.Struct({ parts: Schema.optionalKey(Schema.Array(Part)) })),
        finishReason: Schema.optionalKey(Schema.String)
      })
    )
  ),
  promptFeedback: Schema.optionalKey(Schema.Struct({ blockReason: Schema.optionalKey(Schema.String) })),
  usageMetadata: Schema.optionalKey(
    Schema.Struct({
      promptTokenCount: Schema.optionalKey(Schema.Finite),
      candidatesTokenCount: Schema.optionalKey(Schema.Finite),
      thoughtsTokenCount: Schema.optionalKey(Schema.Finite)
    })
  )
})
type Answer = typeof Answer.Type

/** Why an answer without an image may have none: what was asked for is not allowed. */
const refusals: ReadonlySet<string> = new Set([
  "SAFETY",
  "IMAGE_SAFETY",
  "PROHIBITED_CONTENT",
  "IMAGE_PROHIBITED_CONTENT",
  "IMAGE_RECITATION",
  "RECITATION",
  "BLOCKLIST",
  "SPII"
])

const inline = (media: Media) =>
  media._tag === "Url"
    ? { fileData: { fileUri: media.url } }
    : { inlineData: { mimeType: media.mimeType, data: media.base64 } }

const bodyOf = ({ arguments: made, images, prompt }: ImageRequest) => ({
  contents: [{ role: "user", parts: [{ text: prompt }, ...images.map(inline)] }],
  generationConfig: { responseModalities: ["IMAGE"], ...made }
})

const unitsOf = ({ usageMetadata }: Answer): ImageReply["units"] => {
  const { candidatesTokenCount: output, promptTokenCount: input, thoughtsTokenCount: thoughts } = usageMetadata ?? {}
  return {
    ...(input === undefined ? {} : { input }),
    ...(output === undefined ? {} : { output: output + (thoughts ?? 0) })
  }
}

const replyOf = (answer: Answer): ImageReply => {
  const candidates = answer.candidates ?? []
  // Drafts that the model thought with are not its answer.
  const parts = candidates.flatMap(({ content }) => content?.parts ?? []).filter(({ thought }) => thought !== true)
  const images = parts.flatMap(({ inlineData: data }): ImageReply["images"] =>
    data === undefined ? [] : [{
      _tag: "Bytes",
      bytes: Buffer.from(data.data, "base64"),
      ...(data.mimeType === undefined ? {} : { mimeType: data.mimeType })
    }]
  )
  const isRefused = images.length === 0 &&
    (answer.promptFeedback?.blockReason !== undefined ||
      candidates.some(({ finishReason }) => refusals.has(finishReason ?? "")))
  return { images, ...(isRefused ? { isRefused } : {}), units: unitsOf(answer) }
}

const { provider } = spoken

export const make = ({ connection, fetch, inference }: AdapterContext): ImageAdapter => {
  const api = JsonApi.of({ connection, fetch }, spoken)
  const decode = Schema.decodeUnknownEffect(Answer)

  const generate = Effect.fnUntraced(function*(request: ImageRequest) {
    const { headers, modelId } = request.wire
    const answer = yield* JsonApi.post(api, `/models/${encodeURIComponent(modelId)}:generateContent`, bodyOf(request), {
      headers,
      timeoutSeconds: inference.requestTimeoutSeconds
    })
    return replyOf(
      yield* Effect.mapError(decode(answer), () =>
        new ProviderError({
          kind: "unreadable",
          metadata: { provider, message: "the answer is not what the API promises" }
        }))
    )
  })

  return { passesUrls: false, generate }
}
