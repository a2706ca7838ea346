import { isObject, itemsOf, type JsonObject } from "./Json.ts"

/** What a content is: a concept, one or a list of it, and for the open natives what they hold. */
export interface Shape {
  /** `domain.Code`. */
  readonly concept: string
  readonly plural: boolean
  /** The components of a `Composite`, by name. */
  readonly components?: Readonly<Record<string, Shape>>
}

/**
 * A named value in working memory. `content` is JSON: the concept's fields (`{ "text": … }`), or `{ "items": [ … ] }` when plural.
 * Dates and times are ISO 8601 strings.
 */
export interface Stuff extends Shape {
  /** Unique within a run and the same on every layer: derived from the path of the pipe that made it. */
  readonly code: string
  readonly name: string
  readonly content: JsonObject
  /** What the content really is, where the declared concept does not say: under `Anything`, and inside a `Composite`. */
  readonly held?: Shape
}

export const shapeOf = (stuff: Omit<Stuff, "content">): Shape => stuff.held ?? stuff

/** The contents of a plural stuff, else its one content. */
export const contents = (stuff: Pick<Stuff, "plural" | "content">): ReadonlyArray<JsonObject> =>
  stuff.plural ? itemsOf(stuff.content).filter(isObject) : [stuff.content]

/** The form written to files and shown to programs. */
export const toJson = (stuff: Stuff): JsonObject => ({
  stuff_code: stuff.code,
  stuff_name: stuff.name,
  concept: stuff.concept,
  content: stuff.content
})
