import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"
import * as SchemaIssue from "effect/SchemaIssue"
import type { Issue } from "../failure/Issue.ts"
import { closest, didYouMean } from "../failure/Suggest.ts"

type Path = ReadonlyArray<string | number>

const excess = "unknown key; the keys are "
const missing = "missing key"

const keysOf = (ast: SchemaAST.AST): ReadonlyArray<string> =>
  ast._tag === "Objects" ? ast.propertySignatures.map(({ name }) => String(name)) : []

/** A step of a schema issue's path, bare or wrapped as the standard allows. */
const keyOf = (part: PropertyKey | { readonly key: PropertyKey }): string | number => {
  const key = typeof part === "object" ? part.key : part
  return typeof key === "number" ? key : String(key)
}

const format = SchemaIssue.makeFormatterStandardSchemaV1({
  leafHook: (leaf) =>
    leaf._tag === "UnexpectedKey"
      ? excess + keysOf(leaf.ast).join(" ")
      : leaf._tag === "MissingKey"
      ? missing
      : SchemaIssue.defaultLeafHook(leaf)
})

/** Faults that leave the rest of a table readable. */
const isExcess = (problem: string): boolean => problem.startsWith(excess)

/** Says what a schema's complaint means to an author. The value itself is never quoted. */
const message = (table: string, problem: string, path: Path): Pick<Issue, "message" | "suggestions" | "fix"> => {
  const key = String(path.at(-1) ?? "")
  if (problem === missing) return { message: `${table} has no ${path.join(".")}`, fix: `add ${key} = …` }
  if (isExcess(problem)) {
    const suggestions = closest(key, problem.slice(excess.length).split(" "))
    return {
      message: `${table} has the unknown key "${path.join(".")}"${didYouMean(suggestions)}`,
      suggestions,
      fix: suggestions[0] === undefined ? "take it out" : `write ${suggestions[0]}`
    }
  }
  return { message: `${path.join(".")} of ${table}: ${problem[0]?.toLowerCase() ?? ""}${problem.slice(1)}` }
}

/**
 * Decodes one closed table and adds every fault in it to `issues`. Answers what could be understood: a table spoiled by unknown keys
 * alone is read without them. `at` is the table's path from the file's root; `table` names it in messages.
 */
export const closedTable = <S extends Schema.ConstraintDecoder<unknown>>(
  schema: S,
  value: unknown,
  table: string,
  at: Path,
  issues: Array<Issue>,
  more: Partial<Issue> = {}
): S["Type"] | undefined => {
  const decoded = Schema.decodeUnknownResult(schema, { errors: "all", onExcessProperty: "error" })(value)
  if (Result.isSuccess(decoded)) return decoded.success
  const problems = format(decoded.failure.issue).issues
  for (const { message: problem, path = [] } of problems) {
    const inner = path.map(keyOf)
    const issue: Issue = { code: "method.schema_violation", path: at.concat(inner), message: "" }
    issues.push(Object.assign(issue, message(table, problem, inner), more))
  }
  if (!problems.every(({ message: problem }) => isExcess(problem))) return undefined
  const lenient = Schema.decodeUnknownResult(schema, { onExcessProperty: "ignore" })(value)
  return Result.isSuccess(lenient) ? lenient.success : undefined
}
