import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { JsonObject } from "../../src/concept/Json.ts"
import * as FakeProvider from "./FakeProvider.ts"

const post = (url: string, body: JsonObject) =>
  Effect.promise(() =>
    fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) })
  )

const json = (response: Response) => Effect.promise(() => response.json() as Promise<JsonObject>)

const schema = {
  type: "object",
  properties: {
    title: { type: "string" },
    kind: { enum: ["note", "task"] },
    weight: { anyOf: [{ type: "integer" }, { type: "null" }] }
  }
}

const messages = [{ role: "user", content: "Hello" }]

const reply = "reply-7c129c842508"
const filled = { title: "title#aaf232", kind: "note", weight: 7 }

it.live("answers a prompt with the digest of its text, on every API", () =>
  Effect.gen(function*() {
    const { requests, url } = yield* FakeProvider.start
    const chat = yield* json(yield* post(`${url}/v1/chat/completions`, { model: "m", messages }))
    const response = yield* json(yield* post(`${url}/v1/responses`, { model: "m", input: "Hello" }))
    const message = yield* json(yield* post(`${url}/v1/messages`, { model: "m", max_tokens: 1, messages }))
    const content = yield* json(
      yield* post(`${url}/v1beta/models/m:generateContent`, { contents: [{ parts: [{ text: "Hello" }] }] })
    )
    for (const each of [chat, response, message, content]) assert.include(JSON.stringify(each), reply)
    assert.deepStrictEqual((yield* requests).map(({ request }) => [request.api, request.model]), [
      ["openai_chat", "m"],
      ["openai_responses", "m"],
      ["anthropic_messages", "m"],
      ["google_generate", "m"]
    ])
  }))

it.live("fills the schema of a structured request, whichever way it came", () =>
  Effect.gen(function*() {
    const { url } = yield* FakeProvider.start
    const called = yield* json(
      yield* post(`${url}/v1/messages`, { model: "m", messages, tools: [{ name: "Card", input_schema: schema }] })
    )
    const written = yield* json(
      yield* post(`${url}/v1/responses`, {
        model: "m",
        input: "Hello",
        text: { format: { type: "json_schema", name: "Card", schema } }
      })
    )
    assert.deepNestedInclude(called, { "content[0].input": filled })
    assert.deepNestedInclude(written, { "output[0].content[0].text": JSON.stringify(filled) })
  }))

it.live("obeys its rules in order, each as often as it says, and logs what came", () =>
  Effect.gen(function*() {
    const { requests, rules, url } = yield* FakeProvider.start
    yield* rules([
      {
        match: { nth: 1 },
        reply: { status: 429, headers: { "retry-after": "1" }, body: { error: { type: "requests" } } }
      },
      { match: { contains: "Hello" }, times: 1, reply: { text: "Hi" } },
      { match: { model: "m" }, reply: { refusal: "No." } }
    ])
    const ask = post(`${url}/v1/chat/completions`, { model: "m", messages })
    const limited = yield* ask
    assert.strictEqual(limited.status, 429)
    assert.strictEqual(limited.headers.get("retry-after"), "1")
    assert.deepNestedInclude(yield* json(yield* ask), { "choices[0].message.content": "Hi" })
    assert.deepNestedInclude(yield* json(yield* ask), { "choices[0].message.refusal": "No." })
    assert.deepStrictEqual((yield* requests).map((each) => each.reply.text), [undefined, "Hi", undefined])
  }))

it.live("drops a connection before the answer or in the middle of it", () =>
  Effect.gen(function*() {
    const { rules, url } = yield* FakeProvider.start
    yield* rules([{ match: { nth: 1 }, reply: { reset: true } }, { reply: { text: "half", cut: 10 } }])
    const ask = Effect.exit(Effect.tryPromise(() =>
      fetch(`${url}/v1/responses`, { method: "POST", body: JSON.stringify({ model: "m", input: "Hello" }) }).then((
        response
      ) => response.json())
    ))
    assert.strictEqual((yield* ask)._tag, "Failure")
    assert.strictEqual((yield* ask)._tag, "Failure")
  }))

it.live("streams a message of Anthropic as events", () =>
  Effect.gen(function*() {
    const { url } = yield* FakeProvider.start
    const response = yield* post(`${url}/v1/messages`, { model: "m", messages, stream: true })
    assert.strictEqual(response.headers.get("content-type"), "text/event-stream")
    const text = yield* Effect.promise(() => response.text())
    assert.include(text, reply)
    assert.match(text, /event: message_stop\n/)
  }))

it.live("reads the fields and files of a form, and answers with images", () =>
  Effect.gen(function*() {
    const { requests, url } = yield* FakeProvider.start
    const form = new FormData()
    form.set("model", "m")
    form.set("prompt", "Draw")
    form.set("n", "2")
    form.set("image[]", new File([new Uint8Array([1, 2, 3])], "a.png", { type: "image/png" }))
    const body = yield* json(
      yield* Effect.promise(() => fetch(`${url}/v1/images/edits`, { method: "POST", body: form }))
    )
    assert.lengthOf(body["data"] as ReadonlyArray<unknown>, 2)
    assert.deepStrictEqual((yield* requests).flatMap(({ request }) => request.messages.flatMap(({ parts }) => parts)), [
      { type: "text", text: "Draw" },
      {
        type: "image",
        mime: "image/png",
        sha256: "039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81",
        bytes: 3
      }
    ])
  }))

it.live("knows when a client hung up, and how many requests it held at once", () =>
  Effect.gen(function*() {
    const { maxInFlight, requests, rules, url } = yield* FakeProvider.start
    yield* rules([{ reply: { delay_ms: 5000 } }])
    const ask = Effect.promise((signal) =>
      fetch(`${url}/v1/responses`, { method: "POST", body: JSON.stringify({ model: "m", input: "Hello" }), signal })
    )
    yield* Effect.all([ask, ask, ask], { concurrency: 3 }).pipe(Effect.timeoutOption("500 millis"))
    yield* Effect.sleep("100 millis")
    assert.deepStrictEqual((yield* requests).map(({ aborted }) => aborted), [true, true, true])
    assert.strictEqual(yield* maxInFlight, 3)
  }))

const get = (url: string) => Effect.promise(() => fetch(url))

it.live("takes a job of fal's queue, and has it done when it is asked for", () =>
  Effect.gen(function*() {
    const { requests, url } = yield* FakeProvider.start
    const job = yield* json(yield* post(`${url}/fal-ai/flux/dev`, { prompt: "Draw", num_images: 1 }))
    assert.deepInclude(yield* json(yield* get(String(job["status_url"]))), { status: "COMPLETED" })
    const done = yield* json(yield* get(String(job["response_url"])))
    const [image] = done["images"] as ReadonlyArray<JsonObject>
    assert.match(String(image?.["url"]), /^data:image\/png;base64,/)
    assert.lengthOf(yield* requests, 1)
  }))

it.live("reads documents and searches the web", () =>
  Effect.gen(function*() {
    const { requests, url } = yield* FakeProvider.start
    const document = { type: "document_url", document_url: "https://example.invalid/a.pdf" }
    const read = yield* json(yield* post(`${url}/v1/ocr`, { model: "ocr", document, include_image_base64: true }))
    assert.lengthOf(read["pages"] as ReadonlyArray<unknown>, 2)
    const found = yield* json(yield* post(`${url}/v1/search`, { q: "Hello", depth: "standard" }))
    assert.strictEqual(found["answer"], reply)
    const object = yield* json(
      yield* post(`${url}/v1/search`, { q: "Hello", structuredOutputSchema: JSON.stringify(schema) })
    )
    assert.deepStrictEqual(object, filled)
    assert.deepStrictEqual((yield* requests).map(({ request }) => request.api), [
      "mistral_ocr",
      "linkup_search",
      "linkup_search"
    ])
  }))
