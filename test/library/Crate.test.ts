import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as WorkingMemory from "../../src/concept/WorkingMemory.ts"
import * as Crate from "../../src/library/Crate.ts"
import type * as Library from "../../src/library/Library.ts"
import { compose, content, library, llm, models, pipe, recording, run, sequence } from "./Fixture.ts"

const files = {
  "a.mthds": `domain = "d"
system_prompt = "Be $mood"
[concept.Card]
description = "A card"
[concept.Card.structure]
title = "Title"
owner = { type = "concept", concept_ref = "people.Person", description = "Owner" }
[concept]
Spare = "Named by no pipe"
` + llm("think", { topic: "Text", mood: "Text" }, "Card[]", { prompt: "$topic" }) +
    pipe("shape", "PipeLLM", {
      inputs: { topic: "Text", mood: "Text" },
      output: "Card",
      prompt: "$topic",
      structuring_method: "preliminary_text"
    }) +
    compose("title", { card: "Card" }, "<{{ card.title }}>") +
    compose("any", { thing: "Anything" }, "{{ thing }}") +
    pipe("route", "PipeCondition", {
      inputs: { topic: "Text", mood: "Text" },
      output: "Text?",
      expression: "topic.text",
      outcomes: { deep: "go" },
      default_outcome: "continue"
    }).replace("output = \"Text?\"", "output = \"Anything?\"") +
    sequence("go", { topic: "Text", mood: "Text" }, "Text[]", [
      { pipe: "think", result: "cards" },
      { pipe: "title", batch_over: "cards", batch_as: "card", result: "titles" },
      { from: "cards.owner.name", result: "names" }
    ]),
  "b.mthds": `domain = "people"
[concept.Person]
description = "A person"
[concept.Person.structure]
name = "Name"
`
}

const throughJson = (method: Library.Library, roots?: ReadonlyArray<string>): Library.Library => {
  const crate = JSON.parse(JSON.stringify(Crate.of(method, roots)))
  return Result.getOrThrowWith(Crate.compile(crate, { models }), (reason) => new Error(reason.detail))
}

describe("a crate", () => {
  const method = library(files)

  it.effect("behaves like the library it was made from, after a journey as JSON", () =>
    Effect.gen(function*() {
      const copy = throughJson(method)
      assert.deepStrictEqual(Array.from(copy.pipes.keys()), Array.from(method.pipes.keys()))
      for (
        const [ref, inputs] of [
          ["d.go", { topic: "t", mood: "kind" }],
          ["d.shape", { topic: "t", mood: "kind" }],
          ["d.route", { topic: "deep", mood: "kind" }],
          ["d.route", { topic: "flat", mood: "kind" }]
        ] as const
      ) {
        const [first, second] = [recording(), recording()]
        const before = yield* run(method, ref, inputs, { answer: first.answer })
        const after = yield* run(copy, ref, inputs, { answer: second.answer })
        assert.deepStrictEqual(WorkingMemory.toJson(after), WorkingMemory.toJson(before))
        assert.deepStrictEqual(second.sent, first.sent)
      }
    }))

  it("made again from what it was compiled to is the same crate", () => {
    assert.deepStrictEqual(
      JSON.parse(JSON.stringify(Crate.of(throughJson(method)))),
      JSON.parse(JSON.stringify(Crate.of(method)))
    )
  })

  it("holds what its roots need and nothing else", () => {
    const part = Crate.of(method, ["d.title"])
    assert.deepStrictEqual(Object.keys(part.pipes), ["d.title"])
    assert.deepStrictEqual((part.concepts as ReadonlyArray<{ readonly ref: string }>).map(({ ref }) => ref), [
      "d.Card",
      "people.Person"
    ])
    assert.deepStrictEqual(Object.keys(Crate.of(method, ["d.go"]).pipes).toSorted(), ["d.go", "d.think", "d.title"])
  })

  it.effect("of a whole library lets an input be of any of its concepts", () =>
    Effect.gen(function*() {
      const given = { thing: { concept: "Spare", content: "kept" } }
      assert.deepStrictEqual(content(yield* run(method, "d.any", given)), { text: "kept" })
      assert.deepStrictEqual(content(yield* run(throughJson(method), "d.any", given)), { text: "kept" })
    }))

  it("that is malformed or refers to what it does not hold is refused", () => {
    const crate = Crate.of(method, ["d.title"])
    const broken = { ...crate, pipes: { "d.title": { ...crate.pipes["d.title"], blueprint: { type: "PipeNope" } } } }
    const result = Crate.compile(broken as never, { models })
    assert.strictEqual(Result.isFailure(result) ? result.failure.code : "", "method.invalid")
  })
})
