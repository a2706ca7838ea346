/** The operators of expressions. Integers are 64-bit: a result outside is over budget, as is any text or list too long. */
import { textOf } from "./Compare.ts"
import { exhausted, failure, undefinedRead } from "./Fault.ts"
import { printEscaped } from "./Print.ts"
import * as Printf from "./Printf.ts"
import type { Run } from "./Run.ts"
import { repeated } from "./Text.ts"
import type { Value } from "./Value.ts"
import { isInteger, isList, isNumber, isText, Markup, Tuple, typeName, Undefined } from "./Value.ts"

export type Operator = "+" | "-" | "*" | "/" | "//" | "%" | "**"

const largest = 2n ** 63n - 1n
const smallest = -(2n ** 63n)

export const bounded = (value: bigint): bigint => {
  if (value > largest || value < smallest) throw exhausted("an integer beyond 64 bits")
  return value
}

const byZero = (): Error => failure("division by zero")

/** The sign of zero follows the host's: a remainder takes the divisor's. */
const remainder = (left: number, right: number): number => {
  const rest = left % right
  if (rest === 0) return right < 0 ? -0 : 0
  return rest < 0 !== right < 0 ? rest + right : rest
}

const floorDivide = (left: number, right: number): number => {
  const quotient = (left - remainder(left, right)) / right
  if (quotient === 0) return left / right < 0 ? -0 : 0
  const floor = Math.floor(quotient)
  return quotient - floor > 0.5 ? floor + 1 : floor
}

const bits = (value: bigint): number => (value < 0n ? -value : value).toString(2).length

const integerPower = (base: bigint, exponent: bigint): bigint | number => {
  if (exponent < 0n) {
    if (base === 0n) throw byZero()
    return Number(base) ** Number(exponent)
  }
  const small = base >= -1n && base <= 1n
  if (!small && (bits(base) - 1) * Number(exponent) > 64) throw exhausted("an integer beyond 64 bits")
  return small ? base ** (exponent % 2n === 0n ? exponent === 0n ? 0n : 2n : 1n) : bounded(base ** exponent)
}

const integerOperators: Readonly<Record<Operator, (left: bigint, right: bigint) => bigint | number>> = {
  "+": (left, right) => bounded(left + right),
  "-": (left, right) => bounded(left - right),
  "*": (left, right) => bounded(left * right),
  "/": (left, right) => {
    if (right === 0n) throw byZero()
    return divide(left, right)
  },
  "//": (left, right) => {
    if (right === 0n) throw byZero()
    const quotient = left / right
    return bounded(left % right !== 0n && left < 0n !== right < 0n ? quotient - 1n : quotient)
  },
  "%": (left, right) => {
    if (right === 0n) throw byZero()
    const rest = left % right
    return rest !== 0n && rest < 0n !== right < 0n ? rest + right : rest
  },
  "**": integerPower
}

/** Correctly rounded also when an operand is beyond 2 ** 53. */
const divide = (left: bigint, right: bigint): number => {
  const [one, other] = [Number(left), Number(right)]
  if (BigInt(one) === left && BigInt(other) === right) return one / other
  const negative = left < 0n !== right < 0n
  const [top, bottom] = [left < 0n ? -left : left, right < 0n ? -right : right]
  const shift = BigInt(Math.max(0, 66 - top.toString(2).length + bottom.toString(2).length))
  const scaled = (top << shift) / bottom
  const sticky = (top << shift) % bottom === 0n ? 0n : 1n
  const size = Number(scaled * 2n + sticky) / 2 ** (Number(shift) + 1)
  return negative ? -size : size
}

const floatOperators: Readonly<Record<Operator, (left: number, right: number) => number>> = {
  "+": (left, right) => left + right,
  "-": (left, right) => left - right,
  "*": (left, right) => left * right,
  "/": (left, right) => {
    if (right === 0) throw byZero()
    return left / right
  },
  "//": (left, right) => {
    if (right === 0) throw byZero()
    return floorDivide(left, right)
  },
  "%": (left, right) => {
    if (right === 0) throw byZero()
    return Number.isFinite(left) && !Number.isFinite(right) && left !== 0 && left < 0 !== right < 0
      ? right
      : remainder(left, right)
  },
  "**": (left, right) => {
    if (left === 0 && right < 0) throw byZero()
    if (left < 0 && Number.isFinite(left) && Number.isFinite(right) && !Number.isInteger(right)) {
      throw failure("a root of a negative number is not a real number")
    }
    const power = left === 1 || right === 0 ? 1 : left === -1 && !Number.isFinite(right) ? 1 : left ** right
    if (!Number.isFinite(power) && Number.isFinite(left) && Number.isFinite(right)) {
      throw failure("a float beyond its range")
    }
    return power
  }
}

const escape = (value: Value, run: Run): Markup => new Markup(printEscaped(value, run))

const joinText = (left: string | Markup, right: string | Markup, run: Run): Value => {
  const marked = left instanceof Markup || right instanceof Markup
  const one = marked ? escape(left, run).text : textOf(left)
  const other = marked ? escape(right, run).text : textOf(right)
  run.build(one.length + other.length)
  return marked ? new Markup(one + other) : one + other
}

const joinItems = (left: ReadonlyArray<Value>, right: ReadonlyArray<Value>, run: Run): ReadonlyArray<Value> => {
  run.hold(left.length + right.length)
  return [...left, ...right]
}

const repeat = (value: Value, times: bigint, run: Run): Value | undefined => {
  const count = times > 0n ? Number(times) : 0
  if (typeof value === "string") return repeated(value, count, run)
  if (value instanceof Markup) return new Markup(repeated(value.text, count, run))
  const items = isList(value) ? value : value instanceof Tuple ? value.items : undefined
  if (items === undefined) return undefined
  if (items.length === 0) return value
  run.hold(items.length * count)
  const all = Array.from({ length: count }, () => items).flat(1)
  return isList(value) ? all : new Tuple(all)
}

const onSequences = (operator: Operator, left: Value, right: Value, run: Run): Value | undefined => {
  if (operator === "+") {
    if (isText(left) && isText(right)) return joinText(left, right, run)
    if (isList(left) && isList(right)) return joinItems(left, right, run)
    if (left instanceof Tuple && right instanceof Tuple) return new Tuple(joinItems(left.items, right.items, run))
  }
  if (operator === "*") {
    if (isInteger(right)) return repeat(left, BigInt(right), run)
    if (isInteger(left)) return repeat(right, BigInt(left), run)
  }
  if (operator === "%" && typeof left === "string") return Printf.format(left, right, run)
  if (operator === "%" && left instanceof Markup) {
    return new Markup(Printf.format(left.text, right, run, Printf.prepareWith((value) => escape(value, run))))
  }
  return undefined
}

const asInteger = (value: bigint | boolean): bigint => typeof value === "bigint" ? value : BigInt(value)

export const operate = (operator: Operator, left: Value, right: Value, run: Run): Value => {
  if (isNumber(left) && isNumber(right)) {
    return isInteger(left) && isInteger(right)
      ? integerOperators[operator](asInteger(left), asInteger(right))
      : floatOperators[operator](Number(left), Number(right))
  }
  if (left instanceof Undefined || (right instanceof Undefined && !(operator === "%" && isText(left)))) {
    throw undefinedRead([left, right].find((value) => value instanceof Undefined)?.name, "calculating with")
  }
  const result = onSequences(operator, left, right, run)
  if (result === undefined) throw failure(`"${operator}" does not fit ${typeName(left)} and ${typeName(right)}`)
  return result
}

export const negate = (value: Value): Value => {
  if (isInteger(value)) return bounded(-BigInt(value))
  if (typeof value === "number") return -value
  throw value instanceof Undefined
    ? undefinedRead(value.name, "calculating with")
    : failure(`"-" does not fit ${typeName(value)}`)
}

export const affirm = (value: Value): Value => {
  if (isInteger(value)) return BigInt(value)
  if (typeof value === "number") return value
  throw value instanceof Undefined
    ? undefinedRead(value.name, "calculating with")
    : failure(`"+" does not fit ${typeName(value)}`)
}

/** `~`: the printed forms side by side, as safe HTML when one of them is and escaping is on. */
export const concatenate = (values: ReadonlyArray<Value>, run: Run, printed: (value: Value) => string): Value => {
  const marked = run.autoescape && values.some((value) => value instanceof Markup)
  const parts = values.map((value) => marked ? printEscaped(value, run) : printed(value))
  run.build(parts.reduce((total, part) => total + part.length, 0))
  const text = parts.join("")
  return marked ? new Markup(text) : text
}
