import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { isArray, isObject, type JsonObject, JsonValue, own, textOf } from "../../concept/Json.ts"
import type { Structure } from "../../program/Leaves.ts"
import type { AdapterContext, LanguageAdapter, LanguageRequest, ObjectReply, Reply, Turn } from "../Adapter.ts"
import { dataUrl } from "../DataUrl.ts"
import * as JsonText from "../JsonText.ts"
import { correction } from "../Reask.ts"
import { wireName } from "../Schemas.ts"
import { Count, optional, units } from "../Tokens.ts"
import * as JsonApi from "../transport/JsonApi.ts"
import { ProviderError } from "../transport/ProviderError.ts"
import { api as spoken } from "./Api.ts"

/** Language models of Mistral's chat API: like OpenAI's, with chunks of its own for files and for what a model thought. */

/** The assistant's message as it came. */
type Message = JsonObject

const Answer = Schema.Struct({
  choices: Schema.Array(Schema.Struct({
    message: Schema.Record(Schema.String, JsonValue),
    finish_reason: optional(Schema.String)
  })),
  usage: Schema.optionalKey(Schema.Struct({
    prompt_tokens: Count,
    completion_tokens: Count,
    num_cached_tokens: Count,
    prompt_tokens_details: optional(Schema.Struct({ cached_tokens: Count }))
  }))
})
type Answer = typeof Answer.Type

const stops: Readonly<Record<string, Reply<Message>["stop"]>> = {
  length: "length",
  model_length: "length",
  content_filter: "refused"
}

const userMessage = ({ documents, images, user }: LanguageRequest): JsonObject => ({
  role: "user",
  content: [
    { type: "text", text: user },
    ...images.map((image) => ({ type: "image_url", image_url: dataUrl(image) })),
    ...documents.map((document) => ({
      type: "document_url",
      document_url: dataUrl(document),
      ...(document.filename === undefined ? {} : { document_name: document.filename })
    }))
  ]
})

const bodyOf = (request: LanguageRequest): JsonObject & { readonly messages: ReadonlyArray<JsonObject> } => {
  const { maxTokens, reasoning, system, temperature, wire } = request
  return {
    model: wire.modelId,
    messages: [...(system === undefined ? [] : [{ role: "system", content: system }]), userMessage(request)],
    ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(reasoning === undefined || reasoning._tag === "Budget" ? {} : { reasoning_effort: reasoning.effort })
  }
}

type Mode = "tool" | "json"

/** A model that thinks writes more than JSON, so that it is given a tool. */
const modeOf = ({ model: { structureMethod = "" }, reasoning }: LanguageRequest): Mode =>
  reasoning !== undefined || structureMethod.endsWith("_tools") ? "tool" : "json"

const modes: Readonly<Record<Mode, (structure: Structure) => JsonObject>> = {
  json: ({ name, schema }) => ({
    response_format: { type: "json_schema", json_schema: { name: wireName(name), schema } }
  }),
  tool: ({ description, name, schema }) => ({
    tools: [{
      type: "function",
      function: { name: wireName(name), ...(description === undefined ? {} : { description }), parameters: schema }
    }],
    // Any of one tool is that tool.
    tool_choice: "any",
    parallel_tool_calls: false
  })
}

const objects = (value: unknown): ReadonlyArray<JsonObject> => isArray(value) ? value.filter(isObject) : []

const callsOf = (message: Message): ReadonlyArray<JsonObject> => objects(own(message, "tool_calls"))

const isSaid = (message: Message): boolean => {
  const { content } = message
  return callsOf(message).length > 0 ||
    (isArray(content) ? content.length > 0 : typeof content === "string" && content !== "")
}

const turnMessages = (mode: Mode) => ({ message, misfits }: Turn<Message>): ReadonlyArray<JsonObject> => {
  const calls = callsOf(message)
  const content = correction(misfits, mode)
  return [
    // A message that says nothing is not taken back.
    ...(isSaid(message) ? [message] : []),
    ...(calls.length === 0 ? [{ role: "user", content }] : calls.map((call) => {
      const made = own(call, "function")
      return {
        role: "tool",
        tool_call_id: textOf(call, "id"),
        name: isObject(made) ? textOf(made, "name") : "",
        content
      }
    }))
  ]
}

/** The text, without what the model thought on its way there. */
const said = (message: Message): string => {
  const { content } = message
  if (!isArray(content)) return textOf(message, "content")
  return objects(content).filter(({ type }) => type === "text").map((chunk) => textOf(chunk, "text")).join("")
}

const unitsOf = ({ usage = {} }: Answer): Reply<Message>["units"] =>
  units({
    input: usage.prompt_tokens,
    input_cached: usage.prompt_tokens_details?.cached_tokens ?? usage.num_cached_tokens,
    output: usage.completion_tokens
  })

/** What the tool was given. Arguments come as JSON text, from some models as JSON. */
const called = (message: Message): Result.Result<unknown, string> => {
  const [call] = callsOf(message)
  if (call === undefined) return Result.fail("holds no call of the tool")
  const made = own(call, "function")
  const given = isObject(made) ? own(made, "arguments") : undefined
  return typeof given === "string" ? JsonText.read(given) : Result.succeed(given)
}

const { provider } = spoken

const failed = (kind: ProviderError["kind"], message: string, status?: number) =>
  new ProviderError({ kind, metadata: { provider, message, ...(status === undefined ? {} : { status }) } })

/** The adapter of a backend that speaks Mistral's chat API. */
export const make = ({ connection, fetch, inference }: AdapterContext): LanguageAdapter<Message> => {
  const api = JsonApi.of({ connection, fetch }, spoken)
  const decode = Schema.decodeUnknownEffect(Answer)

  const chat = Effect.fnUntraced(function*(
    { wire }: LanguageRequest,
    body: JsonObject
  ): Effect.fn.Return<Reply<Message>, ProviderError> {
    const json = yield* JsonApi.post(api, "/chat/completions", body, {
      headers: wire.headers,
      timeoutSeconds: inference.requestTimeoutSeconds
    })
    const answer = yield* Effect.mapError(
      decode(json),
      () => failed("unreadable", "the answer is not what the API promises")
    )
    const [choice] = answer.choices
    const message = choice?.message ?? {}
    const reason = choice?.finish_reason ?? ""
    // The API's way of telling, after a good status, that its server failed.
    if (reason === "error") return yield* failed("status", "the model stopped with an error", 500)
    return { message, text: said(message), stop: own(stops, reason) ?? "complete", units: unitsOf(answer) }
  })

  return {
    passesUrls: { images: true, documents: true },
    text: (request) => chat(request, bodyOf(request)),
    object: (request, structure, turns) => {
      const mode = modeOf(request)
      const { messages, ...body } = bodyOf(request)
      const asked = {
        ...body,
        messages: [...messages, ...turns.flatMap(turnMessages(mode))],
        ...modes[mode](structure)
      }
      return Effect.map(chat(request, asked), (reply): ObjectReply<Message> => ({
        ...reply,
        value: mode === "tool" ? called(reply.message) : JsonText.read(reply.text)
      }))
    }
  }
}
