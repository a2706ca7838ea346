import * as Effect from "effect/Effect"
import { isObject, type Json, type JsonObject } from "../concept/Json.ts"
import * as Render from "../concept/Render.ts"
import { contents, shapeOf, type Stuff } from "../concept/Stuff.ts"
import * as WorkingMemory from "../concept/WorkingMemory.ts"
import { fail } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import type { Library } from "../library/Library.ts"

/** The main output of a run in the forms in which it is shown and written. */
export interface MainOutput {
  readonly stuff: Stuff | undefined
  readonly json: Json
  readonly markdown: string
  readonly html: string
}

const absent = (memory: WorkingMemory.WorkingMemory): MainOutput => {
  const reason = WorkingMemory.absence(memory, WorkingMemory.main)?.reason ?? "the pipe gave no output"
  return {
    stuff: undefined,
    json: { absent: true, reason },
    markdown: `*Absent: ${reason}*\n`,
    html: `<p><em>Absent: ${Render.escapeHtml(reason)}</em></p>`
  }
}

export const of = ({ concepts }: Library, memory: WorkingMemory.WorkingMemory): MainOutput => {
  const stuff = WorkingMemory.get(memory, WorkingMemory.main)
  if (stuff === undefined) return absent(memory)
  const shape = shapeOf(stuff)
  return {
    stuff,
    json: Render.toJson(concepts, shape, stuff.content),
    markdown: Render.render(concepts, shape, stuff.content, "markdown"),
    html: Render.render(concepts, shape, stuff.content, "html")
  }
}

export const toText = (value: Json): string => `${JSON.stringify(value, null, 2)}\n`

/** What a program gets: the content alone; an empty object when there is none. */
export const compact = ({ json, stuff }: MainOutput): Json => stuff === undefined ? {} : json

/** A text that a spreadsheet would take for a formula gets a quote in front. */
const cell = (value: Json | undefined): string => {
  if (value === null || value === undefined) return ""
  const text = typeof value === "string" ? value.replace(/^(?=[=+@\t\r]|-\D)/, "'") : JSON.stringify(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll("\"", "\"\"")}"` : text
}

const isFlat = (item: JsonObject): boolean =>
  Object.values(item).every((value) => typeof value !== "object" || value === null)

const refuse = (why: string) =>
  fail(new Reason.RequestInvalid({ problem: `--save-csv needs a main output that is a list of flat objects; ${why}` }))

/** A flat list as CSV, its columns in the order in which they first appear. */
export const csv = Effect.fnUntraced(function*({ stuff }: MainOutput) {
  if (stuff === undefined) return yield* refuse("the main output is absent")
  if (!stuff.plural) return yield* refuse("the main output is one value")
  const items = contents(stuff)
  if (!items.every((item) => isObject(item) && isFlat(item))) {
    return yield* refuse("some of its fields hold lists or objects")
  }
  const columns = Array.from(new Set(items.flatMap((item) => Object.keys(item))))
  return [columns, ...items.map((item) => columns.map((name) => item[name]))].map((row) =>
    `${row.map(cell).join(",")}\n`
  ).join("")
})
