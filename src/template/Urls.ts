/** Web and mail addresses in text, as links. */
import type { Run } from "./Run.ts"
import { isBlank, points } from "./Text.ts"

interface Links {
  readonly limit: number | undefined
  readonly rel: string
  readonly target: string | undefined
  readonly schemes: ReadonlyArray<string>
}

const named = "(?:[\\w%-]+\\.)*(?:[a-z]{2,63}|xn--[\\w%]{2,59})"
const numbered = "\\d{1,3}(?:\\.\\d{1,3}){3}|\\[[\\da-f]{0,4}(?::[\\da-f]{0,4}){2,7}\\]"
const known = "(?:[\\w%-]{2,63}\\.)+(?:com|net|int|edu|gov|org|info|mil)"
const host = new RegExp(
  `^(?:(?:https?://|www\\.)${named}|https?://(?:${numbered})|${known})(?::\\d{1,5})?(?:[/?#]\\S*)?$`,
  "i"
)
const mail = /^\S+@\w[\w.-]*\.\w+$/

const attributes = ({ rel, target }: Links): string =>
  (rel === "" ? "" : ` rel="${rel}"`) + (target === undefined ? "" : ` target="${target}"`)

const shortened = (text: string, limit: number | undefined): string =>
  limit !== undefined && text.length > limit ? `${text.slice(0, limit)}...` : text

const balances: ReadonlyArray<readonly [string, string]> = [["(", ")"], ["<", ">"], ["&lt;", "&gt;"]]

const countOf = (text: string, part: string): number => text.split(part).length - 1

const split = (word: string): readonly [head: string, middle: string, tail: string] => {
  const head = /^(?:[(<]|&lt;)+/.exec(word)?.[0] ?? ""
  const body = word.slice(head.length)
  let end = body.length
  for (;;) {
    const mark = [")", ">", ".", ",", "\n", "&gt;"].find((candidate) => body.slice(0, end).endsWith(candidate))
    if (mark === undefined) break
    end -= mark.length
  }
  let [middle, tail] = [body.slice(0, end), body.slice(end)]
  for (const [open, close] of balances) {
    let missing = countOf(middle, open) - countOf(middle, close)
    while (missing-- > 0 && tail.includes(close)) {
      const stop = tail.indexOf(close) + close.length
      middle += tail.slice(0, stop)
      tail = tail.slice(stop)
    }
  }
  return [head, middle, tail]
}

const link = (middle: string, links: Links): string | undefined => {
  if (host.test(middle)) {
    const href = /^https?:\/\//.test(middle) ? middle : `https://${middle}`
    return `<a href="${href}"${attributes(links)}>${shortened(middle, links.limit)}</a>`
  }
  if (middle.startsWith("mailto:") && mail.test(middle.slice(7))) return `<a href="${middle}">${middle.slice(7)}</a>`
  const isMail = middle.includes("@") && !middle.startsWith("www.") && !middle.includes(":") && mail.test(middle)
  if (isMail) return `<a href="mailto:${middle}">${middle}</a>`
  const scheme = links.schemes.find((candidate) => middle !== candidate && middle.startsWith(candidate))
  return scheme === undefined
    ? undefined
    : `<a href="${middle}"${attributes(links)}>${shortened(middle, links.limit)}</a>`
}

const linkedWord = (word: string, links: Links): string => {
  const [head, middle, tail] = split(word)
  const made = link(middle, links)
  return made === undefined ? word : head + made + tail
}

/** `html` is escaped already. */
export const linked = (html: string, links: Links, run: Run): string => {
  run.build(html.length * 2)
  run.work(html.length)
  const words: Array<string> = []
  let start = 0
  const letters = points(html)
  for (let at = 1; at <= letters.length; at++) {
    const before = isBlank(letters[at - 1]?.charCodeAt(0) ?? 0)
    if (at < letters.length && before === isBlank(letters[at]?.charCodeAt(0) ?? 0)) continue
    const word = letters.slice(start, at).join("")
    const made = before ? word : linkedWord(word, links)
    run.build(made.length)
    words.push(made)
    start = at
  }
  return words.join("")
}
