import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { JsonObject } from "../../../src/concept/Json.ts"
import * as Responses from "../../../src/provider/openai/Responses.ts"
import { correction } from "../../../src/provider/Reask.ts"
import { backend, closedSchema, failed, methodical, openSchema, request, secret, structure } from "./Server.ts"

const answer = (output: ReadonlyArray<JsonObject>, changed: JsonObject = {}): JsonObject => ({
  id: "r1",
  object: "response",
  status: "completed",
  error: null,
  incomplete_details: null,
  output,
  usage: {
    input_tokens: 30,
    output_tokens: 12,
    input_tokens_details: { cached_tokens: 16 },
    output_tokens_details: { reasoning_tokens: 8 }
  },
  ...changed
})

const message = (...content: ReadonlyArray<JsonObject>): JsonObject => ({
  type: "message",
  id: "m1",
  status: "completed",
  role: "assistant",
  content
})
const said = (text: string): JsonObject => ({ type: "output_text", text, annotations: [] })

const card = { title: "A", kind: "note", weight: null }

describe("a text of the Responses API", () => {
  it.live("is asked for with the prompt, the files, the settings and the headers of the model, and nothing else", () =>
    Effect.gen(function*() {
      const { context, sent } = yield* backend([answer([message(said("Hello"))])])
      const adapter = Responses.make(context)
      const reply = yield* adapter.text(request({
        system: "Be kind",
        temperature: 0.4,
        maxTokens: 500,
        reasoning: { _tag: "Effort", effort: "low" },
        images: [
          { _tag: "Url", url: "https://pictures.example/a.png" },
          { _tag: "Bytes", base64: "AAAA", mimeType: "image/png" }
        ],
        documents: [
          { _tag: "Url", url: "https://papers.example/a.pdf", filename: "a.pdf" },
          { _tag: "Bytes", base64: "JVBE", mimeType: "application/pdf", filename: "b.pdf" }
        ]
      }))
      assert.deepStrictEqual(sent.map(({ body, line }) => ({ body, line })), [{
        line: "POST /v1/responses",
        body: {
          model: "acme/model-1",
          instructions: "Be kind",
          input: [{
            role: "user",
            content: [
              { type: "input_text", text: "Say hello" },
              { type: "input_image", image_url: "https://pictures.example/a.png", detail: "auto" },
              { type: "input_image", image_url: "data:image/png;base64,AAAA", detail: "auto" },
              { type: "input_file", file_url: "https://papers.example/a.pdf" },
              { type: "input_file", file_data: "data:application/pdf;base64,JVBE", filename: "b.pdf" }
            ]
          }],
          temperature: 0.4,
          max_output_tokens: 500,
          reasoning: { effort: "low" }
        }
      }])
      assert.strictEqual(sent[0]?.headers["x-project-id"], "p1")
      assert.deepStrictEqual(adapter.passesUrls, { images: true, documents: true })
      assert.deepStrictEqual([reply.text, reply.stop], ["Hello", "complete"])
      assert.deepStrictEqual(reply.units, { input: 30, input_cached: 16, output: 12, output_reasoning: 8 })
    }))

  it.live("is what the messages say, thoughts and calls left out", () =>
    Effect.gen(function*() {
      const { context } = yield* backend([answer([
        { type: "reasoning", id: "rs1", summary: [], content: [{ type: "reasoning_text", text: "hmm" }] },
        message(said("Hello, "), said("you")),
        { type: "function_call", id: "f1", call_id: "k1", name: "lab__Card", arguments: "{}" },
        message(said("!"))
      ])])
      assert.strictEqual((yield* Responses.make(context).text(request())).text, "Hello, you!")
    }))

  it.live("may be cut, filtered or refused, and has been paid for then", () =>
    Effect.gen(function*() {
      const incomplete = (reason: string) => ({ status: "incomplete", incomplete_details: { reason } })
      const { context } = yield* backend([
        answer([message(said("Once upon"))], incomplete("max_output_tokens")),
        answer([], incomplete("content_filter")),
        answer([message({ type: "refusal", refusal: "I cannot." })])
      ])
      const replies = yield* Effect.replicateEffect(Responses.make(context).text(request()), 3)
      assert.deepStrictEqual(replies.map(({ stop, text }) => [stop, text]), [
        ["length", "Once upon"],
        ["refused", ""],
        ["refused", ""]
      ])
      assert.isTrue(replies.every(({ units }) => units["output"] === 12))
    }))

  it.live("that failed is told by the status that its error stands for, without secrets", () =>
    Effect.gen(function*() {
      const broken = (code: string) => answer([], { status: "failed", error: { code, message: `no, ${secret}` } })
      const { context } = yield* backend([
        broken("server_error"),
        broken("rate_limit_exceeded"),
        broken("invalid_image")
      ])
      const errors = yield* Effect.replicateEffect(failed(Responses.make(context).text(request())), 3)
      assert.deepStrictEqual(errors.map(({ kind, metadata }) => [kind, metadata]), [
        ["status", {
          provider: "openai",
          sdkError: "ReportedError",
          status: 500,
          providerCode: "server_error",
          message: "no, ***"
        }],
        ["status", {
          provider: "openai",
          sdkError: "ReportedError",
          status: 429,
          providerCode: "rate_limit_exceeded",
          message: "no, ***"
        }],
        ["status", {
          provider: "openai",
          sdkError: "ReportedError",
          status: 400,
          providerCode: "invalid_image",
          message: "no, ***"
        }]
      ])
    }))
})

describe("an object of the Responses API", () => {
  for (const method of ["", "instructor/openai_responses_tools", "instructor/json"]) {
    it.live(`is asked for by a strict schema alone when the method is "${method}"`, () =>
      Effect.gen(function*() {
        const { context, sent } = yield* backend([answer([message(said(JSON.stringify(card)))])])
        const { value } = yield* Responses.make(context).object(methodical(method), structure(), [])
        assert.deepStrictEqual(sent[0]?.body["text"], {
          format: { type: "json_schema", name: "lab__Card", strict: true, schema: closedSchema }
        })
        assert.notProperty(sent[0]?.body, "tools")
        assert.deepStrictEqual(value, Result.succeed(card))
      }))
  }

  it.live("is said not to be strict where it holds a map", () =>
    Effect.gen(function*() {
      const { context, sent } = yield* backend([answer([message(said("{\"m\":{}}"))])])
      yield* Responses.make(context).object(request(), structure({ schema: openSchema }), [])
      assert.deepStrictEqual(sent[0]?.body["text"], {
        format: { type: "json_schema", name: "lab__Card", strict: false, schema: openSchema }
      })
    }))

  it.live("is no JSON when a call was made instead", () =>
    Effect.gen(function*() {
      const { context } = yield* backend([
        answer([{
          type: "function_call",
          id: "f1",
          call_id: "k1",
          name: "lab__Card",
          arguments: JSON.stringify(card)
        }]),
        answer([message(said("secret plan"))])
      ])
      const asked = Responses.make(context).object(request(), structure(), [])
      assert.isTrue(Result.isFailure((yield* asked).value))
      assert.deepStrictEqual((yield* asked).value, Result.fail("is not JSON"))
    }))

  it.live("is asked for again after its earlier answers, with the files sent once", () =>
    Effect.gen(function*() {
      const { context, sent } = yield* backend([answer([message(said("{\"a\":1}"))]), answer([])])
      const adapter = Responses.make(context)
      const asked = request({
        documents: [{ _tag: "Bytes", base64: "JVBE", mimeType: "application/pdf", filename: "b.pdf" }]
      })
      const misfits = [{ pointer: "/title", reason: "is missing" }]
      const first = yield* adapter.object(asked, structure(), [])
      const second = yield* adapter.object(asked, structure(), [{ message: first.message, misfits }])
      yield* adapter.object(asked, structure(), [
        { message: first.message, misfits },
        { message: second.message, misfits }
      ])
      const told = { role: "user", content: [{ type: "input_text", text: correction(misfits, "json") }] }
      const [prompt, ...later] = sent[2]?.body["input"] as ReadonlyArray<JsonObject>
      assert.deepStrictEqual<unknown>([prompt], sent[0]?.body["input"])
      assert.deepStrictEqual(later, [
        { role: "assistant", content: [{ type: "output_text", text: "{\"a\":1}" }] },
        told,
        told
      ])
    }))
})
