/** The parser's cursor: what comes next, what must come next, and how deep it already is. */
import type { Position } from "./Fault.ts"
import { invalid, Raised } from "./Fault.ts"
import type { Token } from "./Lexer.ts"

const deepest = 64

const described: Readonly<Record<Token["type"], string>> = {
  text: "text",
  open: "a tag",
  close: "the end of the tag",
  begin: "a tag",
  end: "the end of the tag",
  name: "a name",
  string: "a string",
  integer: "a number",
  float: "a number",
  operator: "an operator",
  eof: "the end of the template"
}

export class Tokens {
  readonly #tokens: ReadonlyArray<Token>
  #next = 0
  #depth = 0
  /** How deep the deepest part is. */
  reached = 0

  constructor(tokens: ReadonlyArray<Token>) {
    this.#tokens = tokens
  }

  get current(): Token {
    return this.peek(0)
  }
  get at(): Position {
    return this.current.at
  }
  peek(ahead: number): Token {
    const token = this.#tokens[Math.min(this.#next + ahead, this.#tokens.length - 1)]
    if (token === undefined) throw new Raised("invalid", "an empty token list")
    return token
  }
  take(): Token {
    const token = this.current
    this.#next++
    return token
  }
  is(type: Token["type"], text?: string): boolean {
    const token = this.current
    return token.type === type && (text === undefined || token.text === text)
  }
  skip(type: Token["type"], text?: string): boolean {
    const found = this.is(type, text)
    if (found) this.#next++
    return found
  }
  expect(type: Token["type"], text?: string): Token {
    if (!this.is(type, text)) throw this.unexpected(text === undefined ? described[type] : `"${text}"`)
    return this.take()
  }
  unexpected(wanted: string): Raised {
    const { at, text, type } = this.current
    const found = type === "name" || type === "operator" ? `"${text.slice(0, 40)}"` : described[type]
    return invalid(`expected ${wanted}, found ${found}`, at)
  }
  /** Parsing what nests, within bounds. */
  deeper<A>(parse: () => A): A {
    if (++this.#depth > deepest) throw invalid(`nested more than ${deepest} levels deep`, this.at)
    this.reached = Math.max(this.reached, this.#depth)
    const parsed = parse()
    this.#depth--
    return parsed
  }
}
