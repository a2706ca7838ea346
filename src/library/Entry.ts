import * as Reference from "../concept/Reference.ts"
import type { Defined } from "./Definitions.ts"
import type { Library } from "./Library.ts"

/** The concept that an input envelope names: a native, one of the entry pipe's domain, or the only one of that code. */
export const concept = (library: Library, entry: Defined, name: string): string | undefined => {
  const { concepts } = library
  const { code, domain } = Reference.split(name)
  const candidates = domain === undefined
    ? [`native.${code}`, Reference.qualify(entry.domain, code, entry.placed.unit.package)]
    : [name, Reference.qualify(domain, code, entry.placed.unit.package)]
  const found = candidates.find((ref) => concepts.has(ref))
  if (found !== undefined || domain !== undefined) return found
  const elsewhere = concepts.all().filter((each) => each.code === code && each.package === undefined)
  return elsewhere.length === 1 ? elsewhere[0]?.ref : undefined
}
