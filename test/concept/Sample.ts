/** Concepts as a library would have built them. */
import * as Result from "effect/Result"
import { type Concept, Concepts } from "../../src/concept/Concept.ts"
import { decode } from "../../src/concept/ContentSchema.ts"
import type { JsonObject } from "../../src/concept/Json.ts"
import type { Field, FieldType, Scalar } from "../../src/concept/Structure.ts"

export const field = (name: string, type: Scalar | FieldType, more: Partial<Field> = {}): Field => ({
  name,
  description: `The ${name}`,
  type: typeof type === "string" ? { kind: type } : type,
  required: false,
  ...more
})

export const must = { required: true } as const
export const one = (ref: string): FieldType => ({ kind: "concept", ref })
export const many = (item: FieldType): FieldType => ({ kind: "list", item })

const split = (ref: string): readonly [domain: string, code: string] => {
  const dot = ref.lastIndexOf(".")
  return [ref.slice(0, dot), ref.slice(dot + 1)]
}

/** A concept with fields of its own. */
export const structured = (ref: string, ...structure: ReadonlyArray<Field>): Concept => {
  const [domain, code] = split(ref)
  return { ref, domain, code, description: `A ${code}`, structure }
}

/** A concept without fields: of a text, or of what it refines. */
export const plain = (ref: string, refines?: string): Concept => {
  const [domain, code] = split(ref)
  return { ref, domain, code, description: `A ${code}`, ...(refines === undefined ? {} : { refines }) }
}

export const address = structured(
  "demo.lab.Addr",
  field("city", "text", { ...must, description: "City" }),
  field("zip", "text", { description: "Zip" })
)

/** The person of the language's own examples. */
export const person: Concept = {
  ...structured(
    "demo.lab.Person",
    field("full_name", "text", { ...must, description: "Full name" }),
    field("age", "integer", { description: "Age in years" }),
    field("gpa", "number", { default: 2.5, description: "GPA" }),
    field("level", { kind: "choices", choices: ["junior", "senior"] }, { ...must, description: "Seniority" }),
    field("addr", one("demo.lab.Addr"), { ...must, description: "Home" }),
    field("others", many(one("demo.lab.Addr")), { description: "Other addresses" })
  ),
  description: "A person with an address"
}

export const people = Concepts.make([address, person])

export const ann: JsonObject = {
  full_name: "Ann",
  age: 40,
  gpa: 2.5,
  level: "senior",
  addr: { city: "Paris", zip: null },
  others: null
}

/** The content a value decodes to, or what is wrong with it as `pointer reason`. */
export const read = (concepts: Concepts, ref: string, value: unknown): JsonObject | ReadonlyArray<string> => {
  const decoded = decode(concepts, ref, value)
  return Result.isSuccess(decoded)
    ? decoded.success
    : decoded.failure.map(({ pointer, reason }) => `${pointer} ${reason}`)
}
