import type { Issue } from "../failure/Issue.ts"
import { closest, didYouMean } from "../failure/Suggest.ts"

/** Hints say how a value is meant to be shown. They never make anything invalid: one that means nothing is a warning. */
const intents: Readonly<Record<string, "text" | "number">> = {
  prose: "text",
  label: "text",
  rating: "number",
  quantity: "number"
}

/** What kind of value the hints stand beside, where the file itself tells. */
export type Site = "text" | "number" | "other" | undefined

export const siteOf = (name: string | undefined): Site => {
  const code = name?.replace(/^native\./, "").replace(/(\[\d*\])?[?!]?$/, "")
  if (code === "text" || code === "Text" || code === "Markdown") return "text"
  return code === "number" || code === "integer" || code === "Number" ? "number" : undefined
}

/** The warnings of one table of hints; `what` names the thing that has them. */
export const check = (
  hints: Readonly<Record<string, string>> | undefined,
  site: Site,
  what: string,
  at: Pick<Issue, "path" | "pipe" | "concept">
): ReadonlyArray<Issue> =>
  Object.entries(hints ?? {}).flatMap(([key, intent]): ReadonlyArray<Issue> => {
    const warning = (kind: string, message: string): ReadonlyArray<Issue> => [
      { code: "method.schema_violation", warning: kind, ...at, path: [...at.path, "hints", key], message }
    ]
    if (key !== "intent") {
      return warning("hint_unknown_key", `${what} has the unknown hint "${key}"; the only one is intent`)
    }
    if (!Object.hasOwn(intents, intent)) {
      return warning(
        "hint_unknown_intent",
        `${what} has an unknown intent${didYouMean(closest(intent, Object.keys(intents)))}`
      )
    }
    return site === undefined || intents[intent] === site
      ? []
      : warning("hint_inapplicable_intent", `the intent "${intent}" of ${what} is for a ${intents[intent]}`)
  })
