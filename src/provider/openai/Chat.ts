import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { own } from "../../concept/Json.ts"
import type { AdapterContext, LanguageAdapter, LanguageRequest, ObjectReply, Reply } from "../Adapter.ts"
import * as JsonText from "../JsonText.ts"
import { wireName } from "../Schemas.ts"
import { Count, optional, units } from "../Tokens.ts"
import type { ProviderError } from "../transport/ProviderError.ts"
import * as ChatBody from "./ChatBody.ts"
import { posting } from "./Client.ts"

/** The Chat Completions API of OpenAI, and of the many servers that speak it: they leave out much of what it promises. */
const ToolCall = Schema.Struct({
  id: Schema.String,
  function: Schema.Struct({ name: Schema.String, arguments: Schema.String })
})

const Message = Schema.Struct({
  content: optional(Schema.String),
  refusal: optional(Schema.String),
  tool_calls: optional(Schema.Array(ToolCall))
})

const Tokens = Schema.Struct({
  prompt_tokens: Count,
  completion_tokens: Count,
  prompt_tokens_details: optional(Schema.Struct({ cached_tokens: Count, audio_tokens: Count })),
  completion_tokens_details: optional(Schema.Struct({
    reasoning_tokens: Count,
    audio_tokens: Count,
    accepted_prediction_tokens: Count,
    rejected_prediction_tokens: Count
  }))
})

const Answer = Schema.Struct({
  choices: Schema.Array(Schema.Struct({ finish_reason: optional(Schema.String), message: Message })),
  usage: optional(Tokens)
})

type Answer = typeof Answer.Type
type Replied = Reply<typeof Message.Type>

const unitsOf = (usage: Answer["usage"]): Reply<never>["units"] =>
  units({
    input: usage?.prompt_tokens,
    input_cached: usage?.prompt_tokens_details?.cached_tokens,
    input_audio: usage?.prompt_tokens_details?.audio_tokens,
    output: usage?.completion_tokens,
    output_reasoning: usage?.completion_tokens_details?.reasoning_tokens,
    output_audio: usage?.completion_tokens_details?.audio_tokens,
    output_accepted_prediction: usage?.completion_tokens_details?.accepted_prediction_tokens,
    output_rejected_prediction: usage?.completion_tokens_details?.rejected_prediction_tokens
  })

const stops: Readonly<Record<string, Reply<never>["stop"]>> = { length: "length", content_filter: "refused" }

/** An answer without a choice says nothing, like one whose message is empty. */
const replyOf = ({ choices: [choice], usage }: Answer): Replied => {
  const { finish_reason: reason, message } = choice ?? { message: {} }
  return {
    message,
    text: message.content ?? "",
    stop: (message.refusal ?? "") === "" ? own(stops, reason ?? "") ?? "complete" : "refused",
    units: unitsOf(usage)
  }
}

const written = (
  { message, text }: Replied,
  mode: ChatBody.Mode,
  name: string
): ObjectReply<never>["value"] => {
  if (mode !== "tool") return JsonText.read(text)
  const call = message.tool_calls?.find(({ function: { name: called } }) => called === wireName(name))
  return call === undefined ? Result.fail("holds no call of the tool") : JsonText.read(call.function.arguments)
}

/** The adapter of a backend. Web addresses of images are passed; documents are not taken by address. */
export const make = (context: AdapterContext): LanguageAdapter<ChatBody.ChatMessage> => {
  const post = posting(context, Answer)
  const ask = (body: object, { wire: { headers } }: LanguageRequest): Effect.Effect<Replied, ProviderError> =>
    Effect.map(post("/chat/completions", body, headers), replyOf)

  return {
    passesUrls: { images: true, documents: false },
    text: (request) => ask(ChatBody.text(request), request),
    object: (request, structure, turns) =>
      Effect.map(ask(ChatBody.object(request, structure, turns), request), (reply) => ({
        ...reply,
        value: written(reply, ChatBody.modeOf(request), structure.name)
      }))
  }
}
