/** What the recording server answers when no rule says otherwise: a text that names its prompt, an instance filled from the schema. */
import { createHash } from "node:crypto"
import { isObject, type Json, type JsonObject, own } from "../../src/concept/Json.ts"
import { close } from "../../src/concept/JsonSchema.ts"
import type { Sent } from "../../src/direct/Recorded.ts"
import { string } from "./Corpus.ts"
import { asked, digest } from "./Recording.ts"

const sha = (text: string): string => createHash("sha256").update(text).digest("hex")

const deepest = 12

const resolved = (schema: JsonObject, root: JsonObject): JsonObject => {
  const ref = own(schema, "$ref")
  const definitions = own(root, "$defs")
  const found = typeof ref === "string" && isObject(definitions)
    ? own(definitions, ref.replace("#/$defs/", ""))
    : undefined
  const union = own(schema, "anyOf") ?? own(schema, "oneOf")
  if (isObject(found)) return resolved(found, root)
  if (!Array.isArray(union)) return schema
  const member = (union as ReadonlyArray<Json>).filter(isObject).find((each) => own(each, "type") !== "null")
  return member === undefined ? { type: "null" } : resolved(member, root)
}

const bounded = (value: number, schema: JsonObject): number => {
  const { maximum, minimum } = schema
  return Math.min(
    Math.max(value, typeof minimum === "number" ? minimum : value),
    typeof maximum === "number" ? maximum : Infinity
  )
}

const formats: Readonly<Record<string, string>> = {
  date: "2026-03-04",
  "date-time": "2026-03-04T05:06:07Z",
  time: "05:06:07"
}

const text = (schema: JsonObject, path: string): string =>
  formats[string(own(schema, "format")) ?? ""] ?? `${path || "value"}#${sha(path || "value").slice(0, 6)}`

const record = (schema: JsonObject, root: JsonObject, path: string, depth: number): Json => {
  const properties = own(schema, "properties")
  if (isObject(properties) && Object.keys(properties).length > 0) {
    return Object.fromEntries(
      Object.entries(properties).map((
        [name, inner]
      ) => [name, fill(inner, root, path === "" ? name : `${path}.${name}`, depth + 1)])
    )
  }
  const values = own(schema, "additionalProperties")
  if (isObject(values)) return { key1: fill(values, root, `${path}.key1`, depth + 1) }
  return depth === 0 ? { key1: "value1" } : {}
}

const fill = (written: Json, root: JsonObject, path: string, depth: number): Json => {
  if (!isObject(written) || depth > deepest) return null
  const schema = resolved(written, root)
  const constant = own(schema, "const")
  if (constant !== undefined) return constant
  const choices = own(schema, "enum")
  if (Array.isArray(choices)) return (choices as ReadonlyArray<Json>).find((each) => each !== null) ?? null
  if (own(schema, "properties") !== undefined) return record(schema, root, path, depth)
  switch (own(schema, "type")) {
    case "object":
      return record(schema, root, path, depth)
    case "array":
      return [0, 1].map((index) => fill(own(schema, "items") ?? {}, root, `${path}[${index}]`, depth + 1))
    case "integer":
      return Math.trunc(bounded(7, schema))
    case "number":
      return bounded(2.5, schema)
    case "boolean":
      return true
    case "null":
      return null
    default:
      return text(schema, path)
  }
}

export const answer = (sent: Sent): Json => {
  if (!("structure" in sent.job)) return `reply-${digest(asked(sent)).slice(0, 12)}`
  const schema = close(sent.job.structure.schema)
  return isObject(schema) ? fill(schema, schema, "", 0) : {}
}
