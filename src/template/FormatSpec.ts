/** The little language of `"{:>8.2f}"`: fill, alignment, sign, width, grouping, precision, type. */
import { textOf } from "./Compare.ts"
import * as Decimal from "./Decimal.ts"
import { exhausted, failure } from "./Fault.ts"
import { print } from "./Print.ts"
import type { Run } from "./Run.ts"
import type { Side } from "./Text.ts"
import { padded, points, sliceOf } from "./Text.ts"
import type { Value } from "./Value.ts"
import { isInteger, isText, typeName } from "./Value.ts"

interface Spec {
  readonly fill: string
  readonly align: string
  readonly sign: string
  readonly alternate: boolean
  readonly width: number
  readonly grouping: string
  readonly precision: number | undefined
  readonly type: string
}

const widest = 1_000_000
const mostDecimals = 1_000

export const bounded = (digits: string, most: number): number => {
  const amount = digits === "" ? 0 : Number(digits)
  if (amount > most) throw exhausted("a width or precision too large")
  return amount
}

const grammar = /^([-+ ]?)(z?)(#?)(0?)([0-9]*)([,_]?)(?:\.([0-9]+))?([a-zA-Z%]?)$/

export const parse = (source: string): Spec => {
  const letters = points(source)
  const filled = "<>^=".includes(letters[1] ?? "-")
  const aligned = filled || "<>^=".includes(letters[0] ?? "-")
  const rest = letters.slice(filled ? 2 : aligned ? 1 : 0).join("")
  const match = grammar.exec(rest)
  if (match === null) throw failure("this is not a format specification")
  const [, sign = "", , alternate = "", zero = "", width = "", grouping = "", precision, type = ""] = match
  return {
    fill: filled ? letters[0] ?? " " : zero === "" ? " " : "0",
    align: filled ? letters[1] ?? "" : aligned ? letters[0] ?? "" : zero === "" ? "" : "=",
    sign,
    alternate: alternate !== "",
    width: bounded(width, widest),
    grouping,
    precision: precision === undefined ? undefined : bounded(precision, mostDecimals),
    type
  }
}

const grouped = (digits: string, separator: string, size: number): string => {
  if (separator === "") return digits
  const first = digits.length % size || size
  const parts = [digits.slice(0, first)]
  for (let at = first; at < digits.length; at += size) parts.push(digits.slice(at, at + size))
  return parts.join(separator)
}

const trimmedZeros = (text: string): string => text.includes(".") ? text.replace(/\.?0*$/, "") : text

const exponential = (value: number, decimals: number): string => {
  const { digits, exponent } = Decimal.significant(value, decimals + 1)
  return Decimal.unsigned(digits, decimals) + Decimal.exponentText(exponent)
}

const general = (value: number, precision: number, alternate: boolean, least: number): string => {
  const count = Math.max(1, precision)
  const { digits, exponent } = Decimal.significant(value, count)
  const scientific = exponent < -4 || exponent >= count + least
  const body = scientific
    ? Decimal.unsigned(digits, count - 1)
    : Decimal.fixed(value, Math.max(0, count - 1 - exponent))
  return (alternate ? body : trimmedZeros(body)) + (scientific ? Decimal.exponentText(exponent) : "")
}

/** The digits of a finite float without its sign. */
export const floatBody = (value: number, type: string, precision: number | undefined, alternate: boolean): string => {
  const size = Math.abs(value)
  switch (type.toLowerCase()) {
    case "f":
      return Decimal.fixed(size, precision ?? 6) + (alternate && precision === 0 ? "." : "")
    case "e":
      return exponential(size, precision ?? 6)
    case "g":
    case "n":
      return general(size, precision ?? 6, alternate, 0)
    case "%":
      return `${Decimal.fixed(size * 100, precision ?? 6)}%`
  }
  if (precision === undefined) return Decimal.repr(size)
  const body = general(size, precision, alternate, -1)
  return /[.e]/.test(body) ? body : `${body}.0`
}

const bases: Readonly<Record<string, readonly [radix: number, prefix: string]>> = {
  b: [2, "0b"],
  o: [8, "0o"],
  x: [16, "0x"],
  X: [16, "0X"]
}

/** Zeros in front are grouped too, and never start with a separator. */
const filledGroups = (whole: string, width: number, { grouping }: Spec, size: number, run: Run): string => {
  run.build(Math.max(0, width * 2))
  const count = Math.max(whole.length, width - Math.floor(width / (size + 1)))
  const digits = grouped(whole.padStart(count, "0"), grouping, size)
  return digits.length < width ? grouped(whole.padStart(count + 1, "0"), grouping, size) : digits
}

const sideOf = (align: string, otherwise: Side): Side =>
  align === "<" || align === ">" || align === "^" ? align : otherwise

const assemble = (negative: boolean, prefix: string, body: string, spec: Spec, group: number, run: Run): string => {
  const sign = negative ? "-" : spec.sign === "-" ? "" : spec.sign
  const [, whole = "", tail = ""] = /^([0-9a-fA-F]*)(.*)$/s.exec(body) ?? []
  const head = sign + prefix
  const zeros = spec.align === "=" && spec.fill === "0"
  const digits = zeros && spec.grouping !== ""
    ? filledGroups(whole, spec.width - head.length - tail.length, spec, group, run)
    : grouped(whole, spec.grouping, group)
  if (spec.align === "=") return head + padded(digits + tail, spec.width - head.length, ">", spec.fill, run)
  return padded(head + digits + tail, spec.width, sideOf(spec.align, ">"), spec.fill, run)
}

const formatFloat = (value: number, spec: Spec, run: Run): string => {
  if (!"eEfFgGn%".includes(spec.type)) throw failure("this format does not fit a float")
  const negative = value < 0 || Object.is(value, -0)
  if (!Number.isFinite(value)) {
    const name = Number.isNaN(value) ? "nan" : "inf"
    const shown = "EFG".includes(spec.type || "-") ? name.toUpperCase() : name + (spec.type === "%" ? "%" : "")
    return assemble(negative, "", shown, spec, 3, run)
  }
  const body = floatBody(value, spec.type, spec.precision, spec.alternate)
  return assemble(negative, "", "EG".includes(spec.type || "-") ? body.toUpperCase() : body, spec, 3, run)
}

const formatInteger = (value: bigint, spec: Spec, run: Run): string => {
  if (spec.type !== "" && "eEfFgG%".includes(spec.type)) return formatFloat(Number(value), spec, run)
  if (spec.precision !== undefined) throw failure("an integer has no precision")
  const size = value < 0n ? -value : value
  if (spec.type === "c") return padded(characterOf(value), spec.width, sideOf(spec.align, "<"), spec.fill, run)
  const base = bases[spec.type]
  if (base === undefined && !"dn".includes(spec.type)) throw failure("this format does not fit an integer")
  const [radix, prefix] = base ?? [10, ""]
  const digits = size.toString(radix)
  const body = spec.type === "X" ? digits.toUpperCase() : digits
  return assemble(value < 0n, spec.alternate ? prefix : "", body, spec, radix === 10 ? 3 : 4, run)
}

export const characterOf = (code: bigint): string => {
  if (code < 0n || code > 0x10ffffn) throw failure("this number is not a character")
  return String.fromCodePoint(Number(code))
}

const formatText = (text: string, spec: Spec, run: Run): string => {
  if (
    (spec.type !== "" && spec.type !== "s") || spec.sign !== "" || spec.grouping !== "" ||
    spec.align === "=" && spec.fill !== "0"
  ) {
    throw failure("this format does not fit text")
  }
  const cut = spec.precision === undefined ? text : sliceOf(text, 0, spec.precision)
  return padded(cut, spec.width, sideOf(spec.align, "<"), spec.fill, run)
}

/** As `format(value, source)`. */
export const apply = (value: Value, source: string, run: Run): string => {
  if (source === "") return print(value, run)
  if (isText(value)) return formatText(textOf(value), parse(source), run)
  if (typeof value === "number") return formatFloat(value, parse(source), run)
  if (!isInteger(value)) throw failure(`a value of type ${typeName(value)} takes no format specification`)
  const spec = parse(source)
  return formatInteger(BigInt(value), spec, run)
}
