/**
 * MTHDS templates: parsed once, rendered many times, with the same text each time. A template reads the values it is given and
 * nothing else; whatever is wrong with it comes back as data.
 */
import * as Result from "effect/Result"
import type { Read } from "./Analysis.ts"
import * as Analysis from "./Analysis.ts"
import type { Statement } from "./Ast.ts"
import type { Category, Environment } from "./Category.ts"
import { environments, impureFilters } from "./Category.ts"
import type { Position, TemplateFault } from "./Fault.ts"
import { exhausted, Raised, refused, toFault } from "./Fault.ts"
import { interpret } from "./Interpreter.ts"
import { parse as parseSource } from "./Parser.ts"
import type { Settings } from "./Run.ts"
import { Run } from "./Run.ts"
import type { Warning } from "./Sigil.ts"
import { rewrite } from "./Sigil.ts"
import type { Value } from "./Value.ts"
import { everyExpression, everyStatement, inside, namesBound, namesRead } from "./Walk.ts"

export interface Options {
  readonly category: Category
  /** Whether `$name` and `@name` are read; they are unless this says no. */
  readonly sigils?: boolean
  /** With these, an inline `@name` of an input is refused. */
  readonly declaredInputs?: ReadonlySet<string>
  /** Reads an inline `@name` of a declared input as `$name`, with a warning. */
  readonly lenientSigils?: boolean
}

export interface Template {
  readonly category: Category
  readonly warnings: ReadonlyArray<Warning>
  readonly body: ReadonlyArray<Statement>
  readonly environment: Environment
  readonly original: (at: Position) => Position
  readonly exec: (run: Run) => void
}

const start: Position = { line: 1, column: 1 }
const same = (at: Position): Position => at

/** Names with a meaning of their own inside macros, loops and blocks. */
const special = ["loop", "caller", "varargs", "kwargs"]

/** What is not a fault of a template is a defect, but for the host's own limits. */
const caught = (error: unknown): Raised => {
  if (error instanceof Raised) return error
  if (error instanceof RangeError) return exhausted("a limit of the host")
  throw error
}

const refuseImpure = (body: ReadonlyArray<Statement>): void => {
  everyStatement(body, (node) => {
    for (const value of inside(node).expressions) {
      everyExpression(value, (part) => {
        if (part._tag !== "Filter" || !impureFilters.has(part.name)) return
        throw new Raised("refused", refused(part.name).message, part.name, part.at)
      })
    }
  })
}

const compiled = (source: string, environment: Environment): Pick<Template, "body" | "exec"> => {
  const { body, depth } = parseSource(source, environment.layout)
  refuseImpure(body)
  const bound = new Set([...namesBound(body), ...special, ...(namesRead(body).has("self") ? ["self"] : [])])
  return { body, exec: interpret(body, { library: environment.library, bound, mayNotRun: false, depth: depth + 4 }) }
}

export const parse = (source: string, options: Options): Result.Result<Template, TemplateFault> => {
  const { category, declaredInputs, lenientSigils = false, sigils = true } = options
  const rewritten = sigils
    ? rewrite(source, { ...(declaredInputs === undefined ? {} : { declaredInputs }), lenient: lenientSigils })
    : { text: source, original: same, warnings: [] }
  if ("kind" in rewritten) return Result.fail(rewritten)
  const environment = environments[category]
  const { original, text, warnings } = rewritten
  try {
    return Result.succeed({ category, warnings, environment, original, ...compiled(text, environment) })
  } catch (error) {
    const raised = caught(error)
    return Result.fail(toFault(raised, start, original))
  }
}

/** Names that a render sets itself. */
export const reserved: ReadonlySet<string> = new Set(["tag_style", "text_format"])

const conflict = (name: string): TemplateFault => ({
  kind: "name_conflict",
  message: `"${name}" is a name of the template language`,
  ...start,
  name
})

export const render = (
  template: Template,
  context: Readonly<Record<string, Value>>,
  settings: Settings
): Result.Result<string, TemplateFault> => {
  const taken = Array.from(reserved).find((name) => Object.hasOwn(context, name))
  if (taken !== undefined) return Result.fail(conflict(taken))
  const { environment, exec, original } = template
  const run = new Run(context, settings, environment.library, environment.autoescape)
  try {
    exec(run)
    return Result.succeed(run.out)
  } catch (error) {
    const raised = caught(error)
    return Result.fail(toFault(raised, run.at, original))
  }
}

/** Every read of a name that the template does not bind itself, in source order. */
export const reads = (template: Template, declared?: ReadonlySet<string>): ReadonlyArray<Read> =>
  Analysis.reads(template.body, template.original, declared)

/** Dotted reads of underscore names other than the four metadata names. */
export const privateNames = (template: Template): ReadonlyArray<Analysis.PrivateName> =>
  Analysis.privateNames(template.body, template.original)
