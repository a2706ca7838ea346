/** What an input or output declares: a concept, how many of it, and whether it may be absent (`Text[3]`, `Card?`, `Card!`). */
export interface Slot {
  /** As written, or `domain.Code` once resolved. */
  readonly concept: string
  /** `single`, `list` of any length, or the exact count. `[1]` is `single`. */
  readonly multiplicity: Multiplicity
  readonly presence: "plain" | "optional" | "forced"
}
export type Multiplicity = "single" | "list" | number

const identifier = "[A-Za-z_][A-Za-z0-9_]*"
const packaged = "(?:[A-Za-z0-9_./@-]+->)?"
const grammar = new RegExp(`^(${packaged}${identifier}(?:\\.${identifier})*)(\\[(\\d*)\\])?([?!])?$`)

export type SlotFault = "malformed" | "zero" | "marker_on_list" | "forced_output"

/** Parses a slot, or says which rule it breaks. */
export const parse = (text: string, role: "input" | "output"): Slot | SlotFault => {
  const match = grammar.exec(text)
  if (match === null) return "malformed"
  const [, concept = "", brackets, count = "", marker] = match
  if (brackets !== undefined && marker !== undefined) return "marker_on_list"
  if (marker === "!" && role === "output") return "forced_output"
  if (count !== "" && Number(count) === 0) return "zero"
  const multiplicity = brackets === undefined || Number(count) === 1 ? "single" : count === "" ? "list" : Number(count)
  if (typeof multiplicity === "number" && !Number.isSafeInteger(multiplicity)) return "malformed"
  return { concept, multiplicity, presence: marker === "?" ? "optional" : marker === "!" ? "forced" : "plain" }
}

export const isPlural = (slot: { readonly multiplicity: Multiplicity }): boolean => slot.multiplicity !== "single"

/** How the slot is written. */
export const show = (slot: Slot): string => {
  const brackets = slot.multiplicity === "single" ? "" : slot.multiplicity === "list" ? "[]" : `[${slot.multiplicity}]`
  return `${slot.concept}${brackets}${slot.presence === "optional" ? "?" : slot.presence === "forced" ? "!" : ""}`
}

/** Whether what is stored as `source` may be read as `target`. */
export const multiplicityFits = (source: Multiplicity, target: Multiplicity): boolean =>
  target === "list" ? source !== "single" : source === target
