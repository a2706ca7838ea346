/** Equality, order and membership. */
import { Dict } from "./Dict.ts"
import { exhausted, failure, undefinedRead } from "./Fault.ts"
import { iterate } from "./Iterate.ts"
import type { Run } from "./Run.ts"
import { searcher } from "./Text.ts"
import type { Value } from "./Value.ts"
import {
  DictView,
  isHost,
  isInteger,
  isList,
  isNumber,
  isText,
  type Markup,
  Range,
  Stream,
  Tuple,
  typeName,
  Undefined
} from "./Value.ts"

const deepest = 100

export const textOf = (value: string | Markup): string => typeof value === "string" ? value : value.text

/** A number as JavaScript compares them; mixing bigints and floats is exact there. */
const comparable = (value: bigint | boolean | number): bigint | number =>
  typeof value === "boolean" ? BigInt(value) : value

const sameItems = (left: ReadonlyArray<Value>, right: ReadonlyArray<Value>, run: Run, depth: number): boolean =>
  left.length === right.length && left.every((item, index) => same(item, right[index] ?? null, run, depth + 1))

const sameDicts = (left: Dict, right: Dict, run: Run, depth: number): boolean => {
  if (left.size !== right.size) return false
  for (const [key, value] of left.entries()) {
    const other = right.get(key)
    if (other === undefined || !same(value, other, run, depth + 1)) return false
  }
  return true
}

const same = (left: Value, right: Value, run: Run, depth: number): boolean => {
  run.step()
  if (depth > deepest) throw exhausted("values nested too deeply to compare")
  if (isText(left)) {
    if (!isText(right)) return isHost(right) && right.equals?.(left) === true
    const [one, other] = [textOf(left), textOf(right)]
    if (one.length === other.length) run.scan(one.length)
    return one === other
  }
  if (isNumber(left)) {
    // eslint-disable-next-line eqeqeq -- the only comparison that is exact between a bigint and a float
    return isNumber(right) ? comparable(left) == comparable(right) : isHost(right) && right.equals?.(left) === true
  }
  if (isHost(left)) return left.equals?.(right) ?? left === right
  if (isHost(right)) return right.equals?.(left) ?? false
  if (isList(left)) return isList(right) && sameItems(left, right, run, depth)
  if (left instanceof Tuple) return right instanceof Tuple && sameItems(left.items, right.items, run, depth)
  if (left instanceof Dict) return right instanceof Dict && sameDicts(left, right, run, depth)
  if (left instanceof Range) {
    return right instanceof Range && left.length === right.length &&
      (left.length === 0 || (left.start === right.start && (left.length === 1 || left.step === right.step)))
  }
  if (left instanceof Undefined) return right instanceof Undefined
  return left === right
}

export const equals = (left: Value, right: Value, run: Run): boolean => same(left, right, run, 0)

const unordered = (left: Value, right: Value): Error =>
  left instanceof Undefined
    ? undefinedRead(left.name, "comparing")
    : right instanceof Undefined
    ? undefinedRead(right.name, "comparing")
    : failure(`a value of type ${typeName(left)} has no order with one of type ${typeName(right)}`)

const itemsOf = (value: Value): ReadonlyArray<Value> | undefined =>
  isList(value) ? value : value instanceof Tuple ? value.items : undefined

const sign = (less: boolean, more: boolean): number => less ? -1 : more ? 1 : less === more ? 0 : NaN

/** By code point, where the host compares code units. */
const orderText = (left: string, right: string): number => {
  if (left === right) return 0
  const shared = Math.min(left.length, right.length)
  for (let at = 0; at < shared; at++) {
    const [one, other] = [left.charCodeAt(at), right.charCodeAt(at)]
    if (one === other) continue
    const [first, second] = [one >= 0xd800 && one <= 0xdfff, other >= 0xd800 && other <= 0xdfff]
    return first === second ? Math.sign(one - other) : first ? 1 : -1
  }
  return Math.sign(left.length - right.length)
}

const order = (left: Value, right: Value, run: Run, depth: number): number => {
  run.step()
  if (depth > deepest) throw exhausted("values nested too deeply to compare")
  if (isText(left) && isText(right)) {
    const [one, other] = [textOf(left), textOf(right)]
    run.scan(4 * Math.min(one.length, other.length))
    return orderText(one, other)
  }
  if (isNumber(left) && isNumber(right)) {
    const [one, other] = [comparable(left), comparable(right)]
    return Number.isNaN(one) || Number.isNaN(other) ? NaN : sign(one < other, one > other)
  }
  if (isHost(left) && left.compareKey) return order(left.compareKey(), right, run, depth + 1)
  if (isHost(right) && right.compareKey) return order(left, right.compareKey(), run, depth + 1)
  const [ones, others] = [itemsOf(left), itemsOf(right)]
  if (ones === undefined || others === undefined || isList(left) !== isList(right)) throw unordered(left, right)
  for (const [index, item] of ones.entries()) {
    const other = others[index]
    if (other === undefined) return 1
    if (!same(item, other, run, depth + 1)) return order(item, other, run, depth + 1)
  }
  return ones.length < others.length ? -1 : 0
}

/** Negative, zero or positive; `NaN` when one of them is not a number. */
export const compare = (left: Value, right: Value, run: Run): number => order(left, right, run, 0)

export const contains = (container: Value, value: Value, run: Run): boolean => {
  run.step()
  if (isText(container)) {
    if (!isText(value)) throw failure(`only text can be looked for in text, not ${typeName(value)}`)
    return searcher(textOf(container), textOf(value), run)(0) !== -1
  }
  if (isHost(container)) return container.contains(value)
  if (container instanceof Dict) return container.has(value)
  if (container instanceof DictView && container.of === "keys") return container.dict.has(value)
  if (container instanceof Range && isInteger(value)) {
    const offset = Number(value) - container.start
    return offset % container.step === 0 && offset / container.step >= 0 && offset / container.step < container.length
  }
  if (container instanceof Stream) {
    for (let item = container.next(); item !== undefined; item = container.next()) {
      if (equals(item, value, run)) return true
    }
    return false
  }
  return iterate(container, run).some((item) => equals(item, value, run))
}
