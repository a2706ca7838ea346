import { type CodeEntry, codes } from "../failure/Codes.ts"
import { metadata, retryAfter } from "../failure/ErrorReport.ts"
import type { PipeFailure } from "../failure/PipeFailure.ts"
import { plural } from "./Amounts.ts"
import { clip, padEnd, wrap } from "./Columns.ts"
import * as Style from "./Style.ts"

/**
 * A failure as people read it: what went wrong and in which pipe, the five facts, the code, the place, and last what the provider
 * said. The same block for a run in this process and a durable one, at most fifteen lines, whatever the failure holds.
 */
export interface Options {
  readonly width?: number
  readonly style?: Style.Style
  /** Workflow id, for a durable run. */
  readonly run?: string
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** What went wrong, and in which pipe. */
export const headline = ({ code, location, reason }: PipeFailure): string => {
  const detail = reason.detail.trim() === "" ? codes[code].title : reason.detail
  return location.pipe === undefined ? capital(detail) : `Pipe "${location.pipe}" failed: ${detail}`
}

const tries = ({ attempts }: PipeFailure): string => {
  const parts = [
    attempts?.transport === undefined ? [] : [plural(attempts.transport, "request")],
    attempts?.reask === undefined ? [] : [plural(attempts.reask, "answer")],
    attempts?.activity === undefined ? [] : [`activity attempt ${attempts.activity}`]
  ].flat()
  return parts.length === 0 ? "" : ` (after ${parts.join(", ")})`
}

const codeLine = (failure: PipeFailure): string => {
  const { domain, retry }: CodeEntry = codes[failure.code]
  const seconds = retryAfter(failure)
  return `${failure.code} (domain ${domain}, retry ${retry}${
    seconds === undefined ? "" : `, after ${Math.ceil(seconds)} s`
  })`
}

/** The codes from the entry to the failing pipe; of a long chain the first and as many of the last as there is room for. */
const path = (pipes: ReadonlyArray<string>, columns: number): string => {
  const shorter = pipes.slice(2).map((_, at) => [pipes[0], "…", ...pipes.slice(at + 2)].join(" > "))
  const fits = [pipes.join(" > "), ...shorter].find((text) => text.length <= columns)
  return fits ?? pipes.at(-1) ?? ""
}

const place = ({ location }: PipeFailure, columns: number): string => {
  const about = [
    location.item === undefined ? [] : [`item ${location.item + 1}`],
    location.succeeded === undefined ? [] : [`${plural(location.succeeded, "item")} had succeeded`],
    location.input === undefined ? [] : [`input "${location.input}"`],
    location.field === undefined ? [] : [`field ${location.field}`]
  ].flat().join(", ")
  const at = path(location.path ?? (location.pipe === undefined ? [] : [location.pipe]), columns - about.length - 3)
  return about === "" ? at : at === "" ? about : `${at} (${about})`
}

const providerWords = (failure: PipeFailure): string | undefined => {
  const said = metadata(failure)
  if (said?.message === undefined || said.message.trim() === "") return undefined
  const facts = [
    said.status === undefined ? [] : [`HTTP ${said.status}`],
    said.requestId === undefined ? [] : [`request ${said.requestId}`]
  ].flat().join(", ")
  return `${said.provider} said${facts === "" ? "" : ` (${facts})`}: ${said.message.replace(/\s+/g, " ")}`
}

const labelled = "Suggested action: ".length

export const lines = (failure: PipeFailure, options: Options = {}): ReadonlyArray<string> => {
  const columns = options.width ?? 80
  const style = options.style ?? Style.plain
  const beside = Math.max(10, columns - labelled)
  const row = (label: string, value: string, most = 1): ReadonlyArray<string> =>
    clip(wrap(value, beside), most, beside).map((text, index) =>
      style.faint(padEnd(index === 0 ? `${label}:` : "", labelled)) + text
    )
  const where = place(failure, beside)
  const said = providerWords(failure)
  return [
    ...clip(wrap(headline(failure), columns), 3, columns).map(style.bad),
    "",
    ...row("Category", failure.category ?? "none"),
    ...row("Retryable", `${failure.retryable ? "yes" : "no"}${tries(failure)}`),
    ...row("Model", failure.model ?? "none"),
    ...row("Provider", failure.provider ?? "none"),
    ...row("Suggested action", failure.suggestedAction.detail, 2),
    ...row("Code", codeLine(failure)),
    ...(where === "" ? [] : row("Location", where)),
    ...(options.run === undefined ? [] : row("Run", options.run)),
    ...(said === undefined ? [] : clip(wrap(said, columns), 2, columns).map(style.faint))
  ]
}

export const render = (failure: PipeFailure, options: Options = {}): string => lines(failure, options).join("\n")
