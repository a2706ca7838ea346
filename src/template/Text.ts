/** Strings as Python sees them: by code point, with its idea of blanks, and searched in linear time. */
import type { Run } from "./Run.ts"

const surrogate = /[\ud800-\udfff]/

/** True when an index in code units is an index in code points. */
export const isPlain = (text: string): boolean => !surrogate.test(text)

export const points = (text: string): ReadonlyArray<string> => Array.from(text)

export const lengthOf = (text: string): number => {
  if (isPlain(text)) return text.length
  let count = 0
  for (const _ of text) count++
  return count
}

/** The code point at an index, from the end when negative; it walks no further than that. */
export const pointAt = (text: string, index: number): string | undefined => {
  if (isPlain(text)) return text.at(index)
  if (index < 0) return points(text).at(index)
  let at = 0
  for (let left = index; left > 0 && at < text.length; left--) at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1
  const code = text.codePointAt(at)
  return code === undefined ? undefined : String.fromCodePoint(code)
}

/** The code points from `start` to before `stop`. */
export const sliceOf = (text: string, start: number, stop?: number): string =>
  isPlain(text) ? text.slice(start, stop) : points(text).slice(start, stop).join("")

const spaces = [9, 10, 11, 12, 13, 28, 29, 30, 31, 32, 0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000]
const widths = Array.from({ length: 11 }, (_, index) => 0x2000 + index)
const blanks: ReadonlySet<number> = new Set(spaces.concat(widths))

export const isBlank = (code: number): boolean =>
  code < 128 ? code === 32 || (code >= 9 && code <= 13) || (code >= 28 && code <= 31) : blanks.has(code)

export const trimStart = (text: string): string => {
  let start = 0
  while (start < text.length && isBlank(text.charCodeAt(start))) start++
  return text.slice(start)
}

export const trimEnd = (text: string): string => {
  let end = text.length
  while (end > 0 && isBlank(text.charCodeAt(end - 1))) end--
  return text.slice(0, end)
}

/** Words between runs of blanks; after `limit` cuts the rest is one piece. */
export const wordsOf = (text: string, limit = Infinity): ReadonlyArray<string> => {
  const words: Array<string> = []
  let at = 0
  for (;;) {
    while (at < text.length && isBlank(text.charCodeAt(at))) at++
    if (at === text.length) return words
    if (words.length >= limit) return [...words, text.slice(at)]
    const start = at
    while (at < text.length && !isBlank(text.charCodeAt(at))) at++
    words.push(text.slice(start, at))
  }
}

const lineEnds: ReadonlySet<number> = new Set([10, 11, 12, 13, 28, 29, 30, 0x85, 0x2028, 0x2029])

export const linesOf = (text: string, keepEnds = false): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let start = 0
  for (let at = 0; at < text.length; at++) {
    if (!lineEnds.has(text.charCodeAt(at))) continue
    const next = text.startsWith("\r\n", at) ? at + 2 : at + 1
    lines.push(text.slice(start, keepEnds ? next : at))
    start = next
    at = next - 1
  }
  if (start < text.length) lines.push(text.slice(start))
  return lines
}

const short = 24

const failures = (needle: string): Int32Array => {
  const table = new Int32Array(needle.length)
  for (let at = 1, matched = 0; at < needle.length; at++) {
    while (matched > 0 && needle.charCodeAt(at) !== needle.charCodeAt(matched)) matched = table[matched - 1] ?? 0
    if (needle.charCodeAt(at) === needle.charCodeAt(matched)) matched++
    table[at] = matched
  }
  return table
}

/** A search whose worst case is linear: the host's own is quadratic for a long needle that almost matches everywhere. */
export const searcher = (text: string, needle: string, run: Run): (from: number) => number => {
  run.scan(text.length + needle.length)
  if (needle.length <= short) return (from) => text.indexOf(needle, from)
  run.build(needle.length * 4)
  run.work((text.length + needle.length) >>> 3)
  const table = failures(needle)
  return (from) => {
    for (let at = from, matched = 0; at < text.length; at++) {
      while (matched > 0 && text.charCodeAt(at) !== needle.charCodeAt(matched)) matched = table[matched - 1] ?? 0
      if (text.charCodeAt(at) === needle.charCodeAt(matched)) matched++
      if (matched === needle.length) return at - matched + 1
    }
    return -1
  }
}

/** Where a needle that is not empty occurs, without overlaps. */
export const occurrences = (text: string, needle: string, run: Run, limit = Infinity): ReadonlyArray<number> => {
  const find = searcher(text, needle, run)
  const found: Array<number> = []
  for (let at = find(0); at !== -1 && found.length < limit; at = find(at + needle.length)) {
    run.hold(1)
    found.push(at)
  }
  return found
}

export const replaced = (text: string, needle: string, by: string, run: Run, limit = Infinity): string => {
  if (limit <= 0) return text
  if (needle === "") {
    const all = points(text)
    const count = Math.min(all.length + 1, limit)
    run.build(text.length * 8 + count * by.length)
    const woven = all.map((point, index) => index < count ? by + point : point).join("")
    return count > all.length ? woven + by : woven
  }
  const found = occurrences(text, needle, run, limit)
  if (found.length === 0) return text
  run.build(text.length + found.length * Math.max(0, by.length - needle.length))
  const parts: Array<string> = []
  let start = 0
  for (const at of found) {
    parts.push(text.slice(start, at))
    start = at + needle.length
  }
  parts.push(text.slice(start))
  return parts.join(by)
}

export const repeated = (text: string, count: number, run: Run): string => {
  if (count <= 0 || text === "") return ""
  run.build(text.length * count)
  return text.repeat(count)
}

export type Side = "<" | ">" | "^"

export const padded = (
  text: string,
  width: number,
  align: Side,
  fill: string,
  run: Run
): string => {
  const missing = width - lengthOf(text)
  if (missing <= 0) return text
  const left = align === "<" ? 0 : align === ">" ? missing : Math.floor(missing / 2)
  return repeated(fill, left, run) + text + repeated(fill, missing - left, run)
}

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "\"": "&#34;",
  "'": "&#39;"
}
const special = /[&<>"']/
const growth: Readonly<Record<number, number>> = { 38: 5, 60: 4, 62: 4, 34: 5, 39: 5 }

export const escapeHtml = (text: string, run: Run): string => {
  if (!special.test(text)) return text
  let length = 0
  for (let at = 0; at < text.length; at++) length += growth[text.charCodeAt(at)] ?? 1
  run.build(length)
  return text.replace(/[&<>"']/g, (character) => escapes[character] ?? character)
}
