/**
 * Reading attributes and items. Everything a template can reach by name is decided here: fields of mappings and host objects,
 * the tables of methods, and a refusal for private names and for methods that would change a value.
 */
import { textOf } from "./Compare.ts"
import { Dict } from "./Dict.ts"
import { failure, refused, undefinedRead } from "./Fault.ts"
import * as FormatSpec from "./FormatSpec.ts"
import type { Open, Table } from "./Operation.ts"
import { operation } from "./Operation.ts"
import { printEscaped } from "./Print.ts"
import type { Run } from "./Run.ts"
import * as StringFormat from "./StringFormat.ts"
import { marking, stringMethods } from "./StringMethods.ts"
import { isPlain, pointAt, points } from "./Text.ts"
import type { HostObject, Named, Value } from "./Value.ts"
import {
  isHost,
  isInteger,
  isList,
  isText,
  Markup,
  metadataNames,
  Native,
  Range,
  Tuple,
  typeName,
  Undefined
} from "./Value.ts"
import {
  dictMethods,
  fieldOf,
  floatMethods,
  integerMethods,
  listMethods,
  rangeMethods,
  tupleMethods
} from "./ValueMethods.ts"

const words = (list: string): ReadonlySet<string> => new Set(list.split(" "))

/** Methods of the host's values that change them, or hand out what a template has no use for. */
const unsafe: ReadonlyMap<string, ReadonlySet<string>> = new Map(Object.entries({
  str: words("encode maketrans"),
  Markup: words("encode maketrans"),
  range: words("count index"),
  list: words("append clear extend insert pop remove reverse sort"),
  dict: words("clear fromkeys pop popitem setdefault update"),
  int: words("from_bytes to_bytes"),
  bool: words("from_bytes to_bytes"),
  float: words("fromhex")
}))
const never = words("constructor prototype")

const empty: Table = new Map()

const methodsOf = (value: Value): Table => {
  if (isText(value)) return stringMethods
  if (isList(value)) return listMethods
  if (value instanceof Dict) return dictMethods
  if (value instanceof Tuple) return tupleMethods
  if (value instanceof Range) return rangeMethods
  if (isInteger(value)) return integerMethods
  return typeof value === "number" ? floatMethods : empty
}

const isDunder = (name: string): boolean => name.startsWith("__") && name.endsWith("__")

/** A name computed by the template may be made of a value, so it is told only when it is one the language knows. */
const tellable = (name: string): string | undefined =>
  isDunder(name) && name.length <= 40 && /^\w+$/.test(name) ? name : undefined

const marked = (value: Value): Value => {
  if (typeof value === "string") return new Markup(value)
  if (isList(value)) return value.map(marked)
  return value instanceof Tuple ? new Tuple(value.items.map(marked)) : value
}

/** On safe HTML, text that a method inserts is escaped first. */
const inserted: ReadonlySet<string> = new Set(["replace", "ljust", "rjust", "center"])

const onMarkup = (name: string, method: Open): Open => (subject, args, named, run) => {
  const escaped = (item: Value): Value => printEscaped(item, run)
  const place = inserted.has(name) ? 1 : -1
  const safe = name === "join"
    ? args.map((items) => isText(items) ? points(textOf(items)).map(escaped) : itemsOf(items).map(escaped))
    : args.map((item, index) => index === place ? escaped(item) : item)
  return marked(method(subject, safe, named, run))
}

const itemsOf = (value: Value): ReadonlyArray<Value> => {
  if (isList(value)) return value
  if (value instanceof Tuple) return value.items
  throw failure("a list or a tuple is needed")
}

const hostMethod = (value: HostObject, name: string): Value | undefined => {
  const method = value.method?.(name)
  return method === undefined ? undefined : new Native({ typeName: "method", call: method })
}

const own = (value: Value, name: string): Value | undefined => {
  if (isHost(value)) {
    const found = value.attribute(name)
    return found === undefined ? hostMethod(value, name) : found
  }
  if (value instanceof Native) return value.shape.attribute?.(name)
  const method = formats.get(name) === undefined || !isText(value) ? methodsOf(value).get(name) : formats.get(name)
  if (method === undefined) return fieldOf(value, name) ?? (value instanceof Dict ? value.get(name) : undefined)
  const open = value instanceof Markup && marking.has(name) && !formats.has(name) ? onMarkup(name, method) : method
  return new Native({ typeName: "method", call: (args, named, run) => open(value, args, named, run) })
}

const isPrivate = (value: Value, name: string): boolean =>
  name.startsWith("_") && !(isHost(value) && metadataNames.has(name))

const isUnsafe = (value: Value, name: string): boolean =>
  !isHost(value) && !(value instanceof Native) && unsafe.get(typeName(value))?.has(name) === true

/** `value.name`, where `name` may come from a value: it is then not told in a message. */
export const attribute = (value: Value, name: string, _run: Run, told: string | undefined = tellable(name)): Value => {
  if (value instanceof Undefined) throw undefinedRead(value.name, "reading an attribute of")
  if (isPrivate(value, name) || isUnsafe(value, name)) throw refused(told ?? (isUnsafe(value, name) ? name : undefined))
  const found = own(value, name)
  if (found !== undefined) return found
  if (never.has(name)) throw refused(name)
  return new Undefined(told)
}

/** Reading `format` without calling it would let it escape the rules it is called under. */
export const isFormat = (value: Value, name: string): boolean => isText(value) && formats.has(name)

const onlyAttribute = (value: Value, name: string): Value => {
  if (isHost(value)) {
    if (name.startsWith("_") && !metadataNames.has(name)) return deny(name)
    const found = value.attribute(name)
    return found === undefined ? new Undefined() : found
  }
  if (isPrivate(value, name)) return isDunder(name) || !(value instanceof Dict) ? deny(name) : new Undefined()
  if (isUnsafe(value, name) || isFormat(value, name)) throw refused(name)
  const found = own(value, name)
  return found === undefined ? new Undefined() : found
}

const deny = (name: string): never => {
  throw refused(tellable(name))
}

const indexed = (value: Value, index: number): Value | undefined => {
  const at = (length: number): number => index < 0 ? index + length : index
  if (isList(value)) return value[at(value.length)]
  if (value instanceof Tuple) return value.items[at(value.items.length)]
  if (value instanceof Range) {
    return at(value.length) >= 0 && at(value.length) < value.length
      ? value.at(at(value.length))
      : undefined
  }
  if (!isText(value)) return undefined
  const text = textOf(value)
  const letter = pointAt(text, index)
  return letter === undefined ? undefined : value instanceof Markup ? new Markup(letter) : letter
}

/** `value[key]`. What is not there is undefined, as for attributes; text keys fall back to attributes. */
export const item = (value: Value, key: Value, run: Run): Value => {
  run.step()
  if (value instanceof Undefined) throw undefinedRead(value.name, "reading an item of")
  const held = ofHostOrDict(value, key)
  const found = held === undefined && isInteger(key) ? readIndex(value, Number(key), run) : held
  if (found !== undefined) return found
  return isText(key) ? onlyAttribute(value, textOf(key)) : new Undefined()
}

const ofHostOrDict = (value: Value, key: Value): Value | undefined => {
  if (value instanceof Dict) return isList(key) || key instanceof Dict ? undefined : value.get(key)
  if (!isHost(value)) return undefined
  const index = isInteger(key) ? Number(key) : undefined
  if (index === undefined) {
    return isText(key) && textOf(key).startsWith("_") && !metadataNames.has(textOf(key))
      ? undefined
      : value.item(key)
  }
  const items = value.items?.()
  return items === undefined ? value.item(key) : items[index < 0 ? index + items.length : index]
}

const readIndex = (value: Value, index: number, run: Run): Value | undefined => {
  if (isText(value)) run.scan(textOf(value).length * (index < 0 ? 16 : 4))
  return indexed(value, index)
}

interface Bounds {
  readonly start: Value
  readonly stop: Value
  readonly step: Value
}

const edge = (value: Value, otherwise: number, length: number, least: number, most: number): number => {
  if (value === null) return otherwise
  if (!isInteger(value)) throw failure("the bounds of a slice are integers")
  const index = Number(value)
  return Math.min(most, Math.max(least, index < 0 ? index + length : index))
}

const picked = <A>(items: ArrayLike<A>, bounds: Bounds, run: Run): ReadonlyArray<A> => {
  const step = bounds.step === null ? 1 : isInteger(bounds.step) ? Number(bounds.step) : 0
  if (step === 0) throw failure("the step of a slice is an integer other than zero")
  const { length } = items
  const [least, most] = step > 0 ? [0, length] : [-1, length - 1]
  const start = edge(bounds.start, step > 0 ? 0 : length - 1, length, least, most)
  const stop = edge(bounds.stop, step > 0 ? length : -1, length, least, most)
  const out: Array<A> = []
  run.hold(Math.max(0, Math.ceil((stop - start) / step)))
  for (let at = start; step > 0 ? at < stop : at > stop; at += step) {
    const found = items[at]
    if (found !== undefined) out.push(found)
  }
  return out
}

export const slice = (value: Value, bounds: Bounds, run: Run): Value => {
  run.step()
  if (value instanceof Undefined) throw undefinedRead(value.name, "slicing")
  if (isText(value)) {
    const text = textOf(value)
    run.scan(text.length)
    const isShort = isPlain(text)
    if (!isShort) run.hold(text.length)
    const letters = picked(isShort ? text : points(text), bounds, run).join("")
    return value instanceof Markup ? new Markup(letters) : letters
  }
  if (isList(value)) return picked(value, bounds, run)
  if (value instanceof Tuple) return new Tuple(picked(value.items, bounds, run))
  const items = isHost(value) ? value.items?.() : undefined
  if (items !== undefined) return picked(items, bounds, run)
  if (value instanceof Range) return sliceRange(value, bounds)
  throw failure(`a value of type ${typeName(value)} cannot be sliced`)
}

const sliceRange = (range: Range, bounds: Bounds): Range => {
  const step = bounds.step === null ? 1 : isInteger(bounds.step) ? Number(bounds.step) : 0
  if (step === 0) throw failure("the step of a slice is an integer other than zero")
  const [least, most] = step > 0 ? [0, range.length] : [-1, range.length - 1]
  const start = edge(bounds.start, step > 0 ? 0 : range.length - 1, range.length, least, most)
  const stop = edge(bounds.stop, step > 0 ? range.length : -1, range.length, least, most)
  return new Range(range.start + start * range.step, range.start + stop * range.step, range.step * step)
}

const reader: StringFormat.Reader = {
  attribute: (value, name, run) => {
    if (isFormat(value, name)) throw refused(name)
    return attribute(value, name, run)
  },
  item
}

const formatted = (
  subject: Value,
  args: ReadonlyArray<Value>,
  named: Named | ((name: string) => Value | undefined),
  run: Run
): Value => {
  if (!isText(subject)) throw failure("only text has places")
  const template = textOf(subject)
  run.scan(template.length)
  if (!(subject instanceof Markup)) return StringFormat.format(template, args, named, run, reader)
  const prepare = (value: Value, spec: string): string => {
    if (!(value instanceof Markup)) return printEscaped(FormatSpec.apply(value, spec, run), run)
    if (spec !== "") throw failure("safe HTML takes no format specification")
    return value.text
  }
  return new Markup(StringFormat.format(template, args, named, run, reader, prepare))
}

const formats: Table = new Map<string, Open>([
  ["format", formatted],
  [
    "format_map",
    operation("/mapping", (subject, [mapping], run) => {
      if (!(mapping instanceof Dict)) throw failure("a mapping is needed")
      return formatted(subject, [], (name) => mapping.get(name), run)
    })
  ]
])
