import type { Json } from "../concept/Json.ts"
import type * as Rules from "../source/Rules.ts"

/** Lengths of time as configuration writes them: `H:MM:SS`, or a number with a unit (`90s`, `10m`). In milliseconds. */
const clock = /^(\d+):([0-5]\d):([0-5]\d(?:\.\d{1,6})?)$/
const measured = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** What a server counts in: about 68 years. Longer is no limit at all, and should be said so. */
const longest = (2 ** 31 - 1) * 1000

export const parse = (written: string): number | undefined => {
  const [, hours, minutes, seconds] = clock.exec(written.trim()) ?? []
  const [, amount, unit = ""] = measured.exec(written.trim()) ?? []
  const millis = hours === undefined
    ? Number(amount) * (units[unit] ?? Number.NaN)
    : (Number(hours) * 60 + Number(minutes)) * 60_000 + Number(seconds) * 1000
  return Number.isFinite(millis) && millis <= longest ? Math.round(millis) : undefined
}

const ruleOf = (least: number, expected: string): Rules.Rule => ({
  expected,
  accepts: (value: Json) => typeof value === "string" && (parse(value) ?? -1) >= least
})

/** Of at least a millisecond. */
export const rule = ruleOf(1, `a duration above 0 such as "0:10:00", "90s" or "10m"`)

export const ruleFromZero = ruleOf(0, `a duration such as "0:00:00", "90s" or "10m"`)
