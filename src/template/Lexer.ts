/** Source text to tokens, in one pass: text outside tags is cut here, so that whitespace control is settled before parsing. */
import type { Position } from "./Fault.ts"
import { invalid, Raised } from "./Fault.ts"
import * as Literal from "./Literal.ts"
import { isBlank, trimEnd } from "./Text.ts"

export interface Token {
  readonly type:
    | "text"
    | "open"
    | "close"
    | "begin"
    | "end"
    | "name"
    | "string"
    | "integer"
    | "float"
    | "operator"
    | "eof"
  /** What was read: for a literal its text, without quotes for a string. */
  readonly text: string
  readonly at: Position
}

export interface Layout {
  readonly trimBlocks: boolean
  readonly lstripBlocks: boolean
}

const mostTokens = 100_000
const mostText = 4_000_000

const opener = /\{[{%#]/g
const rawOpen = /\{%[-+]?\s*raw\s*(?:-%\}\s*|%\})/y
const rawClose = /\{%([-+]?)\s*endraw\s*([-+]?)%\}/g
const space = /\s+/y
const name = /[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]*/uy
const operator = /\/\/|\*\*|==|!=|>=|<=|[-+/*%~[\](){}><=.:|,;]/y
const pairs: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" }

class Lexer {
  readonly #source: string
  readonly #layout: Layout
  readonly #tokens: Array<Token> = []
  #at = 0
  #line = 1
  #lineStart = 0
  #counted = 0

  constructor(source: string, layout: Layout) {
    this.#source = source
    this.#layout = layout
  }

  #position(offset: number): Position {
    for (
      let next = this.#source.indexOf("\n", this.#counted);
      next !== -1 && next < offset;
      next = this.#source.indexOf("\n", next + 1)
    ) {
      this.#line++
      this.#lineStart = next + 1
    }
    this.#counted = Math.max(this.#counted, offset)
    return { line: this.#line, column: offset - this.#lineStart + 1 }
  }

  #push(type: Token["type"], text: string, offset: number): void {
    if (this.#tokens.length >= mostTokens) {
      throw new Raised("budget", "the template is too long", undefined, this.#position(offset))
    }
    this.#tokens.push({ type, text, at: this.#position(offset) })
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    return pattern.exec(this.#source)?.[0]
  }

  #skipBlanks(): void {
    while (this.#at < this.#source.length && isBlank(this.#source.charCodeAt(this.#at))) this.#at++
  }

  /** Text before a tag: cut by `-`, or from the start of its line where blocks are stripped. */
  #text(from: number, to: number, sign: string, isBlock: boolean): void {
    let text = this.#source.slice(from, to)
    if (sign === "-") text = trimEnd(text)
    else if (sign !== "+" && isBlock && this.#layout.lstripBlocks) {
      const cut = text.lastIndexOf("\n") + 1
      const startsLine = cut > 0 || from === 0 || this.#source[from - 1] === "\n"
      if (startsLine && trimEnd(text.slice(cut)) === "") text = text.slice(0, cut)
    }
    if (text !== "") this.#push("text", text, from)
  }

  /** After a closing mark: `-` eats blanks, blocks may eat one line end. */
  #afterTag(sign: string, isBlock: boolean): void {
    if (sign === "-") this.#skipBlanks()
    else if (sign !== "+" && isBlock && this.#layout.trimBlocks && this.#source[this.#at] === "\n") this.#at++
  }

  run(): ReadonlyArray<Token> {
    const source = this.#source
    while (this.#at < source.length) {
      opener.lastIndex = this.#at
      const found = opener.exec(source)
      const start = found?.index ?? source.length
      if (found === null) {
        this.#text(this.#at, start, "", false)
        break
      }
      const kind = source[start + 1] ?? ""
      const sign = /^[-+]$/.test(source[start + 2] ?? "") ? source[start + 2] ?? "" : ""
      this.#text(this.#at, start, sign, kind !== "{")
      this.#at = start
      if (kind === "#") this.#comment(start, sign)
      else if (kind === "%" && this.#match(rawOpen) !== undefined) this.#raw(start)
      else this.#tag(start, kind, sign)
    }
    this.#push("eof", "", source.length)
    return this.#tokens
  }

  #comment(start: number, sign: string): void {
    const close = this.#source.indexOf("#}", start + 2 + sign.length)
    if (close === -1) throw invalid("a comment is not closed", this.#position(start))
    const before = this.#source[close - 1] ?? ""
    this.#at = close + 2
    this.#afterTag(close - 1 >= start + 2 + sign.length && (before === "-" || before === "+") ? before : "", true)
  }

  #raw(start: number): void {
    const from = start + (this.#match(rawOpen)?.length ?? 0)
    rawClose.lastIndex = from
    const found = rawClose.exec(this.#source)
    if (found === null) throw invalid("a raw block is not closed", this.#position(start))
    const [whole, sign = "", after = ""] = found
    this.#text(from, found.index, sign, true)
    this.#at = found.index + whole.length
    this.#afterTag(after, true)
  }

  #tag(start: number, kind: string, sign: string): void {
    const isBlock = kind === "%"
    const closing = isBlock ? "%}" : "}}"
    this.#push(isBlock ? "begin" : "open", "", start)
    this.#at = start + 2 + sign.length
    const nested: Array<string> = []
    for (;;) {
      this.#at += this.#match(space)?.length ?? 0
      if (nested.length === 0) {
        const after = /^[-+]$/.test(this.#source[this.#at] ?? "") ? this.#source[this.#at] ?? "" : ""
        const signed = after === "-" || (after === "+" && isBlock) ? after : ""
        if (this.#source.startsWith(closing, this.#at + signed.length)) {
          this.#push(isBlock ? "end" : "close", "", this.#at)
          this.#at += signed.length + 2
          return this.#afterTag(signed, isBlock)
        }
      }
      if (this.#at >= this.#source.length) throw invalid("a tag is not closed", this.#position(start))
      this.#token(nested)
    }
  }

  #token(nested: Array<string>): void {
    const offset = this.#at
    const word = this.#match(name)
    if (word !== undefined) return this.#take("name", word, offset)
    const number = Literal.number(this.#source, offset, this.#source[offset - 1] === ".")
    if (number !== undefined) return this.#take(number.type, number.text, offset)
    const quote = this.#source[offset]
    if (quote === "'" || quote === "\"") return this.#string(quote, offset)
    const mark = this.#match(operator)
    if (mark === undefined) throw invalid("an unexpected character", this.#position(offset))
    if ("([{".includes(mark)) nested.push(mark)
    const opened = pairs[mark]
    if (opened !== undefined && nested.pop() !== opened) {
      throw invalid(`an unexpected "${mark}"`, this.#position(offset))
    }
    this.#take("operator", mark, offset)
  }

  #take(type: Token["type"], text: string, offset: number): void {
    this.#push(type, text, offset)
    this.#at = offset + text.length
  }

  #string(quote: string, offset: number): void {
    let end = offset + 1
    while (end < this.#source.length && this.#source[end] !== quote) end += this.#source[end] === "\\" ? 2 : 1
    if (end >= this.#source.length) throw invalid("a string is not closed", this.#position(offset))
    this.#push("string", this.#source.slice(offset + 1, end), offset)
    this.#at = end + 1
  }
}

/** Line ends become `\n`, and one at the very end is dropped. */
const normalized = (source: string): string => source.replace(/\r\n?/g, "\n").replace(/\n$/, "")

export const tokens = (source: string, layout: Layout): ReadonlyArray<Token> => {
  if (source.length > mostText) throw new Raised("budget", "the template is too long")
  return new Lexer(normalized(source), layout).run()
}
