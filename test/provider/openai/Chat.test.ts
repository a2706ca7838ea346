import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { JsonObject } from "../../../src/concept/Json.ts"
import type { LanguageRequest } from "../../../src/provider/Adapter.ts"
import * as Chat from "../../../src/provider/openai/Chat.ts"
import { correction } from "../../../src/provider/Reask.ts"
import { backend, closedSchema, methodical, model, openSchema, request, schema, secret, structure } from "./Server.ts"

const answer = (message: JsonObject, changed: JsonObject = {}): JsonObject => ({
  id: "c1",
  object: "chat.completion",
  model: "model-1",
  choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", refusal: null, ...message }, ...changed }],
  usage: { prompt_tokens: 9, completion_tokens: 5, total_tokens: 14 }
})

const call = (args: string, id = "k1", name = "lab__Card") => ({
  id,
  type: "function",
  function: { name, arguments: args }
})

const card = { title: "A", kind: "note", weight: null }

/** The body that a request for a text becomes. */
const bodyOf = (asked: LanguageRequest) =>
  Effect.gen(function*() {
    const { context, sent } = yield* backend([answer({ content: "Hello" })])
    yield* Chat.make(context).text(asked)
    return sent[0]?.body
  })

/** The body that a request for an object becomes, and what was read of the answer. */
const objectOf = (asked: LanguageRequest, message: JsonObject, asking = structure()) =>
  Effect.gen(function*() {
    const { context, sent } = yield* backend([answer(message)])
    const { value } = yield* Chat.make(context).object(asked, asking, [])
    return { body: sent[0]?.body, value }
  })

describe("a text of the Chat Completions API", () => {
  it.live("is asked for with the prompt, the settings and the headers of the model, and nothing else", () =>
    Effect.gen(function*() {
      const { context, sent } = yield* backend([answer({ content: "Hello" })])
      const reply = yield* Chat.make(context).text(request({ system: "Be kind", temperature: 0.4, maxTokens: 500 }))
      assert.deepStrictEqual(sent.map(({ body, line }) => ({ body, line })), [{
        line: "POST /v1/chat/completions",
        body: {
          model: "acme/model-1",
          messages: [
            { role: "system", content: "Be kind" },
            { role: "user", content: [{ type: "text", text: "Say hello" }] }
          ],
          temperature: 0.4,
          max_tokens: 500
        }
      }])
      assert.strictEqual(sent[0]?.headers["x-project-id"], "p1")
      assert.deepStrictEqual([reply.text, reply.stop, reply.units], ["Hello", "complete", { input: 9, output: 5 }])
    }))

  it.live("shows images and documents after the text, by address or as bytes", () =>
    Effect.gen(function*() {
      const body = yield* bodyOf(request({
        imageDetail: "low",
        images: [
          { _tag: "Url", url: "https://pictures.example/a.png" },
          { _tag: "Bytes", base64: "AAAA", mimeType: "image/png" }
        ],
        documents: [{ _tag: "Bytes", base64: "JVBE", mimeType: "application/pdf", filename: "a.pdf" }]
      }))
      assert.deepStrictEqual(body?.["messages"], [{
        role: "user",
        content: [
          { type: "text", text: "Say hello" },
          { type: "image_url", image_url: { url: "https://pictures.example/a.png", detail: "low" } },
          { type: "image_url", image_url: { url: "data:image/png;base64,AAAA", detail: "low" } },
          { type: "file", file: { file_data: "data:application/pdf;base64,JVBE", filename: "a.pdf" } }
        ]
      }])
      const { context } = yield* backend([])
      assert.deepStrictEqual(Chat.make(context).passesUrls, { images: true, documents: false })
    }))

  it.live("is limited by the other name when the model thinks, and asked for with its effort", () =>
    Effect.gen(function*() {
      const { messages: _, ...body } = (yield* bodyOf(request({
        model: model({ thinking: "manual" }),
        maxTokens: 900,
        reasoning: { _tag: "Effort", effort: "high" }
      }))) ?? {}
      assert.deepStrictEqual(body, { model: "acme/model-1", max_completion_tokens: 900, reasoning_effort: "high" })
    }))

  it.live("counts the parts of the tokens that there were", () =>
    Effect.gen(function*() {
      const usage = {
        prompt_tokens: 100,
        completion_tokens: 50,
        prompt_tokens_details: { cached_tokens: 64, audio_tokens: 3 },
        completion_tokens_details: {
          reasoning_tokens: 20,
          audio_tokens: 0,
          accepted_prediction_tokens: 2,
          rejected_prediction_tokens: 1
        }
      }
      const { context } = yield* backend([{ ...answer({ content: "x" }), usage }, {
        ...answer({ content: "x" }),
        usage: null
      }])
      const chat = Chat.make(context)
      assert.deepStrictEqual((yield* chat.text(request())).units, {
        input: 100,
        input_cached: 64,
        input_audio: 3,
        output: 50,
        output_reasoning: 20,
        output_accepted_prediction: 2,
        output_rejected_prediction: 1
      })
      assert.deepStrictEqual((yield* chat.text(request())).units, {})
    }))

  it.live("is empty when the answer has no choice", () =>
    Effect.gen(function*() {
      const { context } = yield* backend([{ ...answer({}), choices: [] }])
      const { stop, text, units } = yield* Chat.make(context).text(request())
      assert.deepStrictEqual([text, stop, units], ["", "complete", { input: 9, output: 5 }])
    }))

  it.live("fails as with the status that an error in a good answer stands for", () =>
    Effect.gen(function*() {
      const broken = (error: JsonObject) => ({ error, user_id: "u1" })
      const { context } = yield* backend([
        broken({ code: 429, message: `busy, ${secret}`, metadata: { provider_name: "X" } }),
        broken({ code: 502, message: "upstream" }),
        broken({ type: "invalid_request_error", message: "no" }),
        broken({ message: "no code" }),
        { ...answer({ content: "Hello" }), error: null }
      ])
      const chat = Chat.make(context)
      const errors = yield* Effect.replicateEffect(Effect.flip(chat.text(request())), 4)
      assert.deepStrictEqual(errors.map(({ kind, metadata: { status } }) => [kind, status]), [
        ["status", 429],
        ["status", 502],
        ["status", 400],
        ["unreadable", undefined]
      ])
      assert.strictEqual(errors[0]?.metadata.message, "busy, ***")
      assert.strictEqual((yield* chat.text(request())).text, "Hello")
    }))

  it.live("may be cut, filtered or refused, and has been paid for then", () =>
    Effect.gen(function*() {
      const { context } = yield* backend([
        answer({ content: "Once upon" }, { finish_reason: "length" }),
        answer({ content: null }, { finish_reason: "content_filter" }),
        answer({ content: null, refusal: "I cannot." }),
        answer({ content: "Hi" }, { finish_reason: "constructor" })
      ])
      const chat = Chat.make(context)
      const replies = yield* Effect.replicateEffect(chat.text(request()), 4)
      assert.deepStrictEqual(replies.map(({ stop }) => stop), ["length", "refused", "refused", "complete"])
      assert.isTrue(replies.every(({ units }) => units["output"] === 5))
    }))
})

describe("an object of the Chat Completions API", () => {
  const read = { content: JSON.stringify(card) }

  for (const method of ["", "instructor/json_schema", "instructor/openai_json_o1", "mistral_structured_outputs"]) {
    it.live(`is asked for by a strict schema when the method is "${method}"`, () =>
      Effect.gen(function*() {
        const { body, value } = yield* objectOf(methodical(method), read)
        assert.deepStrictEqual(body?.["response_format"], {
          type: "json_schema",
          json_schema: { name: "lab__Card", strict: true, schema: closedSchema }
        })
        assert.notProperty(body, "tools")
        assert.deepStrictEqual(value, Result.succeed(card))
      }))
  }

  it.live("has a schema that is not strict when it cannot be", () =>
    Effect.gen(function*() {
      const { body } = yield* objectOf(request(), { content: "{}" }, structure({ schema: openSchema }))
      assert.deepStrictEqual(body?.["response_format"], {
        type: "json_schema",
        json_schema: { name: "lab__Card", schema: openSchema }
      })
    }))

  it.live("is the argument of one forced call when the method is of tools", () =>
    Effect.gen(function*() {
      const { body, value } = yield* objectOf(methodical("instructor/openai_tools"), {
        content: null,
        tool_calls: [call(JSON.stringify(card))]
      })
      assert.deepStrictEqual(body?.["tools"], [{
        type: "function",
        function: { name: "lab__Card", description: "An index card", parameters: schema }
      }])
      assert.deepStrictEqual(body?.["tool_choice"], { type: "function", function: { name: "lab__Card" } })
      assert.notProperty(body, "response_format")
      assert.deepStrictEqual(value, Result.succeed(card))
    }))

  it.live("is described to the system and enforced by a switch when the method is json", () =>
    Effect.gen(function*() {
      const { body, value } = yield* objectOf(methodical("instructor/json", { system: "Be kind" }), read)
      const [system, user] = body?.["messages"] as ReadonlyArray<{ readonly content: string }>
      assert.match(system?.content ?? "", /^Be kind\n\n[^]*JSON Schema/)
      assert.include(system?.content, JSON.stringify(schema))
      assert.deepStrictEqual(user?.content, [{ type: "text", text: "Say hello" }] as never)
      assert.deepStrictEqual(body?.["response_format"], { type: "json_object" })
      assert.deepStrictEqual(value, Result.succeed(card))
    }))

  it.live("is read from a fenced block when the method is md_json", () =>
    Effect.gen(function*() {
      const content = `Here it is:\n\`\`\`json\n${JSON.stringify(card)}\n\`\`\`\nEnjoy.`
      const { body, value } = yield* objectOf(methodical("instructor/md_json"), { content })
      const [system, user] = body?.["messages"] as ReadonlyArray<{ readonly content: unknown }>
      assert.include(JSON.stringify(system), "JSON Schema")
      assert.match(JSON.stringify(user), /^.*Say hello.*```json/)
      assert.notProperty(body, "response_format")
      assert.deepStrictEqual(value, Result.succeed(card))
    }))

  it.live("may be no JSON or no call, and what is said of it does not quote it", () =>
    Effect.gen(function*() {
      const tools = methodical("instructor/openai_tools")
      const values = [
        (yield* objectOf(request(), { content: "the secret plan" })).value,
        (yield* objectOf(tools, { content: "the secret plan" })).value,
        (yield* objectOf(tools, { content: null, tool_calls: [call("{}", "k1", "other")] })).value,
        (yield* objectOf(tools, { content: null, tool_calls: [call("{oops")] })).value
      ]
      assert.deepStrictEqual(values, [
        Result.fail("is not JSON"),
        Result.fail("holds no call of the tool"),
        Result.fail("holds no call of the tool"),
        Result.fail("is not JSON")
      ])
    }))

  it.live("has a name that servers take, and is found by it", () =>
    Effect.gen(function*() {
      const long = `lab__${"Card".repeat(20)}`
      const names: Array<string> = []
      for (const name of [long, `${long}2`, "lab.é Card"]) {
        const { body } = yield* objectOf(request(), read, structure({ name }))
        const { json_schema: format } = body?.["response_format"] as { json_schema: { name: string } }
        names.push(format.name)
        const { value } = yield* objectOf(
          methodical("openai_tools"),
          { content: null, tool_calls: [call(JSON.stringify(card), "k1", format.name)] },
          structure({ name })
        )
        assert.deepStrictEqual(value, Result.succeed(card))
      }
      assert.isTrue(names.every((name) => /^[a-zA-Z0-9_-]{1,64}$/.test(name)), names.join())
      assert.strictEqual(new Set(names).size, 3)
    }))
})

describe("an object that is asked for again", () => {
  const misfits = [{ pointer: "/title", reason: "is missing" }]
  const image = { _tag: "Bytes", base64: "AAAA", mimeType: "image/png" } as const

  const again = (asked: LanguageRequest, messages: ReadonlyArray<JsonObject>) =>
    Effect.gen(function*() {
      const { context, sent } = yield* backend(messages.map((message) => answer(message)))
      const chat = Chat.make(context)
      const first = yield* chat.object(asked, structure(), [])
      const second = yield* chat.object(asked, structure(), [{ message: first.message, misfits }])
      yield* chat.object(asked, structure(), [
        { message: first.message, misfits },
        { message: second.message, misfits }
      ])
      const { messages: sentLast, ...body } = sent[2]?.body ?? {}
      const { messages: sentFirst, ...bodyFirst } = sent[0]?.body ?? {}
      assert.deepStrictEqual(body, bodyFirst)
      assert.strictEqual(JSON.stringify(sent[2]?.body).split("AAAA").length, 2)
      const all = sentLast as ReadonlyArray<JsonObject>
      const before = sentFirst as ReadonlyArray<JsonObject>
      assert.deepStrictEqual(all.slice(0, before.length), before)
      return all.slice(before.length)
    })

  it.live("shows the answer and a user's correction where a schema was asked for", () =>
    Effect.gen(function*() {
      const turns = yield* again(request({ system: "S", images: [image] }), [
        { content: "{\"a\":1}", reasoning_content: "thoughts", annotations: [] },
        { content: "{\"b\":2}" }
      ])
      assert.deepStrictEqual(turns, [
        { role: "assistant", content: "{\"a\":1}" },
        { role: "user", content: correction(misfits, "json") },
        { role: "assistant", content: "{\"b\":2}" },
        { role: "user", content: correction(misfits, "json") }
      ])
    }))

  it.live("answers every call where one was asked for, and speaks as the user where none was made", () =>
    Effect.gen(function*() {
      const turns = yield* again(methodical("instructor/openai_tools", { images: [image] }), [
        { content: null, tool_calls: [call("{}", "k1"), call("{", "k2")], audio: null },
        { content: null }
      ])
      assert.deepStrictEqual(turns, [
        { role: "assistant", content: null, tool_calls: [call("{}", "k1"), call("{", "k2")] },
        { role: "tool", tool_call_id: "k1", content: correction(misfits, "tool") },
        { role: "tool", tool_call_id: "k2", content: correction(misfits, "tool") },
        { role: "user", content: correction(misfits, "tool") }
      ])
    }))
})
