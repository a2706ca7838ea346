/** Emphasis, code, links and images inside a paragraph. Marks are paired with a stack, in one pass. */
import { entities } from "./Entities.ts"
import { escapeMarkup } from "./MarkdownText.ts"

const scheme = /^(?:https?|ftp|mailto|tel):/i

/** Addresses that would run something, or read a file of the reader's. A path, and an image as data, do neither. */
const isSafe = (url: string): boolean => {
  const seen = Array.from(url).findIndex((character) => character > " ")
  return !/^(?:vbscript|javascript|file|data):/i.test(url.slice(seen)) ||
    /^data:image\/(?:gif|png|jpeg|webp);/i.test(url)
}

const encoded = (url: string): string =>
  url.replace(/[^!#-;=?-Z_a-z~[\]@&%]/gu, (character) => {
    try {
      return encodeURIComponent(character)
    } catch {
      return "%EF%BF%BD"
    }
  })
const punctuation = /[!-/:-@[-`{-~]/
const farthest = 2_000

interface Mark {
  readonly at: number
  readonly character: string
  readonly count: number
  readonly opens: boolean
  readonly closes: boolean
}

const isSpace = (character: string | undefined): boolean => character === undefined || /\s/.test(character)

/** Whether a run of marks can open or close emphasis, by what stands on its sides. */
const markAt = (
  text: string,
  at: number
): { readonly length: number; readonly opens: boolean; readonly closes: boolean } => {
  const character = text[at]
  let end = at
  while (text[end] === character) end++
  const [before, after] = [text[at - 1], text[end]]
  const left = !isSpace(after) &&
    (!punctuation.test(after ?? " ") || isSpace(before) || punctuation.test(before ?? " "))
  const right = !isSpace(before) &&
    (!punctuation.test(before ?? " ") || isSpace(after) || punctuation.test(after ?? " "))
  if (character !== "_") return { length: end - at, opens: left, closes: right }
  return {
    length: end - at,
    opens: left && (!right || punctuation.test(before ?? " ")),
    closes: right && (!left || punctuation.test(after ?? " "))
  }
}

const codeAt = (text: string, at: number): readonly [html: string, end: number] | undefined => {
  let open = at
  while (text[open] === "`") open++
  const ticks = text.slice(at, open)
  for (
    let close = text.indexOf(ticks, open);
    close !== -1 && close - open < farthest;
    close = text.indexOf(ticks, close)
  ) {
    let end = close
    while (text[end] === "`") end++
    if (end - close === ticks.length) {
      const code = text.slice(open, close).replaceAll("\n", " ")
      const trimmed = code.startsWith(" ") && code.endsWith(" ") && code.trim() !== "" ? code.slice(1, -1) : code
      return [`<code>${escapeMarkup(trimmed)}</code>`, end]
    }
    close = end
  }
  return undefined
}

/** `](address "title")` after the words of a link. */
const targetAt = (
  text: string,
  at: number
): { readonly url: string; readonly title: string; readonly end: number } | undefined => {
  const found =
    /^\(\s{0,20}(?:<([^<>\n]{0,1000})>|([^\s()<>]{0,1000}(?:\([^\s()]{0,1000}\)[^\s()]{0,1000})?))(?:\s{1,20}(?:"([^"]{0,500})"|'([^']{0,500})'))?\s{0,20}\)/
      .exec(text.slice(at, at + 4_000))
  return found === null
    ? undefined
    : { url: found[1] ?? found[2] ?? "", title: found[3] ?? found[4] ?? "", end: at + found[0].length }
}

/** A character written as an entity: by number, or by one of the common names. */
const entityAt = (text: string, at: number): readonly [html: string, end: number] | undefined => {
  const found = /^&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([A-Za-z]{2,8}));/.exec(text.slice(at, at + 12))
  if (found === null) return undefined
  const [whole, decimal, hex, name = ""] = found
  const code = decimal !== undefined ? Number(decimal) : hex !== undefined ? Number.parseInt(hex, 16) : undefined
  const isCharacter = code !== undefined && code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)
  const character = code === undefined
    ? entities.get(name)
    : isCharacter
    ? String.fromCodePoint(code)
    : "\ufffd"
  return character === undefined ? undefined : [escapeMarkup(character), at + whole.length]
}

const closingBracket = (text: string, from: number): number => {
  let depth = 0
  for (let at = from; at < text.length && at - from < farthest; at++) {
    if (text[at] === "\\") at++
    else if (text[at] === "[") depth++
    else if (text[at] === "]" && depth-- === 0) return at
  }
  return -1
}

const linkAt = (text: string, at: number, depth: number): readonly [html: string, end: number] | undefined => {
  const isImage = text[at] === "!"
  const open = at + (isImage ? 2 : 1)
  const close = closingBracket(text, open)
  const target = close === -1 ? undefined : targetAt(text, close + 1)
  if (target === undefined || !isSafe(target.url)) return undefined
  const url = escapeMarkup(encoded(target.url))
  const title = target.title === "" ? "" : ` title="${escapeMarkup(target.title)}"`
  const words = text.slice(open, close)
  if (isImage) return [`<img src="${url}" alt="${escapeMarkup(words)}"${title} />`, target.end]
  return [`<a href="${url}"${title}>${depth > 0 ? escapeMarkup(words) : inlineAt(words, depth + 1)}</a>`, target.end]
}

const mailLink = /^<([\w.!#$%&'*+/=?^`{|}~-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8})>/i
const autolink = /^<([a-z][a-z0-9+.-]{1,31}:[^\s<>]{0,1000})>/i

const specialAt = (text: string, at: number, depth: number): readonly [html: string, end: number] | undefined => {
  const character = text[at]
  if (character === "\\") {
    const next = text[at + 1] ?? ""
    if (next === "\n") return ["<br />\n", at + 2]
    return punctuation.test(next) ? [escapeMarkup(next), at + 2] : undefined
  }
  if (character === "`") return codeAt(text, at)
  if (character === "[" || (character === "!" && text[at + 1] === "[")) return linkAt(text, at, depth)
  if (character !== "<") return undefined
  const mail = mailLink.exec(text.slice(at, at + 300))
  if (mail !== null) {
    const address = escapeMarkup(mail[1] ?? "")
    return [`<a href="mailto:${address}">${address}</a>`, at + mail[0].length]
  }
  const found = autolink.exec(text.slice(at, at + 1_100))
  const url = found?.[1]
  return found === null || url === undefined || !scheme.test(url)
    ? undefined
    : [`<a href="${escapeMarkup(url)}">${escapeMarkup(url)}</a>`, at + found[0].length]
}

/** Pairs marks and puts the tags between the pieces. */
const emphasised = (pieces: Array<string>, marks: ReadonlyArray<Mark>): string => {
  const left = marks.map(({ count }) => count)
  const opens = marks.map((): Array<string> => [])
  const closes = marks.map((): Array<string> => [])
  const waiting: Array<number> = []
  for (const [index, mark] of marks.entries()) {
    while (mark.closes && (left[index] ?? 0) > 0) {
      const position = waiting.findLastIndex((opener) => marks[opener]?.character === mark.character)
      const opener = waiting[position]
      if (opener === undefined) break
      const size = (left[opener] ?? 0) >= 2 && (left[index] ?? 0) >= 2 ? 2 : 1
      const tag = mark.character === "~" ? "s" : size === 2 ? "strong" : "em"
      opens[opener]?.unshift(`<${tag}>`)
      closes[index]?.push(`</${tag}>`)
      left[opener] = (left[opener] ?? 0) - size
      left[index] = (left[index] ?? 0) - size
      waiting.length = left[opener] === 0 ? position : position + 1
    }
    if (mark.opens && (left[index] ?? 0) > 0 && waiting.length < 256) waiting.push(index)
  }
  for (const [index, mark] of marks.entries()) {
    pieces[mark.at] = (closes[index] ?? []).join("") + mark.character.repeat(left[index] ?? 0) +
      (opens[index] ?? []).join("")
  }
  return pieces.join("")
}

const address = /\b(?:https?|ftp):\/\/[^\s<>"]{1,2000}/gi

/** Text with the addresses that stand in it as links. Punctuation at the end of one is not part of it. */
const linked = (text: string): string => {
  let plain = 0
  let shown = ""
  for (const { 0: found, index } of text.matchAll(address)) {
    const url = found.replace(/[.,:;!?'")\]]{1,50}$/, "")
    const link = `<a href="${escapeMarkup(encoded(url))}">${escapeMarkup(url)}</a>`
    shown += escapeMarkup(text.slice(plain, index)) + link
    plain = index + url.length
  }
  return shown + escapeMarkup(text.slice(plain))
}

const inlineAt = (text: string, depth: number): string => {
  const pieces: Array<string> = []
  const marks: Array<Mark> = []
  let plain = 0
  const flush = (end: number): void => {
    if (end <= plain) return
    const shown = text.slice(plain, end)
    pieces.push((depth > 0 ? escapeMarkup(shown) : linked(shown)).replace(/ {2,100}\n/g, "<br />\n"))
  }
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? ""
    if (!"\\`[!<*_~&".includes(character)) continue
    if (character === "&") {
      const entity = entityAt(text, at)
      if (entity === undefined) continue
      flush(at)
      pieces.push(entity[0])
      plain = entity[1]
      at = entity[1] - 1
      continue
    }
    if (character === "*" || character === "_" || character === "~") {
      const mark = markAt(text, at)
      if (character === "~" && mark.length !== 2) {
        at += mark.length - 1
        continue
      }
      flush(at)
      marks.push({ at: pieces.length, character, count: mark.length, opens: mark.opens, closes: mark.closes })
      pieces.push("")
      at += mark.length - 1
      plain = at + 1
      continue
    }
    const special = specialAt(text, at, depth)
    if (special === undefined) continue
    flush(at)
    pieces.push(special[0])
    plain = special[1]
    at = special[1] - 1
  }
  flush(text.length)
  return emphasised(pieces, marks)
}

export const inline = (text: string): string => inlineAt(text, 0)
