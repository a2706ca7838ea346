import type { Concepts } from "./Concept.ts"
import * as Digest from "./Digest.ts"
import type { Json, JsonObject } from "./Json.ts"
import type { Slot } from "./Slot.ts"
import { type Field, type FieldType } from "./Structure.ts"
import type { Shape } from "./Stuff.ts"

/** Made-up contents that fit a concept: the same ones for the same seed, so that a dry run can be repeated. */
const deepest = 6

/** A blank page, which every reader of PDFs accepts. */
export const blankPdf =
  "data:application/pdf;base64,JVBERi0xLjQKMSAwIG9iago8PC9UeXBlL0NhdGFsb2cvUGFnZXMgMiAwIFI+PgplbmRvYmoKMiAwIG9iago8PC9UeXBlL1BhZ2VzL0tpZHNbMyAwIFJdL0NvdW50IDE+PgplbmRvYmoKMyAwIG9iago8PC9UeXBlL1BhZ2UvUGFyZW50IDIgMCBSL01lZGlhQm94WzAgMCA2MTIgNzkyXT4+CmVuZG9iagp4cmVmCjAgNAowMDAwMDAwMDAwIDY1NTM1IGYgCjAwMDAwMDAwMDkgMDAwMDAgbiAKMDAwMDAwMDA1MiAwMDAwMCBuIAowMDAwMDAwMTAxIDAwMDAwIG4gCnRyYWlsZXIKPDwvU2l6ZSA0L1Jvb3QgMSAwIFI+PgpzdGFydHhyZWYKMTY0CiUlRU9GCg=="

export const imageUrls = ["https://picsum.photos/id/10/1024/1024.jpg", "https://picsum.photos/id/20/1024/1024.jpg"]

const digest = (seed: string): number => {
  const hash = Digest.digest(seed)
  return (hash ^ (hash >>> 13)) >>> 0
}

const two = (value: number): string => String(value).padStart(2, "0")

const scalars: { readonly [Kind in FieldType["kind"]]?: (seed: string) => Json } = {
  text: (seed) => `mock ${seed.slice(seed.lastIndexOf(".") + 1)} ${digest(seed).toString(36).slice(0, 4)}`,
  integer: (seed) => digest(seed) % 100,
  number: (seed) => (digest(seed) % 1000) / 10,
  boolean: (seed) => digest(seed) % 2 === 0,
  date: (seed) => `2026-${two(digest(seed) % 12 + 1)}-${two(digest(seed) % 28 + 1)}`,
  datetime: (seed) =>
    `2026-${two(digest(seed) % 12 + 1)}-${two(digest(seed) % 28 + 1)}T${two(digest(seed) % 24)}:00:00`,
  time: (seed) => `${two(digest(seed) % 24)}:${two(digest(seed) % 60)}:00`
}

const bounded: Readonly<Record<NonNullable<Field["check"]>, (seed: string) => Json>> = {
  finite: (seed) => digest(seed) % 100,
  unit_interval: (seed) => (digest(seed) % 101) / 100,
  not_negative: (seed) => digest(seed) % 5,
  positive: () => 1024
}

/** Contents that one mock may hold: a structure that needs more has no small instance. */
const most = 5000

/** Thrown where no mock of a reasonable size fits a concept. */
export class Unsatisfiable extends Error {
  override readonly name = "Unsatisfiable"
}

interface Making {
  readonly concepts: Concepts
  left: number
}

const typed = (making: Making, type: FieldType, seed: string, depth: number): Json => {
  switch (type.kind) {
    case "choices":
      return type.choices[digest(seed) % Math.max(type.choices.length, 1)] ?? ""
    case "list":
      return depth > deepest ? [] : [0, 1].map((index) => typed(making, type.item, `${seed}.${index}`, depth + 1))
    case "dict":
      return { key: typed(making, type.value, `${seed}.key`, depth + 1) }
    case "concept":
      return content(making, type.ref, seed, depth + 1)
    default:
      return scalars[type.kind]?.(seed) ?? `mock ${seed}`
  }
}

/** Natives whose fields mean more than their types say. */
const special: Readonly<Record<string, (seed: string) => JsonObject>> = {
  "native.Image": (seed) => ({
    url: imageUrls[digest(seed) % imageUrls.length] ?? "",
    mime_type: "image/jpeg",
    width: 1024,
    height: 1024
  }),
  "native.Document": () => ({ url: blankPdf, mime_type: "application/pdf", filename: "mock.pdf" }),
  "native.JSON": (seed) => ({ json_obj: { key: `mock ${digest(seed).toString(36)}` } })
}

const content = (making: Making, ref: string, seed: string, depth: number): JsonObject => {
  const { concepts } = making
  if (making.left-- <= 0) throw new Unsatisfiable(ref)
  const fields = concepts.fields(ref)
  if (fields === undefined) return { text: `mock ${digest(seed).toString(36)}` }
  const given = special[concepts.structureOwner(ref)]?.(seed)
  return Object.fromEntries(fields.map((field): [string, Json] => {
    if (given !== undefined) return [field.name, given[field.name] ?? null]
    if (!field.required && depth > deepest) return [field.name, null]
    const inner = `${seed}.${field.name}`
    if (field.check !== undefined) {
      const made = bounded[field.check]
      return [field.name, field.type.kind === "dict" ? { key: made(inner) } : made(inner)]
    }
    return [field.name, typed(making, field.type, inner, depth)]
  }))
}

/** One content of the concept. */
export const one = (concepts: Concepts, ref: string, seed: string): JsonObject =>
  content({ concepts, left: most }, ref, seed, 0)

/** What a slot may hold: two items for a list of any length. */
export const mock = (
  concepts: Concepts,
  slot: Pick<Slot, "concept" | "multiplicity">,
  seed: string,
  listLength = 2
): { readonly content: JsonObject; readonly plural: boolean; readonly held?: Shape } => {
  const { concept, multiplicity } = slot
  const held = concept === "native.Anything" || concept === "native.Dynamic"
    ? { held: { concept: "native.Text", plural: multiplicity !== "single" } }
    : {}
  if (multiplicity === "single") return { content: one(concepts, concept, seed), plural: false, ...held }
  const length = multiplicity === "list" ? listLength : multiplicity
  return {
    content: { items: Array.from({ length }, (_, index) => one(concepts, concept, `${seed}.${index}`)) },
    plural: true,
    ...held
  }
}
