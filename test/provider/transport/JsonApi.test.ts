import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import type { IncomingMessage, ServerResponse } from "node:http"
import { buffer } from "node:stream/consumers"
import * as JsonApi from "../../../src/provider/transport/JsonApi.ts"
import { open } from "../../../src/provider/transport/Undici.ts"
import * as Loopback from "../../document/Loopback.ts"

type Handler = (request: IncomingMessage, response: ServerResponse) => void

const options = { timeoutSeconds: 20 }

const api = (handler: Handler, headers: JsonApi.Headers = { authorization: Redacted.make("Key sk-hush") }) =>
  Effect.gen(function*() {
    const { fetch } = yield* Effect.acquireRelease(Effect.sync(open), ({ close }) => Effect.promise(close))
    const { requests, url } = yield* Loopback.serve(handler)
    const scrub = (text: string) => text.replaceAll("sk-hush", "***")
    return { requests, api: JsonApi.make({ provider: "fal", fetch, baseUrl: `${url}/v1//`, headers, scrub }) }
  })

const echo: Handler = (request, response) => {
  void buffer(request).then((bytes) =>
    response.end(
      JSON.stringify({ method: request.method, url: request.url, headers: request.headers, body: bytes.toString() })
    )
  )
}

interface Echoed {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const answered = (code: number, body: string, headers: Record<string, string> = {}): Handler => (_, response) => {
  response.writeHead(code, headers).end(body)
}

const refusal = (code: number, body: unknown, headers?: Record<string, string>) =>
  Effect.gen(function*() {
    const made = yield* api(answered(code, typeof body === "string" ? body : JSON.stringify(body), headers))
    const error = yield* Effect.flip(JsonApi.post(made.api, "/x", {}, options))
    assert.lengthOf(made.requests, 1)
    return error
  })

describe("a JSON API", () => {
  it.live("is sent JSON or a form, with its own headers and those of the call", () =>
    Effect.gen(function*() {
      const { api: made } = yield* api(echo)
      const told = yield* Effect.map(
        JsonApi.post(made, "/x?y=1", { a: 1 }, { ...options, headers: { "X-One": Redacted.make("1") } }),
        (answer) => answer as Echoed
      )
      assert.deepInclude(told, { method: "POST", url: "/v1/x?y=1", body: "{\"a\":1}" })
      assert.deepInclude(told.headers, {
        authorization: "Key sk-hush",
        "x-one": "1",
        "content-type": "application/json",
        accept: "application/json"
      })
      const beaten = (yield* JsonApi.get(made, "/x", { ...options, headers: { Authorization: "other" } })) as Echoed
      assert.deepInclude(beaten, { method: "GET", body: "" })
      assert.strictEqual(beaten.headers["authorization"], "other")
      assert.isUndefined(beaten.headers["content-type"])
      const form = new FormData()
      form.set("purpose", "ocr")
      const sent = (yield* JsonApi.post(made, "/files", form, options)) as Echoed
      assert.match(sent.headers["content-type"] ?? "", /^multipart\/form-data; boundary=/)
      assert.include(sent.body, "name=\"purpose\"")
      assert.strictEqual(((yield* JsonApi.put(made, "/x", options)) as Echoed).method, "PUT")
      assert.strictEqual(((yield* JsonApi.remove(made, "/x", options)) as Echoed).method, "DELETE")
    }))

  it.live("may answer a removal with nothing, a question not", () =>
    Effect.gen(function*() {
      const { api: made } = yield* api(answered(200, ""))
      assert.isNull(yield* JsonApi.remove(made, "/x", options))
      assert.strictEqual((yield* Effect.flip(JsonApi.get(made, "/x", options))).kind, "unreadable")
    }))

  it.live("refuses with a status, a request id, a delay, a code and a sentence without secrets", () =>
    Effect.gen(function*() {
      const error = yield* refusal(
        429,
        { error: { code: "TOO_MANY_REQUESTS", message: "too many\nfor sk-hush" } },
        { "x-fal-request-id": "req-1", "retry-after-ms": "1500", "x-should-retry": "true" }
      )
      assert.strictEqual(error.kind, "status")
      assert.isTrue(error.shouldRetry)
      assert.deepStrictEqual(error.metadata, {
        provider: "fal",
        sdkError: "HttpError",
        status: 429,
        message: "too many for ***",
        requestId: "req-1",
        retryAfterSeconds: 1.5,
        providerCode: "TOO_MANY_REQUESTS"
      })
    }))

  it.live("may word its refusals as Google, FastAPI or a proxy does", () =>
    Effect.gen(function*() {
      const google = yield* refusal(429, {
        error: {
          code: 429,
          status: "RESOURCE_EXHAUSTED",
          message: "Resource has been exhausted",
          details: [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "17.5s" }]
        }
      })
      assert.deepInclude(google.metadata, { providerCode: "RESOURCE_EXHAUSTED", retryAfterSeconds: 17.5 })
      assert.property(google.body, "error")
      const listed = yield* refusal(400, [{ error: { status: "INVALID_ARGUMENT", message: "bad" } }])
      assert.deepInclude(listed.metadata, { providerCode: "INVALID_ARGUMENT", message: "bad" })
      assert.deepInclude((yield* refusal(422, { detail: "no such field" })).metadata, { message: "no such field" })
      assert.deepInclude((yield* refusal(502, "<html>Bad\nGateway</html>")).metadata, {
        status: 502,
        message: "<html>Bad Gateway</html>"
      })
      const quoting = yield* refusal(422, { detail: [{ input: "the whole prompt" }] })
      assert.notInclude(JSON.stringify(quoting.metadata), "prompt")
    }))

  it.live("is unreadable when a good answer is no JSON, and is not quoted", () =>
    Effect.gen(function*() {
      const error = yield* refusal(200, "the secret answer")
      assert.strictEqual(error.kind, "unreadable")
      assert.notInclude(JSON.stringify(error.metadata), "secret")
    }))

  it.live("says whether the request can have reached anyone", () =>
    Effect.gen(function*() {
      const { api: made } = yield* api((request) => void request.socket.destroy())
      assert.strictEqual((yield* Effect.flip(JsonApi.get(made, "/x", options))).kind, "network")
      const nobody = JsonApi.make({ ...made, baseUrl: "http://127.0.0.1:1" })
      assert.strictEqual((yield* Effect.flip(JsonApi.get(nobody, "/x", options))).kind, "not_sent")
      const nowhere = JsonApi.make({ ...made, baseUrl: "not a url" })
      assert.strictEqual((yield* Effect.flip(JsonApi.get(nowhere, "/x", options))).kind, "unknown")
      const { api: cut } = yield* api((_, response) => {
        response.writeHead(200, { "content-length": "100" }).write("{")
        setImmediate(() => response.socket?.destroy())
      })
      assert.strictEqual((yield* Effect.flip(JsonApi.get(cut, "/x", options))).kind, "network")
    }))

  it.live("has a limit for the whole answer, and closes the request when that is over", () =>
    Effect.gen(function*() {
      const closed = yield* Deferred.make<void>()
      const { api: made } = yield* api((_, response) => {
        response.on("close", () => Deferred.doneUnsafe(closed, Effect.void))
        response.writeHead(200).write("{")
      })
      const error = yield* Effect.flip(JsonApi.get(made, "/x", { timeoutSeconds: 0.15 }))
      assert.strictEqual(error.kind, "timeout")
      yield* Deferred.await(closed)
    }))

  it.live("closes the request when it is interrupted", () =>
    Effect.gen(function*() {
      const arrived = yield* Deferred.make<void>()
      const closed = yield* Deferred.make<void>()
      const { api: made } = yield* api((_, response) => {
        response.on("close", () => Deferred.doneUnsafe(closed, Effect.void))
        Deferred.doneUnsafe(arrived, Effect.void)
      })
      const fiber = yield* Effect.forkChild(JsonApi.get(made, "/x", options))
      yield* Deferred.await(arrived)
      yield* Fiber.interrupt(fiber)
      yield* Deferred.await(closed)
    }))
})
