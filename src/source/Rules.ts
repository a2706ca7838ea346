import { isObject, type Json, type JsonObject, own } from "../concept/Json.ts"
import { closest, didYouMean } from "../failure/Suggest.ts"

/** What a closed table may hold, as data, and every way in which one breaks it. Used for files that people write: manifests, settings. */
export interface Rule {
  readonly expected: string
  readonly accepts: (value: Json) => boolean
  readonly isRequired?: true
  /** The rules of a table within; absent when the inside is of no concern here. */
  readonly keys?: Table
  /** The rule of every value of a table whose keys are names. */
  readonly each?: Rule
}

export type Table = Readonly<Record<string, Rule>>

export interface Fault {
  readonly kind: "unknown" | "missing" | "mismatch"
  readonly path: ReadonlyArray<string | number>
  readonly message: string
  readonly suggestions: ReadonlyArray<string>
}

export const text = (expected = "a text", accepts: (value: string) => boolean = () => true): Rule => ({
  expected,
  accepts: (value) => typeof value === "string" && accepts(value)
})
export const flag: Rule = { expected: "true or false", accepts: (value) => typeof value === "boolean" }
export const number = (expected: string, accepts: (value: number) => boolean): Rule => ({
  expected,
  accepts: (value) => typeof value === "number" && Number.isFinite(value) && accepts(value)
})
export const integer = (least: number, most = Number.MAX_SAFE_INTEGER): Rule =>
  number(
    most === Number.MAX_SAFE_INTEGER ? `an integer of at least ${least}` : `an integer from ${least} to ${most}`,
    (value) => Number.isInteger(value) && value >= least && value <= most
  )
export const oneOf = (...names: ReadonlyArray<string>): Rule =>
  text(`one of ${names.join(", ")}`, (value) => names.includes(value))
export const texts: Rule = {
  expected: "a list of texts",
  accepts: (value) => Array.isArray(value) && value.every((item) => typeof item === "string")
}
export const listOf = (...names: ReadonlyArray<string>): Rule => ({
  expected: `a list of ${names.join(", ")}`,
  accepts: (value) => Array.isArray(value) && value.every((item) => typeof item === "string" && names.includes(item))
})
/** A table whose inside is of no concern, or that other rules read. */
export const anyTable: Rule = { expected: "a table", accepts: isObject }
/** A table whose keys are names, with one rule for every value. */
export const recordOf = (rule: Rule, expected: string): Rule => ({
  expected,
  accepts: (value) => isObject(value) && Object.values(value).every(rule.accepts)
})
export const table = (keys: Table): Rule => ({ ...anyTable, keys })
/** A table whose keys are names, of tables or values that obey one rule; each fault is told where it is. */
export const tableOf = (each: Rule): Rule => ({ ...anyTable, each })
export const either = (first: Rule, second: Rule): Rule => ({
  expected: `${first.expected}, or ${second.expected}`,
  accepts: (value) => first.accepts(value) || second.accepts(value)
})
export const required = (rule: Rule): Rule => ({ ...rule, isRequired: true })

const nameOf = (path: ReadonlyArray<string | number>): string => path.length === 0 ? "this file" : `[${path.join(".")}]`

/** Every fault of a table, in the order of its keys, then what is missing. */
export const check = (path: ReadonlyArray<string | number>, value: JsonObject, rules: Table): ReadonlyArray<Fault> => {
  const known = Object.keys(rules)
  const present = Object.entries(value).flatMap(([key, inner]): ReadonlyArray<Fault> => {
    const at = [...path, key]
    const rule = own(rules, key)
    if (rule === undefined) {
      const suggestions = closest(key, known)
      return [{
        kind: "unknown",
        path: at,
        message: `"${key}" is not a key of ${nameOf(path)}${didYouMean(suggestions)}`,
        suggestions
      }]
    }
    if (!rule.accepts(inner)) {
      return [{ kind: "mismatch", path: at, message: `"${key}" must be ${rule.expected}`, suggestions: [] }]
    }
    if (!isObject(inner)) return []
    const { each, keys } = rule
    if (keys !== undefined) return check(at, inner, keys)
    return each === undefined
      ? []
      : check(at, inner, Object.fromEntries(Object.keys(inner).map((name) => [name, each])))
  })
  const missing = known.filter((key) => rules[key]?.isRequired === true && !Object.hasOwn(value, key)).map((
    key
  ): Fault => ({
    kind: "missing",
    path,
    message: `${nameOf(path)} has no "${key}", which must be ${rules[key]?.expected ?? "there"}`,
    suggestions: []
  }))
  return [...present, ...missing]
}
