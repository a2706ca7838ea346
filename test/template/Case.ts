/** Recorded cases: a template, its context, and what Python's Jinja2 or the reference runtime made of it. */
import { Result } from "effect"
import type { Category } from "../../src/template/Category.ts"
import { Dict } from "../../src/template/Dict.ts"
import type { TemplateFault } from "../../src/template/Fault.ts"
import type { TagStyle } from "../../src/template/Run.ts"
import * as Template from "../../src/template/Template.ts"
import type { Value } from "../../src/template/Value.ts"

export interface Case {
  readonly id: string
  readonly category: Category
  readonly template: string
  readonly context: Readonly<Record<string, unknown>>
  readonly tag_style?: TagStyle | null
  readonly declared_inputs?: ReadonlyArray<string>
  readonly hostile?: boolean
  readonly expected?: string
  readonly expected_length?: bigint
  readonly expected_sha256?: string
  readonly prints_host_object?: boolean
  readonly error?: string | { readonly kind: string; readonly line?: bigint }
}

/** Integers keep their size and floats stay floats, which plain JSON parsing loses. */
const lossless = (_: string, value: unknown, context?: { readonly source?: string }): unknown =>
  typeof value === "number" && /^-?[0-9]+$/.test(context?.source ?? "") ? BigInt(context?.source ?? 0) : value

export const read = (lines: string): ReadonlyArray<Case> =>
  lines.split("\n").filter((line) => line !== "").map((line): Case => JSON.parse(line, lossless))

const valueOf = (json: unknown): Value => {
  if (Array.isArray(json)) return json.map(valueOf)
  if (typeof json === "object" && json !== null) {
    return Dict.from(Object.entries(json).map(([key, item]) => [key, valueOf(item)] as const))
  }
  return typeof json === "string" || typeof json === "number" || typeof json === "boolean" || typeof json === "bigint"
    ? json
    : null
}

export const run = (recorded: Case): Result.Result<string, TemplateFault> => {
  const { category, context, declared_inputs: declared, tag_style: tagStyle = "xml", template } = recorded
  const values = Object.fromEntries(Object.entries(context).map(([name, value]) => [name, valueOf(value)]))
  const options = declared === undefined ? { category } : { category, declaredInputs: new Set(declared) }
  return Result.flatMap(
    Template.parse(template, options),
    (parsed) => Template.render(parsed, values, { tagStyle, textFormat: "plain" })
  )
}

export const kinds: ReadonlySet<string> = new Set(["invalid", "render", "refused", "budget", "name_conflict", "sigil"])
