import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type { ServerResponse } from "node:http"
import type { JsonObject } from "../../../src/concept/Json.ts"
import * as Messages from "../../../src/provider/anthropic/Messages.ts"
import { structure } from "../Scripted.ts"
import { document, image, json, key, request, speaking } from "../Speaking.ts"

const usage = { input_tokens: 10, output_tokens: 1, cache_read_input_tokens: 30, cache_creation_input_tokens: 5 }

const head: JsonObject = {
  type: "message_start",
  message: { id: "m", type: "message", role: "assistant", model: "x", content: [], stop_reason: null, usage }
}

const piece = (text: string): JsonObject => ({
  type: "content_block_delta",
  index: 1,
  delta: { type: "text_delta", text }
})

const foot = (reason: string): ReadonlyArray<JsonObject> => [
  { type: "content_block_stop", index: 1 },
  {
    type: "message_delta",
    delta: { stop_reason: reason, stop_sequence: null },
    usage: { output_tokens: 7, input_tokens: null, output_tokens_details: { thinking_tokens: 3 } }
  },
  { type: "message_stop" }
]

const events = (all: ReadonlyArray<JsonObject>): string =>
  all.map((event) => `event: ${String(event["type"])}\ndata: ${JSON.stringify(event)}\n\n`).join("")

const stream =
  (all: ReadonlyArray<JsonObject>, end: (response: ServerResponse) => void = (response) => response.end()) =>
  (response: ServerResponse) => {
    response.writeHead(200, { "content-type": "text/event-stream", "request-id": "req-7" })
    response.write(events(all), () => end(response))
  }

const said = (reason = "end_turn") =>
  stream([
    head,
    { type: "content_block_start", index: 0, content_block: { type: "thinking", thinking: "", signature: "" } },
    { type: "content_block_delta", index: 0, delta: { type: "thinking_delta", thinking: "hmm" } },
    { type: "content_block_start", index: 1, content_block: { type: "text", text: "" } },
    { type: "ping" },
    piece("Hel"),
    piece("lo"),
    ...foot(reason)
  ])

const message = (content: ReadonlyArray<JsonObject>, rest: JsonObject = {}) =>
  json({ id: "m", type: "message", role: "assistant", content, stop_reason: "tool_use", usage, ...rest })

const use = (input: JsonObject): JsonObject => ({ type: "tool_use", id: "t1", name: "d__Note", input })

const { name, schema } = structure()

const bodyOf = (heard: ReadonlyArray<{ readonly body: unknown }>, index = 0): JsonObject =>
  heard[index]?.body as JsonObject

describe("a text answer of Anthropic's", () => {
  it.live("is asked for in a stream, with the prompt before the files, and read to its end", () =>
    Effect.gen(function*() {
      const { context, heard } = yield* speaking([said()])
      const reply = yield* Messages.make(context).text(
        request({ system: "Be brief", images: [image], documents: [document], temperature: 0.4, maxTokens: 500 })
      )
      assert.strictEqual(heard[0]?.line, "POST /v1/messages")
      assert.deepStrictEqual(heard[0]?.body, {
        model: "model-1",
        max_tokens: 500,
        temperature: 0.4,
        system: "Be brief",
        messages: [{
          role: "user",
          content: [
            { type: "text", text: "Look" },
            { type: "image", source: { type: "base64", media_type: "image/png", data: "aW1n" } },
            { type: "document", source: { type: "base64", media_type: "application/pdf", data: "cGRm" } }
          ]
        }],
        stream: true
      })
      assert.deepStrictEqual(reply, {
        message: { content: [{ type: "text", text: "Hello" }] },
        text: "Hello",
        stop: "complete",
        units: { input: 45, input_cached: 30, input_cache_write: 5, output: 7, output_reasoning: 3 }
      })
    }))

  it.live("carries the key in Anthropic's header alone, and the headers of the model", () =>
    Effect.gen(function*() {
      const { context, heard } = yield* speaking([said()])
      yield* Messages.make(context).text(request())
      const headers = heard[0]?.headers ?? {}
      const holding = Object.entries(headers).filter(([, value]) => String(value).includes(key))
      assert.deepStrictEqual(holding, [["x-api-key", key]])
      assert.strictEqual(headers.authorization, undefined)
      assert.strictEqual(headers["x-extra"], "one")
      assert.strictEqual(headers["anthropic-version"], "2023-06-01")
    }))

  it.live("carries the key as it is in the header that the backend names", () =>
    Effect.gen(function*() {
      for (const named of ["X-Gateway-Key", "Authorization"]) {
        const { context, heard } = yield* speaking([said()], {
          connection: { extra: { auth_header: Redacted.make(named) } }
        })
        yield* Messages.make(context).text(request())
        const holding = Object.entries(heard[0]?.headers ?? {}).filter(([, value]) => String(value).includes(key))
        assert.deepStrictEqual(holding, [[named.toLowerCase(), key]])
      }
    }))

  it.live("carries no key when the backend has none", () =>
    Effect.gen(function*() {
      const { context, heard } = yield* speaking([said()])
      const { apiKey: _, ...connection } = context.connection
      yield* Messages.make({ ...context, connection }).text(request())
      assert.strictEqual(heard[0]?.headers["x-api-key"], undefined)
      assert.strictEqual(heard[0]?.headers.authorization, undefined)
    }))

  it.live("takes neither endpoint nor key nor headers from the environment", () =>
    Effect.gen(function*() {
      const { context, heard } = yield* speaking([said()])
      const names = {
        ANTHROPIC_API_KEY: "ambient",
        ANTHROPIC_AUTH_TOKEN: "ambient",
        ANTHROPIC_BASE_URL: "http://127.0.0.1:1",
        ANTHROPIC_CUSTOM_HEADERS: "x-ambient: 1\nanthropic-version: 1999-01-01"
      }
      yield* Effect.acquireUseRelease(
        Effect.sync(() => Object.assign(process.env, names)),
        () => Messages.make(context).text(request()),
        () =>
          Effect.sync(() => {
            for (const each of Object.keys(names)) Reflect.deleteProperty(process.env, each)
          })
      )
      assert.strictEqual(heard[0]?.headers["x-api-key"], key)
      assert.strictEqual(heard[0]?.headers["x-ambient"], undefined)
      assert.strictEqual(heard[0]?.headers["anthropic-version"], "2023-06-01")
      assert.notInclude(JSON.stringify(heard), "ambient")
    }))

  it.live("lets a model name another version of the API", () =>
    Effect.gen(function*() {
      const { context, heard } = yield* speaking([said()])
      const headers = { "Anthropic-Version": Redacted.make("2026-10-21") }
      yield* Messages.make(context).text(request({ wire: { modelId: "m", headers, rules: {} } }))
      assert.strictEqual(heard[0]?.headers["anthropic-version"], "2026-10-21")
    }))

  it.live("thinks by a budget, or as much as the model sees fit", () =>
    Effect.gen(function*() {
      const { context, heard } = yield* speaking([said()])
      const { text } = Messages.make(context)
      yield* text(request({ reasoning: { _tag: "Budget", tokens: 2048 } }))
      yield* text(request({ reasoning: { _tag: "Adaptive", effort: "high" } }))
      const [budget, adaptive] = [bodyOf(heard), bodyOf(heard, 1)]
      assert.deepStrictEqual([budget["thinking"], budget["output_config"]], [
        { type: "enabled", budget_tokens: 2048 },
        undefined
      ])
      assert.deepStrictEqual([adaptive["thinking"], adaptive["output_config"]], [{ type: "adaptive" }, {
        effort: "high"
      }])
    }))

  it.live("tells why it ended", () =>
    Effect.gen(function*() {
      const reasons = [
        ["end_turn", "complete"],
        ["stop_sequence", "complete"],
        ["max_tokens", "length"],
        ["model_context_window_exceeded", "length"],
        ["refusal", "refused"]
      ] as const
      const { context } = yield* speaking(reasons.map(([reason]) => said(reason)))
      const { text } = Messages.make(context)
      for (const [, stop] of reasons) assert.strictEqual((yield* text(request())).stop, stop)
    }))

  it.live("fails with the status that an error among its events stands for", () =>
    Effect.gen(function*() {
      const error = { type: "error", error: { type: "overloaded_error", message: `Overloaded ${key}` } }
      const { context } = yield* speaking([stream([head, piece("Hel"), error])])
      const { kind, metadata } = yield* Effect.flip(Messages.make(context).text(request()))
      assert.deepStrictEqual([kind, metadata.status, metadata.providerCode], ["status", 529, "overloaded_error"])
      assert.deepStrictEqual([metadata.provider, metadata.message], ["anthropic", "Overloaded ***"])
      assert.strictEqual(metadata.requestId, "req-7")
    }))

  it.live("fails as a lost connection when its stream ends early, in whatever way", () =>
    Effect.gen(function*() {
      const { context } = yield* speaking([
        stream([head, piece("Hel")]),
        stream([head, piece("Hel")], (response) => response.destroy())
      ])
      const { text } = Messages.make(context)
      for (const _ of [1, 2]) {
        const { kind, metadata } = yield* Effect.flip(text(request()))
        assert.deepStrictEqual([kind, metadata.provider], ["network", "anthropic"])
        assert.notInclude(JSON.stringify(metadata), "Hel")
      }
    }))

  it.live("cannot be read when it is no stream, or one of something else than JSON", () =>
    Effect.gen(function*() {
      const { context } = yield* speaking([
        json("this is not an event stream"),
        (response) => response.end("event: message_start\ndata: {\"type\": secret\n\n")
      ])
      const { text } = Messages.make(context)
      for (const _ of [1, 2]) {
        const error = yield* Effect.flip(text(request()))
        assert.strictEqual(error.kind, "unreadable")
        assert.notInclude(JSON.stringify(error.metadata), "secret")
      }
    }))

  it.live("cannot be read when the answer is empty", () =>
    Effect.gen(function*() {
      const { context } = yield* speaking([
        (response) => response.writeHead(204).end(),
        stream([]),
        json("", 200)
      ])
      const { text } = Messages.make(context)
      const errors = yield* Effect.replicateEffect(Effect.flip(text(request())), 3)
      assert.deepStrictEqual(errors.map(({ kind }) => kind), ["unreadable", "unreadable", "unreadable"])
    }))

  it.live("fails when nothing more of it comes in time", () =>
    Effect.gen(function*() {
      const silent = stream([head, piece("Hel")], () => {})
      const { closed, context } = yield* speaking([silent], { inference: { requestTimeoutSeconds: 0.2 } })
      assert.strictEqual((yield* Effect.flip(Messages.make(context).text(request()))).kind, "timeout")
      yield* closed
    }))

  it.live("closes its connection when it is interrupted", () =>
    Effect.gen(function*() {
      const { arrived, closed, context } = yield* speaking([stream([head, piece("Hel")], () => {})])
      const fiber = yield* Effect.forkChild(Messages.make(context).text(request()))
      yield* arrived
      yield* Fiber.interrupt(fiber)
      yield* closed
    }))

  it.live("fails once per request, with what the provider says of it", () =>
    Effect.gen(function*() {
      const body = { type: "error", error: { type: "rate_limit_error", message: `Slow down, ${key}` } }
      const { context, heard } = yield* speaking([json(body, 429, { "retry-after": "3", "request-id": "req-9" })])
      const error = yield* Effect.flip(Messages.make(context).text(request()))
      assert.strictEqual(heard.length, 1)
      assert.deepStrictEqual([error.kind, error.body], ["status", body])
      assert.deepStrictEqual(error.metadata, {
        provider: "anthropic",
        sdkError: "RateLimitError",
        status: 429,
        requestId: "req-9",
        retryAfterSeconds: 3,
        providerCode: "rate_limit_error",
        message: "Slow down, ***"
      })
    }))
})

describe("a structured answer of Anthropic's", () => {
  it.live("is one forced call, asked for whole, with the files before the prompt", () =>
    Effect.gen(function*() {
      const { context, heard } = yield* speaking([message([{ type: "text", text: "Sure" }, use({ title: "T" })])])
      const asked = request({ system: "Be brief", images: [image], documents: [document], maxTokens: 500 })
      const reply = yield* Messages.make(context).object(asked, { ...structure(), description: "A note" }, [])
      assert.deepStrictEqual(heard[0]?.body, {
        model: "model-1",
        max_tokens: 500,
        tools: [{ name, description: "A note", input_schema: schema }],
        tool_choice: { type: "tool", name, disable_parallel_tool_use: true },
        system: [{ type: "text", text: "Be brief" }],
        messages: [{
          role: "user",
          content: [
            { type: "image", source: { type: "base64", media_type: "image/png", data: "aW1n" } },
            { type: "document", source: { type: "base64", media_type: "application/pdf", data: "cGRm" } },
            { type: "text", text: "Look" }
          ]
        }]
      })
      assert.deepStrictEqual(reply.value, Result.succeed({ title: "T" }))
      assert.deepStrictEqual([reply.stop, reply.text], ["complete", "Sure"])
    }))

  it.live("is a call that the model is told to make when it thinks, or when its method says so", () =>
    Effect.gen(function*() {
      const { context, heard } = yield* speaking([message([use({})])])
      const { object } = Messages.make(context)
      yield* object(request({ system: "Be brief", reasoning: { _tag: "Budget", tokens: 2048 } }), structure(), [])
      yield* object(request({}, { structureMethod: "instructor/anthropic_reasoning_tools" }), structure(), [])
      for (const { tool_choice: choice } of [bodyOf(heard), bodyOf(heard, 1)]) {
        assert.deepStrictEqual(choice, { type: "auto", disable_parallel_tool_use: true })
      }
      const [told, own] = bodyOf(heard)["system"] as ReadonlyArray<JsonObject>
      assert.include(told?.["text"], name)
      assert.strictEqual(own?.["text"], "Be brief")
      assert.deepStrictEqual(bodyOf(heard)["thinking"], { type: "enabled", budget_tokens: 2048 })
    }))

  it.live("is JSON in the text, told by a block of the system, when its method says so", () =>
    Effect.gen(function*() {
      const written = "Here:\n```json\n{\"title\": \"T\"}\n```"
      const { context, heard } = yield* speaking([message([{ type: "text", text: written }])])
      const asked = request({ system: "Be brief" }, { structureMethod: "instructor/anthropic_json" })
      const { object } = Messages.make(context)
      const { message: first, value } = yield* object(asked, structure(), [])
      assert.deepStrictEqual(value, Result.succeed({ title: "T" }))
      assert.strictEqual(bodyOf(heard)["tools"], undefined)
      const [own, told] = bodyOf(heard)["system"] as ReadonlyArray<JsonObject>
      assert.strictEqual(own?.["text"], "Be brief")
      assert.include(told?.["text"], JSON.stringify(schema))

      yield* object(asked, structure(), [{ message: first, misfits: [{ pointer: "/kind", reason: "is missing" }] }])
      const [, assistant, user] = bodyOf(heard, 1)["messages"] as ReadonlyArray<JsonObject>
      assert.deepStrictEqual(assistant, { role: "assistant", content: [{ type: "text", text: written }] })
      assert.include(JSON.stringify(user), "/kind: is missing")
    }))

  it.live("is asked for again with its own blocks, and what was wrong as the outcome of its call", () =>
    Effect.gen(function*() {
      const thought = { type: "thinking", thinking: "hmm", signature: "c2ln" }
      const { context, heard } = yield* speaking([message([thought, { type: "text", text: " " }, use({ title: 1 })])])
      const { object } = Messages.make(context)
      const first = yield* object(request({ images: [image] }), structure(), [])
      const turn = { message: first.message, misfits: [{ pointer: "/title", reason: "is not a text" }] }
      yield* object(request({ images: [image] }), structure(), [turn, turn])
      const messages = bodyOf(heard, 1)["messages"] as ReadonlyArray<JsonObject>
      assert.deepStrictEqual(messages.map(({ role }) => role), ["user", "assistant", "user", "assistant", "user"])
      assert.deepStrictEqual(messages[1], { role: "assistant", content: [thought, use({ title: 1 })] })
      const [told, ...others] = messages[2]?.["content"] as ReadonlyArray<JsonObject>
      assert.deepStrictEqual(others, [])
      assert.deepStrictEqual([told?.["type"], told?.["tool_use_id"], told?.["is_error"]], ["tool_result", "t1", true])
      assert.include(told?.["content"], "/title: is not a text")
      assert.strictEqual(JSON.stringify(messages).split("aW1n").length, 2)
    }))

  it.live("that made no call is asked for again in words", () =>
    Effect.gen(function*() {
      const prose = [{ type: "text", text: "prose instead" }]
      const { context, heard } = yield* speaking([message(prose), message([])])
      const { object } = Messages.make(context)
      const first = yield* object(request(), structure(), [])
      assert.deepStrictEqual(first.value, Result.fail("holds no call of the tool"))
      const misfits = [{ pointer: "", reason: "holds no call of the tool" }]
      const empty = yield* object(request(), structure(), [{ message: first.message, misfits }])
      yield* object(request(), structure(), [{ message: empty.message, misfits }])
      const [, assistant, user] = bodyOf(heard, 1)["messages"] as ReadonlyArray<JsonObject>
      assert.deepStrictEqual(assistant, { role: "assistant", content: prose })
      assert.include(JSON.stringify(user), "holds no call of the tool")
      const silent = bodyOf(heard, 2)["messages"] as ReadonlyArray<JsonObject>
      assert.deepStrictEqual(silent.map(({ role }) => role), ["user", "user"])
    }))

  it.live("tells that it was cut or refused, with what it cost", () =>
    Effect.gen(function*() {
      const { context } = yield* speaking([
        message([use({})], { stop_reason: "max_tokens" }),
        message([], { stop_reason: "refusal" })
      ])
      const { object } = Messages.make(context)
      for (const stop of ["length", "refused"]) {
        const reply = yield* object(request(), structure(), [])
        assert.deepStrictEqual([reply.stop, reply.units["input"]], [stop, 45])
      }
    }))

  it.live("cannot be read when it is not a message", () =>
    Effect.gen(function*() {
      const { context } = yield* speaking([
        json("{\"content\": sec"),
        json("<html>", 200, { "content-type": "text/html" }),
        json({})
      ])
      const { object } = Messages.make(context)
      for (const _ of [1, 2, 3]) {
        const error = yield* Effect.flip(object(request(), structure(), []))
        assert.deepStrictEqual([error.kind, error.metadata.provider], ["unreadable", "anthropic"])
      }
    }))

  it.live("has a time limit of its own, which counts to its last byte", () =>
    Effect.gen(function*() {
      const half = (response: ServerResponse) => {
        response.writeHead(200, { "content-type": "application/json" })
        response.write("{")
      }
      const limits = { requestTimeoutSeconds: 600, anthropicStructuredOutputTimeoutSeconds: 0.2 }
      const { closed, context } = yield* speaking([() => {}, half], { inference: limits })
      const { object } = Messages.make(context)
      for (const _ of [1, 2]) {
        assert.strictEqual((yield* Effect.flip(object(request(), structure(), []))).kind, "timeout")
      }
      yield* closed
    }))
})
