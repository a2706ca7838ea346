import { clip, cut, padEnd, width as widthOf, wrap } from "../report/Columns.ts"
import type { Shown } from "./Streams.ts"

/** Rows in columns. While they are too wide, the widest column that can be broken between words gives way, and then the widest. */
const gap = 2
const narrowest = 8
const mostLines = 6

const most = (rows: ReadonlyArray<ReadonlyArray<string>>, sizeOf: (cell: string) => number): Array<number> =>
  rows.reduce<Array<number>>((sizes, row) => row.map((cell, at) => Math.max(sizes[at] ?? 0, sizeOf(cell))), [])

const longestWord = (cell: string): number => Math.max(...cell.split(/\s+/).map(widthOf))

const widths = (rows: ReadonlyArray<ReadonlyArray<string>>, columns: number): ReadonlyArray<number> => {
  const sizes = most(rows, widthOf)
  const words = most(rows, longestWord)
  const widest = (least: (at: number) => number): number =>
    sizes.reduce((found, size, at) => size > least(at) && size > (sizes[found] ?? 0) ? at : found, -1)
  for (let over = sizes.reduce((sum, size) => sum + size + gap, -gap) - columns; over > 0; over--) {
    const soft = widest((at) => Math.max(narrowest, words[at] ?? 0))
    const chosen = soft < 0 ? widest(() => narrowest) : soft
    if (chosen < 0) break
    sizes[chosen] = (sizes[chosen] ?? 0) - 1
  }
  return sizes
}

export const lines = (
  head: ReadonlyArray<string>,
  body: ReadonlyArray<ReadonlyArray<string>>,
  { style, width }: Shown
): ReadonlyArray<string> => {
  const sizes = widths([head, ...body], width)
  const row = (cells: ReadonlyArray<string>): ReadonlyArray<string> => {
    const texts = cells.map((cell, at) => clip(wrap(cell, sizes[at] ?? narrowest), mostLines, sizes[at] ?? narrowest))
    const height = Math.max(1, ...texts.map(({ length }) => length))
    return Array.from(
      { length: height },
      (_, line) => texts.map((text, at) => padEnd(text[line] ?? "", sizes[at] ?? 0)).join(" ".repeat(gap)).trimEnd()
    )
  }
  const rule = "─".repeat(Math.min(width, sizes.reduce((sum, each) => sum + each + gap, -gap)))
  return [
    ...row(head).map(style.strong),
    style.faint(rule),
    ...body.flatMap(row).map((line) => widthOf(line) > width ? cut(line, width) : line)
  ]
}
