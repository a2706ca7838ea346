import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { Concepts } from "../../src/concept/Concept.ts"
import type { Slot } from "../../src/concept/Slot.ts"
import * as CsvInputs from "../../src/source/CsvInputs.ts"

const concepts = Concepts.make([{
  ref: "d.Order",
  domain: "d",
  code: "Order",
  description: "An order",
  structure: [
    { name: "item", description: "Item", type: { kind: "text" }, required: true },
    { name: "count", description: "Count", type: { kind: "integer" }, required: true },
    { name: "paid", description: "Paid", type: { kind: "boolean" }, required: false },
    { name: "tags", description: "Tags", type: { kind: "list", item: { kind: "text" } }, required: false }
  ]
}])

const inputs = new Map<string, Slot>([["orders", { concept: "d.Order", multiplicity: "list", presence: "plain" }]])

const load = (text: string, value: (file: string) => string | { readonly url: string } = (file) => file) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const file = `${yield* Effect.orDie(fs.makeTempDirectoryScoped())}/orders.csv`
    yield* Effect.orDie(fs.writeFileString(file, text))
    return yield* CsvInputs.load({ orders: value(file) }, inputs, concepts, (path) => path)
  })

layer(NodeServices.layer)("a table as an input", (it) => {
  it.effect("gives its rows, each cell as its field means it", () =>
    Effect.gen(function*() {
      const text = "item,count,paid\nrope,3,true\n\"oil, lamp\",2,\n"
      const rows = [{ item: "rope", count: 3, paid: true }, { item: "oil, lamp", count: 2 }]
      assert.deepStrictEqual(yield* load(text), { orders: rows })
      assert.deepStrictEqual(yield* load(text, (url) => ({ url })), { orders: rows })
    }))

  it.effect("is refused with every column that is unknown, missing or no single value", () =>
    Effect.gen(function*() {
      const failure = yield* Effect.flip(load("item,colour,tags\na,b,c\n"))
      assert.strictEqual(failure.code, "input.invalid")
      assert.strictEqual(failure.location.input, "orders")
      for (const name of ["colour", "count", "tags"]) assert.include(failure.message, `"${name}"`)
    }))

  it.effect("is refused with the line of what breaks it, and without its cells", () =>
    Effect.gen(function*() {
      const failure = yield* Effect.flip(load("item,count\nsecret\n"))
      assert.include(failure.message, "line 2")
      assert.notInclude(failure.message, "secret")
    }))

  it.effect("that does not exist is a file that does not exist", () =>
    Effect.gen(function*() {
      const failure = yield* Effect.flip(CsvInputs.load({ orders: "/nowhere/x.csv" }, inputs, concepts, (path) => path))
      assert.strictEqual(failure.code, "input.reference_not_found")
    }))

  describe("other values", () => {
    it.effect("are left as they are", () =>
      Effect.gen(function*() {
        const values = { orders: [{ item: "a", count: 1 }], other: "notes.csv" }
        assert.deepStrictEqual(yield* CsvInputs.load(values, inputs, concepts, (path) => path), values)
      }))
  })
})
