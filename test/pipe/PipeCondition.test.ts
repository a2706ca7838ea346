import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as WorkingMemory from "../../src/concept/WorkingMemory.ts"
import { compose, content, library, llm, pipe, recording, run, sequence } from "../library/Fixture.ts"

const kinds = `
[concept.Doc]
description = "A document"
[concept.Doc.structure]
kind = { type = "text", choices = ["bill", "Note", " padded "], description = "Kind" }
paid = { type = "boolean", description = "Paid" }
count = { type = "integer", description = "Count" }
ratio = { type = "number", description = "Ratio" }
`

const a = compose("a", { doc: "Doc" }, "A{{ doc.kind }}")
const b = compose("b", { doc: "Doc" }, "B{{ doc.kind }}")

const route = (expression: object, outcomes: object, more: object = {}, output = "Text") =>
  library([
    kinds,
    a,
    b,
    pipe("route", "PipeCondition", {
      inputs: { doc: "Doc" },
      output,
      default_outcome: "fail",
      outcomes,
      ...expression,
      ...more
    })
  ].join("\n"))

const by = (expression: string) => ({ expression })
const doc = { kind: "bill", paid: true, count: 2, ratio: 2 }

describe("PipeCondition", () => {
  const taken: ReadonlyArray<readonly [expression: string, key: string]> = [
    ["doc.kind", "bill"],
    ["doc.paid", "True"],
    ["doc.count", "2"],
    ["doc.ratio", "2.0"],
    ["doc.count > 1", "True"],
    ["not doc.paid", "False"],
    ["doc.kind ~ '-' ~ doc.count", "bill-2"],
    ["doc.kind|upper", "BILL"],
    ["'constructor'", "constructor"]
  ]
  it.effect.each(taken)("reads %j as its key", ([expression, key]) =>
    Effect.gen(function*() {
      const method = route(by(expression), { [key]: "a" })
      assert.deepStrictEqual(content(yield* run(method, "d.route", { doc })), { text: "Abill" })
    }))

  const missed: ReadonlyArray<readonly [expression: string, key: string]> = [
    ["doc.kind", "Bill"],
    ["doc.kind", "bill "],
    ["doc.paid", "true"],
    ["doc.ratio", "2"],
    ["'toString'", "bill"]
  ]
  it.effect.each(missed)(
    "compares the text of %j exactly, so that %j is not it",
    ([expression, key]) =>
      Effect.gen(function*() {
        const method = route(by(expression), { [key]: "a" }, { default_outcome: "b" })
        assert.deepStrictEqual(content(yield* run(method, "d.route", { doc })), { text: "Bbill" })
      })
  )

  it.effect("does not trim: a padded value is its own key", () =>
    Effect.gen(function*() {
      const method = route(by("doc.kind"), { " padded ": "a" })
      assert.deepStrictEqual(content(yield* run(method, "d.route", { doc: { kind: " padded " } })), {
        text: "A padded "
      })
    }))

  it.effect("takes a template, of which one trailing newline is dropped", () =>
    Effect.gen(function*() {
      const method = route({ expression_template: "{% if doc.paid %}x{% else %}y{% endif %}\n" }, { x: "a" })
      assert.deepStrictEqual(content(yield* run(method, "d.route", { doc })), { text: "Abill" })
    }))

  it.effect("reads a YesNo as yes or no, and a Choice as its key", () =>
    Effect.gen(function*() {
      const method = library([
        compose("left", { answer: "YesNo" }, "L{{ answer.yes_no }}"),
        pipe("route", "PipeCondition", {
          inputs: { answer: "YesNo", pick: "Choice" },
          output: "Text",
          expression_template: "{{ answer }}/{{ pick }}",
          outcomes: { "no/red": "left" },
          default_outcome: "fail"
        })
      ].join("\n"))
      const memory = yield* run(method, "d.route", {
        answer: false,
        pick: { concept: "Choice", content: { choice: "red" } }
      })
      assert.deepStrictEqual(content(memory), { text: "LFalse" })
    }))

  it.effect("fails as unmatched, before anything runs, when the text is empty or None", () =>
    Effect.gen(function*() {
      for (const expression of ["doc.kind", "''", "doc.nothing"]) {
        const { answer, sent } = recording()
        const method = library([
          kinds,
          llm("think", { doc: "Doc" }),
          pipe("route", "PipeCondition", {
            inputs: { doc: "Doc" },
            output: "Text",
            expression,
            outcomes: { bill: "think" },
            default_outcome: "think"
          })
        ].join("\n"))
        const failure = yield* Effect.flip(run(method, "d.route", { doc: {} }, { answer }))
        assert.strictEqual(failure.code, "pipe.condition_unmatched")
        assert.strictEqual(failure.location.pipe, "route")
        assert.lengthOf(sent, 0)
      }
    }))

  it.effect("refuses its input on fail, as an outcome or as the default", () =>
    Effect.gen(function*() {
      for (const method of [route(by("doc.kind"), { bill: "fail", Note: "a" }), route(by("doc.kind"), { Note: "a" })]) {
        const failure = yield* Effect.flip(run(method, "d.route", { doc }))
        assert.strictEqual(failure.code, "pipe.condition_refused")
      }
    }))

  it.effect("declares its output absent on continue", () =>
    Effect.gen(function*() {
      const method = route(by("doc.kind"), { Note: "a" }, { default_outcome: "continue" }, "Text?")
      const memory = yield* run(method, "d.route", { doc }, { result: "out" })
      assert.isUndefined(content(memory))
      assert.strictEqual(WorkingMemory.absence(memory, "out")?.kind, "declared_absent")
      assert.strictEqual(WorkingMemory.absence(memory, "out")?.producer, "route")
    }))

  it.effect("stores the outcome under the name its caller gave", () =>
    Effect.gen(function*() {
      const memory = yield* run(route(by("doc.kind"), { bill: "a" }), "d.route", { doc }, { result: "out" })
      assert.deepStrictEqual(content(memory, "out"), { text: "Abill" })
    }))

  const aliasing = (target: string, inputs: object) =>
    library([
      kinds,
      compose("read", { bill: "Doc" }, "{{ bill.kind }}"),
      compose("tell", { chosen: "Text" }, "chosen $chosen"),
      pipe("route", "PipeCondition", {
        inputs,
        output: "Text",
        expression: "doc.kind",
        outcomes: { bill: target === "doc" ? "read" : "tell" },
        default_outcome: "fail",
        add_alias_from_expression_to: target
      })
    ].join("\n"))

  it.effect("adds an alias named by the text for what is in memory", () =>
    Effect.gen(function*() {
      const memory = yield* run(aliasing("doc", { doc: "Doc", bill: "Doc" }), "d.route", { doc, bill: doc })
      assert.strictEqual(memory.aliases.get("bill"), "doc")
    }))

  it.effect("stores the text itself under the alias when nothing in memory has that name", () =>
    Effect.gen(function*() {
      const memory = yield* run(aliasing("chosen", { doc: "Doc" }), "d.route", { doc })
      assert.deepStrictEqual(content(memory), { text: "chosen bill" })
    }))

  it.effect("says which pipe of the path failed inside an outcome", () =>
    Effect.gen(function*() {
      const method = library([
        kinds,
        compose("bad", { doc: "Doc" }, "{{ doc.kind.x.y.z }}"),
        pipe("route", "PipeCondition", {
          inputs: { doc: "Doc" },
          output: "Text",
          expression: "doc.kind",
          outcomes: { bill: "bad" },
          default_outcome: "fail"
        }),
        sequence("go", { doc: "Doc" }, "Text", [{ pipe: "route", result: "r" }])
      ].join("\n"))
      const failure = yield* Effect.flip(run(method, "d.go", { doc }))
      assert.deepStrictEqual(failure.location, { pipe: "bad", path: ["go", "route", "bad"] })
      assert.strictEqual(failure.code, "pipe.template_render_failed")
    }))
})
