import type { Json } from "./Json.ts"

export type Scalar = "text" | "integer" | "number" | "boolean" | "date" | "datetime" | "time" | "any"

/** The type of a field's value, with every concept reference qualified (`domain.Code`). */
export type FieldType =
  | { readonly kind: Scalar }
  | { readonly kind: "choices"; readonly choices: ReadonlyArray<string> }
  | { readonly kind: "list"; readonly item: FieldType }
  | { readonly kind: "dict"; readonly value: FieldType }
  | { readonly kind: "concept"; readonly ref: string }

/** One field of a concept's structure. A field that is neither required nor defaulted may hold nothing (null). */
export interface Field {
  readonly name: string
  readonly description: string
  readonly type: FieldType
  readonly required: boolean
  readonly default?: Json
  /** Bounds of native fields only; the language has no way to declare them. */
  readonly check?: "unit_interval" | "positive" | "not_negative" | "finite"
}

/** The concepts that a type names. */
export const refsOf = (type: FieldType): ReadonlyArray<string> =>
  type.kind === "concept"
    ? [type.ref]
    : type.kind === "list"
    ? refsOf(type.item)
    : type.kind === "dict"
    ? refsOf(type.value)
    : []

export const mayHoldNothing = (field: Field): boolean => !field.required && field.default === undefined
