import * as Result from "effect/Result"

/**
 * `${NAME}` in a configuration text: which variables it asks for, and what they come to. The secrets provider is the environment, so every
 * kind of source is answered by the same variables.
 */
export interface Source {
  /** `any` asks the secrets provider, which is the environment unless configured otherwise. */
  readonly from: "any" | "env" | "secret"
  readonly name: string
}

/** One placeholder: the first of its sources that resolves answers it. */
export type Placeholder = ReadonlyArray<Source>

const pattern = /\$\{([^}]*)\}/g
const variableName = /^[A-Za-z_][A-Za-z0-9_.-]*$/

const sourceOf = (text: string): Source | undefined => {
  const colon = text.indexOf(":")
  const prefix = colon < 0 ? "any" : text.slice(0, colon).trim()
  const name = text.slice(colon + 1).trim()
  if (prefix !== "any" && prefix !== "env" && prefix !== "secret") return undefined
  return (colon < 0 || prefix !== "any") && variableName.test(name) ? { from: prefix, name } : undefined
}

/** The placeholders of a text in their order; nothing for one that is malformed. */
export const parse = (text: string): ReadonlyArray<Placeholder | undefined> =>
  Array.from(text.matchAll(pattern), ([, inside = ""]) => {
    const sources = inside.split("|").map(sourceOf)
    const known = sources.filter((source) => source !== undefined)
    return known.length === sources.length ? known : undefined
  })

export const isIn = (text: string): boolean => text.includes("${")

/** What is wrong with the placeholders of a text. */
export const problem = (text: string): string | undefined =>
  parse(text).includes(undefined) || text.replaceAll(pattern, "").includes("${")
    ? "a placeholder is ${NAME}, ${env:NAME}, ${secret:NAME}, or several with | between them"
    : undefined

/** The value of a variable of the run; nothing, or an empty text, when it is not set. */
export type Variables = (name: string) => string | undefined

export interface Resolved {
  readonly text: string
  /** What the placeholders came to: the parts of the text that were not written in the file. */
  readonly secrets: ReadonlyArray<string>
}

const answer = (placeholder: Placeholder, variables: Variables): string | undefined =>
  placeholder.map(({ name }) => variables(name)).find((value) => value !== undefined && value !== "")

/** The text with its placeholders replaced, or a variable for each that does not resolve. What was put in is not read again. */
export const resolve = (text: string, variables: Variables): Result.Result<Resolved, ReadonlyArray<string>> => {
  const asked = parse(text).map((placeholder) => ({
    name: placeholder?.[0]?.name ?? text,
    value: placeholder === undefined ? undefined : answer(placeholder, variables)
  }))
  const missing = asked.filter(({ value }) => value === undefined).map(({ name }) => name)
  if (missing.length > 0) return Result.fail(Array.from(new Set(missing)))
  const secrets = asked.map(({ value }) => value ?? "")
  const values = secrets.values()
  return Result.succeed({ text: text.replaceAll(pattern, () => values.next().value ?? ""), secrets })
}
