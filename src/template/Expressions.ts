/** Expressions compiled to closures, once for a template and then run for each render. */
import { attribute, isFormat, item, slice } from "./Access.ts"
import * as Arithmetic from "./Arithmetic.ts"
import type { Arguments, Comparison, Expression, ExpressionOf } from "./Ast.ts"
import { compare, contains, equals, textOf } from "./Compare.ts"
import { Dict } from "./Dict.ts"
import type { Position } from "./Fault.ts"
import { failure, invalid, Raised, refused, undefinedRead } from "./Fault.ts"
import { globals } from "./Globals.ts"
import { iterate } from "./Iterate.ts"
import type { Open, Table } from "./Operation.ts"
import { print } from "./Print.ts"
import type { Library, Run } from "./Run.ts"
import type { Scope } from "./Scope.ts"
import type { Named, Value } from "./Value.ts"
import { isText, Native, noNames, truthy, Tuple, typeName, Undefined } from "./Value.ts"

export type Eval = (scope: Scope, run: Run) => Value

/** What compiling needs to know of the template around a node. */
export interface Around {
  readonly library: Library
  /** Names that the template binds somewhere; the others skip the scopes. */
  readonly bound: ReadonlySet<string>
  /** Inside a branch that may never run, an unknown filter is only found when it does. */
  readonly mayNotRun: boolean
  readonly depth: number
}

type Compile<Tag extends Expression["_tag"]> = (node: ExpressionOf<Tag>, around: Around) => Eval

const name: Compile<"Name"> = ({ name: word }, { bound }) => {
  const missing = new Undefined(word)
  const free = (run: Run): Value => {
    const value = Object.hasOwn(run.context, word) ? run.context[word] : undefined
    return value === undefined ? globals.get(word) ?? missing : value
  }
  if (!bound.has(word)) return (_, run) => free(run)
  return (scope, run) => {
    const value = scope.get(word)
    return value === undefined ? free(run) : value
  }
}

const all = (nodes: ReadonlyArray<Expression>, around: Around): ReadonlyArray<Eval> =>
  nodes.map((node) => compile(node, around))

const list: Compile<"List"> = ({ items }, around) => {
  const evals = all(items, around)
  return (scope, run) => {
    run.hold(evals.length)
    return evals.map((value) => value(scope, run))
  }
}

const tuple: Compile<"Tuple"> = ({ items }, around) => {
  const evals = all(items, around)
  return (scope, run) => {
    run.hold(evals.length)
    return new Tuple(evals.map((value) => value(scope, run)))
  }
}

const dict: Compile<"Dict"> = ({ at, pairs }, around) => {
  const evals = pairs.map(([key, value]) => [compile(key, around), compile(value, around)] as const)
  return (scope, run) => {
    run.hold(evals.length * 2)
    const made = evals.map(([key, value]) => [key(scope, run), value(scope, run)] as const)
    run.at = at
    return Dict.from(made)
  }
}

const member = (node: ExpressionOf<"Attribute">, around: Around, called: boolean): Eval => {
  const target = compile(node.target, around)
  return (scope, run) => {
    const value = target(scope, run)
    run.step()
    run.at = node.at
    if (!called && isFormat(value, node.name)) throw refused(node.name)
    return attribute(value, node.name, run, node.name)
  }
}

const itemOf: Compile<"Item"> = (node, around) => {
  const target = compile(node.target, around)
  const key = compile(node.key, around)
  return (scope, run) => {
    const value = target(scope, run)
    const at = key(scope, run)
    run.at = node.at
    return item(value, at, run)
  }
}

const nothing: Eval = () => null

const sliceOf: Compile<"Slice"> = (node, around) => {
  const target = compile(node.target, around)
  const [start, stop, step] = [node.start, node.stop, node.step].map((bound) =>
    bound === undefined ? nothing : compile(bound, around)
  )
  return (scope, run) => {
    const value = target(scope, run)
    const bounds = {
      start: (start ?? nothing)(scope, run),
      stop: (stop ?? nothing)(scope, run),
      step: (step ?? nothing)(scope, run)
    }
    run.at = node.at
    return slice(value, bounds, run)
  }
}

export interface Given {
  readonly args: ReadonlyArray<Value>
  readonly named: Named
}

const none: Given = { args: [], named: noNames }

const addSpread = (named: Map<string, Value>, values: Value): void => {
  if (!(values instanceof Dict)) throw failure(`a mapping is needed after "**", not ${typeName(values)}`)
  for (const [key, value] of values.entries()) {
    if (!isText(key) || named.has(textOf(key))) throw failure("an argument is given twice, or its name is not text")
    named.set(textOf(key), value)
  }
}

export const given = (args: Arguments, around: Around): (scope: Scope, run: Run) => Given => {
  const positional = all(args.positional, around)
  const pairs = args.named.map(([key, value]) => [key, compile(value, around)] as const)
  const spread = args.spread === undefined ? undefined : compile(args.spread, around)
  const spreadNamed = args.spreadNamed === undefined ? undefined : compile(args.spreadNamed, around)
  const plain = pairs.length === 0 && spread === undefined && spreadNamed === undefined
  if (plain && positional.length === 0) return () => none
  if (plain) return (scope, run) => ({ args: positional.map((value) => value(scope, run)), named: noNames })
  return (scope, run) => {
    const values = positional.map((value) => value(scope, run))
    const named = new Map<string, Value>()
    for (const [key, value] of pairs) {
      if (named.has(key)) throw failure("an argument is given twice")
      named.set(key, value(scope, run))
    }
    const more = spread === undefined ? [] : iterate(spread(scope, run), run)
    run.hold(more.length)
    if (spreadNamed !== undefined) addSpread(named, spreadNamed(scope, run))
    return { args: [...values, ...more], named }
  }
}

export const invoke = (callee: Value, { args, named }: Given, run: Run): Value => {
  if (callee instanceof Native && callee.shape.call !== undefined) return callee.shape.call(args, named, run)
  throw callee instanceof Undefined
    ? undefinedRead(callee.name, "calling")
    : failure(`a value of type ${typeName(callee)} cannot be called`)
}

const call: Compile<"Call"> = (node, around) => {
  const target = node.target._tag === "Attribute" ? member(node.target, around, true) : compile(node.target, around)
  const args = given(node.args, around)
  return (scope, run) => {
    const callee = target(scope, run)
    const values = args(scope, run)
    run.step()
    run.at = node.at
    return invoke(callee, values, run)
  }
}

/** An unknown name is an error of the template, or of the render where the branch may never run. */
const found = (table: Table, kind: string, word: string, at: Position, around: Around): Open => {
  const open = table.get(word)
  if (open !== undefined) return open
  const message = `there is no ${kind} "${word.slice(0, 40)}"`
  if (!around.mayNotRun) throw invalid(message, at, word)
  return () => {
    throw new Raised("render", message, word, at)
  }
}

type Apply = (value: Value, scope: Scope, run: Run) => Value

const applied = (node: ExpressionOf<"Filter"> | ExpressionOf<"Test">, around: Around): Apply => {
  const isFilter = node._tag === "Filter"
  const open = found(
    around.library[isFilter ? "filters" : "tests"],
    isFilter ? "filter" : "test",
    node.name,
    node.at,
    around
  )
  const args = given(node.args, around)
  return (value, scope, run) => {
    const values = args(scope, run)
    run.step()
    run.at = node.at
    return open(value, values.args, values.named, run)
  }
}

const onTarget = (target: Expression, apply: Apply, around: Around): Eval => {
  const value = compile(target, around)
  return (scope, run) => apply(value(scope, run), scope, run)
}

/** The filters of a block, whose innermost has no target, as a function of the block's text. */
export const blockFilter = (node: Expression, around: Around): Apply => {
  if (node._tag !== "Filter") throw invalid("expected a filter", node.at)
  const apply = applied(node, around)
  if (node.target === undefined) return apply
  const inner = blockFilter(node.target, around)
  return (value, scope, run) => apply(inner(value, scope, run), scope, run)
}

const arithmetic: Compile<"Arithmetic"> = (node, around) => {
  const first = compile(node.first, around)
  const rest = node.rest.map(([operator, value]) => [operator, compile(value, around)] as const)
  return (scope, run) => {
    let value = first(scope, run)
    for (const [operator, operand] of rest) {
      const right = operand(scope, run)
      run.step()
      run.at = node.at
      value = Arithmetic.operate(operator, value, right, run)
    }
    return value
  }
}

const concat: Compile<"Concat"> = (node, around) => {
  const evals = all(node.items, around)
  return (scope, run) => {
    const values = evals.map((value) => value(scope, run))
    run.work(values.length)
    run.at = node.at
    return Arithmetic.concatenate(values, run, (value) => print(value, run))
  }
}

const comparisons: Readonly<Record<Comparison, (left: Value, right: Value, run: Run) => boolean>> = {
  "==": equals,
  "!=": (left, right, run) => !equals(left, right, run),
  "<": (left, right, run) => compare(left, right, run) < 0,
  "<=": (left, right, run) => compare(left, right, run) <= 0,
  ">": (left, right, run) => compare(left, right, run) > 0,
  ">=": (left, right, run) => compare(left, right, run) >= 0,
  in: (left, right, run) => contains(right, left, run),
  "not in": (left, right, run) => !contains(right, left, run)
}

const comparison: Compile<"Compare"> = (node, around) => {
  const first = compile(node.first, around)
  const rest = node.rest.map(([operator, value]) => [comparisons[operator], compile(value, around)] as const)
  return (scope, run) => {
    let left = first(scope, run)
    for (const [holds, operand] of rest) {
      const right = operand(scope, run)
      run.at = node.at
      if (!holds(left, right, run)) return false
      left = right
    }
    return true
  }
}

/** `and` stops at the first false value, `or` at the first true one; both give that value. */
const logical = (items: ReadonlyArray<Expression>, around: Around, stopAt: boolean): Eval => {
  const evals = all(items, around)
  return (scope, run) => {
    let value: Value = null
    for (const next of evals) {
      run.step()
      value = next(scope, run)
      if (truthy(value) === stopAt) return value
    }
    return value
  }
}

const inlineIf: Compile<"If"> = (node, around) => {
  const branch = { ...around, mayNotRun: true }
  const check = compile(node.test, branch)
  const yes = compile(node.yes, branch)
  const no = node.no === undefined ? undefined : compile(node.no, branch)
  const missing = new Undefined()
  return (scope, run) => {
    run.step()
    return truthy(check(scope, run)) ? yes(scope, run) : no === undefined ? missing : no(scope, run)
  }
}

const compilers: { readonly [Tag in Expression["_tag"]]: Compile<Tag> } = {
  Const: ({ value }) => () => value,
  Name: name,
  List: list,
  Tuple: tuple,
  Dict: dict,
  Attribute: (node, around) => member(node, around, false),
  Item: itemOf,
  Slice: sliceOf,
  Call: call,
  Filter: (node, around) => {
    const apply = applied(node, around)
    return node.target === undefined ? nothing : onTarget(node.target, apply, around)
  },
  Test: (node, around) => onTarget(node.target, applied(node, around), around),
  Not: ({ value }, around) => {
    const inner = compile(value, around)
    return (scope, run) => !truthy(inner(scope, run))
  },
  Sign: ({ at, negative, value }, around) => {
    const inner = compile(value, around)
    return (scope, run) => {
      const operand = inner(scope, run)
      run.at = at
      return negative ? Arithmetic.negate(operand) : Arithmetic.affirm(operand)
    }
  },
  Arithmetic: arithmetic,
  Concat: concat,
  Compare: comparison,
  And: ({ items }, around) => logical(items, around, false),
  Or: ({ items }, around) => logical(items, around, true),
  If: inlineIf
}

const dispatch = <Tag extends Expression["_tag"]>(node: ExpressionOf<Tag>, around: Around): Eval =>
  compilers[node._tag](node, around)

export const compile = (node: Expression, around: Around): Eval => dispatch(node, around)
