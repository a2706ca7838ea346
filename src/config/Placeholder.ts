/** `${NAME}` in a configuration text: which variables it asks for. Nothing is resolved here. */
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
