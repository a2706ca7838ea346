import * as Effect from "effect/Effect"
import { createHash } from "node:crypto"
import process from "node:process"
import { isObject, type Json, type JsonObject } from "../concept/Json.ts"
import * as Slot from "../concept/Slot.ts"
import * as Configuration from "../config/Configuration.ts"
import * as Crate from "../library/Crate.ts"
import type { Library } from "../library/Library.ts"
import * as Pipe from "../pipe/Pipe.ts"
import { tomlText } from "./Build.ts"
import { toText } from "./MainOutput.ts"
import { Streams } from "./Streams.ts"
import * as Target from "./Target.ts"
import * as Version from "./Version.ts"

/** `pipelex resolve`: the method with every reference followed, as one document with a fingerprint. */
export interface ResolveOptions {
  readonly dirs: ReadonlyArray<string>
  readonly format: "json" | "toml" | undefined
  readonly libraryDirs: ReadonlyArray<string>
}

/** A copy with the value at a place replaced. */
const replacedIn = (value: JsonObject, path: ReadonlyArray<string | number>, by: Json): JsonObject => {
  const [key, ...rest] = path
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, name === key ? replaced(inner, rest, by) : inner])
  )
}

const replaced = (value: Json, path: ReadonlyArray<string | number>, by: Json): Json => {
  const [key, ...rest] = path
  if (key === undefined) return by
  if (Array.isArray(value)) return value.map((item: Json, at) => at === key ? replaced(item, rest, by) : item)
  return isObject(value) ? replacedIn(value, path, by) : value
}

const pipes = (library: Library): JsonObject => {
  const crate = Crate.of(library)
  return Object.fromEntries(
    Object.entries(crate.pipes).map(([ref, { blueprint, inputs, links, output }]) => {
      const defined = library.pipes.get(ref)
      const followed = (defined === undefined ? [] : Pipe.references(defined.blueprint)).reduce(
        (written, { path, ref: name }) => replacedIn(written, path, links[name] ?? name),
        blueprint
      )
      const slots = {
        inputs: Object.fromEntries(Object.entries(inputs).map(([name, slot]) => [name, Slot.show(slot)])),
        output: Slot.show(output)
      }
      return [ref, { ...followed, ...slots }]
    })
  )
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => a < b ? -1 : 1

const isHeld = (value: Json | undefined): boolean => value !== undefined && value !== null

/** Without what no document holds, keys in order, so that equal methods have equal fingerprints. */
const canonical = (value: Json): Json =>
  Array.isArray(value) ? value.map((item: Json) => canonical(item)) : isObject(value) ? canonicalObject(value) : value

const canonicalObject = (value: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(value).filter(([, inner]) => isHeld(inner)).toSorted(byName).map((
      [name, inner]
    ) => [name, canonical(inner)])
  )

/** What is data in a value. */
const plain = (value: unknown): JsonObject => JSON.parse(JSON.stringify(value))

export const document = (library: Library): JsonObject => {
  const content = canonicalObject(plain({
    mthds_version: Version.standard,
    concepts: Object.fromEntries(
      library.concepts.all().filter(({ domain }) => domain !== "native").map((concept) => [concept.ref, concept])
    ),
    pipes: pipes(library),
    domains: Object.fromEntries(library.domains)
  }))
  const fingerprint = `sha256:${createHash("sha256").update(JSON.stringify(content)).digest("hex")}`
  const sources = Object.fromEntries(Array.from(library.pipes.values(), ({ placed, ref }) => [ref, placed.file]))
  return { ...content, source_map: sources, fingerprint }
}

export const resolve = Effect.fn("Closure.resolve")(function*({ dirs, format, libraryDirs }: ResolveOptions) {
  const streams = yield* Streams
  const configuration = yield* Configuration.loadFrom(process.cwd())
  const [first, ...rest] = [...dirs, ...Target.searchPath(libraryDirs, configuration.locations)]
  const found = yield* Target.find({ kind: "bundle", target: first, libraryDirs: rest, compat: true }, configuration)
  const closure = document(yield* Target.library(found))
  yield* streams.result([(format === "toml" ? tomlText(closure) : toText(closure)).trimEnd()])
})
