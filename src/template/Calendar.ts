/** Dates and times in a template: they print as ISO text, have parts, can be compared, and format themselves with `strftime`. */
import { failure } from "./Fault.ts"
import { operation, text } from "./Operation.ts"
import type { Open } from "./Operation.ts"
import type { HostObject, Value } from "./Value.ts"
import { isHost } from "./Value.ts"

export type Kind = "date" | "datetime" | "time"

interface Moment {
  readonly kind: Kind
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly microsecond: number
  /** `+02:00`, or nothing. */
  readonly offset: string
}

const isoDay = /^(\d{4})-(\d{2})-(\d{2})$/
const isoClock = /^(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?$/

const number = (digits: string | undefined): number => Number(digits ?? 0)

const offsetOf = (written: string | undefined): string =>
  written === undefined ? "" : written === "Z" ? "+00:00" : `${written.slice(0, 3)}:${written.slice(-2)}`

const parse = (kind: Kind, iso: string): Moment | undefined => {
  const [first = "", rest] = iso.split(/[T ]/)
  const date = kind === "time" ? null : isoDay.exec(first)
  const time = isoClock.exec(kind === "time" ? iso : rest ?? (kind === "datetime" ? "00:00" : ""))
  if ((kind !== "time" && date === null) || (kind !== "date" && time === null)) return undefined
  return {
    kind,
    year: number(date?.[1] ?? "1900"),
    month: number(date?.[2] ?? "1"),
    day: number(date?.[3] ?? "1"),
    hour: number(time?.[1]),
    minute: number(time?.[2]),
    second: number(time?.[3]),
    microsecond: number((time?.[4] ?? "").padEnd(6, "0").slice(0, 6)),
    offset: offsetOf(time?.[5])
  }
}

const pad = (value: number, width = 2, fill = "0"): string => String(value).padStart(width, fill)

const dateText = ({ day, month, year }: Moment): string => `${pad(year, 4)}-${pad(month)}-${pad(day)}`

const timeText = ({ hour, microsecond, minute, offset, second }: Moment): string =>
  `${pad(hour)}:${pad(minute)}:${pad(second)}${microsecond === 0 ? "" : `.${pad(microsecond, 6)}`}${offset}`

const shown = (moment: Moment, separator = " "): string =>
  moment.kind === "date"
    ? dateText(moment)
    : moment.kind === "time"
    ? timeText(moment)
    : `${dateText(moment)}${separator}${timeText(moment)}`

/** Days since 1970-01-01, in the calendar reckoned back and forth without end. */
const daysOf = ({ day, month, year }: Pick<Moment, "year" | "month" | "day">): number => {
  const shifted = month <= 2 ? year - 1 : year
  const era = Math.floor(shifted / 400)
  const ofEra = shifted - era * 400
  const ofYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  return era * 146_097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear - 719_468
}

const newYear = (year: number): number => daysOf({ year, month: 1, day: 1 })

const offsetMinutes = ({ offset }: Moment): number =>
  offset === "" ? 0 : Math.sign(Number(`${offset[0]}1`)) * (number(offset.slice(1, 3)) * 60 + number(offset.slice(4)))

/** Microseconds: what two moments of one kind are ordered by. */
const instant = (moment: Moment): bigint => {
  const days = BigInt(daysOf(moment))
  const minutes = BigInt(moment.hour * 60 + moment.minute - offsetMinutes(moment))
  return ((days * 1_440n + minutes) * 60n + BigInt(moment.second)) * 1_000_000n + BigInt(moment.microsecond)
}

const dayNames = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
const months = "January February March April May June July August September October November December".split(" ")

const dayOfYear = (moment: Moment): number => daysOf(moment) - newYear(moment.year) + 1

const weekday = (moment: Moment): number => (((daysOf(moment) + 4) % 7) + 7) % 7
const isoWeekday = (moment: Moment): number => weekday(moment) || 7

/** A week belongs to the year that its Thursday lies in. */
const isoWeek = (moment: Moment): readonly [year: number, week: number] => {
  const thursday = daysOf(moment) + 4 - isoWeekday(moment)
  const { year } = moment
  const own = thursday < newYear(year) ? year - 1 : thursday >= newYear(year + 1) ? year + 1 : year
  return [own, Math.floor((thursday - newYear(own)) / 7) + 1]
}

const twelve = (hour: number): number => hour % 12 || 12

const short = (name: string | undefined): string => (name ?? "").slice(0, 3)

const directives: Readonly<Record<string, (moment: Moment) => string>> = {
  a: (moment) => short(dayNames[weekday(moment)]),
  A: (moment) => dayNames[weekday(moment)] ?? "",
  b: ({ month }) => short(months[month - 1]),
  B: ({ month }) => months[month - 1] ?? "",
  c: (moment) => format(moment, "%a %b %e %H:%M:%S %Y"),
  C: ({ year }) => pad(Math.floor(year / 100)),
  d: (moment) => pad(moment.day),
  D: (moment) => format(moment, "%m/%d/%y"),
  e: (moment) => pad(moment.day, 2, " "),
  f: ({ microsecond }) => pad(microsecond, 6),
  F: dateText,
  g: (moment) => pad(isoWeek(moment)[0] % 100),
  G: (moment) => pad(isoWeek(moment)[0], 4),
  h: ({ month }) => short(months[month - 1]),
  H: ({ hour }) => pad(hour),
  I: ({ hour }) => pad(twelve(hour)),
  j: (moment) => pad(dayOfYear(moment), 3),
  m: ({ month }) => pad(month),
  M: ({ minute }) => pad(minute),
  n: () => "\n",
  p: ({ hour }) => hour < 12 ? "AM" : "PM",
  r: (moment) => format(moment, "%I:%M:%S %p"),
  R: (moment) => format(moment, "%H:%M"),
  S: ({ second }) => pad(second),
  t: () => "\t",
  T: (moment) => format(moment, "%H:%M:%S"),
  u: (moment) => String(isoWeekday(moment)),
  U: (moment) => pad(Math.floor((dayOfYear(moment) + 6 - weekday(moment)) / 7)),
  V: (moment) => pad(isoWeek(moment)[1]),
  w: (moment) => String(weekday(moment)),
  W: (moment) => pad(Math.floor((dayOfYear(moment) + 6 - ((weekday(moment) + 6) % 7)) / 7)),
  x: (moment) => format(moment, "%m/%d/%y"),
  X: (moment) => format(moment, "%H:%M:%S"),
  y: ({ year }) => pad(year % 100),
  Y: ({ year }) => String(year),
  z: ({ offset }) => offset.replace(":", ""),
  Z: ({ offset }) => offset === "" ? "" : offset === "+00:00" ? "UTC" : `UTC${offset}`,
  "%": () => "%"
}

/** As `strftime` of the C locale; `%-d` and its like leave the padding out. */
const format = (moment: Moment, pattern: string): string =>
  pattern.replace(/%(-?)([A-Za-z%])/g, (whole, bare: string, letter: string) => {
    const directive = Object.hasOwn(directives, letter) ? directives[letter] : undefined
    if (directive === undefined) return whole
    const written = directive(moment)
    return bare === "" ? written : written.replace(/^[0 ]+(?=.)/, "")
  })

const longest = 1_000

const strftime: (moment: Moment) => Open = (moment) =>
  operation("format", (_, [pattern], run) => {
    const source = text(pattern)
    if (source.length > longest) throw failure("a pattern too long")
    run.build(source.length * 16)
    return format(moment, source)
  })

const cuts: Readonly<Record<string, (moment: Moment) => string>> = {
  hours: ({ hour }) => pad(hour),
  minutes: ({ hour, minute }) => `${pad(hour)}:${pad(minute)}`,
  seconds: ({ hour, minute, second }) => `${pad(hour)}:${pad(minute)}:${pad(second)}`
}

const isoformat: (moment: Moment) => Open = (moment) => {
  const { kind, offset } = moment
  if (kind === "date") return operation("", () => dateText(moment))
  const timed = (spec: Value | undefined): string => {
    const cut = text(spec, "auto")
    if (cut === "auto") return timeText(moment)
    if (!Object.hasOwn(cuts, cut)) throw failure("no such timespec")
    return `${cuts[cut]?.(moment) ?? ""}${offset}`
  }
  return kind === "time"
    ? operation("timespec?", (_, [spec]) => timed(spec))
    : operation("sep? timespec?", (_, [separator, spec]) => `${dateText(moment)}${text(separator, "T")}${timed(spec)}`)
}

const parts: Readonly<
  Record<Kind, ReadonlyArray<"year" | "month" | "day" | "hour" | "minute" | "second" | "microsecond">>
> = {
  date: ["year", "month", "day"],
  datetime: ["year", "month", "day", "hour", "minute", "second", "microsecond"],
  time: ["hour", "minute", "second", "microsecond"]
}

const methodsOf = (moment: Moment): Readonly<Record<string, Open>> => ({
  strftime: strftime(moment),
  isoformat: isoformat(moment),
  ...(moment.kind === "time" ? {} : {
    weekday: operation("", () => BigInt(isoWeekday(moment) - 1)),
    isoweekday: operation("", () => BigInt(isoWeekday(moment)))
  }),
  ...(moment.kind === "datetime"
    ? {
      date: operation(
        "",
        () => of({ ...moment, kind: "date", hour: 0, minute: 0, second: 0, microsecond: 0, offset: "" })
      ),
      time: operation("", () => of({ ...moment, kind: "time", year: 1900, month: 1, day: 1, offset: "" }))
    }
    : {})
})

const moments = new WeakMap<HostObject, Moment>()

const of = (moment: Moment): HostObject => {
  const { kind } = moment
  const value: HostObject = {
    _tag: "HostObject",
    typeName: kind,
    attribute: (name) => {
      const part = parts[kind].find((each) => each === name)
      return part === undefined ? undefined : BigInt(moment[part])
    },
    item: () => undefined,
    truthy: () => true,
    contains: () => {
      throw failure(`a value of type ${kind} holds nothing`)
    },
    print: () => shown(moment),
    format: () => ({ text: shown(moment), markup: false }),
    method: (name) => {
      const known = methodsOf(moment)
      const found = Object.hasOwn(known, name) ? known[name] : undefined
      return found === undefined ? undefined : (args, named, run) => found(null, args, named, run)
    },
    equals: (other) => {
      const right = isHost(other) ? moments.get(other) : undefined
      return right?.kind === kind && instant(right) === instant(moment)
    },
    compareKey: () => instant(moment),
    toJson: () => shown(moment, "T")
  }
  moments.set(value, moment)
  return value
}

/** The value of a date or time field, or nothing where the text is none. */
export const make = (kind: Kind, iso: string): HostObject | undefined => {
  const moment = parse(kind, iso)
  return moment === undefined ? undefined : of(moment)
}
