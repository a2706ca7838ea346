/** Faults of a provider: one request to a model, answered by a script, and what the run made of it. */
import { existsSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Json, JsonObject } from "../../src/concept/Json.ts"
import * as ErrorReport from "../../src/failure/ErrorReport.ts"
import type { PipeFailure } from "../../src/failure/PipeFailure.ts"
import type { Logged } from "../fake/FakeProvider.ts"
import { ofScript, type Rule } from "../fake/Rule.ts"
import { type Case, indexed, list, object, readJson, string } from "./Corpus.ts"
import { type Difference, differs, first } from "./Difference.ts"
import * as Outcomes from "./Outcomes.ts"
import { turns } from "./Recording.ts"

export interface Fault {
  /** `<adapter>/<name>`. */
  readonly name: string
  readonly features: ReadonlyArray<string>
  readonly recorded: JsonObject
  readonly rules: ReadonlyArray<Rule>
}

const entries = (folder: string): ReadonlyArray<string> => existsSync(folder) ? readdirSync(folder).toSorted() : []

const read = (root: string, path: string, known: ReadonlyArray<string> | undefined): Fault => {
  const recorded = object(readJson(join(root, "failures", path)))
  const kind = recorded["structured"] === true ? "structured" : "text"
  return {
    name: path.replace(/\.json$/, ""),
    features: known ?? [string(recorded["adapter"]) ?? "other", kind],
    recorded,
    rules: ofScript(recorded["script"])
  }
}

/** One file per fault, in a folder per adapter. */
export const faults = (root: string): ReadonlyArray<Fault> => {
  const folder = join(root, "failures")
  const tags = indexed(root)
  return entries(folder).filter((name) => !name.includes(".")).flatMap((adapter) =>
    entries(join(folder, adapter)).filter((name) => name.endsWith(".json")).map((file) => {
      const path = join(adapter, file)
      return read(root, path, tags.get(`failures/${path}`))
    })
  )
}

const card = `
[concept.Card]
description = "An index card"
[concept.Card.structure]
title = { type = "text", description = "Heading", required = true }
kind = { description = "Sort", choices = ["note", "task"], required = true }
`

/** The method that every fault was met by: one call of the model, for a text, a card or an image. */
const bundle = ({ recorded: { family, model, structured } }: Fault): string =>
  `domain = "lab"
description = "Conformance bundle"
main_pipe = "p"
${structured === true ? card : ""}
[pipe.p]
type = "${family === "img_gen" ? "PipeImgGen" : "PipeLLM"}"
description = "Say hello"
output = "${family === "img_gen" ? "Image" : structured === true ? "Card" : "Text"}"
model = "${string(model) ?? ""}"
prompt = "Hello"
`

/** The fault as a case in a folder of its own. */
export const prepare = (fault: Fault, folder: string): Case => {
  writeFileSync(join(folder, "bundle.mthds"), bundle(fault))
  return { kind: "failures", name: fault.name, folder, features: fault.features, settings: {} }
}

/** The client's patience where the provider delays its answer; no other case waits. */
export const timeoutSeconds = ({ rules }: Fault): number | undefined =>
  rules.some(({ reply }) => reply.delay_ms !== undefined) ? 0.5 : undefined

/** Waits are drawn from a range, and a busy machine adds to them. */
const shortest = 0.6
const slackSeconds = 5
const timerSeconds = 0.005

/** What the provider asked to wait. */
const askedSeconds = ({ reply: { headers = {} } }: Logged): number => {
  const millis = headers["retry-after-ms"]
  return millis === undefined ? Number(headers["retry-after"] ?? 0) : Number(millis) / 1000
}

/** A re-ask waits for nothing; a retry as long as the provider asked, else about as long as recorded. */
const gaps = (recorded: ReadonlyArray<Json>, sent: ReadonlyArray<Logged>): Difference =>
  first(
    sent.slice(1).map((next, index) => {
      const previous = sent[index] ?? next
      const gap = (next.time - previous.time) / 1000
      const wanted = Number(recorded[index])
      const isRetry = turns(previous.request.messages) === turns(next.request.messages)
      const least = isRetry ? Math.max(wanted * shortest, askedSeconds(previous)) - timerSeconds : 0
      return gap >= least && gap <= wanted + slackSeconds
        ? undefined
        : `gap ${index + 1}: recorded ${wanted} s, ours ${gap.toFixed(2)} s`
    })
  )

/** Messages per re-ask: Responses takes the answer and its faults as one item where the recording library put it so. */
const perTurn: Readonly<Record<string, number>> = { openai_responses: 1, openai_chat: 2, anthropic: 2 }

const reasks = ({ recorded }: Fault, sent: ReadonlyArray<Logged>): Difference => {
  if (recorded["message_counts"] === undefined) return undefined
  const step = perTurn[string(recorded["adapter"]) ?? ""] ?? 1
  const wanted = list(recorded["message_counts"]).map((count) => (Number(count) - 1) / step)
  const ours = sent.map(({ request }) => turns(request.messages))
  return JSON.stringify(wanted) === JSON.stringify(ours) ? undefined : differs("re-asks before", wanted, ours)
}

const attempts = (wanted: number, sent: ReadonlyArray<Logged>): Difference =>
  wanted === sent.length ? undefined : differs("attempts", wanted, sent.length)

/** What the provider said about its failure. What the recording leaves open, ours may know. */
const metadata = (recorded: JsonObject, ours: PipeFailure | undefined): Difference => {
  const own = ours === undefined ? undefined : ErrorReport.metadata(ours)
  const report: JsonObject = own === undefined ? {} : ErrorReport.providerReport(own)
  return first(
    ["status_code", "request_id", "retry_after_seconds", "provider_error_code"].map((key) =>
      recorded[key] === null || recorded[key] === undefined || recorded[key] === report[key]
        ? undefined
        : differs(`metadata.${key}`, recorded[key], report[key])
    )
  )
}

export const compare = (
  fault: Fault,
  failure: PipeFailure | undefined,
  sent: ReadonlyArray<Logged>
): Difference => {
  const { recorded } = fault
  const outcome = object(recorded["outcome"])
  return first([
    Outcomes.compare(outcome, failure),
    attempts(Number(recorded["attempts"]), sent),
    reasks(fault, sent),
    gaps(list(recorded["gaps_seconds"]), sent),
    metadata(object(outcome["provider_metadata"]), failure)
  ])
}
