import type { Concepts } from "../concept/Concept.ts"
import { isArray, isObject, itemsOf, type Json, type JsonObject, own, textOf } from "../concept/Json.ts"
import * as Render from "../concept/Render.ts"
import type { Field, FieldType } from "../concept/Structure.ts"
import { type Shape, shapeOf, type Stuff } from "../concept/Stuff.ts"
import * as Calendar from "./Calendar.ts"
import { Dict } from "./Dict.ts"
import { toHtml } from "./Markdown.ts"
import { type FileTokens, fromJson, type HostObject, type Value } from "./Value.ts"

/**
 * How a stuff behaves in a template: it prints as its content, its fields are raw typed values, a list can be walked, and four
 * metadata names tell what it is. Nothing else can be reached through it.
 */
interface Held {
  readonly concepts: Concepts
  readonly shape: Shape
  readonly content: JsonObject
  /** The stuff's own name and code, where it is a stuff and not a content inside one. */
  readonly stuff?: Stuff
}

const any: FieldType = { kind: "any" }

/** A JSON value under a declared type, as templates compute with it. */
const toValue = (concepts: Concepts, type: FieldType, value: Json, check?: Field["check"]): Value => {
  if (value === null) return null
  switch (type.kind) {
    case "number":
      return typeof value === "number" && check !== "finite" ? value : fromJson(value)
    case "date":
    case "datetime":
    case "time":
      return typeof value === "string" ? Calendar.make(type.kind, value) ?? value : fromJson(value)
    case "list":
      return isArray(value)
        ? value.map((item) => toValue(concepts, type.item, item))
        : fromJson(value)
    case "dict":
      return isObject(value) ? dictOf(concepts, type.value, value, check) : fromJson(value)
    case "concept":
      return isObject(value)
        ? of({ concepts, shape: { concept: type.ref, plural: false }, content: value })
        : fromJson(value)
    default:
      return fromJson(value)
  }
}

const dictOf = (concepts: Concepts, type: FieldType, value: JsonObject, check?: Field["check"]): Dict => {
  const dict = new Dict()
  for (const [key, inner] of Object.entries(value)) dict.set(key, toValue(concepts, type, inner, check))
  return dict
}

const listOf = ({ content }: Held): ReadonlyArray<JsonObject> => itemsOf(content).filter(isObject)

const hostItems = (held: Held): ReadonlyArray<HostObject> =>
  listOf(held).map((content) =>
    of({
      concepts: held.concepts,
      shape: { ...held.shape, plural: held.concepts.isNestedList(held.shape.concept, content) },
      content
    })
  )

const fieldOf = (
  { concepts, shape }: Held,
  name: string
): { readonly type: FieldType; readonly check?: Field["check"] } | undefined => {
  if (shape.components !== undefined) {
    const component = own(shape.components, name)
    return component === undefined ? undefined : { type: { kind: "concept", ref: component.concept } }
  }
  const fields = concepts.fields(shape.concept)
  if (fields === undefined) return { type: any }
  const field = fields.find((each) => each.name === name)
  return field === undefined
    ? undefined
    : { type: field.type, ...(field.check === undefined ? {} : { check: field.check }) }
}

const metadata = (held: Held, name: string): Value | undefined => {
  const { concepts, shape, stuff } = held
  const values: Readonly<Record<string, () => Value>> = {
    _stuff_name: () => stuff?.name ?? "",
    _content_class: () => shape.plural ? "ListContent" : concepts.className(shape.concept),
    _concept_code: () => concepts.get(stuff?.concept ?? shape.concept)?.code ?? shape.concept,
    _stuff_code: () => stuff?.code ?? ""
  }
  return own(values, name)?.()
}

const attribute = (held: Held, name: string): Value | undefined => {
  if (name.startsWith("_")) return metadata(held, name)
  const { concepts, content, shape } = held
  if (shape.plural) return name === "items" ? hostItems(held) : undefined
  const component = shape.components === undefined ? undefined : own(shape.components, name)
  const value = own(content, name)
  if (component !== undefined && isObject(value)) return of({ concepts, shape: component, content: value })
  const field = fieldOf(held, name)
  return field === undefined ? undefined : toValue(concepts, field.type, value ?? null, field.check)
}

const urlOf = (content: JsonObject): string | undefined => {
  const url = own(content, "url")
  return typeof url === "string" ? url : undefined
}

/** The token of a registered file, or of every file of a list. */
const tokens = (held: Held, files: FileTokens | undefined): string | undefined => {
  if (files === undefined) return undefined
  const token = (content: JsonObject): string | undefined => {
    const url = urlOf(content)
    return url === undefined ? undefined : files.token(url)
  }
  if (!held.shape.plural) return token(held.content)
  const all = listOf(held).map(token)
  const known = all.filter((each) => each !== undefined)
  if (known.length === 0 || known.length !== all.length) return undefined
  return known.join(known[0]?.startsWith("[Document") === true ? "\n" : ", ")
}

/** The text of a value with every image in it replaced by its token. */
const withImages = (concepts: Concepts, type: FieldType, value: Json, files: FileTokens): string => {
  if (isArray(value)) {
    return value.map((item) => withImages(concepts, type.kind === "list" ? type.item : any, item, files)).join("\n")
  }
  if (!isObject(value)) return Render.scalar(value, type)
  const ref = type.kind === "concept" ? type.ref : "native.Anything"
  if (concepts.isImage(ref) && ref !== "native.Anything") return files.image(value)
  if (concepts.structureOwner(ref) === "native.TextAndImages") return textAndImages(value, files)
  if (concepts.isText(ref) && ref !== "native.Anything") return textOf(value, "text")
  const fields = new Map((concepts.fields(ref) ?? []).map((field) => [field.name, field.type]))
  return Object.entries(value).filter(([, inner]) => inner !== null)
    .map(([name, inner]) => `${name}: ${withImages(concepts, fields.get(name) ?? any, inner, files)}`).join("\n")
}

const textAndImages = (value: JsonObject, files: FileTokens): string => {
  const inner = own(value, "text")
  const images = own(value, "images")
  return [
    ...(isObject(inner) ? [textOf(inner, "text")] : []),
    ...(isArray(images) ? images.filter(isObject).map((image) => files.image(image)) : [])
  ].join("\n")
}

const keysOf = ({ content }: Held): ReadonlyArray<string> => Object.keys(content)

const methods: Readonly<Record<string, (held: Held, args: ReadonlyArray<Value>) => Value>> = {
  get: (held, [name, fallback = null]) => (typeof name === "string" ? attribute(held, name) : undefined) ?? fallback,
  iter_keys: (held) => [...keysOf(held)],
  iter_values: (held) => keysOf(held).map((name) => attribute(held, name) ?? null),
  iter_items: (held) => keysOf(held).map((name) => [name, attribute(held, name) ?? null])
}

/** Only what is HTML by its nature goes into HTML as it is; every other rendering is text there. */
const isMarkdown = ({ concepts, shape }: Held): boolean =>
  !shape.plural && concepts.lineage(shape.concept).includes("native.Markdown")

const of = (held: Held): HostObject => {
  const { concepts, content, shape, stuff } = held
  const type: FieldType = { kind: "concept", ref: shape.concept }
  return {
    _tag: "HostObject",
    typeName: shape.plural ? "ListContent" : concepts.className(shape.concept),
    ...(stuff === undefined ? {} : { tagName: stuff.name }),
    attribute: (name) => attribute(held, name),
    item: (key) => typeof key === "string" ? attribute(held, key) : undefined,
    ...(shape.plural ? { items: () => hostItems(held) } : {}),
    truthy: () => !shape.plural || listOf(held).length > 0,
    contains: (value) => typeof value === "string" && attribute(held, value) !== undefined,
    print: (files) => tokens(held, files) ?? Render.render(concepts, shape, content, "plain"),
    ...(isMarkdown(held) ? { markup: () => Render.render(concepts, shape, content, "html", toHtml) } : {}),
    format: (textFormat, files) => {
      const token = tokens(held, files)
      return token === undefined
        ? {
          text: Render.render(concepts, shape, content, textFormat, toHtml),
          markup: textFormat === "html" && isMarkdown(held)
        }
        : { text: token, markup: false }
    },
    withImages: (files) =>
      withImages(
        concepts,
        shape.plural ? { kind: "list", item: type } : type,
        shape.plural ? own(content, "items") ?? [] : content,
        files
      ),
    method: (name) => {
      const method = own(methods, name)
      return method === undefined ? undefined : (args) => method(held, args)
    },
    toJson: () => fromJson(Render.toJson(concepts, shape, content))
  }
}

/** The stuff as a template sees it. */
export const make = (concepts: Concepts, stuff: Stuff): HostObject =>
  of({ concepts, shape: shapeOf(stuff), content: stuff.content, stuff })
