import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import * as WorkingMemory from "../../src/concept/WorkingMemory.ts"
import type * as Recorded from "../../src/direct/Recorded.ts"
import { fail } from "../../src/failure/PipeFailure.ts"
import * as Reason from "../../src/failure/Reason.ts"
import { compose, content, library, llm, pipe, run, sequence } from "../library/Fixture.ts"

const pair = `
[concept.Pair]
description = "A pair"
[concept.Pair.structure]
left = { type = "concept", concept_ref = "Text", description = "Left", required = true }
right = { type = "concept", concept_ref = "Number", description = "Right" }
words = { type = "list", item_type = "concept", item_concept_ref = "Text", description = "Words" }
mark = { type = "text", description = "Mark", default_value = "none" }
`

const maybe = pipe("maybe", "PipeCondition", {
  inputs: { topic: "Text" },
  output: "Text?",
  expression: "topic.text",
  outcomes: { go: "one" },
  default_outcome: "continue"
})

const parallel = (
  output: string,
  branches: ReadonlyArray<object>,
  more: object = {},
  inputs: object = { topic: "Text" }
) => pipe("both", "PipeParallel", { inputs, output, branches, ...more })

const one = compose("one", { topic: "Text" }, "1:$topic")
const two = compose("two", { topic: "Text" }, "2:$topic")

describe("PipeParallel", () => {
  it.effect("combines its branches by name into a Composite that templates can read", () =>
    Effect.gen(function*() {
      const method = library([
        one,
        two,
        parallel("Composite", [{ pipe: "one", result: "a" }, { pipe: "two", result: "b" }]),
        compose("show", { all: "Composite" }, "{{ all.a }} and {{ all.b.text }}"),
        sequence("go", { topic: "Text" }, "Text", [{ pipe: "both", result: "all" }, { pipe: "show", result: "end" }])
      ].join("\n"))
      const memory = yield* run(method, "d.go", { topic: "t" })
      assert.deepStrictEqual(content(memory, "all"), { a: { text: "1:t" }, b: { text: "2:t" } })
      assert.deepStrictEqual(content(memory), { text: "1:t and 2:t" })
      assert.isFalse(memory.root.has("a"))
    }))

  it.effect("puts contents into the fields of a structured concept", () =>
    Effect.gen(function*() {
      const method = library([
        pair,
        one,
        pipe("count", "PipeLLM", { inputs: { topic: "Text" }, output: "Number", prompt: "$topic" }),
        pipe("words", "PipeLLM", { inputs: { topic: "Text" }, output: "Text[]", prompt: "$topic" }),
        parallel("Pair", [
          { pipe: "one", result: "left" },
          { pipe: "count", result: "right" },
          { pipe: "words", result: "words" }
        ])
      ].join("\n"))
      const answer: Recorded.Answer = ({ job }) =>
        Effect.succeed(job.meta.pipe === "count" ? { number: 3 } : [{ text: "x" }, { text: "y" }])
      const memory = yield* run(method, "d.both", { topic: "t" }, { answer })
      assert.deepStrictEqual(content(memory), {
        left: { text: "1:t" },
        right: { number: 3 },
        words: [{ text: "x" }, { text: "y" }],
        mark: "none"
      })
    }))

  it.effect("also stores each branch under its own name when asked to", () =>
    Effect.gen(function*() {
      const method = library([
        one,
        two,
        parallel("Composite", [{ pipe: "one", result: "a" }, { pipe: "two", result: "b" }], { add_each_output: true })
      ].join("\n"))
      const memory = yield* run(method, "d.both", { topic: "t" }, { result: "all" })
      assert.deepStrictEqual(Array.from(memory.root.keys()), ["topic", "a", "b", "all"])
      assert.deepStrictEqual(Array.from(memory.aliases), [["main_stuff", "all"]])
      assert.strictEqual(WorkingMemory.get(memory, "b")?.name, "b")
    }))

  it.effect("leaves an absent branch out, and records its absence under its name", () =>
    Effect.gen(function*() {
      const method = library([
        one,
        maybe,
        parallel("Composite", [{ pipe: "one", result: "a" }, { pipe: "maybe", result: "b" }], { add_each_output: true })
      ].join("\n"))
      const memory = yield* run(method, "d.both", { topic: "t" })
      assert.deepStrictEqual(content(memory), { a: { text: "1:t" } })
      assert.strictEqual(WorkingMemory.absence(memory, "b")?.kind, "declared_absent")
    }))

  it.effect("lets an absent branch leave an optional field empty", () =>
    Effect.gen(function*() {
      const method = library([
        "[concept.Duo]\ndescription = \"D\"\n[concept.Duo.structure]\na = { type = \"concept\", concept_ref = \"Text\", description = \"A\" }\nb = { type = \"concept\", concept_ref = \"Text\", description = \"B\" }",
        one,
        maybe,
        parallel("Duo", [{ pipe: "one", result: "a" }, { pipe: "maybe", result: "b" }])
      ].join("\n"))
      assert.deepStrictEqual(content(yield* run(method, "d.both", { topic: "t" })), {
        a: { text: "1:t" },
        b: null
      })
    }))

  it.effect("keeps what a branch stores out of the others and out of the caller", () =>
    Effect.gen(function*() {
      const method = library([
        one,
        compose("more", { inner: "Text" }, "more $inner"),
        sequence("line", { topic: "Text" }, "Text", [{ pipe: "one", result: "inner" }, {
          pipe: "more",
          result: "out"
        }]),
        parallel("Composite", [{ pipe: "line", result: "a" }, { pipe: "one", result: "b" }])
      ].join("\n"))
      const memory = yield* run(method, "d.both", { topic: "t" }, { result: "all" })
      assert.deepStrictEqual(Array.from(memory.root.keys()), ["topic", "all"])
      assert.deepStrictEqual(content(memory), { a: { text: "more 1:t" }, b: { text: "1:t" } })
    }))

  it.effect("runs its branches at the same time, lets them settle when one fails, and raises the first by branch order", () =>
    Effect.gen(function*() {
      const method = library([
        ...["p", "q", "r"].map((code) => llm(code, { topic: "Text" })),
        parallel("Composite", [
          { pipe: "p", result: "a" },
          { pipe: "q", result: "b" },
          { pipe: "r", result: "c" }
        ])
      ].join("\n"))
      const finished: Array<string> = []
      const latency: Readonly<Record<string, number>> = { p: 30, q: 20, r: 10 }
      const answer: Recorded.Answer = ({ job: { meta } }) =>
        Effect.gen(function*() {
          yield* Effect.sleep(latency[meta.pipe] ?? 0)
          finished.push(meta.pipe)
          if (meta.pipe !== "p") return yield* fail(new Reason.RateLimited({ model: meta.pipe }))
          return "fine"
        })
      const fiber = yield* Effect.forkChild(Effect.flip(run(method, "d.both", { topic: "t" }, { answer })))
      yield* TestClock.adjust(30)
      const failure = yield* Fiber.join(fiber)
      assert.deepStrictEqual(finished, ["r", "q", "p"])
      assert.deepStrictEqual(failure.location, { pipe: "q", path: ["both", "q"] })
    }))

  it.effect("batches a branch", () =>
    Effect.gen(function*() {
      const method = library([
        one,
        compose("each", { item: "Text" }, "<$item>"),
        parallel(
          "Composite",
          [{ pipe: "each", batch_over: "items", batch_as: "item", result: "a" }, { pipe: "one", result: "b" }],
          {},
          { topic: "Text", items: "Text[]" }
        )
      ].join("\n"))
      const memory = yield* run(method, "d.both", { topic: "t", items: ["x", "y"] })
      assert.deepStrictEqual(content(memory), { a: { items: [{ text: "<x>" }, { text: "<y>" }] }, b: { text: "1:t" } })
    }))

  it.effect("records every name absent when it is skipped itself", () =>
    Effect.gen(function*() {
      const method = library([
        one,
        maybe,
        compose("use", { got: "Text" }, "$got"),
        pipe("words", "PipeLLM", { inputs: { got: "Text" }, output: "Text[]", prompt: "$got" }),
        pipe("both", "PipeParallel", {
          inputs: { got: "Text" },
          output: "Composite",
          branches: [{ pipe: "use", result: "a" }, { pipe: "words", result: "b" }],
          add_each_output: true
        }),
        sequence("go", { topic: "Text" }, "Composite?", [
          { pipe: "maybe", result: "got" },
          { pipe: "both", result: "all" }
        ])
      ].join("\n"))
      const memory = yield* run(method, "d.go", { topic: "t" })
      assert.deepStrictEqual(Array.from(memory.absences.keys()).toSorted(), ["a", "all", "b", "got", "main_stuff"])
      assert.deepStrictEqual(content(memory, "b"), { items: [] })
      assert.strictEqual(WorkingMemory.absence(memory, "all")?.upstream?.kind, "declared_absent")
    }))
})
