import * as Predicate from "effect/Predicate"
import { isObject, type JsonObject, own, textOf } from "../../concept/Json.ts"

/**
 * Puts the events of a streamed text answer together. Only what a text answer is made of is kept: what the model thought, and calls that
 * nobody offered it, are passed over.
 */
export interface Assembled {
  /** Whether the last event came: without it, the text may be half of the answer. */
  readonly isComplete: boolean
  /** The message as an answer that is not streamed has it. */
  readonly message: JsonObject
}

/** How far the reading of a stream is. */
export interface Progress {
  /** How many events came. None at all by the end means that the body was no event stream. */
  events: number
}

/** What an event says of a key, looked for one level down. */
const inside = (event: JsonObject, key: string): JsonObject => {
  const value = own(event, key)
  return isObject(value) ? value : {}
}

const known = (usage: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== null))

const isStream = (answer: unknown): answer is AsyncIterable<unknown> =>
  Predicate.hasProperty(answer, Symbol.asyncIterator)

/** Reads a stream to its end, and fails as it fails. */
export const assemble = async (answer: unknown, progress: Progress): Promise<Assembled> => {
  const text: Array<string> = []
  let usage: JsonObject = {}
  let stop: JsonObject = {}
  let isComplete = false
  const readers: Readonly<Record<string, (event: JsonObject) => void>> = {
    message_start: (event) => {
      usage = known(inside(inside(event, "message"), "usage"))
    },
    content_block_start: (event) => {
      text.push(textOf(inside(event, "content_block"), "text"))
    },
    content_block_delta: (event) => {
      text.push(textOf(inside(event, "delta"), "text"))
    },
    message_delta: (event) => {
      // Counts are running totals, so that the last ones are the answer's.
      usage = { ...usage, ...known(inside(event, "usage")) }
      stop = { stop_reason: own(inside(event, "delta"), "stop_reason") ?? null }
    },
    message_stop: () => {
      isComplete = true
    }
  }
  for await (const event of isStream(answer) ? answer : []) {
    progress.events += 1
    if (isObject(event)) own(readers, textOf(event, "type"))?.(event)
  }
  return { isComplete, message: { content: [{ type: "text", text: text.join("") }], ...stop, usage } }
}
