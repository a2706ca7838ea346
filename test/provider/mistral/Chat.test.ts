import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import type { JsonObject } from "../../../src/concept/Json.ts"
import * as Chat from "../../../src/provider/mistral/Chat.ts"
import { structure } from "../Scripted.ts"
import { document, image, json, key, request, speaking } from "../Speaking.ts"

const usage = { prompt_tokens: 12, completion_tokens: 8, prompt_tokens_details: { cached_tokens: 4 } }

const answer = (message: JsonObject, reason = "stop") =>
  json({ id: "c", choices: [{ index: 0, message: { role: "assistant", ...message }, finish_reason: reason }], usage })

const call = (written: JsonObject | string): JsonObject => ({
  content: "",
  tool_calls: [{ id: "abc123xyz", type: "function", function: { name: structure().name, arguments: written } }]
})

const { name, schema } = structure()

const messagesOf = (heard: ReadonlyArray<{ readonly body: unknown }>, index: number): ReadonlyArray<JsonObject> =>
  (heard[index]?.body as { readonly messages: ReadonlyArray<JsonObject> }).messages

describe("a text answer of Mistral's", () => {
  it.live("is asked for with the prompt, then the files, by address where they have one", () =>
    Effect.gen(function*() {
      const { context, heard } = yield* speaking([answer({ content: "Hello" })])
      const adapter = Chat.make(context)
      const page = { _tag: "Url", url: "https://acme.test/a.png" } as const
      const asked = request({
        system: "Be brief",
        images: [image, page],
        documents: [document],
        temperature: 0.2,
        maxTokens: 500
      })
      const reply = yield* adapter.text(asked)
      assert.strictEqual(heard[0]?.line, "POST /chat/completions")
      assert.deepStrictEqual(heard[0]?.body, {
        model: "model-1",
        messages: [{ role: "system", content: "Be brief" }, {
          role: "user",
          content: [
            { type: "text", text: "Look" },
            { type: "image_url", image_url: "data:image/png;base64,aW1n" },
            { type: "image_url", image_url: "https://acme.test/a.png" },
            { type: "document_url", document_url: "data:application/pdf;base64,cGRm", document_name: "a.pdf" }
          ]
        }],
        max_tokens: 500,
        temperature: 0.2
      })
      assert.deepStrictEqual(adapter.passesUrls, { images: true, documents: true })
      assert.deepStrictEqual([reply.text, reply.stop], ["Hello", "complete"])
      assert.deepStrictEqual(reply.units, { input: 12, input_cached: 4, output: 8 })
    }))

  it.live("carries the key as a bearer token alone, and the headers of the model", () =>
    Effect.gen(function*() {
      const { context, heard } = yield* speaking([answer({ content: "Hello" })])
      yield* Chat.make(context).text(request())
      const holding = Object.entries(heard[0]?.headers ?? {}).filter(([, value]) => String(value).includes(key))
      assert.deepStrictEqual(holding, [["authorization", `Bearer ${key}`]])
      assert.strictEqual(heard[0]?.headers["x-extra"], "one")
    }))

  it.live("is what the model said after it thought", () =>
    Effect.gen(function*() {
      const content = [
        { type: "thinking", thinking: [{ type: "text", text: "hmm" }] },
        { type: "text", text: "Hel" },
        { type: "text", text: "lo" }
      ]
      const { context, heard } = yield* speaking([answer({ content })])
      const reply = yield* Chat.make(context).text(request({ reasoning: { _tag: "Effort", effort: "high" } }))
      assert.strictEqual(reply.text, "Hello")
      assert.strictEqual((heard[0]?.body as JsonObject)["reasoning_effort"], "high")
    }))

  it.live("tells why it ended", () =>
    Effect.gen(function*() {
      const reasons = [
        ["stop", "complete"],
        ["length", "length"],
        ["model_length", "length"],
        ["content_filter", "refused"]
      ] as const
      const { context } = yield* speaking(reasons.map(([reason]) => answer({ content: "Hel" }, reason)))
      const { text } = Chat.make(context)
      for (const [, stop] of reasons) assert.strictEqual((yield* text(request())).stop, stop)
    }))

  it.live("fails as the server's failure when it ended by an error", () =>
    Effect.gen(function*() {
      const { context } = yield* speaking([answer({ content: "Hel" }, "error")])
      const { kind, metadata } = yield* Effect.flip(Chat.make(context).text(request()))
      assert.deepStrictEqual([kind, metadata.status, metadata.provider], ["status", 500, "mistral"])
    }))

  it.live("is empty when there is none", () =>
    Effect.gen(function*() {
      const { context } = yield* speaking([json({ choices: [], usage }), answer({ content: null })])
      const { text } = Chat.make(context)
      for (const _ of [1, 2]) assert.strictEqual((yield* text(request())).text, "")
    }))

  it.live("fails with what the provider says, its key blanked out", () =>
    Effect.gen(function*() {
      const { context, heard } = yield* speaking([
        json({ object: "error", message: `No access for ${key}`, type: "invalid_key", code: "1800" }, 401)
      ])
      const { kind, metadata } = yield* Effect.flip(Chat.make(context).text(request()))
      assert.strictEqual(heard.length, 1)
      assert.deepStrictEqual([kind, metadata.status, metadata.message], ["status", 401, "No access for ***"])
      assert.strictEqual(metadata.providerCode, "invalid_key")
    }))

  it.live("cannot be read when it is not what the API promises", () =>
    Effect.gen(function*() {
      const { context } = yield* speaking([json("{\"choices\": ["), json({ choices: "none" })])
      const { text } = Chat.make(context)
      for (const _ of [1, 2]) assert.strictEqual((yield* Effect.flip(text(request()))).kind, "unreadable")
    }))

  it.live("closes its connection when it is interrupted", () =>
    Effect.gen(function*() {
      const { arrived, closed, context } = yield* speaking([() => {}])
      const fiber = yield* Effect.forkChild(Chat.make(context).text(request()))
      yield* arrived
      yield* Fiber.interrupt(fiber)
      yield* closed
    }))
})

describe("a structured answer of Mistral's", () => {
  it.live("is JSON that fits a schema", () =>
    Effect.gen(function*() {
      const { context, heard } = yield* speaking([answer({ content: "{\"title\": \"T\"}" })])
      const reply = yield* Chat.make(context).object(request(), structure(), [])
      const body = heard[0]?.body as JsonObject
      assert.deepStrictEqual(body["response_format"], { type: "json_schema", json_schema: { name, schema } })
      assert.strictEqual(body["tools"], undefined)
      assert.deepStrictEqual(reply.value, Result.succeed({ title: "T" }))
    }))

  it.live("is a call of one tool when its method says so, or when the model thinks", () =>
    Effect.gen(function*() {
      const { context, heard } = yield* speaking([answer(call("{\"title\": \"T\"}")), answer(call({ title: "T" }))])
      const { object } = Chat.make(context)
      const described = { ...structure(), description: "A note" }
      const told = yield* object(request({}, { structureMethod: "instructor/mistral_tools" }), described, [])
      const thinking = yield* object(request({ reasoning: { _tag: "Effort", effort: "high" } }), described, [])
      for (const { body } of heard) {
        const { response_format: format, tool_choice: choice, tools } = body as JsonObject
        assert.deepStrictEqual(tools, [
          { type: "function", function: { name, description: "A note", parameters: schema } }
        ])
        assert.deepStrictEqual([choice, format], ["any", undefined])
      }
      for (const { value } of [told, thinking]) assert.deepStrictEqual(value, Result.succeed({ title: "T" }))
    }))

  it.live("is asked for again with its call, and what was wrong as the outcome of it", () =>
    Effect.gen(function*() {
      const { context, heard } = yield* speaking([answer(call("{\"title\": 1")), answer({ content: "prose" })])
      const { object } = Chat.make(context)
      const asked = request({}, { structureMethod: "instructor/mistral_tools" })
      const first = yield* object(asked, structure(), [])
      assert.deepStrictEqual(first.value, Result.fail("is not JSON"))
      const turn = { message: first.message, misfits: [{ pointer: "/title", reason: "is not a text" }] }
      const second = yield* object(asked, structure(), [turn])
      assert.deepStrictEqual(second.value, Result.fail("holds no call of the tool"))
      yield* object(asked, structure(), [turn, { message: second.message, misfits: [] }])

      const messages = messagesOf(heard, 2)
      assert.deepStrictEqual(messages.map(({ role }) => role), ["user", "assistant", "tool", "assistant", "user"])
      assert.deepStrictEqual(messages[1]?.["tool_calls"], call("{\"title\": 1")["tool_calls"])
      assert.deepStrictEqual([messages[2]?.["tool_call_id"], messages[2]?.["name"]], ["abc123xyz", name])
      assert.include(messages[2]?.["content"], "/title: is not a text")
    }))

  it.live("is asked for again as JSON where it was JSON, without a message that said nothing", () =>
    Effect.gen(function*() {
      const { context, heard } = yield* speaking([answer({ content: "{}" }), answer({ content: "" })])
      const { object } = Chat.make(context)
      const misfits = [{ pointer: "/title", reason: "is missing" }]
      const first = yield* object(request(), structure(), [])
      const second = yield* object(request(), structure(), [{ message: first.message, misfits }])
      assert.deepStrictEqual(second.value, Result.fail("is empty"))
      yield* object(request(), structure(), [{ message: second.message, misfits }])
      assert.deepStrictEqual(messagesOf(heard, 1).map(({ role }) => role), ["user", "assistant", "user"])
      assert.include(messagesOf(heard, 1)[2]?.["content"], "/title: is missing")
      assert.deepStrictEqual(messagesOf(heard, 2).map(({ role }) => role), ["user", "user"])
    }))
})
