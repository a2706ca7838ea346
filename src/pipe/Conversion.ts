import type { Concepts } from "../concept/Concept.ts"
import { isArray, isObject, type Json, own } from "../concept/Json.ts"
import type { Field, FieldType } from "../concept/Structure.ts"
import { mayHoldNothing } from "../concept/Structure.ts"

/**
 * Contents put into the fields of another content: a Text into a text field is its string, a Number its number, a list item by item.
 * What has no such reading is put in as it is; the concept's own check has the last word.
 */
const single: { readonly [Kind in FieldType["kind"]]?: ReadonlyArray<string> } = {
  text: ["text"],
  choices: ["choice", "text"],
  integer: ["number"],
  number: ["number"],
  boolean: ["yes_no"],
  time: ["time"],
  dict: ["json_obj"]
}

const dateOf = (value: Readonly<Record<string, Json>>, kind: "date" | "datetime"): Json => {
  const date = own(value, "date")
  const time = own(value, "time")
  if (typeof date !== "string") return value
  if (typeof time !== "string") return kind === "date" ? date : `${date}T00:00:00`
  return `${date}T${time}`
}

/** The value as a field of this type holds it. */
export const toField = (value: Json, type: FieldType): Json => {
  if (type.kind === "list") {
    const items = isObject(value) ? own(value, "items") : value
    return isArray(items) ? items.map((item) => toField(item, type.item)) : value
  }
  if (!isObject(value)) return value
  if (type.kind === "date" || type.kind === "datetime") return dateOf(value, type.kind)
  for (const key of single[type.kind] ?? []) {
    const inner = own(value, key)
    if (inner !== undefined && inner !== null) return inner
  }
  return value
}

/** The fields of a new content; a null for a defaulted field is dropped so that the default applies. */
export const toFields = (
  concepts: Concepts,
  concept: string,
  values: ReadonlyArray<readonly [string, Json]>
): Readonly<Record<string, Json>> => {
  const fields = new Map<string, Field>((concepts.fields(concept) ?? []).map((field) => [field.name, field]))
  return Object.fromEntries(values.flatMap(([name, value]): ReadonlyArray<readonly [string, Json]> => {
    const field = fields.get(name)
    if (field === undefined) return [[name, value]]
    if (value === null && !mayHoldNothing(field) && field.default !== undefined) return []
    return [[name, toField(value, field.type)]]
  }))
}
