import { type JsonObject, own } from "../../concept/Json.ts"
import type { Structure } from "../../program/Leaves.ts"
import type { LanguageRequest, Media, Turn } from "../Adapter.ts"
import { dataUrl } from "../DataUrl.ts"
import { correction } from "../Reask.ts"
import { instruction, strict, wireName } from "../Schemas.ts"

/** What is posted to the Chat Completions API. */

/** The model's turn: of all that servers say in one, what they take back. */
export interface ChatMessage {
  readonly content?: string | null
  readonly tool_calls?: ReadonlyArray<ToolCall> | null
}

export interface ToolCall {
  readonly id: string
  readonly function: { readonly name: string; readonly arguments: string }
}

/** How a structured answer is asked for: by a schema, by one forced call, as JSON that a switch enforces, or as a block in the text. */
export type Mode = "schema" | "tool" | "json" | "markdown"

const modes: Readonly<Record<string, Mode>> = {
  json: "json",
  anthropic_json: "json",
  genai_structured_outputs: "json",
  md_json: "markdown"
}

/** Of the model's `structure_method`; a schema wherever another way is not named. */
export const modeOf = ({ model: { structureMethod = "" } }: Pick<LanguageRequest, "model">): Mode => {
  const method = structureMethod.replace(/^.*\//, "")
  if (method.includes("tools")) return "tool"
  return own(modes, method) ?? (method.endsWith("_json") ? "markdown" : "schema")
}

const file = (media: Media): JsonObject => ({
  type: "file",
  file: { file_data: dataUrl(media), ...(media.filename === undefined ? {} : { filename: media.filename }) }
})

const parts = ({ documents, imageDetail, images, user }: LanguageRequest): ReadonlyArray<JsonObject> => [
  { type: "text", text: user },
  ...images.map((image): JsonObject => ({
    type: "image_url",
    image_url: { url: dataUrl(image), detail: imageDetail }
  })),
  ...documents.map(file)
]

/** Models that think have a limit of its own name, which counts their thoughts too. */
const limit = ({ maxTokens, model: { thinking } }: LanguageRequest): JsonObject =>
  maxTokens === undefined ? {} : { [thinking === "none" ? "max_tokens" : "max_completion_tokens"]: maxTokens }

/** A text answer; `later` is what was said after the prompt. */
export const text = (request: LanguageRequest, later: ReadonlyArray<JsonObject> = []): JsonObject => {
  const { reasoning, system, temperature, wire } = request
  return {
    model: wire.modelId,
    messages: [
      ...(system === undefined ? [] : [{ role: "system", content: system }]),
      { role: "user", content: parts(request) },
      ...later
    ],
    ...(temperature === undefined ? {} : { temperature }),
    ...limit(request),
    ...(reasoning?._tag === "Effort" ? { reasoning_effort: reasoning.effort } : {})
  }
}

const schemaFormat = ({ name, schema }: Structure): JsonObject => {
  const closed = strict(schema)
  return { name: wireName(name), ...(closed === undefined ? { schema } : { strict: true, schema: closed }) }
}

const forcedCall = ({ description, name, schema }: Structure): JsonObject => {
  const tool = { name: wireName(name), ...(description === undefined ? {} : { description }), parameters: schema }
  return {
    tools: [{ type: "function", function: tool }],
    tool_choice: { type: "function", function: { name: tool.name } }
  }
}

interface Asking {
  /** What the system and the user say at their end. */
  readonly system?: string
  readonly user?: string
  readonly body: JsonObject
}

const askings: Readonly<Record<Mode, (structure: Structure) => Asking>> = {
  schema: (structure) => ({ body: { response_format: { type: "json_schema", json_schema: schemaFormat(structure) } } }),
  tool: (structure) => ({ body: forcedCall(structure) }),
  json: ({ schema }) => ({ system: instruction(schema), body: { response_format: { type: "json_object" } } }),
  markdown: ({ schema }) => ({
    system: instruction(schema),
    user: "Write the JSON in one ```json block.",
    body: {}
  })
}

/** The model's turn as it is sent back. */
const assistant = (content: string | null | undefined, calls: ReadonlyArray<ToolCall>): ReadonlyArray<JsonObject> => {
  if (calls.length > 0) {
    const made = calls.map(({ id, function: { arguments: written, name } }) => ({
      id,
      type: "function",
      function: { name, arguments: written }
    }))
    return [{ role: "assistant", content: content ?? null, tool_calls: made }]
  }
  // Servers take back no turn that says nothing.
  return content === undefined || content === null || content === "" ? [] : [{ role: "assistant", content }]
}

/** An earlier answer, and what was wrong with it: told as the outcome of every call where there were some. */
const turnMessages = (mode: Mode) => ({ message, misfits }: Turn<ChatMessage>): ReadonlyArray<JsonObject> => {
  const calls = message.tool_calls ?? []
  const told = correction(misfits, mode === "tool" ? "tool" : "json")
  return [
    ...assistant(message.content, calls),
    ...(calls.length === 0
      ? [{ role: "user", content: told }]
      : calls.map(({ id }) => ({ role: "tool", tool_call_id: id, content: told })))
  ]
}

const joined = (...texts: ReadonlyArray<string | undefined>): string =>
  texts.filter((each) => each !== undefined && each !== "").join("\n\n")

/** A structured answer: the prompt, then the earlier answers. */
export const object = (
  request: LanguageRequest,
  structure: Structure,
  turns: ReadonlyArray<Turn<ChatMessage>>
): JsonObject => {
  const mode = modeOf(request)
  const { body, system, user } = askings[mode](structure)
  const asked = {
    ...request,
    ...(system === undefined ? {} : { system: joined(request.system, system) }),
    ...(user === undefined ? {} : { user: joined(request.user, user) })
  }
  return { ...text(asked, turns.flatMap(turnMessages(mode))), ...body }
}
