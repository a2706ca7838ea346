import { isObject, type Json, type JsonObject, own } from "../concept/Json.ts"
import * as Mock from "../concept/Mock.ts"
import * as Slot from "../concept/Slot.ts"
import type { Defined } from "../library/Definitions.ts"
import { envelopeOnly } from "../library/Inputs.ts"
import type { Library } from "../library/Library.ts"

/** An inputs document for a pipe, filled with examples to be replaced. `run` takes it as it is. */
const scalars: ReadonlyArray<readonly [native: string, key: string]> = [
  ["native.Text", "text"],
  ["native.Number", "number"],
  ["native.YesNo", "yes_no"],
  ["native.Date", "date"],
  ["native.Time", "time"],
  ["native.Image", "url"],
  ["native.Document", "url"],
  ["native.JSON", "json_obj"]
]

/** What an example shows in an envelope: beside what needs one, what could be of any concept. */
const enveloped: ReadonlySet<string> = new Set([...envelopeOnly, "native.Dynamic"])

const withoutNulls = (content: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(content).filter(([, value]) => value !== null))

/** A path to put a file's own in place of; the mocks of a dry run are data URLs. */
const fileExample = (library: Library, concept: string): string | undefined =>
  library.concepts.isDocument(concept)
    ? "path/to/document.pdf"
    : library.concepts.isImage(concept)
    ? "path/to/image.jpg"
    : undefined

const contentOf = (library: Library, concept: string, seed: string): JsonObject => {
  const file = fileExample(library, concept)
  return file === undefined ? withoutNulls(Mock.one(library.concepts, concept, seed)) : { url: file }
}

const light = (library: Library, concept: string, content: JsonObject): Json => {
  const [, key] = scalars.find(([native]) => library.concepts.isCompatible(concept, native, true)) ?? []
  const value = key === undefined ? undefined : own(content, key)
  return value === undefined || (isObject(value) && key !== "json_obj") ? content : value
}

const one = (library: Library, slot: Slot.Slot, seed: string, explicit: boolean): Json => {
  const isOpen = slot.concept === "native.Dynamic" || slot.concept === "native.Anything"
  const concept = isOpen ? "native.Text" : slot.concept
  const count = slot.multiplicity === "single" ? 1 : slot.multiplicity === "list" ? 2 : slot.multiplicity
  const contents = Array.from({ length: count }, (_, index) => contentOf(library, concept, `${seed}.${index}`))
  const [first = {}] = contents
  if (explicit || enveloped.has(slot.concept)) return { concept, content: Slot.isPlural(slot) ? contents : first }
  const values = contents.map((content) => light(library, concept, content))
  return Slot.isPlural(slot) ? values : values[0] ?? null
}

export const of = (library: Library, entry: Defined, explicit: boolean): JsonObject =>
  Object.fromEntries(
    Array.from(entry.inputs, ([name, slot]) => [name, one(library, slot, `${entry.ref}.${name}`, explicit)])
  )

/** An example of what the pipe gives. */
export const output = (library: Library, entry: Defined): JsonObject => {
  const { content } = Mock.mock(library.concepts, entry.output, `${entry.ref}.output`)
  return { concept: entry.output.concept, content }
}
