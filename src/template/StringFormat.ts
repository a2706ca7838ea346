/** `"{} {name[key].field:>8}".format(…)`, reading fields only by the engine's own rules. */
import { failure } from "./Fault.ts"
import * as FormatSpec from "./FormatSpec.ts"
import { print, repr } from "./Print.ts"
import type { Run } from "./Run.ts"
import type { Named, Value } from "./Value.ts"

/** How fields and items are read: given, so that this file knows nothing of what values offer. */
export interface Reader {
  readonly attribute: (value: Value, name: string, run: Run) => Value
  readonly item: (value: Value, key: Value, run: Run) => Value
}

interface Slots {
  readonly reader: Reader
  readonly args: ReadonlyArray<Value>
  readonly named: (name: string) => Value | undefined
  automatic: number
}

const deepest = 2
const digits = /^[0-9]+$/

const start = (name: string, slots: Slots): Value => {
  if (name === "" || digits.test(name)) {
    if ((name === "") !== (slots.automatic >= 0) && slots.automatic !== 0) {
      throw failure("places are numbered either all or none")
    }
    const index = name === "" ? slots.automatic++ : Number(name)
    if (name !== "") slots.automatic = -1
    const value = slots.args[index]
    if (value === undefined) throw failure("there are fewer values than places for them")
    return value
  }
  const value = slots.named(name)
  if (value === undefined) throw failure("a named place has no value")
  return value
}

/** The end of the first name of a field: before a `.` or a `[`. */
const path = /\.([^.[\]]+)|\[([^\]]+)\]/y

const read = (field: string, slots: Slots, run: Run): Value => {
  const stop = field.search(/[.[]/)
  let value = start(stop === -1 ? field : field.slice(0, stop), slots)
  for (let at = stop === -1 ? field.length : stop; at < field.length;) {
    path.lastIndex = at
    const match = path.exec(field)
    if (match === null) throw failure("a place is badly written")
    const [whole, name, key = ""] = match
    value = name === undefined ?
      slots.reader.item(value, digits.test(key) ? BigInt(key) : key, run)
      : slots.reader.attribute(value, name, run)
    at += whole.length
  }
  return value
}

/** The end of a place that opens just before `from`, counting the places inside it. */
const closing = (template: string, from: number): number => {
  let depth = 1
  for (let at = from; at < template.length; at++) {
    const character = template[at]
    if (character === "{") depth++
    else if (character === "}" && --depth === 0) return at
    else if (character === "[") {
      const close = template.indexOf("]", at)
      if (close === -1) break
      at = close
    }
  }
  throw failure("a place is not closed")
}

type Prepare = (value: Value, spec: string) => string | undefined

const place = (source: string, slots: Slots, run: Run, depth: number, prepare: Prepare): string => {
  const split = /^((?:[^[:!]|\[[^\]]*\])*)(?:!([a-z]))?(?::([^]*))?$/.exec(source)
  if (split === null) throw failure("a place is badly written")
  const [, field = "", conversion, specification = ""] = split
  const value = read(field, slots, run)
  const spec = expand(specification, slots, run, depth + 1, prepare)
  if (conversion === "r" || conversion === "a") return FormatSpec.apply(repr(value, run), spec, run)
  if (conversion === "s") return FormatSpec.apply(print(value, run), spec, run)
  if (conversion !== undefined) throw failure("this is not a conversion")
  return prepare(value, spec) ?? FormatSpec.apply(value, spec, run)
}

const expand = (template: string, slots: Slots, run: Run, depth: number, prepare: Prepare): string => {
  if (depth > deepest) throw failure("places are nested too deeply")
  let out = ""
  for (let at = 0; at < template.length;) {
    const mark = template.slice(at).search(/[{}]/)
    if (mark === -1) return out + template.slice(at)
    const open = at + mark
    run.step()
    run.scan(template.length - at)
    out += template.slice(at, open)
    if (template[open] === template[open + 1]) {
      out += template[open]
      at = open + 2
      continue
    }
    if (template[open] === "}") throw failure("a closing brace stands alone")
    const close = closing(template, open + 1)
    run.scan((close - open) * 8)
    const text = place(template.slice(open + 1, close), slots, run, depth, prepare)
    run.build(text.length)
    out += text
    at = close + 1
  }
  return out
}

export const format = (
  template: string,
  args: ReadonlyArray<Value>,
  named: Named | ((name: string) => Value | undefined),
  run: Run,
  reader: Reader,
  prepare: Prepare = () => undefined
): string => {
  const byName = typeof named === "function" ? named : (name: string) => named.get(name)
  return expand(template, { reader, args, named: byName, automatic: 0 }, run, 0, prepare)
}
