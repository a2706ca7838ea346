import * as Schema from "effect/Schema"

/** Plain JSON, as inputs, contents, job payloads and results are made of. */
export type Json = null | boolean | number | string | ReadonlyArray<Json> | JsonObject
export interface JsonObject {
  readonly [key: string]: Json
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** `Array.isArray` does not narrow a readonly array. */
export const isArray = (value: unknown): value is ReadonlyArray<Json> => Array.isArray(value)

export const isString = (value: unknown): value is string => typeof value === "string"

/** Whatever JSON its producer gives, taken as it comes. */
export const JsonValue = Schema.make<Schema.Codec<Json>>(Schema.Any.ast)

/** An own property, never an inherited one: keys of bundles and inputs may be called `constructor` or `__proto__`. */
export const own = <A>(object: Readonly<Record<string, A>>, key: string): A | undefined =>
  Object.hasOwn(object, key) ? object[key] : undefined

/** The string a key holds; empty where it holds none. */
export const textOf = (object: Readonly<Record<string, unknown>>, key: string): string => {
  const value = own(object, key)
  return isString(value) ? value : ""
}

/** The items a value holds under `items`, as plural contents do. */
export const itemsOf = (value: JsonObject): ReadonlyArray<Json> => {
  const items = own(value, "items")
  return isArray(items) ? items : []
}

/** A step of a JSON pointer. */
export const pointerStep = (key: string | number): string =>
  `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`

/** An object from entries, whatever the keys are called. */
export const fromEntries = <A>(entries: Iterable<readonly [string, A]>): Readonly<Record<string, A>> =>
  Object.fromEntries(entries)
