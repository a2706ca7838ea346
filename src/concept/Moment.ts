import type { Json, JsonObject } from "./Json.ts"

/**
 * Dates and times of a TOML file as plain JSON: one key that says which of the three it is, and the ISO text as authored (down to the
 * millisecond). The key cannot be mistaken for a field of the language, since no name of it holds a colon.
 */
const kinds = { date: "toml:date", time: "toml:time", datetime: "toml:datetime" } as const

export interface Moment {
  readonly kind: keyof typeof kinds
  /** ISO 8601: `2026-03-04`, `07:32:00`, or `2026-03-04T07:32:00` with the offset when one was written. */
  readonly iso: string
}

export const toJson = ({ iso, kind }: Moment): JsonObject => ({ [kinds[kind]]: iso })

/** The date, time or datetime that a decoded TOML value stands for; `undefined` for every other value. */
export const fromJson = (value: unknown): Moment | undefined => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined
  const [entry, ...others] = Object.entries(value)
  if (entry === undefined || others.length > 0 || typeof entry[1] !== "string") return undefined
  const kind = (["date", "time", "datetime"] as const).find((name) => kinds[name] === entry[0])
  return kind === undefined ? undefined : { kind, iso: entry[1] }
}

export const isDate = (value: unknown): boolean => fromJson(value)?.kind === "date"
export const isTime = (value: unknown): boolean => fromJson(value)?.kind === "time"
export const isDatetime = (value: unknown): boolean => fromJson(value)?.kind === "datetime"

/** The value with every date and time as its ISO string, which is how JSON says them. */
export const toIsoStrings = (value: Json): Json => {
  const moment = fromJson(value)
  if (moment !== undefined) return moment.iso
  if (Array.isArray(value)) return value.map(toIsoStrings)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toIsoStrings(inner)]))
}
