/** Text formatting with `%`: `"%s of %05.1f%%" % (name, share)`. */
import { textOf } from "./Compare.ts"
import { Dict } from "./Dict.ts"
import { failure } from "./Fault.ts"
import { bounded, characterOf, floatBody } from "./FormatSpec.ts"
import { print, repr } from "./Print.ts"
import type { Run } from "./Run.ts"
import { lengthOf, padded, sliceOf } from "./Text.ts"
import type { Value } from "./Value.ts"
import { isInteger, isList, isNumber, isText, Markup, Tuple, typeName, Undefined } from "./Value.ts"

interface Directive {
  readonly flags: string
  readonly precision: number | undefined
  readonly type: string
}

const directive = /%(?:\(([^()]*)\))?([-#0 +]*)(\*|[0-9]*)(?:\.(\*|[0-9]*))?[hlL]?([a-zA-Z%])/y
const widest = 1_000_000
const mostDecimals = 1_000

const signed = (negative: boolean, flags: string): string =>
  negative ? "-" : flags.includes("+") ? "+" : flags.includes(" ") ? " " : ""

interface Piece {
  readonly head: string
  readonly body: string
}

const wholePart = (value: Value): bigint => {
  if (!isNumber(value)) throw failure(`a number is needed here, not ${typeName(value)}`)
  if (isInteger(value)) return BigInt(value)
  if (!Number.isFinite(value)) throw failure("this float has no whole part")
  return BigInt(Math.trunc(value))
}

const integer = (value: Value, { flags, precision, type }: Directive): Piece => {
  if (type !== "d" && type !== "i" && type !== "u" && !isInteger(value)) throw failure("an integer is needed here")
  const whole = wholePart(value)
  const size = whole < 0n ? -whole : whole
  const radix = type === "x" || type === "X" ? 16 : type === "o" ? 8 : 10
  const digits = size.toString(radix).padStart(precision ?? 0, "0")
  const prefix = flags.includes("#") && radix !== 10 ? (radix === 16 ? "0x" : "0o") : ""
  const body = type === "X" ? digits.toUpperCase() : digits
  return { head: signed(whole < 0n, flags) + (type === "X" ? prefix.toUpperCase() : prefix), body }
}

const float = (value: Value, { flags, precision, type }: Directive): Piece => {
  if (!isNumber(value)) throw failure(`a number is needed here, not ${typeName(value)}`)
  const number = Number(value)
  const head = signed(number < 0 || Object.is(number, -0), flags)
  const body = Number.isNaN(number)
    ? "nan"
    : Number.isFinite(number)
    ? floatBody(number, type, precision ?? 6, flags.includes("#"))
    : "inf"
  return { head, body: type === type.toUpperCase() ? body.toUpperCase() : body }
}

const character = (value: Value): Piece => {
  if (isInteger(value)) return { head: "", body: characterOf(BigInt(value)) }
  if (isText(value) && lengthOf(textOf(value)) === 1) return { head: "", body: textOf(value) }
  throw failure("one character is needed here")
}

const ascii = (text: string): string =>
  text.replace(/\P{ASCII}/gu, (letter) => {
    const code = letter.codePointAt(0) ?? 0
    const hex = code.toString(16)
    return code < 0x100 ? `\\x${hex}` : code < 0x10000 ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`
  })

const writers: ReadonlyMap<string, (value: Value, form: Directive, run: Run) => Piece> = new Map([
  ...Array.from("diuxXo", (type) => [type, integer] as const),
  ...Array.from("eEfFgG", (type) => [type, float] as const),
  ["c", character] as const,
  [
    "s",
    (value: Value, form: Directive, run: Run) => ({ head: "", body: sliceOf(print(value, run), 0, form.precision) })
  ] as const,
  [
    "r",
    (value: Value, form: Directive, run: Run) => ({ head: "", body: sliceOf(repr(value, run), 0, form.precision) })
  ] as const,
  [
    "a",
    (value: Value, form: Directive, run: Run) => ({
      head: "",
      body: sliceOf(ascii(repr(value, run)), 0, form.precision)
    })
  ] as const
])

const laidOut = ({ body, head }: Piece, width: number, { flags, type }: Directive, run: Run): string => {
  if (flags.includes("-")) return padded(head + body, width, "<", " ", run)
  const zeros = flags.includes("0") && "diuxXoeEfFgG".includes(type) && /[0-9]/.test(body)
  return zeros ? head + padded(body, width - head.length, ">", "0", run) : padded(head + body, width, ">", " ", run)
}

/** `prepare` turns what is not a number into text that is safe where it lands. */
export const format = (
  template: string,
  operand: Value,
  run: Run,
  prepare: (value: Value) => Value = (value) => value
): string => {
  const listed = operand instanceof Tuple ? operand.items : [operand]
  let next = 0
  const take = (): Value => {
    const value = listed[next++]
    if (value === undefined) throw failure("there are fewer values than places for them")
    return value
  }
  const amount = (text: string | undefined, most: number): number | undefined =>
    text === undefined ? undefined : text === "*" ? bounded(String(wholePart(take())), most) : bounded(text, most)
  const named = (name: string): Value => {
    if (!(operand instanceof Dict)) throw failure("named places need a mapping")
    const value = operand.get(name)
    if (value === undefined) throw failure("the mapping lacks a key that the text names")
    return value
  }
  let out = ""
  let at = 0
  let byName = false
  for (let mark = template.indexOf("%"); mark !== -1; mark = template.indexOf("%", at)) {
    run.step()
    out += template.slice(at, mark)
    directive.lastIndex = mark
    const match = directive.exec(template)
    if (match === null) throw failure("this is not a format directive")
    const [whole, name, flags = "", width, precision, type = ""] = match
    at = mark + whole.length
    if (type === "%") {
      out += "%"
      continue
    }
    const wide = amount(width, widest) ?? 0
    const form = { flags, precision: amount(precision, mostDecimals), type }
    const write = writers.get(type)
    if (write === undefined) throw failure("this is not a format directive")
    if (name !== undefined) byName = true
    const value = name === undefined ? take() : named(name)
    const piece = laidOut(write(isNumber(value) ? value : prepare(value), form, run), wide, form, run)
    run.build(piece.length)
    out += piece
  }
  if (
    !byName && next < listed.length && !(operand instanceof Dict) && !isList(operand) && !(operand instanceof Undefined)
  ) {
    throw failure("there are more values than places for them")
  }
  return out + template.slice(at)
}

/** `%` on safe HTML escapes what it inserts. */
export const prepareWith = (escape: (value: Value) => Markup) => (value: Value): Value => new Markup(escape(value).text)
