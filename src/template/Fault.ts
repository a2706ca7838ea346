/**
 * What can go wrong with a template, as plain data. A message names the kind of problem and at most a name read from the
 * template: never other template text, never a value.
 */
export type Kind = "invalid" | "render" | "refused" | "budget" | "name_conflict" | "sigil"

export interface TemplateFault {
  readonly kind: Kind
  readonly message: string
  readonly line: number
  readonly column?: number
  readonly name?: string
}

export interface Position {
  readonly line: number
  readonly column: number
}

/** Thrown inside the engine only; `Template.ts` turns it into a `TemplateFault` before anything leaves it. */
export class Raised extends Error {
  readonly kind: Kind
  readonly subject: string | undefined
  readonly at: Position | undefined

  constructor(kind: Kind, message: string, subject?: string, at?: Position) {
    super(message)
    this.kind = kind
    this.subject = subject
    this.at = at
  }
}

/** A wrong operation on a value: the host's TypeError, ValueError and the like. */
export const failure = (message: string): Raised => new Raised("render", message)

export const undefinedRead = (name: string | undefined, use: string): Raised =>
  new Raised("render", name === undefined ? `${use} an undefined value` : `${use} "${name}", which is undefined`, name)

export const refused = (name: string | undefined): Raised =>
  name === undefined
    ? new Raised("refused", "a private or unsafe name is not allowed in a template")
    : new Raised("refused", `"${name}" is not allowed in a template`, name)

export const exhausted = (what: string): Raised => new Raised("budget", `the render went over its budget: ${what}`)

export const invalid = (message: string, at: Position, name?: string): Raised =>
  new Raised("invalid", message, name, at)

export const toFault = (raised: Raised, fallback: Position, original: (at: Position) => Position): TemplateFault => {
  const at = original(raised.at ?? fallback)
  return {
    kind: raised.kind,
    message: raised.message,
    line: at.line,
    column: at.column,
    ...(raised.subject === undefined ? {} : { name: raised.subject })
  }
}
