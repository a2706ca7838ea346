import * as Predicate from "effect/Predicate"

/**
 * Reading a value of which nothing is known: what a worker crash, another version or a foreign exception left behind. Nothing here
 * throws, whatever the value does when it is looked at.
 */
const look = (value: unknown, key: string): unknown => {
  try {
    return Predicate.hasProperty(value, key) ? value[key] : undefined
  } catch {
    return undefined
  }
}

const inward = ["cause", "failure", "reason", "error"]
const deepest = 100

/** The value and what caused it, outermost first. Ends at a cycle, and after a hundred steps. */
export const chain = (value: unknown): ReadonlyArray<unknown> => {
  const seen = new Set<unknown>()
  let at = value
  while (at !== undefined && at !== null && !seen.has(at) && seen.size < deepest) {
    seen.add(at)
    at = inward.map((key) => look(at, key)).find((next) => typeof next === "object" || typeof next === "string")
  }
  return Array.from(seen)
}

const listOf = (value: unknown): ReadonlyArray<unknown> => {
  try {
    return Array.isArray(value) ? Array.from<unknown>(value) : []
  } catch {
    return []
  }
}

/** The records that failures of the chain carry as details, outermost first. */
export const details = (value: unknown): ReadonlyArray<unknown> =>
  chain(value).flatMap((link) => listOf(look(link, "details")))

const said = (link: unknown): string | undefined => {
  const text = typeof link === "string" ? link : look(link, "message") ?? look(link, "problem")
  return typeof text === "string" && text.trim() !== "" ? text : undefined
}

/** The innermost sentence that the chain holds. */
export const deepestMessage = (value: unknown): string | undefined =>
  chain(value).map(said).findLast((text) => text !== undefined)

export const textAt = (value: unknown, key: string): string | undefined => {
  const found = look(value, key)
  return typeof found === "string" && found.trim() !== "" ? found : undefined
}

export const valueAt = look
