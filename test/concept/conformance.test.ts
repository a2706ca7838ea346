import { assert, describe, it } from "@effect/vitest"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { basename, join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Concepts } from "../../src/concept/Concept.ts"
import { isArray, isObject, type Json, type JsonObject } from "../../src/concept/Json.ts"
import { close, outputSchemaOf, slotSchemaOf } from "../../src/concept/JsonSchema.ts"
import { classListing } from "../../src/concept/Listing.ts"
import * as Render from "../../src/concept/Render.ts"
import type { Multiplicity } from "../../src/concept/Slot.ts"
import type { Shape } from "../../src/concept/Stuff.ts"
import * as Reader from "./Reader.ts"

const root = fileURLToPath(new URL("../../../shared/conformance/", import.meta.url))

const folders = ["runs", "methods", "validation"].flatMap((kind) => {
  const folder = join(root, kind)
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []
})

const json = (file: string): JsonObject => {
  const value: unknown = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {}
  return isObject(value) ? value : {}
}

const object = (value: Json | undefined): JsonObject => isObject(value) ? value : {}
const list = (value: Json | undefined): ReadonlyArray<Json> => isArray(value) ? value : []
const text = (value: Json | undefined): string => typeof value === "string" ? value : ""

/** Folders that have what is looked for, with it. */
const recorded = <A>(
  found: (folder: string) => ReadonlyArray<A>
): ReadonlyArray<readonly [name: string, folder: string, found: ReadonlyArray<A>]> =>
  folders.map((folder) => [basename(folder), folder, found(folder)] as const).filter(([, , { length }]) => length > 0)

/**
 * Words about the fields of natives were left out of the recording, and are this runtime's own. The reference breaks long lines of
 * other descriptions, and the order of `required` is nobody's.
 */
const comparable = (schema: Json, isNative: boolean): Json => {
  if (isArray(schema)) return schema.map((each) => comparable(each, isNative))
  if (!isObject(schema)) return schema
  const entries = Object.entries(schema).flatMap(([key, value]): ReadonlyArray<readonly [string, Json]> => {
    if (key === "description" && typeof value === "string") {
      return isNative
        ? []
        : [[key, value.replaceAll(/\s+/g, " ")]]
    }
    if (key === "required") return [[key, list(value).map(text).toSorted()]]
    if (key !== "$defs") return [[key, comparable(value, isNative)]]
    const definitions = Object.entries(object(value)).map(([name, each]) =>
      [name, comparable(each, isNative || name.endsWith("Content"))] as const
    )
    return [[key, Object.fromEntries(definitions)]]
  })
  return Object.fromEntries(entries)
}

/** Whether a concept's fields are a native's. */
const isBorrowed = (concepts: Concepts, ref: string): boolean => concepts.structureOwner(ref).startsWith("native.")

/** One side of a contract: what the slot is for, and what was recorded of it. */
type Side = readonly [role: "input" | "output", slot: JsonObject]

const multiplicity = (slot: JsonObject): Multiplicity =>
  slot["multiplicity"] === "single" ? "single" : typeof slot["item_count"] === "number" ? slot["item_count"] : "list"

const absent = () => it.skip("are not compared: the shared conformance corpus is absent", () => undefined)

describe("the recorded contracts of pipes", () => {
  const contracts = recorded((folder) => {
    const verdict = json(join(folder, "verdict.json"))
    const written = object(
      verdict["pipe_io_contracts"] ?? json(join(folder, "expected", "validation.json"))["pipe_io_contracts"]
    )
    return Object.values(written).map(object).flatMap(({ inputs, output }) =>
      Object.values(object(inputs)).map((slot): Side => ["input", object(slot)]).concat([["output", object(output)]])
    )
  })
  if (contracts.length === 0) return absent()

  it.each(contracts)("of %s hold the JSON schemas that the concepts have here", (_, folder, slots) => {
    const concepts = Reader.read(folder)
    for (const [role, slot] of slots) {
      const concept = text(slot["concept_ref"])
      const isNative = isBorrowed(concepts, concept)
      const ours = slotSchemaOf(concepts, { concept, multiplicity: multiplicity(slot), presence: "plain" }, role)
      assert.deepStrictEqual(comparable(ours, isNative), comparable(slot["json_schema"] ?? null, isNative))
    }
  })
})

/** The requests that ask for an object, each with what it says of it. */
const requests = (folder: string): ReadonlyArray<JsonObject> =>
  list(json(join(folder, "expected", "requests.json"))["requests"]).map(object).filter((request) =>
    isObject(request["structured"])
  )

const nameOf = (request: JsonObject): string => text(object(request["structured"])["name"])

const wanted = (concepts: Concepts, name: string): string | undefined =>
  concepts.all().find(({ ref }) => concepts.className(ref) === name.replace(/^ListOf/, ""))?.ref

describe("the recorded requests for objects", () => {
  const asked = recorded((folder) => requests(folder).filter((request) => nameOf(request) !== ""))
  if (asked.length === 0) return absent()

  it.each(asked)("of %s carry the JSON schema that is sent here", (_, folder, found) => {
    const concepts = Reader.read(folder)
    for (const request of found) {
      const { name, schema } = object(request["structured"])
      const ref = wanted(concepts, text(name)) ?? ""
      const ours = outputSchemaOf(concepts, ref, text(name).startsWith("ListOf"))
      const isClosed = object(schema)["additionalProperties"] === false
      const sent = object(isClosed ? close(ours.schema) : ours.schema)
      // The chat interface takes the title and the description of the whole beside the schema.
      const { description: _words, title: _title, ...bare } = sent
      const isBare = object(schema)["title"] === undefined
      const isNative = isBorrowed(concepts, ref)
      assert.strictEqual(ours.name, name)
      assert.deepStrictEqual(comparable(isBare ? bare : sent, isNative), comparable(schema ?? null, isNative))
    }
  })

  it.each(asked)("of %s describe the object in the same words", (_, folder, found) => {
    const concepts = Reader.read(folder)
    for (const request of found) {
      const words = list(request["messages"]).flatMap((message) => list(object(message)["parts"])).map((part) =>
        text(object(part)["text"])
      ).join("\n")
      const listing = /\[structure\]\n([^]*?)\n\[\/structure\]/.exec(words)?.[1]
      const ref = wanted(concepts, nameOf(request)) ?? ""
      if (listing === undefined || listing.startsWith("<native")) continue
      const ours = classListing(concepts, ref)
      assert.strictEqual(ours, listing)
    }
  })
})

/** Components of a composite are only known to the run that made them; here, by what they hold. */
const shapeOf = (main: JsonObject): Shape => ({
  concept: text(main["concept"]),
  plural: main["content_class"] === "ListContent"
})

/** Dates and times inside structures are tables of host facts in the reference, and ISO here. */
const isMarked = (output: JsonObject): boolean => JSON.stringify(output["main_rendered"]).includes("__class__")

describe("the recorded outputs", () => {
  const outputs = recorded((folder) => {
    const output = json(join(folder, "expected", "output.json"))
    return isObject(output["main_rendered"]) ? [output] : []
  })
  if (outputs.length === 0) return absent()

  it.each(outputs.filter(([, , [output]]) => output !== undefined && !isMarked(output)))(
    "of %s are rendered as here",
    (_, folder, found) => {
      const concepts = Reader.read(folder)
      for (const output of found) {
        const main = object(output["main"])
        const shape = shapeOf(main)
        const content = object(main["content"])
        const { json: written, markdown, plain } = object(output["main_rendered"])
        assert.strictEqual(Render.render(concepts, shape, content, "plain"), plain)
        assert.strictEqual(Render.render(concepts, shape, content, "markdown"), markdown)
        assert.deepStrictEqual(JSON.parse(Render.render(concepts, shape, content, "json")), written)
      }
    }
  )
})
