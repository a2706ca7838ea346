/** Breaking one line into lines of at most a width, at blanks, after hyphens inside words, and through words that are too long. */
import { failure } from "./Fault.ts"
import type { Run } from "./Run.ts"
import { isBlank, lengthOf, points, trimStart } from "./Text.ts"

interface Style {
  readonly width: number
  readonly breakLong: boolean
  readonly onHyphens: boolean
}

const isLetter = (character: string | undefined): boolean => character !== undefined && /^[\p{L}_]$/u.test(character)
const isWord = (character: string | undefined): boolean => character !== undefined && /^[\p{L}\p{N}_]$/u.test(character)
const precedesDash = (character: string | undefined): boolean =>
  isWord(character) || "!\"'&.,?".includes(character ?? "-")

/** A hyphen breaks a word when letters stand on both sides: two before it, or one with a hyphen before that. */
const breaksAfter = (letters: ReadonlyArray<string>, at: number): boolean => {
  const before = isLetter(letters[at - 1]) &&
    (isLetter(letters[at - 2]) || (letters[at - 2] === "-" && isLetter(letters[at - 3])))
  const next = letters[at + 1]
  return before && isLetter(next) &&
    (isLetter(letters[at + 2]) || (letters[at + 2] === "-" && isLetter(letters[at + 3])))
}

const dashEnd = (letters: ReadonlyArray<string>, at: number): number => {
  let end = at
  while (letters[end] === "-") end++
  return end
}

const blank = (letter: string | undefined): boolean => letter !== undefined && isBlank(letter.charCodeAt(0))

const chunksOf = (line: string, onHyphens: boolean): Array<string> => {
  const letters = points(line)
  const chunks: Array<string> = []
  let start = 0
  const cut = (end: number): void => {
    if (end > start) chunks.push(letters.slice(start, end).join(""))
    start = end
  }
  for (let at = 0; at < letters.length; at++) {
    if (at > 0 && blank(letters[at]) !== blank(letters[at - 1])) cut(at)
    if (!onHyphens || letters[at] !== "-") continue
    const end = dashEnd(letters, at)
    if (end - at >= 2 && precedesDash(letters[at - 1]) && isWord(letters[end])) {
      cut(at)
      cut(end)
    } else if (end - at === 1 && breaksAfter(letters, at)) cut(end)
    at = end - 1
  }
  cut(letters.length)
  return chunks
}

/** How much of a word too long goes on this line: up to its last hyphen, if there is one after more than hyphens. */
const headOf = (letters: ReadonlyArray<string>, room: number, onHyphens: boolean): number => {
  const hyphen = onHyphens && letters.length > room ? letters.lastIndexOf("-", room - 1) : -1
  return hyphen > 0 && letters.slice(0, hyphen).some((letter) => letter !== "-") ? hyphen + 1 : room
}

/** A word too long, cut: its head for the line begun, the lines it fills by itself, and what is left. */
const cutLong = (chunk: string, room: number, { onHyphens, width }: Style) => {
  const letters = points(chunk)
  const text = (from: number, to?: number): string => letters.slice(from, to).join("")
  let at = headOf(letters.slice(0, room + 1), room, onHyphens)
  const head = text(0, at)
  const full: Array<string> = []
  while (letters.length - at > width) {
    const next = at + headOf(letters.slice(at, at + width + 1), width, onHyphens)
    full.push(text(at, next))
    at = next
  }
  return { head, full, rest: text(at) }
}

const isBlankText = (text: string | undefined): boolean => text !== undefined && trimStart(text) === ""

export const wrapped = (line: string, style: Style, run: Run): ReadonlyArray<string> => {
  const { breakLong, onHyphens, width } = style
  if (width <= 0) throw failure("a width too small to wrap to")
  run.work(line.length * 2)
  const chunks = chunksOf(line, onHyphens).toReversed()
  run.hold(chunks.length)
  const lines: Array<string> = []
  while (chunks.length > 0) {
    if (lines.length > 0 && isBlankText(chunks.at(-1))) chunks.pop()
    const current: Array<string> = []
    let length = 0
    for (let chunk = chunks.at(-1); chunk !== undefined && length + lengthOf(chunk) <= width; chunk = chunks.at(-1)) {
      current.push(chunk)
      length += lengthOf(chunk)
      chunks.pop()
    }
    const long = chunks.at(-1)
    const full: Array<string> = []
    if (long !== undefined && lengthOf(long) > width) {
      if (breakLong) {
        const cut = cutLong(long, width - length, style)
        current.push(cut.head)
        for (const piece of cut.full) full.push(piece)
        chunks.splice(-1, 1, cut.rest)
      } else if (current.length === 0) {
        current.push(long)
        chunks.pop()
      }
    }
    if (isBlankText(current.at(-1))) current.pop()
    if (current.length > 0) lines.push(current.join(""))
    for (const piece of full) lines.push(piece)
  }
  return lines
}
