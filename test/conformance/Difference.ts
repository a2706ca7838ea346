/** Recorded values against ours, up to what differs between two runs of the same method: where files are stored, when, and how many digits. */
import { isObject, type Json, type JsonObject } from "../../src/concept/Json.ts"
import { string } from "./Corpus.ts"

export type Difference = string | undefined

const shown = (value: Json | undefined): string => {
  const text = value === undefined ? "nothing" : JSON.stringify(value)
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}

export const differs = (at: string, recorded: Json | undefined, ours: Json | undefined): string =>
  `${at}: recorded ${shown(recorded)}, ours ${shown(ours)}`

export const first = (differences: Iterable<Difference>): Difference => {
  for (const difference of differences) if (difference !== undefined) return difference
  return undefined
}

const stored = /^(?:pipelex-storage:\/\/|storage:\/)/

const momentText = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.0+)?(?:Z|\+00:?00)?$/

/** One spelling for the same moment. */
const moment = (text: string): string => {
  const match = momentText.exec(text)
  return match === null ? text.replace(/^(\d{2}:\d{2}:\d{2})\.0+$/, "$1") : `${match[1]}T${match[2]}`
}

/** The reference writes a date inside a structure as an object that carries its class. */
const unmarked = (value: JsonObject): Json | undefined => {
  if (!Object.hasOwn(value, "__class__")) return undefined
  return value[string(value["__class__"]) ?? ""] ?? null
}

const placeholders: Readonly<Record<string, (value: Json) => boolean>> = {
  "<str>": (value) => typeof value === "string",
  "<int>": (value) => typeof value === "number",
  "<float>": (value) => typeof value === "number",
  "<bool>": (value) => typeof value === "boolean"
}

const masks = /<(?:uuid|id|run|case)>/

const matchesMasked = (mask: string, text: string): boolean =>
  new RegExp(`^${mask.split(masks).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")).join(".*")}$`, "s")
    .test(text)

const sameText = (recorded: string, ours: string): boolean =>
  recorded === ours || moment(recorded) === moment(ours) || (masks.test(recorded) && matchesMasked(recorded, ours))

const keys = (value: JsonObject): ReadonlyArray<string> => Object.keys(value).filter((key) => value[key] !== null)

/** The first place where two values differ. A null and a key that is not there are the same. */
export const between = (at: string, recorded: Json | undefined, ours: Json | undefined): Difference => {
  if (typeof recorded === "string") {
    if (stored.test(recorded)) {
      return ours === undefined || ours === null || typeof ours === "string"
        ? undefined
        : differs(at, recorded, ours)
    }
    const placeholder = Object.hasOwn(placeholders, recorded) ? placeholders[recorded] : undefined
    if (placeholder !== undefined) return placeholder(ours ?? null) ? undefined : differs(at, recorded, ours)
    return typeof ours === "string" && sameText(recorded, ours) ? undefined : differs(at, recorded, ours)
  }
  if (Array.isArray(recorded)) {
    if (!Array.isArray(ours)) return differs(at, recorded, ours)
    if (recorded.length !== ours.length) return `${at}: recorded ${recorded.length} items, ours ${ours.length}`
    return first(recorded.map((item: Json, index) => between(`${at}[${index}]`, item, ours[index])))
  }
  if (isObject(recorded)) {
    const marked = unmarked(recorded)
    if (marked !== undefined) return between(at, marked, ours)
    if (!isObject(ours)) return differs(at, recorded, ours)
    const names = new Set([...keys(recorded), ...keys(ours)])
    return first(Array.from(names, (name) => between(`${at}.${name}`, recorded[name], ours[name])))
  }
  return (recorded ?? null) === (ours ?? null) ? undefined : differs(at, recorded, ours)
}

/** Where two texts part, with a little of what stands there. */
export const texts = (at: string, recorded: string, ours: string): Difference => {
  if (recorded === ours || sameText(recorded, ours)) return undefined
  let index = 0
  while (recorded[index] === ours[index]) index++
  const from = Math.max(0, index - 20)
  return `${at}: from character ${index}: recorded ${shown(recorded.slice(from, index + 80))}, ours ${
    shown(ours.slice(from, index + 80))
  }`
}
