import * as Result from "effect/Result"
import type { Concepts } from "./Concept.ts"
import { isArray, isObject, isString, itemsOf, type Json, type JsonObject, own } from "./Json.ts"
import { type FieldType, mayHoldNothing } from "./Structure.ts"
import type { Shape } from "./Stuff.ts"

/** Paths into contents, followed over declared structures before a run and over values during one. */
export interface Nowhere {
  /** The name that is not there. */
  readonly at: string
  readonly available: ReadonlyArray<string>
}

export interface End {
  /** What a binding of this path stores. */
  readonly shape: Shape
  readonly crossesList: boolean
  readonly mayBeAbsent: boolean
  readonly type: FieldType
}

/** Natives of one field: their value is bound whole. */
const leaves: ReadonlySet<string> = new Set(["native.Text", "native.Number", "native.Time", "native.JSON"])

const isLeaf = (concepts: Concepts, ref: string): boolean => leaves.has(concepts.structureOwner(ref))

/** The concept under which a plain value is stored, and the field that holds it. */
const boxes: { readonly [Kind in FieldType["kind"]]?: readonly [concept: string, field: string] } = {
  text: ["native.Text", "text"],
  choices: ["native.Text", "text"],
  integer: ["native.Number", "number"],
  number: ["native.Number", "number"],
  boolean: ["native.YesNo", "yes_no"],
  date: ["native.Date", "date"],
  datetime: ["native.Date", "date"],
  time: ["native.Time", "time"],
  dict: ["native.JSON", "json_obj"]
}

const fieldNames = (concepts: Concepts, ref: string): ReadonlyArray<string> =>
  concepts.fields(ref)?.map(({ name }) => name) ?? []

const itemOf = (type: FieldType): FieldType => type.kind === "list" ? itemOf(type.item) : type

/** Where a path leads, by the declared structures alone. An empty path is the value itself. */
export const walk = (concepts: Concepts, root: Shape, path: ReadonlyArray<string>): Result.Result<End, Nowhere> => {
  let type: FieldType = { kind: "concept", ref: root.concept }
  let crossesList = root.plural
  let mayBeAbsent = false
  for (const name of path) {
    if (type.kind === "list") {
      crossesList = true
      type = itemOf(type)
    }
    if (type.kind !== "concept" || isLeaf(concepts, type.ref)) return Result.fail({ at: name, available: [] })
    const ref: string = type.ref
    const field = concepts.fields(ref)?.find((each) => each.name === name)
    if (field === undefined) return Result.fail({ at: name, available: fieldNames(concepts, ref) })
    if (mayHoldNothing(field)) mayBeAbsent = true
    type = field.type
  }
  const end = itemOf(type)
  if (path.length > 0 && type.kind === "list" && end.kind === "any") {
    return Result.fail({ at: path.at(-1) ?? "", available: [] })
  }
  const plural = crossesList || type.kind === "list"
  const concept = end.kind === "concept" ? end.ref : boxes[end.kind]?.[0] ?? "native.Anything"
  return Result.succeed({ shape: { concept, plural }, crossesList, mayBeAbsent: mayBeAbsent && !plural, type })
}

const boxed = (type: FieldType, value: Json): JsonObject => {
  if (type.kind === "concept") return isObject(value) ? value : { text: value }
  const box = boxes[type.kind]
  if (box === undefined) {
    return isObject(value)
      ? { json_obj: value }
      : typeof value === "boolean"
      ? { yes_no: value, probability: null }
      : typeof value === "number"
      ? { number: value }
      : { text: value }
  }
  if (type.kind === "date" || type.kind === "datetime") {
    const [date = "", time] = isString(value) ? value.split(/[T ]/) : []
    return { date, time: time ?? null }
  }
  return type.kind === "boolean" ? { yes_no: value, probability: null } : { [box[1]]: value }
}

const spread = (value: Json): ReadonlyArray<Json> =>
  isArray(value) ? value.flatMap(spread) : value === null ? [] : [value]

/** The value at a path as a binding stores it: undefined where a null ends it. Across a list, a flat list without nulls. */
export const read = (
  concepts: Concepts,
  root: Shape,
  content: JsonObject,
  path: ReadonlyArray<string>
): Result.Result<
  { readonly shape: Shape; readonly content: JsonObject | undefined; readonly nullAt?: string },
  Nowhere
> => {
  const declared = walk(concepts, root, path)
  if (Result.isFailure(declared)) return Result.fail(declared.failure)
  const { shape, type } = declared.success
  let values: ReadonlyArray<Json> = root.plural ? itemsOf(content) : [content]
  let nullAt: string | undefined
  for (const name of path) {
    values = values.flatMap(spread).map((value) => isObject(value) ? own(value, name) ?? null : null)
    if (nullAt === undefined && values.some((value) => value === null)) nullAt = name
  }
  const end = itemOf(type)
  const found = values.flatMap(spread).map((value) => boxed(end, value))
  if (shape.plural) return Result.succeed({ shape, content: { items: found } })
  const [only] = found
  return Result.succeed({ shape, content: only, ...(nullAt === undefined ? {} : { nullAt }) })
}

/** The raw value at a path: attributes and keys, nothing converted. Private names lead nowhere. */
export const value = (content: JsonObject, path: ReadonlyArray<string>): Result.Result<Json, Nowhere> => {
  let at: Json = content
  for (const name of path) {
    const next: Json | undefined = isObject(at) && !name.startsWith("_") ? own(at, name) : undefined
    if (next === undefined) return Result.fail({ at: name, available: isObject(at) ? Object.keys(at) : [] })
    at = next
  }
  return Result.succeed(at)
}
