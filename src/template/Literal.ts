/** Number and string literals: where they end, and what they mean. */
import type { Position } from "./Fault.ts"
import { invalid } from "./Fault.ts"

const float = /[0-9](?:_?[0-9])*(?:(?:\.[0-9](?:_?[0-9])*)?[eE][+-]?[0-9](?:_?[0-9])*|\.[0-9](?:_?[0-9])*)/y
const integer = /0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[0-9a-fA-F])+|[1-9](?:_?[0-9])*|0(?:_?0)*/y

/** After a dot only integers are read: `row.0.5` is two indexes. */
export const number = (
  source: string,
  offset: number,
  afterDot: boolean
): { readonly type: "float" | "integer"; readonly text: string } | undefined => {
  float.lastIndex = integer.lastIndex = offset
  const decimal = afterDot ? undefined : float.exec(source)?.[0]
  if (decimal !== undefined) return { type: "float", text: decimal }
  const whole = integer.exec(source)?.[0]
  return whole === undefined ? undefined : { type: "integer", text: whole }
}

const longest = 100

export const integerOf = (text: string, at: Position): bigint => {
  const value = text.length > longest ? undefined : BigInt(text.replaceAll("_", "").replace(/^0+(?=[0-9])/, ""))
  if (value === undefined || value > 2n ** 63n - 1n) throw invalid("an integer beyond 64 bits", at)
  return value
}

export const floatOf = (text: string): number => Number(text.replaceAll("_", ""))

const simple: Readonly<Record<string, string>> = {
  "\n": "",
  "\\": "\\",
  "'": "'",
  "\"": "\"",
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v"
}
const sizes: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 }

const escape = /\\(?:([0-7]{1,3})|([xuU])([0-9a-fA-F]*)|([^]))/gu

export const stringOf = (source: string, at: Position): string => {
  if (!source.includes("\\")) return source
  return source.replace(escape, (whole: string, octal?: string, kind?: string, digits = "", other = "") => {
    if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8))
    if (kind !== undefined) {
      const size = sizes[kind] ?? 0
      const code = Number.parseInt(digits.slice(0, size), 16)
      if (digits.length < size || code > 0x10ffff) throw invalid("a string has a badly written escape", at)
      return String.fromCodePoint(code) + digits.slice(size)
    }
    if (other === "N") throw invalid("escapes by character name are not supported", at)
    return simple[other] ?? whole
  })
}
