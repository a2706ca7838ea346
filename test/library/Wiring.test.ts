import { assert, describe, it } from "@effect/vitest"
import { compose, kinds, llm, make, pipe, sequence } from "./Fixture.ts"

const base = `
[concept.Card]
description = "c"
[concept.Card.structure]
title = "T"
note = { type = "text", description = "n" }
tags = { type = "list", item_type = "text", description = "t" }
` + compose("title", { card: "Card" }, "{{ card.title }}") +
  compose("text", { x: "Text" }, "$x") +
  llm("mark", { x: "Markdown" }, "Markdown") +
  llm("card", { x: "Text" }, "Card") +
  llm("cards", { x: "Text" }, "Card[]") +
  llm("three", { x: "Text" }, "Card[3]") +
  compose("count", { cards: "Card[]" }, "{{ cards|length }}") +
  compose("triple", { cards: "Card[3]" }, "{{ cards|length }}") +
  compose("any", { thing: "Anything" }, "{{ thing }}") +
  llm("maybe", { x: "Text" }, "Text?") +
  compose("asked", { x: "Text?" }, "{% if x %}$x{% endif %}") +
  compose("forced", { x: "Text!" }, "$x")

type Steps = ReadonlyArray<Readonly<Record<string, unknown>>>
type Slots = Readonly<Record<string, string>>

const go = (inputs: Slots, output: string, steps: Steps) =>
  kinds(make(base + sequence("go", inputs, output, steps)).issues)

const missing = "missing_input_variable method.input_undeclared"
const unused = "extraneous_input_variable method.input_unused"
const mismatch = "input_stuff_spec_mismatch method.input_concept_mismatch"
const concept = "inadequate_output_concept method.output_concept_mismatch"
const multiplicity = "inadequate_output_multiplicity method.output_multiplicity_mismatch"
const optional = "optional_not_handled method.optional_unhandled"

describe("the wiring of a sequence", () => {
  const cases: ReadonlyArray<
    readonly [name: string, inputs: Slots, output: string, steps: Steps, expected: ReadonlyArray<string>]
  > = [
    ["needs what its steps read", {}, "Card", [{ pipe: "card", result: "c" }], [missing]],
    ["needs nothing else", { x: "Text", y: "Text" }, "Card", [{ pipe: "card", result: "c" }], [unused]],
    ["needs no input that an earlier step makes", { x: "Text" }, "Text", [{ pipe: "card", result: "card" }, {
      pipe: "title",
      result: "t"
    }], []],
    ["needs one that only a later step makes", { x: "Text" }, "Card", [{ pipe: "title", result: "t" }, {
      pipe: "card",
      result: "card"
    }], [missing]],
    ["lets an input be narrower than what every step reads", { x: "Markdown" }, "Text", [
      { pipe: "mark", result: "m" },
      { pipe: "text", result: "t" }
    ], []],
    ["refuses one that is wider than one of them reads", { x: "Text" }, "Text", [{ pipe: "mark", result: "m" }, {
      pipe: "text",
      result: "t"
    }], [mismatch]],
    ["lets any list be read as a list, and a count only as that count", { x: "Text" }, "Text", [
      { pipe: "three", result: "cards" },
      { pipe: "count", result: "n" },
      { pipe: "triple", result: "t" }
    ], []],
    ["refuses a list of any length as a count", { x: "Text" }, "Text", [{ pipe: "cards", result: "cards" }, {
      pipe: "triple",
      result: "t"
    }], [mismatch]],
    ["refuses one as a list", { x: "Text" }, "Text", [{ pipe: "card", result: "cards" }, {
      pipe: "count",
      result: "t"
    }], [mismatch]],
    ["counts a step's own multiplicity", { x: "Text" }, "Text", [{ pipe: "card", nb_output: 3, result: "cards" }, {
      pipe: "triple",
      result: "t"
    }], []],
    ["trusts Anything", { x: "Text" }, "Text", [{ pipe: "cards", result: "thing" }, { pipe: "any", result: "t" }], []],
    ["outputs what its last step makes", { x: "Text" }, "Text", [{ pipe: "card", result: "c" }], [concept]],
    ["outputs as many as its last step makes", { x: "Text" }, "Card", [{ pipe: "cards", result: "c" }], [multiplicity]],
    ["may output a count as a list", { x: "Text" }, "Card[]", [{ pipe: "three", result: "c" }], []],
    ["binds what the structures declare", { card: "Card" }, "Text[]", [{ from: "card.tags", result: "tags" }], []],
    ["reads the item of a batch from its list", { cards: "Card[]" }, "Text[]", [{
      pipe: "title",
      batch_over: "cards",
      batch_as: "card",
      result: "t"
    }], []],
    ["refuses an item the pipe does not take", { cards: "Card[]" }, "Text[]", [{
      pipe: "title",
      batch_over: "cards",
      batch_as: "page",
      result: "t"
    }], ["unknown_validation_error method.wiring_invalid", missing]],
    [
      "is tainted by an optional input that a plain one reads",
      { x: "Text?" },
      "Card",
      [{ pipe: "card", result: "c" }],
      [optional]
    ],
    ["may output what may be absent when it says so", { x: "Text?" }, "Card?", [{ pipe: "card", result: "c" }], []],
    ["is cleared by a pipe that takes the absence", { x: "Text?" }, "Text", [{ pipe: "asked", result: "t" }], []],
    ["is cleared by a pipe that forces the presence", { x: "Text?" }, "Text", [{ pipe: "forced", result: "t" }], []],
    ["is tainted by an optional output", { x: "Text" }, "Text", [{ pipe: "maybe", result: "x" }, {
      pipe: "text",
      result: "t"
    }], [optional]],
    ["is never tainted by a list", { x: "Text?" }, "Card[]", [{ pipe: "cards", result: "c" }], []],
    ["is tainted by a path through what may be null", { card: "Card" }, "Text", [{ from: "card.note", result: "n" }], [
      optional
    ]],
    ["is not by one that is required", { card: "Card" }, "Text", [{ from: "card.title", result: "n" }], []]
  ]
  it.each(cases)("%s", (_name, inputs, output, steps, expected) => {
    assert.deepStrictEqual(go(inputs, output, steps), expected)
  })

  it("sees the names that a nested sequence, condition or parallel leaves behind", () => {
    const inner = sequence("inner", { x: "Text" }, "Text", [{ pipe: "card", result: "card" }, {
      pipe: "title",
      result: "deep"
    }])
    const route = pipe("route", "PipeCondition", {
      inputs: { x: "Text" },
      output: "Text",
      expression: "x.text",
      outcomes: { a: "inner" },
      default_outcome: "inner"
    })
    const both = pipe("both", "PipeParallel", {
      inputs: { x: "Text" },
      output: "Composite",
      branches: [{ pipe: "card", result: "card" }],
      add_each_output: true
    })
    for (const called of ["inner", "route", "both"]) {
      const { issues } = make(
        base + inner + route + both +
          sequence("go", { x: "Text" }, "Text", [{ pipe: called, result: "r" }, { pipe: "title", result: "t" }])
      )
      assert.deepStrictEqual(kinds(issues), [], called)
    }
  })
})

describe("the inputs of other controllers", () => {
  const cases: ReadonlyArray<readonly [name: string, table: string, expected: ReadonlyArray<string>]> = [
    [
      "of a parallel are those of its branches",
      pipe("go", "PipeParallel", {
        inputs: { y: "Text" },
        output: "Composite",
        branches: [{ pipe: "card", result: "a" }]
      }),
      [missing, unused]
    ],
    [
      "of a condition are those of its expression and outcomes",
      pipe("go", "PipeCondition", {
        inputs: {},
        output: "Text",
        expression: "kind.text",
        outcomes: { a: "text" },
        default_outcome: "fail"
      }),
      [missing, missing]
    ],
    [
      "of a batch may be more than its branch reads: they reach it through the memory",
      pipe("go", "PipeBatch", {
        inputs: { cards: "Card[]", idle: "Text" },
        output: "Text[]",
        branch_pipe_code: "title",
        input_list_name: "cards",
        input_item_name: "card"
      }),
      []
    ],
    [
      "of a batch hold a list",
      pipe("go", "PipeBatch", {
        inputs: { cards: "Card" },
        output: "Text[]",
        branch_pipe_code: "title",
        input_list_name: "cards",
        input_item_name: "card"
      }),
      ["input_stuff_spec_mismatch method.wiring_invalid"]
    ],
    [
      "of a batch hold a list of the item's concept",
      pipe("go", "PipeBatch", {
        inputs: { list: "Number[]" },
        output: "Text[]",
        branch_pipe_code: "title",
        input_list_name: "list",
        input_item_name: "card"
      }),
      [mismatch]
    ],
    [
      "of a batch declare its list",
      pipe("go", "PipeBatch", {
        inputs: {},
        output: "Text[]",
        branch_pipe_code: "title",
        input_list_name: "cards",
        input_item_name: "card"
      }),
      [missing]
    ]
  ]
  it.each(cases)("%s", (_name, table, expected) => {
    const found = kinds(make(base + table).issues)
    for (const each of expected) assert.include(found, each)
    assert.isAtLeast(found.length, expected.length)
  })
})
