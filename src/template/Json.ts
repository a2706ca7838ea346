/** Values as JSON, in the host's layout: sorted keys, blanks after `,` and `:`, ASCII only. */
import { compare } from "./Compare.ts"
import * as Decimal from "./Decimal.ts"
import { Dict } from "./Dict.ts"
import { exhausted, failure } from "./Fault.ts"
import { print } from "./Print.ts"
import type { Run } from "./Run.ts"
import type { Value } from "./Value.ts"
import { isHost, isList, isNumber, isText, Tuple, typeName } from "./Value.ts"

const deepest = 100

const controls: Readonly<Record<string, string>> = {
  "\"": "\\\"",
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\b": "\\b",
  "\f": "\\f"
}

const quoted = (text: string, run: Run): string => {
  run.build(text.length + 2)
  const body = text.replace(
    /[^ !#-[\]-~]/g,
    (unit) => unit === "\u007f" ? unit : controls[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`
  )
  run.build(body.length - text.length)
  return `"${body}"`
}

const float = (value: number): string => {
  if (Number.isFinite(value)) return Decimal.repr(value)
  return Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity"
}

const scalar = (value: null | boolean | bigint | number): string =>
  typeof value === "number" ? float(value) : String(value)

const keyText = (key: Value, run: Run): string => {
  if (isText(key)) return quoted(print(key, run), run)
  if (key === null || isNumber(key)) return `"${scalar(key)}"`
  throw failure(`a key of type ${typeName(key)} does not fit JSON`)
}

const enclosed = (
  parts: ReadonlyArray<string>,
  [open, close]: readonly [string, string],
  indent: string | undefined,
  depth: number,
  run: Run
): string => {
  if (parts.length === 0) return open + close
  if (indent === undefined) return `${open}${parts.join(", ")}${close}`
  run.build((parts.length + 1) * (indent.length * (depth + 1) + 2))
  const margin = `\n${indent.repeat(depth + 1)}`
  return `${open}${margin}${parts.join(`,${margin}`)}\n${indent.repeat(depth)}${close}`
}

const written = (value: Value, indent: string | undefined, depth: number, run: Run): string => {
  run.step()
  run.build(4)
  if (depth > deepest) throw exhausted("a value nested too deeply to write")
  if (isText(value)) return quoted(print(value, run), run)
  if (value === null || isNumber(value)) return scalar(value)
  const items = isList(value) ? value : value instanceof Tuple ? value.items : undefined
  if (items !== undefined) {
    return enclosed(items.map((item) => written(item, indent, depth + 1, run)), ["[", "]"], indent, depth, run)
  }
  if (value instanceof Dict) {
    const entries = [...value.entries()].toSorted(([left], [right]) => compare(left, right, run))
    const pairs = entries.map(([key, item]) => `${keyText(key, run)}: ${written(item, indent, depth + 1, run)}`)
    return enclosed(pairs, ["{", "}"], indent, depth, run)
  }
  if (isHost(value) && value.toJson) return written(value.toJson(), indent, depth + 1, run)
  throw failure(`a value of type ${typeName(value)} does not fit JSON`)
}

export const write = (value: Value, indent: string | undefined, run: Run): string => written(value, indent, 0, run)

const unsafe: Readonly<Record<string, string>> = { "<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "'": "\\u0027" }

/** JSON that can stand in HTML and in a script. */
export const safe = (json: string): string => json.replace(/[<>&']/g, (character) => unsafe[character] ?? character)
