import { isArray, isObject, type Json, type JsonObject, own } from "../../concept/Json.ts"

/** The part of JSON Schema that Gemini takes for an answer. It refuses a schema with other keywords, or with any beside a `$ref`. */
const keywords: ReadonlySet<string> = new Set([
  "$id",
  "$defs",
  "$ref",
  "$anchor",
  "type",
  "format",
  "title",
  "description",
  "enum",
  "items",
  "prefixItems",
  "minItems",
  "maxItems",
  "minimum",
  "maximum",
  "anyOf",
  "oneOf",
  "properties",
  "additionalProperties",
  "required"
])

/** Keywords whose value is a table of schemas: its keys are names. */
const tables: ReadonlySet<string> = new Set(["$defs", "properties"])

/** Keywords whose value is data. */
const values: ReadonlySet<string> = new Set(["enum", "required", "type"])

const value = (keyword: string, given: Json): Json => {
  if (values.has(keyword)) return given
  if (tables.has(keyword) && isObject(given)) {
    return Object.fromEntries(Object.entries(given).map(([name, schema]) => [name, trimmed(schema)]))
  }
  return trimmed(given)
}

const trimmed = (schema: Json): Json => {
  if (isArray(schema)) return schema.map(trimmed)
  return isObject(schema) ? of(schema) : schema
}

/** The schema with what Gemini does not take left out; answers are checked against the whole one. */
export const of = (schema: JsonObject): JsonObject => {
  const constant = own(schema, "const")
  const isReference = Object.hasOwn(schema, "$ref")
  const kept = Object.entries(constant === undefined ? schema : { ...schema, enum: [constant] })
    .filter(([keyword]) => keywords.has(keyword) && (!isReference || keyword.startsWith("$")))
  return Object.fromEntries(kept.map(([keyword, given]) => [keyword, value(keyword, given)]))
}
