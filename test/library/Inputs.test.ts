import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import type { Json, JsonObject } from "../../src/concept/Json.ts"
import * as WorkingMemory from "../../src/concept/WorkingMemory.ts"
import * as Inputs from "../../src/library/Inputs.ts"
import { library, llm } from "./Fixture.ts"

const concepts = `
[concept.Person]
description = "A person"
[concept.Person.structure]
name = "Name"
age = { type = "integer", description = "Age" }
[concept]
Note = "A note"
[concept.Tag]
description = "A tag"
refines = "Markdown"
[concept.Photo]
description = "A photo"
refines = "Image"
[concept.Team]
description = "A team"
[concept.Team.structure]
lead = { type = "concept", concept_ref = "Person", description = "Lead", required = true }
`

const shape = (slot: string, value: Json, compat = false) => {
  const method = library(concepts + llm("take", { x: slot }, "Text", { prompt: slot.endsWith("?") ? "@?x" : "$x" }))
  const entry = method.pipes.get("d.take")
  if (entry === undefined) return assert.fail()
  return Inputs.shape({ library: method, entry, compat, resolveUrl: (url) => `at:${url}` }, { x: value })
}

const stored = (slot: string, value: Json, compat = false) => {
  const shaped = shape(slot, value, compat)
  if (Result.isFailure(shaped)) return shaped.failure.code
  const stuff = WorkingMemory.get(shaped.success, "x")
  return [stuff?.concept, stuff?.content]
}

const image = (url: string) => ({
  url,
  public_url: null,
  source_prompt: null,
  source_negative_prompt: null,
  caption: null,
  mime_type: null,
  width: null,
  height: null,
  filename: null
})
const envelope = (concept: string, content: Json) => ({ concept, content })

describe("a bare value", () => {
  const accepted: ReadonlyArray<readonly [slot: string, value: Json, concept: string, content: unknown]> = [
    ["YesNo", true, "native.YesNo", { yes_no: true, probability: null }],
    ["Date", "2026-01-02", "native.Date", { date: "2026-01-02", time: null }],
    ["Date", "2026-01-02T03:04:05+02:00", "native.Date", { date: "2026-01-02", time: "03:04:05+02:00" }],
    ["Time", "07:45:00", "native.Time", { time: "07:45:00" }],
    ["Number", 2.5, "native.Number", { number: 2.5 }],
    ["Image", "a.png", "native.Image", image("at:a.png")],
    ["Photo", "https://x.test/a.png", "d.Photo", image("at:https://x.test/a.png")],
    ["Image", { url: "b.png" }, "native.Image", image("b.png")],
    ["Text", "hello", "native.Text", { text: "hello" }],
    ["Text", "", "native.Text", { text: "" }],
    ["Note", "hello", "d.Note", { text: "hello" }],
    ["Tag", "# hello", "d.Tag", { text: "# hello" }],
    ["JSON", { a: [1] }, "native.JSON", { json_obj: { a: [1] } }],
    ["JSON", { concept: 1, content: 2, more: 3 }, "native.JSON", { json_obj: { concept: 1, content: 2, more: 3 } }],
    ["Person", { name: "Ann" }, "d.Person", { name: "Ann", age: null }],
    ["Team", { lead: { name: "Ann", age: 3 } }, "d.Team", { lead: { name: "Ann", age: 3 } }],
    ["Anything", true, "native.Anything", { yes_no: true, probability: null }],
    ["Anything", 3, "native.Anything", { number: 3 }],
    ["Anything", "x", "native.Anything", { text: "x" }],
    ["Anything", { a: 1 }, "native.Anything", { json_obj: { a: 1 } }],
    ["Dynamic", "x", "native.Text", { text: "x" }],
    ["Text[]", ["a", "b"], "native.Text", { items: [{ text: "a" }, { text: "b" }] }],
    ["Text[]", [], "native.Text", { items: [] }],
    ["Text[]", "a", "native.Text", { items: [{ text: "a" }] }],
    ["Text[1]", "a", "native.Text", { text: "a" }],
    ["Text[2]", ["a", "b"], "native.Text", { items: [{ text: "a" }, { text: "b" }] }],
    ["Number[]", [1, 2], "native.Number", { items: [{ number: 1 }, { number: 2 }] }],
    ["Person[]", [{ name: "Ann" }], "d.Person", { items: [{ name: "Ann", age: null }] }],
    ["Dynamic[]", ["a"], "native.Text", { items: [{ text: "a" }] }],
    ["Anything[]", ["a", "b"], "native.Anything", { items: [{ text: "a" }, { text: "b" }] }],
    ["Anything[]", ["a", 1], "native.Anything", { items: [{ text: "a" }, { number: 1 }] }],
    ["JSON[]", [{ a: 1 }], "native.JSON", { items: [{ json_obj: { a: 1 } }] }]
  ]
  it.each(accepted)("at %s: %j is taken", (slot, value, concept, content) => {
    assert.deepStrictEqual(stored(slot, value), [concept, content] as never)
  })

  const refused: ReadonlyArray<readonly [slot: string, value: Json, code: string]> = [
    ["YesNo", "true", "input.invalid"],
    ["YesNo", 1, "input.invalid"],
    ["Date", "02/01/2026", "input.invalid"],
    ["Date", "2026-02-30", "input.invalid"],
    ["Date", 20260102, "input.invalid"],
    ["Time", "7h45", "input.invalid"],
    ["Time", 745, "input.invalid"],
    ["Number", "2", "input.invalid"],
    ["Number", true, "input.invalid"],
    ["Text", 2, "input.invalid"],
    ["Text", true, "input.invalid"],
    ["Text", null, "input.invalid"],
    ["Person", "Ann", "input.invalid"],
    ["Person", { age: 3 }, "input.invalid"],
    ["Person", { name: "Ann", age: "old" }, "input.invalid"],
    ["JSON", "x", "input.invalid"],
    ["Html", "<p>", "input.wrong_concept"],
    ["Html", { inner_html: "<p>" }, "input.invalid"],
    ["Rating", { level: 1 }, "input.invalid"],
    ["Choice", { choice: "a" }, "input.invalid"],
    ["Composite", { a: 1 }, "input.invalid"],
    ["Anything", null, "input.invalid"],
    ["Anything", [1], "input.wrong_multiplicity"],
    ["Dynamic", 3, "input.invalid"],
    ["Dynamic", { a: 1 }, "input.invalid"],
    ["Text", ["a"], "input.wrong_multiplicity"],
    ["Text[2]", ["a"], "input.wrong_multiplicity"],
    ["Text[2]", "a", "input.wrong_multiplicity"],
    ["Text[]", ["a", 1], "input.invalid"],
    ["Text[]", [["a"]], "input.invalid"],
    ["Text[]", ["a", null], "input.invalid"],
    ["Text[]", ["a", envelope("Text", "b")], "input.invalid"],
    ["Text[]", [envelope("Text", ["b"])], "input.invalid"],
    ["JSON[]", [envelope("JSON", { json_obj: {} })], "input.invalid"],
    ["Anything[]", [envelope("Text", "b")], "input.invalid"],
    ["Person[]", "a.csv", "input.invalid"]
  ]
  it.each(refused)("at %s: %j is refused as %s, without being quoted", (slot, value, code) => {
    const shaped = shape(slot, value)
    assert.strictEqual(Result.isFailure(shaped) ? shaped.failure.code : JSON.stringify(stored(slot, value)), code)
    if (Result.isFailure(shaped)) assert.strictEqual(shaped.failure.location.input, "x")
  })

  it("that is wrong in a list or field is pointed at", () => {
    const shaped = shape("Person[]", [{ name: "Ann" }, { name: 3 }])
    const misfits = Result.isFailure(shaped) && "misfits" in shaped.failure.reason ? shaped.failure.reason.misfits : []
    assert.deepStrictEqual(misfits.map(({ pointer }) => pointer), ["/1/name"])
  })
})

describe("an envelope", () => {
  const accepted: ReadonlyArray<readonly [slot: string, value: Json, concept: string, content: unknown]> = [
    ["Text", envelope("Text", "a"), "native.Text", { text: "a" }],
    ["Text", envelope("native.Text", { text: "a" }), "native.Text", { text: "a" }],
    ["Text", envelope("Note", "a"), "d.Note", { text: "a" }],
    ["Text", envelope("d.Note", "a"), "d.Note", { text: "a" }],
    ["Image", envelope("Photo", { url: "a" }), "d.Photo", image("a")],
    ["Text[]", envelope("Text", ["a", "b"]), "native.Text", { items: [{ text: "a" }, { text: "b" }] }],
    ["Text[]", envelope("Text", []), "native.Text", { items: [] }],
    ["Text[]", envelope("Text", "a"), "native.Text", { items: [{ text: "a" }] }],
    ["Person[]", envelope("Person", [{ name: "Ann" }]), "d.Person", { items: [{ name: "Ann", age: null }] }],
    ["Html", envelope("Html", { inner_html: "x" }), "native.Html", { inner_html: "x", css_class: null }],
    ["Anything", envelope("Person", { name: "Ann" }), "d.Person", { name: "Ann", age: null }],
    ["Dynamic", envelope("Person", { name: "Ann" }), "d.Person", { name: "Ann", age: null }],
    ["YesNo", envelope("YesNo", true), "native.YesNo", { yes_no: true, probability: null }],
    ["Date", envelope("Date", "2026-01-02"), "native.Date", { date: "2026-01-02", time: null }]
  ]
  it.each(accepted)("at %s: %j is taken", (slot, value, concept, content) => {
    assert.deepStrictEqual(stored(slot, value), [concept, content] as never)
  })

  const refused: ReadonlyArray<readonly [slot: string, value: Json, code: string]> = [
    ["Text", envelope("Number", 1), "input.wrong_concept"],
    ["Person", envelope("Nobody", {}), "input.wrong_concept"],
    ["Person", envelope("__proto__", {}), "input.wrong_concept"],
    ["Person", { concept: null, content: {} }, "input.wrong_concept"],
    ["Text", envelope("Text", ["a"]), "input.wrong_multiplicity"],
    ["Text[2]", envelope("Text", ["a"]), "input.wrong_multiplicity"],
    ["Person", envelope("Person", { age: 1 }), "input.invalid"],
    ["Text", envelope("Text", null), "input.invalid"],
    ["Text", envelope("Text[]", ["a"]), "input.wrong_concept"]
  ]
  it.each(refused)("at %s: %j is refused as %s", (slot, value, code) => {
    assert.deepStrictEqual([stored(slot, value)], [code] as never)
  })

  it("may carry a list marker in its concept by the older rule", () => {
    assert.deepStrictEqual(stored("Text[]", envelope("Text[]", ["a"]), true), ["native.Text", {
      items: [{ text: "a" }]
    }])
  })

  it("names a concept of another domain bare when only one has it", () => {
    const other = "[concept.Far]\ndescription = \"f\"\n"
    const method = library({
      "a.mthds": "domain = \"d\"\n" + llm("take", { x: "Anything" }),
      "b.mthds": "domain = \"e\"\n" + other,
      "c.mthds": "domain = \"g\"\n" + other.replaceAll("Far", "Twin"),
      "d.mthds": "domain = \"h\"\n" + other.replaceAll("Far", "Twin")
    })
    const entry = method.pipes.get("d.take")
    assert(entry !== undefined)
    const given = (concept: string) =>
      Inputs.shape({ library: method, entry, compat: false }, { x: envelope(concept, "v") })
    assert.isTrue(Result.isSuccess(given("Far")))
    assert.isTrue(Result.isFailure(given("Twin")))
    assert.isTrue(Result.isSuccess(given("g.Twin")))
  })
})

describe("the inputs of a run", () => {
  const method = library(
    llm("take", { a: "Text", b: "Text?", constructor: "Text?" }, "Text", { prompt: "$a\n@?b\n@?constructor" })
  )
  const given = (inputs: JsonObject) => {
    const entry = method.pipes.get("d.take")
    return entry === undefined ? assert.fail() : Inputs.shape({ library: method, entry, compat: false }, inputs)
  }

  it("record the absence of an optional one that is not given, also one named like a property of every object", () => {
    const memory = Result.getOrThrow(given({ a: "x" }))
    assert.deepStrictEqual(Array.from(memory.absences.values(), ({ kind, variable }) => [variable, kind]), [
      ["b", "not_provided"],
      ["constructor", "not_provided"]
    ])
  })

  it("may not hold one that the pipe does not take", () => {
    const shaped = given({ a: "x", c: "y" })
    assert.strictEqual(Result.isFailure(shaped) ? shaped.failure.code : "", "input.unexpected")
    assert.isTrue(Result.isFailure(given(JSON.parse("{\"a\":\"x\",\"__proto__\":\"y\"}"))))
  })

  it("leave a missing plain one to the pipe", () => {
    assert.strictEqual(Result.getOrThrow(given({})).absences.has("a"), false)
  })
})
