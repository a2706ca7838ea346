/** Names and references of the language: what a name may look like, and how a reference is taken apart. */
export const snake = /^[a-z][a-z0-9_]*$/
export const conceptCode = /^[A-Z][a-zA-Z0-9]*$/
export const domainCode = /^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$/
export const path = /^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*$/

export const reservedDomains: ReadonlySet<string> = new Set(["native", "mthds", "pipelex"])

export interface Reference {
  /** The alias or address in front of `->`. */
  readonly package?: string
  readonly domain?: string
  readonly code: string
}

/** Splits at the first `->`, then at the last dot. */
export const split = (text: string): Reference => {
  const arrow = text.indexOf("->")
  const rest = arrow < 0 ? text : text.slice(arrow + 2)
  const dot = rest.lastIndexOf(".")
  return {
    ...(arrow < 0 ? {} : { package: text.slice(0, arrow) }),
    ...(dot < 0 ? {} : { domain: rest.slice(0, dot) }),
    code: rest.slice(dot + 1)
  }
}

/** `domain.Code`, with the package in front when there is one. */
export const qualify = (domain: string, code: string, from?: string): string =>
  `${from === undefined ? "" : `${from}->`}${domain}.${code}`
