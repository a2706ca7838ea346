import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import process from "node:process"
import type { JsonObject } from "../concept/Json.ts"
import type * as WorkingMemory from "../concept/WorkingMemory.ts"
import * as Locations from "../config/Locations.ts"
import type { Defined } from "../library/Definitions.ts"
import * as Inputs from "../library/Inputs.ts"
import type { Library } from "../library/Library.ts"
import * as CsvInputs from "../source/CsvInputs.ts"
import * as InputsFile from "../source/InputsFile.ts"
import * as Chain from "./Chain.ts"
import type { Reading } from "./StandardInput.ts"
import { Streams } from "./Streams.ts"

/** The first memory of a run: `--inputs`, else what is piped in, else the inputs file of the folder, else nothing. */
export interface Asked {
  /** `--inputs`. */
  readonly written: string | undefined
  readonly stdin: Reading
  /** The folder in which an inputs file counts; undefined when the target is a file. */
  readonly folder: string | undefined
  readonly isMocked: boolean
  readonly compat: boolean
}

const isWaitingWorthwhile = (entry: Defined, hasFile: boolean, isMocked: boolean): boolean =>
  !hasFile && !isMocked && Array.from(entry.inputs.values()).some(({ presence }) => presence !== "optional")

const read = Effect.fnUntraced(function*(entry: Defined, { folder, isMocked, stdin, written }: Asked) {
  const streams = yield* Streams
  const home = Option.getOrUndefined(yield* Locations.userHome)
  const options = { cwd: process.cwd(), ...(home === undefined ? {} : { home }) }
  if (written !== undefined) return { inputs: yield* InputsFile.read(written, options), isPiped: false }
  const file = folder === undefined ? Option.none<string>() : yield* InputsFile.detect(folder)
  const piped = entry.inputs.size === 0
    ? undefined
    : yield* stdin.text(isWaitingWorthwhile(entry, Option.isSome(file), isMocked) ? "while" : "moment")
  if (piped !== undefined) {
    return { inputs: yield* InputsFile.fromText(piped, { ...options, origin: "stdin" }), isPiped: true }
  }
  if (Option.isNone(file)) return undefined
  yield* streams.note([`Inputs are read from ${file.value}`])
  return { inputs: yield* InputsFile.read(file.value, options), isPiped: false }
})

const noValues: JsonObject = {}

/** Values and where their relative paths lead, as the memory that the entry pipe starts with. */
export const memory = Effect.fnUntraced(function*(library: Library, entry: Defined, asked: Asked) {
  const found = yield* read(entry, asked)
  const written = found?.inputs.values ?? noValues
  const values = found?.isPiped === true && Chain.isEnvelope(written)
    ? yield* Effect.fromResult(Chain.inputs(library, entry, written))
    : written
  const rows = found === undefined
    ? values
    : yield* CsvInputs.load(values, entry.inputs, library.concepts, found.inputs.resolve)
  const shaping: Inputs.Shaping = {
    library,
    entry,
    compat: asked.compat,
    ...(found === undefined ? {} : { resolveUrl: found.inputs.resolve })
  }
  const shaped: WorkingMemory.WorkingMemory = yield* Effect.fromResult(Inputs.shape(shaping, rows))
  return shaped
})
