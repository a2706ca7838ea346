import { isObject, type Json } from "../concept/Json.ts"
import { clean, cut, padEnd, width as widthOf, wrap } from "./Columns.ts"
import * as Panel from "./Panel.ts"
import * as Style from "./Style.ts"

/** A content on a terminal: text as it is, an object as a table of its fields, a list as numbered rows. */
export interface Options {
  readonly width?: number
  readonly style?: Style.Style
}

const scalar = (value: Json): string => value === null ? "—" : typeof value === "string" ? value : JSON.stringify(value)

/** A value of any depth in one cell: fields and items below each other, indented. */
const nested = (value: Json, depth = 0): ReadonlyArray<string> => {
  const margin = "  ".repeat(Math.min(depth, 8))
  const entry = (mark: string, inside: Json): ReadonlyArray<string> =>
    isEmpty(inside) || !isObject(inside) && !Array.isArray(inside)
      ? [`${margin}${mark} ${nested(inside).join("\n")}`]
      : [`${margin}${mark}`, ...nested(inside, depth + 1)]
  if (Array.isArray(value)) return value.length === 0 ? ["—"] : value.flatMap((inside: Json) => entry("-", inside))
  if (!isObject(value)) return clean(scalar(value)).split("\n").map((line) => margin + line)
  return isEmpty(value) ? ["—"] : Object.entries(value).flatMap(([name, inside]) => entry(`${name}:`, inside))
}

const isEmpty = (value: Json): boolean =>
  Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0

type Row = readonly [left: string, right: Json]

/** Two columns between lines; the left one takes at most a third. */
const grid = (
  head: readonly [string, string],
  rows: ReadonlyArray<Row>,
  columns: number,
  style: Style.Style
): ReadonlyArray<string> => {
  const most = Math.max(3, Math.floor((columns - 7) / 3))
  const left = Math.min(most, Math.max(widthOf(head[0]), ...rows.map(([name]) => widthOf(clean(name)))))
  const right = Math.max(2, columns - 7 - left)
  const cells = rows.map(([name, value]) =>
    [wrap(name, left), nested(value).flatMap((line) => wrap(line, right))] as const
  )
  const used = Math.min(right, Math.max(widthOf(head[1]), ...cells.flatMap(([, texts]) => texts.map(widthOf))))
  const bar = style.faint("│")
  const line = (name: string, text: string): string =>
    `${bar} ${padEnd(name, left)} ${bar} ${padEnd(text, used)} ${bar}`
  const rule = (start: string, middle: string, end: string): string =>
    style.faint(`${start}${"─".repeat(left + 2)}${middle}${"─".repeat(used + 2)}${end}`)
  return [
    rule("╭", "┬", "╮"),
    line(style.strong(padEnd(cut(head[0], left), left)), style.strong(padEnd(cut(head[1], used), used))),
    rule("├", "┼", "┤"),
    ...cells.flatMap(([names, texts]) =>
      Array.from({ length: Math.max(names.length, texts.length, 1) }, (_, at) => line(names[at] ?? "", texts[at] ?? ""))
    ),
    rule("╰", "┴", "╯")
  ]
}

/** The one text of a content that is nothing but a text. */
const soleText = (content: Json): string | undefined => {
  if (typeof content === "string") return content
  if (!isObject(content) || Object.keys(content).length !== 1) return undefined
  const { text } = content
  return typeof text === "string" ? text : undefined
}

/** The lines that show a content: `{ text }` as text, `{ items }` of a plural stuff as its list. */
export const content = (value: Json, plural: boolean, options: Options = {}): ReadonlyArray<string> => {
  const columns = Math.max(12, options.width ?? 80)
  const style = options.style ?? Style.plain
  const items = plural && isObject(value) ? value["items"] : value
  if (Array.isArray(items)) {
    const rows = items.map((item: Json, at): Row => [String(at + 1), soleText(item) ?? item])
    return rows.length === 0 ? ["(an empty list)"] : grid(["#", "Value"], rows, columns, style)
  }
  const text = soleText(value)
  if (text !== undefined) return wrap(text, columns)
  return isObject(value) ? grid(["Attribute", "Value"], Object.entries(value), columns, style) : nested(value)
}

/** `Output of pipe write_pitch → Pitch` around a content. */
export const output = (
  pipe: string,
  concept: string,
  value: Json,
  plural: boolean,
  options: Options & { readonly title?: string } = {}
): ReadonlyArray<string> => {
  const columns = options.width ?? 80
  const name = `${options.title ?? "Output of pipe"} ${pipe} → ${concept.slice(concept.lastIndexOf(".") + 1)}${
    plural ? "[]" : ""
  }`
  return Panel.lines(name, content(value, plural, { ...options, width: Panel.inner(columns) }), {
    ...options,
    width: columns
  })
}
