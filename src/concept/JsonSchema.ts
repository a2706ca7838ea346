import type { Concepts } from "./Concept.ts"
import { isArray, isObject, isString, type Json, type JsonObject, own } from "./Json.ts"
import { isPlural, type Slot } from "./Slot.ts"
import { type Field, type FieldType, mayHoldNothing } from "./Structure.ts"

/** Concepts as JSON Schema, in the form that structured-output interfaces of models take. */
const scalars: { readonly [Kind in FieldType["kind"]]?: JsonObject } = {
  text: { type: "string" },
  integer: { type: "integer" },
  number: { type: "number" },
  boolean: { type: "boolean" },
  date: { format: "date", type: "string" },
  datetime: { format: "date-time", type: "string" },
  time: { format: "time", type: "string" },
  any: {}
}

const bounded: Readonly<Record<NonNullable<Field["check"]>, JsonObject>> = {
  finite: {},
  unit_interval: { maximum: 1, minimum: 0 },
  not_negative: { minimum: 0 },
  positive: { exclusiveMinimum: 0 }
}

/** `main_topic` is titled `Main Topic`. */
const title = (name: string): string =>
  name.split("_").map((word) => word === "" ? word : `${word[0]?.toUpperCase() ?? ""}${word.slice(1).toLowerCase()}`)
    .join(" ")

/** Collects the definitions that a schema refers to. */
class Definitions {
  readonly found = new Map<string, JsonObject>()
  readonly #concepts: Concepts

  constructor(concepts: Concepts) {
    this.#concepts = concepts
  }

  reference(ref: string): JsonObject {
    const owner = this.#concepts.structureOwner(ref)
    if (owner === "native.Anything" || owner === "native.Dynamic") return {}
    if (owner === "native.Composite") return { additionalProperties: true, type: "object" }
    const name = this.#concepts.className(ref)
    if (!this.found.has(name)) {
      this.found.set(name, {})
      this.found.set(name, this.object(ref, name))
    }
    return { $ref: `#/$defs/${name}` }
  }

  type(type: FieldType): JsonObject {
    switch (type.kind) {
      case "choices": {
        const [only, ...others] = new Set(type.choices)
        return only === undefined || others.length > 0
          ? { enum: Array.from(new Set(type.choices)), type: "string" }
          : { const: only, type: "string" }
      }
      case "list":
        return { items: this.type(type.item), type: "array" }
      case "dict":
        return { additionalProperties: type.value.kind === "any" ? true : this.type(type.value), type: "object" }
      case "concept":
        return this.reference(type.ref)
      default:
        return scalars[type.kind] ?? {}
    }
  }

  field(field: Field, isDescribed: boolean): JsonObject {
    const { check, type } = field
    const plain = check === "finite"
      ? { anyOf: [{ type: "integer" }, { type: "number" }] }
      : check !== undefined && type.kind === "dict"
      ? { additionalProperties: { ...bounded[check], ...this.type(type.value) }, type: "object" }
      : check === undefined
      ? this.type(type)
      : { ...bounded[check], ...this.type(type) }
    const value: JsonObject = mayHoldNothing(field) ? { anyOf: [plain, { type: "null" }], default: null } : plain
    const isReference = type.kind === "concept" && Object.hasOwn(plain, "$ref")
    return {
      ...value,
      ...(field.default === undefined ? {} : { default: field.default }),
      ...(isDescribed ? { description: field.description } : {}),
      ...(isReference ? {} : { title: title(field.name) })
    }
  }

  object(ref: string, name: string): JsonObject {
    const concept = this.#concepts.get(ref)
    const fields = this.#concepts.fields(ref) ?? []
    const owner = this.#concepts.structureOwner(ref)
    const isDescribed = concept?.domain !== "native"
    const required = fields.filter(({ name: each, required: must }) =>
      must && !(owner === "native.SearchResult" && each === "sources")
    ).map((field) => field.name)
    return {
      ...(concept === undefined || concept.domain === "native" ? {} : { description: concept.description }),
      properties: Object.fromEntries(fields.map((field) => [field.name, this.field(field, isDescribed)])),
      ...(required.length === 0 ? {} : { required }),
      title: name,
      type: "object"
    }
  }
}

const withDefinitions = (schema: JsonObject, definitions: Definitions): JsonObject =>
  definitions.found.size === 0
    ? schema
    : { $defs: Object.fromEntries(Array.from(definitions.found).toSorted(([a], [b]) => a < b ? -1 : 1)), ...schema }

/** What one content of the concept looks like. */
export const jsonSchemaOf = (concepts: Concepts, ref: string): JsonObject => {
  if (ref === "native.Anything") return { title: ref, description: "Anything", not: { type: ["array", "null"] } }
  if (ref === "native.Composite") return { additionalProperties: true, properties: {}, title: ref, type: "object" }
  const definitions = new Definitions(concepts)
  return withDefinitions(definitions.object(ref, ref), definitions)
}

const counted = ({ multiplicity }: Slot): JsonObject =>
  typeof multiplicity === "number" ? { minItems: multiplicity, maxItems: multiplicity } : {}

/** What a list of the concept looks like once it is stored. */
const listSchemaOf = (concepts: Concepts, slot: Slot): JsonObject => {
  const definitions = new Definitions(concepts)
  const { concept: ref } = slot
  const items = definitions.reference(ref)
  const name = concepts.className(ref)
  return withDefinitions({
    properties: { items: { items, title: "Items", type: "array", ...counted(slot) } },
    required: ["items"],
    title: `ListContent[${name}]`,
    type: "object"
  }, definitions)
}

/** What a caller gives for an input, or gets as an output: a list is given as an array, and comes out as stored. */
export const slotSchemaOf = (concepts: Concepts, slot: Slot, role: "input" | "output"): JsonObject => {
  if (!isPlural(slot)) return jsonSchemaOf(concepts, slot.concept)
  return role === "input"
    ? { type: "array", items: jsonSchemaOf(concepts, slot.concept), ...counted(slot) }
    : listSchemaOf(concepts, slot)
}

/** What a model is asked to fill: one object, or a wrapper with `items`. */
export const outputSchemaOf = (
  concepts: Concepts,
  ref: string,
  plural: boolean
): { readonly name: string; readonly description?: string; readonly schema: JsonObject } => {
  const definitions = new Definitions(concepts)
  const concept = concepts.get(ref)
  const name = concepts.className(ref)
  if (plural) {
    const wrapper = `ListOf${name}`
    const items = definitions.reference(ref)
    const schema = {
      properties: { items: { items, title: "Items", type: "array" } },
      required: ["items"],
      title: wrapper,
      type: "object"
    }
    return { name: wrapper, schema: withDefinitions(schema, definitions) }
  }
  const schema = definitions.object(ref, name)
  return {
    name,
    ...(concept === undefined || concept.domain === "native" ? {} : { description: concept.description }),
    schema: withDefinitions(schema, definitions)
  }
}

const named = "#/$defs/"

/** The members of a table of schemas, whose keys are names and not keywords. */
const members = (table: Json, made: (schema: Json) => Json): Json =>
  isObject(table) ? Object.fromEntries(Object.entries(table).map(([name, inner]) => [name, made(inner)])) : table

/**
 * The closed form that strict interfaces want: every property required, none beyond them, no defaults, and no words beside a
 * reference: what is referred to is written out there. Inside its own definition a reference loses its words instead.
 */
export const close = (schema: Json): Json => {
  const definitions = isObject(schema) ? own(schema, "$defs") : undefined

  const closed = (each: Json, inside: ReadonlyArray<string>): Json => {
    if (isArray(each)) return each.map((item) => closed(item, inside))
    if (!isObject(each)) return each
    const { $ref, ...words } = each
    if (isString($ref) && Object.keys(words).length > 0) {
      const name = $ref.replace(named, "")
      const meant = isObject(definitions) ? own(definitions, name) : undefined
      return inside.includes(name) || !isObject(meant) ? { $ref } : closed({ ...meant, ...words }, [...inside, name])
    }
    const properties = own(each, "properties")
    const kept = Object.entries(each).filter(([key]) => key !== "default").map(([key, value]): [string, Json] => [
      key,
      key === "properties" ? members(value, (inner) => closed(inner, inside)) : closed(value, inside)
    ])
    return isObject(properties) && own(each, "type") === "object"
      ? { ...Object.fromEntries(kept), required: Object.keys(properties), additionalProperties: false }
      : Object.fromEntries(kept)
  }

  if (!isObject(schema) || !isObject(definitions)) return closed(schema, [])
  const { $defs: _, ...body } = schema
  const made = closed(body, [])
  const inner = Object.entries(definitions).map(([name, each]): [string, Json] => [name, closed(each, [name])])
  return isObject(made) ? { $defs: Object.fromEntries(inner), ...made } : made
}
