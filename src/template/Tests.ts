/** What may follow `is`. */
import { operate } from "./Arithmetic.ts"
import { compare, contains, equals, textOf } from "./Compare.ts"
import { Dict } from "./Dict.ts"
import { failure } from "./Fault.ts"
import type { Open, Table } from "./Operation.ts"
import { operation, table, text } from "./Operation.ts"
import { print } from "./Print.ts"
import type { Run } from "./Run.ts"
import type { Value } from "./Value.ts"
import {
  DictView,
  isHost,
  isInteger,
  isList,
  isNumber,
  isText,
  Markup,
  Native,
  Range,
  Stream,
  Tuple,
  Undefined
} from "./Value.ts"

const of = (holds: (value: Value, run: Run) => boolean): Open => operation("", (value, _, run) => holds(value, run))

const against = (holds: (value: Value, other: Value, run: Run) => boolean): Open =>
  operation("other", (value, [other], run) => holds(value, other ?? null, run))

const remainder = (value: Value, by: Value, run: Run): boolean => equals(operate("%", value, by, run), 0n, run)

const isSequence = (value: Value): boolean =>
  isText(value) || isList(value) || value instanceof Tuple || value instanceof Dict || value instanceof Range ||
  value instanceof Undefined || (isHost(value) && value.items !== undefined)

const isIterable = (value: Value): boolean =>
  isSequence(value) || value instanceof DictView || value instanceof Stream ||
  (value instanceof Native && value.shape.items !== undefined)

/** Identity of scalars is their type and value; small integers and interned texts behave so in the host too. */
const isSame = (left: Value, right: Value): boolean => {
  if (isText(left) && isText(right)) return typeof left === typeof right && textOf(left) === textOf(right)
  return left === right
}

const cased = (shape: (source: string) => string): Open =>
  of((value, run) => {
    const source = print(value, run)
    run.build(source.length)
    return shape(source) === source && source.toLowerCase() !== source.toUpperCase()
  })

const equal = against(equals)
const different = against((value, other, run) => !equals(value, other, run))
const less = against((value, other, run) => compare(value, other, run) < 0)
const lessOrEqual = against((value, other, run) => compare(value, other, run) <= 0)
const greater = against((value, other, run) => compare(value, other, run) > 0)
const greaterOrEqual = against((value, other, run) => compare(value, other, run) >= 0)

const named = (kind: "filters" | "tests"): Open =>
  of((value, run) => {
    if (isList(value) || value instanceof Dict) throw failure("a name is needed")
    return isText(value) && run.library[kind].has(text(value))
  })

export const tests: Table = table({
  boolean: of((value) => typeof value === "boolean"),
  callable: of((value) => value instanceof Undefined || (value instanceof Native && value.shape.call !== undefined)),
  defined: of((value) => !(value instanceof Undefined)),
  divisibleby: operation("num", (value, [by], run) => remainder(value, by ?? null, run)),
  escaped: of((value) => value instanceof Markup),
  even: of((value, run) => remainder(value, 2n, run)),
  false: of((value) => value === false),
  filter: named("filters"),
  float: of((value) => typeof value === "number"),
  in: operation("seq", (value, [container], run) => contains(container ?? null, value, run)),
  integer: of((value) => typeof value === "bigint"),
  iterable: of(isIterable),
  lower: cased((source) => source.toLowerCase()),
  mapping: of((value) => value instanceof Dict),
  none: of((value) => value === null),
  number: of((value) => isNumber(value)),
  odd: of((value, run) => equals(operate("%", value, 2n, run), 1n, run)),
  sameas: against((value, other) => isSame(value, other) && isInteger(value) === isInteger(other)),
  sequence: of(isSequence),
  string: of((value) => isText(value)),
  test: named("tests"),
  true: of((value) => value === true),
  undefined: of((value) => value instanceof Undefined),
  upper: cased((source) => source.toUpperCase()),
  "==": equal,
  eq: equal,
  equalto: equal,
  "!=": different,
  ne: different,
  "<": less,
  lt: less,
  lessthan: less,
  "<=": lessOrEqual,
  le: lessOrEqual,
  ">": greater,
  gt: greater,
  greaterthan: greater,
  ">=": greaterOrEqual,
  ge: greaterOrEqual
})
