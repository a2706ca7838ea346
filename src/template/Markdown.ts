/**
 * Markdown to HTML: headings, paragraphs, lists, quotes, code, tables, rules, emphasis, links and images. Raw HTML is shown as text, and
 * an address that would run something becomes no link. It never backtracks: the work is linear in the text, nesting is bounded.
 */
import { inline } from "./MarkdownInline.ts"
import { escapeMarkup } from "./MarkdownText.ts"

const deepest = 16

const heading = /^ {0,3}(#{1,6})(?:[ \t]+|$)/
const rule = /^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/
const fence = /^ {0,3}(`{3,}|~{3,})[ \t]*([^`\s]*)/
const quote = /^ {0,3}> ?/
const bullet = /^( {0,3})([-+*])([ \t]+|$)/
const ordered = /^( {0,3})(\d{1,9})[.)]([ \t]+|$)/
const tableRule = /^[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/
const isBlank = (line: string): boolean => line.trim() === ""

class Lines {
  readonly #lines: ReadonlyArray<string>
  #next = 0
  constructor(lines: ReadonlyArray<string>) {
    this.#lines = lines
  }
  get current(): string | undefined {
    return this.#lines[this.#next]
  }
  get following(): string | undefined {
    return this.#lines[this.#next + 1]
  }
  take(): string {
    return this.#lines[this.#next++] ?? ""
  }
  while(holds: (line: string) => boolean): ReadonlyArray<string> {
    const taken: Array<string> = []
    while (this.current !== undefined && holds(this.current)) taken.push(this.take())
    return taken
  }
}

const startsBlock = (line: string): boolean =>
  [heading, rule, fence, quote, bullet].some((pattern) => pattern.test(line)) || /^ {0,3}1[.)][ \t]/.test(line)

const headingOf = (line: string): string => {
  const [mark = "", hashes = ""] = heading.exec(line) ?? []
  let text = line.slice(mark.length).trim()
  const end = text.length - (/#*$/.exec(text.slice(-64))?.[0].length ?? 0)
  if (end === 0 || text[end - 1] === " ") text = text.slice(0, end).trim()
  return `<h${hashes.length}>${inline(text)}</h${hashes.length}>`
}

const fenced = (lines: Lines): string => {
  const [, mark = "", language = ""] = fence.exec(lines.take()) ?? []
  const code = lines.while((line) =>
    !(line.trim().startsWith(mark) && line.trim() === mark[0]?.repeat(line.trim().length))
  )
  lines.take()
  const kind = language === "" ? "" : ` class="language-${escapeMarkup(language)}"`
  return `<pre><code${kind}>${escapeMarkup(code.map((line) => `${line}\n`).join(""))}</code></pre>`
}

const indented = (lines: Lines): string => {
  const code = lines.while((line) => /^(?: {4}|\t)/.test(line) || isBlank(line)).map((line) =>
    line.replace(/^(?: {4}|\t)/, "")
  )
  return `<pre><code>${escapeMarkup(`${code.join("\n").trimEnd()}\n`)}</code></pre>`
}

const quoted = (lines: Lines, depth: number): string => {
  const inner = lines.while((line) => quote.test(line)).map((line) => line.replace(quote, ""))
  return `<blockquote>\n${blocks(inner, depth + 1)}</blockquote>`
}

const marker = (line: string, numbered: boolean): RegExpExecArray | null => (numbered ? ordered : bullet).exec(line)

const listed = (lines: Lines, numbered: boolean, depth: number): string => {
  const items: Array<Array<string>> = []
  const kind = marker(lines.current ?? "", numbered)
  let loose = false
  for (let line = lines.current; line !== undefined; line = lines.current) {
    const found = marker(line, numbered)
    if (found === null || rule.test(line) || (!numbered && found[2] !== kind?.[2])) break
    const [mark = ""] = found
    const width = Math.min(mark.length, (found[1]?.length ?? 0) + (found[2]?.length ?? 1) + (numbered ? 1 : 0) + 4)
    const item = [lines.take().slice(width)]
    const margin = " ".repeat(width)
    for (let next = lines.current; next !== undefined; next = lines.current) {
      if (isBlank(next)) {
        const after = lines.following ?? ""
        if (!after.startsWith(margin) && marker(after, numbered) === null) break
        if (after.startsWith(margin) || marker(after, numbered) !== null) loose = true
        item.push("")
        lines.take()
      } else if (next.startsWith(margin)) item.push(lines.take().slice(width))
      else if (!startsBlock(next) && marker(next, true) === null && !isBlank(item.at(-1) ?? "")) {
        item.push(lines.take().trimStart())
      } else break
    }
    items.push(item)
  }
  const start = numbered && kind?.[2] !== undefined && Number(kind[2]) !== 1 ? ` start="${Number(kind[2])}"` : ""
  const tag = numbered ? "ol" : "ul"
  const body = items.map((item) => `<li>${loose ? `\n${blocks(item, depth + 1)}` : tight(item, depth + 1)}</li>\n`)
    .join("")
  return `<${tag}${start}>\n${body}</${tag}>`
}

/** In a list without blank lines, items are not paragraphs. */
const tight = (item: ReadonlyArray<string>, depth: number): string => {
  const made = blocks(item, depth)
  return made.replace(/^<p>([^]*?)<\/p>\n/, (_, text: string) => made === `<p>${text}</p>\n` ? text : `${text}\n`)
}

const cells = (line: string): ReadonlyArray<string> => {
  const inner = line.trim().replace(/^\|/, "").replace(/\|$/, "")
  return inner.split("|").map((cell) => cell.trim())
}

const table = (lines: Lines): string => {
  const head = cells(lines.take())
  const styles = cells(lines.take()).map((cell) => {
    const align = cell.startsWith(":") ? (cell.endsWith(":") ? "center" : "left") : cell.endsWith(":") ? "right" : ""
    return align === "" ? "" : ` style="text-align:${align}"`
  })
  const row = (values: ReadonlyArray<string>, tag: string): string =>
    `<tr>\n${
      head.map((_, index) => `<${tag}${styles[index] ?? ""}>${inline(values[index] ?? "")}</${tag}>\n`).join("")
    }</tr>\n`
  const body = lines.while((line) => line.includes("|") && !isBlank(line)).map((line) => row(cells(line), "td"))
  return `<table>\n<thead>\n${row(head, "th")}</thead>\n${
    body.length === 0 ? "" : `<tbody>\n${body.join("")}</tbody>\n`
  }</table>`
}

const paragraph = (lines: Lines): string => {
  const taken = [lines.take()]
  for (let line = lines.current; line !== undefined && !isBlank(line) && !startsBlock(line); line = lines.current) {
    if (/^ {0,3}(?:=+|-+)[ \t]*$/.test(line)) {
      const level = lines.take().includes("=") ? 1 : 2
      return `<h${level}>${inline(taken.map((part) => part.trim()).join("\n"))}</h${level}>`
    }
    taken.push(lines.take())
  }
  if (/^ {0,3}-+[ \t]*$/.test(lines.current ?? "") && taken.length > 0) {
    lines.take()
    return `<h2>${inline(taken.map((part) => part.trim()).join("\n"))}</h2>`
  }
  const text = taken.map((line) => line.trimStart()).join("\n").trimEnd()
  return `<p>${inline(text)}</p>`
}

const blockAt = (lines: Lines, depth: number): string => {
  const line = lines.current ?? ""
  const isShallow = depth < deepest
  if (heading.test(line)) return headingOf(lines.take())
  if (rule.test(line)) {
    lines.take()
    return "<hr />"
  }
  if (fence.test(line)) return fenced(lines)
  if (/^(?: {4}|\t)/.test(line)) return indented(lines)
  if (isShallow && quote.test(line)) return quoted(lines, depth)
  if (isShallow && bullet.test(line)) return listed(lines, false, depth)
  if (isShallow && ordered.test(line)) return listed(lines, true, depth)
  const next = lines.following ?? ""
  if (line.includes("|") && next.includes("-") && tableRule.test(next) && cells(next).length === cells(line).length) {
    return table(lines)
  }
  return paragraph(lines)
}

const blocks = (source: ReadonlyArray<string>, depth: number): string => {
  const lines = new Lines(source)
  const made: Array<string> = []
  while (lines.current !== undefined) {
    if (isBlank(lines.current)) lines.take()
    else made.push(`${blockAt(lines, depth)}\n`)
  }
  return made.join("")
}

export const toHtml = (source: string): string => blocks(source.replace(/\r\n?/g, "\n").split("\n"), 0)
