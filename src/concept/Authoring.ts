import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import type { Concept } from "./Concept.ts"
import { isArray, isObject, type Json, own } from "./Json.ts"
import * as Reference from "./Reference.ts"
import type { Field, FieldType } from "./Structure.ts"

/**
 * Concepts written in TypeScript: an Effect Schema with a name. Its properties become the fields of the concept, so that a composed
 * pipe has the same blueprint as one read from a file.
 */
export interface Authored<A> extends Schema.ConstraintCodec<A, unknown>, Named {}

interface Named {
  /** `domain.Code`. */
  readonly concept: string
  readonly isPlural: boolean
  /** The concepts this one needs, itself included, natives left out. */
  readonly declarations: ReadonlyArray<Concept>
}

const conceptKey = "pipelex/concept"

/** A schema that cannot be a concept. Thrown while pipes are being written, never while they run. */
export class NotAConcept extends Error {
  override readonly name = "NotAConcept"
}

/** What is annotated after a check stands on the check. */
const described = (ast: SchemaAST.AST, name: string): string => {
  const description = ast.checks?.at(-1)?.annotations?.["description"] ?? ast.annotations?.["description"]
  return typeof description === "string" ? description : name.replaceAll("_", " ")
}

const isInteger = (ast: SchemaAST.AST): boolean =>
  ast.checks?.some((check) => JSON.stringify(check.annotations ?? {}).includes("effect/schema/isInt")) ?? false

const literals = (types: ReadonlyArray<SchemaAST.AST>): ReadonlyArray<string> | undefined => {
  const values = types.map((type) => type._tag === "Literal" ? type.literal : undefined)
  return values.length > 0 && values.every((value) => typeof value === "string") ? values : undefined
}

interface Reading {
  readonly domain: string
  readonly declarations: Map<string, Concept>
}

const typeOf = (ast: SchemaAST.AST, owner: string, name: string, reading: Reading): FieldType => {
  switch (ast._tag) {
    case "String":
      return { kind: "text" }
    case "Number":
      return { kind: isInteger(ast) ? "integer" : "number" }
    case "Boolean":
      return { kind: "boolean" }
    case "Literal":
      return typeof ast.literal === "string" ? { kind: "choices", choices: [ast.literal] } : { kind: "any" }
    case "Arrays": {
      const [item] = ast.rest
      return { kind: "list", item: item === undefined ? { kind: "any" } : typeOf(item, owner, name, reading) }
    }
    case "Objects":
      return objectType(ast, owner, name, reading)
    case "Union":
      return unionType(ast.types, owner, name, reading)
    default:
      return { kind: "any" }
  }
}

const unionType = (types: ReadonlyArray<SchemaAST.AST>, owner: string, name: string, reading: Reading): FieldType => {
  const present = types.filter(({ _tag }) => _tag !== "Null" && _tag !== "Undefined")
  const choices = literals(present)
  if (choices !== undefined) return { kind: "choices", choices }
  const [only] = present
  return only !== undefined && present.length === 1 ? typeOf(only, owner, name, reading) : { kind: "any" }
}

const objectType = (ast: SchemaAST.Objects, owner: string, name: string, reading: Reading): FieldType => {
  const ref = ast.annotations?.[conceptKey]
  if (typeof ref === "string") {
    if (!ref.startsWith("native.")) declare(ref, ast, reading)
    return { kind: "concept", ref }
  }
  const [values] = ast.indexSignatures
  if (values !== undefined && ast.propertySignatures.length === 0) {
    return { kind: "dict", value: typeOf(values.type, owner, name, reading) }
  }
  const code = `${owner.slice(owner.lastIndexOf(".") + 1)}${
    name.split("_").map((word) => `${word[0]?.toUpperCase() ?? ""}${word.slice(1)}`).join("")
  }`
  const inner = `${reading.domain}.${code}`
  declare(inner, ast, reading)
  return { kind: "concept", ref: inner }
}

const mayBeNull = (ast: SchemaAST.AST): boolean =>
  ast._tag === "Union" && ast.types.some(({ _tag }) => _tag === "Null" || _tag === "Undefined")

const declare = (ref: string, ast: SchemaAST.Objects, reading: Reading): void => {
  if (reading.declarations.has(ref)) return
  const { code, domain = "" } = Reference.split(ref)
  if (!Reference.domainCode.test(domain) || !Reference.conceptCode.test(code)) {
    throw new NotAConcept(`"${ref}" is not a concept: write domain.PascalCase`)
  }
  const base = { ref, domain, code, description: described(ast, code) }
  reading.declarations.set(ref, base)
  const structure = ast.propertySignatures.map(({ name, type }): Field => ({
    name: String(name),
    description: described(type, String(name)),
    type: typeOf(type, ref, String(name), reading),
    required: !SchemaAST.isOptional(type) && !mayBeNull(type)
  }))
  reading.declarations.set(ref, { ...base, structure })
}

/** A schema that still decodes to the same type once it is annotated. */
type Annotatable<S extends Schema.Constraint> = Schema.Codec<unknown, unknown> & {
  readonly Rebuild: Schema.ConstraintCodec<S["Type"], unknown>
}

/** Names a struct as a concept, `domain.Code`. Descriptions are the schema's own annotations. */
export const make = <S extends Annotatable<S>>(
  ref: string,
  schema: S,
  description?: string
): S["Rebuild"] & Authored<S["Type"]> => {
  const annotated = schema.annotate({ [conceptKey]: ref, ...(description === undefined ? {} : { description }) })
  const encoded = SchemaAST.toEncoded(annotated.ast)
  if (encoded._tag !== "Objects") throw new NotAConcept(`concept "${ref}" has to be a struct`)
  const reading: Reading = { domain: Reference.split(ref).domain ?? "", declarations: new Map() }
  declare(ref, encoded, reading)
  return Object.assign(annotated, {
    concept: ref,
    isPlural: false,
    declarations: Array.from(reading.declarations.values())
  })
}

/** Any number of values of a concept, as an input or output. */
export const list = <A>(item: Authored<A>): Authored<ReadonlyArray<A>> =>
  Object.assign(Schema.Array(item), {
    concept: item.concept,
    isPlural: true,
    declarations: item.declarations
  })

const native = <S extends Annotatable<S>>(code: string, schema: S): S["Rebuild"] & Authored<S["Type"]> => {
  const concept = `native.${code}`
  return Object.assign(schema.annotate({ [conceptKey]: concept }), { concept, isPlural: false, declarations: [] })
}

const text = Schema.String
const optional = <S extends Schema.Top>(schema: S) => Schema.optionalKey(schema)

export const Text = native("Text", Schema.Struct({ text }))
export const Markdown = native("Markdown", Schema.Struct({ text }))
export const Number = native("Number", Schema.Struct({ number: Schema.Finite }))
export const YesNo = native("YesNo", Schema.Struct({ yes_no: Schema.Boolean, probability: optional(Schema.Finite) }))
export const Choice = native("Choice", Schema.Struct({ choice: text, confidence: optional(Schema.Finite) }))
export const Rating = native(
  "Rating",
  Schema.Struct({ level: Schema.Int, label: optional(text), confidence: optional(Schema.Finite) })
)
export const Date = native("Date", Schema.Struct({ date: text, time: optional(text) }))
export const Time = native("Time", Schema.Struct({ time: text }))
export const Html = native("Html", Schema.Struct({ inner_html: text, css_class: optional(text) }))
export const Image = native(
  "Image",
  Schema.Struct({
    url: text,
    caption: optional(text),
    mime_type: optional(text),
    width: optional(Schema.Int),
    height: optional(Schema.Int)
  })
)
export const Document = native(
  "Document",
  Schema.Struct({
    url: text,
    mime_type: optional(text),
    filename: optional(text),
    title: optional(text),
    snippet: optional(text)
  })
)
export const TextAndImages = native(
  "TextAndImages",
  Schema.Struct({ text: optional(Text), images: optional(Schema.Array(Image)) })
)
export const Page = native("Page", Schema.Struct({ text_and_images: TextAndImages, page_view: optional(Image) }))
export const JsonObject = native("JSON", Schema.Struct({ json_obj: Schema.Record(text, Schema.Unknown) }))

/**
 * A content as the schema's own JSON: a field that holds nothing is null in a content, and absent where the schema says the key is
 * optional.
 */
export const withoutAbsent = (ast: SchemaAST.AST, value: Json): Json => {
  if (ast._tag === "Arrays" && isArray(value)) {
    const [item] = ast.rest
    return item === undefined ? value : value.map((each) => withoutAbsent(item, each))
  }
  if (ast._tag === "Union") {
    const [only, ...others] = ast.types.filter(({ _tag }) => _tag !== "Null" && _tag !== "Undefined")
    return only !== undefined && others.length === 0 ? withoutAbsent(only, value) : value
  }
  if (ast._tag !== "Objects" || !isObject(value)) return value
  if (ast.propertySignatures.length === 0) return value
  return Object.fromEntries(ast.propertySignatures.flatMap(({ name, type }): ReadonlyArray<readonly [string, Json]> => {
    const inner = own(value, String(name))
    return inner === undefined || (inner === null && SchemaAST.isOptional(type))
      ? []
      : [[String(name), withoutAbsent(type, inner)]]
  }))
}
