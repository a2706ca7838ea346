import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { Concepts } from "../../src/concept/Concept.ts"
import type { Json } from "../../src/concept/Json.ts"
import type { FieldType, Scalar } from "../../src/concept/Structure.ts"
import { ann, field, many, must, one, people, person, plain, read, structured } from "./Sample.ts"

const of = (type: Scalar | FieldType): Concepts => Concepts.make([structured("d.C", field("x", type, must))])

const value = (type: Scalar | FieldType, x: Json): unknown => {
  const content = read(of(type), "d.C", { x })
  return "x" in content ? content.x : content
}

describe("decoding a content", () => {
  it("fills defaults, and null where a field may hold nothing", () => {
    const given = { full_name: "Ann", level: "senior", addr: { city: "Paris" } }
    assert.deepStrictEqual(read(people, person.ref, given), { ...ann, age: null })
  })

  it("drops the keys that the concept does not know", () => {
    const given = { ...ann, nickname: "A", addr: { city: "Paris", zip: null, street: "x" } }
    assert.deepStrictEqual(read(people, person.ref, given), ann)
  })

  it("takes null for a field that may hold nothing, never for a required or a defaulted one", () => {
    assert.deepStrictEqual(read(people, person.ref, { ...ann, age: null, full_name: null, gpa: null }), [
      "/full_name is not a string",
      "/gpa is not a number"
    ])
  })

  it("names every misfit by its place, and quotes no value", () => {
    const secret = "s3cr3t"
    const misfits = read(people, person.ref, {
      age: secret,
      gpa: [secret],
      level: secret,
      addr: secret,
      others: [{ city: "Rome" }, { city: { secret } }, secret]
    })
    assert.deepStrictEqual(misfits, [
      "/full_name is missing",
      "/age is not an integer",
      "/gpa is not a number",
      "/level is not \"junior\" | \"senior\"",
      "/addr is not object",
      "/others/1/city is not a string",
      "/others/2 is not object"
    ])
    assert.notInclude(JSON.stringify(misfits), secret)
  })

  it("escapes the keys of a pointer", () => {
    const dict = of({ kind: "dict", value: { kind: "integer" } })
    assert.deepStrictEqual(read(dict, "d.C", { x: { "a/b~c": "no" } }), ["/x/a~1b~0c is not an integer"])
  })

  it.for(["", 1, null, true, [], ["a"]].map((given) => [given] as const))(
    "refuses %j where an object is wanted",
    ([given]) => {
      for (const ref of ["native.Text", "native.Composite", "native.Anything", person.ref]) {
        assert.match(JSON.stringify(read(people, ref, given)), /^\[" is not (an )?object"\]$/)
      }
    }
  )

  it("reads a refinement, and a concept without fields, as what it stands for", () => {
    const concepts = Concepts.make([plain("d.Note"), plain("d.Scan", "native.Image"), plain("d.Photo", "d.Scan")])
    assert.deepStrictEqual(read(concepts, "d.Note", { text: "a" }), { text: "a" })
    assert.deepStrictEqual(read(concepts, "d.Photo", { url: "a", width: 1 }), [
      " has a width without a height, or the other way round"
    ])
  })

  it("reads fields named like what every object inherits", () => {
    const concepts = Concepts.make([
      structured("d.C", field("constructor", "text", must), field("toString", "text"), field("valueOf", one("d.C")))
    ])
    assert.deepStrictEqual(read(concepts, "d.C", {}), ["/constructor is missing"])
    const empty = { constructor: "a", toString: null, valueOf: null }
    assert.deepStrictEqual(read(concepts, "d.C", { constructor: "a" }), empty)
    assert.deepStrictEqual(read(concepts, "d.C", { constructor: "b", valueOf: { constructor: "a" } }), {
      constructor: "b",
      toString: null,
      valueOf: empty
    })
  })

  it("keeps the keys of a dict whatever they are called, without touching any prototype", () => {
    const given: Json = JSON.parse("{\"x\": {\"__proto__\": {\"polluted\": true}, \"constructor\": 1}}")
    const content = read(of({ kind: "dict", value: { kind: "any" } }), "d.C", given)
    assert.deepStrictEqual(JSON.stringify(content), JSON.stringify(given))
    assert.isUndefined(Reflect.get({}, "polluted"))
  })
})

describe("a field", () => {
  it.for(
    [
      ["integer", "42", 42],
      ["integer", "-7", -7],
      ["integer", "3.0", 3],
      ["integer", true, 1],
      ["integer", 2, 2],
      ["number", "2.50", 2.5],
      ["number", "+1", 1],
      ["number", false, 0],
      ["boolean", "true", true],
      ["boolean", "false", false],
      ["date", "2026-07-07", "2026-07-07"],
      ["datetime", "2026-07-07", "2026-07-07T00:00:00"],
      ["datetime", "2026-07-07T10:00:00Z", "2026-07-07T10:00:00+00:00"],
      ["time", "10:00:00.125+02:00", "10:00:00.125000+02:00"],
      ["time", "10:00", "10:00:00"],
      ["boolean", "yes", true],
      ["boolean", 0, false],
      ["any", [1, { a: null }], [1, { a: null }]]
    ] as const
  )("of type %s reads %j", ([type, given, expected]) => assert.deepStrictEqual(value(type, given), expected))

  it.for(
    [
      ["integer", "3.5"],
      ["integer", 1.5],
      ["integer", "1e3"],
      ["integer", ""],
      ["integer", null],
      ["number", "NaN"],
      ["number", " 1"],
      ["number", "0x10"],
      ["boolean", "maybe"],
      ["boolean", 2],
      ["text", 1],
      ["text", null],
      ["date", "07/07/2026"],
      ["date", "2026-04-31"],
      ["date", "2026-07-07T10:00:00"],
      ["datetime", "10:00"],
      ["datetime", "2026-02-29T10:00:00"],
      ["time", "25:00"]
    ] as const
  )("of type %s refuses %j", ([type, given]) => assert.match(String(value(type, given)), /^\/x is not an? /))

  it("holds one of its choices", () => {
    const type: FieldType = { kind: "choices", choices: ["low", "high"] }
    assert.strictEqual(value(type, "low"), "low")
    assert.deepStrictEqual(value(type, "Low"), ["/x is not \"low\" | \"high\""])
  })

  it("of type date reads a midnight as its day, and no other hour", () => {
    for (const given of ["2026-07-07T00:00:00", "2026-07-07 00:00", "2026-07-07T00:00:00.000Z"]) {
      assert.strictEqual(value("date", given), "2026-07-07")
    }
    assert.match(String(value("date", "2026-07-07T00:00:01")), /^\/x is not a date/)
  })

  it("is refused when it is nested beyond reason, before anything walks it", () => {
    let deep: Json = 1
    for (let level = 0; level < 20_000; level++) deep = [deep]
    assert.deepStrictEqual(value("any", deep), [" is nested deeper than 100 levels"])
    assert.deepStrictEqual(read(people, "native.JSON", { json_obj: { deep } }), [" is nested deeper than 100 levels"])
  })

  it("of an Anything concept holds any value", () => {
    assert.deepStrictEqual(value(one("native.Anything"), { text: "a" }), { text: "a" })
  })

  it("holds lists of lists and of contents", () => {
    assert.deepStrictEqual(value(many(many({ kind: "integer" })), [[1, "2"], []]), [[1, 2], []])
    assert.deepStrictEqual(value(many(one("native.Number")), [{ number: 1 }, { number: "1" }]), [
      "/x/1/number is not a number"
    ])
  })

  it.prop("of any type keeps the JSON it accepts when it reads it again", [Schema.Json], ([json]) => {
    for (const type of ["text", "integer", "number", "boolean", "date", "datetime", "time", "any"] as const) {
      const once = read(of(type), "d.C", { x: json })
      if ("x" in once) assert.deepStrictEqual(read(of(type), "d.C", once), once)
    }
  })
})
