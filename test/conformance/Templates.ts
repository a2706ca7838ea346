/** The template snippets: equal text, or a fault of the recorded kind; a hostile one may also end in any other fault, but soon. */
import * as Result from "effect/Result"
import { createHash } from "node:crypto"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import * as Snippet from "../template/Case.ts"
import { type Difference, differs, texts } from "./Difference.ts"

export interface Line {
  readonly name: string
  readonly features: ReadonlyArray<string>
  readonly compare: () => Difference
}

const longestMillis = 1000

const faulted = (
  recorded: Snippet.Case,
  { kind, line, message }: { readonly kind: string; readonly line: number; readonly message: string }
): Difference => {
  if (recorded.hostile === true) return undefined
  const { error } = recorded
  if (typeof error !== "object") return `recorded a text, ours ${kind}: ${message}`
  if (error.kind !== "other" && error.kind !== kind) return differs("fault", error.kind, kind)
  return error.line === undefined || Number(error.line) === line ? undefined : differs("line", Number(error.line), line)
}

const rendered = (recorded: Snippet.Case, text: string): Difference => {
  if (recorded.expected !== undefined) return texts("text", recorded.expected, text)
  if (recorded.prints_host_object === true) return undefined
  if (recorded.expected_sha256 === undefined) {
    const fault = JSON.stringify(
      recorded.error,
      (_, value: unknown) => typeof value === "bigint" ? Number(value) : value
    )
    return `recorded ${fault}, ours a text of ${text.length} characters`
  }
  const digest = createHash("sha256").update(text).digest("hex")
  return digest === recorded.expected_sha256 ? undefined : differs("sha256", recorded.expected_sha256, digest)
}

const compare = (recorded: Snippet.Case): Difference => {
  const start = performance.now()
  const result = Snippet.run(recorded)
  const millis = performance.now() - start
  if (millis > longestMillis) return `it took ${Math.round(millis)} ms`
  return Result.isFailure(result) ? faulted(recorded, result.failure) : rendered(recorded, result.success)
}

const readAll = (file: string): ReadonlyArray<Snippet.Case> | string => {
  try {
    return Snippet.read(readFileSync(file, "utf8"))
  } catch (error) {
    return `the file cannot be read: ${String(error)}`
  }
}

export const lines = (root: string): ReadonlyArray<Line> => {
  const file = join(root, "templates", "cases.jsonl")
  if (!existsSync(file)) return []
  const read = readAll(file)
  if (typeof read === "string") return [{ name: "cases.jsonl", features: ["unreadable"], compare: () => read }]
  return read.map((recorded) => ({
    name: recorded.id,
    features: ["tag" in recorded && typeof recorded.tag === "string" ? recorded.tag : recorded.category],
    compare: () => compare(recorded)
  }))
}
