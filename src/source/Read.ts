import { isObject, type Json, type JsonObject, own } from "../concept/Json.ts"

/** Values of a decoded table by their kind: what is not there, or is of another kind, is nothing. */
const isText = (value: Json | undefined): value is string => typeof value === "string"

export const text = (table: JsonObject, key: string): string | undefined => {
  const value = own(table, key)
  return isText(value) ? value : undefined
}

export const number = (table: JsonObject, key: string): number | undefined => {
  const value = own(table, key)
  return typeof value === "number" ? value : undefined
}

export const flag = (table: JsonObject, key: string): boolean | undefined => {
  const value = own(table, key)
  return typeof value === "boolean" ? value : undefined
}

const textsOf = (value: Json | undefined): ReadonlyArray<string> | undefined =>
  Array.isArray(value) && value.every(isText) ? value.filter(isText) : undefined

export const texts = (table: JsonObject, key: string): ReadonlyArray<string> | undefined => textsOf(own(table, key))

/** The table at a key, and an empty one when there is none. */
export const table = (values: JsonObject, key: string): JsonObject => {
  const value = own(values, key)
  return isObject(value) ? value : {}
}

export const oneOf = <const Name extends string>(
  values: JsonObject,
  key: string,
  names: ReadonlyArray<Name>
): Name | undefined => {
  const value = own(values, key)
  return names.find((name) => name === value)
}

const recordOf = <A>(values: JsonObject, read: (value: Json) => A | undefined): Readonly<Record<string, A>> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) => {
      const found = read(value)
      return found === undefined ? [] : [[key, found] as const]
    })
  )

export const recordOfTexts = (values: JsonObject): Readonly<Record<string, string>> =>
  recordOf(values, (value) => isText(value) ? value : undefined)
export const recordOfNumbers = (values: JsonObject): Readonly<Record<string, number>> =>
  recordOf(values, (value) => typeof value === "number" ? value : undefined)
export const recordOfTables = (values: JsonObject): Readonly<Record<string, JsonObject>> =>
  recordOf(values, (value) => isObject(value) ? value : undefined)
export const recordOfLists = (values: JsonObject): Readonly<Record<string, ReadonlyArray<string>>> =>
  recordOf(values, textsOf)

type Present<A> = { readonly [K in keyof A]?: Exclude<A[K], undefined> }

const isPresent = <A extends object>(record: object): record is Present<A> => !Object.values(record).includes(undefined)

/** The entries whose value is there: absent keys stay absent. */
export const present = <A extends object>(record: A): Present<A> => {
  const entries = Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined))
  return isPresent<A>(entries) ? entries : {}
}
