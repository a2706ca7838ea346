import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { isObject, type Json, type JsonObject, own } from "../concept/Json.ts"
import { fail, type PipeFailure } from "../failure/PipeFailure.ts"
import { ConfigInvalid } from "../failure/Reason.ts"
import type * as Rules from "../source/Rules.ts"
import * as Toml from "../source/Toml.ts"

/** One TOML file of the configuration: where it is, its text for the sake of positions, and what it says. */
export interface Document {
  readonly file: string
  readonly text: string
  readonly values: JsonObject
}

export interface Fault {
  readonly path: ReadonlyArray<string | number>
  readonly message: string
}

/** The first of a file's faults, at its line and column, as the failure of whatever needed the file. No value of the file is quoted. */
export const invalid = Effect.fnUntraced(function*(document: Document, faults: ReadonlyArray<Fault>, remedy?: string) {
  const placed = yield* Toml.place(
    faults.map(({ message, path }) => ({ code: "pipelex.config.invalid", path, message })),
    new Map([[document.file, document.text]])
  )
  const [first] = placed
  const more = placed.length > 1 ? ` (and ${placed.length - 1} more in this file)` : ""
  const { column, line } = first?.position ?? { line: 1, column: 1 }
  return yield* fail(
    new ConfigInvalid({
      problem: `${first?.message ?? "it is not valid"}${more}`,
      file: `${document.file}:${line}:${column}`,
      ...(remedy === undefined ? {} : { remedy })
    })
  )
})

export const check = (
  document: Document,
  faults: ReadonlyArray<Rules.Fault | Fault>
): Effect.Effect<void, PipeFailure> => faults.length === 0 ? Effect.void : invalid(document, faults)

const decode = (file: string, bytes: Uint8Array): Effect.Effect<Document, PipeFailure> => {
  const text = Toml.decode(bytes, file)
  const parsed = Result.flatMap(
    text,
    (source) => Result.map(Toml.parse(source, file), (values): Document => ({ file, text: source, values }))
  )
  if (Result.isSuccess(parsed)) return Effect.succeed(parsed.success)
  const { message, position } = parsed.failure
  return Effect.fail(
    fail(new ConfigInvalid({ problem: message, file: `${file}:${position?.line ?? 1}:${position?.column ?? 1}` }))
  )
}

/** A file that may be there. */
export const find = Effect.fnUntraced(function*(file: string) {
  const fs = yield* FileSystem.FileSystem
  const bytes = yield* Effect.result(fs.readFile(file))
  if (Result.isSuccess(bytes)) return Option.some(yield* decode(file, bytes.success))
  if (bytes.failure.reason._tag === "NotFound") return Option.none()
  return yield* fail(new ConfigInvalid({ problem: "the file cannot be read", file }))
})

/** A file that has to be there. */
export const read = Effect.fnUntraced(function*(file: string) {
  const found = yield* find(file)
  if (Option.isSome(found)) return found.value
  return yield* fail(new ConfigInvalid({ problem: "the file does not exist", file }))
})

/** Deep, per key; what comes later wins, and lists are replaced whole. */
export const merge = (below: JsonObject, above: JsonObject): JsonObject => {
  const over = Object.entries(above).map(([key, value]) => {
    const under = own(below, key)
    return [key, isObject(under) && isObject(value) ? merge(under, value) : value] as const
  })
  return Object.fromEntries([...Object.entries(below), ...over])
}

export const mergeAll = (documents: ReadonlyArray<Document>): JsonObject =>
  documents.reduce<JsonObject>((merged, { values }) => merge(merged, values), {})

/** The value at a path, when every step of it is a table. */
export const at = (values: JsonObject, path: ReadonlyArray<string>): Json | undefined =>
  path.reduce<Json | undefined>((value, key) => isObject(value) ? own(value, key) : undefined, values)

export const tableAt = (values: JsonObject, path: ReadonlyArray<string>): JsonObject => {
  const value = at(values, path)
  return isObject(value) ? value : {}
}
