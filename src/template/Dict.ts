/** An insertion-ordered mapping with Python's key equality: `1`, `1.0` and `True` are one key, tuples compare by content. */
import { failure } from "./Fault.ts"
import type { Tuple, Value } from "./Value.ts"

type Slot = string | bigint | number | symbol | object | null

const deepest = 64

/** Strings stand for themselves; a composite key becomes a string that no text key can equal, thanks to its leading mark. */
const mark = "\u0000"

const scalarSlot = (key: Value): Slot | undefined => {
  switch (typeof key) {
    case "string":
      return key.startsWith(mark) ? `${mark}s${key}` : key
    case "bigint":
      return key
    case "boolean":
      return key ? 1n : 0n
    case "number":
      return Number.isInteger(key) ? BigInt(key) : key
  }
  return key === null ? null : undefined
}

const written = (slot: Slot): string | undefined =>
  typeof slot === "string"
    ? `s${slot.length}:${slot}`
    : typeof slot === "object" && slot !== null
    ? undefined
    : String(slot)

const tupleSlot = (key: Tuple, depth: number): Slot => {
  if (depth > deepest) throw failure("a key is nested too deeply")
  const parts = key.items.map((item) => written(slotAt(item, depth + 1)))
  return parts.includes(undefined) ? key : `${mark}t(${parts.join(",")})`
}

const unhashable: ReadonlySet<string> = new Set(["Dict", "DictView"])

const slotAt = (key: Value, depth: number): Slot => {
  const scalar = scalarSlot(key)
  if (scalar !== undefined) return scalar
  const object = typeof key === "object" && key !== null && "_tag" in key && !unhashable.has(key._tag) ? key : undefined
  if (object === undefined) throw failure("this type of value cannot be a key")
  if (object._tag === "Undefined") return `${mark}u`
  if (object._tag === "Markup") return scalarSlot(object.text) ?? null
  return object._tag === "Tuple" ? tupleSlot(object, depth) : object
}

/** What stands for a value where Python would hash it. */
export const slotOf = (key: Value): unknown => slotAt(key, 0)

export class Dict {
  readonly _tag = "Dict"
  readonly #entries = new Map<unknown, [Value, Value]>()

  static from(pairs: Iterable<readonly [Value, Value]>): Dict {
    const dict = new Dict()
    for (const [key, value] of pairs) dict.set(key, value)
    return dict
  }
  get size(): number {
    return this.#entries.size
  }
  get(key: Value): Value | undefined {
    return this.#entries.get(slotOf(key))?.[1]
  }
  has(key: Value): boolean {
    return this.#entries.has(slotOf(key))
  }
  set(key: Value, value: Value): void {
    const slot = slotOf(key)
    const entry = this.#entries.get(slot)
    if (entry === undefined) this.#entries.set(slot, [key, value])
    else entry[1] = value
  }
  entries(): IterableIterator<readonly [Value, Value]> {
    return this.#entries.values()
  }
  keys(): ReadonlyArray<Value> {
    return Array.from(this.#entries.values(), ([key]) => key)
  }
  values(): ReadonlyArray<Value> {
    return Array.from(this.#entries.values(), ([, value]) => value)
  }
}
