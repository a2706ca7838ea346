import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { Job } from "../../src/program/Leaves.ts"
import type { Model } from "../../src/program/Models.ts"
import type { SearchAdapter, SearchRequest } from "../../src/provider/Adapter.ts"
import { checks } from "../../src/provider/Answer.ts"
import { sending } from "../../src/provider/Calling.ts"
import * as SearchEngine from "../../src/provider/SearchEngine.ts"
import { inference, structure } from "./Scripted.ts"

const finder: Model = {
  handle: "find-1",
  family: "search",
  backend: "acme",
  sdk: "acme_search",
  modelId: "deep",
  inputs: ["text"],
  outputs: ["sourced-answers", "structured"],
  thinking: "none"
}

const job: Job<"act_search_gen_structured"> = {
  meta: { runId: "r", userId: "u", pipe: "find", domain: "d", path: "find#0" },
  setting: { model: finder, settings: {} },
  query: "cats",
  parameters: { includeImages: true, includeInlineCitations: false, maxResults: 3, fromDate: "2026-01-02" },
  structure: structure()
}

const searching = (answer: unknown) => {
  const sent: Array<SearchRequest> = []
  const next = <A>(request: SearchRequest) =>
    Effect.sync(() => {
      sent.push(request)
      return answer as A
    })
  const adapter: SearchAdapter = { answer: next, structured: next }
  const handlers = SearchEngine.handlers({
    search: () =>
      Effect.succeed({
        adapter,
        wire: { modelId: "deep", headers: {}, rules: {} },
        send: sending(finder, inference)
      }),
    checks: checks()
  })
  return { ...handlers, sent }
}

const units = { searches: 1 }

describe("a search", () => {
  it.effect("gives the answer, its sources as documents, and what it cost", () =>
    Effect.gen(function*() {
      const { act_search_gen_sourced_answer: search, sent } = searching({
        answer: "Forty-two",
        sources: [{ url: "https://a.example/", title: "A", snippet: "s" }, { url: "https://b.example/" }],
        units
      })
      const { usage, value } = yield* search(job)
      const document = { public_url: null, mime_type: null, filename: null, title: null, snippet: null }
      assert.deepStrictEqual(value, {
        answer: "Forty-two",
        sources: [
          {
            ...document,
            url: "https://a.example/",
            public_url: "https://a.example/",
            title: "A",
            snippet: "s"
          },
          { ...document, url: "https://b.example/", public_url: "https://b.example/" }
        ]
      })
      assert.deepInclude(usage, { model: "find-1", backend: "acme", modelId: "deep", requests: 1, reasks: 0, units })
      assert.deepStrictEqual(sent, [{
        model: finder,
        wire: { modelId: "deep", headers: {}, rules: {} },
        query: "cats",
        ...job.parameters
      }])
    }))

  it.effect("that answers nothing has found nothing", () =>
    Effect.gen(function*() {
      const { act_search_gen_sourced_answer: search } = searching({ answer: " \n", sources: [], units })
      const failure = yield* Effect.flip(search(job))
      assert.strictEqual(failure.code, "model.no_result")
      assert.deepStrictEqual(failure.usage?.units, units)
    }))

  it.effect("gives an object that fits its concept", () =>
    Effect.gen(function*() {
      const { act_search_gen_structured: search } = searching({ value: { title: "t", count: 3 }, units })
      const { usage, value } = yield* search(job)
      assert.deepInclude(value, { title: "t", count: 3 })
      assert.deepStrictEqual(usage.units, units)
    }))

  it.effect("is not asked again for an object that does not fit", () =>
    Effect.gen(function*() {
      const { act_search_gen_structured: search, sent } = searching({ value: { title: "secret" }, units })
      const failure = yield* Effect.flip(search(job))
      assert.strictEqual(failure.code, "model.output_schema_mismatch")
      assert.deepInclude(failure.reason, { concept: "d.Note", attempts: 1, model: "find-1", provider: "acme" })
      assert.deepStrictEqual(failure.usage?.units, units)
      assert.lengthOf(sent, 1)
      assert.notInclude(JSON.stringify(failure), "secret")
    }))
})
