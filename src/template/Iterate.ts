/** Walking a value: the one place that says what can be iterated and measured, and charges for it. */
import { Dict } from "./Dict.ts"
import { failure } from "./Fault.ts"
import type { Run } from "./Run.ts"
import { lengthOf, points } from "./Text.ts"
import type { Value } from "./Value.ts"
import { DictView, isHost, isList, isText, Markup, Native, Range, Stream, Tuple, typeName, Undefined } from "./Value.ts"

const letters = (text: string, run: Run): ReadonlyArray<string> => {
  run.hold(text.length)
  return points(text)
}

export const iterate = (value: Value, run: Run): ReadonlyArray<Value> => {
  if (isList(value)) return value
  if (value instanceof Tuple) return value.items
  if (typeof value === "string") return letters(value, run)
  if (value instanceof Markup) return letters(value.text, run)
  if (value instanceof Undefined) return []
  if (value instanceof Dict) {
    run.hold(value.size)
    return value.keys()
  }
  if (value instanceof DictView) {
    run.hold(value.dict.size * 2)
    return value.values()
  }
  if (value instanceof Range) {
    run.hold(value.length)
    return Array.from({ length: value.length }, (_, index) => value.at(index))
  }
  if (value instanceof Stream) return value.rest()
  const items = isHost(value) ? value.items?.() : value instanceof Native ? value.shape.items?.() : undefined
  if (items === undefined) throw failure(`a value of type ${typeName(value)} cannot be iterated`)
  return items
}

/** `undefined` for values without a length. */
export const measure = (value: Value, run: Run): number | undefined => {
  if (isText(value)) {
    const text = typeof value === "string" ? value : value.text
    run.scan(text.length)
    return lengthOf(text)
  }
  if (isList(value)) return value.length
  if (value instanceof Tuple) return value.items.length
  if (value instanceof Undefined) return 0
  if (value instanceof Dict) return value.size
  if (value instanceof DictView) return value.dict.size
  if (value instanceof Range) return value.length
  if (isHost(value)) return value.items?.().length
  return undefined
}
