import type { JsonObject } from "./Json.ts"
import { natives } from "./Native.ts"
import { type Field, type FieldType, refsOf } from "./Structure.ts"

/** A named type. Every reference in it is qualified. */
export interface Concept {
  /** `domain.Code`, with `package->` in front for a dependency's. */
  readonly ref: string
  readonly domain: string
  readonly code: string
  readonly description: string
  readonly refines?: string
  /** Absent: as the concept it refines, else as text. */
  readonly structure?: ReadonlyArray<Field>
  readonly package?: string
}

const anything = "native.Anything"
const dynamic = "native.Dynamic"

/** Concepts without fields of their own: what they hold is decided elsewhere. */
const open: ReadonlySet<string> = new Set([anything, dynamic, "native.Composite"])

const text: ReadonlyArray<Field> = natives.find(({ code }) => code === "Text")?.structure ?? []

/**
 * A class name for each concept. Concepts of two packages may be called the same: the second of a name, by package, carries a number.
 */
const classNames = (concepts: Iterable<Concept>): ReadonlyMap<string, string> => {
  const taken = new Map<string, number>()
  const key = ({ package: from = "", ref }: Concept): string => `${from}\n${ref}`
  const sorted = Array.from(concepts).toSorted((a, b) => key(a) < key(b) ? -1 : 1)
  return new Map(sorted.map(({ code, domain, ref }) => {
    const name = domain === "native" ? `${code}Content` : `${domain.replaceAll(".", "__")}__${code}`
    const count = (taken.get(name) ?? 0) + 1
    taken.set(name, count)
    return [ref, count === 1 ? name : `${name}_${count}`]
  }))
}

/** A set of concepts that know each other: the natives and those declared. A value; two sets never meet. */
export class Concepts {
  readonly #byRef: ReadonlyMap<string, Concept>
  readonly #classNames: ReadonlyMap<string, string>
  readonly #compatible = new Map<string, boolean>()
  readonly #signatures = new Map<string, string>()
  readonly #numbers = new Map<string, number>()

  private constructor(byRef: ReadonlyMap<string, Concept>) {
    this.#byRef = byRef
    this.#classNames = classNames(byRef.values())
  }

  static make(declared: Iterable<Concept>): Concepts {
    return new Concepts(new Map([...natives, ...declared].map((concept) => [concept.ref, concept])))
  }

  get(ref: string): Concept | undefined {
    return this.#byRef.get(ref)
  }

  has(ref: string): boolean {
    return this.#byRef.has(ref)
  }

  all(): ReadonlyArray<Concept> {
    return Array.from(this.#byRef.values())
  }

  /** The concept and what it refines, step by step. */
  lineage(ref: string): ReadonlyArray<string> {
    const found: Array<string> = []
    for (let at: string | undefined = ref; at !== undefined && !found.includes(at); at = this.#byRef.get(at)?.refines) {
      found.push(at)
    }
    return found
  }

  /** The fields of the concept's content; undefined where it is open. One without a structure anywhere is a text. */
  fields(ref: string): ReadonlyArray<Field> | undefined {
    if (open.has(ref)) return undefined
    for (const each of this.lineage(ref)) {
      if (open.has(each)) return undefined
      const structure = this.#byRef.get(each)?.structure
      if (structure !== undefined) return structure
    }
    return text
  }

  /** Whether an item of a list of this concept is itself a list, as a batch over a pipe with a plural output makes it. */
  isNestedList(ref: string, item: JsonObject): boolean {
    const [only, ...others] = Object.keys(item)
    const isList = only === "items" && others.length === 0 && Array.isArray(item["items"])
    return isList && !(this.fields(ref) ?? []).some(({ name }) => name === "items")
  }

  /** The name of the concept's class in prompts and schemas. */
  className(ref: string): string {
    return this.#classNames.get(ref) ?? `${ref.replace(/^.*\./, "")}Content`
  }

  /** Which concept's class a content of this concept is: that of the nearest one with a structure. */
  structureOwner(ref: string): string {
    if (open.has(ref)) return ref
    return this.lineage(ref).find((each) => this.#byRef.get(each)?.structure !== undefined || open.has(each)) ??
      "native.Text"
  }

  isText(ref: string): boolean {
    return this.isCompatible(ref, "native.Text", true) && ref !== dynamic
  }

  isImage(ref: string): boolean {
    return this.isCompatible(ref, "native.Image", true) && ref !== dynamic
  }

  isDocument(ref: string): boolean {
    return this.isCompatible(ref, "native.Document", true) && ref !== dynamic
  }

  /** Whether a value of the concept is an image or holds one, at any depth. */
  holdsImages(ref: string, seen = new Set<string>()): boolean {
    if (this.isImage(ref)) return true
    if (seen.has(ref)) return false
    seen.add(ref)
    if (ref === dynamic || ref === anything || ref === "native.Composite") return true
    return (this.fields(ref) ?? []).some(({ type }) => refsOf(type).some((inner) => this.holdsImages(inner, seen)))
  }

  /**
   * Whether a value of `tested` may stand where `wanted` is asked for. Strict decides how a value behaves; non-strict, which also
   * accepts a concept that contains the wanted one, decides what may be wired to what.
   */
  isCompatible(tested: string, wanted: string, strict: boolean): boolean {
    const key = `${tested}\n${wanted}\n${strict}`
    const known = this.#compatible.get(key)
    if (known !== undefined) return known
    const found = this.#isCompatible(tested, wanted, strict)
    this.#compatible.set(key, found)
    return found
  }

  #isCompatible(tested: string, wanted: string, strict: boolean): boolean {
    if (tested === dynamic || wanted === dynamic || wanted === anything) return true
    if (tested === anything) return false
    if (tested === wanted) return true
    const refined = this.#byRef.get(tested)?.refines
    const wantedRefines = this.#byRef.get(wanted)?.refines
    if (refined === wanted) return true
    const isNative = this.#byRef.get(wanted)?.domain === "native"
    if (refined !== undefined && refined === wantedRefines && !isNative) return true
    if (isNative && wantedRefines !== undefined) return this.lineage(tested).includes(wanted)
    if (open.has(tested) || open.has(wanted)) return false
    if (this.#signature(tested) === this.#signature(wanted)) return true
    if (strict) return false
    if (this.lineage(tested).includes(wanted)) return true
    return (this.fields(tested) ?? []).some(({ type }) =>
      type.kind === "concept" &&
      (type.ref === wanted || this.lineage(type.ref).includes(wanted) ||
        this.#signature(type.ref) === this.#signature(wanted))
    )
  }

  /**
   * What two structures have in common when their JSON schemas are equal but for descriptions. Each structure is written once and
   * numbered, so that one that holds others many times over stays short.
   */
  #signature(ref: string): string {
    const shown = (type: FieldType, depth: number): string => {
      switch (type.kind) {
        case "choices":
          return `choices(${JSON.stringify(type.choices)})`
        case "list":
          return `list(${shown(type.item, depth)})`
        case "dict":
          return `dict(${shown(type.value, depth)})`
        case "concept":
          return depth > 8 ? type.ref : `${this.className(this.structureOwner(type.ref))}(${of(type.ref, depth + 1)})`
        default:
          return type.kind
      }
    }
    const of = (each: string, depth: number): string => {
      const key = `${depth} ${each}`
      const known = this.#signatures.get(key)
      if (known !== undefined) return known
      const made = numbered(written(each, depth))
      this.#signatures.set(key, made)
      return made
    }
    const numbered = (signature: string): string => {
      const number = this.#numbers.get(signature) ?? this.#numbers.size
      this.#numbers.set(signature, number)
      return `#${number}`
    }
    const written = (each: string, depth: number): string => {
      const fields = this.fields(each)
      if (fields === undefined) return each
      return fields.map((field) =>
        `${field.name}:${shown(field.type, depth)}:${field.required}:${field.check ?? ""}:${
          JSON.stringify(field.default ?? null)
        }`
      ).toSorted().join(",")
    }
    return of(ref, 0)
  }

  /** The concepts that these ones need, themselves included, natives left out: what has to travel with a pipe. */
  slice(refs: Iterable<string>): ReadonlyArray<Concept> {
    const found = new Map<string, Concept>()
    const add = (ref: string): void => {
      const concept = this.#byRef.get(ref)
      if (concept === undefined || concept.domain === "native" || found.has(ref)) return
      found.set(ref, concept)
      if (concept.refines !== undefined) add(concept.refines)
      for (const { type } of concept.structure ?? []) for (const inner of refsOf(type)) add(inner)
    }
    for (const ref of refs) add(ref)
    return Array.from(found.values())
  }
}
