import { digest } from "../concept/Digest.ts"

/**
 * Where in a run a pipe executes: the chain of pipe codes from the entry, with the index of the step, branch or item at each level.
 * Derived from the program's structure alone, so that it is the same on every layer and at every replay. Workflow ids, run events,
 * failure locations and stuff codes are made from it. Shown as `review_all/3-review/1-assess`; a leaf adds `#` and its ordinal.
 */
export interface PipePath {
  readonly parent: PipePath | undefined
  readonly code: string
  /** The pipe's own ref: two domains may have the same code. Not shown. */
  readonly ref: string
  /** Zero-based index of the step, branch or item under the parent; undefined for the entry. */
  readonly index: number | undefined
  /** Number of pipes from the entry to here, itself included. */
  readonly depth: number
}

interface Called {
  readonly code: string
  readonly ref: string
}

export const entry = ({ code, ref }: Called): PipePath => ({ parent: undefined, code, ref, index: undefined, depth: 1 })

export const child = (parent: PipePath, { code, ref }: Called, index: number): PipePath => ({
  parent,
  code,
  ref,
  index,
  depth: parent.depth + 1
})

/** Whether the pipe at the end of the path is already running further up. */
export const isRecursive = ({ parent, ref }: PipePath): boolean => {
  for (let at = parent; at !== undefined; at = at.parent) if (at.ref === ref) return true
  return false
}

const chain = (path: PipePath): ReadonlyArray<PipePath> => {
  const found: Array<PipePath> = []
  for (let at: PipePath | undefined = path; at !== undefined; at = at.parent) found.unshift(at)
  return found
}

/** The pipe codes alone, entry first. */
export const codes = (path: PipePath): ReadonlyArray<string> => chain(path).map(({ code }) => code)

export const show = (path: PipePath): string =>
  chain(path).map(({ code, index }) => index === undefined ? code : `${index}-${code}`).join("/")

/** The path of the `ordinal`-th leaf that the operator at `path` runs. */
export const leaf = (path: PipePath, ordinal = 0): string => `${show(path)}#${ordinal}`

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

/** Five characters that name a stuff within a run: a digest of the path that made it and of its name. */
export const stuffCode = (path: PipePath | undefined, name: string): string => {
  const hash = digest(`${path === undefined ? "" : show(path)}:${name}`)
  let rest = (hash ^ (hash >>> 15)) >>> 0
  let code = ""
  for (let i = 0; i < 5; i++) {
    code += alphabet[rest % alphabet.length]
    rest = Math.floor(rest / alphabet.length)
  }
  return code
}
