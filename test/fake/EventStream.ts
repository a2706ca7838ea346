/** A message of Anthropic, or of Gemini, as the stream of events that carries it. */
import { isArray, isObject, type Json, type JsonObject } from "../../src/concept/Json.ts"

const delta = (block: JsonObject): readonly [start: JsonObject, delta: JsonObject] =>
  block["type"] === "text"
    ? [{ type: "text", text: "" }, { type: "text_delta", text: block["text"] ?? "" }]
    : [{ ...block, input: {} }, { type: "input_json_delta", partial_json: JSON.stringify(block["input"] ?? {}) }]

export const anthropic = (message: JsonObject): string => {
  const usage = isObject(message["usage"]) ? message["usage"] : {}
  const blocks = isArray(message["content"]) ? message["content"].filter(isObject) : []
  const events: ReadonlyArray<JsonObject> = [
    {
      type: "message_start",
      message: { ...message, content: [], stop_reason: null, usage: { ...usage, output_tokens: 1 } }
    },
    ...blocks.flatMap((block, index): ReadonlyArray<JsonObject> => {
      const [start, change] = delta(block)
      return [
        { type: "content_block_start", index, content_block: start },
        { type: "content_block_delta", index, delta: change },
        { type: "content_block_stop", index }
      ]
    }),
    {
      type: "message_delta",
      delta: { stop_reason: message["stop_reason"] ?? null, stop_sequence: null },
      usage: { output_tokens: usage["output_tokens"] ?? 0 }
    },
    { type: "message_stop" }
  ]
  return events.map((event) => `event: ${String(event["type"])}\ndata: ${JSON.stringify(event)}\n\n`).join("")
}

export const google = (body: Json): string => `data: ${JSON.stringify(body)}\n\n`
