import type { Concepts } from "./Concept.ts"
import { isArray, isObject, type Json, type JsonObject, own, pointerStep } from "./Json.ts"
import { type FieldType, refsOf } from "./Structure.ts"
import type { Shape } from "./Stuff.ts"

/** An Image or Document content somewhere inside a value. */
export interface Found {
  readonly kind: "image" | "document"
  readonly content: JsonObject
  /** JSON pointer from the value's root. */
  readonly pointer: string
}

const kindOf = (concepts: Concepts, ref: string): Found["kind"] | undefined =>
  concepts.isImage(ref) ? "image" : concepts.isDocument(ref) ? "document" : undefined

/** Natives whose files belong to their text: what was found on a page or by a search is taken as it was found. */
const opaque: ReadonlySet<string> = new Set(["native.TextAndImages", "native.SearchResult"])

type Visit = (found: Found) => JsonObject

const deepest = 64

const visitType = (
  concepts: Concepts,
  type: FieldType,
  value: Json,
  pointer: string,
  visit: Visit,
  depth: number
): Json => {
  if (depth > deepest) return value
  if (type.kind === "list" && isArray(value)) {
    return value.map((item, index) => visitType(concepts, type.item, item, `${pointer}/${index}`, visit, depth + 1))
  }
  if (type.kind === "dict" && isObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map((
        [key, inner]
      ) => [key, visitType(concepts, type.value, inner, `${pointer}${pointerStep(key)}`, visit, depth + 1)])
    )
  }
  return type.kind === "concept" && isObject(value)
    ? visitContent(concepts, type.ref, value, pointer, visit, depth)
    : value
}

const visitContent = (
  concepts: Concepts,
  ref: string,
  content: JsonObject,
  pointer: string,
  visit: Visit,
  depth: number
): JsonObject => {
  const kind = kindOf(concepts, ref)
  if (kind !== undefined) return visit({ kind, content, pointer })
  if (opaque.has(concepts.structureOwner(ref))) return content
  const fields = concepts.fields(ref)
  if (fields === undefined) return content
  const changed = fields.flatMap((field) => {
    const inner = own(content, field.name)
    return inner === undefined
      ? []
      : [[field.name, visitType(concepts, field.type, inner, `${pointer}/${field.name}`, visit, depth + 1)] as const]
  })
  return { ...content, ...Object.fromEntries(changed) }
}

/** The value with every file in it replaced by what `visit` answers. */
export const map = (concepts: Concepts, shape: Shape, content: JsonObject, visit: Visit): JsonObject => {
  if (shape.components !== undefined) return mapComponents(concepts, shape.components, content, visit)
  if (!shape.plural) return visitContent(concepts, shape.concept, content, "", visit, 0)
  const type: FieldType = { kind: "list", item: { kind: "concept", ref: shape.concept } }
  return { items: visitType(concepts, type, own(content, "items") ?? [], "/items", visit, 0) }
}

const mapComponents = (
  concepts: Concepts,
  components: Readonly<Record<string, Shape>>,
  content: JsonObject,
  visit: Visit
): JsonObject =>
  Object.fromEntries(
    Object.entries(content).map(([name, inner]) => {
      const shape = own(components, name)
      if (shape === undefined || !isObject(inner)) return [name, inner]
      const at = pointerStep(name)
      return [name, map(concepts, shape, inner, (found) => visit({ ...found, pointer: `${at}${found.pointer}` }))]
    })
  )

/** Whether a content of the concept can hold a file: what most do not hold, nobody has to look for. */
const holdsFiles = (concepts: Concepts, ref: string, seen = new Set<string>()): boolean => {
  if (kindOf(concepts, ref) !== undefined) return true
  if (seen.has(ref) || opaque.has(concepts.structureOwner(ref))) return false
  seen.add(ref)
  return (concepts.fields(ref) ?? []).some(({ type }) =>
    refsOf(type).some((inner) => holdsFiles(concepts, inner, seen))
  )
}

const holders = new WeakMap<Concepts, Map<string, boolean>>()

const mayHoldFiles = (concepts: Concepts, { components, concept }: Shape): boolean => {
  if (components !== undefined) return true
  const known = holders.get(concepts) ?? new Map<string, boolean>()
  holders.set(concepts, known)
  const found = known.get(concept) ?? holdsFiles(concepts, concept)
  known.set(concept, found)
  return found
}

export const find = (concepts: Concepts, shape: Shape, content: JsonObject): ReadonlyArray<Found> => {
  if (!mayHoldFiles(concepts, shape)) return []
  const found: Array<Found> = []
  map(concepts, shape, content, (each) => {
    found.push(each)
    return each.content
  })
  return found
}
