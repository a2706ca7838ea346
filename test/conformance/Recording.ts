/** The recorded requests of a run, and which of them a request of ours stands for. */
import { createHash } from "node:crypto"
import type { Json, JsonObject } from "../../src/concept/Json.ts"
import { isText, type Message, type Part, promptText, type Request } from "../fake/Request.ts"
import type { Reply } from "../fake/Rule.ts"
import { list, object, string } from "./Corpus.ts"
import * as Moments from "./Moments.ts"

export interface Recorded {
  readonly index: number
  /** The normalised request, and `prompt_sha256` and `reply`. Older recordings lack some of its keys. */
  readonly written: JsonObject
  readonly messages: ReadonlyArray<Message>
  readonly text: string
  readonly turns: number
  readonly reply: Reply
}

export interface Recording {
  readonly requests: ReadonlyArray<Recorded>
  readonly isOrdered: boolean
  readonly maxInFlight: number | undefined
}

/** What the user says before anything is asked again. */
export const firstParts = (messages: ReadonlyArray<Message>): ReadonlyArray<Part> =>
  messages.find(({ role }) => role === "user")?.parts ?? []

export const firstText = (messages: ReadonlyArray<Message>): string =>
  firstParts(messages).filter(isText).map(({ text }) => text).join("\n")

const answering: ReadonlySet<string> = new Set(["user", "tool", "function_call_output"])

/** How often it was asked again before this: what was wrong is said by the user, or as the result of the tool that was called. */
export const turns = (messages: ReadonlyArray<Message>): number =>
  Math.max(0, messages.filter(({ role }) => answering.has(role)).length - 1)

const read = (request: Json, index: number): Recorded => {
  const written = object(request)
  const messages = list(written["messages"]) as unknown as ReadonlyArray<Message>
  return {
    index,
    written,
    messages,
    text: firstText(messages),
    turns: turns(messages),
    reply: object(written["reply"])
  }
}

export const recording = (written: Json | undefined): Recording => {
  const { max_in_flight: most, order, requests } = object(written)
  return {
    requests: list(requests).map(read),
    isOrdered: order !== "set",
    maxInFlight: typeof most === "number" ? most : undefined
  }
}

const block = /\[structure\]\n([\s\S]*?)\n\[\/structure\]/g

/** The text as far as it is compared: without the description of a structure, which anybody may word differently. */
export const comparable = (text: string): string => Moments.plain(text.replaceAll(block, "[structure][/structure]"))

export const listing = (text: string): string | undefined => new RegExp(block.source).exec(text)?.[1]

/** The recorded system text, where it is the method's: in JSON mode a library adds the schema, and some modes a line of their own. */
export const system = ({ written }: Recorded): string | undefined =>
  written["system"] === undefined || object(written["structured"])["mode"] === "json_object"
    ? undefined
    : string(written["system"]) ?? ""

const digest = (request: Request): string => createHash("sha256").update(promptText(request)).digest("hex")

/** The recorded request that ours stands for: by digest, else by text, else the next one. */
export const match = (unused: ReadonlyArray<Recorded>, ours: Request): Recorded | undefined => {
  const sameTurn = unused.filter((each) => each.turns === turns(ours.messages))
  const wanted = digest(ours)
  const text = comparable(firstText(ours.messages))
  return sameTurn.find(({ written }) => written["prompt_sha256"] === wanted) ??
    sameTurn.find((each) => comparable(each.text) === text && [undefined, ours.system ?? ""].includes(system(each))) ??
    unused[0]
}
