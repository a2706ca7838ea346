/** Compares what a run asked with what was recorded. Wire model and sampling belong to the provider adapters, and are not looked at here. */
import * as Effect from "effect/Effect"
import { createHash } from "node:crypto"
import type { Json, JsonObject } from "../../src/concept/Json.ts"
import { close } from "../../src/concept/JsonSchema.ts"
import * as Mime from "../../src/document/Mime.ts"
import type { PipeFailure } from "../../src/failure/PipeFailure.ts"
import type { FileRef } from "../../src/program/Leaves.ts"
import { Files } from "../../src/provider/Files.ts"
import { object } from "./Corpus.ts"
import { between, type Difference, differs, first, texts } from "./Difference.ts"
import { comparable, type File, listing, type Recorded, type Recording } from "./Recording.ts"
import type { Exchange, Replay } from "./Replay.ts"
import * as SchemaForm from "./SchemaForm.ts"

const describe = Effect.fnUntraced(function*({ filename, url }: FileRef) {
  const files = yield* Files
  const { bytes } = yield* files.read(url, "a file of a prompt")
  const file: File = {
    mime: Mime.detect(bytes, filename) ?? "",
    sha256: createHash("sha256").update(bytes).digest("hex"),
    bytes: bytes.length
  }
  return file
})

const structures = (at: string, recorded: JsonObject | undefined, ours: JsonObject | undefined): Difference => {
  if (recorded === undefined || ours === undefined) {
    return recorded === ours
      ? undefined
      : `${at}: recorded ${recorded === undefined ? "a text" : "a structured"} request, ours ${
        ours === undefined ? "a text" : "a structured"
      } one`
  }
  if (recorded["mode"] === "json_object") return undefined
  const schema = object(recorded["schema"])
  const own = object(ours["schema"])
  const isClosed = schema["additionalProperties"] === false
  return first([
    recorded["name"] === ours["name"] ? undefined : differs(`${at} name`, recorded["name"], ours["name"]),
    between(`${at} schema`, SchemaForm.form(schema), SchemaForm.form(isClosed ? object(close(own)) : own))
  ])
}

const shownFiles = (files: ReadonlyArray<File>): Json =>
  files.map(({ bytes, mime, sha256 }) => ({ bytes, mime, sha256 }))

const one = Effect.fnUntraced(function*(at: string, { ours, recorded }: Exchange) {
  if (recorded === undefined) {
    return `${at}: ours asks ${JSON.stringify(ours.text.slice(0, 120))}, and nothing more was recorded`
  }
  const files = yield* Effect.forEach(ours.refs, describe)
  return first([
    recorded.structured?.["mode"] === "json_object"
      ? undefined
      : texts(`${at} system`, comparable(recorded.system ?? ""), comparable(ours.system ?? "")),
    texts(`${at} text`, comparable(recorded.text), comparable(ours.text)),
    between(`${at} files`, shownFiles(recorded.files), shownFiles(files)),
    structures(`${at} structure`, recorded.structured, ours.structured),
    recorded.turns === ours.turns
      ? undefined
      : `${at}: recorded after ${recorded.turns} re-asks, ours after ${ours.turns}`
  ])
}, (effect, at) => Effect.catch(effect, (failure: PipeFailure) => Effect.succeed(`${at} files: ${failure.message}`)))

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

export const compare = Effect.fnUntraced(function*(recording: Recording, replay: Replay) {
  const exchanges = replay.exchanges()
  const each = yield* Effect.forEach(exchanges, (exchange, index) => one(`request ${index + 1}`, exchange))
  const { maxInFlight, requests } = recording
  return first([
    ...each,
    missing(requests, exchanges),
    order(recording, exchanges),
    maxInFlight === undefined || replay.maxInFlight() <= maxInFlight
      ? undefined
      : `requests: at most ${maxInFlight} were in flight, ours ${replay.maxInFlight()}`
  ])
})

/** How many class listings are worded as recorded. For information: nobody has to. */
export const listings = (exchanges: ReadonlyArray<Exchange>): { readonly same: number; readonly other: number } => {
  const pairs = exchanges.flatMap(({ ours, recorded }) => {
    const wanted = recorded === undefined ? undefined : listing(recorded.text)
    return wanted === undefined || wanted.includes("<native class>") ? [] : [wanted === listing(ours.text)]
  })
  const same = pairs.filter(Boolean).length
  return { same, other: pairs.length - same }
}
