/** Reading from items by a path given as an argument: `map(attribute="city.name")`, `groupby("year")`, `sort(attribute=0)`. */
import { attribute, isFormat, item as itemOf } from "./Access.ts"
import { textOf } from "./Compare.ts"
import { failure, refused } from "./Fault.ts"
import type { Run } from "./Run.ts"
import type { Value } from "./Value.ts"
import { isInteger, isText, Undefined } from "./Value.ts"

export type Reader = (value: Value) => Value

const wholeNumber = /^[0-9]{1,15}$/

const step = (value: Value, part: Value, run: Run): Value => {
  if (isText(part) && isFormat(value, textOf(part))) throw refused(textOf(part))
  return itemOf(value, part, run)
}

const partsOf = (path: Value): ReadonlyArray<Value> => {
  if (isInteger(path)) return [path]
  if (!isText(path)) throw failure("an attribute is named by text or a number")
  return textOf(path).split(".").map((part) => wholeNumber.test(part) ? BigInt(part) : part)
}

/** Items come before attributes, as for `value[key]`. */
export const attributeReader = (path: Value, run: Run, otherwise?: Value): Reader => {
  const parts = partsOf(path)
  run.work(parts.length)
  for (const part of parts) if (isText(part) && textOf(part).startsWith("__")) throw refused(textOf(part).slice(0, 40))
  return (value) => {
    let current = value
    for (const part of parts) {
      current = step(current, part, run)
      if (current instanceof Undefined && otherwise !== undefined && otherwise !== null) current = otherwise
    }
    return current
  }
}

/** The `attr` filter: an attribute, never an item. */
export const onlyAttribute = (value: Value, name: string, run: Run): Value => {
  if (isFormat(value, name)) throw refused(name)
  return attribute(value, name, run)
}

const folded = (value: Value, run: Run): Value => {
  if (!isText(value)) return value
  run.build(textOf(value).length)
  return textOf(value).toLowerCase()
}

export const keyReader = (path: Value | undefined, caseSensitive: boolean, run: Run, otherwise?: Value): Reader => {
  const read = path === undefined || path === null ? undefined : attributeReader(path, run, otherwise)
  return (value) => {
    const key = read === undefined ? value : read(value)
    return caseSensitive ? key : folded(key, run)
  }
}
