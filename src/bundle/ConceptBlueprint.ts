import * as Schema from "effect/Schema"
import { isObject, type Json, type JsonObject, JsonValue } from "../concept/Json.ts"
import * as Moment from "../concept/Moment.ts"
import type { Code } from "../failure/Codes.ts"
import type { Issue } from "../failure/Issue.ts"
import { closest, didYouMean } from "../failure/Suggest.ts"
import { closedTable } from "./Decode.ts"
import * as Hints from "./Hints.ts"

/** A field of a structure as an author writes it. A string stands for a required text field with that description. */
const FieldTable = Schema.Struct({
  description: Schema.String,
  type: Schema.optionalKey(Schema.String),
  required: Schema.optionalKey(Schema.Boolean),
  default_value: Schema.optionalKey(JsonValue),
  choices: Schema.optionalKey(Schema.Array(Schema.String)),
  item_type: Schema.optionalKey(Schema.String),
  item_concept_ref: Schema.optionalKey(Schema.String),
  concept_ref: Schema.optionalKey(Schema.String),
  key_type: Schema.optionalKey(Schema.String),
  value_type: Schema.optionalKey(Schema.String),
  hints: Schema.optionalKey(Schema.Record(Schema.String, Schema.String))
})
export type FieldTable = typeof FieldTable.Type

const ConceptTable = Schema.Struct({
  description: Schema.String,
  refines: Schema.optionalKey(Schema.String),
  structure: Schema.optionalKey(Schema.Unknown),
  hints: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
  source: Schema.optionalKey(Schema.String)
})

/** A concept as an author writes it. */
export interface ConceptBlueprint {
  readonly description: string
  readonly refines?: string
  /** Absent: no structure of its own. A string names a class of the host. */
  readonly structure?: Readonly<Record<string, string | FieldTable>> | string
  /** The string form, which refines nothing and behaves as text. */
  readonly isBare: boolean
}

export const scalarTypes = ["text", "integer", "number", "boolean", "date", "datetime", "time"] as const
const fieldTypes = [...scalarTypes, "list", "dict", "concept"]

const reserved: ReadonlySet<string> = new Set([
  "_dynamic_output_concept",
  "_nb_output",
  "_stuff_name",
  "_content_class",
  "_concept_code",
  "_stuff_code",
  "_content",
  "model_config",
  "model_fields",
  "model_computed_fields",
  "model_dump",
  "model_dump_json",
  "model_validate",
  "model_validate_json",
  "model_copy",
  "model_fields_set",
  "model_extra"
])

/** Keywords of the reference's host language: a field of such a name could not be read there. */
const keywords: ReadonlySet<string> = new Set(
  ("False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda " +
    "nonlocal not or pass raise return try while with yield").split(" ")
)

type Path = ReadonlyArray<string | number>

const fieldName = (concept: string, at: Path, name: string): ReadonlyArray<Issue> => {
  const refuse = (problem: string): ReadonlyArray<Issue> => [
    {
      code: "method.schema_violation",
      path: at,
      concept,
      message: `field "${name}" of concept "${concept}" ${problem}`,
      fix: "give it another name"
    }
  ]
  if (!/^[\p{L}_][\p{L}\p{Nd}_]*$/u.test(name)) return refuse("is not a name: use letters, digits and underscores")
  if (reserved.has(name)) return refuse("has a reserved name")
  if (name.startsWith("_")) return refuse("starts with an underscore")
  return keywords.has(name) ? refuse("is a keyword of the reference's host language") : []
}

const isPlain = (value: unknown, moment: Moment.Moment["kind"] | undefined): boolean =>
  Moment.fromJson(value)?.kind === moment

const fits: Readonly<Record<string, (value: unknown) => boolean>> = {
  text: (value) => typeof value === "string",
  integer: (value) => (typeof value === "number" && Number.isInteger(value)) || typeof value === "boolean",
  number: (value) => typeof value === "number" || typeof value === "boolean",
  boolean: (value) => typeof value === "boolean",
  date: (value) => isPlain(value, "date"),
  datetime: (value) => isPlain(value, "datetime"),
  time: (value) => isPlain(value, "time"),
  list: (value) => Array.isArray(value),
  dict: (value) => isObject(value) && isPlain(value, undefined),
  concept: () => false
}

const fieldFaults = (concept: string, at: Path, name: string, field: FieldTable): ReadonlyArray<Issue> => {
  const { choices, default_value: fallback, type } = field
  const fault = (key: string | undefined, problem: string, fix?: string): Issue => ({
    code: "method.schema_violation",
    path: key === undefined ? at : [...at, key],
    concept,
    message: `field "${name}" of concept "${concept}" ${problem}`,
    ...(fix === undefined ? {} : { fix })
  })
  const suggestions = type === undefined ? [] : closest(type, fieldTypes)
  const hasChoices = choices !== undefined && choices.length > 0
  const faults: Array<Issue | false> = [
    type === undefined && !hasChoices && fault(undefined, "has neither type nor choices", "add type = \"text\""),
    type !== undefined && !fieldTypes.includes(type) &&
    { ...fault("type", `has the unknown type "${type}"${didYouMean(suggestions)}`), suggestions },
    field.required === true && fallback !== undefined &&
    fault("required", "is required and has a default_value", "keep one of the two"),
    (field.item_type === "concept") !== (field.item_concept_ref !== undefined) &&
    fault("item_concept_ref", "needs item_type = \"concept\" and item_concept_ref together"),
    (type === "concept") !== (field.concept_ref !== undefined) &&
    fault("concept_ref", "needs type = \"concept\" and concept_ref together"),
    type === "dict" && (field.key_type === undefined || field.value_type === undefined) &&
    fault(undefined, "is a dict and needs key_type and value_type"),
    field.key_type !== undefined && field.key_type !== "text" && field.key_type !== "str" &&
    fault("key_type", "has keys other than text"),
    typeof fallback === "number" && !Number.isFinite(fallback) &&
    {
      ...fault("default_value", "has a default_value that is no finite number"),
      code: "method.concept_invalid" as const
    },
    fallback !== undefined && !defaultFits(field) &&
    fault("default_value", `has a default_value that is no ${hasChoices ? "choice of it" : type}`)
  ]
  return faults.filter((found) => found !== false)
}

const defaultFits = ({ choices, default_value: fallback, type }: FieldTable): boolean => {
  if (choices !== undefined && choices.length > 0 && type === undefined) {
    return typeof fallback === "string" && choices.includes(fallback)
  }
  return type === undefined || (fits[type]?.(fallback) ?? true)
}

const fieldSite = ({ choices, type }: FieldTable): Hints.Site =>
  choices !== undefined && choices.length > 0
    ? "text"
    : Hints.siteOf(type) ?? (type === undefined ? undefined : "other")

/** Decodes the structure's fields; the ones that are well-formed survive the faults of the others. */
const structure = (
  concept: string,
  at: Path,
  written: JsonObject,
  issues: Array<Issue>
): Readonly<Record<string, string | FieldTable>> => {
  const fields: Array<readonly [string, string | FieldTable]> = []
  for (const [name, value] of Object.entries(written)) {
    const path = [...at, name]
    issues.push(...fieldName(concept, path, name))
    if (typeof value === "string") {
      fields.push([name, value])
      continue
    }
    const field = closedTable(FieldTable, value, `field "${name}" of concept "${concept}"`, path, issues, { concept })
    if (field === undefined) continue
    issues.push(
      ...fieldFaults(concept, path, name, field),
      ...Hints.check(field.hints, fieldSite(field), `field "${name}" of concept "${concept}"`, { path, concept })
    )
    fields.push([name, field])
  }
  return Object.fromEntries(fields)
}

/** Decodes one entry of `[concept]`. Faults are added to `issues`; what could be understood is answered. */
export const decode = (code: string, value: Json, issues: Array<Issue>): ConceptBlueprint | undefined => {
  const at = ["concept", code]
  if (typeof value === "string") return { description: value, isBare: true }
  const table = closedTable(ConceptTable, value, `concept "${code}"`, at, issues, { concept: code })
  if (table === undefined) return undefined
  const { description, hints, refines, structure: written } = table
  const site = written === undefined ? Hints.siteOf(refines ?? "Text") : "other"
  issues.push(...Hints.check(hints, site, `concept "${code}"`, { path: at, concept: code }))
  const fault = (key: string, problem: string, kind: Code = "method.schema_violation"): void => {
    issues.push({
      code: kind,
      path: [...at, key],
      concept: code,
      message: `concept "${code}" ${problem}`
    })
  }
  if (refines !== undefined && written !== undefined) {
    fault("refines", "has both refines and structure; keep one of them")
  }
  if (written === undefined) return { description, isBare: false, ...(refines === undefined ? {} : { refines }) }
  if (typeof written === "string") {
    fault(
      "structure",
      `names the host class "${written}", which this runtime does not know; write its fields as a table`,
      "method.concept_invalid"
    )
    return undefined
  }
  if (!isObject(written)) {
    fault("structure", "has a structure that is no table of fields")
    return undefined
  }
  return {
    description,
    isBare: false,
    structure: structure(code, [...at, "structure"], written, issues),
    ...(refines === undefined ? {} : { refines })
  }
}
