/** `{% macro %}` and `{% call %}`: bodies that are called with arguments and give text. */
import type { Expression, Signature, Statement } from "./Ast.ts"
import { Dict } from "./Dict.ts"
import type { Around, Eval } from "./Expressions.ts"
import { compile } from "./Expressions.ts"
import { failure } from "./Fault.ts"
import type { Run } from "./Run.ts"
import { Scope } from "./Scope.ts"
import type { Exec } from "./Statement.ts"
import type { Named, Value } from "./Value.ts"
import { Markup, Native, Tuple, Undefined } from "./Value.ts"
import { namesRead } from "./Walk.ts"

export interface Shape {
  readonly name: string
  readonly params: ReadonlyArray<string>
  readonly defaults: ReadonlyMap<string, Eval>
  readonly extras: ReadonlySet<string>
  readonly body: Exec
  readonly depth: number
}

const implicit = ["caller", "varargs", "kwargs"]

export const shapeOf = (
  name: string,
  { defaults, params }: Signature,
  statements: ReadonlyArray<Statement>,
  body: Exec,
  around: Around
): Shape => {
  const first = params.length - defaults.length
  const pairs = defaults.map((value: Expression, index) =>
    [params[first + index] ?? "", compile(value, around)] as const
  )
  const read = namesRead(statements, defaults)
  return {
    name,
    params,
    defaults: new Map(pairs),
    extras: new Set(implicit.filter((word) => read.has(word) && !params.includes(word))),
    body,
    depth: around.depth + 2
  }
}

const bindExtras = (shape: Shape, inner: Scope, args: ReadonlyArray<Value>, rest: Map<string, Value>): void => {
  const { extras, params } = shape
  if (extras.has("caller")) inner.set("caller", rest.get("caller") ?? new Undefined("caller"))
  if (extras.has("caller") || params.includes("caller")) rest.delete("caller")
  if (extras.has("kwargs")) inner.set("kwargs", Dict.from(rest))
  else if (rest.size > 0) throw failure("the macro takes no such named argument")
  if (extras.has("varargs")) inner.set("varargs", new Tuple(args.slice(params.length)))
  else if (args.length > params.length) throw failure("the macro takes fewer arguments")
}

const bind = (shape: Shape, inner: Scope, args: ReadonlyArray<Value>, named: Named, run: Run): void => {
  const rest = new Map(named)
  for (const [index, param] of shape.params.entries()) {
    const positional = args[index]
    const byName = rest.get(param)
    if (positional !== undefined && byName !== undefined) throw failure("the macro is given an argument twice")
    rest.delete(param)
    const value = positional === undefined ? byName : positional
    if (value !== undefined) inner.set(param, value)
    else {inner.set(
        param,
        shape.defaults.get(param)?.(inner, run) ?? (shape.defaults.has(param) ? null : new Undefined(param))
      )}
  }
  bindExtras(shape, inner, args, rest)
}

const attributes: ReadonlyMap<string, (shape: Shape) => Value> = new Map(Object.entries({
  name: (shape: Shape): Value => shape.name,
  arguments: (shape: Shape): Value => new Tuple(shape.params),
  caller: (shape: Shape): Value => shape.extras.has("caller") || shape.params.includes("caller"),
  catch_kwargs: (shape: Shape): Value => shape.extras.has("kwargs"),
  catch_varargs: (shape: Shape): Value => shape.extras.has("varargs")
}))

export const macro = (shape: Shape, scope: Scope, defined: Run): Native => {
  const escaping = defined.autoescape
  return new Native({
    typeName: "Macro",
    shown: () => `<Macro ${shape.name === "" ? "anonymous" : `'${shape.name}'`}>`,
    attribute: (name) => attributes.get(name)?.(shape),
    call: (args, named, run) =>
      run.nested(shape.depth, () => {
        const inner = new Scope(scope)
        bind(shape, inner, args, named, run)
        const outer = run.autoescape
        run.autoescape = escaping
        const text = run.captured(() => shape.body(inner, run))
        run.autoescape = outer
        return escaping ? new Markup(text) : text
      })
  })
}
