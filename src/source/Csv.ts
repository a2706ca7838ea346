import * as Result from "effect/Result"

/**
 * Tables of RFC 4180: comma-separated, quotes doubled inside quotes, line ends of either kind. Reads cells as text; what a cell means
 * is for the concept of the row.
 */
export interface Row {
  /** Line of the file on which the row starts. */
  readonly line: number
  readonly cells: ReadonlyArray<string>
}

export interface Table {
  readonly header: ReadonlyArray<string>
  readonly rows: ReadonlyArray<Row>
}

export type CsvFault =
  | { readonly _tag: "Empty"; readonly line: number }
  | { readonly _tag: "Unclosed"; readonly line: number }
  | { readonly _tag: "StrayQuote"; readonly line: number }
  | { readonly _tag: "Width"; readonly line: number; readonly expected: number; readonly found: number }
  | { readonly _tag: "UnnamedColumn"; readonly line: number; readonly column: number }
  | { readonly _tag: "DuplicateColumn"; readonly line: number; readonly name: string }

const plain = /[^",\r\n]*/y
const quoted = /"([^"]*(?:""[^"]*)*)"/y
const separator = /,|\r\n|\n|\r|$/y

const records = (text: string): Result.Result<ReadonlyArray<Row>, CsvFault> => {
  const rows: Array<Row> = []
  let cells: Array<string> = []
  let line = 1
  let start = 1
  let at = 0
  while (at < text.length || cells.length > 0) {
    const isQuoted = text[at] === "\""
    const pattern = isQuoted ? quoted : plain
    pattern.lastIndex = at
    const cell = pattern.exec(text)
    if (cell === null) return Result.fail({ _tag: "Unclosed", line })
    cells.push(isQuoted ? (cell[1] ?? "").replaceAll("\"\"", "\"") : cell[0])
    line += cell[0].split("\n").length - 1
    at = pattern.lastIndex
    separator.lastIndex = at
    const end = separator.exec(text)
    if (end === null) return Result.fail({ _tag: "StrayQuote", line })
    at = separator.lastIndex
    if (end[0] === ",") continue
    const isBlank = cells.length === 1 && cells[0] === "" && !isQuoted
    if (!isBlank) rows.push({ line: start, cells })
    cells = []
    line += 1
    start = line
  }
  return Result.succeed(rows)
}

/** The table, or its first fault. Blank lines are passed over; a header is needed, with names that are there and differ. */
export const parse = (text: string): Result.Result<Table, CsvFault> => {
  const read = records(text.replace(/^\ufeff/, ""))
  if (Result.isFailure(read)) return Result.fail(read.failure)
  const [first, ...rows] = read.success
  if (first === undefined) return Result.fail({ _tag: "Empty", line: 1 })
  const { line } = first
  const header = first.cells.map((name) => name.trim())
  const unnamed = header.indexOf("")
  if (unnamed >= 0) return Result.fail({ _tag: "UnnamedColumn", line, column: unnamed + 1 })
  const name = header.find((each, index) => header.indexOf(each) < index)
  if (name !== undefined) return Result.fail({ _tag: "DuplicateColumn", line, name })
  const odd = rows.find(({ cells }) => cells.length !== header.length)
  if (odd !== undefined) {
    return Result.fail({ _tag: "Width", line: odd.line, expected: header.length, found: odd.cells.length })
  }
  return Result.succeed({ header, rows })
}

/** The fault as a clause; cells are never quoted. */
export const explain = (fault: CsvFault): string => {
  const at = `line ${fault.line}`
  switch (fault._tag) {
    case "Empty":
      return "the table has no header row"
    case "Unclosed":
      return `${at}: a quoted cell is not closed`
    case "StrayQuote":
      return `${at}: a quote stands inside a cell; quote the whole cell and double the quotes in it`
    case "Width":
      return `${at}: ${fault.found} cells where the header has ${fault.expected}`
    case "UnnamedColumn":
      return `${at}: column ${fault.column} has no name`
    default:
      return `${at}: column "${fault.name}" is there twice`
  }
}
