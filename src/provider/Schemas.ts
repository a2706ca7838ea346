import { createHash } from "node:crypto"
import { isArray, isObject, type Json, type JsonObject, own } from "../concept/Json.ts"
import { close } from "../concept/JsonSchema.ts"

/** Schemas as providers take them: in the strict subset of JSON Schema, under the names they allow, or told in words. */
const tables: ReadonlySet<string> = new Set(["properties", "$defs"])

const kept: ReadonlySet<string> = new Set([
  "$ref",
  "type",
  "title",
  "description",
  "enum",
  "required",
  "additionalProperties",
  "pattern",
  "multipleOf",
  "minimum",
  "exclusiveMinimum",
  "maximum",
  "exclusiveMaximum",
  "minItems",
  "maxItems"
])

const formats: ReadonlySet<Json> = new Set([
  "date-time",
  "time",
  "date",
  "duration",
  "email",
  "hostname",
  "ipv4",
  "ipv6",
  "uuid"
])

/** A keyword as the strict subset writes it. One that it does not know is dropped: the answer is checked here anyway. */
const keyword = ([key, value]: readonly [string, Json]): ReadonlyArray<readonly [string, Json]> => {
  if (tables.has(key) && isObject(value)) {
    return [[key, Object.fromEntries(Object.entries(value).map(([name, each]) => [name, reworded(each)]))]]
  }
  if (key === "items") return [[key, reworded(value)]]
  if (key === "anyOf" && isArray(value)) return [[key, value.map(reworded)]]
  if (key === "const") return [["enum", [value]]]
  return kept.has(key) || (key === "format" && formats.has(value)) ? [[key, value]] : []
}

const reworded = (schema: Json): Json =>
  isObject(schema) ? Object.fromEntries(Object.entries(schema).flatMap(keyword)) : schema

const inner = (schema: JsonObject): ReadonlyArray<Json> => {
  const { anyOf } = schema
  return [
    ...Array.from(tables, (key) => own(schema, key)).flatMap((table) => isObject(table) ? Object.values(table) : []),
    ...(isArray(anyOf) ? anyOf : []),
    ...(Object.hasOwn(schema, "items") ? [schema["items"] ?? null] : [])
  ]
}

/** Strict schemas say what every value is: no map with keys of its own, no list of anything. */
const isStrict = (schema: Json): boolean => {
  if (!isObject(schema)) return false
  const { type } = schema
  const isSaid = ["type", "anyOf", "$ref", "enum"].some((key) => Object.hasOwn(schema, key))
  const isClosed = (type !== "object" || schema["additionalProperties"] === false) &&
    (type !== "array" || isObject(schema["items"]))
  return isSaid && isClosed && inner(schema).every(isStrict)
}

const made = new WeakMap<JsonObject, { readonly strict: JsonObject | undefined }>()

/**
 * The schema as strict interfaces take it: closed, and in the words that they know. Nothing when what it describes cannot be so. Jobs of a
 * pipe share their schema, for which this is found once.
 */
export const strict = (schema: JsonObject): JsonObject | undefined => {
  const known = made.get(schema)
  if (known !== undefined) return known.strict
  const closed = reworded(close(schema))
  const found = { strict: isObject(closed) && isStrict(closed) ? closed : undefined }
  made.set(schema, found)
  return found.strict
}

const longestName = 64

/** The name with other characters than tools and schemas may have replaced; a long one is cut, and kept apart from its like by a digest. */
export const wireName = (name: string): string => {
  const plain = name.replaceAll(/[^a-zA-Z0-9_-]/g, "_")
  if (plain.length <= longestName && plain !== "") return plain
  const digest = createHash("sha256").update(name).digest("hex").slice(0, 12)
  return `${plain.slice(0, longestName - digest.length - 1)}_${digest}`
}

/** For models that are given no schema but in words. */
export const instruction = (schema: JsonObject): string =>
  `Answer with one JSON object and nothing else. It has to fit this JSON Schema:\n${JSON.stringify(schema)}`
