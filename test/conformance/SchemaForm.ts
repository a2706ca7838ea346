/** JSON Schemas in a form in which two that accept the same values are equal: no references, no words, one spelling of "may be null". */
import { isObject, type Json, type JsonObject, own } from "../../src/concept/Json.ts"

const dropped: ReadonlySet<string> = new Set([
  "title",
  "description",
  "default",
  "$defs",
  "additionalProperties",
  "required",
  "strict"
])
const deepest = 12

const resolved = (schema: JsonObject, root: JsonObject): JsonObject => {
  const ref = own(schema, "$ref")
  if (typeof ref !== "string") return schema
  const definitions = own(root, "$defs")
  const found = isObject(definitions) ? own(definitions, ref.replace("#/$defs/", "")) : undefined
  return isObject(found) ? found : {}
}

const isNull = (schema: Json): boolean => isObject(schema) && own(schema, "type") === "null"

/** The schema without null, and whether null was allowed. */
const nullable = (schema: JsonObject): readonly [JsonObject, boolean] => {
  const type = own(schema, "type")
  if (Array.isArray(type) && type.includes("null")) {
    const rest = type.filter((each) => each !== "null")
    return [{ ...schema, type: rest.length === 1 ? rest[0] ?? "null" : rest }, true]
  }
  const union = own(schema, "anyOf") ?? own(schema, "allOf")
  if (!Array.isArray(union)) return [schema, false]
  const members = (union as ReadonlyArray<Json>).filter((each) => !isNull(each))
  const [only] = members
  const { allOf: _all, anyOf: _any, ...others } = schema
  return members.length === 1 && isObject(only)
    ? [{ ...others, ...only }, members.length < union.length]
    : [{ ...others, anyOf: members }, members.length < union.length]
}

const properties = (schema: JsonObject, root: JsonObject, depth: number): JsonObject => {
  const inner = own(schema, "properties")
  const required = own(schema, "required")
  const listed: ReadonlyArray<Json> = Array.isArray(required) ? required : []
  return Object.fromEntries(
    Object.entries(isObject(inner) ? inner : {}).toSorted(([a], [b]) => a < b ? -1 : 1).map(([name, value]) => {
      const [bare, mayBeNull] = nullable(isObject(value) ? value : {})
      return [name, { optional: mayBeNull || !listed.includes(name), value: form(bare, root, depth + 1) }]
    })
  )
}

/** The normal form. Recursive schemas are cut at a depth no case reaches. */
export const form = (written: JsonObject, outer: JsonObject = written, depth = 0): Json => {
  if (depth > deepest) return "…"
  const root = own(written, "$defs") === undefined ? outer : written
  const [schema] = nullable(resolved(nullable(written)[0], root))
  const entries = Object.entries(schema).filter(([key]) => !dropped.has(key)).map(([key, value]): [string, Json] => {
    if (key === "properties") return [key, properties(schema, root, depth)]
    if (key === "const") return ["enum", [value]]
    if (key === "items") return [key, isObject(value) ? form(value, root, depth + 1) : value]
    if (key === "anyOf" && Array.isArray(value)) {
      return [
        key,
        (value as ReadonlyArray<Json>).map((each) => isObject(each) ? form(each, root, depth + 1) : each)
      ]
    }
    return [key, value]
  })
  const more = own(schema, "additionalProperties")
  if (isObject(more) && Object.keys(more).length > 0) entries.push(["values", form(more, root, depth + 1)])
  return Object.fromEntries(entries.toSorted(([a], [b]) => a < b ? -1 : 1))
}
