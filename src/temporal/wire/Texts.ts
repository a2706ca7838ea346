import { textOf } from "../../concept/Json.ts"
import type { PipeInput, ShardInput } from "./Payload.ts"

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

export const codeOf = ({ crate, path, ref }: PipeInput): string => crate.pipes[ref]?.code ?? path.at(-1)?.code ?? ref

/** The line that stands for the pipe that an input is for. */
export const summaryOf = (input: PipeInput): string =>
  summary({ code: codeOf(input), description: textOf(input.crate.pipes[input.ref]?.blueprint ?? {}, "description") })

/** The items of a shard, as people count them. */
export const itemsOf = ({ from, items, of }: ShardInput["shard"]): string =>
  `items ${from + 1} to ${from + items.length} of ${of}`

/** A table of what a workflow with this input is about, in Markdown. */
export const detailsOf = (input: PipeInput & Partial<Pick<ShardInput, "shard">>): string => {
  const { crate, crateDigest, ref, scope } = input
  const pipe = crate.pipes[ref]
  const rows: ReadonlyArray<readonly [string, string]> = [
    ["Pipe", codeOf(input)],
    ["Items", input.shard === undefined ? "" : itemsOf(input.shard)],
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
