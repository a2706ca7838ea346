/** A parsed template. Chains of one precedence are flat, so that a long one is not a deep one. */
import type { Operator } from "./Arithmetic.ts"
import type { Position } from "./Fault.ts"
import type { Value } from "./Value.ts"

export interface Arguments {
  readonly positional: ReadonlyArray<Expression>
  readonly named: ReadonlyArray<readonly [string, Expression]>
  readonly spread: Expression | undefined
  readonly spreadNamed: Expression | undefined
}

export type Comparison = "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "not in"

interface Shapes {
  Const: { readonly value: Value }
  Name: { readonly name: string }
  List: { readonly items: ReadonlyArray<Expression> }
  Tuple: { readonly items: ReadonlyArray<Expression> }
  Dict: { readonly pairs: ReadonlyArray<readonly [Expression, Expression]> }
  Attribute: { readonly target: Expression; readonly name: string }
  Item: { readonly target: Expression; readonly key: Expression }
  Slice: {
    readonly target: Expression
    readonly start: Expression | undefined
    readonly stop: Expression | undefined
    readonly step: Expression | undefined
  }
  Call: { readonly target: Expression; readonly args: Arguments }
  /** Without a target the filter applies to the text of a block. */
  Filter: { readonly target: Expression | undefined; readonly name: string; readonly args: Arguments }
  Test: { readonly target: Expression; readonly name: string; readonly args: Arguments }
  Not: { readonly value: Expression }
  Sign: { readonly negative: boolean; readonly value: Expression }
  Arithmetic: { readonly first: Expression; readonly rest: ReadonlyArray<readonly [Operator, Expression]> }
  Concat: { readonly items: ReadonlyArray<Expression> }
  Compare: { readonly first: Expression; readonly rest: ReadonlyArray<readonly [Comparison, Expression]> }
  And: { readonly items: ReadonlyArray<Expression> }
  Or: { readonly items: ReadonlyArray<Expression> }
  If: { readonly test: Expression; readonly yes: Expression; readonly no: Expression | undefined }
}

export type ExpressionOf<Tag extends keyof Shapes> = { readonly _tag: Tag; readonly at: Position } & Shapes[Tag]
export type Expression = { [Tag in keyof Shapes]: ExpressionOf<Tag> }[keyof Shapes]

export type Target =
  | { readonly _tag: "Name"; readonly at: Position; readonly name: string }
  | { readonly _tag: "Field"; readonly at: Position; readonly name: string; readonly field: string }
  | { readonly _tag: "Tuple"; readonly at: Position; readonly items: ReadonlyArray<Target> }

export interface Signature {
  readonly params: ReadonlyArray<string>
  /** For the last parameters. */
  readonly defaults: ReadonlyArray<Expression>
}

type Body = ReadonlyArray<Statement>

interface StatementShapes {
  Text: { readonly text: string }
  Output: { readonly value: Expression }
  If: { readonly branches: ReadonlyArray<readonly [Expression, Body]>; readonly otherwise: Body }
  For: {
    readonly target: Target
    readonly items: Expression
    readonly test: Expression | undefined
    readonly body: Body
    readonly otherwise: Body
    readonly recursive: boolean
  }
  Set: { readonly target: Target; readonly value: Expression }
  SetBlock: { readonly target: Target; readonly filter: Expression | undefined; readonly body: Body }
  With: { readonly bindings: ReadonlyArray<readonly [Target, Expression]>; readonly body: Body }
  Macro: { readonly name: string; readonly signature: Signature; readonly body: Body }
  CallBlock: { readonly signature: Signature; readonly call: ExpressionOf<"Call">; readonly body: Body }
  FilterBlock: { readonly filter: Expression; readonly body: Body }
  Autoescape: { readonly value: Expression; readonly body: Body }
  Block: { readonly name: string; readonly scoped: boolean; readonly required: boolean; readonly body: Body }
}

export type StatementOf<Tag extends keyof StatementShapes> =
  & { readonly _tag: Tag; readonly at: Position }
  & StatementShapes[Tag]
export type Statement = { [Tag in keyof StatementShapes]: StatementOf<Tag> }[keyof StatementShapes]
