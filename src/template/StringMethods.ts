/** The methods of text that change nothing: `name.upper()`, `line.split(",")`, `"-".join(parts)`. */
import { textOf } from "./Compare.ts"
import { Dict } from "./Dict.ts"
import { failure } from "./Fault.ts"
import { iterate } from "./Iterate.ts"
import type { Given, Open, Table } from "./Operation.ts"
import { integer, methodOn, optionalInteger, optionalText, text } from "./Operation.ts"
import type { Run } from "./Run.ts"
import * as Text from "./Text.ts"
import type { Value } from "./Value.ts"
import { isInteger, isText, truthy, Tuple, typeName } from "./Value.ts"

type OnText = (self: string, given: Given, run: Run) => Value

const on = (signature: string, apply: OnText): Open =>
  methodOn(isText, signature, (subject, given, run) => {
    const self = textOf(subject)
    run.build(self.length)
    return apply(self, given, run)
  })

const titled = (source: string): string => {
  let inside = false
  let out = ""
  for (const letter of source) {
    out += inside ? letter.toLowerCase() : letter.toUpperCase()
    inside = letter.toLowerCase() !== letter.toUpperCase()
  }
  return out
}

export const capitalized = (source: string): string => {
  const [first = ""] = source
  return first.toUpperCase() + source.slice(first.length).toLowerCase()
}

const swapped = (source: string): string =>
  Text.points(source).map((letter) => letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase())
    .join("")

const is = (pattern: RegExp): Open => on("", (self) => pattern.test(self))

const cased = (shape: (source: string) => string): Open =>
  on("", (self) => shape(self) === self && self.toLowerCase() !== self.toUpperCase())

const isTitle = (source: string): boolean => source.toLowerCase() !== source.toUpperCase() && titled(source) === source

/** The code points of `self` between two given bounds, and how many come before. */
const window = (self: string, from: Value | undefined, to: Value | undefined): readonly [string, number] => {
  const start = optionalInteger(from)
  const stop = optionalInteger(to)
  if (start === undefined && stop === undefined) return [self, 0]
  const length = Text.lengthOf(self)
  const place = (index: number): number => Math.min(length, index < 0 ? Math.max(0, index + length) : index)
  const first = start !== undefined && start > length ? Infinity : place(start ?? 0)
  return first === Infinity ? ["", -1] : [Text.sliceOf(self, first, Math.max(first, place(stop ?? length))), first]
}

const finder = (search: (self: string, needle: string, run: Run) => number, missing: "fault" | "minus"): Open =>
  on("/needle /start? /end?", (self, [needle, start, end], run) => {
    const [part, before] = window(self, start, end)
    const wanted = text(needle)
    const found = before === -1 ? -1 : search(part, wanted, run)
    if (found === -1 && missing === "fault") throw failure("the text looked for is not there")
    return found === -1 ? -1n : BigInt(before + Text.lengthOf(part.slice(0, found)))
  })

const reversed = (source: string): string => Array.from(source).toReversed().join("")
const fromLeft = (self: string, needle: string, run: Run): number => Text.searcher(self, needle, run)(0)
const fromRight = (self: string, needle: string, run: Run): number => {
  if (needle === "") return self.length
  run.build((self.length + needle.length) * 4)
  const found = Text.searcher(reversed(self), reversed(needle), run)(0)
  return found === -1 ? -1 : self.length - found - needle.length
}

const affixed = (test: (self: string, affix: string) => boolean): Open =>
  on("/affix /start? /end?", (self, [affix, start, end], run) => {
    const [part, before] = window(self, start, end)
    const options = affix instanceof Tuple ? affix.items : [affix]
    run.work(options.length)
    return before !== -1 && options.some((option) => test(part, text(option)))
  })

const stripped = (self: string, chars: string | undefined, ends: "both" | "left" | "right"): string => {
  const letters = chars === undefined ? undefined : new Set(chars)
  const gone = (letter: string): boolean =>
    letters === undefined ? Text.isBlank(letter.charCodeAt(0)) : letters.has(letter)
  const all = Text.points(self)
  let start = 0
  let stop = all.length
  if (ends !== "right") { while (start < stop && gone(all[start] ?? "")) start++ }
  if (ends !== "left") { while (stop > start && gone(all[stop - 1] ?? "")) stop-- }
  return all.slice(start, stop).join("")
}

const strip = (ends: "both" | "left" | "right"): Open =>
  on("/chars?", (self, [chars], run) => {
    run.build(self.length * 4)
    return stripped(self, optionalText(chars), ends)
  })

const aligned = (align: "<" | ">" | "^"): Open =>
  on("/width /fill?", (self, [width, fill], run) => {
    const filler = text(fill, " ")
    if (Text.lengthOf(filler) !== 1) throw failure("a fill is one character")
    const wide = integer(width, 0)
    const missing = wide - Text.lengthOf(self)
    if (align !== "^" || missing <= 0) return Text.padded(self, wide, align, filler, run)
    const left = Math.floor(missing / 2) + (missing & wide & 1)
    return Text.repeated(filler, left, run) + self + Text.repeated(filler, missing - left, run)
  })

const limitOf = (value: Value | undefined): number => {
  const limit = integer(value, -1)
  return limit < 0 ? Infinity : limit
}

const pieces = (self: string, marks: ReadonlyArray<number>, width: number): ReadonlyArray<string> => {
  const parts: Array<string> = []
  let start = 0
  for (const at of marks) {
    parts.push(self.slice(start, at))
    start = at + width
  }
  return [...parts, self.slice(start)]
}

const lastWords = (self: string, limit: number): ReadonlyArray<string> =>
  Text.wordsOf(reversed(self), limit).map(reversed).toReversed()

const split = (side: "left" | "right"): Open =>
  on("sep? maxsplit?", (self, [separator, most], run) => {
    const mark = optionalText(separator)
    const limit = limitOf(most)
    run.hold(Math.min(limit, self.length))
    if (mark === undefined) return side === "left" ? Text.wordsOf(self, limit) : lastWords(self, limit)
    if (mark === "") throw failure("an empty separator")
    if (side === "left" || limit === Infinity) {
      return pieces(self, Text.occurrences(self, mark, run, limit), mark.length)
    }
    const backwards = Text.occurrences(reversed(self), reversed(mark), run, limit)
    return pieces(reversed(self), backwards, mark.length).map(reversed).toReversed()
  })

const partition = (
  search: (self: string, needle: string, run: Run) => number,
  missing: (self: string) => ReadonlyArray<string>
): Open =>
  on("/sep", (self, [separator], run) => {
    const mark = text(separator)
    if (mark === "") throw failure("an empty separator")
    const at = search(self, mark, run)
    return new Tuple(at === -1 ? missing(self) : [self.slice(0, at), mark, self.slice(at + mark.length)])
  })

const tabs = (self: string, size: number, run: Run): string => {
  let column = 0
  const parts: Array<string> = []
  for (const letter of self) {
    if (letter === "\t") {
      const missing = size <= 0 ? 0 : size - column % size
      parts.push(Text.repeated(" ", missing, run))
      column += missing
    } else {
      parts.push(letter)
      column = letter === "\n" || letter === "\r" ? 0 : column + 1
    }
  }
  return parts.join("")
}

const translated = (self: string, map: Value | undefined, run: Run): string => {
  if (!(map instanceof Dict)) throw failure("a mapping is needed")
  const letters = Text.points(self).map((letter) => {
    const by = map.get(BigInt(letter.codePointAt(0) ?? 0))
    const letterBy = by === undefined
      ? letter
      : by === null
      ? ""
      : isInteger(by)
      ? String.fromCodePoint(Number(by) & 0x1fffff)
      : text(by)
    run.build(letterBy.length)
    return letterBy
  })
  return letters.join("")
}

const code = (letter: string): bigint => BigInt(letter.codePointAt(0) ?? 0)

const mapping = ([from, to, gone]: Given): Dict => {
  if (to === undefined) {
    if (!(from instanceof Dict)) throw failure("a mapping is needed")
    return Dict.from(
      Array.from(from.entries(), ([key, value]) => [isText(key) ? code(textOf(key)) : key, value] as const)
    )
  }
  const [keys, values] = [Text.points(text(from)), Text.points(text(to))]
  if (keys.length !== values.length) throw failure("the two texts differ in length")
  const pairs = keys.map((key, index) => [code(key), code(values[index] ?? "")] as const)
  return Dict.from([...pairs, ...Text.points(text(gone)).map((letter) => [code(letter), null] as const)])
}

const joined = (self: string, items: Value | undefined, run: Run): string => {
  const parts = iterate(items ?? null, run).map((item) => {
    if (!isText(item)) throw failure(`only texts can be joined, not ${typeName(item)}`)
    run.build(textOf(item).length + self.length)
    return textOf(item)
  })
  return parts.join(self)
}

const zeroFilled = (self: string, width: number, run: Run): string => {
  const sign = /^[+-]/.test(self) ? self.slice(0, 1) : ""
  return sign + Text.padded(self.slice(sign.length), width - sign.length, ">", "0", run)
}

/** Methods whose result is marked as safe HTML when their text is. */
export const marking: ReadonlySet<string> = new Set(
  ("capitalize title lower upper swapcase casefold replace ljust rjust center strip lstrip rstrip translate expandtabs zfill " +
    "removeprefix removesuffix split rsplit splitlines partition rpartition join format format_map").split(" ")
)

export const stringMethods: Table = new Map(Object.entries({
  capitalize: on("", capitalized),
  casefold: on("", (self) => self.replaceAll("ß", "ss").replaceAll("ẞ", "ss").toLowerCase().replaceAll("ς", "σ")),
  center: aligned("^"),
  count: on("/needle /start? /end?", (self, [needle, start, end], run) => {
    const [part, before] = window(self, start, end)
    const wanted = text(needle)
    if (before === -1) return 0n
    return wanted === "" ? BigInt(Text.lengthOf(part) + 1) : BigInt(Text.occurrences(part, wanted, run).length)
  }),
  endswith: affixed((self, affix) => self.endsWith(affix)),
  expandtabs: on("tabsize?", (self, [size], run) => tabs(self, integer(size, 8), run)),
  find: finder(fromLeft, "minus"),
  index: finder(fromLeft, "fault"),
  isalnum: is(/^[\p{L}\p{N}]+$/u),
  isalpha: is(/^\p{L}+$/u),
  isascii: is(/^\p{ASCII}*$/u),
  isdecimal: is(/^\p{Nd}+$/u),
  isdigit: is(/^[\p{Nd}²³¹⁰⁴-⁹₀-₉①-⑨]+$/u),
  isidentifier: is(/^[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]*$/u),
  islower: cased((source) => source.toLowerCase()),
  isnumeric: is(/^\p{N}+$/u),
  isprintable: is(/^[^\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]*$/u),
  isspace: on("", (self) => self !== "" && Text.trimStart(self) === ""),
  istitle: on("", isTitle),
  isupper: cased((source) => source.toUpperCase()),
  join: on("/items", (self, [items], run) => joined(self, items, run)),
  ljust: aligned("<"),
  lower: on("", (self) => self.toLowerCase()),
  lstrip: strip("left"),
  maketrans: on("/from /to? /gone?", (_, given) => mapping(given)),
  partition: partition(fromLeft, (self) => [self, "", ""]),
  removeprefix: on(
    "/prefix",
    (self, [prefix]) => self.startsWith(text(prefix)) ? self.slice(text(prefix).length) : self
  ),
  removesuffix: on(
    "/suffix",
    (self, [suffix]) => self.endsWith(text(suffix)) ? self.slice(0, self.length - text(suffix).length) : self
  ),
  replace: on(
    "/old /new /count?",
    (self, [old, by, count], run) => Text.replaced(self, text(old), text(by), run, limitOf(count))
  ),
  rfind: finder(fromRight, "minus"),
  rindex: finder(fromRight, "fault"),
  rjust: aligned(">"),
  rpartition: partition(fromRight, (self) => ["", "", self]),
  rsplit: split("right"),
  rstrip: strip("right"),
  split: split("left"),
  splitlines: on("keepends?", (self, [keep], run) => {
    const lines = Text.linesOf(self, keep !== undefined && truthy(keep))
    run.hold(lines.length)
    return lines
  }),
  startswith: affixed((self, affix) => self.startsWith(affix)),
  strip: strip("both"),
  swapcase: on("", swapped),
  title: on("", titled),
  translate: on("/map", (self, [map], run) => translated(self, map, run)),
  upper: on("", (self) => self.toUpperCase()),
  zfill: on("/width", (self, [width], run) => zeroFilled(self, integer(width, 0), run))
}))
