import type { JsonObject } from "../../concept/Json.ts"
import type { Structure } from "../../program/Leaves.ts"
import type { LanguageRequest, Media, Reasoning, Turn } from "../Adapter.ts"
import { correction } from "../Reask.ts"
import { instruction, wireName } from "../Schemas.ts"

/** What is posted to the Messages API. */

/** The model's turn: its blocks as they came, since those it thought in are only taken back unchanged. */
export interface Message {
  readonly content: ReadonlyArray<JsonObject>
}

/** How a structured answer is asked for: by one forced call, by a call that the model is told to make, or as JSON in its text. */
export type Mode = "forced" | "told" | "json"

const textBlock = (text: string): JsonObject => ({ type: "text", text })

const fileBlock = (type: "image" | "document") => (media: Media): JsonObject => ({
  type,
  source: media._tag === "Url"
    ? { type: "url", url: media.url }
    : { type: "base64", media_type: media.mimeType, data: media.base64 }
})

const files = ({ documents, images }: LanguageRequest): ReadonlyArray<JsonObject> => [
  ...images.map(fileBlock("image")),
  ...documents.map(fileBlock("document"))
]

const thinking = (reasoning: Reasoning): JsonObject => {
  if (reasoning._tag === "Budget") return { thinking: { type: "enabled", budget_tokens: reasoning.tokens } }
  const effort = { output_config: { effort: reasoning.effort } }
  return reasoning._tag === "Adaptive" ? { thinking: { type: "adaptive" }, ...effort } : effort
}

/** What both kinds of request say. */
const shared = ({ maxTokens, reasoning, temperature, wire }: LanguageRequest): JsonObject => ({
  model: wire.modelId,
  ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
  ...(temperature === undefined ? {} : { temperature }),
  ...(reasoning === undefined ? {} : thinking(reasoning))
})

/** A text answer: the prompt, then the files. */
export const text = (request: LanguageRequest): JsonObject => ({
  ...shared(request),
  ...(request.system === undefined ? {} : { system: request.system }),
  messages: [{ role: "user", content: [textBlock(request.user), ...files(request)] }]
})

/** A model that thinks cannot be forced to call. */
export const modeOf = ({ model: { structureMethod = "" }, reasoning }: LanguageRequest): Mode => {
  if (structureMethod.endsWith("anthropic_json")) return "json"
  return reasoning !== undefined || structureMethod.endsWith("anthropic_reasoning_tools") ? "told" : "forced"
}

const toolOf = ({ description, name, schema }: Structure): JsonObject => ({
  name: wireName(name),
  ...(description === undefined ? {} : { description }),
  input_schema: schema
})

const call = (structure: Structure, choice: JsonObject): JsonObject => ({
  tools: [toolOf(structure)],
  tool_choice: { ...choice, disable_parallel_tool_use: true }
})

interface Asking {
  /** What the system is told before its own text, and after it. */
  readonly before?: string
  readonly after?: string
  readonly body: JsonObject
}

const modes: Readonly<Record<Mode, (structure: Structure) => Asking>> = {
  forced: (structure) => ({ body: call(structure, { type: "tool", name: wireName(structure.name) }) }),
  told: (structure) => ({
    before: `Answer with one call of the tool "${wireName(structure.name)}" and nothing else.`,
    body: call(structure, { type: "auto" })
  }),
  json: ({ schema }) => ({ after: instruction(schema), body: {} })
}

const isBlank = (block: JsonObject): boolean =>
  block["type"] === "text" && typeof block["text"] === "string" && block["text"].trim() === ""

/** An earlier answer, and what was wrong with it: told as the outcome of the call where there was one. */
const turnMessages = (mode: Mode) => ({ message, misfits }: Turn<Message>): ReadonlyArray<JsonObject> => {
  // The API takes back no blank text that it gave, and no turn without a block.
  const content = message.content.filter((block) => !isBlank(block))
  const calls = content.filter(({ type }) => type === "tool_use")
  const told = correction(misfits, mode === "json" ? "json" : "tool")
  return [
    ...(content.length === 0 ? [] : [{ role: "assistant", content }]),
    {
      role: "user",
      content: calls.length === 0 ? [textBlock(told)] : calls.map(({ id = null }) => ({
        type: "tool_result",
        tool_use_id: id,
        is_error: true,
        content: told
      }))
    }
  ]
}

/** A structured answer: the files, then the prompt, then the earlier answers. */
export const object = (
  request: LanguageRequest,
  structure: Structure,
  turns: ReadonlyArray<Turn<Message>>
): JsonObject => {
  const mode = modeOf(request)
  const { after, before, body } = modes[mode](structure)
  const system = [before, request.system, after].flatMap((told) => told === undefined ? [] : [textBlock(told)])
  return {
    ...shared(request),
    ...body,
    ...(system.length === 0 ? {} : { system }),
    messages: [
      { role: "user", content: [...files(request), textBlock(request.user)] },
      ...turns.flatMap(turnMessages(mode))
    ]
  }
}
