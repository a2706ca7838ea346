import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { Concepts } from "../concept/Concept.ts"
import { isObject, type Json, type JsonObject } from "../concept/Json.ts"
import { isPlural, type Slot } from "../concept/Slot.ts"
import type { Field } from "../concept/Structure.ts"
import type { Misfit } from "../failure/Metadata.ts"
import { fail } from "../failure/PipeFailure.ts"
import { InputInvalid } from "../failure/Reason.ts"
import * as Csv from "./Csv.ts"
import * as Files from "./Files.ts"
import type { Resolve } from "./InputsFile.ts"

/** Tables as inputs: where a slot takes a list of structured values, a local `.csv` file stands for its rows. */
const mostBytes = 64 * 1024 * 1024

const flat: ReadonlySet<Field["type"]["kind"]> = new Set([
  "text",
  "choices",
  "integer",
  "number",
  "boolean",
  "date",
  "datetime",
  "time"
])

/** The file that a value names, if it names a table: a path, or an object with `url` alone. */
const fileOf = (value: Json): string | undefined => {
  const url = isObject(value) && Object.keys(value).length === 1 ? value["url"] : value
  return typeof url === "string" && /\.csv$/i.test(url) && !/^[a-z][a-z0-9+.-]+:\/\//i.test(url) ? url : undefined
}

/** A cell as its field means it. An empty one holds nothing; what does not fit is left for the concept's own check. */
const cell = (text: string, { type }: Field): Json => {
  if (text === "") return type.kind === "text" ? "" : null
  if (type.kind === "integer" || type.kind === "number") {
    const number = Number(text)
    return text.trim() === "" || Number.isNaN(number) ? text : number
  }
  if (type.kind === "boolean") return /^true$/i.test(text) ? true : /^false$/i.test(text) ? false : text
  return text
}

const rowOf = (
  fields: ReadonlyMap<string, Field>,
  header: ReadonlyArray<string>,
  cells: ReadonlyArray<string>
): JsonObject =>
  Object.fromEntries(header.flatMap((name, index): ReadonlyArray<readonly [string, Json]> => {
    const field = fields.get(name)
    const value = field === undefined ? null : cell(cells[index] ?? "", field)
    return value === null ? [] : [[name, value]]
  }))

const columnFaults = (fields: ReadonlyMap<string, Field>, header: ReadonlyArray<string>): ReadonlyArray<Misfit> => [
  ...header.filter((name) => !fields.has(name)).map((name) => ({
    pointer: "",
    reason: `has the unknown column "${name}"`
  })),
  ...Array.from(fields.values()).filter(({ name, required }) => required && !header.includes(name))
    .map(({ name }) => ({ pointer: "", reason: `has no column "${name}"` })),
  ...header.flatMap((name) => {
    const field = fields.get(name)
    return field === undefined || flat.has(field.type.kind)
      ? []
      : [{ pointer: "", reason: `has the column "${name}", whose field is not a single value` }]
  })
]

const read = Effect.fnUntraced(
  function*(input: string, concept: string, structure: ReadonlyArray<Field>, file: string) {
    const bytes = yield* Files.readBytes(file, `the table of input "${input}"`, mostBytes)
    const table = Csv.parse(new TextDecoder().decode(bytes))
    const invalid = (misfits: ReadonlyArray<Misfit>) => fail(new InputInvalid({ input, concept, misfits }), { input })
    if (Result.isFailure(table)) {
      return yield* invalid([{ pointer: "", reason: `is a table that cannot be read: ${Csv.explain(table.failure)}` }])
    }
    const { header, rows } = table.success
    const fields = new Map(structure.map((field) => [field.name, field]))
    const faults = columnFaults(fields, header)
    if (faults.length > 0) return yield* invalid(faults)
    return rows.map(({ cells }) => rowOf(fields, header, cells))
  }
)

/** The values with every table replaced by its rows. */
export const load = Effect.fnUntraced(function*(
  values: JsonObject,
  inputs: ReadonlyMap<string, Slot>,
  concepts: Concepts,
  resolve: Resolve
) {
  const loaded: Array<readonly [string, Json]> = []
  for (const [name, value] of Object.entries(values)) {
    const slot = inputs.get(name)
    const file = fileOf(value)
    const structure = slot === undefined || !isPlural(slot) || concepts.get(slot.concept)?.domain === "native" ||
        concepts.isText(slot.concept)
      ? undefined
      : concepts.fields(slot.concept)
    loaded.push([
      name,
      slot === undefined || file === undefined || structure === undefined
        ? value
        : yield* read(name, slot.concept, structure, resolve(file))
    ])
  }
  const result: JsonObject = Object.fromEntries(loaded)
  return result
})
