import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Buffer } from "node:buffer"
import { isString, type JsonObject } from "../../concept/Json.ts"
import * as Mime from "../../document/Mime.ts"
import type { AdapterContext, ImageAdapter, ImageReply, ImageRequest } from "../Adapter.ts"
import { posting } from "./Client.ts"

/** The Images API of OpenAI, and of whoever speaks it: images made from a prompt, or from a prompt and other images. */
const Answer = Schema.Struct({
  data: Schema.optionalKey(
    Schema.NullOr(
      Schema.Array(
        Schema.Struct({
          b64_json: Schema.optionalKey(Schema.NullOr(Schema.String)),
          url: Schema.optionalKey(Schema.NullOr(Schema.String))
        })
      )
    )
  ),
  output_format: Schema.optionalKey(Schema.NullOr(Schema.String)),
  usage: Schema.optionalKey(
    Schema.NullOr(
      Schema.Struct({
        input_tokens: Schema.optionalKey(Schema.Finite),
        output_tokens: Schema.optionalKey(Schema.Finite)
      })
    )
  )
})
type Answer = typeof Answer.Type

/** Models of before GPT Image answer with addresses unless told otherwise; the others know nothing of this argument. */
const formatOf = (modelId: string) => modelId.startsWith("dall-e") ? { response_format: "b64_json" } : {}

const argumentsOf = (
  { arguments: made, negativePrompt, prompt, wire: { modelId } }: ImageRequest
): JsonObject => ({
  model: modelId,
  prompt,
  ...(negativePrompt === undefined ? {} : { negative_prompt: negativePrompt }),
  ...formatOf(modelId),
  ...made
})

/** A form: texts and numbers as they are, and the files under the one name that takes several. Addresses are never asked for. */
const form = (request: ImageRequest): FormData => {
  const made = new FormData()
  for (const [key, value] of Object.entries(argumentsOf(request))) {
    made.append(key, isString(value) ? value : JSON.stringify(value))
  }
  for (const [index, media] of request.images.entries()) {
    if (media._tag === "Url") continue
    const { base64, filename, mimeType: type } = media
    const name = filename ?? `image_${index + 1}.${Mime.extension(type)}`
    made.append("image[]", new File([Buffer.from(base64, "base64")], name, { type }))
  }
  return made
}

const replyOf = ({ data, output_format: format, usage }: Answer): ImageReply => ({
  images: (data ?? []).flatMap(({ b64_json: base64, url }): ImageReply["images"] => {
    const mimeType = format === undefined || format === null ? {} : { mimeType: `image/${format}` }
    if (typeof base64 === "string") return [{ _tag: "Bytes", bytes: Buffer.from(base64, "base64"), ...mimeType }]
    return typeof url === "string" ? [{ _tag: "Url", url, ...mimeType }] : []
  }),
  units: {
    ...(usage?.input_tokens === undefined ? {} : { input: usage.input_tokens }),
    ...(usage?.output_tokens === undefined ? {} : { output: usage.output_tokens })
  }
})

export const make = (context: AdapterContext): ImageAdapter => {
  const post = posting(context, Answer)

  const generate = Effect.fnUntraced(function*(request: ImageRequest) {
    const { headers } = request.wire
    const answer = yield* request.images.length === 0
      ? post("/images/generations", argumentsOf(request), headers)
      : post("/images/edits", form(request), headers)
    return replyOf(answer)
  })

  return { passesUrls: false, generate }
}
