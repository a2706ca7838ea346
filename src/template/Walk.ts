/** What a node contains, for the passes that look at a whole template. Depth is bounded by the parser, so plain recursion is safe. */
import type { Arguments, Expression, Signature, Statement, Target } from "./Ast.ts"

const ofArguments = ({ named, positional, spread, spreadNamed }: Arguments): ReadonlyArray<Expression> => [
  ...positional,
  ...named.map(([, value]) => value),
  ...(spread === undefined ? [] : [spread]),
  ...(spreadNamed === undefined ? [] : [spreadNamed])
]

const present = (...values: ReadonlyArray<Expression | undefined>): ReadonlyArray<Expression> =>
  values.filter((value) => value !== undefined)

/** In source order, but for the inline if, whose test comes first as it does when it runs. */
export const parts = (node: Expression): ReadonlyArray<Expression> => {
  switch (node._tag) {
    case "Const":
    case "Name":
      return []
    case "List":
    case "Tuple":
    case "Concat":
    case "And":
    case "Or":
      return node.items
    case "Dict":
      return node.pairs.flat()
    case "Attribute":
      return [node.target]
    case "Item":
      return [node.target, node.key]
    case "Slice":
      return present(node.target, node.start, node.stop, node.step)
    case "Call":
    case "Test":
      return [node.target, ...ofArguments(node.args)]
    case "Filter":
      return [...present(node.target), ...ofArguments(node.args)]
    case "Not":
    case "Sign":
      return [node.value]
    case "Arithmetic":
    case "Compare":
      return [node.first, ...node.rest.map(([, value]) => value)]
    default:
      return present(node.test, node.yes, node.no)
  }
}

interface Contents {
  readonly expressions: ReadonlyArray<Expression>
  readonly bodies: ReadonlyArray<ReadonlyArray<Statement>>
  readonly targets: ReadonlyArray<Target>
  readonly names: ReadonlyArray<string>
}

const contents = (found: Partial<Contents>): Contents => ({
  expressions: [],
  bodies: [],
  targets: [],
  names: [],
  ...found
})

const signed = ({ defaults, params }: Signature, body: ReadonlyArray<Statement>, extra: Partial<Contents>): Contents =>
  contents({
    ...extra,
    expressions: [...extra.expressions ?? [], ...defaults],
    bodies: [body],
    names: [...extra.names ?? [], ...params]
  })

export const inside = (node: Statement): Contents => {
  switch (node._tag) {
    case "Text":
      return contents({})
    case "Output":
      return contents({ expressions: [node.value] })
    case "If":
      return contents({
        expressions: node.branches.map(([test]) => test),
        bodies: [...node.branches.map(([, body]) => body), node.otherwise]
      })
    case "For":
      return contents({
        expressions: present(node.items, node.test),
        bodies: [node.body, node.otherwise],
        targets: [node.target]
      })
    case "Set":
      return contents({ expressions: [node.value], targets: [node.target] })
    case "SetBlock":
      return contents({ expressions: present(node.filter), bodies: [node.body], targets: [node.target] })
    case "With":
      return contents({
        expressions: node.bindings.map(([, value]) => value),
        bodies: [node.body],
        targets: node.bindings.map(([target]) => target)
      })
    case "Macro":
      return signed(node.signature, node.body, { names: [node.name] })
    case "CallBlock":
      return signed(node.signature, node.body, { expressions: [node.call] })
    case "FilterBlock":
      return contents({ expressions: [node.filter], bodies: [node.body] })
    case "Autoescape":
      return contents({ expressions: [node.value], bodies: [node.body] })
    default:
      return contents({ bodies: [node.body] })
  }
}

export const boundBy = (target: Target): ReadonlyArray<string> =>
  target._tag === "Tuple" ? target.items.flatMap(boundBy) : target._tag === "Name" ? [target.name] : []

export const everyStatement = (body: ReadonlyArray<Statement>, visit: (node: Statement) => void): void => {
  for (const node of body) {
    visit(node)
    for (const inner of inside(node).bodies) everyStatement(inner, visit)
  }
}

export const everyExpression = (node: Expression, visit: (node: Expression) => void): void => {
  visit(node)
  for (const part of parts(node)) everyExpression(part, visit)
}

/** Names read anywhere in a body, whatever they are bound to. */
export const namesRead = (
  body: ReadonlyArray<Statement>,
  more: ReadonlyArray<Expression> = []
): ReadonlySet<string> => {
  const names = new Set<string>()
  const read = (node: Expression): void => {
    if (node._tag === "Name") names.add(node.name)
  }
  for (const node of more) everyExpression(node, read)
  everyStatement(body, (node) => {
    for (const value of inside(node).expressions) everyExpression(value, read)
    for (const target of inside(node).targets) if (target._tag === "Field") names.add(target.name)
  })
  return names
}

/** Names that the template itself binds somewhere. */
export const namesBound = (body: ReadonlyArray<Statement>): ReadonlySet<string> => {
  const names = new Set<string>()
  everyStatement(body, (node) => {
    const { names: own, targets } = inside(node)
    for (const name of [...own, ...targets.flatMap(boundBy)]) names.add(name)
  })
  return names
}
