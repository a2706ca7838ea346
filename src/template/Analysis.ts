/**
 * What a template reads from its context, without rendering it: which names and fields, where, through which filters, and whether
 * a test for presence stands around the read. Names the template binds itself are not reads of the context.
 */
import type { Arguments, Expression, ExpressionOf, Signature, Statement, Target } from "./Ast.ts"
import type { Position } from "./Fault.ts"
import { globals } from "./Globals.ts"
import { metadataNames } from "./Value.ts"
import { boundBy, everyExpression, everyStatement, inside, parts } from "./Walk.ts"

export interface Read {
  /** The name, then its fields as far as they are literal. A method called at the end is not part of it. */
  readonly path: ReadonlyArray<string>
  /** True where an absent value does no harm: around the read its root is tested, or the read is that test. */
  readonly guarded: boolean
  readonly line: number
  readonly column: number
  /** The filters applied to the value itself, first to last. */
  readonly filters: ReadonlyArray<string>
}

export interface PrivateName {
  readonly name: string
  readonly line: number
  readonly column: number
}

interface Place {
  readonly bound: Set<string>
  readonly guards: ReadonlySet<string>
}

type Found = Omit<Read, "line" | "column"> & { readonly at: Position }

const noFilters: ReadonlyArray<string> = []

interface Path {
  readonly names: ReadonlyArray<string>
  readonly at: Position
  /** True while every step so far is literal, so that the next one may join. */
  readonly open: boolean
  /** Expressions met on the way that are reads of their own: computed keys. */
  readonly keys: ReadonlyArray<Expression>
}

const extended = (target: Expression, name: string | undefined, keys: ReadonlyArray<Expression>): Path | undefined => {
  const path = pathOf(target)
  if (path === undefined) return undefined
  const joins = path.open && name !== undefined
  return { ...path, names: joins ? [...path.names, name] : path.names, open: joins, keys: [...path.keys, ...keys] }
}

const pathOf = (node: Expression): Path | undefined => {
  switch (node._tag) {
    case "Name":
      return { names: [node.name], at: node.at, open: true, keys: [] }
    case "Attribute":
      return extended(node.target, node.name, [])
    case "Item": {
      const literal = node.key._tag === "Const" && typeof node.key.value === "string" ? node.key.value : undefined
      return extended(node.target, literal, literal === undefined ? [node.key] : [])
    }
    case "Slice":
      return extended(node.target, undefined, parts(node).slice(1))
    default:
      return undefined
  }
}

/** The roots whose presence a condition establishes when it holds. */
const established = (test: Expression): ReadonlyArray<string> => {
  if (test._tag === "And") return test.items.flatMap(established)
  const isPresence = test._tag === "Test" && test.name === "defined"
  const [root] = pathOf(isPresence ? test.target : test)?.names ?? []
  return root === undefined ? [] : [root]
}

const presenceTests: ReadonlySet<string> = new Set(["defined", "undefined", "none"])

class Reads {
  readonly found: Array<Found> = []
  readonly #declared: ReadonlySet<string>

  /** A declared input stands before what every template can call by that name. */
  constructor(declared: ReadonlySet<string>) {
    this.#declared = declared
  }

  #add(path: Path, filters: ReadonlyArray<string>, place: Place, harmless: boolean): void {
    const [root = ""] = path.names
    for (const key of path.keys) this.expression(key, place)
    if (place.bound.has(root) || (globals.has(root) && !this.#declared.has(root))) return
    const guarded = place.guards.has(root) || (harmless && path.names.length === 1 && path.open)
    this.found.push({ path: path.names, guarded, at: path.at, filters })
  }

  #arguments({ named, positional, spread, spreadNamed }: Arguments, place: Place): void {
    for (const value of [...positional, ...named.map(([, item]) => item), spread, spreadNamed]) {
      if (value !== undefined) this.expression(value, place)
    }
  }

  #call(node: ExpressionOf<"Call">, place: Place): void {
    this.expression(node.target._tag === "Attribute" ? node.target.target : node.target, place)
    this.#arguments(node.args, place)
  }

  /** Each operand of an `and` is read where the ones before it hold. */
  #chain(items: ReadonlyArray<Expression>, place: Place, read: (item: Expression, place: Place) => void): void {
    let { guards } = place
    for (const item of items) {
      read(item, { ...place, guards })
      guards = new Set([...guards, ...established(item)])
    }
  }

  /** An expression of which only the truth matters: an absent name is simply false. */
  condition(node: Expression, place: Place): void {
    if (node._tag === "And") return this.#chain(node.items, place, (item, at) => this.condition(item, at))
    if (node._tag === "Or") return node.items.forEach((item) => this.condition(item, place))
    if (node._tag === "Not") return this.condition(node.value, place)
    this.expression(node, place, noFilters, true)
  }

  expression(node: Expression, place: Place, filters: ReadonlyArray<string> = noFilters, harmless = false): void {
    const path = pathOf(node)
    if (path !== undefined) return this.#add(path, filters, place, harmless)
    switch (node._tag) {
      case "Filter":
        this.#arguments(node.args, place)
        if (node.target !== undefined) this.expression(node.target, place, [node.name, ...filters])
        return
      case "Test":
        this.#arguments(node.args, place)
        return this.expression(node.target, place, noFilters, harmless && presenceTests.has(node.name))
      case "Call":
        return this.#call(node, place)
      case "And":
        return this.#chain(node.items, place, (item, at) => this.expression(item, at))
      case "Not":
        return this.expression(node.value, place)
      case "If": {
        this.condition(node.test, place)
        this.expression(node.yes, { ...place, guards: new Set([...place.guards, ...established(node.test)]) }, filters)
        if (node.no !== undefined) this.expression(node.no, place, filters)
        return
      }
      case "Attribute":
      case "Item":
        this.expression(node.target, place)
        if (node._tag === "Item") this.expression(node.key, place)
        return
      default:
        for (const part of parts(node)) this.expression(part, place)
    }
  }

  body(statements: ReadonlyArray<Statement>, place: Place): void {
    for (const node of statements) this.#statement(node, place)
  }

  #inner(statements: ReadonlyArray<Statement>, place: Place, names: ReadonlyArray<string>): void {
    this.body(statements, { ...place, bound: new Set([...place.bound, ...names]) })
  }

  #signed({ defaults, params }: Signature, body: ReadonlyArray<Statement>, place: Place): void {
    const bound = new Set([...place.bound, ...params, "caller", "varargs", "kwargs"])
    for (const value of defaults) this.expression(value, { ...place, bound })
    this.body(body, { ...place, bound })
  }

  #bind(target: Target, place: Place): void {
    for (const name of boundBy(target)) place.bound.add(name)
  }

  #statement(node: Statement, place: Place): void {
    switch (node._tag) {
      case "Text":
        return
      case "Output":
        return this.expression(node.value, place)
      case "If": {
        const branches = node.branches.map(([test, body]) => {
          this.condition(test, place)
          const bound = new Set(place.bound)
          this.body(body, { bound, guards: new Set([...place.guards, ...established(test)]) })
          return bound
        })
        const otherwise = new Set(place.bound)
        this.body(node.otherwise, { ...place, bound: otherwise })
        // A name that only some branches bind may still be read from the context after them.
        for (const name of otherwise) if (branches.every((bound) => bound.has(name))) place.bound.add(name)
        return
      }
      case "For": {
        const names = boundBy(node.target)
        this.expression(node.items, place)
        if (node.test !== undefined) this.condition(node.test, { ...place, bound: new Set([...place.bound, ...names]) })
        this.#inner(node.body, place, [...names, "loop"])
        return this.#inner(node.otherwise, place, [])
      }
      case "Set":
        this.expression(node.value, place)
        return this.#bind(node.target, place)
      case "SetBlock":
        this.#inner(node.body, place, [])
        if (node.filter !== undefined) this.expression(node.filter, place)
        return this.#bind(node.target, place)
      case "With":
        for (const [, value] of node.bindings) this.expression(value, place)
        return this.#inner(node.body, place, node.bindings.flatMap(([target]) => boundBy(target)))
      case "Macro":
        place.bound.add(node.name)
        return this.#signed(node.signature, node.body, place)
      case "CallBlock":
        this.expression(node.call, place)
        return this.#signed(node.signature, node.body, place)
      default:
        for (const value of inside(node).expressions) this.expression(value, place)
        for (const body of inside(node).bodies) this.#inner(body, place, [])
    }
  }
}

export const reads = (
  body: ReadonlyArray<Statement>,
  original: (at: Position) => Position,
  declared: ReadonlySet<string> = new Set()
): ReadonlyArray<Read> => {
  const walk = new Reads(declared)
  walk.body(body, { bound: new Set(["self", "super"]), guards: new Set() })
  return walk.found
    .toSorted((left, right) => left.at.line - right.at.line || left.at.column - right.at.column)
    .map(({ at, filters, guarded, path }) => {
      const { column, line } = original(at)
      return { path, guarded, line, column, filters }
    })
}

export const privateNames = (
  body: ReadonlyArray<Statement>,
  original: (at: Position) => Position
): ReadonlyArray<PrivateName> => {
  const found: Array<{ readonly name: string; readonly at: Position }> = []
  everyStatement(body, (statement) => {
    for (const value of inside(statement).expressions) {
      everyExpression(value, (node) => {
        const isPrivate = node._tag === "Attribute" && node.name.startsWith("_") && !metadataNames.has(node.name)
        if (isPrivate) found.push({ name: node.name, at: node.at })
      })
    }
  })
  return found
    .toSorted((left, right) => left.at.line - right.at.line || left.at.column - right.at.column)
    .map(({ at, name }) => {
      const { column, line } = original(at)
      return { name, line, column }
    })
}
