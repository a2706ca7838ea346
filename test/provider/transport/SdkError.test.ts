import { BaseAnthropic } from "@anthropic-ai/sdk/client"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { IncomingMessage, ServerResponse } from "node:http"
import { OpenAI } from "openai/client"
import type { ProviderError } from "../../../src/provider/transport/ProviderError.ts"
import { fromSdk } from "../../../src/provider/transport/SdkError.ts"
import { open } from "../../../src/provider/transport/Undici.ts"
import * as Loopback from "../../document/Loopback.ts"

const scrub = (text: string) => text.replaceAll("sk-hush", "***")

type Answer = (response: ServerResponse, request: IncomingMessage) => void

const json = (status: number, body: unknown, headers: Record<string, string> = {}): Answer => (response) => {
  response.writeHead(status, { "content-type": "application/json", ...headers })
  response.end(typeof body === "string" ? body : JSON.stringify(body))
}

const events = (text: string): Answer => (response) => {
  response.writeHead(200, { "content-type": "text/event-stream", "request-id": "req-9", "x-request-id": "req-9" })
  response.end(text)
}

interface Calls {
  readonly openai: (baseURL: string, stream: boolean) => Promise<unknown>
  readonly anthropic: (baseURL: string, stream: boolean) => Promise<unknown>
}

const drained = async (answer: unknown): Promise<unknown> => {
  if (typeof answer === "object" && answer !== null && Symbol.asyncIterator in answer) {
    for await (const _ of answer as AsyncIterable<unknown>) void _
  }
  return answer
}

const calls = (fetch: typeof globalThis.fetch): Calls => ({
  openai: (baseURL, stream) =>
    new OpenAI({ apiKey: "sk-hush", baseURL, fetch, maxRetries: 0, timeout: 400, logLevel: "off" })
      .post("/chat/completions", { body: { stream }, stream }).then(drained),
  anthropic: (baseURL, stream) =>
    new BaseAnthropic({ apiKey: "sk-hush", baseURL, fetch, maxRetries: 0, timeout: 400, logLevel: "off" })
      .post("/v1/messages", { body: { stream }, stream }).then(drained)
})

const failing = (sdk: keyof Calls, url: string, stream = false): Effect.Effect<ProviderError, unknown> =>
  Effect.scoped(Effect.gen(function*() {
    const { fetch } = yield* Effect.acquireRelease(Effect.sync(open), ({ close }) => Effect.promise(close))
    return yield* Effect.flip(
      Effect.tryPromise({ try: () => calls(fetch)[sdk](url, stream), catch: fromSdk(sdk, { scrub }) })
    )
  }))

const answering = (sdk: keyof Calls, answer: Answer, stream = false) =>
  Effect.flatMap(
    Loopback.serve((request, response) => answer(response, request)),
    ({ url }) => failing(sdk, url, stream)
  )

const anthropicBody = (type: string, message: string) => ({
  type: "error",
  error: { type, message },
  request_id: "req-5"
})

describe("what the SDKs throw", () => {
  it.live("has its status, request id, delay, code and sentence read", () =>
    Effect.gen(function*() {
      const openai = yield* answering(
        "openai",
        json(429, {
          error: { message: "Rate limit reached for sk-hush", type: "requests", code: "rate_limit_exceeded" }
        }, {
          "x-request-id": "req-1",
          "retry-after": "7"
        })
      )
      assert.strictEqual(openai.kind, "status")
      assert.deepStrictEqual(openai.metadata, {
        provider: "openai",
        sdkError: "RateLimitError",
        status: 429,
        message: "Rate limit reached for ***",
        requestId: "req-1",
        retryAfterSeconds: 7,
        providerCode: "requests"
      })
      assert.deepInclude(openai.body, { code: "rate_limit_exceeded" })
      const anthropic = yield* answering(
        "anthropic",
        json(529, anthropicBody("overloaded_error", "Overloaded"), { "x-should-retry": "false" })
      )
      assert.deepStrictEqual(anthropic.metadata, {
        provider: "anthropic",
        sdkError: anthropic.metadata.sdkError ?? "",
        status: 529,
        message: "Overloaded",
        requestId: "req-5",
        providerCode: "overloaded_error"
      })
      assert.isFalse(anthropic.shouldRetry)
      const headed = yield* answering(
        "anthropic",
        json(401, anthropicBody("authentication_error", "no"), { "request-id": "req-6", "x-should-retry": "true" })
      )
      assert.strictEqual(headed.metadata.requestId, "req-6")
      assert.isTrue(headed.shouldRetry)
    }))

  it.live("counts a date to come back at from the provider's own clock", () =>
    Effect.gen(function*() {
      const error = yield* answering(
        "openai",
        json(503, {}, { date: "Wed, 04 Mar 2020 05:06:07 GMT", "retry-after": "Wed, 04 Mar 2020 05:06:37 GMT" })
      )
      assert.strictEqual(error.metadata.retryAfterSeconds, 30)
    }))

  it.live("is told without the body where that has no sentence, and never at length", () =>
    Effect.gen(function*() {
      const silent = yield* answering("anthropic", json(400, { account: "acct-secret", prompt: "the prompt" }))
      assert.notInclude(JSON.stringify(silent.metadata), "secret")
      assert.isUndefined(silent.metadata.message)
      const page = yield* answering("openai", (response) =>
        response.writeHead(502, { "content-type": "text/html" }).end(`<html>\n${"x".repeat(5000)} sk-hush`))
      assert.strictEqual(page.metadata.message?.length, 500)
      assert.notInclude(JSON.stringify(page.metadata), "hush")
    }))

  for (const sdk of ["openai", "anthropic"] as const) {
    it.live(`${sdk}: says whether the request can have reached anyone`, () =>
      Effect.gen(function*() {
        const refused = yield* failing(sdk, "http://127.0.0.1:1")
        assert.deepInclude({ ...refused.metadata, kind: refused.kind }, {
          kind: "not_sent",
          message: "connection refused",
          sdkError: "APIConnectionError"
        })
        assert.strictEqual((yield* answering(sdk, (_, { socket }) => void socket.destroy())).kind, "network")
        const late = yield* answering(sdk, () => undefined)
        assert.deepInclude({ ...late.metadata, kind: late.kind }, {
          kind: "timeout",
          sdkError: "APIConnectionTimeoutError"
        })
        const half = yield* answering(sdk, (response) => {
          response.writeHead(200, { "content-type": "application/json", "content-length": "100" })
          response.write("{\"a\":")
          setImmediate(() => response.socket?.destroy())
        })
        assert.strictEqual(half.kind, "network")
      }))

    it.live(`${sdk}: an answer that is no JSON is not quoted`, () =>
      Effect.gen(function*() {
        const error = yield* answering(sdk, json(200, "{\"answer\": confidential}"))
        assert.strictEqual(error.kind, "unreadable")
        assert.notInclude(JSON.stringify(error.metadata), "confidential")
      }))
  }

  it.live("an error event stands for the status that its type names", () =>
    Effect.gen(function*() {
      const types: ReadonlyArray<readonly [string, number]> = [
        ["overloaded_error", 529],
        ["rate_limit_error", 429],
        ["api_error", 500],
        ["authentication_error", 401],
        ["permission_error", 403],
        ["not_found_error", 404],
        ["request_too_large", 413],
        ["invalid_request_error", 400],
        ["timeout_error", 504],
        ["billing_error", 402]
      ]
      for (const [type, status] of types) {
        const error = yield* answering(
          "anthropic",
          events(`event: error\ndata: ${JSON.stringify(anthropicBody(type, "in the middle"))}\n\n`),
          true
        )
        assert.strictEqual(error.kind, "status")
        assert.deepInclude(error.metadata, { status, providerCode: type, message: "in the middle", requestId: "req-9" })
      }
      const openai = yield* answering(
        "openai",
        events(
          `data: ${
            JSON.stringify({ error: { message: "slow down", type: "requests", code: "rate_limit_exceeded" } })
          }\n\n`
        ),
        true
      )
      assert.deepInclude(openai.metadata, { status: 429, providerCode: "requests" })
      const unheard = yield* answering(
        "anthropic",
        events(`event: error\ndata: ${JSON.stringify(anthropicBody("novel_error", "what"))}\n\n`),
        true
      )
      assert.strictEqual(unheard.kind, "unknown")
    }))

  it.live("a stream that is cut is a lost connection", () =>
    Effect.gen(function*() {
      const error = yield* answering("anthropic", (response) => {
        response.writeHead(200, { "content-type": "text/event-stream" })
        response.write("event: ping\ndata: {}\n\n")
        setTimeout(() => response.socket?.destroy(), 20)
      }, true)
      assert.strictEqual(error.kind, "network")
    }))

  it("a mistake of ours is no lost connection", () => {
    const error = fromSdk("openai", { scrub })(new TypeError("sk-hush is not a function"))
    assert.strictEqual(error.kind, "unknown")
    assert.strictEqual(error.metadata.message, "*** is not a function")
    assert.strictEqual(fromSdk("openai", { scrub })("thrown text").kind, "unknown")
  })
})
