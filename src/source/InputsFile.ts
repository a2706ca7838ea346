import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as Result from "effect/Result"
import { isObject, type Json, type JsonObject } from "../concept/Json.ts"
import * as Moment from "../concept/Moment.ts"
import { fail, type PipeFailure } from "../failure/PipeFailure.ts"
import { RequestInvalid } from "../failure/Reason.ts"
import * as Files from "./Files.ts"
import * as JsonFault from "./JsonFault.ts"
import * as Toml from "./Toml.ts"

/**
 * The inputs document of a run: where it comes from, and where its relative paths lead. What a value means is for the shaper of the
 * declared slots. No content of the document is ever quoted in a failure.
 */
export interface Inputs {
  readonly values: JsonObject
  /** The file as the user named it, or `--inputs`, or `stdin`. */
  readonly origin: string
  /** The folder that relative paths start from. */
  readonly folder: string
  readonly resolve: Resolve
}

/** A relative path as an absolute one, `~` as the home; addresses with a scheme and blank texts stay as they are. */
export type Resolve = (location: string) => string

export interface Options {
  readonly cwd: string
  readonly home?: string
  readonly maxBytes?: number
}

const defaultMaxBytes = 64 * 1024 * 1024
const deepest = 100

const invalid = (problem: string): PipeFailure => fail(new RequestInvalid({ problem }))

export const resolver = (path: Path.Path, folder: string, home?: string): Resolve => (location) => {
  if (location.trim() === "" || /^(?:data:|file:|[A-Za-z][A-Za-z0-9+.-]+:\/\/)/i.test(location)) return location
  if (home !== undefined && (location === "~" || location.startsWith("~/"))) return path.join(home, location.slice(1))
  return path.resolve(folder, location)
}

const isTooDeep = (value: Json, depth: number): boolean =>
  typeof value === "object" && value !== null &&
  (depth > deepest || Object.values(value).some((inner) => isTooDeep(inner, depth + 1)))

/** Every string under a key `url`, at any depth, led to its place. */
const relocated = (value: Json, resolve: Resolve): Json =>
  Array.isArray(value)
    ? value.map((item: Json) => relocated(item, resolve))
    : isObject(value)
    ? relocatedObject(value, resolve)
    : value

const relocatedObject = (value: JsonObject, resolve: Resolve): JsonObject =>
  Object.fromEntries(
    Object.entries(value).map(([key, inner]) =>
      [key, key === "url" && typeof inner === "string" ? resolve(inner) : relocated(inner, resolve)] as const
    )
  )

const kindOf = (value: unknown): string =>
  value === null ? "null" : Array.isArray(value) ? "a list" : `a ${typeof value}`

const parseJson = (text: string, origin: string): Result.Result<unknown, PipeFailure> => {
  try {
    return Result.succeed(JSON.parse(text))
  } catch {
    const { offset, problem } = JsonFault.find(text) ?? { offset: 0, problem: "it cannot be read" }
    const { column, line } = Toml.positionAt(text, offset)
    return Result.fail(invalid(`${origin}:${line}:${column}: not valid JSON: ${problem}`))
  }
}

const parseTomlText = (text: string, origin: string): Result.Result<unknown, PipeFailure> =>
  Result.match(Toml.parse(text, origin), {
    onSuccess: (value) => Result.succeed(Moment.toIsoStrings(value)),
    onFailure: ({ message, position }) =>
      Result.fail(invalid(`${origin}:${position?.line ?? 1}:${position?.column ?? 1}: ${message}`))
  })

/** A document as text, already in hand: inline, or from the standard input. */
export const fromText = Effect.fnUntraced(function*(
  text: string,
  options: Options & { readonly origin: string; readonly folder?: string; readonly format?: "json" | "toml" }
) {
  const path = yield* Path.Path
  const { origin } = options
  const folder = options.folder ?? options.cwd
  const value = yield* Effect.fromResult(
    options.format === "toml" ? parseTomlText(text, origin) : parseJson(text, origin)
  )
  if (!isObject(value)) {
    return yield* invalid(`${origin} holds ${kindOf(value)}; inputs are an object of names and values`)
  }
  if (isTooDeep(value, 0)) return yield* invalid(`${origin} is nested deeper than ${deepest} levels`)
  const resolve = resolver(path, folder, options.home)
  const inputs: Inputs = { values: relocatedObject(value, resolve), origin, folder, resolve }
  return inputs
})

const fromFile = Effect.fnUntraced(function*(file: string, options: Options) {
  const path = yield* Path.Path
  const absolute = path.resolve(options.cwd, resolver(path, options.cwd, options.home)(file))
  const bytes = yield* Files.readBytes(absolute, `inputs file "${file}"`, options.maxBytes ?? defaultMaxBytes)
  const text = yield* Effect.mapError(
    Effect.fromResult(Toml.decode(bytes, file)),
    ({ position }) => invalid(`${file}:${position?.line ?? 1}:${position?.column ?? 1}: the file is not UTF-8`)
  )
  return yield* fromText(text, {
    ...options,
    origin: file,
    folder: path.dirname(absolute),
    format: file.toLowerCase().endsWith(".toml") ? "toml" : "json"
  })
})

/** What `--inputs` says: inline JSON when it starts with a brace, else a file, TOML by its extension and JSON otherwise. */
export const read = Effect.fn("InputsFile.read")(function*(written: string, options: Options) {
  if (!written.trimStart().startsWith("{")) return yield* fromFile(written, options)
  if (written.length > (options.maxBytes ?? defaultMaxBytes)) {
    return yield* Files.tooLarge("--inputs", options.maxBytes ?? defaultMaxBytes)
  }
  return yield* fromText(written, { ...options, origin: "--inputs" })
})

/** The `inputs.json` or `inputs.toml` of a folder: one, and a file rather than a link, or none. */
export const detect = Effect.fn("InputsFile.detect")(function*(folder: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const kinds = yield* Effect.forEach(["inputs.json", "inputs.toml"], (name) => {
    const file = path.join(folder, name)
    return Effect.map(Effect.option(fs.lstat(file)), Option.map(({ type }) => ({ file, type })))
  })
  const [found, other] = kinds.filter(Option.isSome).map(({ value }) => value)
  if (found === undefined) return Option.none<string>()
  if (other !== undefined) {
    return yield* invalid(`"${folder}" holds both inputs.json and inputs.toml; keep one, or name one with --inputs`)
  }
  if (found.type !== "File") {
    return yield* invalid(`"${found.file}" is not a regular file; name the inputs with --inputs`)
  }
  return Option.some(found.file)
})
