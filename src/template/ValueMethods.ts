/** The methods of lists, tuples, mappings, ranges and numbers that change nothing. */
import { bounded } from "./Arithmetic.ts"
import { contains, equals } from "./Compare.ts"
import { Dict } from "./Dict.ts"
import { failure } from "./Fault.ts"
import { iterate } from "./Iterate.ts"
import type { Given, Open, Table } from "./Operation.ts"
import { integer, methodOn, operation, table } from "./Operation.ts"
import type { Run } from "./Run.ts"
import type { Value } from "./Value.ts"
import { DictView, isInteger, isList, Tuple } from "./Value.ts"

const positions = (self: Value, wanted: Value, from: Value | undefined, to: Value | undefined, run: Run): bigint => {
  const items = iterate(self, run)
  const place = (index: number): number => index < 0 ? Math.max(0, index + items.length) : index
  const stop = Math.min(items.length, place(integer(to, items.length)))
  for (let index = place(integer(from, 0)); index < stop; index++) {
    if (equals(items[index] ?? null, wanted, run)) return BigInt(index)
  }
  throw failure("the value looked for is not there")
}

const sequences: Table = table({
  count: operation(
    "/value",
    (self, [value], run) => BigInt(iterate(self, run).filter((item) => equals(item, value ?? null, run)).length)
  ),
  index: operation(
    "/value /start? /stop?",
    (self, [value, start, stop], run) => positions(self, value ?? null, start, stop, run)
  )
})

export const listMethods: Table = new Map([
  ...sequences,
  [
    "copy",
    operation("", (self, _, run) => {
      const items = iterate(self, run)
      run.hold(items.length)
      return [...items]
    })
  ]
])
export const tupleMethods: Table = sequences
export const rangeMethods: Table = new Map([
  ...sequences,
  ["count", operation("/value", (self, [value], run) => contains(self, value ?? null, run) ? 1n : 0n)]
])

const onDict = (signature: string, apply: (self: Dict, given: Given, run: Run) => Value): Open =>
  methodOn((value) => value instanceof Dict, signature, apply)

export const dictMethods: Table = table({
  copy: onDict("", (self, _, run) => {
    run.hold(self.size * 2)
    return Dict.from(self.entries())
  }),
  get: onDict("/key /default?", (self, [key, otherwise]) => {
    const value = self.get(key ?? null)
    return value === undefined ? otherwise ?? null : value
  }),
  items: onDict("", (self) => new DictView(self, "items")),
  keys: onDict("", (self) => new DictView(self, "keys")),
  values: onDict("", (self) => new DictView(self, "values"))
})

const exact = (value: bigint | boolean): bigint => typeof value === "bigint" ? value : BigInt(value)

const magnitude = (whole: bigint): string => {
  return (whole < 0n ? -whole : whole).toString(2)
}

const ratio = (value: number): Tuple => {
  if (!Number.isFinite(value)) throw failure("this float is not a ratio")
  let [top, bottom] = [value, 1n]
  while (!Number.isInteger(top)) [top, bottom] = [top * 2, bottom * 2n]
  return new Tuple([bounded(BigInt(top)), bounded(bottom)])
}

const hexadecimal = (value: number): string => {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf"
  const sign = value < 0 || Object.is(value, -0) ? "-" : ""
  let exponent = 0
  let size = Math.abs(value)
  if (size === 0) return `${sign}0x0.0p+0`
  while (size >= 2) [size, exponent] = [size / 2, exponent + 1]
  while (size < 1 && exponent > -1022) [size, exponent] = [size * 2, exponent - 1]
  const whole = Math.floor(size)
  const digits = ((size - whole) * 2 ** 52).toString(16).padStart(13, "0")
  return `${sign}0x${whole}.${digits}p${exponent < 0 ? "-" : "+"}${Math.abs(exponent)}`
}

const onInteger = (apply: (self: bigint) => Value): Open => methodOn(isInteger, "", (self) => apply(exact(self)))

export const integerMethods: Table = table({
  as_integer_ratio: onInteger((self) => new Tuple([self, 1n])),
  bit_count: onInteger((self) => BigInt(magnitude(self).replaceAll("0", "").length)),
  bit_length: onInteger((self) => self === 0n ? 0n : BigInt(magnitude(self).length)),
  conjugate: onInteger((self) => self)
})

const isFloat = (value: Value): value is number => typeof value === "number"
const onFloat = (apply: (self: number) => Value): Open => methodOn(isFloat, "", apply)

export const floatMethods: Table = table({
  as_integer_ratio: onFloat(ratio),
  conjugate: onFloat((self) => self),
  hex: onFloat(hexadecimal),
  is_integer: onFloat(Number.isInteger)
})

const integerFields: ReadonlyMap<string, (self: bigint) => Value> = new Map(Object.entries({
  real: (self: bigint) => self,
  imag: () => 0n,
  numerator: (self: bigint) => self,
  denominator: () => 1n
}))
const floatFields: ReadonlyMap<string, (self: number) => Value> = new Map(Object.entries({
  real: (self: number) => self,
  imag: () => 0
}))

/** What a number, a range or a named tuple offers without a call. */
export const fieldOf = (self: Value, name: string): Value | undefined => {
  if (typeof self === "number") return floatFields.get(name)?.(self)
  if (isInteger(self)) return integerFields.get(name)?.(exact(self))
  if (self instanceof DictView) return name === "mapping" ? self.dict : undefined
  if (self instanceof Tuple) return self.items[self.names?.indexOf(name) ?? -1]
  if (self === null || typeof self !== "object" || isList(self) || self._tag !== "Range") return undefined
  return name === "start" || name === "stop" || name === "step" ? BigInt(self[name]) : undefined
}
