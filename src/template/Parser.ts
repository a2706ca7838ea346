/** Statements: text, outputs and tags, each tag one entry of a table. */
import type { Expression, Signature, Statement, Target } from "./Ast.ts"
import * as Expressions from "./ExpressionParser.ts"
import type { Position } from "./Fault.ts"
import { invalid } from "./Fault.ts"
import type { Layout, Token } from "./Lexer.ts"
import { tokens as tokensOf } from "./Lexer.ts"
import { Tokens } from "./Tokens.ts"

type Body = ReadonlyArray<Statement>

interface Scope {
  readonly tokens: Tokens
  readonly blocks: Set<string>
}

type Tag = (scope: Scope, at: Position) => Statement

const endings = (token: Token, words: ReadonlyArray<string>): boolean =>
  token.type === "name" && words.includes(token.text)

/** Statements up to one of the tags named; the tag's name is the next token then. */
const body = (scope: Scope, until: ReadonlyArray<string>, opened: Position): Body => {
  const { tokens } = scope
  const statements: Array<Statement> = []
  for (;;) {
    const { at, text, type } = tokens.take()
    if (type === "text") statements.push({ _tag: "Text", at, text })
    else if (type === "open") {
      statements.push({ _tag: "Output", at, value: Expressions.tuple(tokens) })
      tokens.expect("close")
    } else if (type === "begin") {
      if (endings(tokens.current, until)) return statements
      statements.push(tag(scope))
    } else if (type === "eof" && until.length === 0) return statements
    else throw invalid(`a block is not closed: expected "${until.at(-1) ?? ""}"`, type === "eof" ? opened : at)
  }
}

const tag = (scope: Scope): Statement => {
  const { tokens } = scope
  const { at, text: name } = tokens.expect("name")
  const parse = tags.get(name)
  if (parse === undefined) throw invalid(`unknown tag "${name.slice(0, 40)}"`, at, name)
  return tokens.deeper(() => parse(scope, at))
}

const endTag = (scope: Scope): void => void scope.tokens.expect("end")

/** The body of a tag and its end tag. */
const closed = (scope: Scope, end: string, at: Position): Body => {
  endTag(scope)
  const statements = body(scope, [end], at)
  scope.tokens.take()
  return statements
}

const block = (scope: Scope, end: string, at: Position): Body => {
  const statements = closed(scope, end, at)
  endTag(scope)
  return statements
}

const nameTarget = (tokens: Tokens): Target => {
  const { at, text: name } = tokens.expect("name")
  if (Expressions.isConstant(name)) throw invalid(`"${name}" cannot be assigned`, at)
  return { _tag: "Name", at, name }
}

const oneTarget = (tokens: Tokens, fields: boolean): Target => {
  if (tokens.skip("operator", "(")) {
    const inner = tokens.deeper(() => target(tokens, fields))
    tokens.expect("operator", ")")
    return inner
  }
  const next = tokens.peek(1)
  if (!fields || next.type !== "operator" || next.text !== ".") return nameTarget(tokens)
  const { at, text: name } = tokens.expect("name")
  tokens.take()
  return { _tag: "Field", at, name, field: tokens.expect("name").text }
}

const target = (tokens: Tokens, fields: boolean): Target => {
  const { at } = tokens
  const first = oneTarget(tokens, fields)
  const items = [first]
  let comma = false
  while (tokens.skip("operator", ",")) {
    comma = true
    if (tokens.is("operator", ")") || tokens.is("name", "in")) break
    items.push(oneTarget(tokens, fields))
  }
  return comma ? { _tag: "Tuple", at, items } : first
}

const namesIn = (bound: Target): ReadonlyArray<string> =>
  bound._tag === "Tuple" ? bound.items.flatMap(namesIn) : bound._tag === "Name" ? [bound.name] : []

const signature = (tokens: Tokens): Signature => {
  const params: Array<string> = []
  const defaults: Array<Expression> = []
  tokens.expect("operator", "(")
  while (!tokens.is("operator", ")")) {
    if (params.length > 0) tokens.expect("operator", ",")
    const param = nameTarget(tokens)
    if (tokens.skip("operator", "=")) defaults.push(Expressions.expression(tokens))
    else if (defaults.length > 0) throw invalid("a parameter without a default after one with", param.at)
    params.push(...namesIn(param))
  }
  tokens.expect("operator", ")")
  return { params, defaults }
}

const ifTag: Tag = (scope, at) => {
  const { tokens } = scope
  const branches: Array<readonly [Expression, Body]> = []
  let otherwise: Body = []
  for (let word = "if"; word !== "endif";) {
    if (word === "else") {
      otherwise = closed(scope, "endif", at)
      break
    }
    const test = Expressions.tuple(tokens, { conditional: false })
    endTag(scope)
    branches.push([test, body(scope, ["elif", "else", "endif"], at)])
    word = tokens.take().text
  }
  endTag(scope)
  return { _tag: "If", at, branches, otherwise }
}

const assigns = (statement: Statement, name: string): boolean =>
  (statement._tag === "Set" || statement._tag === "SetBlock") && namesIn(statement.target).includes(name)

const forTag: Tag = (scope, at) => {
  const { tokens } = scope
  const bound = target(tokens, false)
  tokens.expect("name", "in")
  const items = Expressions.tuple(tokens, { conditional: false, stop: "recursive" })
  const test = tokens.skip("name", "if") ? Expressions.expression(tokens) : undefined
  const recursive = tokens.skip("name", "recursive")
  endTag(scope)
  const statements = body(scope, ["endfor", "else"], at)
  const otherwise = tokens.take().text === "else" ? closed(scope, "endfor", at) : []
  endTag(scope)
  if (namesIn(bound).includes("loop") || statements.some((statement) => assigns(statement, "loop"))) {
    throw invalid("\"loop\" cannot be assigned in a loop", at, "loop")
  }
  return { _tag: "For", at, target: bound, items, test, body: statements, otherwise, recursive }
}

const setTag: Tag = (scope, at) => {
  const { tokens } = scope
  const bound = target(tokens, true)
  if (tokens.skip("operator", "=")) {
    const value = Expressions.tuple(tokens)
    endTag(scope)
    return { _tag: "Set", at, target: bound, value }
  }
  const filter = tokens.skip("operator", "|") ? Expressions.filters(tokens, undefined) : undefined
  return { _tag: "SetBlock", at, target: bound, filter, body: block(scope, "endset", at) }
}

const withTag: Tag = (scope, at) => {
  const { tokens } = scope
  const bindings: Array<readonly [Target, Expression]> = []
  while (!tokens.is("end")) {
    if (bindings.length > 0) tokens.expect("operator", ",")
    const bound = target(tokens, false)
    tokens.expect("operator", "=")
    bindings.push([bound, Expressions.expression(tokens)])
  }
  return { _tag: "With", at, bindings, body: block(scope, "endwith", at) }
}

const macroTag: Tag = (scope, at) => {
  const [name = ""] = namesIn(nameTarget(scope.tokens))
  const parameters = signature(scope.tokens)
  return { _tag: "Macro", at, name, signature: parameters, body: block(scope, "endmacro", at) }
}

const callTag: Tag = (scope, at) => {
  const { tokens } = scope
  const parameters = tokens.is("operator", "(") ? signature(tokens) : { params: [], defaults: [] }
  const call = Expressions.expression(tokens)
  if (call._tag !== "Call") throw invalid("expected a call", call.at)
  return { _tag: "CallBlock", at, signature: parameters, call, body: block(scope, "endcall", at) }
}

const filterTag: Tag = (scope, at) => {
  const filter = Expressions.filters(scope.tokens, undefined)
  return { _tag: "FilterBlock", at, filter, body: block(scope, "endfilter", at) }
}

const autoescapeTag: Tag = (scope, at) => {
  const value = Expressions.expression(scope.tokens)
  return { _tag: "Autoescape", at, value, body: block(scope, "endautoescape", at) }
}

const isHollow = (statement: Statement): boolean => statement._tag === "Text" && statement.text.trim() === ""

const blockTag: Tag = (scope, at) => {
  const { blocks, tokens } = scope
  const name = tokens.expect("name").text
  if (blocks.has(name)) throw invalid(`block "${name.slice(0, 40)}" is defined twice`, at, name)
  blocks.add(name)
  const scoped = tokens.skip("name", "scoped")
  const required = tokens.skip("name", "required")
  const statements = closed(scope, "endblock", at)
  tokens.skip("name", name)
  endTag(scope)
  if (required && !statements.every(isHollow)) throw invalid("a required block has content", at, name)
  return { _tag: "Block", at, name, scoped, required, body: statements }
}

const unloadable: Tag = (_, at) => {
  throw invalid("a template cannot load another one", at)
}

/** There is nothing to include; `ignore missing` says that this is no fault. */
const includeTag: Tag = (scope, at) => {
  const { tokens } = scope
  Expressions.expression(tokens)
  if (!tokens.skip("name", "ignore") || !tokens.skip("name", "missing")) return unloadable(scope, at)
  if (tokens.skip("name", "with") || tokens.skip("name", "without")) tokens.expect("name", "context")
  endTag(scope)
  return { _tag: "Text", at, text: "" }
}

const printTag: Tag = (scope, at) => {
  const value = Expressions.tuple(scope.tokens)
  endTag(scope)
  return { _tag: "Output", at, value }
}

const tags: ReadonlyMap<string, Tag> = new Map(Object.entries({
  if: ifTag,
  for: forTag,
  set: setTag,
  with: withTag,
  macro: macroTag,
  call: callTag,
  filter: filterTag,
  autoescape: autoescapeTag,
  block: blockTag,
  print: printTag,
  include: includeTag,
  import: unloadable,
  from: unloadable,
  extends: unloadable
}))

interface Parsed {
  readonly body: Body
  /** How deep its deepest part is: what one recursion through it may cost. */
  readonly depth: number
}

export const parse = (source: string, layout: Layout): Parsed => {
  const tokens = new Tokens(tokensOf(source, layout))
  return { body: body({ tokens, blocks: new Set() }, [], { line: 1, column: 1 }), depth: tokens.reached }
}
