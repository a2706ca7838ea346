/** The body of a good answer, in the words of the API that was asked. */
import { isObject, type Json, type JsonObject } from "../../src/concept/Json.ts"
import { fill } from "./Fill.ts"
import { type Api, promptText, type Request, sha256 } from "./Request.ts"
import type { Reply } from "./Rule.ts"

/** One pixel. */
export const image = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="

/** What is answered, before an API's words are put around it. */
export interface Said {
  readonly refusal: string | undefined
  readonly text: string
  /** The text is the arguments of the tool that was asked for. */
  readonly isCall: boolean
  readonly finish: string | undefined
  readonly tokens: { readonly input: number; readonly output: number }
}

export const said = (request: Request, reply: Reply): Said => {
  const { structured } = request
  const isObjectAnswer = structured !== null && reply.text === undefined && reply.refusal === undefined
  const text = isObjectAnswer
    ? reply.tool_text ?? JSON.stringify(reply.object ?? fill(structured.schema))
    : reply.text ?? `reply-${sha256(promptText(request)).slice(0, 12)}`
  return {
    refusal: reply.refusal,
    text,
    isCall: isObjectAnswer && structured.mode === "tool",
    finish: reply.finish,
    tokens: {
      input: Math.max(1, Math.floor(promptText(request).length / 4)),
      output: Math.max(1, Math.floor(text.length / 4))
    }
  }
}

type Body = (request: Request, said: Said, nth: number, url: string) => JsonObject

const call = ({ structured }: Request): string => structured?.name ?? ""

const responsesContent = (request: Request, { isCall, refusal, text }: Said, nth: number): JsonObject => {
  if (isCall) {
    return {
      type: "function_call",
      id: `fc_${nth}`,
      call_id: `call_${nth}`,
      name: call(request),
      arguments: text,
      status: "completed"
    }
  }
  const content = refusal === undefined
    ? { type: "output_text", text, annotations: [] }
    : { type: "refusal", refusal }
  return { type: "message", id: `msg_${nth}`, role: "assistant", status: "completed", content: [content] }
}

const incomplete: Readonly<Record<string, string>> = {
  length: "max_output_tokens",
  max_tokens: "max_output_tokens",
  max_output_tokens: "max_output_tokens",
  content_filter: "content_filter"
}

const responses: Body = (request, answer, nth) => {
  const reason = incomplete[answer.finish ?? ""]
  const { input, output } = answer.tokens
  return {
    id: `resp_${nth}`,
    object: "response",
    created_at: 1_700_000_000,
    status: reason === undefined ? "completed" : "incomplete",
    model: request.model,
    output: [responsesContent(request, answer, nth)],
    parallel_tool_calls: true,
    tool_choice: "auto",
    tools: [],
    error: null,
    incomplete_details: reason === undefined ? null : { reason },
    instructions: null,
    metadata: {},
    usage: {
      input_tokens: input,
      output_tokens: output,
      total_tokens: input + output,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens_details: { reasoning_tokens: 0 }
    }
  }
}

const chatMessage = (request: Request, { isCall, refusal, text }: Said, nth: number): JsonObject => {
  if (refusal !== undefined) return { role: "assistant", content: null, refusal }
  if (!isCall) return { role: "assistant", content: text }
  const called = { id: `call_${nth}`, type: "function", function: { name: call(request), arguments: text } }
  return { role: "assistant", content: null, tool_calls: [called] }
}

const chat: Body = (request, answer, nth) => ({
  id: `chatcmpl-${nth}`,
  object: "chat.completion",
  created: 1_700_000_000,
  model: request.model,
  choices: [{
    index: 0,
    message: chatMessage(request, answer, nth),
    finish_reason: answer.finish ?? (answer.isCall ? "tool_calls" : "stop"),
    logprobs: null
  }],
  usage: {
    prompt_tokens: answer.tokens.input,
    completion_tokens: answer.tokens.output,
    total_tokens: answer.tokens.input + answer.tokens.output
  }
})

/** Anthropic and Gemini send arguments as an object; those that are none are kept under a key of their own. */
const asObject = (text: string): JsonObject => {
  try {
    const value: Json = JSON.parse(text)
    return isObject(value) ? value : { _raw: text }
  } catch {
    return { _raw: text }
  }
}

const anthropic: Body = (request, answer, nth) => ({
  id: `msg_${nth}`,
  type: "message",
  role: "assistant",
  model: request.model,
  content: answer.refusal !== undefined
    ? []
    : answer.isCall
    ? [{ type: "tool_use", id: `toolu_${nth}`, name: call(request), input: asObject(answer.text) }]
    : [{ type: "text", text: answer.text }],
  stop_reason: answer.refusal !== undefined ? "refusal" : answer.finish ?? (answer.isCall ? "tool_use" : "end_turn"),
  stop_sequence: null,
  usage: { input_tokens: answer.tokens.input, output_tokens: answer.tokens.output }
})

const stops: Readonly<Record<string, string>> = {
  length: "MAX_TOKENS",
  max_tokens: "MAX_TOKENS",
  content_filter: "SAFETY"
}

const isImage = ({ other }: Request): boolean => JSON.stringify(other).includes("\"IMAGE\"")

const google: Body = (request, answer, nth) => {
  const { input, output } = answer.tokens
  const shared = {
    usageMetadata: { promptTokenCount: input, candidatesTokenCount: output, totalTokenCount: input + output },
    modelVersion: request.model,
    responseId: `response_${nth}`
  }
  if (answer.refusal !== undefined) return { promptFeedback: { blockReason: "SAFETY" }, ...shared }
  const part = isImage(request)
    ? { inlineData: { mimeType: "image/png", data: image } }
    : answer.isCall
    ? { functionCall: { name: call(request), args: asObject(answer.text) } }
    : { text: answer.text }
  return {
    candidates: [{
      content: { role: "model", parts: [part] },
      finishReason: stops[answer.finish ?? ""] ?? answer.finish ?? "STOP",
      index: 0
    }],
    ...shared
  }
}

const images: Body = ({ other }) => ({
  created: 1_700_000_000,
  data: Array.from({ length: Number(other["n"] ?? 1) }, () => ({ b64_json: image })),
  usage: {
    input_tokens: 5,
    output_tokens: 5,
    total_tokens: 10,
    input_tokens_details: { text_tokens: 5, image_tokens: 0 }
  }
})

/** Two pages; the second holds an image where images are asked for. */
const ocr: Body = ({ model, other }) => ({
  model,
  pages: ["First page", "Second page"].map((markdown, index) => ({
    index,
    markdown: index === 0 ? markdown : `${markdown}\n\n![img-0.png](img-0.png)`,
    images: index === 0 ? [] : [{
      id: "img-0.png",
      top_left_x: 0,
      top_left_y: 0,
      bottom_right_x: 1,
      bottom_right_y: 1,
      image_base64: other["include_image_base64"] === true ? `data:image/png;base64,${image}` : null
    }],
    dimensions: { dpi: 200, height: 2200, width: 1700 }
  })),
  usage_info: { pages_processed: 2, doc_size_bytes: 1000 }
})

const search: Body = (request, { text }) =>
  request.structured === null
    ? {
      answer: text,
      sources: [{ type: "text", name: "Source", url: "https://example.invalid/source", snippet: "A snippet" }]
    }
    : asObject(text)

const page: Body = ({ other }, { text }) => ({
  markdown: text,
  ...(other["includeRawHtml"] === true ? { rawHtml: `<p>${text}</p>` } : {})
})

/** A job is taken at once; asked for, it is done. */
const fal: Body = ({ path }, _, nth, url) => {
  const job = `${url}${path}/requests/job_${nth}`
  return {
    status: "IN_QUEUE",
    request_id: `job_${nth}`,
    response_url: job,
    status_url: `${job}/status`,
    cancel_url: `${job}/cancel`,
    queue_position: 0
  }
}

const bodies: Readonly<Record<Api, Body>> = {
  openai_responses: responses,
  openai_chat: chat,
  mistral_chat: chat,
  anthropic_messages: anthropic,
  openai_images: images,
  google_generate: google,
  mistral_ocr: ocr,
  linkup_search: search,
  linkup_fetch: page,
  fal_queue: fal,
  unknown: () => ({ object: "list", data: [] })
}

export const body = (request: Request, answer: Said, nth: number, url: string): JsonObject =>
  bodies[request.api](request, answer, nth, url)
