/** The recorded requests of a run, and which of them a request of ours stands for. */
import { createHash } from "node:crypto"
import type { Json, JsonObject } from "../../src/concept/Json.ts"
import type { Sent } from "../../src/direct/Recorded.ts"
import type { FileRef } from "../../src/program/Leaves.ts"
import { list, object, string } from "./Corpus.ts"
import * as Moments from "./Moments.ts"

export interface File {
  readonly mime: string
  readonly sha256: string
  readonly bytes: number
}

export interface Request {
  readonly system: string | undefined
  readonly text: string
  readonly files: ReadonlyArray<File>
  readonly structured: JsonObject | undefined
  /** How often it was asked again before this. */
  readonly turns: number
}

export interface Recorded extends Request {
  readonly index: number
  readonly digest: string
  readonly reply: JsonObject
}

export interface Recording {
  readonly requests: ReadonlyArray<Recorded>
  readonly isOrdered: boolean
  readonly maxInFlight: number | undefined
}

const textOf = (parts: ReadonlyArray<JsonObject>): string =>
  parts.flatMap((part) => part["type"] === "text" ? [string(part["text"]) ?? ""] : []).join("\n")

const fileOf = (part: JsonObject): ReadonlyArray<File> =>
  typeof part["sha256"] === "string"
    ? [{ mime: string(part["mime"]) ?? "", sha256: part["sha256"], bytes: Number(part["bytes"]) }]
    : []

/** The library of the reference puts the schema into the system text in this mode, and the recording left it out. */
const isOwnSystem = (request: JsonObject): boolean => object(request["structured"])["mode"] !== "json_object"

const read = (written: Json, index: number): Recorded => {
  const request = object(written)
  const messages = list(request["messages"]).map(object)
  const users = messages.filter(({ role }) => role === "user")
  const answers = messages.filter(({ role }) => role === "assistant")
  const parts = list(users[0]?.["parts"]).map(object)
  const { structured } = request
  return {
    index,
    system: isOwnSystem(request) ? string(request["system"]) : undefined,
    text: textOf(parts),
    files: parts.flatMap(fileOf),
    structured: structured === null || structured === undefined ? undefined : object(structured),
    // A re-ask comes as a further message of the user, or as the result of a tool that the model called.
    turns: Math.max(0, users.length - 1, answers.length),
    digest: string(request["prompt_sha256"]) ?? "",
    reply: object(request["reply"])
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

/** What was sent, before its files are read. */
export interface Asked {
  readonly system: string | undefined
  readonly text: string
  readonly refs: ReadonlyArray<FileRef>
  readonly structured: JsonObject | undefined
  readonly turns: number
}

export const asked = ({ job, turns }: Sent): Asked => {
  const prompt = "prompt" in job ? job.prompt : "query" in job ? job.query : ""
  const structured = "structure" in job
    ? { name: job.structure.name, schema: job.structure.schema }
    : undefined
  return typeof prompt === "string"
    ? { system: undefined, text: prompt, refs: [], structured, turns: turns.length }
    : {
      system: prompt.system,
      text: prompt.user,
      refs: [...prompt.images, ...prompt.documents],
      structured,
      turns: turns.length
    }
}

export const digest = ({ system, text }: Pick<Asked, "system" | "text">): string =>
  createHash("sha256").update(`${system ?? ""}\n${text}`).digest("hex")

const block = /\[structure\]\n([\s\S]*?)\n\[\/structure\]/g

/** The text without the description of the structure, which anybody may word differently. */
const withoutListing = (text: string): string => text.replaceAll(block, "[structure][/structure]")

/** The text as far as it is compared. */
export const comparable = (text: string): string => Moments.plain(withoutListing(text))

export const listing = (text: string): string | undefined => new RegExp(block.source).exec(text)?.[1]

/** The recorded request that ours stands for: by digest, else by text, else the next one. */
export const match = (unused: ReadonlyArray<Recorded>, ours: Asked): Recorded | undefined => {
  const sameTurn = unused.filter(({ turns }) => turns === ours.turns)
  const wanted = digest(ours)
  const text = comparable(ours.text)
  return sameTurn.find((each) => each.digest === wanted && each.turns === 0) ??
    sameTurn.find((each) =>
      comparable(each.text) === text && (each.system === undefined || each.system === ours.system)
    ) ??
    unused[0]
}
