/** What a run left: its main output in three forms, and every value in memory. */
import type { Concepts } from "../../src/concept/Concept.ts"
import type { Json, JsonObject } from "../../src/concept/Json.ts"
import * as Render from "../../src/concept/Render.ts"
import { shapeOf, type Stuff } from "../../src/concept/Stuff.ts"
import * as WorkingMemory from "../../src/concept/WorkingMemory.ts"
import { object, string } from "./Corpus.ts"
import { between, type Difference, differs, first, texts } from "./Difference.ts"
import * as Moments from "./Moments.ts"

const stuff = (at: string, recorded: JsonObject, ours: Stuff | undefined): Difference => {
  if (ours === undefined) return `${at}: recorded ${string(recorded["concept"])}, ours nothing`
  return recorded["concept"] === ours.concept
    ? between(`${at}.content`, recorded["content"], ours.content)
    : differs(`${at}.concept`, recorded["concept"], ours.concept)
}

const names = (at: string, recorded: Iterable<string>, ours: Iterable<string>): Difference =>
  between(at, Array.from(recorded).toSorted(), Array.from(ours).toSorted())

/** An absence without its sentence. */
const absence = (written: Json | undefined): Json => {
  if (written === null || written === undefined) return null
  const { kind, producing_pipe: producer, upstream, variable_name: variable } = object(written)
  return {
    kind: kind ?? null,
    producing_pipe: producer ?? null,
    variable_name: variable ?? null,
    upstream: absence(upstream)
  }
}

const memory = (recorded: JsonObject, ours: WorkingMemory.WorkingMemory): Difference => {
  const root = object(recorded["root"])
  const absences = object(recorded["absences"])
  const own = object(WorkingMemory.toJson(ours)["absences"])
  return first([
    names("memory names", Object.keys(root), ours.root.keys()),
    ...Object.entries(root).map(([name, value]) => stuff(`memory.${name}`, object(value), ours.root.get(name))),
    between("aliases", object(recorded["aliases"]), Object.fromEntries(ours.aliases)),
    names("absences", Object.keys(absences), ours.absences.keys()),
    ...Object.keys(absences).map((name) => between(`absences.${name}`, absence(absences[name]), absence(own[name])))
  ])
}

const storedUrl = /(?:pipelex-storage:\/\/|storage:\/)[^\s)\]]+/g
const stored = "(stored)"

const urls = (value: Json): ReadonlyArray<string> =>
  Array.isArray(value)
    ? (value as ReadonlyArray<Json>).flatMap(urls)
    : Object.entries(object(value)).flatMap(([key, inner]) =>
      (key === "url" || key === "public_url") && typeof inner === "string" && inner !== "" ? [inner] : urls(inner)
    )

const comparable = (text: string): string =>
  Moments.plain(text).replaceAll(storedUrl, stored).replaceAll("public_url: None", `public_url: ${stored}`)

/** Where the recording shows a stored file, ours shows whatever url that file has here. */
const withStored = (text: string, content: JsonObject): string =>
  urls(content).toSorted((a, b) => b.length - a.length).reduce((shown, url) => shown.replaceAll(url, stored), text)

const rendered = (concepts: Concepts, recorded: JsonObject, ours: Stuff): Difference => {
  const shape = shapeOf(ours)
  const form = (format: "markdown" | "plain"): Difference => {
    const text = string(recorded[format])
    if (text === undefined) return undefined
    const own = Render.render(concepts, shape, ours.content, format)
    return texts(
      `main_rendered.${format}`,
      comparable(text),
      comparable(storedUrl.test(text) ? withStored(own, ours.content) : own)
    )
  }
  return first([
    recorded["json"] === undefined
      ? undefined
      : between("main_rendered.json", recorded["json"], Render.toJson(concepts, shape, ours.content)),
    form("markdown"),
    form("plain")
  ])
}

export const compare = (concepts: Concepts, recorded: JsonObject, ours: WorkingMemory.WorkingMemory): Difference => {
  const main = WorkingMemory.get(ours, WorkingMemory.main)
  const wanted = object(recorded["main"])
  const isAbsent = wanted["absent"] === true || Object.keys(wanted).length === 0
  const target = ours.aliases.get(WorkingMemory.main) ?? WorkingMemory.main
  return first([
    isAbsent
      ? (main === undefined ? undefined : `main: recorded nothing, ours ${main.concept}`)
      : stuff("main", wanted, main),
    main === undefined || isAbsent ? undefined : differsIn("main_stuff_name", recorded["main_stuff_name"], target),
    memory(object(recorded["memory"]), ours),
    main === undefined ? undefined : rendered(concepts, object(recorded["main_rendered"]), main)
  ])
}

const differsIn = (at: string, recorded: Json | undefined, ours: string): Difference =>
  recorded === undefined || recorded === null || recorded === ours ? undefined : differs(at, recorded, ours)
