import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import process from "node:process"
import * as Chat from "../../../src/provider/openai/Chat.ts"
import { client } from "../../../src/provider/openai/Client.ts"
import * as Responses from "../../../src/provider/openai/Responses.ts"
import { type Answer, backend, failed, http, request, secret } from "./Server.ts"

const hello: Answer = (response) =>
  http(200, JSON.stringify({ choices: [{ finish_reason: "stop", message: { content: "Hello" } }], output: [] }))(
    response
  )

const withVariables = (variables: Readonly<Record<string, string>>) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const before = Object.keys(variables).map((name) => [name, process.env[name]] as const)
      Object.assign(process.env, variables)
      return before
    }),
    (before) =>
      Effect.sync(() => {
        for (const [name, value] of before) {
          if (value === undefined) delete process.env[name]
          else process.env[name] = value
        }
      })
  )

describe("the client of a backend", () => {
  it.live("shows the key in the authorization header and nowhere else", () =>
    Effect.gen(function*() {
      const { context, sent } = yield* backend([hello])
      yield* Chat.make(context).text(request())
      const { authorization, ...headers } = sent[0]?.headers ?? {}
      assert.strictEqual(authorization, `Bearer ${secret}`)
      assert.notInclude(JSON.stringify([headers, sent[0]?.line, sent[0]?.body]), secret)
    }))

  it.live("needs no key where the server needs none", () =>
    Effect.gen(function*() {
      const { context, sent } = yield* backend([hello], () => ({}), true)
      assert.strictEqual((yield* Chat.make(context).text(request())).text, "Hello")
      assert.strictEqual(sent[0]?.headers.authorization, "Bearer unused")
    }))

  it.live("takes nothing from the environment", () =>
    Effect.gen(function*() {
      yield* withVariables({
        OPENAI_API_KEY: "sk-ambient",
        OPENAI_ADMIN_KEY: "sk-ambient",
        OPENAI_ORG_ID: "ambient",
        OPENAI_PROJECT_ID: "ambient",
        OPENAI_BASE_URL: "http://127.0.0.1:1/ambient",
        OPENAI_CUSTOM_HEADERS: "x-ambient: ambient",
        OPENAI_LOG: "debug",
        OPENAI_API_VERSION: "ambient",
        AZURE_OPENAI_ENDPOINT: "http://127.0.0.1:1/ambient"
      })
      const open = yield* backend([hello], () => ({}), true)
      yield* Chat.make(open.context).text(request())
      const azure = yield* backend([hello], (_, url) => ({
        endpoint: url,
        extra: { api_version: Redacted.make("2024-10-21") }
      }))
      yield* Chat.make(azure.context).text(request())
      assert.notInclude(JSON.stringify([open.sent, azure.sent]), "ambient")
      const { endpoint: _, ...connection } = open.context.connection
      assert.strictEqual(client({ ...open.context, connection }).baseURL, "https://api.openai.com/v1")
    }))

  it.live("names the organization and the project of the backend", () =>
    Effect.gen(function*() {
      const { context, sent } = yield* backend([hello], () => ({
        extra: { organization: Redacted.make("org-1"), project: Redacted.make("proj-1"), debug: true }
      }))
      yield* Chat.make(context).text(request())
      assert.strictEqual(sent[0]?.headers["openai-organization"], "org-1")
      assert.strictEqual(sent[0]?.headers["openai-project"], "proj-1")
    }))

  it.live("calls an Azure resource by its deployments, its version and its own key header", () =>
    Effect.gen(function*() {
      const { context, sent } = yield* backend([hello], (_, url) => ({
        endpoint: `${url}/`,
        extra: { api_version: Redacted.make("2024-10-21") }
      }))
      yield* Chat.make(context).text(request())
      yield* Responses.make(context).text(request())
      assert.deepStrictEqual(sent.map(({ line }) => line), [
        "POST /openai/deployments/acme%2Fmodel-1/chat/completions?api-version=2024-10-21",
        "POST /openai/responses?api-version=2024-10-21"
      ])
      assert.deepStrictEqual(sent.map(({ headers }) => [headers["api-key"], headers.authorization]), [
        [secret, undefined],
        [secret, undefined]
      ])
    }))
})

describe("a request that fails", () => {
  for (const [api, make] of [["Chat", Chat.make], ["Responses", Responses.make]] as const) {
    it.live(`is made once by ${api}, and tells what the provider said without the key`, () =>
      Effect.gen(function*() {
        const { context, sent } = yield* backend([
          http(
            429,
            JSON.stringify({
              error: { message: `slow down ${secret}`, type: "requests", code: "rate_limit_exceeded" }
            }),
            {
              "content-type": "application/json",
              "x-request-id": "req-7",
              "retry-after": "3",
              "x-should-retry": "true"
            }
          )
        ])
        const error = yield* failed(make(context).text(request()))
        assert.strictEqual(sent.length, 1)
        assert.deepStrictEqual([error.kind, error.shouldRetry], ["status", true])
        assert.deepInclude(error.metadata, {
          provider: "openai",
          status: 429,
          requestId: "req-7",
          retryAfterSeconds: 3,
          providerCode: "requests"
        })
        assert.include(error.metadata.message, "slow down")
        assert.notInclude(JSON.stringify(error.metadata), secret)
      }))

    const unreadable: ReadonlyArray<readonly [string, Answer]> = [
      ["is cut JSON", http(200, "{\"choices\": [")],
      ["is a web page", http(200, "<html>secret plan</html>", { "content-type": "text/html" })],
      ["is empty", http(200, "")],
      ["is JSON of another kind", http(200, "[1, 2]")],
      ["has neither choices nor output", http(200, JSON.stringify({ output: null }))],
      [
        "has a message without any form",
        http(200, JSON.stringify({ choices: [{ message: "secret plan" }], output: [3] }))
      ]
    ]
    for (const [which, answer] of unreadable) {
      it.live(`is unreadable for ${api} when the answer ${which}, which is not quoted`, () =>
        Effect.gen(function*() {
          const { context } = yield* backend([answer])
          const error = yield* failed(make(context).text(request()))
          assert.deepStrictEqual([error.kind, error.metadata.provider], ["unreadable", "openai"])
          assert.notInclude(JSON.stringify(error), "secret plan")
        }))
    }

    it.live(`is a network failure for ${api} when the connection ends in the middle of an answer`, () =>
      Effect.gen(function*() {
        const { context } = yield* backend([(response) => {
          response.writeHead(200, { "content-type": "application/json", "content-length": "500" })
          response.write("{\"choices\":")
          setImmediate(() => response.socket?.destroy())
        }])
        assert.strictEqual((yield* failed(make(context).text(request()))).kind, "network")
      }))

    it.live(`is a timeout for ${api} when the answer takes longer than the setting allows`, () =>
      Effect.gen(function*() {
        const { context } = yield* backend([() => undefined])
        const impatient = { ...context, inference: { ...context.inference, requestTimeoutSeconds: 0.2 } }
        assert.strictEqual((yield* failed(make(impatient).text(request()))).kind, "timeout")
      }))

    it.live(`was not sent by ${api} when nobody listens`, () =>
      Effect.gen(function*() {
        const { context } = yield* backend([], () => ({ endpoint: "http://127.0.0.1:9/v1" }))
        assert.strictEqual((yield* failed(make(context).text(request()))).kind, "not_sent")
      }))

    it.live(`is closed when ${api} is interrupted`, () =>
      Effect.gen(function*() {
        const arrived = yield* Deferred.make<void>()
        const closed = yield* Deferred.make<void>()
        const { context } = yield* backend([(response) => {
          response.once("close", () => Deferred.doneUnsafe(closed, Effect.void))
          Deferred.doneUnsafe(arrived, Effect.void)
        }])
        const fiber = yield* Effect.forkChild(make(context).text(request()))
        yield* Deferred.await(arrived)
        yield* Fiber.interrupt(fiber)
        yield* Deferred.await(closed)
      }), 20_000)
  }
})
