import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import * as SchemaTransformation from "effect/SchemaTransformation"
import type { Misfit } from "../failure/Metadata.ts"
import type { Concepts } from "./Concept.ts"
import { isObject, isString, type Json, type JsonObject, JsonValue, own, pointerStep } from "./Json.ts"
import { type Field, type FieldType, mayHoldNothing } from "./Structure.ts"

/**
 * Concepts as Effect Schemas. A content decodes to the concept's fields alone: a field that may hold nothing is null when it is not
 * given, a defaulted one its default, and keys the concept does not know are dropped.
 */
type Codec = Schema.Codec<Json, Json>

const isoDate = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/
const isoTime = /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?(Z|[+-]([01]\d|2[0-3]):?[0-5]\d)?$/
const isoDatetime =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])([T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?(Z|[+-]([01]\d|2[0-3]):?[0-5]\d)?)?$/

const daysIn = (year: number, month: number): number =>
  month === 2
    ? (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28)
    : [4, 6, 9, 11].includes(month)
    ? 30
    : 31

const isDay = (text: string): boolean => {
  const [year = 0, month = 0, day = 0] = text.slice(0, 10).split("-").map(Number)
  return day <= daysIn(year, month)
}

const isFinite = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value)
const isInteger = (value: unknown): value is number => Number.isInteger(value)

const expecting = (expected: string, accepts: (value: unknown) => value is Json): Codec =>
  Schema.declare(accepts, { expected })

const aString = (expected: string, accepts: (text: string) => boolean): Codec =>
  expecting(expected, (value): value is string => isString(value) && accepts(value))

const aNumber = (expected: string, accepts: (value: number) => boolean): Codec =>
  expecting(expected, (value): value is number => isFinite(value) && accepts(value))

const number = expecting("a number", isFinite)
const date = aString("a date as YYYY-MM-DD", (value) => isoDate.test(value) && isDay(value))
const datetime = aString("an ISO 8601 date and time", (value) => isoDatetime.test(value) && isDay(value))

const scalars: { readonly [Kind in FieldType["kind"]]?: Codec } = {
  text: expecting("a string", isString),
  boolean: expecting("a boolean", (value) => typeof value === "boolean"),
  number,
  integer: expecting("an integer", isInteger),
  date,
  time: aString("an ISO 8601 time", (value) => isoTime.test(value)),
  datetime
}

const exact = {
  time: aString("an ISO 8601 time", (value) => isoTime.test(value)),
  datetime: aString(
    "an ISO 8601 date and time",
    (value) => value.length > 10 && isoDatetime.test(value) && isDay(value)
  )
}

const bounds: Readonly<Record<NonNullable<Field["check"]>, Codec>> = {
  finite: number,
  unit_interval: aNumber("a number from 0 to 1", (value) => value >= 0 && value <= 1),
  not_negative: aNumber("a number of at least 0", (value) => value >= 0),
  positive: aNumber("an integer above 0", (value) => isInteger(value) && value > 0)
}

const level = aNumber("an integer of at least 0", (value) => isInteger(value) && value >= 0)

const midnight = /^(\d{4}-\d{2}-\d{2})[T ]00:00(?::00(?:\.0+)?)?(?:Z|\+00:?00)?$/

/** Values of another JSON type than the field's that are taken for one of it all the same. */
const lax = (type: FieldType, value: Json): Json => {
  if (
    (type.kind === "integer" || type.kind === "number") && typeof value === "string" && /^[+-]?\d+(\.\d+)?$/.test(value)
  ) {
    return type.kind === "integer" && value.includes(".") && !/\.0*$/.test(value) ? value : Number(value)
  }
  if ((type.kind === "integer" || type.kind === "number") && typeof value === "boolean") return Number(value)
  if (type.kind === "boolean" && (typeof value === "string" || typeof value === "number")) {
    const word = String(value).toLowerCase()
    return yes.has(word) ? true : no.has(word) ? false : value
  }
  if (type.kind === "date" && typeof value === "string") return midnight.exec(value)?.[1] ?? value
  return value
}

const yes: ReadonlySet<string> = new Set(["true", "yes", "y", "t", "on", "1"])
const no: ReadonlySet<string> = new Set(["false", "no", "n", "f", "off", "0"])

const clock = /^(\d{2}:\d{2})(:\d{2})?(?:\.(\d+))?(Z|[+-]\d{2}:?\d{2})?$/

const wholeTime = (written: string): string => {
  const [, minutes, seconds = ":00", fraction = "", offset = ""] = clock.exec(written) ?? []
  if (minutes === undefined) return written
  const micros = fraction.padEnd(6, "0").slice(0, 6)
  const zone = offset === "" ? "" : offset === "Z" ? "+00:00" : `${offset.slice(0, 3)}:${offset.slice(-2)}`
  return `${minutes}${seconds}${Number(micros) === 0 ? "" : `.${micros}`}${zone}`
}

/** One spelling for a moment: with its seconds, its offset in hours and minutes, and a date alone as its midnight. */
const canonical = (kind: FieldType["kind"], value: Json, isExact: boolean): Json => {
  if (typeof value !== "string") return value
  if (kind === "time") return wholeTime(value)
  if (kind !== "datetime" || !isoDatetime.test(value) || (isExact && value.length === 10)) return value
  return `${value.slice(0, 10)}T${wholeTime(value.length === 10 ? "00:00:00" : value.slice(11))}`
}

/** The codec, given what `read` makes of the value. */
const reading = (codec: Codec, read: (value: Json) => Json): Codec =>
  JsonValue.pipe(
    Schema.decodeTo(codec, SchemaTransformation.transform({ decode: read, encode: (value: Json) => value }))
  )

/** An object that inherits nothing, for structures with a field called `constructor` or `toString`. */
const ownKeys = (value: Json): Json => isObject(value) ? { __proto__: null, ...value } : value

const isInherited = ({ name }: Field): boolean => name in Object.prototype

const strictNatives: ReadonlySet<string> = new Set([
  "native.YesNo",
  "native.Number",
  "native.Rating",
  "native.Date",
  "native.Time"
])

const deepest = 100

/** Whether a value is nested deeper than anything that walks it has to go. */
const isTooDeep = (value: unknown, depth = 0): boolean =>
  typeof value === "object" && value !== null &&
  (depth > deepest || Object.values(value).some((inner) => isTooDeep(inner, depth + 1)))

type Decode = ReturnType<typeof Schema.decodeUnknownResult<Codec>>

class Builder {
  readonly #concepts: Concepts
  readonly #isExact: boolean
  readonly #codecs = new Map<string, Codec>()
  readonly #decoders = new Map<string, Decode>()

  constructor(concepts: Concepts, isExact: boolean) {
    this.#concepts = concepts
    this.#isExact = isExact
  }

  of(ref: string): Codec {
    const known = this.#codecs.get(ref)
    if (known !== undefined) return known
    const codec = this.#build(ref)
    this.#codecs.set(ref, codec)
    return codec
  }

  decoder(ref: string): Decode {
    const known = this.#decoders.get(ref)
    if (known !== undefined) return known
    const decoder = Schema.decodeUnknownResult(this.of(ref), { errors: "all" })
    this.#decoders.set(ref, decoder)
    return decoder
  }

  #build(ref: string): Codec {
    const fields = this.#concepts.fields(ref)
    if (fields === undefined) return ref === "native.Anything" ? JsonValue : expecting("an object", isObject)
    const owner = this.#concepts.structureOwner(ref)
    const isStrict = strictNatives.has(owner)
    const struct = Schema.Struct(Object.fromEntries(fields.map((field) => [field.name, this.#field(field, isStrict)])))
    const codec = owner === "native.Image" ? struct.check(sized) : struct
    return fields.some(isInherited) ? reading(codec, ownKeys) : codec
  }

  #field(field: Field, isStrict: boolean): Codec {
    const value = this.#value(field, isStrict)
    if (field.name === "sources" && field.required) return value.pipe(Schema.withDecodingDefaultKey(Effect.succeed([])))
    if (field.required) return value
    if (mayHoldNothing(field)) return Schema.NullOr(value).pipe(Schema.withDecodingDefaultKey(Effect.succeed(null)))
    return value.pipe(Schema.withDecodingDefaultKey(Effect.succeed(field.default ?? null)))
  }

  #value({ check, type }: Field, isStrict: boolean): Codec {
    if (check === undefined) return this.#type(type, isStrict)
    const bounded = check === "not_negative" && type.kind === "integer" ? level : bounds[check]
    return type.kind === "dict" ? Schema.Record(Schema.String, bounded) : bounded
  }

  #type(type: FieldType, isStrict: boolean): Codec {
    switch (type.kind) {
      case "choices":
        return Schema.Literals(type.choices)
      case "list":
        return Schema.Array(this.#type(type.item, isStrict))
      case "dict":
        return Schema.Record(Schema.String, this.#type(type.value, isStrict))
      case "concept":
        return Schema.suspend(() => this.of(type.ref))
      default: {
        const scalar = scalars[type.kind] ?? JsonValue
        if (type.kind === "time" || type.kind === "datetime") {
          return reading(
            this.#isExact ? exact[type.kind] : scalar,
            (value) => canonical(type.kind, value, this.#isExact)
          )
        }
        return isStrict || this.#isExact || type.kind === "any" || type.kind === "text"
          ? scalar
          : reading(scalar, (value) => lax(type, value))
      }
    }
  }
}

const sized = Schema.makeFilter((content: JsonObject) => {
  const holds = (key: string): boolean => (own(content, key) ?? null) !== null
  return holds("width") === holds("height") ? undefined : "has a width without a height, or the other way round"
})

const buildersOf = (isExact: boolean) => {
  const known = new WeakMap<Concepts, Builder>()
  return (concepts: Concepts): Builder => {
    const found = known.get(concepts) ?? new Builder(concepts, isExact)
    known.set(concepts, found)
    return found
  }
}

const builders = buildersOf(false)
const exactBuilders = buildersOf(true)

const format = SchemaIssue.makeFormatterStandardSchemaV1()

const reasonOf = (message: string): string =>
  message === "Missing key"
    ? "is missing"
    : message.startsWith("Expected ")
    ? `is not ${message.slice("Expected ".length)}`
    : message

const misfits = (issue: SchemaIssue.Issue): ReadonlyArray<Misfit> =>
  format(issue).issues.map(({ message, path = [] }) => ({
    pointer: path.map((part) => pointerStep(String(typeof part === "object" ? part.key : part))).join(""),
    reason: reasonOf(message)
  }))

/**
 * The content that a value is under a concept, or every way in which it does not fit. Values are never quoted. What a model answers is
 * read `exact`: a value of another JSON type than the schema says is a misfit, of which the model can be told.
 */
export const decode = (
  concepts: Concepts,
  ref: string,
  value: unknown,
  how: "lenient" | "exact" = "lenient"
): Result.Result<JsonObject, ReadonlyArray<Misfit>> => {
  if (isTooDeep(value)) return Result.fail([{ pointer: "", reason: `is nested deeper than ${deepest} levels` }])
  const decoded = (how === "exact" ? exactBuilders : builders)(concepts).decoder(ref)(value)
  if (Result.isFailure(decoded)) return Result.fail(misfits(decoded.failure.issue))
  const content = decoded.success
  return isObject(content) ? Result.succeed(content) : Result.fail([{ pointer: "", reason: "is not an object" }])
}
