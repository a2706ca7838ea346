/** Reads the concepts of `.mthds` files that are known to be good, without any of the machinery that tells good from bad. */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { parse } from "smol-toml"
import { type Concept, Concepts } from "../../src/concept/Concept.ts"
import { isObject, type Json, type JsonObject } from "../../src/concept/Json.ts"
import { isNative } from "../../src/concept/Native.ts"
import type { Field, FieldType, Scalar } from "../../src/concept/Structure.ts"

const scalars: ReadonlyArray<Scalar> = ["text", "integer", "number", "boolean", "date", "datetime", "time", "any"]

const object = (value: unknown): JsonObject => isObject(value) ? value : {}
const string = (value: unknown): string => typeof value === "string" ? value : ""

const qualified = (ref: string, domain: string): string =>
  ref.includes(".") ? ref : isNative(ref) ? `native.${ref}` : `${domain}.${ref}`

const scalar = (type: Json | undefined): FieldType => ({ kind: scalars.find((each) => each === type) ?? "any" })

const typeOf = (field: JsonObject, domain: string): FieldType => {
  const { choices, type } = field
  if (Array.isArray(choices)) return { kind: "choices", choices: choices.map(string) }
  if (type === "concept") return { kind: "concept", ref: qualified(string(field["concept_ref"]), domain) }
  if (type === "dict") return { kind: "dict", value: scalar(field["value_type"]) }
  if (type !== "list") return scalar(type)
  const item = field["item_type"] === "concept"
    ? { kind: "concept", ref: qualified(string(field["item_concept_ref"]), domain) } as const
    : scalar(field["item_type"])
  return { kind: "list", item }
}

const fieldOf = (name: string, written: Json, domain: string): Field => {
  if (typeof written === "string") return { name, description: written, type: { kind: "text" }, required: true }
  const field = object(written)
  const fallback = field["default_value"]
  return {
    name,
    description: string(field["description"]),
    type: typeOf(field, domain),
    required: field["required"] === true,
    ...(fallback === undefined ? {} : { default: fallback })
  }
}

const conceptOf = (code: string, written: Json, domain: string): Concept => {
  const head = { ref: `${domain}.${code}`, domain, code }
  if (typeof written === "string") return { ...head, description: written }
  const { description, refines, structure } = object(written)
  const base = { ...head, description: string(description) }
  return isObject(structure)
    ? { ...base, structure: Object.entries(structure).map(([name, field]) => fieldOf(name, field, domain)) }
    : { ...base, refines: qualified(refines === undefined ? "Text" : string(refines), domain) }
}

/** The concepts of every bundle of a folder. */
export const read = (folder: string): Concepts =>
  Concepts.make(
    readdirSync(folder).filter((file) => file.endsWith(".mthds")).flatMap((file) => {
      const bundle = object(parse(readFileSync(join(folder, file), "utf8")))
      return Object.entries(object(bundle["concept"])).map(([code, written]) =>
        conceptOf(code, written, string(bundle["domain"]))
      )
    })
  )
