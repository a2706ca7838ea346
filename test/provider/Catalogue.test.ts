/** What providers list, from servers of this machine. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { Connection } from "../../src/config/Connection.ts"
import * as Catalogue from "../../src/provider/Catalogue.ts"
import * as Undici from "../../src/provider/transport/Undici.ts"
import * as Wire from "./Wire.ts"

const list = { data: [{ id: "b", created: 1_700_000_000, owned_by: "them" }, { id: "a", created: null }] }

/** Asks a server that answers so, at the root of its address. */
const asking = Effect.fnUntraced(
  function*(sdk: string, reply: Wire.Reply, extra: Readonly<Record<string, string>> = {}, timeout = 30) {
    const { context, sent, url } = yield* Wire.backend(() => reply)
    const connection: Connection = {
      ...context.connection,
      endpoint: url,
      extra: Object.fromEntries(Object.entries(extra).map(([key, value]) => [key, Redacted.make(value)]))
    }
    const result = yield* Effect.result(Catalogue.list(connection, sdk, context.fetch, timeout))
    return { result, sent }
  }
)

const listed = Effect.fnUntraced(function*(...args: Parameters<typeof asking>) {
  const { result, sent } = yield* asking(...args)
  return { models: yield* Effect.fromResult(result), sent }
})

const refused = Effect.fnUntraced(function*(reply: Wire.Reply) {
  const { result } = yield* asking("openai", reply)
  return yield* Effect.flip(Effect.fromResult(result))
})

describe("Catalogue.list", () => {
  it.live.each(
    [
      ["openai", {}, "GET /models", "authorization", "Bearer hush"],
      ["mistral", {}, "GET /models", "authorization", "Bearer hush"],
      ["anthropic", {}, "GET /v1/models?limit=1000", "x-api-key", "hush"],
      ["anthropic", { auth_header: "X-Proxy-Key" }, "GET /v1/models?limit=1000", "x-proxy-key", "hush"],
      ["google", {}, "GET /models?pageSize=1000", "x-goog-api-key", "hush"],
      ["azure_openai", { api_version: "2024-10-21" }, "GET /openai/models?api-version=2024-10-21", "api-key", "hush"],
      ["azure_openai", {}, "GET /models", "authorization", "Bearer hush"]
    ] as const
  )("asks %s %o once by %s", ([sdk, extra, line, header, value]) =>
    Effect.gen(function*() {
      const { models, sent } = yield* listed(sdk, { body: list }, extra)
      assert.deepStrictEqual(sent.map((request) => request.line), [line])
      assert.strictEqual(sent[0]?.headers[header], value)
      assert.deepStrictEqual(models, [{ id: "a" }, { id: "b", created: "2023-11-14", owner: "them" }])
    }))

  it.live("reads the names and dates of every provider's own form", () =>
    Effect.gen(function*() {
      const google = yield* listed("google", { body: { models: [{ name: "models/gemini", version: "1" }] } })
      assert.deepStrictEqual(google.models, [{ id: "gemini" }])
      const anthropic = yield* listed("anthropic", {
        body: { data: [{ id: "c", created_at: "2025-02-19T00:00:00Z" }] }
      })
      assert.deepStrictEqual(anthropic.models, [{ id: "c", created: "2025-02-19" }])
      const odd = yield* listed("openai", { body: { data: [{ id: "c", created: 9e99 }, { created: 1 }] } })
      assert.deepStrictEqual(odd.models, [{ id: "c" }])
    }))

  it.live("says in a few words why there is no list, and never the key", () =>
    Effect.gen(function*() {
      const said = yield* Effect.forEach(
        [
          { status: 401, body: { error: { message: "bad key hush" } } },
          { status: 404, body: "" },
          { status: 500, body: "hush" },
          { body: { data: "hush" } },
          { body: "<html>" }
        ],
        (reply) => refused(reply)
      )
      assert.deepStrictEqual(said.map(Catalogue.explain), [
        "it refuses the key (HTTP 401)",
        "it has no list of its models at this endpoint (HTTP 404)",
        "it fails (HTTP 500)",
        "its answer is no list of models",
        "its answer is no list of models"
      ])
      const failures = said.map((error) => Catalogue.failure(error, "mine"))
      assert.deepStrictEqual(failures.map(({ code, provider }) => [code, provider]), [
        ["provider.credential_refused", "mine"],
        ["provider.response_invalid", "mine"],
        ["provider.failed", "mine"],
        ["provider.response_invalid", "mine"],
        ["provider.response_invalid", "mine"]
      ])
      for (const { message, model } of failures) {
        assert.isUndefined(model)
        assert.notInclude(message, "hush")
        assert.notInclude(message, "for model")
      }
    }))

  it.live("tells a provider that cannot be reached from one that does not answer", () =>
    Effect.gen(function*() {
      const client = yield* Effect.acquireRelease(Effect.sync(Undici.open), ({ close }) => Effect.promise(close))
      const { context } = yield* Wire.backend(() => ({ body: list }))
      const gone: Connection = { ...context.connection, endpoint: "http://127.0.0.1:9/v1" }
      const unreachable = yield* Effect.flip(Catalogue.list(gone, "openai", client.fetch, 30))
      assert.strictEqual(Catalogue.explain(unreachable), "it cannot be reached (connection refused)")
      const never: typeof fetch = () => new Promise(() => undefined)
      const late = yield* Effect.flip(Catalogue.list(gone, "openai", never, 0.05))
      assert.strictEqual(Catalogue.explain(late), "it gives no answer in time")
      assert.strictEqual(Catalogue.failure(late, "mine").code, "provider.timeout")
    }))
})

describe("Catalogue.sdkOf", () => {
  it("is the first adapter whose provider lists its models", () => {
    const backend = (...sdks: ReadonlyArray<string>) => ({
      models: sdks.map((sdk) => ({
        model: {
          handle: sdk,
          family: "llm" as const,
          backend: "b",
          sdk,
          modelId: sdk,
          inputs: [],
          outputs: [],
          thinking: "none" as const
        },
        headers: {},
        rules: {}
      }))
    })
    assert.strictEqual(Catalogue.sdkOf(backend("fal", "openai_img_gen")), "openai_img_gen")
    assert.isUndefined(Catalogue.sdkOf(backend("fal", "linkup")))
    assert.isUndefined(Catalogue.sdkOf(backend("constructor")))
  })
})
