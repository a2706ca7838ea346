/** Filters to numbers and on numbers. */
import { bounded } from "./Arithmetic.ts"
import { textOf } from "./Compare.ts"
import * as Decimal from "./Decimal.ts"
import { exhausted, failure, undefinedRead } from "./Fault.ts"
import type { Table } from "./Operation.ts"
import { integer, operation, table, text } from "./Operation.ts"
import { trimEnd, trimStart } from "./Text.ts"
import type { Value } from "./Value.ts"
import { isInteger, isNumber, isText, truthy, typeName, Undefined } from "./Value.ts"

const decimalText =
  /^[+-]?(?:[0-9](?:_?[0-9])*\.?(?:[0-9](?:_?[0-9])*)?|\.[0-9](?:_?[0-9])*)(?:[eE][+-]?[0-9](?:_?[0-9])*)?$/
const wordFloats: ReadonlyMap<string, number> = new Map([
  ["inf", Infinity],
  ["infinity", Infinity],
  ["nan", NaN]
])
const longest = 4_300

const trimmed = (source: string): string => trimEnd(trimStart(source))

/** As `float(text)` reads it; `undefined` when it is not one. */
const floatText = (source: string): number | undefined => {
  const body = trimmed(source)
  if (decimalText.test(body)) return Number(body.replaceAll("_", ""))
  const sign = /^[+-]/.test(body) ? body.slice(0, 1) : ""
  const special = wordFloats.get(body.slice(sign.length).toLowerCase())
  return special === undefined ? undefined : sign === "-" ? -special : special
}

const prefixes: Readonly<Record<number, RegExp>> = { 2: /^0[bB]_?/, 8: /^0[oO]_?/, 16: /^0[xX]_?/ }

const radixOf = (body: string, base: number): number => {
  if (base !== 0) return base
  return [2, 8, 16].find((radix) => prefixes[radix]?.test(body)) ?? 10
}

/** As `int(text, base)` reads it; `undefined` when it is not one. */
const integerText = (source: string, base: number): bigint | undefined => {
  if ((base !== 0 && base < 2) || base > 36) return undefined
  const whole = trimmed(source)
  const sign = /^[+-]/.test(whole) ? whole.slice(0, 1) : ""
  const radix = radixOf(whole.slice(sign.length), base)
  const digits = whole.slice(sign.length).replace(prefixes[radix] ?? /^(?!)/, "")
  if (digits.length > longest || !/^[0-9a-zA-Z](?:_?[0-9a-zA-Z])*$/.test(digits)) return undefined
  let value = 0n
  for (const digit of digits.replaceAll("_", "")) {
    const amount = Number.parseInt(digit, 36)
    if (amount >= radix) return undefined
    value = bounded(value * BigInt(radix) + BigInt(amount))
  }
  return bounded(sign === "-" ? -value : value)
}

const whole = (value: number): bigint | undefined =>
  Number.isFinite(value) ? bounded(Decimal.truncated(value)) : undefined

const toInteger = (value: Value, base: number): bigint | undefined => {
  if (isInteger(value)) return BigInt(value)
  if (typeof value === "number") {
    if (Math.abs(value) === Infinity) throw failure("infinity has no integer")
    return whole(value)
  }
  if (!isText(value)) return undefined
  const exact = integerText(textOf(value), base)
  if (exact !== undefined) return exact
  const float = floatText(textOf(value))
  return float === undefined ? undefined : whole(float)
}

const checked = (value: Value): Value => {
  if (value instanceof Undefined) throw undefinedRead(value.name, "calculating with")
  return value
}

const number = (value: Value): bigint | number => {
  if (isInteger(value)) return BigInt(value)
  if (typeof value === "number") return value
  throw failure(`a number is needed, not ${typeName(checked(value))}`)
}

const roundInteger = (value: bigint, digits: number): bigint => {
  if (digits >= 0) return value
  if (digits < -19) return 0n
  const unit = 10n ** BigInt(-digits)
  const size = value < 0n ? -value : value
  const rest = size % unit
  const base = size - rest
  const up = rest * 2n > unit || (rest * 2n === unit && (base / unit) % 2n === 1n)
  const rounded = up ? base + unit : base
  return bounded(value < 0n ? -rounded : rounded)
}

const directions: ReadonlyMap<string, (value: number) => number> = new Map([["ceil", Math.ceil], ["floor", Math.floor]])

const round = operation("precision? method?", (value, [precision, method]) => {
  const digits = integer(precision, 0)
  const how = text(method, "common")
  const direction = directions.get(how)
  if (how !== "common" && direction === undefined) throw failure("rounding is common, ceil or floor")
  const source = number(value)
  if (direction === undefined) {
    return typeof source === "bigint"
      ? roundInteger(source, digits)
      : Decimal.round(source, digits)
  }
  if (Math.abs(digits) > 300) throw exhausted("a precision too large")
  const scale = 10 ** digits
  const scaled = Number(source) * scale
  if (!Number.isFinite(scaled)) throw failure("this float cannot be rounded")
  return direction(scaled) / scale
})

const decimalUnits = ["kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"]
const binaryUnits = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"]

const filesizeformat = operation("binary?", (value, [binary]) => {
  const bytes = isNumber(value) ? Number(value) : isText(value) ? floatText(textOf(value)) : undefined
  if (bytes === undefined) throw failure("a size is a number")
  const isBinary = binary !== undefined && truthy(binary)
  const base = isBinary ? 1024 : 1000
  const units = isBinary ? binaryUnits : decimalUnits
  if (bytes === 1) return "1 Byte"
  if (bytes < base) return `${Decimal.truncated(bytes)} Bytes`
  const index = units.findIndex((_, at) => bytes < base ** (at + 2))
  const at = index === -1 ? units.length - 1 : index
  return `${Decimal.fixed(bytes / base ** (at + 1), 1)} ${units[at] ?? ""}`
})

export const numberFilters: Table = table({
  abs: operation("", (value) => {
    const source = number(value)
    return typeof source === "bigint" ? bounded(source < 0n ? -source : source) : Math.abs(source)
  }),
  filesizeformat,
  float: operation("default?", (value, [otherwise]) => {
    checked(value)
    const float = isNumber(value) ? Number(value) : isText(value) ? floatText(textOf(value)) : undefined
    return float ?? (otherwise === undefined ? 0 : otherwise)
  }),
  int: operation(
    "default? base?",
    (value, [otherwise, base]) =>
      toInteger(checked(value), integer(base, 10)) ?? (otherwise === undefined ? 0n : otherwise)
  ),
  round
})
