import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { type JsonObject, JsonValue, own, textOf } from "../../concept/Json.ts"
import type { AdapterContext, LanguageAdapter, LanguageRequest, ObjectReply, Reply } from "../Adapter.ts"
import * as JsonText from "../JsonText.ts"
import { Count, optional, units } from "../Tokens.ts"
import type { ProviderError } from "../transport/ProviderError.ts"
import * as Client from "./Client.ts"
import * as Request from "./Request.ts"

/**
 * Language models of Anthropic's Messages API. Text is streamed, since a long answer would otherwise leave its connection idle until
 * something on the way closes it; a structured answer is not, since it is of no use before it is whole.
 */
type Message = Request.Message

const Answer = Schema.Struct({
  content: Schema.Array(Schema.Record(Schema.String, JsonValue)),
  stop_reason: optional(Schema.String),
  usage: Schema.optionalKey(Schema.Struct({
    input_tokens: Count,
    output_tokens: Count,
    cache_read_input_tokens: Count,
    cache_creation_input_tokens: Count,
    output_tokens_details: optional(Schema.Struct({ thinking_tokens: Count }))
  }))
})
type Answer = typeof Answer.Type

const decode = Schema.decodeUnknownOption(Answer)

/** Any other reason is an answer that ended by itself. */
const stops: Readonly<Record<string, Reply<Message>["stop"]>> = {
  max_tokens: "length",
  model_context_window_exceeded: "length",
  refusal: "refused"
}

/** Anthropic counts what it read from its cache, or wrote there, beside the input; here it is a part of it. */
const unitsOf = ({ usage = {} }: Answer): Reply<Message>["units"] => {
  const cached = usage.cache_read_input_tokens ?? 0
  const written = usage.cache_creation_input_tokens ?? 0
  return units({
    input: (usage.input_tokens ?? 0) + cached + written,
    input_cached: cached,
    input_cache_write: written,
    output: usage.output_tokens,
    output_reasoning: usage.output_tokens_details?.thinking_tokens
  })
}

const ofType = (content: Message["content"], type: string): ReadonlyArray<JsonObject> =>
  content.filter((block) => own(block, "type") === type)

const replyOf = (answer: Answer): Reply<Message> => ({
  message: { content: answer.content },
  text: ofType(answer.content, "text").map((block) => textOf(block, "text")).join(""),
  stop: own(stops, answer.stop_reason ?? "") ?? "complete",
  units: unitsOf(answer)
})

/** What the model gave the tool, whatever it called it: the API lets it call no other. */
const called = ({ message }: Reply<Message>): Result.Result<unknown, string> => {
  const [call] = ofType(message.content, "tool_use")
  return call === undefined ? Result.fail("holds no call of the tool") : Result.succeed(own(call, "input"))
}

const read = (answer: unknown): Effect.Effect<Reply<Message>, ProviderError> =>
  Option.match(decode(answer), {
    onNone: () => Effect.fail(Client.unreadable()),
    onSome: (message) => Effect.succeed(replyOf(message))
  })

/** The adapter of a backend that speaks the Messages API. */
export const make = (context: AdapterContext): LanguageAdapter<Message> => {
  const { anthropicStructuredOutputTimeoutSeconds, requestTimeoutSeconds } = context.inference
  const client = Client.make(context)

  const text = (request: LanguageRequest): Effect.Effect<Reply<Message>, ProviderError> => {
    const call = { headers: request.wire.headers, timeoutSeconds: requestTimeoutSeconds }
    return Effect.flatMap(client.streamed(Request.text(request), call), read)
  }

  const object: LanguageAdapter<Message>["object"] = (request, structure, turns) => {
    const call = { headers: request.wire.headers, timeoutSeconds: anthropicStructuredOutputTimeoutSeconds }
    const reply = Effect.flatMap(client.whole(Request.object(request, structure, turns), call), read)
    return Effect.map(reply, (given): ObjectReply<Message> => ({
      ...given,
      value: Request.modeOf(request) === "json" ? JsonText.read(given.text) : called(given)
    }))
  }

  return { passesUrls: { images: false, documents: false }, text, object }
}
