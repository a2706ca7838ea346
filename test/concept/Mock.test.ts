import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { type Concept, Concepts } from "../../src/concept/Concept.ts"
import * as Mock from "../../src/concept/Mock.ts"
import type { Field, FieldType } from "../../src/concept/Structure.ts"
import { field, many, must, one, people, person, read, structured } from "./Sample.ts"

const leaves = ["text", "integer", "number", "boolean", "date", "datetime", "time", "any"] as const

/** One field of a random structure: what it holds in the end, and what that is wrapped in. */
const Drawn = Schema.Struct({
  leaf: Schema.Literals([...leaves, "choices", "native", "other"]),
  wraps: Schema.Array(Schema.Literals(["list", "dict"])).check(Schema.isMaxLength(3)),
  pick: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 20 })),
  required: Schema.Boolean
})
type Drawn = typeof Drawn.Type

const Structures = Schema.Array(Schema.Array(Drawn).check(Schema.isMaxLength(5))).check(Schema.isMaxLength(5))

const natives = Concepts.make([]).all().map(({ ref }) => ref)

const leafOf = ({ leaf, pick }: Drawn, index: number, count: number): FieldType => {
  if (leaf === "choices") return { kind: "choices", choices: ["low", "mid", "high"].slice(pick % 3) }
  if (leaf === "native") return one(natives[pick % natives.length] ?? "native.Text")
  if (leaf === "other") {
    return index + 1 < count
      ? one(`d.C${index + 1 + (pick % (count - index - 1))}`)
      : { kind: "text" }
  }
  return { kind: leaf }
}

const typeOf = (drawn: Drawn, index: number, count: number): FieldType =>
  drawn.wraps.reduce<FieldType>(
    (inner, wrap) => wrap === "list" ? many(inner) : { kind: "dict", value: inner },
    leafOf(drawn, index, count)
  )

const conceptsOf = (drawn: typeof Structures.Type): ReadonlyArray<Concept> =>
  drawn.map((fields, index) =>
    structured(
      `d.C${index}`,
      ...fields.map((each, at): Field =>
        field(`f${at}`, typeOf(each, index, drawn.length), { required: each.required })
      )
    )
  )

const items = (multiplicity: "single" | "list" | number) =>
  Mock.mock(people, { concept: person.ref, multiplicity }, "s").content["items"]

describe("a mock", () => {
  it.prop(
    "fits its concept, whatever the concept is, and is complete",
    [Structures, Schema.String],
    ([drawn, seed]) => {
      const concepts = Concepts.make(conceptsOf(drawn))
      for (const { ref } of concepts.all()) {
        const mock = Mock.one(concepts, ref, seed)
        assert.deepStrictEqual(read(concepts, ref, mock), mock, ref)
      }
    }
  )

  it.prop(
    "is the same for the same seed",
    [Schema.String],
    ([seed]) => assert.deepStrictEqual(Mock.one(people, person.ref, seed), Mock.one(people, person.ref, seed))
  )

  it("is another one for another seed", () => {
    const texts = ["a", "b", "c", "d"].map((seed) => JSON.stringify(Mock.one(people, person.ref, seed)))
    assert.strictEqual(new Set(texts).size, 4)
  })

  it("fills what may hold nothing too", () => {
    const { age, others } = Mock.one(people, person.ref, "s")
    assert.isNumber(age)
    assert.isArray(others)
  })

  it("has two items for a list, or as many as are asked for", () => {
    assert.lengthOf(Object(items("list")), 2)
    assert.lengthOf(Object(items(5)), 5)
    assert.isUndefined(items("single"))
  })

  it("of an open concept says what it holds", () => {
    const { content, held } = Mock.mock(people, { concept: "native.Anything", multiplicity: "single" }, "s")
    assert.deepStrictEqual(held, { concept: "native.Text", plural: false })
    assert.isString(content["text"])
  })

  it("ends, for concepts that hold themselves where they may hold nothing", () => {
    const tree = Concepts.make([
      structured("d.Tree", field("left", one("d.Tree")), field("rest", many(one("d.Tree")), must))
    ])
    const mock = Mock.one(tree, "d.Tree", "s")
    assert.deepStrictEqual(read(tree, "d.Tree", mock), mock)
  })

  it("of an image or document can be shown: a known picture, a blank page", () => {
    assert.include(Mock.imageUrls, Mock.one(people, "native.Image", "s")["url"])
    assert.strictEqual(Mock.one(people, "native.Document", "s")["url"], Mock.blankPdf)
  })
})
