/** Filters, tests and methods are tables of operations: the names of their parameters and what they do. */
import { textOf } from "./Compare.ts"
import { failure, undefinedRead } from "./Fault.ts"
import type { Run } from "./Run.ts"
import type { Named, Value } from "./Value.ts"
import { isInteger, isText, typeName, Undefined } from "./Value.ts"

export type Given = ReadonlyArray<Value | undefined>
export type Bound = (subject: Value, given: Given, run: Run) => Value
export type Open = (subject: Value, args: ReadonlyArray<Value>, named: Named, run: Run) => Value
export type Table = ReadonlyMap<string, Open>

const bind = (
  params: ReadonlyArray<string>,
  required: number,
  args: ReadonlyArray<Value>,
  named: Named
): Array<Value | undefined> => {
  if (args.length > params.length) throw failure("too many arguments")
  const given: Array<Value | undefined> = [...args]
  for (const [name, value] of named) {
    const index = params.indexOf(name)
    if (index === -1 || given[index] !== undefined) throw failure("an argument is unknown or given twice")
    given[index] = value
  }
  for (let index = 0; index < required; index++) if (given[index] === undefined) throw failure("an argument is missing")
  return given
}

/** Parameters by name, optional ones marked `?`, positional ones `/`: `"width fill?"`. */
export const operation = (signature: string, apply: Bound): Open => {
  const words = signature.split(" ").filter((word) => word !== "")
  const params = words.map((word) => word.replace("?", ""))
  const required = words.filter((word) => !word.endsWith("?")).length
  return (subject, args, named, run) =>
    named.size === 0 && args.length <= params.length && args.length >= required
      ? apply(subject, args, run)
      : apply(subject, bind(params, required, args, named), run)
}

/** A method: its receiver is of one type, which the table that holds it guarantees. */
export const methodOn = <Self extends Value>(
  is: (value: Value) => value is Self,
  signature: string,
  apply: (self: Self, given: Given, run: Run) => Value
): Open =>
  operation(signature, (subject, given, run) => {
    if (!is(subject)) throw failure(`this method does not fit ${typeName(subject)}`)
    return apply(subject, given, run)
  })

export const table = (entries: Readonly<Record<string, Open>>): Table => new Map(Object.entries(entries))

export const integer = (value: Value | undefined, otherwise: number): number => {
  if (value === undefined) return otherwise
  if (isInteger(value)) return Number(value)
  throw value instanceof Undefined
    ? undefinedRead(value.name, "counting with")
    : failure(`an integer is needed, not ${typeName(value)}`)
}

export const optionalInteger = (value: Value | undefined): number | undefined =>
  value === undefined || value === null ? undefined : integer(value, 0)

export const text = (value: Value | undefined, otherwise = ""): string => {
  if (value === undefined) return otherwise
  if (isText(value)) return textOf(value)
  throw failure(`text is needed, not ${typeName(value)}`)
}

export const optionalText = (value: Value | undefined): string | undefined =>
  value === undefined || value === null ? undefined : text(value)
