/** Expressions, by descending precedence: inline if, or, and, not, comparisons, `+ -`, `~`, `* / // %`, `**`, signs, postfixes. */
import type { Operator } from "./Arithmetic.ts"
import type { Arguments, Comparison, Expression } from "./Ast.ts"
import { invalid } from "./Fault.ts"
import * as Literal from "./Literal.ts"
import type { Tokens } from "./Tokens.ts"
import type { Value } from "./Value.ts"

const constants: ReadonlyMap<string, Value> = new Map<string, Value>([
  ...["true", "True"].map((name) => [name, true] as const),
  ...["false", "False"].map((name) => [name, false] as const),
  ...["none", "None"].map((name) => [name, null] as const)
])
export const isConstant = (name: string): boolean => constants.has(name)

const wordsOf = <Word extends string>(...words: ReadonlyArray<Word>): ReadonlyMap<string, Word> =>
  new Map(words.map((word) => [word, word]))

const comparisons = wordsOf<Comparison>("==", "!=", "<", "<=", ">", ">=")
const additive = wordsOf<Operator>("+", "-")
const multiplicative = wordsOf<Operator>("*", "/", "//", "%")
const longestChain = 64
const noArguments: Arguments = { positional: [], named: [], spread: undefined, spreadNamed: undefined }

/** `conditional: false` leaves an `if` for the tag that contains the expression. */
export const expression = (tokens: Tokens, conditional = true): Expression =>
  tokens.deeper(() => conditional ? inlineIf(tokens) : or(tokens))

const inlineIf = (tokens: Tokens): Expression => {
  let value = or(tokens)
  for (let links = 0; tokens.is("name", "if"); links++) {
    if (links > longestChain) throw invalid("too many inline ifs", tokens.at)
    const { at } = tokens.take()
    const test = or(tokens)
    const no = tokens.skip("name", "else") ? expression(tokens) : undefined
    value = { _tag: "If", at, test, yes: value, no }
  }
  return value
}

const logical =
  (word: "or" | "and", _tag: "Or" | "And", operand: (tokens: Tokens) => Expression) => (tokens: Tokens): Expression => {
    const { at } = tokens
    const first = operand(tokens)
    const items = [first]
    while (tokens.skip("name", word)) items.push(operand(tokens))
    return items.length === 1 ? first : { _tag, at, items }
  }

const not = (tokens: Tokens): Expression => {
  if (!tokens.is("name", "not")) return compare(tokens)
  const { at } = tokens.take()
  return { _tag: "Not", at, value: tokens.deeper(() => not(tokens)) }
}

const and = logical("and", "And", not)
const or = logical("or", "Or", and)

const comparison = (tokens: Tokens): Comparison | undefined => {
  const { text, type } = tokens.current
  const symbol = type === "operator" ? comparisons.get(text) : undefined
  if (symbol !== undefined) {
    tokens.take()
    return symbol
  }
  if (tokens.skip("name", "in")) return "in"
  const { text: next, type: nextType } = tokens.peek(1)
  if (type !== "name" || text !== "not" || nextType !== "name" || next !== "in") return undefined
  tokens.take()
  tokens.take()
  return "not in"
}

const compare = (tokens: Tokens): Expression => {
  const { at } = tokens
  const first = sum(tokens)
  const rest: Array<readonly [Comparison, Expression]> = []
  for (let operator = comparison(tokens); operator !== undefined; operator = comparison(tokens)) {
    rest.push([operator, sum(tokens)])
  }
  return rest.length === 0 ? first : { _tag: "Compare", at, first, rest }
}

const operatorIn = (tokens: Tokens, operators: ReadonlyMap<string, Operator>): Operator | undefined =>
  tokens.is("operator") ? operators.get(tokens.current.text) : undefined

const arithmetic = (operators: ReadonlyMap<string, Operator>, operand: (tokens: Tokens) => Expression) =>
(
  tokens: Tokens
): Expression => {
  const { at } = tokens
  const first = operand(tokens)
  const rest: Array<readonly [Operator, Expression]> = []
  for (
    let operator = operatorIn(tokens, operators);
    operator !== undefined;
    operator = operatorIn(tokens, operators)
  ) {
    tokens.take()
    rest.push([operator, operand(tokens)])
  }
  return rest.length === 0 ? first : { _tag: "Arithmetic", at, first, rest }
}

const concat = (tokens: Tokens): Expression => {
  const { at } = tokens
  const first = product(tokens)
  const items = [first]
  while (tokens.skip("operator", "~")) items.push(product(tokens))
  return items.length === 1 ? first : { _tag: "Concat", at, items }
}

const signed = (tokens: Tokens, filters: boolean): Expression => {
  const { at, text, type } = tokens.current
  const isSign = type === "operator" && (text === "-" || text === "+")
  if (isSign) tokens.take()
  const plain: Expression = isSign
    ? { _tag: "Sign", at, negative: text === "-", value: tokens.deeper(() => signed(tokens, false)) }
    : primary(tokens)
  const value = postfix(tokens, plain)
  return filters ? filtered(tokens, value) : value
}

const power = arithmetic(wordsOf<Operator>("**"), (tokens) => signed(tokens, true))
const product = arithmetic(multiplicative, power)
const sum = arithmetic(additive, concat)

const literals: Readonly<Record<string, (tokens: Tokens) => Value>> = {
  integer: (tokens) => {
    const { at, text } = tokens.take()
    return Literal.integerOf(text, at)
  },
  float: (tokens) => Literal.floatOf(tokens.take().text),
  string: (tokens) => {
    const parts: Array<string> = []
    while (tokens.is("string")) {
      const { at, text } = tokens.take()
      parts.push(Literal.stringOf(text, at))
    }
    return parts.join("")
  }
}

const primary = (tokens: Tokens): Expression => {
  const { at, text, type } = tokens.current
  const literal = literals[type]
  if (literal !== undefined) return { _tag: "Const", at, value: literal(tokens) }
  if (type === "name") {
    tokens.take()
    const constant = constants.get(text)
    return constant === undefined ? { _tag: "Name", at, name: text } : { _tag: "Const", at, value: constant }
  }
  const bracketed = type === "operator" ? brackets[text] : undefined
  if (bracketed === undefined) throw tokens.unexpected("an expression")
  tokens.take()
  return bracketed(tokens)
}

const listed = (tokens: Tokens, close: string): ReadonlyArray<Expression> => {
  const items: Array<Expression> = []
  while (!tokens.is("operator", close)) {
    if (items.length > 0) tokens.expect("operator", ",")
    if (tokens.is("operator", close)) break
    items.push(expression(tokens))
  }
  tokens.expect("operator", close)
  return items
}

const brackets: Readonly<Record<string, (tokens: Tokens) => Expression>> = {
  "(": (tokens) => {
    const value = tuple(tokens, { empty: true })
    tokens.expect("operator", ")")
    return value
  },
  "[": (tokens) => {
    const { at } = tokens
    return { _tag: "List", at, items: listed(tokens, "]") }
  },
  "{": (tokens) => {
    const { at } = tokens
    const pairs: Array<readonly [Expression, Expression]> = []
    while (!tokens.is("operator", "}")) {
      if (pairs.length > 0) tokens.expect("operator", ",")
      if (tokens.is("operator", "}")) break
      const key = expression(tokens)
      tokens.expect("operator", ":")
      pairs.push([key, expression(tokens)])
    }
    tokens.expect("operator", "}")
    return { _tag: "Dict", at, pairs }
  }
}

const endsTuple = (tokens: Tokens, stop: string | undefined): boolean => {
  const { text, type } = tokens.current
  return type === "close" || type === "end" || (type === "operator" && text === ")") ||
    (type === "name" && text === stop)
}

/** Expressions with commas between them; one alone, without a comma, is itself. */
export const tuple = (
  tokens: Tokens,
  { conditional = true, empty = false, stop }: { conditional?: boolean; empty?: boolean; stop?: string } = {}
): Expression => {
  const { at } = tokens
  const items: Array<Expression> = []
  let comma = false
  while (!endsTuple(tokens, stop)) {
    items.push(expression(tokens, conditional))
    if (!tokens.skip("operator", ",")) break
    comma = true
  }
  const [first] = items
  if (first !== undefined && items.length === 1 && !comma) return first
  if (first === undefined && !empty) throw tokens.unexpected("an expression")
  return { _tag: "Tuple", at, items }
}

const callArguments = (tokens: Tokens): Arguments => {
  const positional: Array<Expression> = []
  const named: Array<readonly [string, Expression]> = []
  let spread: Expression | undefined
  let spreadNamed: Expression | undefined
  const { at } = tokens.expect("operator", "(")
  for (let first = true; !tokens.is("operator", ")"); first = false) {
    if (!first) tokens.expect("operator", ",")
    if (!first && tokens.is("operator", ")")) break
    const isNamed = tokens.is("name") && tokens.peek(1).type === "operator" && tokens.peek(1).text === "="
    if (tokens.skip("operator", "*")) {
      if (spread !== undefined || spreadNamed !== undefined) throw invalid("arguments in the wrong order", at)
      spread = expression(tokens)
    } else if (tokens.skip("operator", "**")) {
      if (spreadNamed !== undefined) throw invalid("arguments in the wrong order", at)
      spreadNamed = expression(tokens)
    } else if (isNamed) {
      if (spreadNamed !== undefined) throw invalid("arguments in the wrong order", at)
      const name = tokens.take().text
      tokens.take()
      named.push([name, expression(tokens)])
    } else {
      if (named.length > 0 || spread !== undefined || spreadNamed !== undefined) {
        throw invalid("arguments in the wrong order", at)
      }
      positional.push(expression(tokens))
    }
  }
  tokens.expect("operator", ")")
  return { positional, named, spread, spreadNamed }
}

type Bound = Expression | undefined

const subscript = (tokens: Tokens, target: Expression): Expression => {
  const { at } = tokens
  const bound = (): Bound =>
    [":", "]", ","].some((text) => tokens.is("operator", text)) ? undefined : expression(tokens)
  const start = bound()
  if (tokens.skip("operator", ":")) {
    const stop = bound()
    const step = tokens.skip("operator", ":") ? bound() : undefined
    tokens.expect("operator", "]")
    return { _tag: "Slice", at, target, start, stop, step }
  }
  if (start === undefined) throw tokens.unexpected("an expression")
  if (tokens.skip("operator", "]")) return { _tag: "Item", at, target, key: start }
  const items = [start]
  while (tokens.skip("operator", ",") && !tokens.is("operator", "]")) items.push(expression(tokens))
  tokens.expect("operator", "]")
  return { _tag: "Item", at, target, key: { _tag: "Tuple", at, items } }
}

const member = (tokens: Tokens, target: Expression): Expression => {
  const { at, text, type } = tokens.take()
  if (type === "name") return { _tag: "Attribute", at, target, name: text }
  if (type !== "integer") throw invalid("expected a name or a number after a dot", at)
  return { _tag: "Item", at, target, key: { _tag: "Const", at, value: Literal.integerOf(text, at) } }
}

const called = (tokens: Tokens, target: Expression): Expression => {
  const { at } = tokens
  return { _tag: "Call", at, target, args: callArguments(tokens) }
}

const bounded = (tokens: Tokens, link: number): void => {
  if (link > longestChain) throw invalid(`a chain of more than ${longestChain} reads, calls or filters`, tokens.at)
}

const postfix = (tokens: Tokens, start: Expression): Expression => {
  let value = start
  for (let link = 0;; link++) {
    bounded(tokens, link)
    if (tokens.skip("operator", ".")) value = member(tokens, value)
    else if (tokens.skip("operator", "[")) value = subscript(tokens, value)
    else if (tokens.is("operator", "(")) value = called(tokens, value)
    else return value
  }
}

const dotted = (tokens: Tokens): string => {
  const parts = [tokens.expect("name").text]
  while (tokens.skip("operator", ".")) parts.push(tokens.expect("name").text)
  return parts.join(".")
}

/** A filter after its `|`, or the filters of a block, which have no target. */
export const filter = (tokens: Tokens, target: Expression | undefined): Expression => {
  const { at } = tokens
  const name = dotted(tokens)
  const args = tokens.is("operator", "(") ? callArguments(tokens) : noArguments
  return { _tag: "Filter", at, target, name, args }
}

export const filters = (tokens: Tokens, target: Expression | undefined): Expression => {
  let value = filter(tokens, target)
  for (let link = 0; tokens.skip("operator", "|"); link++) {
    bounded(tokens, link)
    value = filter(tokens, value)
  }
  return value
}

const startsArgument = (tokens: Tokens): boolean => {
  const { text, type } = tokens.current
  if (type === "name") return text !== "else" && text !== "or" && text !== "and"
  return type === "string" || type === "integer" || type === "float" || (type === "operator" && "([{".includes(text))
}

const test = (tokens: Tokens, target: Expression): Expression => {
  const { at } = tokens
  const negated = tokens.skip("name", "not")
  const name = dotted(tokens)
  let args = noArguments
  if (tokens.is("operator", "(")) args = callArguments(tokens)
  else if (startsArgument(tokens)) {
    if (tokens.is("name", "is")) throw invalid("tests cannot be chained", tokens.at)
    args = { ...noArguments, positional: [postfix(tokens, primary(tokens))] }
  }
  const value: Expression = { _tag: "Test", at, target, name, args }
  return negated ? { _tag: "Not", at, value } : value
}

const filtered = (tokens: Tokens, start: Expression): Expression => {
  let value = start
  for (let link = 0;; link++) {
    bounded(tokens, link)
    if (tokens.skip("operator", "|")) value = filter(tokens, value)
    else if (tokens.skip("name", "is")) value = test(tokens, value)
    else if (tokens.is("operator", "(")) value = called(tokens, value)
    else return value
  }
}
