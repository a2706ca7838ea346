import { textOf } from "../../concept/Json.ts"
import type { PipeInput } from "./Payload.ts"

/** What operators read of a run on the server's pages. */
const encoder = new TextEncoder()

/** Bytes of UTF-8. */
export const size = (text: string): number => encoder.encode(text).length

/** At most `most` bytes of the text, the mark that something was cut off included. */
export const cut = (text: string, most: number, ellipsis = "…"): string => {
  if (size(text) <= most) return text
  const room = most - size(ellipsis)
  let kept = ""
  let used = 0
  for (const character of text) {
    used += size(character)
    if (used > room) break
    kept += character
  }
  return kept + ellipsis
}

const longestSummary = 200
const longestDetails = 20_000

/** One line, as short as the server wants it. */
export const line = (text: string): string => cut(text.replaceAll(/\s+/g, " ").trim(), longestSummary)

/** The line that stands for a pipe. */
export const summary = ({ code, description }: { readonly code: string; readonly description: string }): string =>
  line(description.trim() === "" ? code : `${code} — ${description}`)

const cell = (value: string): string =>
  `\`${value.replaceAll("`", "'").replaceAll("|", "\\|").replaceAll(/\s+/g, " ")}\``

/** The line that stands for the pipe that an input is for. */
export const summaryOf = ({ crate, path, ref }: PipeInput): string =>
  summary({ code: path.at(-1)?.code ?? ref, description: textOf(crate.pipes[ref]?.blueprint ?? {}, "description") })

/** A table of what a workflow with this input is about, in Markdown. */
export const detailsOf = ({ crate, crateDigest, path, ref, scope }: PipeInput): string => {
  const pipe = crate.pipes[ref]
  const rows: ReadonlyArray<readonly [string, string]> = [
    ["Pipe", path.at(-1)?.code ?? ref],
    ["Domain", pipe?.domain ?? ""],
    ["Pipeline run", scope.runId],
    ["User", scope.userId],
    ["Session", scope.sessionId ?? ""],
    ["Library crate", crateDigest.slice(0, 12)],
    ["Input", Object.keys(pipe?.inputs ?? {}).join(", ")]
  ]
  const table = rows.filter(([, value]) => value !== "").map(([field, value]) => `| ${field} | ${cell(value)} |`)
  return cut(["| Field | Value |", "| --- | --- |", ...table].join("\n"), longestDetails)
}
