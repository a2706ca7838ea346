import { cut, padEnd, width as widthOf } from "./Columns.ts"
import * as Style from "./Style.ts"

/** A rounded box with a title, as wide as the terminal allows or as its content needs. */
export interface Options {
  readonly width?: number
  readonly style?: Style.Style
}

/** Columns inside a panel of `columns`. */
export const inner = (columns: number): number => Math.max(2, columns - 4)

export const lines = (title: string, body: ReadonlyArray<string>, options: Options = {}): ReadonlyArray<string> => {
  const columns = Math.max(8, options.width ?? 80)
  const style = options.style ?? Style.plain
  const name = cut(title, columns - 6)
  const room = Math.min(inner(columns), Math.max(widthOf(name) + 2, ...body.map(widthOf)))
  const side = style.faint("│")
  const heading = name === "" ? "" : ` ${name} `
  const rest = Math.max(0, room + 1 - widthOf(heading))
  return [
    style.faint("╭─") + style.strong(heading) + style.faint(`${"─".repeat(rest)}╮`),
    ...body.map((line) => `${side} ${padEnd(widthOf(line) > room ? cut(line, room) : line, room)} ${side}`),
    style.faint(`╰${"─".repeat(room + 2)}╯`)
  ]
}
