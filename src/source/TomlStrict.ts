/**
 * What the language asks of TOML beyond what the parser checks: the parser lets 30 February roll over into March. Reads a text that
 * the parser took, and says where it first goes too far.
 */
export interface Excess {
  readonly offset: number
  readonly problem: string
}

const bare = /[^\s,[\]{}#="']+/y
const date = /^(\d{4})-(\d{2})-(\d{2})(?=$|[Tt ])/

const lastDay = (year: number, month: number): number =>
  month === 2
    ? (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28)
    : [4, 6, 9, 11].includes(month)
    ? 30
    : 31

const momentProblem = (literal: string): string | undefined => {
  const [, year, month, day] = date.exec(literal) ?? []
  const isDay = year === undefined ||
    (Number(month) >= 1 && Number(month) <= 12 && Number(day) >= 1 &&
      Number(day) <= lastDay(Number(year), Number(month)))
  return isDay ? undefined : "there is no such day"
}

interface Token {
  readonly end: number
  readonly excess?: Excess
}

/** Where a string ends, from its opening quote. */
const string = (text: string, start: number): Token => {
  const quote = text[start] ?? ""
  const fence = text.startsWith(quote.repeat(3), start) ? quote.repeat(3) : quote
  let at = start + fence.length
  while (at < text.length && !text.startsWith(fence, at)) {
    if (quote === "\"" && text[at] === "\\") at += 1
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

/** The first date that is not of the calendar. Linear in the text. */
export const firstExcess = (text: string): Excess | undefined => {
  const open: Array<"[" | "{"> = []
  let isValue = false
  let at = 0
  while (at < text.length) {
    const character = text[at] ?? ""
    if (character === "#") {
      const end = text.indexOf("\n", at)
      at = end < 0 ? text.length : end
      continue
    }
    if (character === "\n") {
      if (open.length === 0) isValue = false
    } else if (character.trim() !== "") {
      const within = open.at(-1)
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
