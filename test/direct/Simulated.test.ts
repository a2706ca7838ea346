import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { type Concept, Concepts } from "../../src/concept/Concept.ts"
import { outputSchemaOf } from "../../src/concept/JsonSchema.ts"
import * as Mock from "../../src/concept/Mock.ts"
import type { FieldType } from "../../src/concept/Structure.ts"
import type { Structure } from "../../src/program/Leaves.ts"
import { checks } from "../../src/provider/Answer.ts"
import * as Simulated from "../../src/provider/Simulated.ts"

const natives = [
  "Text",
  "Number",
  "YesNo",
  "Date",
  "Time",
  "Image",
  "Document",
  "Html",
  "JSON",
  "Page",
  "SearchResult",
  "Choice",
  "Rating",
  "TextAndImages"
]

const kind = Schema.Literals([
  "text",
  "integer",
  "number",
  "boolean",
  "date",
  "datetime",
  "time",
  "choices",
  "dict",
  "native",
  "next"
])
const field = Schema.Struct({
  kind,
  isList: Schema.Boolean,
  required: Schema.Boolean,
  native: Schema.Literals(natives)
})
const structures = Schema.Array(Schema.Array(field).check(Schema.isMaxLength(4))).check(
  Schema.isMinLength(1),
  Schema.isMaxLength(4)
)

const typeOf = (each: typeof field.Type, next: string | undefined): FieldType => {
  const type: FieldType = each.kind === "choices"
    ? { kind: "choices", choices: ["a", "b"] }
    : each.kind === "dict"
    ? { kind: "dict", value: { kind: "number" } }
    : each.kind === "native"
    ? { kind: "concept", ref: `native.${each.native}` }
    : each.kind === "next"
    ? next === undefined ? { kind: "any" } : { kind: "concept", ref: next }
    : { kind: each.kind }
  return each.isList ? { kind: "list", item: type } : type
}

/** Concepts of which each may hold the next. */
const conceptsOf = (levels: ReadonlyArray<ReadonlyArray<typeof field.Type>>): ReadonlyArray<Concept> =>
  levels.map((fields, level) => ({
    ref: `d.L${level}`,
    domain: "d",
    code: `L${level}`,
    description: "x",
    structure: fields.map((each, index) => ({
      name: `f${index}`,
      description: "x",
      required: each.required,
      type: typeOf(each, level + 1 < levels.length ? `d.L${level + 1}` : undefined)
    }))
  }))

const structureOf = (
  declared: ReadonlyArray<Concept>,
  concept: string,
  plural: boolean,
  count?: number
): Structure => ({
  concept,
  name: "x",
  schema: outputSchemaOf(Concepts.make(declared), concept, plural).schema,
  concepts: declared,
  ...(count === undefined ? {} : { count })
})

describe("the simulated model", () => {
  it.effect.prop(
    "answers any structure with what fits it, the same every time",
    [structures],
    ([levels]) =>
      Effect.sync(() => {
        const declared = conceptsOf(levels)
        const structure = structureOf(declared, "d.L0", false)
        const made = Simulated.object(structure)
        const checked = checks().object(structure)(made)
        if (Result.isFailure(checked)) assert.fail(JSON.stringify([checked.failure, declared, made]))
        assert.deepStrictEqual(Simulated.object(structure), made)
      })
  )

  it.effect.prop("answers a list with as many as are asked for", [
    structures,
    Schema.Int.check(Schema.isBetween({ minimum: 2, maximum: 5 }))
  ], ([levels, count]) =>
    Effect.sync(() => {
      const structure = structureOf(conceptsOf(levels), "d.L0", true, count)
      const checked = checks().list(structure)(Simulated.object(structure))
      assert.lengthOf(Result.isSuccess(checked) ? checked.success : [], count)
    }))

  it.each(natives)("answers a %s", (code) => {
    const structure = structureOf([], `native.${code}`, false)
    const checked = checks().object(structure)(Simulated.object(structure))
    assert.isTrue(Result.isSuccess(checked), Result.isFailure(checked) ? JSON.stringify(checked.failure) : "")
  })

  it("says in every text that it is simulated", () => {
    const made = JSON.stringify(Simulated.object(structureOf([], "native.Text", false)))
    assert.include(made, Simulated.label)
  })
})

describe("a mock", () => {
  it.effect.prop(
    "fits any structure it is made for, the same for the same seed",
    [structures, Schema.String],
    ([levels, seed]) =>
      Effect.sync(() => {
        const declared = conceptsOf(levels)
        const concepts = Concepts.make(declared)
        const made = Mock.one(concepts, "d.L0", seed)
        const checked = checks().object(structureOf(declared, "d.L0", false))(made)
        if (Result.isFailure(checked)) assert.fail(JSON.stringify([checked.failure, declared, made]))
        assert.deepStrictEqual(Mock.one(concepts, "d.L0", seed), made)
      })
  )
})
