import type { AST } from "toml-eslint-parser"

/** Where a key or item of a TOML file stands. Lines and columns count from one. */
export interface Place {
  readonly line: number
  readonly column: number
  /** Offsets of the value's own text, when the place has one. */
  readonly value?: readonly [start: number, end: number]
}
export type Places = ReadonlyMap<string, Place>

/** A path as a map key. Array positions and keys of the same spelling never stand at the same level. */
export const keyOf = (path: ReadonlyArray<string | number>): string =>
  path.map((step) => JSON.stringify(String(step))).join(".")

const nameOf = (key: AST.TOMLBare | AST.TOMLQuoted): string => key.type === "TOMLBare" ? key.name : key.value

/**
 * The place of every path of a syntax tree. It reads keys and positions alone: values come from the other parser, since this one's
 * own value function writes through `__proto__`.
 */
export const places = (program: AST.TOMLProgram): Places => {
  const found = new Map<string, Place>()

  const note = (path: ReadonlyArray<string | number>, node: AST.TOMLNode, value?: AST.TOMLContentNode) => {
    const key = keyOf(path)
    if (found.has(key)) return
    const { column, line } = node.loc.start
    found.set(key, { line, column: column + 1, ...(value === undefined ? {} : { value: value.range }) })
  }

  const content = (path: ReadonlyArray<string | number>, node: AST.TOMLContentNode): void => {
    if (node.type === "TOMLInlineTable") { for (const pair of node.body) keyValue(path, pair) }
    if (node.type === "TOMLArray") {
      for (const [index, element] of node.elements.entries()) {
        note([...path, index], element, element)
        content([...path, index], element)
      }
    }
  }

  const keyValue = (base: ReadonlyArray<string | number>, pair: AST.TOMLKeyValue): void => {
    const path = [...base]
    for (const [index, key] of pair.key.keys.entries()) {
      path.push(nameOf(key))
      note(path, key, index === pair.key.keys.length - 1 ? pair.value : undefined)
    }
    content(path, pair.value)
  }

  const table = (node: AST.TOMLTable): void => {
    const path: Array<string | number> = []
    let keys = 0
    for (const step of node.resolvedKey) {
      const key = node.key.keys[typeof step === "string" ? keys++ : keys - 1]
      path.push(step)
      if (key !== undefined) note(path, key)
    }
    for (const pair of node.body) keyValue(path, pair)
  }

  for (const node of program.body[0].body) {
    if (node.type === "TOMLTable") table(node)
    else keyValue([], node)
  }
  return found
}

/** The length of one escape of a basic string, from its backslash, in the source and as text. */
const escape = (text: string, at: number): readonly [source: number, decoded: number] => {
  if (text[at + 1] === "u") return [6, 1]
  if (text[at + 1] === "U") return [10, Number.parseInt(text.slice(at + 2, at + 10), 16) > 0xffff ? 2 : 1]
  return [2, 1]
}

/** The offset in the source of a line and column of a string value, as the value's reader counts them. */
export const offsetWithin = (
  text: string,
  [start, end]: readonly [number, number],
  inner: { readonly line: number; readonly column?: number }
): number => {
  const quote = text[start]
  const isLong = text.startsWith((quote ?? "").repeat(3), start) && end - start >= 6
  let at = start + (isLong ? 3 : 1)
  if (isLong && text[at] === "\r") at += 1
  if (isLong && text[at] === "\n") at += 1
  const last = end - (isLong ? 3 : 1)
  let line = 1
  let column = 1
  while (at < last && (line < inner.line || (line === inner.line && column < (inner.column ?? 1)))) {
    const folded = isLong && quote === "\"" ? /^\\[ \t]*\r?\n\s*/.exec(text.slice(at, Math.min(last, at + 2000))) : null
    if (folded !== null) {
      at += folded[0].length
      continue
    }
    const isEscape = quote === "\"" && text[at] === "\\"
    const [source, decoded] = isEscape ? escape(text, at) : [1, 1]
    const isBreak = isEscape ? text[at + 1] === "n" : text[at] === "\n"
    line += isBreak ? 1 : 0
    column = isBreak ? 1 : column + decoded
    at += source
  }
  return at
}
