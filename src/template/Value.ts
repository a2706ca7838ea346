/**
 * The closed world of values a template can hold. JavaScript objects enter it only through `fromJson` (plain data) or
 * through `HostObject`; nothing here, or anywhere in the engine, reads a property of a value by a name from a template.
 */
import { Dict } from "./Dict.ts"
import type { Run } from "./Run.ts"

/** Tokens for values that a prompt attaches instead of printing: images and documents. */
export interface FileTokens {
  /** The token of a registered url. */
  token(url: string): string | undefined
  /** Registers an image met while rendering and gives its token. */
  image(content: unknown): string
}

export type TextFormat = "plain" | "markdown" | "html" | "json"
export type Named = ReadonlyMap<string, Value>

/** The only extension point: how the content of an MTHDS concept behaves in a template. */
export interface HostObject {
  readonly _tag: "HostObject"
  /** Shown in messages about wrong operations. */
  readonly typeName: string
  /** The default name of `tag`, when the value knows one. */
  readonly tagName?: string
  /** A field or one of the four metadata names; `undefined` when there is none. */
  attribute(name: string): Value | undefined
  item(key: Value): Value | undefined
  /** Present only when the value can be iterated, measured, indexed and sliced. */
  items?(): ReadonlyArray<Value>
  truthy(): boolean
  contains(value: Value): boolean
  print(files?: FileTokens): string
  /** Present only when the value is HTML by its nature: what it prints as where HTML is escaped. */
  markup?(): string
  format(textFormat: TextFormat, files?: FileTokens): { readonly text: string; readonly markup: boolean }
  withImages?(files: FileTokens): string
  method?(name: string): ((args: ReadonlyArray<Value>, named: Named, run: Run) => Value) | undefined
  equals?(other: Value): boolean
  /** What `sort`, `min` and `max` compare in its place. */
  compareKey?(): Value
  /** What `tojson` writes in its place. */
  toJson?(): Value
}

export type Value =
  | null
  | boolean
  | bigint
  | number
  | string
  | Markup
  | ReadonlyArray<Value>
  | Tuple
  | Dict
  | DictView
  | Range
  | Stream
  | Undefined
  | Native
  | HostObject

/** Text that is already safe HTML. */
export class Markup {
  readonly _tag = "Markup"
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

export class Tuple {
  readonly _tag = "Tuple"
  readonly items: ReadonlyArray<Value>
  readonly names: ReadonlyArray<string> | undefined
  constructor(items: ReadonlyArray<Value>, names?: ReadonlyArray<string>) {
    this.items = items
    this.names = names
  }
}

export class DictView {
  readonly _tag = "DictView"
  readonly dict: Dict
  readonly of: "items" | "keys" | "values"
  constructor(dict: Dict, of: "items" | "keys" | "values") {
    this.dict = dict
    this.of = of
  }
  values(): ReadonlyArray<Value> {
    if (this.of === "items") return Array.from(this.dict.entries(), ([key, value]) => new Tuple([key, value]))
    return this.of === "keys" ? this.dict.keys() : this.dict.values()
  }
}

export class Range {
  readonly _tag = "Range"
  readonly start: number
  readonly stop: number
  readonly step: number
  readonly length: number
  constructor(start: number, stop: number, step: number) {
    this.start = start
    this.stop = stop
    this.step = step
    this.length = Math.max(0, Math.ceil((stop - start) / step))
  }
  at(index: number): bigint {
    return BigInt(this.start + index * this.step)
  }
}

/** A value that can be iterated once: what `map`, `select`, `batch` and other lazy filters give. */
export class Stream {
  readonly _tag = "Stream"
  readonly typeName: string
  #open: (() => ReadonlyArray<Value>) | undefined
  #items: ReadonlyArray<Value> = []
  #next = 0
  constructor(typeName: string, open: () => ReadonlyArray<Value>) {
    this.typeName = typeName
    this.#open = open
  }
  #load(): void {
    const open = this.#open
    if (open === undefined) return
    this.#open = undefined
    this.#items = open()
  }
  next(): Value | undefined {
    this.#load()
    return this.#next < this.#items.length ? this.#items[this.#next++] : undefined
  }
  rest(): ReadonlyArray<Value> {
    this.#load()
    const items = this.#next === 0 ? this.#items : this.#items.slice(this.#next)
    this.#next = this.#items.length
    return items
  }
}

export class Undefined {
  readonly _tag = "Undefined"
  readonly name: string | undefined
  constructor(name?: string) {
    this.name = name
  }
}

/** Values the engine itself makes: bound methods, macros, `loop`, `namespace`, `cycler`… A closed set of attributes each. */
export interface NativeShape {
  readonly typeName: string
  readonly attribute?: (name: string) => Value | undefined
  readonly call?: (args: ReadonlyArray<Value>, named: Named, run: Run) => Value
  readonly assign?: (name: string, value: Value) => void
  readonly items?: () => ReadonlyArray<Value>
  /** How it prints; without it, by its type name. */
  readonly shown?: () => string | Dict
}

export class Native {
  readonly _tag = "Native"
  readonly shape: NativeShape
  constructor(shape: NativeShape) {
    this.shape = shape
  }
}

export const noNames: Named = new Map()

/** Metadata of a stuff: the only underscore names a template may read. */
export const metadataNames: ReadonlySet<string> = new Set([
  "_stuff_name",
  "_content_class",
  "_concept_code",
  "_stuff_code"
])

type Kind = Exclude<Value, null | boolean | bigint | number | string | ReadonlyArray<Value>>["_tag"]

const tagOf = (value: Value): Kind | "list" | undefined =>
  typeof value !== "object" || value === null ? undefined : "_tag" in value ? value._tag : "list"

export const isList = (value: Value): value is ReadonlyArray<Value> => Array.isArray(value)
export const isHost = (value: Value): value is HostObject => tagOf(value) === "HostObject"
export const isText = (value: Value): value is string | Markup => typeof value === "string" || value instanceof Markup
export const isInteger = (value: Value): value is bigint | boolean =>
  typeof value === "bigint" || typeof value === "boolean"
export const isNumber = (value: Value): value is bigint | boolean | number =>
  typeof value === "number" || isInteger(value)

const scalarNames: Readonly<Record<string, string>> = {
  boolean: "bool",
  bigint: "int",
  number: "float",
  string: "str",
  object: "NoneType"
}
const objectNames: Readonly<Record<string, string>> = { Markup: "Markup", Tuple: "tuple", Dict: "dict", Range: "range" }

/** The type's name as messages show it. */
export const typeName = (value: Value): string => {
  if (value instanceof Stream || isHost(value)) return value.typeName
  if (value instanceof Native) return value.shape.typeName
  if (value instanceof DictView) return `dict_${value.of}`
  const tag = tagOf(value)
  return tag === undefined ? scalarNames[typeof value] ?? "object" : objectNames[tag] ?? tag
}

export const truthy = (value: Value): boolean => {
  switch (typeof value) {
    case "boolean":
      return value
    case "string":
      return value !== ""
    case "bigint":
      return value !== 0n
    case "number":
      return value !== 0
  }
  if (value === null || value instanceof Undefined) return false
  if (isList(value)) return value.length > 0
  if (value instanceof Markup) return value.text !== ""
  if (value instanceof Tuple) return value.items.length > 0
  if (value instanceof Dict) return value.size > 0
  if (value instanceof DictView) return value.dict.size > 0
  if (value instanceof Range) return value.length > 0
  return isHost(value) ? value.truthy() : true
}

/** Plain data as values: integral numbers become integers, other numbers floats. Depth is not limited here, so it walks a stack. */
export const fromJson = (input: unknown): Value => {
  const work: Array<() => void> = []
  const convert = (value: unknown, give: (converted: Value) => void): void => {
    if (typeof value === "number") {
      return give(Number.isInteger(value) && Math.abs(value) < 2 ** 63 ? BigInt(value) : value)
    }
    if (typeof value === "string" || typeof value === "boolean" || typeof value === "bigint") return give(value)
    if (Array.isArray(value)) {
      const items: Array<Value> = Array.from({ length: value.length }, () => null)
      give(items)
      value.forEach((item, index) => work.push(() => convert(item, (converted) => void (items[index] = converted))))
      return
    }
    if (typeof value !== "object" || value === null) return give(null)
    const dict = new Dict()
    give(dict)
    for (const [key, item] of Object.entries(value)) {
      dict.set(key, null)
      work.push(() => convert(item, (converted) => dict.set(key, converted)))
    }
  }
  let result: Value = null
  convert(input, (converted) => void (result = converted))
  for (let next = work.pop(); next !== undefined; next = work.pop()) next()
  return result
}
