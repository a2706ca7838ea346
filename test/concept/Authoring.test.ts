import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import * as Authoring from "../../src/concept/Authoring.ts"
import type { Json } from "../../src/concept/Json.ts"
import type { Field } from "../../src/concept/Structure.ts"

const Line = Authoring.make(
  "shop.Line",
  Schema.Struct({ label: Schema.String, price: Schema.Finite }),
  "A line of an order"
)

const Order = Authoring.make(
  "shop.Order",
  Schema.Struct({
    customer_name: Schema.String.annotate({ description: "Who ordered" }),
    count: Schema.Int,
    total: Schema.Finite,
    paid: Schema.Boolean,
    state: Schema.Literals(["open", "closed"]),
    kind: Schema.Literal("order"),
    tags: Schema.Array(Schema.String),
    grid: Schema.Array(Schema.Array(Schema.Int)),
    stock: Schema.Record(Schema.String, Schema.Int),
    note: Schema.optionalKey(Schema.String),
    memo: Schema.NullOr(Schema.String),
    first: Schema.optionalKey(Line),
    lines: Schema.Array(Line),
    scan: Authoring.Image,
    ship_to: Schema.Struct({ city: Schema.String }),
    version: Schema.Literal(2),
    free: Schema.Unknown
  }).annotate({ description: "An order" })
)

const fieldsOf = (authored: Authoring.Authored<unknown>, ref = authored.concept): ReadonlyArray<Field> =>
  authored.declarations.find((concept) => concept.ref === ref)?.structure ?? []

const field = (name: string): Field | undefined => fieldsOf(Order).find((each) => each.name === name)

const encoded = (authored: Authoring.Authored<unknown>, value: Json): Json =>
  Authoring.withoutAbsent(SchemaAST.toEncoded(authored.ast), value)

describe("a concept written in TypeScript", () => {
  it.for<readonly [name: string, type: Field["type"], required: boolean]>([
    ["customer_name", { kind: "text" }, true],
    ["count", { kind: "integer" }, true],
    ["total", { kind: "number" }, true],
    ["paid", { kind: "boolean" }, true],
    ["state", { kind: "choices", choices: ["open", "closed"] }, true],
    ["kind", { kind: "choices", choices: ["order"] }, true],
    ["tags", { kind: "list", item: { kind: "text" } }, true],
    ["grid", { kind: "list", item: { kind: "list", item: { kind: "integer" } } }, true],
    ["stock", { kind: "dict", value: { kind: "integer" } }, true],
    ["note", { kind: "text" }, false],
    ["memo", { kind: "text" }, false],
    ["first", { kind: "concept", ref: "shop.Line" }, false],
    ["lines", { kind: "list", item: { kind: "concept", ref: "shop.Line" } }, true],
    ["scan", { kind: "concept", ref: "native.Image" }, true],
    ["ship_to", { kind: "concept", ref: "shop.OrderShipTo" }, true],
    ["version", { kind: "any" }, true],
    ["free", { kind: "any" }, true]
  ])("has the field %s of type %j", ([name, type, required]) => {
    assert.deepStrictEqual(field(name)?.type, type)
    assert.strictEqual(field(name)?.required, required)
  })

  it("takes its descriptions from the schema, else from the names", () => {
    assert.strictEqual(Order.declarations[0]?.description, "An order")
    assert.strictEqual(Line.declarations[0]?.description, "A line of an order")
    assert.strictEqual(field("customer_name")?.description, "Who ordered")
    assert.strictEqual(field("ship_to")?.description, "ship to")
  })

  it("brings the concepts it needs, natives left out", () => {
    assert.deepStrictEqual(Order.declarations.map(({ ref }) => ref), ["shop.Order", "shop.Line", "shop.OrderShipTo"])
    assert.deepStrictEqual(Authoring.Page.declarations, [])
    assert.strictEqual(Authoring.Page.concept, "native.Page")
  })

  it("keeps its types, and the schema it was made from", () => {
    expectTypeOf<(typeof Line)["Type"]>().toEqualTypeOf<{ readonly label: string; readonly price: number }>()
    assert.deepStrictEqual(Object.keys(Line.fields), ["label", "price"])
  })

  it.effect("decodes as its schema does", () =>
    Effect.gen(function*() {
      const line = { label: "Tea", price: 2 }
      assert.deepStrictEqual(yield* Schema.decodeEffect(Line)(line), line)
      assert.isDefined(yield* Effect.flip(Schema.decodeUnknownEffect(Line)({ label: "Tea" })))
    }))

  it("reads fields and nested concepts through their encoding", () => {
    const Timed = Authoring.make(
      "shop.Timed",
      Schema.Struct({ at: Schema.DateTimeUtcFromString, seats: Schema.FiniteFromString })
    )
    const Plan = Authoring.make("shop.Plan", Schema.Struct({ timed: Timed, all: Schema.Array(Timed) }))
    assert.deepStrictEqual(fieldsOf(Timed).map(({ type }) => type), [{ kind: "text" }, { kind: "text" }])
    const ref = { kind: "concept", ref: "shop.Timed" } as const
    assert.deepStrictEqual(fieldsOf(Plan).map(({ type }) => type), [ref, { kind: "list", item: ref }])
    assert.deepStrictEqual(Plan.declarations.map(({ ref: each }) => each), ["shop.Plan", "shop.Timed"])
  })

  it("may be a class", () => {
    class Person extends Schema.Class<Person>("Person")({ name: Schema.String }) {}
    const authored = Authoring.make("shop.Person", Person)
    assert.deepStrictEqual(fieldsOf(authored).map(({ name }) => name), ["name"])
    expectTypeOf<(typeof authored)["Type"]>().toEqualTypeOf<Person>()
  })

  it("as a list stands for the same concept", () => {
    const lines = Authoring.list(Line)
    assert.strictEqual(lines.concept, "shop.Line")
    assert.isTrue(lines.isPlural)
    assert.isFalse(Line.isPlural)
    assert.deepStrictEqual(lines.declarations, Line.declarations)
    expectTypeOf<(typeof lines)["Type"]>().toEqualTypeOf<ReadonlyArray<(typeof Line)["Type"]>>()
  })

  it("is refused when it is no struct or has no name of a concept", () => {
    const struct = Schema.Struct({ a: Schema.String })
    for (const ref of ["Line", "shop.line", "Shop.Line", ".Line", "shop.", "shop.1Line", ""]) {
      assert.throws(() => Authoring.make(ref, struct), Authoring.NotAConcept)
    }
    assert.throws(() => Authoring.make("shop.Line", Schema.String), Authoring.NotAConcept)
    assert.throws(() => Authoring.make("shop.Line", Schema.Array(struct)), Authoring.NotAConcept)
  })
})

describe("a content as the schema's own JSON", () => {
  it("drops the nulls of optional keys, at any depth, and keeps the others", () => {
    const Inner = Authoring.make("a.Inner", Schema.Struct({ x: Schema.optionalKey(Schema.Int) }))
    const Outer = Authoring.make(
      "a.Outer",
      Schema.Struct({
        a: Schema.optionalKey(Schema.String),
        b: Schema.NullOr(Schema.String),
        c: Schema.optionalKey(Schema.NullOr(Schema.String)),
        inner: Inner,
        all: Schema.Array(Inner),
        dict: Schema.Record(Schema.String, Schema.Unknown)
      })
    )
    const content = { a: null, b: null, c: null, inner: { x: null }, all: [{ x: null }, { x: 1 }], dict: { k: null } }
    assert.deepStrictEqual(encoded(Outer, content), {
      b: null,
      inner: {},
      all: [{}, { x: 1 }],
      dict: { k: null }
    })
    assert.deepStrictEqual(encoded(Authoring.list(Inner), [{ x: null }]), [{}])
  })

  it("leaves out what the schema does not know", () => {
    assert.deepStrictEqual(encoded(Authoring.Text, { text: "a", probability: null }), { text: "a" })
  })
})
