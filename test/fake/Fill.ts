/** The instance that stands for a structured answer: made from property names, choices and bounds alone, so that it never changes. */
import { isArray, isObject, isString, type Json, type JsonObject } from "../../src/concept/Json.ts"
import { sha256 } from "./Request.ts"

const deepest = 12

const target = (ref: string, root: Json): Json =>
  ref.replace(/^#\//, "").split("/").reduce<Json>((node, key) => isObject(node) ? node[key] ?? {} : {}, root)

const bounded = (value: number, { maximum, minimum }: JsonObject): number => {
  const raised = typeof minimum === "number" ? Math.max(value, minimum) : value
  return typeof maximum === "number" ? Math.min(raised, maximum) : raised
}

const formats: Readonly<Record<string, (path: string) => string>> = {
  date: () => "2026-03-04",
  "date-time": () => "2026-03-04T05:06:07Z",
  time: () => "05:06:07",
  uri: (path) => `https://example.invalid/${path}`,
  url: (path) => `https://example.invalid/${path}`
}

const text = ({ format, maxLength }: JsonObject, path: string): string => {
  const written = isString(format) && Object.hasOwn(formats, format)
    ? formats[format]?.(path || "x")
    : undefined
  if (written !== undefined) return written
  const named = `${path || "value"}#${sha256(path || "value").slice(0, 6)}`
  return typeof maxLength === "number" ? named.slice(0, maxLength) : named
}

const record = (schema: JsonObject, root: Json, path: string, depth: number): Json => {
  const { additionalProperties: values, properties } = schema
  const inner = isObject(properties) ? Object.entries(properties) : []
  if (inner.length === 0) {
    if (isObject(values)) return { key1: at(values, root, `${path}.key1`, depth + 1) }
    return depth === 0 ? { key1: "value1" } : {}
  }
  if (depth > deepest) return {}
  return Object.fromEntries(
    inner.map(([key, value]) => [key, at(value, root, path === "" ? key : `${path}.${key}`, depth + 1)])
  )
}

const array = ({ items, maxItems, minItems }: JsonObject, root: Json, path: string, depth: number): Json => {
  const least = typeof minItems === "number" ? minItems : 0
  const most = typeof maxItems === "number" ? Math.min(2, maxItems) : 2
  return Array.from(
    { length: Math.max(least, most) },
    (_, index) => at(items ?? {}, root, `${path}[${index}]`, depth + 1)
  )
}

/** Gemini writes types in capitals, and JSON Schema may list several. */
const typeOf = ({ properties, type }: JsonObject): string => {
  if (isObject(properties)) return "object"
  const written = isArray(type) ? type.find((each) => each !== "null") ?? "null" : type
  return isString(written) ? written.toLowerCase() : "string"
}

const byType: Readonly<Record<string, (schema: JsonObject, root: Json, path: string, depth: number) => Json>> = {
  object: record,
  array,
  integer: (schema) => Math.trunc(bounded(7, schema)),
  number: (schema) => bounded(2.5, schema),
  boolean: () => true,
  null: () => null,
  string: (schema, _, path) => text(schema, path)
}

const at = (schema: Json, root: Json, path: string, depth: number): Json => {
  if (!isObject(schema)) return "any"
  const { $ref: ref, allOf, anyOf, const: constant, enum: choices, oneOf } = schema
  if (isString(ref)) return at(target(ref, root), root, path, depth + 1)
  if (constant !== undefined) return constant
  if (isArray(choices)) return choices.find((each) => each !== null) ?? null
  const union = anyOf ?? oneOf
  if (isArray(union)) {
    const member = union.filter(isObject).find(({ type }) => type !== "null")
    return member === undefined ? null : at(member, root, path, depth)
  }
  if (isArray(allOf)) return at(Object.assign({}, ...allOf.filter(isObject)), root, path, depth)
  return byType[typeOf(schema)]?.(schema, root, path, depth) ?? null
}

export const fill = (schema: JsonObject): Json => at(schema, schema, "", 0)
