/** Compares what reached the provider with what was recorded. */
import { isObject, type Json, type JsonObject } from "../../src/concept/Json.ts"
import { close } from "../../src/concept/JsonSchema.ts"
import type { Part, Request, Structured } from "../fake/Request.ts"
import { object } from "./Corpus.ts"
import { between, type Difference, differs, first, texts } from "./Difference.ts"
import {
  comparable,
  firstParts,
  firstText,
  listing,
  type Recorded,
  type Recording,
  system,
  turns
} from "./Recording.ts"
import type { Exchange } from "./Replay.ts"
import * as SchemaForm from "./SchemaForm.ts"
import * as Turns from "./Turns.ts"

/** Fields that change nothing of what is asked. */
const incidental: ReadonlySet<string> = new Set(["stream", "seed", "store"])

const telling = (other: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(other).filter(([key]) => !incidental.has(key)))

/** A key that this recording does not have says nothing. */
const equal = (at: string, recorded: Json | undefined, ours: Json | undefined): Difference =>
  recorded === undefined ? undefined : between(at, recorded, ours ?? null)

/** Names of documents are made up; that there is one is what counts. */
const shown = (part: Part): JsonObject => {
  if (!("sha256" in part)) return { type: part.type }
  const { bytes, detail, filename, mime, sha256, type } = part
  return {
    type,
    mime: mime ?? null,
    sha256: sha256 ?? null,
    bytes: bytes ?? null,
    detail: detail ?? null,
    isNamed: filename !== undefined
  }
}

const schemas = (at: string, recorded: JsonObject, ours: JsonObject): Difference => {
  // A schema is closed where the API demands it, which is a matter of the mechanism.
  const isClosed = [recorded, ours].some((schema) => schema["additionalProperties"] === false)
  const form = (schema: JsonObject): Json => SchemaForm.form(isClosed ? object(close(schema)) : schema)
  return between(`${at} schema`, form(recorded), form(ours))
}

const structures = (at: string, recorded: JsonObject, ours: Structured): Difference => {
  const areTools = recorded["mode"] === "tool" && ours.mode === "tool"
  return first([
    recorded["name"] === undefined || ours.name === undefined
      ? undefined
      : equal(`${at} name`, recorded["name"], ours.name),
    areTools ? equal(`${at} description`, recorded["description"], ours.description) : undefined,
    areTools ? equal(`${at} choice`, recorded["choice"], ours.choice as Json | undefined) : undefined,
    schemas(at, object(recorded["schema"]), ours.schema)
  ])
}

const kind = (isStructured: boolean): string => isStructured ? "a structured" : "a text"

const structured = (at: string, recorded: Json | undefined, ours: Request): Difference => {
  if (isObject(recorded) && ours.structured !== null) return structures(at, recorded, ours.structured)
  return isObject(recorded) === (ours.structured !== null)
    ? undefined
    : `${at}: recorded ${kind(isObject(recorded))} request, ours ${kind(ours.structured !== null)} one`
}

const one = (at: string, { ours, recorded }: Exchange): Difference => {
  const text = firstText(ours.messages)
  if (recorded === undefined) {
    return `${at}: ours asks ${JSON.stringify(text.slice(0, 120))}, and nothing more was recorded`
  }
  const { messages, written } = recorded
  const wanted = system(recorded)
  return first([
    equal(`${at} api`, written["api"], ours.api),
    equal(`${at} model`, written["model"], ours.model),
    wanted === undefined ? undefined : texts(`${at} system`, comparable(wanted), comparable(ours.system ?? "")),
    texts(`${at} text`, comparable(recorded.text), comparable(text)),
    between(`${at} parts`, firstParts(messages).map(shown), firstParts(ours.messages).map(shown)),
    structured(`${at} structure`, written["structured"], ours),
    equal(`${at} max_tokens`, written["max_tokens"], ours.max_tokens),
    equal(`${at} temperature`, written["temperature"], ours.temperature),
    written["other"] === undefined
      ? undefined
      : between(`${at} other`, telling(object(written["other"])), telling(ours.other)),
    recorded.turns === turns(ours.messages)
      ? Turns.compare(at, messages, ours)
      : `${at}: recorded after ${recorded.turns} re-asks, ours after ${turns(ours.messages)}`
  ])
}

const order = ({ isOrdered }: Recording, exchanges: ReadonlyArray<Exchange>): Difference => {
  const at = isOrdered
    ? exchanges.findIndex(({ recorded }, index) => recorded !== undefined && recorded.index !== index)
    : -1
  return at < 0
    ? undefined
    : `request ${at + 1}: ours comes in place ${at + 1}, recorded in place ${(exchanges[at]?.recorded?.index ?? 0) + 1}`
}

const missing = (requests: ReadonlyArray<Recorded>, exchanges: ReadonlyArray<Exchange>): Difference => {
  const seen = new Set(exchanges.map(({ recorded }) => recorded))
  const lost = requests.find((each) => !seen.has(each))
  return lost === undefined
    ? undefined
    : `requests: recorded ${requests.length}, ours ${exchanges.length}: nothing asks ${
      JSON.stringify(lost.text.slice(0, 120))
    }`
}

export const compare = (
  recording: Recording,
  exchanges: ReadonlyArray<Exchange>,
  mostInFlight: number
): Difference => {
  const { maxInFlight, requests } = recording
  return first([
    ...exchanges.map((exchange, index) => one(`request ${index + 1}`, exchange)),
    missing(requests, exchanges),
    order(recording, exchanges),
    maxInFlight === undefined || mostInFlight <= maxInFlight
      ? undefined
      : differs("requests in flight", maxInFlight, mostInFlight)
  ])
}

/** How many class listings are worded as recorded. For information: nobody has to. */
export const listings = (exchanges: ReadonlyArray<Exchange>): { readonly same: number; readonly other: number } => {
  const pairs = exchanges.flatMap(({ ours, recorded }) => {
    const wanted = recorded === undefined ? undefined : listing(recorded.text)
    return wanted === undefined || wanted.includes("<native class>")
      ? []
      : [wanted === listing(firstText(ours.messages))]
  })
  const same = pairs.filter(Boolean).length
  return { same, other: pairs.length - same }
}
