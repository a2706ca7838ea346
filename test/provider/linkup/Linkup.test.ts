import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { fail } from "../../../src/failure/PipeFailure.ts"
import type { Model } from "../../../src/program/Models.ts"
import type { SearchRequest } from "../../../src/provider/Adapter.ts"
import { classify } from "../../../src/provider/classify/Classify.ts"
import * as Fetch from "../../../src/provider/linkup/Fetch.ts"
import * as Search from "../../../src/provider/linkup/Search.ts"
import { structure } from "../Scripted.ts"
import * as Wire from "../Wire.ts"

const model: Model = {
  handle: "linkup-deep",
  family: "search",
  backend: "mine",
  sdk: "linkup",
  modelId: "deep",
  inputs: [],
  outputs: [],
  thinking: "none"
}

const request: SearchRequest = {
  model,
  wire: Wire.wire("deep"),
  query: "cats",
  includeImages: false,
  includeInlineCitations: true
}

const everything: SearchRequest = {
  ...request,
  includeImages: true,
  includeInlineCitations: false,
  maxResults: 3,
  fromDate: "2026-01-02",
  toDate: "2026-03-04",
  includeDomains: ["a.example"],
  excludeDomains: ["b.example"]
}

describe("search by Linkup", () => {
  it.live("asks for an answer with its sources", () =>
    Effect.gen(function*() {
      const { context, sent } = yield* Wire.backend(() => ({
        body: {
          answer: "Forty-two [1]",
          sources: [
            { name: "A", url: "https://a.example/", snippet: "s", favicon: "https://a.example/icon" },
            { type: "text", name: "B", url: "https://b.example/", content: "c" },
            { type: "image", name: "", url: "https://c.example/c.png" }
          ]
        }
      }))
      const engine = Search.make(context)
      assert.deepStrictEqual(yield* engine.answer(request), {
        answer: "Forty-two [1]",
        sources: [
          { url: "https://a.example/", title: "A", snippet: "s" },
          { url: "https://b.example/", title: "B", snippet: "c" },
          { url: "https://c.example/c.png" }
        ],
        units: { searches: 1 }
      })
      yield* engine.answer(everything)
      assert.deepStrictEqual(sent.map(Wire.jsonOf), [
        {
          q: "cats",
          depth: "deep",
          outputType: "sourcedAnswer",
          includeImages: false,
          includeInlineCitations: true
        },
        {
          q: "cats",
          depth: "deep",
          outputType: "sourcedAnswer",
          includeImages: true,
          includeInlineCitations: false,
          maxResults: 3,
          fromDate: "2026-01-02",
          toDate: "2026-03-04",
          includeDomains: ["a.example"],
          excludeDomains: ["b.example"]
        }
      ])
      assert.strictEqual(sent[0]?.line, "POST /v1/search")
      assert.deepInclude(sent[0]?.headers, { authorization: "Bearer hush", "x-extra": "one" })
    }))

  it.live("asks for an object with its schema as text", () =>
    Effect.gen(function*() {
      const { context, sent } = yield* Wire.backend(() => ({ body: { title: "T", count: 2 } }))
      const wanted = structure()
      assert.deepStrictEqual(yield* Search.make(context).structured(request, wanted), {
        value: { title: "T", count: 2 },
        units: { searches: 1 }
      })
      assert.deepStrictEqual(sent.map(Wire.jsonOf), [{
        q: "cats",
        depth: "deep",
        outputType: "structured",
        structuredOutputSchema: JSON.stringify(wanted.schema),
        includeImages: false
      }])
    }))

  it.live("tells what the API said of a failure, and nothing secret", () =>
    Effect.gen(function*() {
      const { context, sent } = yield* Wire.backend(() => ({
        status: 400,
        body: {
          statusCode: 400,
          error: { code: "SEARCH_QUERY_NO_RESULT", message: "nothing for key hush", details: [] }
        }
      }))
      const error = yield* Effect.flip(Search.make(context).answer(request))
      assert.strictEqual(error.kind, "status")
      assert.deepInclude(error.metadata, { provider: "linkup", status: 400, providerCode: "SEARCH_QUERY_NO_RESULT" })
      assert.notInclude(JSON.stringify(error.metadata), "hush")
      assert.lengthOf(sent, 1)
    }))

  const meanings: ReadonlyArray<readonly [status: number, code: string, meaning: string, category: string]> = [
    [400, "SEARCH_QUERY_NO_RESULT", "model.no_result", "content"],
    [400, "VALIDATION_ERROR", "runtime.unexpected", "content"],
    [400, "FETCH_RESPONSE_TOO_LARGE", "input.too_large", "content"],
    [400, "FETCH_URL_IS_FILE", "input.file_type_unsupported", "content"],
    [400, "FETCH_ERROR", "input.url_unreachable", "transient"],
    [401, "UNAUTHORIZED", "provider.credential_refused", "configuration"],
    [403, "FORBIDDEN", "provider.credential_refused", "configuration"],
    [429, "TOO_MANY_REQUESTS", "provider.rate_limited", "transient"],
    [429, "INSUFFICIENT_FUNDS_CREDITS", "provider.quota_exhausted", "capacity"],
    [500, "INTERNAL_SERVER_ERROR", "provider.failed", "transient"]
  ]
  it.live.each(meanings)("answering %i %s means %s", ([status, code, meaning, category]) =>
    Effect.gen(function*() {
      const body = { statusCode: status, error: { code, message: "m", details: [] } }
      const { context } = yield* Wire.backend(() => ({ status, body }))
      const error = yield* Effect.flip(Search.make(context).answer(request))
      const failure = fail(classify(error, { family: "search", backend: "mine", model: "linkup-deep" }))
      assert.deepStrictEqual([failure.code, failure.category], [meaning, category])
    }))

  it.live("cannot read what is not an answer", () =>
    Effect.gen(function*() {
      const bodies = ["<html>", [], { answer: 3, sources: [] }, { answer: "a" }, { answer: "a", sources: [{}] }]
      let turn = 0
      const { context } = yield* Wire.backend(() => ({ body: bodies[turn++] }))
      for (const _ of bodies) {
        assert.strictEqual((yield* Effect.flip(Search.make(context).answer(request))).kind, "unreadable")
      }
    }))
})

describe("pages fetched by Linkup", () => {
  const extract = {
    model,
    wire: Wire.wire("fetch"),
    file: { _tag: "Url", url: "https://a.example/page" },
    kind: "document"
  } as const

  it.live("are one page of Markdown, with the markup where it was asked for", () =>
    Effect.gen(function*() {
      const { context, sent } = yield* Wire.backend(({ body }) => ({
        body: { markdown: "# Hi", ...(body.includes("includeRawHtml") ? { rawHtml: "<h1>Hi</h1>" } : {}) }
      }))
      const fetcher = Fetch.make(context)
      assert.deepStrictEqual(yield* fetcher.extract(extract), {
        pages: [{ text: "# Hi", images: [] }],
        units: { pages: 1 }
      })
      const { pages } = yield* fetcher.extract({ ...extract, includeRawHtml: true, renderJs: true })
      assert.deepStrictEqual(pages, [{ text: "# Hi", images: [], rawHtml: "<h1>Hi</h1>" }])
      assert.deepStrictEqual(sent.map((each) => [each.line, Wire.jsonOf(each)]), [
        ["POST /v1/fetch", { url: "https://a.example/page" }],
        ["POST /v1/fetch", { url: "https://a.example/page", includeRawHtml: true, renderJs: true }]
      ])
    }))

  it.live("are never files of this machine", () =>
    Effect.gen(function*() {
      const { context, sent } = yield* Wire.backend(() => ({ body: { markdown: "" } }))
      const file = { _tag: "Bytes", base64: "", mimeType: "application/pdf" } as const
      const error = yield* Effect.flip(Fetch.make(context).extract({ ...extract, file }))
      assert.strictEqual(error.kind, "unknown")
      assert.lengthOf(sent, 0)
    }))
})
