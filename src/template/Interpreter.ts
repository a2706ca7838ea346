/** Statements compiled to closures that write to a run. */
import type { Statement, StatementOf, Target } from "./Ast.ts"
import type { Around } from "./Expressions.ts"
import { blockFilter, compile, given, invoke } from "./Expressions.ts"
import type { Position } from "./Fault.ts"
import { failure, Raised } from "./Fault.ts"
import { iterate } from "./Iterate.ts"
import { compileFor } from "./Loop.ts"
import { macro, shapeOf } from "./Macro.ts"
import { print, printEscaped } from "./Print.ts"
import type { Run } from "./Run.ts"
import { Scope } from "./Scope.ts"
import type { Assign, Exec } from "./Statement.ts"
import type { Value } from "./Value.ts"
import { Markup, Native, truthy } from "./Value.ts"
import { everyStatement } from "./Walk.ts"

type Compile<Tag extends Statement["_tag"]> = (node: StatementOf<Tag>, around: Around) => Exec

const unpack = (targets: ReadonlyArray<Assign>, at: Position): Assign => (scope, value, run) => {
  run.at = at
  const items = iterate(value, run)
  if (items.length !== targets.length) throw failure(`${targets.length} values are needed to unpack`)
  for (const [index, assign] of targets.entries()) assign(scope, items[index] ?? null, run)
}

const assignment = (target: Target): Assign => {
  if (target._tag === "Name") return (scope, value) => scope.set(target.name, value)
  if (target._tag === "Tuple") return unpack(target.items.map(assignment), target.at)
  return (scope, value, run) => {
    run.at = target.at
    const holder = scope.get(target.name)
    if (!(holder instanceof Native) || holder.shape.assign === undefined) {
      throw new Raised("invalid", "only the attributes of a namespace can be set")
    }
    run.hold(2)
    holder.shape.assign(target.field, value)
  }
}

const output: Compile<"Output"> = ({ at, value }, around) => {
  const shown = compile(value, around)
  return (scope, run) => {
    const result = shown(scope, run)
    run.at = at
    run.step()
    run.write(run.autoescape ? printEscaped(result, run) : print(result, run))
  }
}

const ifStatement: Compile<"If"> = (node, around) => {
  const branch = { ...around, mayNotRun: true }
  const branches = node.branches.map(([test, body]) => [compile(test, branch), compileBody(body, branch)] as const)
  const otherwise = compileBody(node.otherwise, branch)
  return (scope, run) => {
    for (const [test, body] of branches) {
      run.step()
      if (truthy(test(scope, run))) return body(scope, run)
    }
    return otherwise(scope, run)
  }
}

/** The text a body writes, marked as safe where escaping is on. */
const text = (body: Exec, scope: Scope, run: Run): Value => {
  const written = run.captured(() => body(new Scope(scope), run))
  return run.autoescape ? new Markup(written) : written
}

const setBlock: Compile<"SetBlock"> = (node, around) => {
  const body = compileBody(node.body, around)
  const filter = node.filter === undefined ? undefined : blockFilter(node.filter, around)
  const assign = assignment(node.target)
  return (scope, run) => {
    const value = text(body, scope, run)
    assign(scope, filter === undefined ? value : filter(value, scope, run), run)
  }
}

const withStatement: Compile<"With"> = (node, around) => {
  const bindings = node.bindings.map(([target, value]) => [assignment(target), compile(value, around)] as const)
  const body = compileBody(node.body, around)
  return (scope, run) => {
    const inner = new Scope(scope)
    const values = bindings.map(([, value]) => value(scope, run))
    for (const [index, [assign]] of bindings.entries()) assign(inner, values[index] ?? null, run)
    body(inner, run)
  }
}

const callBlock: Compile<"CallBlock"> = (node, around) => {
  const shape = shapeOf("", node.signature, node.body, compileBody(node.body, around), around)
  const target = compile(node.call.target, around)
  const args = given(node.call.args, around)
  return (scope, run) => {
    const callee = target(scope, run)
    const values = args(scope, run)
    run.at = node.at
    const named = new Map([...values.named, ["caller", macro(shape, scope, run)] as const])
    const result = invoke(callee, { args: values.args, named }, run)
    run.write(run.autoescape ? printEscaped(result, run) : print(result, run))
  }
}

const autoescape: Compile<"Autoescape"> = (node, around) => {
  const value = compile(node.value, around)
  const body = compileBody(node.body, around)
  return (scope, run) => {
    const outer = run.autoescape
    run.autoescape = truthy(value(scope, run))
    body(new Scope(scope), run)
    run.autoescape = outer
  }
}

const block: Compile<"Block"> = (node, around) => {
  const body = compileBody(node.body, around)
  return (scope, run) => {
    if (node.required) throw new Raised("invalid", `the required block "${node.name}" is empty`, node.name, node.at)
    body(new Scope(node.scoped ? scope : scope.root), run)
  }
}

const compilers: { readonly [Tag in Statement["_tag"]]: Compile<Tag> } = {
  Text: ({ text: written }) => (_, run) => run.write(written),
  Output: output,
  If: ifStatement,
  For: (node, around) =>
    compileFor(node, around, {
      assign: assignment(node.target),
      body: compileBody(node.body, around),
      otherwise: compileBody(node.otherwise, around)
    }),
  Set: (node, around) => {
    const value = compile(node.value, around)
    const assign = assignment(node.target)
    return (scope, run) => assign(scope, value(scope, run), run)
  },
  SetBlock: setBlock,
  With: withStatement,
  Macro: (node, around) => {
    const shape = shapeOf(node.name, node.signature, node.body, compileBody(node.body, around), around)
    return (scope, run) => scope.set(node.name, macro(shape, scope, run))
  },
  CallBlock: callBlock,
  FilterBlock: (node, around) => {
    const body = compileBody(node.body, around)
    const filter = blockFilter(node.filter, around)
    return (scope, run) => {
      const value = filter(text(body, scope, run), scope, run)
      run.write(run.autoescape ? printEscaped(value, run) : print(value, run))
    }
  },
  Autoescape: autoescape,
  Block: block
}

const compileStatement = <Tag extends Statement["_tag"]>(node: StatementOf<Tag>, around: Around): Exec =>
  compilers[node._tag](node, around)

const compileBody = (body: ReadonlyArray<Statement>, around: Around): Exec => {
  const [first, second, ...more] = body.map((node) => compileStatement(node, around))
  if (first === undefined) return () => undefined
  if (second === undefined) return first
  const all = [first, second, ...more]
  return (scope, run) => {
    for (const exec of all) exec(scope, run)
  }
}

/** `self.name()` renders a block again. */
const selfOf = (blocks: ReadonlyMap<string, Exec>, scope: Scope, levels: number): Native =>
  new Native({
    typeName: "TemplateReference",
    shown: () => "<TemplateReference None>",
    attribute: (name) => {
      const body = blocks.get(name)
      if (body === undefined) return undefined
      return new Native({
        typeName: "BlockReference",
        call: (_, __, run) => run.nested(levels, () => text(body, scope, run))
      })
    }
  })

/** The whole template as one function of a run. */
export const interpret = (body: ReadonlyArray<Statement>, around: Around): (run: Run) => void => {
  const exec = compileBody(body, around)
  const blocks = new Map<string, Exec>()
  everyStatement(body, (node) => {
    if (node._tag === "Block") blocks.set(node.name, compileBody(node.body, around))
  })
  return (run) => {
    const scope = new Scope()
    if (around.bound.has("self")) scope.set("self", selfOf(blocks, scope, around.depth))
    exec(scope, run)
  }
}
