import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import type { JsonObject } from "../../../src/concept/Json.ts"
import * as Generate from "../../../src/provider/google/Generate.ts"
import * as ResponseSchema from "../../../src/provider/google/ResponseSchema.ts"
import { structure } from "../Scripted.ts"
import { document, image, json, key, request, speaking } from "../Speaking.ts"

const usageMetadata = {
  promptTokenCount: 12,
  toolUsePromptTokenCount: 1,
  cachedContentTokenCount: 4,
  candidatesTokenCount: 8,
  thoughtsTokenCount: 20
}

const answer = (parts: ReadonlyArray<JsonObject>, finishReason = "STOP") =>
  json({ candidates: [{ content: { role: "model", parts }, finishReason }], usageMetadata })

const bodyOf = (heard: ReadonlyArray<{ readonly body: unknown }>, index = 0): JsonObject =>
  heard[index]?.body as JsonObject

const configOf = (heard: ReadonlyArray<{ readonly body: unknown }>, index = 0): JsonObject =>
  bodyOf(heard, index)["generationConfig"] as JsonObject

describe("a text answer of Gemini's", () => {
  it.live("is asked for with the prompt, then the files, for one candidate", () =>
    Effect.gen(function*() {
      const { context, heard } = yield* speaking([answer([
        { text: "hmm", thought: true },
        { text: "Hello", thoughtSignature: "c2ln" },
        { inlineData: { mimeType: "image/png", data: "aW1n" } },
        { text: "there" }
      ])])
      const adapter = Generate.make(context)
      const reply = yield* adapter.text(
        request({ system: "Be brief", images: [image], documents: [document], temperature: 0.2, maxTokens: 500 })
      )
      assert.strictEqual(heard[0]?.line, "POST /models/model-1:generateContent")
      assert.deepStrictEqual(heard[0]?.body, {
        systemInstruction: { parts: [{ text: "Be brief" }] },
        contents: [{
          role: "user",
          parts: [
            { text: "Look" },
            { inlineData: { mimeType: "image/png", data: "aW1n" } },
            { inlineData: { mimeType: "application/pdf", data: "cGRm" } }
          ]
        }],
        generationConfig: { candidateCount: 1, temperature: 0.2, maxOutputTokens: 500 }
      })
      assert.deepStrictEqual(adapter.passesUrls, { images: false, documents: false })
      assert.deepStrictEqual([reply.text, reply.stop], ["Hello\n\nthere", "complete"])
      assert.deepStrictEqual(reply.units, { input: 13, input_cached: 4, output: 28, output_reasoning: 20 })
    }))

  it.live("carries the key in Google's header alone, never in the address", () =>
    Effect.gen(function*() {
      const { context, heard } = yield* speaking([answer([{ text: "Hello" }])])
      yield* Generate.make(context).text(request())
      const holding = Object.entries(heard[0]?.headers ?? {}).filter(([, value]) => String(value).includes(key))
      assert.deepStrictEqual(holding, [["x-goog-api-key", key]])
      assert.strictEqual(heard[0]?.headers["x-extra"], "one")
      assert.notInclude(heard[0]?.line, key)
    }))

  it.live("thinks by a budget, of nothing too, or at a level", () =>
    Effect.gen(function*() {
      const { context, heard } = yield* speaking([answer([{ text: "Hello" }])])
      const { text } = Generate.make(context)
      yield* text(request({ reasoning: { _tag: "Budget", tokens: 0 } }))
      yield* text(request({ reasoning: { _tag: "Adaptive", effort: "low" } }))
      assert.deepStrictEqual(configOf(heard)["thinkingConfig"], { includeThoughts: false, thinkingBudget: 0 })
      assert.deepStrictEqual(configOf(heard, 1)["thinkingConfig"], { includeThoughts: false, thinkingLevel: "low" })
    }))

  it.live("tells why it ended", () =>
    Effect.gen(function*() {
      const reasons = [
        ["STOP", "complete"],
        ["MAX_TOKENS", "length"],
        ["SAFETY", "refused"],
        ["RECITATION", "refused"],
        ["PROHIBITED_CONTENT", "refused"],
        ["BLOCKLIST", "refused"],
        ["SPII", "refused"]
      ] as const
      const { context } = yield* speaking(reasons.map(([reason]) => answer([{ text: "Hel" }], reason)))
      const { text } = Generate.make(context)
      for (const [, stop] of reasons) assert.strictEqual((yield* text(request())).stop, stop)
    }))

  it.live("is refused when its prompt was blocked, and empty when there is none, and counted all the same", () =>
    Effect.gen(function*() {
      const { context } = yield* speaking([
        json({ promptFeedback: { blockReason: "SAFETY" }, usageMetadata: { promptTokenCount: 12 } }),
        json({ candidates: [{ finishReason: "STOP" }], usageMetadata: { promptTokenCount: 12 } })
      ])
      const { text } = Generate.make(context)
      for (const stop of ["refused", "complete"]) {
        const reply = yield* text(request())
        assert.deepStrictEqual([reply.stop, reply.text, reply.units], [stop, "", { input: 12 }])
      }
    }))

  it.live("fails with Google's own status, and keeps the details that tell a rate from a quota", () =>
    Effect.gen(function*() {
      const body = {
        error: {
          code: 429,
          message: `Resource has been exhausted, ${key}`,
          status: "RESOURCE_EXHAUSTED",
          details: [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "7s" }]
        }
      }
      const { context, heard } = yield* speaking([json(body, 429)])
      const error = yield* Effect.flip(Generate.make(context).text(request()))
      assert.strictEqual(heard.length, 1)
      assert.deepStrictEqual([error.kind, error.body], ["status", body])
      const { message, provider, providerCode, status } = error.metadata
      assert.deepStrictEqual([provider, status, providerCode], ["google", 429, "RESOURCE_EXHAUSTED"])
      assert.strictEqual(message, "Resource has been exhausted, ***")
    }))

  it.live("cannot be read when it is not what the API promises", () =>
    Effect.gen(function*() {
      const { context } = yield* speaking([json("{\"candidates\": ["), json({ candidates: "none" })])
      const { text } = Generate.make(context)
      for (const _ of [1, 2]) assert.strictEqual((yield* Effect.flip(text(request()))).kind, "unreadable")
    }))

  it.live("closes its connection when it is interrupted", () =>
    Effect.gen(function*() {
      const { arrived, closed, context } = yield* speaking([() => {}])
      const fiber = yield* Effect.forkChild(Generate.make(context).text(request()))
      yield* arrived
      yield* Fiber.interrupt(fiber)
      yield* closed
    }))
})

describe("a structured answer of Gemini's", () => {
  it.live("is JSON that fits a schema, put together from its parts", () =>
    Effect.gen(function*() {
      const { context, heard } = yield* speaking([
        answer([{ text: "{}", thought: true }, { text: "{\"title\": \"a" }, { text: "b\"}" }])
      ])
      const reply = yield* Generate.make(context).object(request(), structure(), [])
      assert.deepStrictEqual(configOf(heard), {
        candidateCount: 1,
        responseMimeType: "application/json",
        responseJsonSchema: ResponseSchema.of(structure().schema)
      })
      assert.deepStrictEqual(reply.value, Result.succeed({ title: "ab" }))
    }))

  it.live("is asked for again with its own parts as they came, and what was wrong with them", () =>
    Effect.gen(function*() {
      const parts = [{ text: "hmm", thought: true }, { text: "{\"title\": 1", thoughtSignature: "c2ln" }]
      const { context, heard } = yield* speaking([answer(parts), json({ candidates: [] })])
      const { object } = Generate.make(context)
      const misfits = [{ pointer: "/title", reason: "is not a text" }]
      const first = yield* object(request({ images: [image] }), structure(), [])
      assert.deepStrictEqual(first.value, Result.fail("is not JSON"))
      const turn = { message: first.message, misfits }
      const second = yield* object(request({ images: [image] }), structure(), [turn])
      assert.deepStrictEqual(second.value, Result.fail("is empty"))
      yield* object(request({ images: [image] }), structure(), [turn, { message: second.message, misfits }])
      const contents = bodyOf(heard, 2)["contents"] as ReadonlyArray<JsonObject>
      assert.deepStrictEqual(contents.map(({ role }) => role), ["user", "model", "user", "user"])
      assert.deepStrictEqual(contents[1]?.["parts"], parts)
      assert.include(JSON.stringify(contents[2]), "/title: is not a text")
      assert.strictEqual(JSON.stringify(contents).split("aW1n").length, 2)
    }))
})

describe("ResponseSchema.of", () => {
  it("keeps what Gemini takes, and names that look like keywords", () => {
    const schema = {
      $defs: { Kind: { const: "note", default: "note" }, pattern: { type: "string", pattern: "^a" } },
      type: "object",
      title: "Card",
      properties: {
        default: { type: "string", minLength: 2, description: "d" },
        kind: { $ref: "#/$defs/Kind", description: "Sort of card", default: "note" },
        tags: { type: "array", items: { anyOf: [{ type: "integer", multipleOf: 2 }, { type: "null" }] }, minItems: 1 }
      },
      required: ["default"],
      additionalProperties: { type: "string", examples: ["a"] }
    }
    assert.deepStrictEqual(ResponseSchema.of(schema), {
      $defs: { Kind: { enum: ["note"] }, pattern: { type: "string" } },
      type: "object",
      title: "Card",
      properties: {
        default: { type: "string", description: "d" },
        kind: { $ref: "#/$defs/Kind" },
        tags: { type: "array", items: { anyOf: [{ type: "integer" }, { type: "null" }] }, minItems: 1 }
      },
      required: ["default"],
      additionalProperties: { type: "string" }
    })
  })
})
