import { codes } from "../failure/Codes.ts"
import type { Issue } from "../failure/Issue.ts"
import { field } from "../failure/IssueReport.ts"
import { cut, wrap } from "./Columns.ts"
import * as Style from "./Style.ts"

/** The faults of an invalid method for its author: grouped, numbered, each with its place, the lines there, and the way to mend it. */
export interface Options {
  readonly width?: number
  readonly style?: Style.Style
  /** The bundle as the user named it. */
  readonly bundle?: string
}

const groups = ["Blueprint", "Concept", "Pipe", "Dry-run"] as const
type Group = typeof groups[number]

const groupOf = (issue: Issue): Group => {
  if (issue.type === "DryRunError") return "Dry-run"
  if (issue.pipe !== undefined || issue.path[0] === "pipe" && issue.path.length > 1) return "Pipe"
  return issue.concept !== undefined || issue.path[0] === "concept" && issue.path.length > 1 ? "Concept" : "Blueprint"
}

/** `unresolved_pipe_dependency` → `Unresolved Pipe Dependency`; without a finer type, what the code says. */
const title = (issue: Issue): string =>
  issue.type === undefined || issue.type === "DryRunError"
    ? codes[issue.code].title
    : issue.type.split("_").map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(" ")

const position = (issue: Issue): string | undefined => {
  if (issue.file === undefined && issue.position === undefined) return undefined
  const at = issue.position === undefined ? [] : [`${issue.position.line}`, `${issue.position.column}`]
  return [issue.file ?? "line", ...at].join(":")
}

const indent = "   "

const item = (issue: Issue, number: number, columns: number, style: Style.Style): ReadonlyArray<string> => {
  const inner = columns - indent.length
  const line = (text: string): string => indent + cut(text, inner)
  const block = (mark: string, text: string): ReadonlyArray<string> =>
    wrap(text, inner - mark.length).map((part, index) =>
      `${indent}${index === 0 ? mark : " ".repeat(mark.length)}${part}`
    )
  const at = position(issue)
  const { excerpt, fix, message, path, suggestions = [] } = issue
  // a message may end with the same names
  const close = suggestions.filter((name) => !message.includes(`did you mean "${name}"`))
  return [
    style.strong(cut(`${number}. ${title(issue)}`, columns)),
    ...(at === undefined ? [] : [line(at)]),
    ...(excerpt === undefined
      ? []
      : excerpt.replace(/\n$/, "").split("\n").slice(0, 2).map((text) => style.faint(line(`│ ${text}`)))),
    ...(issue.pipe === undefined ? [] : [line(`Pipe: ${issue.pipe}`)]),
    ...(issue.concept === undefined ? [] : [line(`Concept: ${issue.concept}`)]),
    ...(issue.domain === undefined ? [] : [line(`Domain: ${issue.domain}`)]),
    ...block("", message),
    ...(fix === undefined ? [] : block("→ ", fix).map(style.good)),
    ...(close.length === 0
      ? []
      : block("", `Did you mean ${close.map((name) => `"${name}"`).join(" or ")}?`).map(style.good)),
    ...(path.length === 0 ? [] : [style.faint(line(`└─ Path: ${field(path)}`))])
  ]
}

export const lines = (issues: ReadonlyArray<Issue>, options: Options = {}): ReadonlyArray<string> => {
  const columns = options.width ?? 80
  const style = options.style ?? Style.plain
  const byGroup = groups
    .map((group) => ({ group, members: issues.filter((issue) => groupOf(issue) === group) }))
    .filter(({ members }) => members.length > 0)
  return [
    style.bad("❌ Bundle validation failed"),
    ...(options.bundle === undefined ? [] : [cut(`Bundle: ${options.bundle}`, columns)]),
    ...byGroup.flatMap(({ group, members }) =>
      ["", style.strong(cut(`${group} Validation Errors:`, columns))].concat(
        members.flatMap((issue, index) => item(issue, index + 1, columns, style))
      )
    )
  ]
}

export const render = (issues: ReadonlyArray<Issue>, options: Options = {}): string => lines(issues, options).join("\n")
