import * as Result from "effect/Result"
import { decode } from "../concept/ContentSchema.ts"
import { isArray, isObject, isString, type Json, type JsonObject, own, textOf } from "../concept/Json.ts"
import * as Slot from "../concept/Slot.ts"
import type { Stuff } from "../concept/Stuff.ts"
import * as WorkingMemory from "../concept/WorkingMemory.ts"
import { fail, type PipeFailure } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import * as PipePath from "../program/PipePath.ts"
import type { Defined } from "./Definitions.ts"
import * as Entry from "./Entry.ts"
import type { Library } from "./Library.ts"

/**
 * The values a run is started with, shaped against what the entry pipe declares: envelopes (`{ concept, content }`) and bare values,
 * one or a list, become the stuffs of the first memory.
 */
export interface Shaping {
  readonly library: Library
  readonly entry: Defined
  readonly compat: boolean
  /** Turns a bare string at an Image or Document slot into the url it stands for (relative paths). */
  readonly resolveUrl?: (url: string) => string
}

type Shaped = {
  readonly concept: string
  readonly plural: boolean
  readonly contents: ReadonlyArray<JsonObject>
  readonly held?: string
}
type Misfit = { readonly pointer: string; readonly reason: string }

const describe = (shaping: Shaping, concept: string): string => {
  const fields = shaping.library.concepts.fields(concept)
  return fields === undefined
    ? "a value"
    : `an object with ${fields.map(({ name, required }) => required ? name : `${name}?`).join(", ")}`
}

class Wrong {
  readonly reason: Reason.Reason
  constructor(reason: Reason.Reason) {
    this.reason = reason
  }
}

const invalid = (input: string, concept: string, misfits: ReadonlyArray<Misfit>, expected?: string): Wrong =>
  new Wrong(new Reason.InputInvalid({ input, concept, misfits, ...(expected === undefined ? {} : { expected }) }))

const isEnvelope = (value: Json): value is { readonly concept: Json; readonly content: Json } =>
  isObject(value) && Object.keys(value).length === 2 && Object.hasOwn(value, "concept") &&
  Object.hasOwn(value, "content")

const dateParts = (text: string): JsonObject | undefined => {
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?))?$/.exec(text)
  if (match === null) return undefined
  const [, date = "", time] = match
  return { date, ...(time === undefined ? {} : { time }) }
}

interface ScalarForm {
  readonly native: string
  /** The object of fields that the scalar stands for, where it stands for one. */
  readonly content: (value: Json, shaping: Shaping) => JsonObject | undefined
  readonly expected: string
}

const fromText = (
  native: string,
  expected: string,
  content: (text: string, shaping: Shaping) => JsonObject | undefined
): ScalarForm => ({
  native,
  content: (value, shaping) => isString(value) ? content(value, shaping) : undefined,
  expected
})

const located = (url: string, { resolveUrl }: Shaping): JsonObject => ({ url: resolveUrl?.(url) ?? url })

/** Bare scalars by the concept they are given for, in the order the language tries them. */
const scalarForms: ReadonlyArray<ScalarForm> = [
  {
    native: "native.YesNo",
    content: (value) => typeof value === "boolean" ? { yes_no: value } : undefined,
    expected: "true or false"
  },
  fromText("native.Date", "an ISO 8601 date", dateParts),
  fromText("native.Time", "an ISO 8601 time", (time) => ({ time })),
  {
    native: "native.Number",
    content: (value) => typeof value === "number" ? { number: value } : undefined,
    expected: "a number"
  },
  fromText("native.Image", "a url or path, or an object with url", located),
  fromText("native.Document", "a url or path, or an object with url", located),
  fromText("native.Text", "a string", (text) => ({ text }))
]

/** Given bare, these are scalars; their fields are written inside an envelope. */
const scalarsOnly: ReadonlySet<string> = new Set([
  "native.YesNo",
  "native.Date",
  "native.Time",
  "native.Number",
  "native.Text"
])

/** What a string inside an envelope may be of. */
const fromString: ReadonlySet<string> = new Set(["native.Text", "native.Date", "native.Time"])

/** Natives whose values have to say what they are. */
export const envelopeOnly: ReadonlySet<string> = new Set([
  "native.Html",
  "native.Page",
  "native.TextAndImages",
  "native.SearchResult",
  "native.Composite",
  "native.Choice",
  "native.Rating"
])

const checked = (
  shaping: Shaping,
  input: string,
  concept: string,
  value: JsonObject,
  pointer: string,
  expected?: string
): JsonObject | Wrong => {
  const decoded = decode(shaping.library.concepts, concept, value)
  return Result.isSuccess(decoded)
    ? decoded.success
    : invalid(
      input,
      concept,
      decoded.failure.map((misfit) => ({ pointer: `${pointer}${misfit.pointer}`, reason: misfit.reason })),
      expected
    )
}

/** The natural content of a value at an `Anything` slot. */
const natural = (value: Json): readonly [concept: string, content: JsonObject] | undefined => {
  if (typeof value === "boolean") return ["native.YesNo", { yes_no: value, probability: null }]
  if (typeof value === "number") return ["native.Number", { number: value }]
  if (typeof value === "string") return ["native.Text", { text: value }]
  return isObject(value) ? ["native.JSON", { json_obj: value }] : undefined
}

/** One bare value read by the declared concept. */
const bare = (shaping: Shaping, input: string, concept: string, value: Json, pointer = ""): JsonObject | Wrong => {
  const { concepts } = shaping.library
  const form = scalarForms.find(({ native }) => concepts.isCompatible(concept, native, true))
  if (value === null) {
    return invalid(input, concept, [{ pointer, reason: "is null" }], form?.expected ?? describe(shaping, concept))
  }
  if (concepts.isCompatible(concept, "native.JSON", true)) {
    return isObject(value)
      ? checked(shaping, input, concept, { json_obj: value }, pointer)
      : invalid(input, concept, [{ pointer, reason: "is not an object" }])
  }
  if (form !== undefined && isObject(value) && !shaping.compat && scalarsOnly.has(form.native)) {
    return invalid(input, concept, [{ pointer, reason: `is not ${form.expected}` }], form.expected)
  }
  if (form !== undefined && !isObject(value)) {
    const content = form.content(value, shaping)
    return content === undefined
      ? invalid(input, concept, [{ pointer, reason: `is not ${form.expected}` }], form.expected)
      : checked(shaping, input, concept, content, pointer, form.expected)
  }
  if (envelopeOnly.has(concept)) {
    // A string is a Text wherever it stands alone.
    if (isString(value)) {
      return new Wrong(new Reason.InputWrongConcept({ input, expected: concept, provided: "native.Text" }))
    }
    return invalid(
      input,
      concept,
      [{ pointer, reason: "needs an envelope" }],
      `{ "concept": "${concept}", "content": ${describe(shaping, concept)} }`
    )
  }
  if (!isObject(value)) {
    return invalid(input, concept, [{ pointer, reason: "is not an object" }], describe(shaping, concept))
  }
  return checked(shaping, input, concept, value, pointer, form?.expected ?? describe(shaping, concept))
}

const each = (
  values: ReadonlyArray<Json>,
  shape: (value: Json, pointer: string) => JsonObject | Wrong
): ReadonlyArray<JsonObject> | Wrong => {
  const contents: Array<JsonObject> = []
  for (const [index, value] of values.entries()) {
    const shaped = shape(value, `/${index}`)
    if (shaped instanceof Wrong) return shaped
    contents.push(shaped)
  }
  return contents
}

/** An envelope holds the fields of a content; only texts, dates, times and verdicts may stand there bare. */
const unfitScalar = (
  { compat, library }: Shaping,
  input: string,
  concept: string,
  value: Json,
  pointer: string
): Wrong | undefined => {
  if (compat) return undefined
  const native = scalarForms.find((form) => library.concepts.isCompatible(concept, form.native, true))?.native ?? ""
  if (isString(value)) {
    return fromString.has(native)
      ? undefined
      : new Wrong(new Reason.InputWrongConcept({ input, expected: concept, provided: "native.Text" }))
  }
  return typeof value === "number" ? invalid(input, concept, [{ pointer, reason: "is not an object" }]) : undefined
}

const envelopeContents = (shaping: Shaping, input: string, concept: string, content: Json): Shaped | Wrong => {
  const list = isObject(content) && Object.keys(content).length === 1 && !hasField(shaping, concept, "items")
    ? own(content, "items")
    : content
  const one = (value: Json, pointer = ""): JsonObject | Wrong =>
    isObject(value)
      ? checked(shaping, input, concept, value, pointer, describe(shaping, concept))
      : unfitScalar(shaping, input, concept, value, pointer) ?? bare(shaping, input, concept, value, pointer)
  if (isArray(list)) {
    const contents = each(list, one)
    return contents instanceof Wrong ? contents : { concept, plural: true, contents }
  }
  const single = one(content)
  return single instanceof Wrong ? single : { concept, plural: false, contents: [single] }
}

const hasField = (shaping: Shaping, concept: string, name: string): boolean =>
  shaping.library.concepts.fields(concept)?.some((field) => field.name === name) ?? false

const enveloped = (
  shaping: Shaping,
  input: string,
  slot: Slot.Slot,
  envelope: { readonly concept: Json; readonly content: Json }
): Shaped | Wrong => {
  const { compat, entry, library } = shaping
  const written = isObject(envelope.concept)
    ? textOf(envelope.concept, "code")
    : isString(envelope.concept)
    ? envelope.concept
    : JSON.stringify(envelope.concept)
  const name = compat ? written.replace(/\[\d*\]$/, "") : written
  const concept = Entry.concept(library, entry, name)
  const isFit = concept !== undefined && library.concepts.isCompatible(concept, slot.concept, false)
  if (concept === undefined || !isFit) {
    return new Wrong(
      new Reason.InputWrongConcept({ input, expected: slot.concept, provided: concept ?? written.slice(0, 200) })
    )
  }
  return envelopeContents(shaping, input, concept, envelope.content)
}

const open = (input: string, slot: Slot.Slot, value: Json): Shaped | Wrong => {
  if (slot.concept === "native.Dynamic") {
    const texts = typeof value === "string"
      ? [value]
      : Array.isArray(value) && value.every((item) => typeof item === "string")
      ? value
      : undefined
    return texts === undefined
      ? invalid(input, slot.concept, [{ pointer: "", reason: "needs an envelope that names its concept" }])
      : { concept: "native.Text", plural: Array.isArray(value), contents: texts.map((text) => ({ text })) }
  }
  const found = natural(value)
  return found === undefined
    ? invalid(
      input,
      slot.concept,
      [{ pointer: "", reason: "is an array or null" }],
      "a string, number, boolean or object"
    )
    : { concept: slot.concept, plural: false, contents: [found[1]], held: found[0] }
}

const value = (shaping: Shaping, input: string, slot: Slot.Slot, given: Json): Shaped | Wrong => {
  if (isEnvelope(given) && !(slot.concept === "native.JSON" && typeof given.concept !== "string")) {
    return enveloped(shaping, input, slot, given)
  }
  if (slot.concept === "native.Dynamic" || (slot.concept === "native.Anything" && !Array.isArray(given))) {
    return open(input, slot, given)
  }
  if (!isArray(given)) {
    const content = bare(shaping, input, slot.concept, given)
    return content instanceof Wrong ? content : { concept: slot.concept, plural: false, contents: [content] }
  }
  if (!Slot.isPlural(slot)) {
    return new Wrong(
      new Reason.InputWrongMultiplicity({
        input,
        expected: `one ${slot.concept}`,
        provided: `a list of ${given.length}`
      })
    )
  }
  if (slot.concept === "native.Anything") return anythings(input, slot, given)
  const contents = each(
    given,
    (item, pointer) =>
      isEnvelope(item)
        ? slot.concept === "native.JSON" || !shaping.compat
          ? invalid(input, slot.concept, [{ pointer, reason: "is an envelope" }])
          : itemEnvelope(shaping, input, slot, item, pointer)
        : bare(shaping, input, slot.concept, item, pointer)
  )
  return contents instanceof Wrong ? contents : { concept: slot.concept, plural: true, contents }
}

/** The natural contents of a list at an `Anything[]` slot; what they hold is known when it is the same for all. */
const anythings = (input: string, { concept }: Slot.Slot, given: ReadonlyArray<Json>): Shaped | Wrong => {
  const held = new Set<string>()
  const contents = each(given, (item, pointer) => {
    const found = isEnvelope(item) ? undefined : natural(item)
    if (found === undefined) return invalid(input, concept, [{ pointer, reason: "is an envelope, an array or null" }])
    held.add(found[0])
    return found[1]
  })
  if (contents instanceof Wrong) return contents
  const [only] = held
  return { concept, plural: true, contents, ...(only === undefined || held.size > 1 ? {} : { held: only }) }
}

const itemEnvelope = (
  shaping: Shaping,
  input: string,
  slot: Slot.Slot,
  item: { readonly concept: Json; readonly content: Json },
  pointer: string
): JsonObject | Wrong => {
  const shaped = enveloped(shaping, input, slot, item)
  if (shaped instanceof Wrong) return shaped
  const [only] = shaped.contents
  return only === undefined || shaped.plural
    ? invalid(input, slot.concept, [{ pointer, reason: "is a list inside a list" }])
    : only
}

/** Makes what was given agree with how many the slot takes. */
const reconciled = (input: string, slot: Slot.Slot, shaped: Shaped): Shaped | Wrong => {
  const wrong = (expected: string): Wrong =>
    new Wrong(
      new Reason.InputWrongMultiplicity({
        input,
        expected,
        provided: shaped.plural ? `a list of ${shaped.contents.length}` : "one value"
      })
    )
  if (!Slot.isPlural(slot)) {
    return shaped.plural && slot.concept !== "native.Dynamic" ? wrong(`one ${slot.concept}`) : shaped
  }
  const list = { ...shaped, plural: true }
  return typeof slot.multiplicity === "number" && list.contents.length !== slot.multiplicity
    ? wrong(`exactly ${slot.multiplicity} of ${slot.concept}`)
    : list
}

const stuffOf = (name: string, { concept, contents, held, plural }: Shaped): Stuff => ({
  code: PipePath.stuffCode(undefined, name),
  name,
  concept,
  plural,
  content: plural ? { items: contents } : contents[0] ?? {},
  ...(held === undefined ? {} : { held: { concept: held, plural } })
})

/** The first memory of a run, or the first input that is wrong. A missing input is left to the pipe's own presence rule. */
export const shape = (shaping: Shaping, given: JsonObject): Result.Result<WorkingMemory.WorkingMemory, PipeFailure> => {
  const { entry } = shaping
  const stuffs: Array<Stuff> = []
  const absences: Array<WorkingMemory.Absence> = []
  for (const name of Object.keys(given)) {
    if (!entry.inputs.has(name)) {
      return Result.fail(
        fail(new Reason.InputUnexpected({ input: name, declared: Array.from(entry.inputs.keys()) }), { input: name })
      )
    }
  }
  for (const [name, slot] of entry.inputs) {
    if (!Object.hasOwn(given, name)) {
      if (slot.presence === "optional") {
        absences.push({ variable: name, kind: "not_provided", reason: `input "${name}" was not given` })
      }
      continue
    }
    const shaped = value(shaping, name, slot, given[name] ?? null)
    const fitted = shaped instanceof Wrong ? shaped : reconciled(name, slot, shaped)
    if (fitted instanceof Wrong) return Result.fail(fail(fitted.reason, { input: name }))
    stuffs.push(stuffOf(name, fitted))
  }
  return Result.succeed(WorkingMemory.make(stuffs, absences))
}
