import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import {
  parse as parseToml,
  TomlDate,
  TomlError,
  type TomlTableWithoutBigInt,
  type TomlValueWithoutBigInt
} from "smol-toml"
import type { Json, JsonObject } from "../concept/Json.ts"
import * as Moment from "../concept/Moment.ts"
import type { Issue } from "../failure/Issue.ts"
import { keyOf, offsetWithin, type Place, type Places, places } from "./TomlAst.ts"
import { firstExcess } from "./TomlStrict.ts"

/**
 * TOML as plain JSON values, and the way back from a path to its place in the file. Values come from one parser, places from the
 * syntax tree of another, which is loaded only when something has to be shown.
 */
export interface Position {
  readonly line: number
  readonly column: number
}

const deepest = 100

/** Lines and columns count from one; columns in UTF-16 units, as editors do. */
export const positionAt = (text: string, offset: number): Position => {
  const before = text.slice(0, offset)
  const lineStart = before.lastIndexOf("\n") + 1
  return { line: before.split("\n").length, column: offset - lineStart + 1 }
}

/** The line with its number, and below it a caret. Long lines are cut around the column. */
export const excerpt = (text: string, line: number, column?: number): string => {
  const source = (text.split("\n")[line - 1] ?? "").replace(/\r$/, "").replaceAll("\t", " ")
  const at = Math.max(0, Math.min((column ?? source.search(/\S/) + 1) - 1, source.length))
  const from = at > 100 ? at - 60 : 0
  const shown = source.slice(from, from + 120)
  const margin = `${line} | `
  const lead = from > 0 ? "…" : ""
  const tail = source.length > from + 120 ? "…" : ""
  return `${margin}${lead}${shown}${tail}\n${" ".repeat(margin.length - 2)}| ${" ".repeat(lead.length + at - from)}^`
}

const syntax = (text: string, file: string, position: Position, problem: string): Issue => ({
  code: "method.syntax",
  path: [],
  message: `not valid TOML: ${problem}`,
  file,
  position,
  excerpt: excerpt(text, position.line, position.column)
})

const defined = "trying to redefine an already defined table or value"

/** The parser's own words, without the excerpt it adds; a name defined twice is named. */
const problemOf = (error: TomlError, text: string): string => {
  const said = (error.message.split("\n")[0] ?? "").replace("Invalid TOML document: ", "")
  if (said !== defined) return said
  const line = text.split("\n")[error.line - 1] ?? ""
  const [name] = /^[^=\]\s]+/.exec(line.slice(error.column - 1)) ?? []
  return name === undefined ? "a name is defined twice" : `"${name.replaceAll("\"", "")}" is defined twice`
}

class TooDeep extends Error {}

const withoutZeros = (_: string, digits: string) => digits === "" ? "" : `.${digits}`

const moment = (value: TomlDate): Json => {
  const kind = value.isDate() ? "date" : value.isTime() ? "time" : "datetime"
  return Moment.toJson({ kind, iso: value.toISOString().replace(/\.(\d*?)0+(?=$|[Z+-])/, withoutZeros) })
}

const plain = (value: TomlValueWithoutBigInt, depth: number): Json =>
  value instanceof TomlDate
    ? moment(value)
    : Array.isArray(value)
    ? value.map((item) => plain(item, depth + 1))
    : typeof value === "object"
    ? plainTable(value, depth)
    : value

const plainTable = (table: TomlTableWithoutBigInt, depth: number): JsonObject => {
  if (depth > deepest) throw new TooDeep()
  return Object.fromEntries(Object.entries(table).map(([key, inner]) => [key, plain(inner, depth + 1)]))
}

/**
 * A TOML document as plain JSON, dates and times as `Moment`s. Whatever the text is, this returns: an author's mistake is an
 * `Issue`. Keys such as `__proto__` are ordinary own keys; an integer that a number cannot hold is refused.
 */
export const parse = (text: string, file: string): Result.Result<JsonObject, Issue> => {
  try {
    const parsed = parseToml(text, { maxDepth: deepest })
    const excess = firstExcess(text)
    if (excess !== undefined) return Result.fail(syntax(text, file, positionAt(text, excess.offset), excess.problem))
    return Result.succeed(plainTable(parsed, 0))
  } catch (error) {
    if (error instanceof TomlError) {
      return Result.fail(syntax(text, file, { line: error.line, column: error.column }, problemOf(error, text)))
    }
    return Result.fail(
      syntax(
        text,
        file,
        { line: 1, column: 1 },
        error instanceof TooDeep ? `nested deeper than ${deepest} levels` : "it cannot be read"
      )
    )
  }
}

/** The bytes of a file as text. UTF-8 or an `Issue` that shows the line of the first wrong byte. A leading mark is taken away. */
export const decode = (bytes: Uint8Array, file: string): Result.Result<string, Issue> => {
  try {
    return Result.succeed(new TextDecoder("utf-8", { fatal: true }).decode(bytes))
  } catch {
    const loose = new TextDecoder("utf-8").decode(bytes)
    const offset = Math.max(0, loose.indexOf("\ufffd"))
    return Result.fail(syntax(loose, file, positionAt(loose, offset), "the file is not UTF-8"))
  }
}

const read = (text: string): Effect.Effect<Places> =>
  Effect.map(Effect.promise(() => import("toml-eslint-parser")), ({ parseTOML }) => {
    try {
      return places(parseTOML(text))
    } catch {
      return new Map<string, Place>()
    }
  })

const placeOf = (
  known: Places,
  path: ReadonlyArray<string | number>
): { readonly place: Place; readonly isWhole: boolean } | undefined => {
  for (let length = path.length; length > 0; length--) {
    const place = known.get(keyOf(path.slice(0, length)))
    if (place !== undefined) return { place, isWhole: length === path.length }
  }
  return undefined
}

/** The place of a path, or of the longest part of it that is there; nothing when not even its first step is. */
export const locate = Effect.fnUntraced(function*(text: string, path: ReadonlyArray<string | number>) {
  const found = placeOf(yield* read(text), path)
  return found === undefined ? undefined : { line: found.place.line, column: found.place.column }
})

const positionOf = (text: string, known: Places, { inner, path }: Issue): Position => {
  const found = placeOf(known, path)
  if (found === undefined) return { line: 1, column: 1 }
  const { place: { column, line, value }, isWhole } = found
  if (inner === undefined || value === undefined || !isWhole || !/["']/.test(text[value[0]] ?? "")) {
    return { line, column }
  }
  return positionAt(text, offsetWithin(text, value, inner))
}

const inOrder = (a: Issue, b: Issue): number =>
  (a.file ?? "") === (b.file ?? "")
    ? (a.position?.line ?? 0) - (b.position?.line ?? 0) || (a.position?.column ?? 0) - (b.position?.column ?? 0)
    : (a.file ?? "") < (b.file ?? "")
    ? -1
    : 1

/**
 * Shows each issue its place: file, position and excerpt, sorted by file and position. `sources` maps file names to their text; an
 * issue that names no file belongs to the only source, when there is but one. What an issue already knows stays.
 */
export const place = Effect.fnUntraced(function*(issues: ReadonlyArray<Issue>, sources: ReadonlyMap<string, string>) {
  const only = sources.size === 1 ? sources.keys().next().value : undefined
  const known = new Map<string, Places>()
  const placed: Array<Issue> = []
  for (const issue of issues) {
    const file = issue.file ?? only
    const text = file === undefined ? undefined : sources.get(file)
    if (file === undefined || text === undefined) {
      placed.push(issue)
      continue
    }
    if (issue.position === undefined && !known.has(file)) known.set(file, yield* read(text))
    const position = issue.position ?? positionOf(text, known.get(file) ?? new Map(), issue)
    placed.push({ excerpt: excerpt(text, position.line, position.column), ...issue, file, position })
  }
  return placed.toSorted(inOrder)
})
