/**
 * The shorthands of prompts: `$name` for a value, `@name` alone on its line for a tagged block, `@?name` for one that may be
 * absent. They are rewritten to tags before parsing, on the same line, and each piece of the result remembers its origin.
 */
import type { Position, TemplateFault } from "./Fault.ts"

interface Rewritten {
  readonly text: string
  /** From a position in the rewritten text to the original's. */
  readonly original: (at: Position) => Position
  readonly warnings: ReadonlyArray<Warning>
}

export interface Warning {
  readonly message: string
  readonly line: number
  readonly column: number
  readonly name: string
}

export interface Options {
  readonly declaredInputs?: ReadonlySet<string>
  /** Reads an inline `@name` of a declared input as `$name`, with a warning, instead of refusing it. */
  readonly lenient?: boolean
}

interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

const word = /[\p{L}\p{N}_]/u
const identifier = /[a-zA-Z_][a-zA-Z0-9_]*(?:\.[a-zA-Z_][a-zA-Z0-9_]*)*/y
const opensAfterBlank = /[ \t]+[({"']/y

const matchAt = (pattern: RegExp, line: string, at: number): string | undefined => {
  pattern.lastIndex = at
  return pattern.exec(line)?.[0]
}

const before = (line: string, at: number): string => {
  const unit = line[at - 1] ?? ""
  return /[\udc00-\udfff]/.test(unit) ? line.slice(at - 2, at) : unit
}

const value = (name: string): string => `{{ ${name}|format() }}`
const tagged = (name: string): string => `{{ ${name}|tag("${name}") }}`

const dollar = (line: string, at: number): Edit | undefined => {
  if (word.test(before(line, at))) return undefined
  const whole = matchAt(identifier, line, at + 1)
  if (whole === undefined) return undefined
  // A blank and an opener after a name leave it alone; of a dotted name they then only take the last field away.
  const isOpened = matchAt(opensAfterBlank, line, at + 1 + whole.length) !== undefined
  const name = isOpened ? whole.slice(0, Math.max(0, whole.lastIndexOf("."))) : whole
  if (name === "") return undefined
  return { start: at, end: at + 1 + name.length, text: value(name) }
}

const isBlank = (text: string): boolean => /^[ \t]*$/.test(text)

const rootOf = (name: string): string => name.split(".")[0] ?? name

type Refuse = (message: string, column: number, name: string) => TemplateFault

const onlyUnusualBlanks = (text: string): boolean => text.trim() === ""

const at = (
  line: string,
  start: number,
  options: Options,
  refuse: Refuse,
  warn: (message: string, column: number, name: string) => void
): Edit | TemplateFault | undefined => {
  const optional = line[start + 1] === "?"
  const from = start + (optional ? 2 : 1)
  const name = matchAt(identifier, line, from)
  if (name === undefined) return undefined
  const end = from + name.length
  if (isBlank(line.slice(0, start)) && isBlank(line.slice(end))) {
    return { start, end, text: optional ? `{% if ${name} %}${tagged(name)}{% endif %}` : tagged(name) }
  }
  if (word.test(before(line, start)) || options.declaredInputs?.has(rootOf(name)) !== true) return undefined
  if (options.lenient === true) {
    warn(`"@${name}" stands inside a line: it is read as "$${name}"`, start, name)
    return { start, end, text: optional ? `{% if ${name} %}${value(name)}{% endif %}` : value(name) }
  }
  const padded = onlyUnusualBlanks(line.slice(0, start)) && onlyUnusualBlanks(line.slice(end))
  return refuse(
    padded
      ? `the line of "@${name}" is padded with blanks that are not ASCII`
      : `"@${name}" must stand alone on its line; inside a line write "$${name}"`,
    start,
    name
  )
}

/** `@@` and `$$` stand for the character itself. */
const escaped = (line: string, start: number): Edit | undefined =>
  line[start] === line[start + 1] ? { start, end: start + 2, text: line[start] ?? "" } : undefined

const apply = (line: string, edits: ReadonlyArray<Edit>): string => {
  let out = ""
  let from = 0
  for (const edit of edits) {
    out += line.slice(from, edit.start) + edit.text
    from = edit.end
  }
  return out + line.slice(from)
}

/** Where a column of the rewritten line comes from: inside an edit, its start. */
const columnOf = (edits: ReadonlyArray<Edit>, column: number): number => {
  let shift = 0
  for (const { end, start, text } of edits) {
    const made = start + shift
    if (column - 1 < made) break
    if (column - 1 < made + text.length) return start + 1
    shift += text.length - (end - start)
  }
  return column - shift
}

const editLine = (
  line: string,
  options: Options,
  refuse: Refuse,
  warn: (message: string, column: number, name: string) => void
): ReadonlyArray<Edit> | TemplateFault => {
  const edits: Array<Edit> = []
  for (let index = 0; index < line.length; index++) {
    const character = line[index]
    if (character !== "$" && character !== "@") continue
    const edit = escaped(line, index) ??
      (character === "$" ? dollar(line, index) : at(line, index, options, refuse, warn))
    if (edit === undefined) continue
    if ("kind" in edit) return edit
    edits.push(edit)
    index = edit.end - 1
  }
  return edits
}

export const rewrite = (source: string, options: Options = {}): Rewritten | TemplateFault => {
  const lines = source.replace(/\r\n?/g, "\n").split("\n")
  const edited: Array<ReadonlyArray<Edit>> = []
  const warnings: Array<Warning> = []
  const out: Array<string> = []
  for (const [index, line] of lines.entries()) {
    const refuse: Refuse = (message, column, name) => ({
      kind: "sigil",
      message,
      line: index + 1,
      column: column + 1,
      name
    })
    const warn = (message: string, column: number, name: string): void =>
      void warnings.push({ message, line: index + 1, column: column + 1, name })
    const edits = line.includes("$") || line.includes("@") ? editLine(line, options, refuse, warn) : []
    if ("kind" in edits) return edits
    edited.push(edits)
    out.push(apply(line, edits))
  }
  const original = ({ column, line }: Position): Position => ({
    line,
    column: columnOf(edited[line - 1] ?? [], column)
  })
  return { text: out.join("\n"), original, warnings }
}
