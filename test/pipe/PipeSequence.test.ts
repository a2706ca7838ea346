import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as WorkingMemory from "../../src/concept/WorkingMemory.ts"
import { byPipe, compose, content, library, llm, pipe, recording, run, sequence, texts } from "../library/Fixture.ts"

const card = `
[concept.Owner]
description = "An owner"
[concept.Owner.structure]
name = "Name"
age = { type = "integer", description = "Age" }
[concept.Card]
description = "A card"
[concept.Card.structure]
title = "Title"
owner = { type = "concept", concept_ref = "Owner", description = "Owner" }
tags = { type = "list", item_type = "text", description = "Tags", required = true }
others = { type = "list", item_type = "concept", item_concept_ref = "Owner", description = "Others", required = true }
price = { type = "number", description = "Price" }
due = { type = "datetime", description = "Due" }
sold = { type = "boolean", description = "Sold", required = true }
level = { type = "text", choices = ["low", "high"], description = "Level", required = true }
[concept.Shelf]
description = "A shelf"
[concept.Shelf.structure]
cards = { type = "list", item_type = "concept", item_concept_ref = "Card", description = "Cards", required = true }
`

const ann = { name: "Ann", age: 40 }
const bob = { name: "Bob" }
const sample = {
  title: "One",
  owner: ann,
  tags: ["a", "b"],
  others: [ann, bob],
  price: 2,
  due: "2026-01-02T03:04:05",
  sold: true,
  level: "low"
}

/** What binding a path of a card stores. */
const bound = (from: string, result: string, value: object = sample) =>
  Effect.map(
    run(
      library([
        card,
        compose("end", { card: "Card" }, "{{ card.title }}"),
        sequence("go", { card: "Card" }, "Text", [{ from, result }, { pipe: "end", result: "end" }])
      ].join("\n")),
      "d.go",
      { card: value as never }
    ),
    (memory) => ({ memory, stuff: WorkingMemory.get(memory, result), absence: WorkingMemory.absence(memory, result) })
  )

describe("PipeSequence", () => {
  it.effect("keeps every result by name and leaves the last one as the main stuff", () =>
    Effect.gen(function*() {
      const method = library([
        compose("one", { topic: "Text" }, "1:$topic"),
        compose("two", { first: "Text" }, "2:$first"),
        sequence("go", { topic: "Text" }, "Text", [{ pipe: "one", result: "first" }, { pipe: "two", result: "second" }])
      ].join("\n"))
      const memory = yield* run(method, "d.go", { topic: "t" })
      assert.deepStrictEqual(Array.from(memory.root.keys()), ["topic", "first", "second"])
      assert.deepStrictEqual(Array.from(memory.aliases), [["main_stuff", "second"]])
      assert.deepStrictEqual(content(memory), { text: "2:1:t" })
    }))

  it.effect("stores a step without result as the main stuff alone, named after its concept", () =>
    Effect.gen(function*() {
      const method = library([
        "[concept]\nLongNote = \"A note\"",
        llm("one", { topic: "Text" }, "LongNote"),
        sequence("go", { topic: "Text" }, "LongNote", [{ pipe: "one" }])
      ].join("\n"))
      const memory = yield* run(method, "d.go", { topic: "t" })
      assert.deepStrictEqual(Array.from(memory.root.keys()), ["topic", "main_stuff"])
      assert.strictEqual(memory.aliases.size, 0)
      assert.strictEqual(WorkingMemory.get(memory, "main_stuff")?.name, "long_note")
    }))

  it.effect("gives the caller's name to the result of a nested sequence, beside its own names", () =>
    Effect.gen(function*() {
      const method = library([
        compose("one", { topic: "Text" }, "1:$topic"),
        sequence("inner", { topic: "Text" }, "Text", [{ pipe: "one", result: "deep" }]),
        compose("last", { outer: "Text" }, "last:$outer"),
        sequence("go", { topic: "Text" }, "Text", [{ pipe: "inner", result: "outer" }, { pipe: "last", result: "end" }])
      ].join("\n"))
      const memory = yield* run(method, "d.go", { topic: "t" })
      assert.deepStrictEqual(content(memory), { text: "last:1:t" })
      assert.deepStrictEqual(content(memory, "deep"), { text: "1:t" })
      assert.deepStrictEqual(content(memory, "outer"), { text: "1:t" })
    }))

  it.effect("gives that name even when the nested sequence's last step named nothing", () =>
    Effect.gen(function*() {
      const method = library([
        compose("one", { topic: "Text" }, "1:$topic"),
        sequence("inner", { topic: "Text" }, "Text", [{ pipe: "one" }]),
        compose("last", { text: "Text" }, "last:$text"),
        sequence("go", { topic: "Text" }, "Text", [{ pipe: "inner", result: "text" }, { pipe: "last", result: "end" }])
      ].join("\n"))
      const memory = yield* run(method, "d.go", { topic: "t" })
      assert.deepStrictEqual(content(memory), { text: "last:1:t" })
    }))

  it.effect("clears the caller's name when the nested sequence made nothing", () =>
    Effect.gen(function*() {
      const method = library([
        compose("one", { topic: "Text" }, "1:$topic"),
        pipe("maybe", "PipeCondition", {
          inputs: { topic: "Text" },
          output: "Text?",
          expression: "topic.text",
          outcomes: { go: "one" },
          default_outcome: "continue"
        }),
        sequence("inner", { topic: "Text" }, "Text?", [{ pipe: "maybe", result: "deep" }]),
        sequence("go", { topic: "Text" }, "Text?", [{ pipe: "one", result: "kept" }, { pipe: "inner", result: "kept" }])
      ].join("\n"))
      const memory = yield* run(method, "d.go", { topic: "t" })
      assert.isUndefined(content(memory, "kept"))
      assert.strictEqual(WorkingMemory.absence(memory, "kept")?.kind, "declared_absent")
      assert.isUndefined(content(memory))
    }))

  it.effect("asks a step for as many values as nb_output or multiple_output says", () =>
    Effect.gen(function*() {
      const { answer, sent } = recording()
      const method = library([
        "[concept.Idea]\ndescription = \"An idea\"\n[concept.Idea.structure]\ntitle = \"Title\"",
        llm("think", { topic: "Text" }, "Idea"),
        llm("many", { topic: "Text" }, "Idea[4]"),
        sequence("go", { topic: "Text" }, "Idea[]", [
          { pipe: "think", result: "three", nb_output: 3 },
          { pipe: "think", result: "one", nb_output: 1 },
          { pipe: "think", result: "some", multiple_output: true },
          { pipe: "many", result: "own", multiple_output: false },
          { pipe: "many", result: "four", multiple_output: true }
        ])
      ].join("\n"))
      const memory = yield* run(method, "d.go", { topic: "t" }, { answer })
      const counts = sent.map(({ job, leaf }) => [leaf, "structure" in job ? job.structure.count : undefined])
      assert.deepStrictEqual(counts, [
        ["act_llm_gen_object_list", 3],
        ["act_llm_gen_object", undefined],
        ["act_llm_gen_object_list", undefined],
        ["act_llm_gen_object_list", 4],
        ["act_llm_gen_object_list", 4]
      ])
      assert.isFalse(WorkingMemory.get(memory, "one")?.plural)
      assert.lengthOf(content(memory, "three")?.["items"] as ReadonlyArray<unknown>, 3)
    }))

  it.effect("batches a step over a list, and over a path", () =>
    Effect.gen(function*() {
      const method = library([
        card,
        compose("show", { item: "Owner", word: "Text" }, "$word, {{ item.name }}"),
        sequence("go", { card: "Card", people: "Owner[]", word: "Text" }, "Text[]", [
          { pipe: "show", batch_over: "people", batch_as: "item", result: "all" },
          { pipe: "show", batch_over: "card.others", batch_as: "item", result: "held" }
        ])
      ].join("\n"))
      const memory = yield* run(method, "d.go", { card: sample, people: [bob, ann], word: "hi" })
      assert.deepStrictEqual(texts(memory, "all"), ["hi, Bob", "hi, Ann"])
      assert.deepStrictEqual(texts(memory, "held"), ["hi, Ann", "hi, Bob"])
      assert.strictEqual(WorkingMemory.get(memory, "_bound_card_others")?.concept, "d.Owner")
      assert.isFalse(memory.root.has("item"))
    }))

  const paths: ReadonlyArray<readonly [from: string, concept: string, stored: object]> = [
    ["card.title", "native.Text", { text: "One" }],
    ["card.level", "native.Text", { text: "low" }],
    ["card.price", "native.Number", { number: 2 }],
    ["card.sold", "native.YesNo", { yes_no: true, probability: null }],
    ["card.due", "native.Date", { date: "2026-01-02", time: "03:04:05" }],
    ["card.owner", "d.Owner", ann],
    ["card.owner.age", "native.Number", { number: 40 }],
    ["card.tags", "native.Text", { items: [{ text: "a" }, { text: "b" }] }],
    ["card.others.name", "native.Text", { items: [{ text: "Ann" }, { text: "Bob" }] }],
    ["card.others.age", "native.Number", { items: [{ number: 40 }] }]
  ]
  it.effect.each(paths)("binds %s", ([from, concept, stored]) =>
    Effect.gen(function*() {
      const { stuff } = yield* bound(from, "found")
      assert.strictEqual(stuff?.concept, concept)
      assert.deepStrictEqual(stuff?.content, stored as never)
      assert.strictEqual(stuff?.plural, "items" in stored)
    }))

  it.effect("binds a whole value under a second name", () =>
    Effect.gen(function*() {
      const { memory, stuff } = yield* bound("card", "copy")
      assert.strictEqual(stuff?.concept, "d.Card")
      assert.deepStrictEqual(stuff?.content, content(memory, "card"))
    }))

  it.effect("records an absence where a null ends the path, and names the place", () =>
    Effect.gen(function*() {
      const { owner: _, ...orphan } = sample
      const method = library([
        card,
        sequence("go", { card: "Card" }, "Number?", [{ from: "card.owner.age", result: "age" }])
      ].join("\n"))
      const memory = yield* run(method, "d.go", { card: orphan })
      const absence = WorkingMemory.absence(memory, "age")
      assert.strictEqual(absence?.kind, "declared_absent")
      assert.include(absence?.reason ?? "", "owner")
      assert.isUndefined(content(memory))
    }))

  it.effect("binds an absent root: one value to an absence, a list to an empty list", () =>
    Effect.gen(function*() {
      const method = library([
        card,
        compose("count", { names: "Text[]" }, "{{ names|length }}"),
        sequence("single", { card: "Card?" }, "Text?", [{ from: "card.title", result: "title" }]),
        sequence("plural", { card: "Card?" }, "Text", [
          { from: "card.others.name", result: "names" },
          { pipe: "count", result: "end" }
        ])
      ].join("\n"))
      const single = yield* run(method, "d.single")
      assert.strictEqual(WorkingMemory.absence(single, "title")?.kind, "skipped")
      const plural = yield* run(method, "d.plural")
      assert.deepStrictEqual(content(plural, "names"), { items: [] })
      assert.deepStrictEqual(content(plural), { text: "0" })
    }))

  it.effect("makes two paths that spell the same private name two lists", () =>
    Effect.gen(function*() {
      const method = library([
        "[concept.B]\ndescription = \"b\"\n[concept.B.structure]\nc = { type = \"list\", item_type = \"text\", required = true, description = \"c\" }",
        "[concept.A]\ndescription = \"a\"\n[concept.A.structure]\nb_c = { type = \"list\", item_type = \"text\", required = true, description = \"c\" }",
        compose("show", { item: "Text" }, "<$item>"),
        sequence("go", { a: "A", a_b: "B" }, "Text[]", [
          { pipe: "show", batch_over: "a.b_c", batch_as: "item", result: "one" },
          { pipe: "show", batch_over: "a_b.c", batch_as: "item", result: "two" }
        ])
      ].join("\n"))
      const memory = yield* run(method, "d.go", { a: { b_c: ["x"] }, a_b: { c: ["y"] } })
      assert.deepStrictEqual([texts(memory, "one"), texts(memory, "two")], [["<x>"], ["<y>"]])
    }))

  it.effect("shows its place in the failure of a step, and the steps before it were paid for", () =>
    Effect.gen(function*() {
      const { answer, sent } = recording(byPipe({ rate: "not an object" }))
      const method = library([
        "[concept.Idea]\ndescription = \"An idea\"\n[concept.Idea.structure]\ntitle = \"Title\"",
        llm("think", { topic: "Text" }),
        llm("rate", { thought: "Text" }, "Idea"),
        sequence("inner", { thought: "Text" }, "Idea", [{ pipe: "rate", result: "idea" }]),
        sequence("go", { topic: "Text" }, "Idea", [
          { pipe: "think", result: "thought" },
          { pipe: "inner", result: "idea" }
        ])
      ].join("\n"))
      const failure = yield* Effect.flip(run(method, "d.go", { topic: "t" }, { answer }))
      assert.strictEqual(failure.code, "model.output_schema_mismatch")
      assert.strictEqual(failure.location.pipe, "rate")
      assert.deepStrictEqual(failure.location.path, ["go", "inner", "rate"])
      assert.lengthOf(sent, 4)
    }))

  it.effect("gives stuffs the same codes whenever the same run is repeated", () =>
    Effect.gen(function*() {
      const method = library([
        compose("one", { topic: "Text" }, "1:$topic"),
        sequence("go", { topic: "Text" }, "Text", [{ pipe: "one", result: "a" }, { pipe: "one", result: "b" }])
      ].join("\n"))
      const codes = Effect.map(run(method, "d.go", { topic: "t" }), (memory) =>
        Array.from(memory.root.values(), ({ code }) => code))
      const first = yield* codes
      assert.deepStrictEqual(first, yield* codes)
      assert.strictEqual(new Set(first).size, 3)
    }))
})
