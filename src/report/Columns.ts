/**
 * Text in columns of a terminal. Width is counted per grapheme: two columns for East Asian wide characters and emoji, none for marks.
 * What comes from a model or a file may hold control sequences; `clean` takes them out, and everything shown passes through it.
 */
const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" })

const ascii = /^[\x20-\x7e]*$/
const nothing = /^[\p{Mark}\p{Cf}\p{Cc}]+$/u
const pictogram = /\p{Emoji_Presentation}|\p{Extended_Pictographic}\ufe0f|^\p{Regional_Indicator}{2}/u

/** East Asian wide and fullwidth blocks. */
const wide: ReadonlyArray<readonly [number, number]> = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe4f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1b000, 0x1b2ff],
  [0x20000, 0x3fffd]
]

const graphemeWidth = (grapheme: string): number => {
  const point = grapheme.codePointAt(0) ?? 0
  if (point >= 0x20 && point < 0x7f && grapheme.length === 1) return 1
  if (nothing.test(grapheme)) return 0
  return pictogram.test(grapheme) || wide.some(([low, high]) => point >= low && point <= high) ? 2 : 1
}

const split = (text: string): ReadonlyArray<string> => Array.from(graphemes.segment(text), ({ segment }) => segment)

// eslint-disable-next-line no-control-regex -- the sequences that a terminal obeys begin with a control character
const sequence = /\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?/g
const withoutSequences = (text: string): string => text.includes("\u001b") ? text.replace(sequence, "") : text

/** Columns that the text takes; colours take none. */
export const width = (text: string): number => {
  const seen = withoutSequences(text)
  return ascii.test(seen) ? seen.length : split(seen).reduce((sum, grapheme) => sum + graphemeWidth(grapheme), 0)
}

/** Without terminal sequences, control characters and marks that turn the direction of writing; a tab is two spaces. Line breaks stay. */
export const clean = (text: string): string =>
  withoutSequences(text)
    .replace(/\r\n?/g, "\n")
    .replaceAll("\t", "  ")
    .replace(/(?!\n)[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, "")

/** One line of at most `columns`; an ellipsis stands for what is left out. */
export const cut = (text: string, columns: number): string => {
  const line = clean(text).replaceAll("\n", " ")
  if (width(line) <= columns) return line
  let kept = ""
  let used = 0
  for (const grapheme of split(line)) {
    used += graphemeWidth(grapheme)
    if (used > columns - 1) break
    kept += grapheme
  }
  return columns < 1 ? "" : `${kept.trimEnd()}…`
}

export const padEnd = (text: string, columns: number): string => text + " ".repeat(Math.max(0, columns - width(text)))
export const padStart = (text: string, columns: number): string => " ".repeat(Math.max(0, columns - width(text))) + text

/** A word longer than the line, in pieces that fit. */
const pieces = (word: string, columns: number): ReadonlyArray<string> => {
  if (width(word) <= columns) return [word]
  const found: Array<string> = []
  let piece = ""
  let used = 0
  for (const grapheme of split(word)) {
    const more = graphemeWidth(grapheme)
    if (used + more > columns && piece !== "") {
      found.push(piece)
      piece = ""
      used = 0
    }
    piece += grapheme
    used += more
  }
  return piece === "" ? found : [...found, piece]
}

const wrapLine = (line: string, columns: number): ReadonlyArray<string> => {
  if (width(line) <= columns) return [line.trimEnd()]
  const lines: Array<string> = []
  let current = /^ */.exec(line)?.[0].slice(0, Math.floor(columns / 2)) ?? ""
  let used = current.length
  let isFresh = true
  for (const word of line.split(/ +/).filter((part) => part !== "").flatMap((part) => pieces(part, columns))) {
    const size = width(word)
    if (!isFresh && used + 1 + size > columns || isFresh && used > 0 && used + size > columns) {
      lines.push(current)
      current = word
      used = size
    } else {
      current += isFresh ? word : ` ${word}`
      used += size + (isFresh ? 0 : 1)
    }
    isFresh = false
  }
  return [...lines, current].filter((text, index) => index > 0 || text.trim() !== "")
}

/** Lines of at most `columns` (two at least), broken at spaces where there are any. Line breaks of the text stay. */
export const wrap = (text: string, columns: number): ReadonlyArray<string> =>
  clean(text).split("\n").flatMap((line) => wrapLine(line, Math.max(2, columns)))

/** The first lines of a wrapped text; the last one says that there was more. */
export const clip = (lines: ReadonlyArray<string>, most: number, columns: number): ReadonlyArray<string> => {
  if (lines.length <= most) return lines
  const last = lines[most - 1] ?? ""
  return [...lines.slice(0, most - 1), width(last) + 2 <= columns ? `${last} …` : cut(`${last} …`, columns)]
}
