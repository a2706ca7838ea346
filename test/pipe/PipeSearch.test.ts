import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Recorded from "../../src/direct/Recorded.ts"
import type { Job } from "../../src/program/Leaves.ts"
import { content, kinds, library, make, pipe, recording, run } from "../library/Fixture.ts"

const card =
  "[concept.Card]\ndescription = \"c\"\n[concept.Card.structure]\ntitle = { type = \"text\", description = \"t\", required = true }\n"

const found = { answer: "Forty-two", sources: [{ url: "https://a.example/", title: "A", snippet: "s" }] }

const answers: Recorded.Answer = ({ leaf }) =>
  Effect.succeed(leaf === "act_search_gen_structured" ? { title: "T" } : found)

const search = (more: object = {}) =>
  library(
    card + pipe("find", "PipeSearch", {
      inputs: { topic: "Text" },
      output: "SearchResult",
      prompt: "news of $topic, {{ topic }}",
      ...more
    })
  )

const asked = (more: object = {}) =>
  Effect.gen(function*() {
    const { answer, sent } = recording(answers)
    const memory = yield* run(search(more), "d.find", { topic: "cats" }, { answer })
    return { memory, leaf: sent[0]?.leaf, job: sent[0]?.job as Job<"act_search_gen_structured">, count: sent.length }
  })

describe("PipeSearch", () => {
  it.effect("asks once for an answer with its sources, by the rendered prompt", () =>
    Effect.gen(function*() {
      const { count, job, leaf, memory } = yield* asked()
      assert.deepStrictEqual([leaf, count], ["act_search_gen_sourced_answer", 1])
      assert.strictEqual(job.query, "news of cats, cats")
      assert.strictEqual(job.setting.model.handle, "finder")
      assert.deepStrictEqual(job.parameters, { includeImages: false, includeInlineCitations: true })
      assert.deepStrictEqual(content(memory), found)
    }))

  it.effect("asks for an object where its output is one, with the schema of its concept", () =>
    Effect.gen(function*() {
      const { job, leaf, memory } = yield* asked({ output: "Card" })
      assert.strictEqual(leaf, "act_search_gen_structured")
      assert.strictEqual(job.query, "news of cats, cats")
      assert.strictEqual(job.structure.concept, "d.Card")
      assert.property(job.structure.schema["properties"], "title")
      assert.deepStrictEqual(content(memory), { title: "T" })
    }))

  it.effect("asks for an answer where its output refines one", () =>
    Effect.gen(function*() {
      const method = library(
        "[concept.Report]\ndescription = \"r\"\nrefines = \"SearchResult\"\n" +
          pipe("find", "PipeSearch", { output: "Report", prompt: "cats" })
      )
      const { answer, sent } = recording(answers)
      yield* run(method, "d.find", {}, { answer })
      assert.deepStrictEqual(sent.map(({ leaf }) => leaf), ["act_search_gen_sourced_answer"])
    }))

  it.effect("puts its own keys over the settings of its model", () =>
    Effect.gen(function*() {
      const model = { model: "finder", include_images: true, include_inline_citations: false, max_results: 9 }
      const settings = yield* asked({ model })
      assert.deepStrictEqual(settings.job.parameters, {
        includeImages: true,
        includeInlineCitations: false,
        maxResults: 9
      })
      const { job } = yield* asked({
        model,
        include_images: false,
        max_results: 2,
        from_date: "2026-01-02",
        to_date: "2026-03-04",
        include_domains: ["a.example"],
        exclude_domains: ["b.example", "c.example"]
      })
      assert.deepStrictEqual(job.parameters, {
        includeImages: false,
        includeInlineCitations: false,
        maxResults: 2,
        fromDate: "2026-01-02",
        toDate: "2026-03-04",
        includeDomains: ["a.example"],
        excludeDomains: ["b.example", "c.example"]
      })
    }))

  it.effect("asks nothing when its prompt comes out blank", () =>
    Effect.gen(function*() {
      const { answer, sent } = recording(answers)
      const failure = yield* Effect.flip(run(search({ prompt: "$topic" }), "d.find", { topic: " " }, { answer }))
      assert.strictEqual(failure.reason._tag, "PromptEmpty")
      assert.lengthOf(sent, 0)
    }))

  it("makes one value, with a model that searches", () => {
    const written = (more: object) =>
      kinds(make(card + pipe("find", "PipeSearch", { output: "SearchResult", prompt: "x", ...more })).issues)
    assert.deepStrictEqual(written({}), [])
    assert.deepStrictEqual(written({ output: "Card[]" }), ["- method.schema_violation"])
    assert.deepStrictEqual(written({ model: "writer" }), ["unknown_model model.unknown"])
    assert.lengthOf(written({ from_date: "02/01/2026" }), 1)
    assert.lengthOf(written({ max_results: 0 }), 1)
  })
})
