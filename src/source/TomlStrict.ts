/**
 * What the language asks of TOML beyond what the parser checks. Bundles are TOML 1.0, the parser reads 1.1; and the parser lets
 * 30 February roll over into March. Reads a text that the parser took, and says where it first goes too far.
 */
export interface Excess {
  readonly offset: number
  readonly problem: string
}

const bare = /[^\s,[\]{}#="']+/y
const date = /^(\d{4})-(\d{2})-(\d{2})(?=$|[Tt ])/
const minutesOnly = /(?:^|[Tt])\d{2}:\d{2}(?=$|[Zz+-])/

const lastDay = (year: number, month: number): number =>
  month === 2
    ? (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28)
    : [4, 6, 9, 11].includes(month)
    ? 30
    : 31

const momentProblem = (literal: string): string | undefined => {
  const [, year, month, day] = date.exec(literal) ?? []
  if (
    year !== undefined &&
    (Number(month) < 1 || Number(month) > 12 || Number(day) < 1 || Number(day) > lastDay(Number(year), Number(month)))
  ) {
    return "there is no such day"
  }
  return minutesOnly.test(literal) ? "a time needs its seconds" : undefined
}

interface Token {
  readonly end: number
  readonly excess?: Excess
}

/** A string from its opening quote: where it ends, and the first escape that only TOML 1.1 knows. */
const string = (text: string, start: number): Token => {
  const quote = text[start] ?? ""
  const fence = text.startsWith(quote.repeat(3), start) ? quote.repeat(3) : quote
  let at = start + fence.length
  while (at < text.length && !text.startsWith(fence, at)) {
    if (quote === "\"" && text[at] === "\\") {
      if (text[at + 1] === "e" || text[at + 1] === "x") {
        return { end: at, excess: { offset: at, problem: `"\\${text[at + 1]}" is not an escape of TOML 1.0` } }
      }
      at += 1
    }
    at += 1
  }
  at += fence.length
  if (fence.length === 3) { for (let more = 0; more < 2 && text[at] === quote; more++) at += 1 }
  return { end: at }
}

const literal = (text: string, start: number, isValue: boolean): Token => {
  bare.lastIndex = start
  const end = start + Math.max(1, bare.exec(text)?.[0].length ?? 1)
  const problem = isValue ? momentProblem(text.slice(start, end)) : undefined
  return problem === undefined ? { end } : { end, excess: { offset: start, problem } }
}

/** The first place that is not TOML 1.0, or not a date of the calendar. Linear in the text. */
export const firstExcess = (text: string): Excess | undefined => {
  const open: Array<"[" | "{"> = []
  let isValue = false
  let comma = -1
  let at = 0
  while (at < text.length) {
    const character = text[at] ?? ""
    if (character === "#") {
      const end = text.indexOf("\n", at)
      at = end < 0 ? text.length : end
      continue
    }
    if (character === "\n") {
      if (open.at(-1) === "{") return { offset: at, problem: "an inline table must be on one line" }
      if (open.length === 0) isValue = false
    } else if (character.trim() !== "") {
      const within = open.at(-1)
      if (character === "}" && within === "{" && comma >= 0) {
        return { offset: comma, problem: "an inline table must not end with a comma" }
      }
      comma = character === "," ? at : -1
      if (character === "=") isValue = true
      else if (character === ",") isValue = within === "["
      else if (character === "[" && isValue) open.push("[")
      else if (character === "{" && isValue) {
        open.push("{")
        isValue = false
      } else if (character === "]" || character === "}") {
        open.pop()
        isValue = false
      } else if (character !== "[") {
        const token = character === "\"" || character === "'" ? string(text, at) : literal(text, at, isValue)
        if (token.excess !== undefined) return token.excess
        at = token.end
        continue
      }
    }
    at += 1
  }
  return undefined
}
