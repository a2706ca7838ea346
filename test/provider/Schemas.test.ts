import { assert, describe, it } from "@effect/vitest"
import type { JsonObject } from "../../src/concept/Json.ts"
import * as Schemas from "../../src/provider/Schemas.ts"

const object = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({ type: "object", properties, ...more })

describe("a strict schema", () => {
  it("is closed at every level, with every property required", () => {
    const schema = object({
      list: { type: "array", items: object({ a: { type: "string" } }) },
      maybe: { anyOf: [{ $ref: "#/$defs/lab__Tree" }, { type: "null" }], default: null }
    }, { $defs: { lab__Tree: object({ leaves: { type: "array", items: { $ref: "#/$defs/lab__Tree" } } }) } })
    const closed = (properties: JsonObject) => ({
      ...object(properties),
      required: Object.keys(properties),
      additionalProperties: false
    })
    assert.deepStrictEqual(Schemas.strict(schema), {
      $defs: { lab__Tree: closed({ leaves: { type: "array", items: { $ref: "#/$defs/lab__Tree" } } }) },
      ...closed({
        list: { type: "array", items: closed({ a: { type: "string" } }) },
        maybe: { anyOf: [{ $ref: "#/$defs/lab__Tree" }, { type: "null" }] }
      })
    })
  })

  it("has no words that providers do not know, and keeps properties that are called like them", () => {
    const made = Schemas.strict(object({
      const: { const: "x", type: "string" },
      default: { type: "string", minLength: 2, maxLength: 9, format: "uri", default: "y" },
      items: { type: "string", format: "date" },
      size: { type: "integer", minimum: 0, exclusiveMaximum: 9 }
    }))
    assert.deepStrictEqual(made?.["properties"], {
      const: { enum: ["x"], type: "string" },
      default: { type: "string" },
      items: { type: "string", format: "date" },
      size: { type: "integer", minimum: 0, exclusiveMaximum: 9 }
    })
  })

  it("does not exist for what has keys or values of any kind", () => {
    const nested = (inner: JsonObject) => object({ list: { type: "array", items: object({ inner }) } })
    const open: ReadonlyArray<JsonObject> = [
      { type: "object", additionalProperties: { type: "string" } },
      { type: "object", additionalProperties: true },
      { title: "Anything" },
      {},
      { type: "array", items: {} },
      { type: "array" },
      { anyOf: [{ type: "null" }, {}] }
    ]
    for (const schema of open) assert.isUndefined(Schemas.strict(nested(schema)), JSON.stringify(schema))
    assert.isUndefined(Schemas.strict(object({ a: { type: "string" } }, { $defs: { b: {} } })))
    assert.isDefined(Schemas.strict(nested({ type: "boolean" })))
  })
})

describe("the name of a schema", () => {
  it("stays as it is where it may", () => {
    assert.strictEqual(Schemas.wireName("lab__Card-2"), "lab__Card-2")
    assert.strictEqual(Schemas.wireName("a".repeat(64)), "a".repeat(64))
  })

  it("is cut to what providers take, differently for different names and always alike for the same", () => {
    const names = ["a".repeat(65), "a".repeat(66), "", "é".repeat(70)]
    const made = names.map(Schemas.wireName)
    for (const name of made) assert.match(name, /^[a-zA-Z0-9_-]{1,64}$/)
    assert.strictEqual(new Set(made).size, names.length)
    assert.deepStrictEqual(names.map(Schemas.wireName), made)
    assert.strictEqual(Schemas.wireName("lab.Card [x]"), "lab_Card__x_")
  })
})
