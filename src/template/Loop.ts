/** `{% for %}` and what `loop` offers inside it. */
import type { StatementOf } from "./Ast.ts"
import { equals } from "./Compare.ts"
import type { Around } from "./Expressions.ts"
import { compile } from "./Expressions.ts"
import { failure, undefinedRead } from "./Fault.ts"
import { iterate } from "./Iterate.ts"
import type { Run } from "./Run.ts"
import { Scope } from "./Scope.ts"
import type { Assign, Exec } from "./Statement.ts"
import type { Value } from "./Value.ts"
import { Markup, Native, truthy, Undefined } from "./Value.ts"
import { namesRead } from "./Walk.ts"

interface Parts {
  readonly assign: Assign
  readonly body: Exec
  readonly otherwise: Exec
}

class Loop {
  readonly items: ReadonlyArray<Value>
  readonly depth: number
  index = 0
  changed: ReadonlyArray<Value> | undefined

  constructor(items: ReadonlyArray<Value>, depth: number) {
    this.items = items
    this.depth = depth
  }
}

const big = (value: number): bigint => BigInt(value)

const cycle = (loop: Loop): Native =>
  new Native({
    typeName: "method",
    call: (args) => {
      if (args.length === 0) throw failure("no items to cycle through")
      return args[loop.index % args.length] ?? null
    }
  })

const changed = (loop: Loop): Native =>
  new Native({
    typeName: "method",
    call: (args, _, run) => {
      const before = loop.changed
      loop.changed = args
      return before === undefined || before.length !== args.length ||
        args.some((value, index) => !equals(value, before[index] ?? null, run))
    }
  })

const attributes: ReadonlyMap<string, (loop: Loop) => Value> = new Map(Object.entries({
  index: (loop: Loop): Value => big(loop.index + 1),
  index0: (loop: Loop): Value => big(loop.index),
  revindex: (loop: Loop): Value => big(loop.items.length - loop.index),
  revindex0: (loop: Loop): Value => big(loop.items.length - loop.index - 1),
  first: (loop: Loop): Value => loop.index === 0,
  last: (loop: Loop): Value => loop.index === loop.items.length - 1,
  length: (loop: Loop): Value => big(loop.items.length),
  previtem: (loop: Loop): Value => loop.items[loop.index - 1] ?? (loop.index === 0 ? new Undefined("previtem") : null),
  nextitem: (loop: Loop): Value => {
    const next = loop.items[loop.index + 1]
    return next === undefined ? new Undefined("nextitem") : next
  },
  depth: (loop: Loop): Value => big(loop.depth + 1),
  depth0: (loop: Loop): Value => big(loop.depth),
  cycle,
  changed
}))

type Recurse = (args: ReadonlyArray<Value>, run: Run) => Value

const native = (loop: Loop, recurse: Recurse): Native =>
  new Native({
    typeName: "LoopContext",
    shown: () => `<LoopContext ${loop.index + 1}/${loop.items.length}>`,
    attribute: (name) => attributes.get(name)?.(loop),
    call: (args, _, run) => recurse(args, run)
  })

const unrecursive: Recurse = () => {
  throw failure("only a recursive loop can be called")
}

export const compileFor = (node: StatementOf<"For">, around: Around, { assign, body, otherwise }: Parts): Exec => {
  const items = compile(node.items, around)
  const test = node.test === undefined ? undefined : compile(node.test, around)
  const usesLoop = node.recursive || namesRead(node.body).has("loop")

  const passes = (item: Value, scope: Scope, run: Run): boolean => {
    if (test === undefined) return true
    const inner = new Scope(scope)
    assign(inner, item, run)
    inner.set("loop", new Undefined("loop"))
    return truthy(test(inner, run))
  }

  /** Without `loop`, items are tested as they come, so that a body may change what the test reads. */
  const plain = (all: ReadonlyArray<Value>, scope: Scope, run: Run): void => {
    let ran = false
    for (const item of all) {
      run.step()
      if (!passes(item, scope, run)) continue
      ran = true
      const inner = new Scope(scope)
      assign(inner, item, run)
      body(inner, run)
    }
    if (!ran) otherwise(new Scope(scope), run)
  }

  const observed = (all: ReadonlyArray<Value>, scope: Scope, run: Run, depth: number): void => {
    run.work(all.length / 4)
    const loop = new Loop(test === undefined ? all : all.filter((item) => passes(item, scope, run)), depth)
    const value = native(loop, node.recursive ? recurse : unrecursive)
    function recurse(args: ReadonlyArray<Value>, inside: Run): Value {
      const [children, ...more] = args
      if (children === undefined || more.length > 0) throw failure("a recursive loop takes one argument")
      if (children instanceof Undefined) throw undefinedRead(children.name, "looping over")
      const text = inside.nested(
        around.depth,
        () => inside.captured(() => observed(iterate(children, inside), scope, inside, depth + 1))
      )
      return inside.autoescape ? new Markup(text) : text
    }
    for (const [index, item] of loop.items.entries()) {
      run.step()
      loop.index = index
      const inner = new Scope(scope)
      inner.set("loop", value)
      assign(inner, item, run)
      body(inner, run)
    }
    if (loop.items.length === 0) otherwise(new Scope(scope), run)
  }

  return (scope, run) => {
    const value = items(scope, run)
    run.at = node.at
    const all = iterate(value, run)
    if (usesLoop) observed(all, scope, run, 0)
    else plain(all, scope, run)
  }
}
