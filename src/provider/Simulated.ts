import { digest } from "../concept/Digest.ts"
import { isArray, isObject, type Json, type JsonObject, own } from "../concept/Json.ts"
import type { Structure } from "../program/Leaves.ts"
import type { LanguageRequest, SearchRequest } from "./Adapter.ts"

/**
 * The built-in stand-in for a model: deterministic, true to the schema it is given, and labelled wherever it shows. It calls nobody
 * and knows nothing; it makes a method run where there is no model to ask.
 */
export const label = "simulated"

const fingerprint = (text: string): string => digest(text).toString(16).padStart(8, "0")

const words = (path: string): string => path.replaceAll(/[_/.]+/g, " ").trim()

type Schema = JsonObject

const resolve = (schema: Schema, root: Schema): Schema => {
  const ref = own(schema, "$ref")
  if (typeof ref !== "string") return schema
  const defs = own(root, "$defs")
  const target = isObject(defs) ? own(defs, ref.replace("#/$defs/", "")) : undefined
  return isObject(target) ? target : {}
}

const formats: Readonly<Record<string, string>> = {
  date: "2026-03-04",
  "date-time": "2026-03-04T05:06:07Z",
  time: "05:06:07"
}

const scalars: Readonly<Record<string, (path: string, schema: Schema) => Json>> = {
  string: (path, schema) => {
    const format = own(schema, "format")
    return (typeof format === "string" ? own(formats, format) : undefined) ?? `${label} ${words(path)}`
  },
  integer: () => 1,
  number: () => 0.5,
  boolean: () => true,
  null: () => null
}

/** An instance of a JSON Schema: its first choice, its non-null form, two items in every list. */
const instance = (written: Schema, root: Schema, path: string, count: number, depth: number): Json => {
  const schema = resolve(written, root)
  const constant = own(schema, "const")
  if (constant !== undefined) return constant
  const choices = own(schema, "enum")
  if (isArray(choices)) return choices[0] ?? null
  const union = own(schema, "anyOf")
  if (isArray(union)) {
    const form = union.filter(isObject).find((member) => own(member, "type") !== "null")
    return form === undefined || depth > 8 ? null : instance(form, root, path, count, depth)
  }
  const type = own(schema, "type")
  if (type === "array") {
    const items = own(schema, "items")
    const length = depth > 8 ? 0 : count
    return Array.from(
      { length },
      (_, index) => instance(isObject(items) ? items : {}, root, `${path} ${index + 1}`, 2, depth + 1)
    )
  }
  const properties = own(schema, "properties")
  if (isObject(properties)) {
    return Object.fromEntries(
      Object.entries(properties).map(([name, inner]) => [
        name,
        isObject(inner)
          ? instance(inner, root, `${path} ${name}`, name === "items" && path === "" ? count : 2, depth + 1)
          : null
      ])
    )
  }
  if (type === "object") {
    const values = own(schema, "additionalProperties")
    return isObject(values) ? { key1: instance(values, root, `${path} key1`, 2, depth + 1) } : {}
  }
  return (typeof type === "string" ? own(scalars, type) : undefined)?.(path, schema) ?? `${label} ${words(path)}`
}

/** What the stand-in answers for a structure. */
export const object = ({ count, schema }: Structure): JsonObject => {
  const made = instance(schema, schema, "", count ?? 2, 0)
  return isObject(made) ? made : {}
}

/** What the stand-in answers for a text. */
export const text = ({ model, system, user }: Pick<LanguageRequest, "model" | "system" | "user">): string =>
  `[${label}] No model was called. An answer of ${model.handle} would stand here (prompt ${
    fingerprint(`${system ?? ""}\n${user}`)
  }, ${user.length} characters).`

/** What the stand-in finds for a query. */
export const found = ({ model, query }: Pick<SearchRequest, "model" | "query">): string =>
  `[${label}] Nothing was searched. An answer of ${model.handle} would stand here (query ${
    fingerprint(query)
  }, ${query.length} characters).`
