import { count, dollars, plural } from "./Amounts.ts"
import { cut, padEnd, padStart, wrap } from "./Columns.ts"
import * as LeafUsage from "./LeafUsage.ts"
import * as Style from "./Style.ts"

/** What a run cost, by model. A price that is not known makes an unknown cost, which is said, and never counted as nothing. */
export interface Row {
  readonly model: string
  readonly backend: string | undefined
  readonly type: string
  readonly requests: number
  readonly input: number
  readonly cached: number
  readonly output: number
  /** Pages, images and whatever else is priced by the piece. */
  readonly pieces: Readonly<Record<string, number>>
  readonly cost: number | undefined
  readonly simulated: boolean
}

const merged = (row: Row, other: Row): Row => ({
  ...row,
  requests: row.requests + other.requests,
  input: row.input + other.input,
  cached: row.cached + other.cached,
  output: row.output + other.output,
  pieces: Object.fromEntries(
    Array.from(
      new Set([...Object.keys(row.pieces), ...Object.keys(other.pieces)]),
      (category) => [category, (row.pieces[category] ?? 0) + (other.pieces[category] ?? 0)]
    )
  ),
  cost: row.cost === undefined || other.cost === undefined ? undefined : row.cost + other.cost
})

/** One row per model, backend and type, in the order of first use. Leaves that asked no model have none. */
export const rows = (leaves: ReadonlyArray<LeafUsage.LeafUsage>, priceOf: LeafUsage.Prices): ReadonlyArray<Row> => {
  const found = new Map<string, Row>()
  for (const consumed of leaves) {
    const { leaf, model, usage } = consumed
    const type = LeafUsage.family(leaf)
    if (type === undefined || model === undefined) continue
    const simulated = usage.simulated === true
    const key = JSON.stringify([model, usage.backend, type, simulated])
    const row: Row = {
      model,
      backend: usage.backend,
      type,
      requests: usage.requests,
      input: usage.units["input"] ?? 0,
      cached: usage.units["input_cached"] ?? 0,
      output: usage.units["output"] ?? 0,
      pieces: Object.fromEntries(LeafUsage.pieces(usage.units)),
      cost: LeafUsage.costOf(consumed, priceOf),
      simulated
    }
    const before = found.get(key)
    found.set(key, before === undefined ? row : merged(before, row))
  }
  return Array.from(found.values())
}

/** The known part; undefined when nothing is known. */
export const total = (table: ReadonlyArray<Row>): number | undefined => {
  const known = table.flatMap(({ cost }) => cost === undefined ? [] : [cost])
  return known.length === 0 && table.length > 0 ? undefined : known.reduce((sum, cost) => sum + cost, 0)
}

/** For programs. An unknown cost is null. */
export const toJson = (table: ReadonlyArray<Row>) => ({
  total_cost: total(table) ?? null,
  is_complete: table.every(({ cost }) => cost !== undefined),
  by_model: table.map(({ cached, cost, input, model, output, pieces, simulated, type }) => ({
    model,
    model_type: type,
    nb_tokens_input: input,
    ...(cached === 0 ? {} : { nb_tokens_input_cached: cached }),
    nb_tokens_output: output,
    ...(Object.keys(pieces).length === 0 ? {} : { nb_units: pieces }),
    cost: cost ?? null,
    ...(simulated ? { simulated } : {})
  }))
})

export const pieceText = (pieces: Row["pieces"]): string =>
  Object.entries(pieces).map(([category, amount]) => `${count(amount)} ${category}`).join(", ")

/** Without the sign of a dollar when another unit is asked for: then the title says which. */
const money = (row: { readonly cost: number | undefined; readonly simulated?: boolean }, unit: number): string =>
  row.simulated === true
    ? "simulated"
    : row.cost === undefined
    ? "unknown"
    : unit === 1
    ? dollars(row.cost)
    : dollars(row.cost / unit).replace("$", "")

export interface Options {
  readonly width?: number
  readonly style?: Style.Style
  readonly runId?: string
  /** `cost_report_unit_scale`, in USD: what the costs are divided by. */
  readonly unit?: number
}

/** What was spent on a run that failed, in a line; nothing when no model was asked, or only the simulated one. */
export const untilFailure = (table: ReadonlyArray<Row>): ReadonlyArray<string> => {
  const real = table.filter(({ simulated }) => !simulated)
  const requests = real.reduce((sum, row) => sum + row.requests, 0)
  if (requests === 0) return []
  const [sum, isComplete] = [total(real), real.every(({ cost }) => cost !== undefined)]
  const known = sum === undefined ? "unknown" : `${isComplete ? "" : "at least "}${dollars(sum)}`
  return [`Cost until the failure: ${known} in ${plural(requests, "request")}`]
}

const notes = (table: ReadonlyArray<Row>): ReadonlyArray<string> => {
  const unknown = Array.from(new Set(table.filter(({ cost }) => cost === undefined).map(({ model }) => model)))
  return [
    ...(unknown.length === 0 ? [] : [`The price of ${unknown.join(", ")} is not known: the total may be higher.`]),
    ...(table.some(({ simulated }) => simulated) ? ["Simulated answers cost nothing and come from no model."] : [])
  ]
}

/** Nothing at all when no model was asked. */
export const lines = (table: ReadonlyArray<Row>, options: Options = {}): ReadonlyArray<string> => {
  if (table.length === 0) return []
  const columns = options.width ?? 80
  const style = options.style ?? Style.plain
  const unit = options.unit ?? 1
  const cells = table.map((row) => [
    row.model,
    row.type,
    count(row.requests),
    Object.keys(row.pieces).length === 0 || row.input > 0 ? count(row.input) : pieceText(row.pieces),
    row.cached === 0 ? "" : count(row.cached),
    row.output === 0 && Object.keys(row.pieces).length > 0 ? "" : count(row.output),
    money(row, unit)
  ])
  const all = [
    ["Model", "Type", "Requests", "Input", "Cached", "Output", "Cost"],
    ...cells,
    ["Total", "", "", "", "", "", money({ cost: total(table) }, unit)]
  ]
  const widths = all.reduce<ReadonlyArray<number>>(
    (most, row) => row.map((cell, at) => Math.max(most[at] ?? 0, cell.length)),
    []
  )
  const others = widths.slice(1).reduce((wide, column) => wide + column + 2, 0)
  const first = Math.max(8, Math.min(widths[0] ?? 0, columns - others))
  const line = (row: ReadonlyArray<string>): string =>
    cut(
      row.map((cell, at) =>
        at === 0
          ? padEnd(cut(cell, first), first)
          : at === 1
          ? padEnd(cell, widths[at] ?? 0)
          : padStart(cell, widths[at] ?? 0)
      ).join("  "),
      columns
    )
  const rule = style.faint("─".repeat(Math.min(columns, first + others)))
  const [head = [], ...body] = all
  return [
    ...wrap(
      `Costs${options.runId === undefined ? "" : ` of run ${options.runId}`} (estimates, ${
        unit === 1 ? "USD" : `in ${unit} USD`
      })`,
      columns
    ).map(style.strong),
    line(head),
    rule,
    ...body.slice(0, -1).map(line),
    rule,
    style.strong(line(body.at(-1) ?? [])),
    ...notes(table).flatMap((note) => wrap(note, columns)).map(style.faint)
  ]
}
