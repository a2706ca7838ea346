import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { empty } from "../../src/concept/WorkingMemory.ts"
import * as DryRun from "../../src/direct/DryRun.ts"
import * as Validate from "../../src/direct/Validate.ts"
import type * as Library from "../../src/library/Library.ts"
import * as PipePath from "../../src/program/PipePath.ts"
import { PipeRunner } from "../../src/program/PipeRunner.ts"
import { defaults } from "../../src/program/Settings.ts"
import { compose, content, library, llm, models, pipe, sequence } from "../library/Fixture.ts"

const card =
  "[concept.Card]\ndescription = \"c\"\n[concept.Card.structure]\ntitle = \"T\"\nsize = { type = \"number\", description = \"s\", required = true }\nkind = { choices = [\"a\", \"b\"], description = \"k\", required = true }\n"

const everything = library(
  [
    card,
    llm("text", { topic: "Text" }),
    llm("object", { topic: "Text?" }, "Card"),
    llm("list", { topic: "Text" }, "Card[]"),
    llm("three", { topic: "Text" }, "Card[3]"),
    llm("dynamic", { topic: "Text" }, "Dynamic"),
    llm("see", { pic: "Image", doc: "Document" }),
    pipe("shape", "PipeStructure", { inputs: { topic: "Text" }, output: "Card" }),
    pipe("read", "PipeExtract", { inputs: { doc: "Document" }, output: "Page[]", page_views: true }),
    pipe("scan", "PipeExtract", { inputs: { pic: "Image" }, output: "Page[]" }),
    pipe("draw", "PipeImgGen", { inputs: { topic: "Text" }, output: "Image[2]", prompt: "$topic" }),
    pipe("find", "PipeSearch", { inputs: { topic: "Text" }, output: "SearchResult", prompt: "$topic" }),
    pipe("seek", "PipeSearch", { inputs: { topic: "Text" }, output: "Card", prompt: "$topic" }),
    pipe("judge", "PipeJudge", {
      inputs: { topic: "Text" },
      output: "Rating",
      prompt: "$topic",
      question: "q",
      levels: ["x", "y"]
    }),
    pipe("print", "PipeDocGen", { inputs: { card: "Card" }, output: "Document", format: "pdf" }),
    pipe("call", "PipeFunc", { inputs: { topic: "Text" }, output: "Card[]", function_name: "lib.call" }),
    compose("show", { card: "Card" }, "{{ card.title }} {{ card.size + 1 }}"),
    pipe("build", "PipeCompose", {
      inputs: { card: "Card" },
      output: "Card",
      construct: { title: { from: "card.title" }, size: 1, kind: "a" }
    }),
    "[pipe.later]\ndescription = \"l\"\ninputs = { topic = \"Text\" }\noutput = \"Card\"\n",
    sequence("line", { topic: "Text" }, "Text[]", [
      { pipe: "list", result: "cards" },
      { pipe: "show", batch_over: "cards", batch_as: "card", result: "shown" }
    ]),
    pipe("both", "PipeParallel", {
      inputs: { topic: "Text" },
      output: "Composite",
      branches: [{ pipe: "text", result: "a" }, { pipe: "list", result: "b" }]
    }),
    pipe("route", "PipeCondition", {
      inputs: { card: "Card" },
      output: "Text?",
      expression: "card.kind",
      outcomes: { a: "show", z: "fail" },
      default_outcome: "continue"
    }),
    pipe("each", "PipeBatch", {
      inputs: { cards: "Card[]" },
      output: "Text[]",
      branch_pipe_code: "show",
      input_list_name: "cards",
      input_item_name: "card"
    })
  ].join("\n"),
  { functions: ["lib.call"] }
)

const dry = (method: Library.Library, ref: string) =>
  Effect.gen(function*() {
    const runner = yield* PipeRunner
    return yield* runner.call({
      method,
      ref,
      memory: yield* DryRun.mockInputs(method, ref, empty),
      path: PipePath.entry({ code: ref, ref }),
      scope: { runId: "dry", userId: "x", mode: "dry", settings: defaults },
      result: undefined
    })
  }).pipe(Effect.provide(DryRun.layer({ models })))

describe("a dry run", () => {
  it.effect.each(Array.from(everything.pipes.keys()))(
    "of %s ends well and makes what is declared, the same every time",
    (ref) =>
      Effect.gen(function*() {
        const memory = yield* dry(everything, ref)
        const made = content(memory)
        assert.isDefined(made)
        const slot = everything.pipes.get(ref)?.output
        if (slot?.multiplicity !== "single") assert.isArray(made?.["items"])
        assert.deepStrictEqual(content(yield* dry(everything, ref)), made)
      })
  )

  it.effect("mocks as many as a fixed list asks for", () =>
    Effect.gen(function*() {
      assert.lengthOf(content(yield* dry(everything, "d.three"))?.["items"] as ReadonlyArray<unknown>, 3)
      assert.lengthOf(content(yield* dry(everything, "d.list"))?.["items"] as ReadonlyArray<unknown>, 3)
    }))

  it.effect("cuts a long prompt short", () =>
    Effect.gen(function*() {
      const method = library(compose("none", {}, "x") + llm("long", {}, "Text", { prompt: "word ".repeat(500) }))
      const text = String(content(yield* dry(method, "d.long"))?.["text"])
      assert.match(text, /^DRY RUN: llm_gen_text/)
      assert.isBelow(text.length, 400)
    }))

  it.effect("takes every outcome of a condition", () =>
    Effect.gen(function*() {
      const method = library([
        card,
        compose("good", { card: "Card" }, "{{ card.title }}"),
        compose("bad", { card: "Card" }, "{{ card.size.x.y }}"),
        pipe("route", "PipeCondition", {
          inputs: { card: "Card" },
          output: "Text",
          expression: "card.kind",
          outcomes: { never: "bad" },
          default_outcome: "good"
        })
      ].join("\n"))
      const failure = yield* Effect.flip(dry(method, "d.route"))
      assert.strictEqual(failure.location.pipe, "bad")
    }))
})

describe("Validate.validate", () => {
  it.effect("finds nothing wrong with sound pipes of every type", () =>
    Effect.gen(function*() {
      const { issues, validated } = yield* Validate.validate(everything, defaults)
      assert.deepStrictEqual(issues, [])
      assert.deepStrictEqual(
        validated.map(({ status }) => status),
        Array.from(everything.pipes.keys(), () => "SUCCESS")
      )
    }))

  const faulty = library(
    card + compose("bad", { card: "Card" }, "one\n{{ card.size.kilos.x }}") +
      sequence("go", { card: "Card" }, "Text", [{ pipe: "bad", result: "r" }])
  )

  it.effect("tries each pipe and places what fails", () =>
    Effect.gen(function*() {
      const { issues, validated } = yield* Validate.validate(faulty, defaults)
      assert.deepStrictEqual(validated.map(({ status }) => status), ["FAILURE", "FAILURE"])
      assert.deepStrictEqual(issues.map(({ code, pipe: failed, type }) => [type, code, failed]), [
        ["DryRunError", "pipe.template_render_failed", "bad"],
        ["DryRunError", "pipe.template_render_failed", "bad"]
      ])
      assert.deepStrictEqual(issues[0]?.path, ["pipe", "bad", "template"])
      assert.strictEqual(issues[0]?.inner?.line, 2)
    }))

  it.effect("lets pipes fail that are allowed to", () =>
    Effect.gen(function*() {
      const settings = { ...defaults, dryRun: { ...defaults.dryRun, allowedToFailPipes: ["d.bad", "d.go"] } }
      const { issues, validated } = yield* Validate.validate(faulty, settings)
      assert.deepStrictEqual(issues, [])
      assert.deepStrictEqual(validated.map(({ status }) => status), ["FAILURE", "FAILURE"])
    }))
})
