import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Access from "../../src/concept/Access.ts"
import { Concepts } from "../../src/concept/Concept.ts"
import type { Json, JsonObject } from "../../src/concept/Json.ts"
import { field, many, must, one, plain, structured } from "./Sample.ts"

const concepts = Concepts.make([
  plain("d.Tag", "native.Text"),
  structured(
    "d.Line",
    field("label", "text", must),
    field("price", "number"),
    field("tags", many({ kind: "text" }), must)
  ),
  structured(
    "d.Invoice",
    field("title", "text", must),
    field("note", "text"),
    field("count", "integer", must),
    field("total", "number", must),
    field("paid", "boolean", must),
    field("level", { kind: "choices", choices: ["low", "high"] }, must),
    field("on", "date", must),
    field("sent", "datetime", must),
    field("at", "time", must),
    field("extra", { kind: "dict", value: { kind: "any" } }, must),
    field("free", "any", must),
    field("loose", many({ kind: "any" }), must),
    field("grid", many(many({ kind: "integer" })), must),
    field("tag", one("d.Tag"), must),
    field("scan", one("native.Image"), must),
    field("first", one("d.Line")),
    field("lines", many(one("d.Line")), must)
  )
])

const line = (label: string, price: number | null, ...tags: ReadonlyArray<string>): JsonObject => ({
  label,
  price,
  tags
})

const invoice: JsonObject = {
  title: "One",
  note: null,
  count: 2,
  total: 9.5,
  paid: true,
  level: "low",
  on: "2026-07-07",
  sent: "2026-07-07T10:00:00Z",
  at: "10:00",
  extra: { a: 1 },
  free: "x",
  loose: [1],
  grid: [[1, 2], [3]],
  tag: { text: "t" },
  scan: { url: "u" },
  first: line("f", 1, "p"),
  lines: [line("a", 1, "x", "y"), line("b", null), line("c", 3, "z")]
}

const root = { concept: "d.Invoice", plural: false }

const bound = (path: string, content = invoice, shape = root) =>
  Result.map(Access.read(concepts, shape, content, path === "" ? [] : path.split(".")), (end) => ({
    concept: end.shape.concept,
    content: end.content,
    nullAt: end.nullAt
  }))

const nowhere = (path: string, shape = root) =>
  Result.match(Access.walk(concepts, shape, path.split(".")), {
    onFailure: ({ at }) => at,
    onSuccess: () => undefined
  })

const facts = (path: string) =>
  Result.map(
    Access.walk(concepts, root, path.split(".")),
    ({ crossesList, mayBeAbsent, shape }) => [mayBeAbsent, crossesList, shape.plural]
  )

const raw = (...path: ReadonlyArray<string>) => Access.value(invoice, path)

describe("a binding", () => {
  it.for<readonly [path: string, concept: string, content: Json]>([
    ["", "d.Invoice", invoice],
    ["tag", "d.Tag", { text: "t" }],
    ["scan", "native.Image", { url: "u" }],
    ["title", "native.Text", { text: "One" }],
    ["level", "native.Text", { text: "low" }],
    ["count", "native.Number", { number: 2 }],
    ["total", "native.Number", { number: 9.5 }],
    ["paid", "native.YesNo", { yes_no: true, probability: null }],
    ["on", "native.Date", { date: "2026-07-07", time: null }],
    ["sent", "native.Date", { date: "2026-07-07", time: "10:00:00Z" }],
    ["at", "native.Time", { time: "10:00" }],
    ["extra", "native.JSON", { json_obj: { a: 1 } }],
    ["free", "native.Anything", { text: "x" }],
    ["first.label", "native.Text", { text: "f" }],
    ["scan.url", "native.Text", { text: "u" }],
    ["grid", "native.Number", { items: [{ number: 1 }, { number: 2 }, { number: 3 }] }],
    ["lines", "d.Line", { items: Object(invoice["lines"]) }],
    ["lines.label", "native.Text", { items: [{ text: "a" }, { text: "b" }, { text: "c" }] }],
    ["lines.price", "native.Number", { items: [{ number: 1 }, { number: 3 }] }],
    ["lines.tags", "native.Text", { items: [{ text: "x" }, { text: "y" }, { text: "z" }] }]
  ])("of %j stores a %s", ([path, concept, content]) => {
    const found = bound(path)
    assert.isTrue(Result.isSuccess(found))
    if (Result.isSuccess(found)) {
      assert.strictEqual(found.success.concept, concept)
      assert.deepStrictEqual(found.success.content, Object(content))
    }
  })

  it("that ends on a null stores nothing, and says where the null is", () => {
    assert.deepStrictEqual(
      bound("note"),
      Result.succeed({ concept: "native.Text", content: undefined, nullAt: "note" })
    )
    const firstless = { ...invoice, first: null }
    assert.deepStrictEqual(
      bound("first.label", firstless),
      Result.succeed({ concept: "native.Text", content: undefined, nullAt: "first" })
    )
  })

  it("across a list root gathers what each item has", () => {
    const shape = { concept: "d.Line", plural: true }
    const content = { items: [line("a", 1, "x"), line("b", null, "y", "z")] }
    assert.deepStrictEqual(
      bound("tags", content, shape),
      Result.succeed({
        concept: "native.Text",
        content: { items: [{ text: "x" }, { text: "y" }, { text: "z" }] },
        nullAt: undefined
      })
    )
    assert.deepStrictEqual(
      bound("", content, shape),
      Result.succeed({ concept: "d.Line", content, nullAt: undefined })
    )
  })

  it.for([
    ["totl", "totl"],
    ["total.x", "x"],
    ["extra.a", "a"],
    ["free.a", "a"],
    ["loose", "loose"],
    ["tag.text.x", "text"],
    ["lines.nope", "nope"],
    ["lines.tags.x", "x"],
    ["constructor", "constructor"],
    ["__proto__", "__proto__"]
  ])("of %s leads nowhere, from %s on", ([path, at]) => assert.strictEqual(nowhere(path ?? ""), at))

  it("names the fields there are when it leads nowhere", () => {
    const walked = Access.walk(concepts, root, ["first", "totl"])
    assert.deepStrictEqual(walked, Result.fail({ at: "totl", available: ["label", "price", "tags"] }))
  })

  it("knows before the run whether it may be absent, or crosses a list", () => {
    assert.deepStrictEqual(facts("title"), Result.succeed([false, false, false]))
    assert.deepStrictEqual(facts("first.label"), Result.succeed([true, false, false]))
    assert.deepStrictEqual(facts("lines"), Result.succeed([false, false, true]))
    assert.deepStrictEqual(facts("lines.price"), Result.succeed([false, true, true]))
    assert.deepStrictEqual(facts("first.tags"), Result.succeed([false, false, true]))
  })
})

describe("a raw path", () => {
  it("gives the value as it is", () => {
    assert.deepStrictEqual(raw(), Result.succeed(invoice))
    assert.deepStrictEqual(raw("total"), Result.succeed(9.5))
    assert.deepStrictEqual(raw("extra", "a"), Result.succeed(1))
    assert.deepStrictEqual(raw("note"), Result.succeed(null))
  })

  it("ends at a name that is not there, private or inherited", () => {
    assert.deepStrictEqual(raw("extra", "b"), Result.fail({ at: "b", available: ["a"] }))
    assert.deepStrictEqual(raw("total", "x"), Result.fail({ at: "x", available: [] }))
    for (const name of ["constructor", "toString", "__proto__", "_secret"]) {
      const hidden = Access.value({ _secret: 1 }, [name])
      assert.deepStrictEqual(hidden, Result.fail({ at: name, available: ["_secret"] }))
    }
  })
})
