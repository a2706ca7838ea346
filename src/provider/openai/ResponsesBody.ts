import type { JsonObject } from "../../concept/Json.ts"
import type { Structure } from "../../program/Leaves.ts"
import type { LanguageRequest, Media, Turn } from "../Adapter.ts"
import { dataUrl } from "../DataUrl.ts"
import { correction } from "../Reask.ts"
import { strict, wireName } from "../Schemas.ts"

/** What is posted to the Responses API. */

const file = (media: Media): JsonObject => ({
  type: "input_file",
  ...(media._tag === "Url" ? { file_url: media.url } : {
    file_data: dataUrl(media),
    ...(media.filename === undefined ? {} : { filename: media.filename })
  })
})

const parts = ({ documents, imageDetail, images, user }: LanguageRequest): ReadonlyArray<JsonObject> => [
  { type: "input_text", text: user },
  ...images.map((image): JsonObject => ({ type: "input_image", image_url: dataUrl(image), detail: imageDetail })),
  ...documents.map(file)
]

/** A text answer; `later` is what was said after the prompt. */
export const text = (request: LanguageRequest, later: ReadonlyArray<JsonObject> = []): JsonObject => {
  const { maxTokens, reasoning, system, temperature, wire } = request
  return {
    model: wire.modelId,
    ...(system === undefined ? {} : { instructions: system }),
    input: [{ role: "user", content: parts(request) }, ...later],
    ...(temperature === undefined ? {} : { temperature }),
    ...(maxTokens === undefined ? {} : { max_output_tokens: maxTokens }),
    ...(reasoning?._tag === "Effort" ? { reasoning: { effort: reasoning.effort } } : {})
  }
}

/** Unlike Chat Completions, this API holds a schema to be strict unless told otherwise. */
const format = ({ name, schema }: Structure): JsonObject => {
  const closed = strict(schema)
  return {
    type: "json_schema",
    name: wireName(name),
    strict: closed !== undefined,
    schema: closed ?? schema
  }
}

/** An earlier answer, where it said anything, and what was wrong with it. */
const turnItems = ({ message, misfits }: Turn<string>): ReadonlyArray<JsonObject> => [
  ...(message === "" ? [] : [{ role: "assistant", content: [{ type: "output_text", text: message }] }]),
  { role: "user", content: [{ type: "input_text", text: correction(misfits, "json") }] }
]

/** A structured answer: the prompt, then the earlier answers. Whatever the model's `structure_method`, a schema is the way here. */
export const object = (
  request: LanguageRequest,
  structure: Structure,
  turns: ReadonlyArray<Turn<string>>
): JsonObject => ({ ...text(request, turns.flatMap(turnItems)), text: { format: format(structure) } })
