import { assert, describe, it } from "@effect/vitest"
import { Concepts } from "../../src/concept/Concept.ts"
import { close, outputSchemaOf } from "../../src/concept/JsonSchema.ts"
import type { FieldType, Scalar } from "../../src/concept/Structure.ts"
import { address, field, many, must, one, people, person, plain, structured } from "./Sample.ts"

const addressSchema = {
  description: "A Addr",
  properties: {
    city: { type: "string", description: "City", title: "City" },
    zip: { anyOf: [{ type: "string" }, { type: "null" }], default: null, description: "Zip", title: "Zip" }
  },
  required: ["city"],
  title: "demo__lab__Addr",
  type: "object"
}

const reference = { $ref: "#/$defs/demo__lab__Addr" }

const property = (type: Scalar | FieldType): unknown => {
  const concepts = Concepts.make([address, structured("d.C", field("first_name", type, must))])
  const properties = outputSchemaOf(concepts, "d.C", false).schema["properties"]
  return Object(properties)["first_name"]
}

describe("the JSON schema of an output", () => {
  it("describes the object, its fields and the concepts they hold", () => {
    assert.deepStrictEqual(outputSchemaOf(people, person.ref, false), {
      name: "demo__lab__Person",
      description: "A person with an address",
      schema: {
        $defs: { demo__lab__Addr: addressSchema },
        description: "A person with an address",
        properties: {
          full_name: { type: "string", description: "Full name", title: "Full Name" },
          age: {
            anyOf: [{ type: "integer" }, { type: "null" }],
            default: null,
            description: "Age in years",
            title: "Age"
          },
          gpa: { type: "number", default: 2.5, description: "GPA", title: "Gpa" },
          level: { enum: ["junior", "senior"], type: "string", description: "Seniority", title: "Level" },
          addr: { ...reference, description: "Home" },
          others: {
            anyOf: [{ items: reference, type: "array" }, { type: "null" }],
            default: null,
            description: "Other addresses",
            title: "Others"
          }
        },
        required: ["full_name", "level", "addr"],
        title: "demo__lab__Person",
        type: "object"
      }
    })
  })

  it("wraps a list in an object with items", () => {
    assert.deepStrictEqual(outputSchemaOf(people, address.ref, true), {
      name: "ListOfdemo__lab__Addr",
      schema: {
        $defs: { demo__lab__Addr: addressSchema },
        properties: { items: { items: reference, title: "Items", type: "array" } },
        required: ["items"],
        title: "ListOfdemo__lab__Addr",
        type: "object"
      }
    })
  })

  it.for<readonly [Scalar | FieldType, object]>([
    ["text", { type: "string" }],
    ["integer", { type: "integer" }],
    ["number", { type: "number" }],
    ["boolean", { type: "boolean" }],
    ["date", { type: "string", format: "date" }],
    ["datetime", { type: "string", format: "date-time" }],
    ["time", { type: "string", format: "time" }],
    ["any", {}],
    [{ kind: "dict", value: { kind: "number" } }, { type: "object", additionalProperties: { type: "number" } }],
    [{ kind: "dict", value: { kind: "any" } }, { type: "object", additionalProperties: true }],
    [many(many({ kind: "text" })), { type: "array", items: { type: "array", items: { type: "string" } } }]
  ])(
    "gives a field of type %j its own form",
    ([type, form]) =>
      assert.deepStrictEqual(property(type), { ...form, description: "The first_name", title: "First Name" })
  )

  it("bounds the numbers of natives", () => {
    const { schema } = outputSchemaOf(people, "native.Rating", false)
    const { confidence, level, probabilities } = Object(schema["properties"])
    assert.deepStrictEqual(level, { type: "integer", minimum: 0, title: "Level" })
    assert.deepStrictEqual(confidence.anyOf[0], { type: "number", minimum: 0, maximum: 1 })
    assert.deepStrictEqual(probabilities.anyOf[0].additionalProperties, { type: "number", minimum: 0, maximum: 1 })
  })

  it("refers to a concept that holds itself once", () => {
    const tree = Concepts.make([structured("d.Tree", field("children", many(one("d.Tree")), must))])
    const { schema } = outputSchemaOf(tree, "d.Tree", true)
    assert.deepStrictEqual(Object.keys(Object(schema["$defs"])), ["d__Tree"])
  })

  it("gives a refinement the fields of its base under its own name", () => {
    const concepts = Concepts.make([address, plain("demo.lab.Site", address.ref)])
    const { name, schema } = outputSchemaOf(concepts, "demo.lab.Site", false)
    assert.strictEqual(name, "demo__lab__Site")
    assert.strictEqual(schema["title"], "demo__lab__Site")
    assert.deepStrictEqual(schema["properties"], addressSchema.properties)
  })
})

describe("the closed form of a schema", () => {
  const closed = close(outputSchemaOf(people, person.ref, false).schema)

  it("requires every property and allows no other, in every object", () => {
    const { $defs, additionalProperties, required } = Object(closed)
    assert.deepStrictEqual(required, ["full_name", "age", "gpa", "level", "addr", "others"])
    assert.isFalse(additionalProperties)
    assert.deepStrictEqual($defs.demo__lab__Addr.required, ["city", "zip"])
    assert.isFalse($defs.demo__lab__Addr.additionalProperties)
  })

  it("holds no default, and is closed already when it is closed again", () => {
    assert.notInclude(JSON.stringify(closed), "\"default\"")
    assert.deepStrictEqual(close(closed), closed)
  })

  it("writes out what a reference with words beside it means, and leaves a bare one", () => {
    const { properties } = Object(closed)
    assert.notProperty(properties.addr, "$ref")
    assert.strictEqual(properties.addr.description, "Home")
    assert.deepStrictEqual(properties.addr.required, ["city", "zip"])
    assert.deepStrictEqual(properties.others.anyOf[0].items, reference)
  })

  it("ends where a concept holds itself", () => {
    const tree = Concepts.make([
      structured("d.Tree", field("left", one("d.Tree"), must), field("right", one("d.Tree")))
    ])
    const { $defs, properties } = Object(close(outputSchemaOf(tree, "d.Tree", false).schema))
    assert.deepStrictEqual($defs.d__Tree.properties.left, { $ref: "#/$defs/d__Tree" })
    assert.deepStrictEqual(properties.left.properties.left, { $ref: "#/$defs/d__Tree" })
  })

  it("keeps fields whose names are words of JSON Schema", () => {
    const names = ["default", "properties", "required", "type", "items"]
    const concepts = Concepts.make([structured("d.C", ...names.map((name) => field(name, "text", must)))])
    const { properties } = Object(close(outputSchemaOf(concepts, "d.C", false).schema))
    assert.deepStrictEqual(Object.keys(properties), names)
    for (const name of names) assert.strictEqual(properties[name].type, "string")
  })
})
