import * as Digest from "../../concept/Digest.ts"
import type { PipePath } from "../../program/PipePath.ts"
import * as Path from "./Path.ts"
import { cut, size } from "./Texts.ts"

/** The longest id that is made; the server takes a thousand bytes. */
const longest = 200

/**
 * The id of the workflow of a child pipe: its parent's, then code and index of every pipe between them and its own. Made of the
 * program's structure, so it is the same at every replay; shortened, with a digest in place of the middle, when it would be too long.
 */
export const child = (parent: string, base: PipePath, path: PipePath): string => {
  const steps = Path.below(base, path).map(({ code, index = 0 }) => `_${code}-${String(index).padStart(4, "0")}`)
  const id = parent + steps.join("")
  if (size(id) <= longest) return id
  const last = steps.at(-1) ?? ""
  const ending = `_${Digest.long(id)}${size(last) > longest / 2 ? "" : last}`
  return `${cut(id, longest - size(ending), "")}${ending}`
}
