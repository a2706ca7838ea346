/** Filters on text. Where the value is safe HTML, so is what most of them give. */
import { attribute } from "./Access.ts"
import { textOf } from "./Compare.ts"
import { Dict } from "./Dict.ts"
import { failure } from "./Fault.ts"
import { iterate } from "./Iterate.ts"
import type { Open, Table } from "./Operation.ts"
import { integer, operation, optionalInteger, optionalText, table, text } from "./Operation.ts"
import { print, printEscaped } from "./Print.ts"
import * as Printf from "./Printf.ts"
import { attributeReader } from "./Readers.ts"
import type { Run } from "./Run.ts"
import * as Text from "./Text.ts"
import type { Named, Value } from "./Value.ts"
import { isText, Markup, Native, noNames, truthy, Tuple } from "./Value.ts"
import { wrapped } from "./Wrap.ts"

/** As text, safe HTML staying so. */
export const soft = (value: Value, run: Run): string | Markup => isText(value) ? value : print(value, run)

const like = (model: string | Markup, made: string): string | Markup =>
  model instanceof Markup ? new Markup(made) : made

const shaped = (shape: (source: string) => string): Open =>
  operation("", (value, _, run) => {
    const source = soft(value, run)
    run.build(textOf(source).length)
    return like(source, shape(textOf(source)))
  })

/** The method of the same name, on the value as text. */
const method = (
  name: string,
  args: (given: ReadonlyArray<Value | undefined>) => ReadonlyArray<Value>,
  signature: string
): Open =>
  operation(signature, (value, given, run) => {
    const bound = attribute(soft(value, run), name, run)
    if (!(bound instanceof Native) || bound.shape.call === undefined) throw failure("text has no such method")
    return bound.shape.call(args(given), noNames, run)
  })

const breaks = new Set("-({[<")

const titleWords = (source: string): string => {
  let starts = true
  let out = ""
  for (const letter of source) {
    out += starts ? letter.toUpperCase() : letter.toLowerCase()
    starts = breaks.has(letter) || Text.isBlank(letter.charCodeAt(0))
  }
  return out
}

const capitalized = (source: string): string => {
  const [first = ""] = source
  return first.toUpperCase() + source.slice(first.length).toLowerCase()
}

const leeway = 5

const truncate = operation("length? killwords? end? leeway?", (value, [size, killwords, ending, slack], run) => {
  if (!isText(value)) throw failure("only text can be truncated")
  const end = text(ending, "...")
  const length = integer(size, 255)
  const spare = optionalInteger(slack) ?? leeway
  if (length < Text.lengthOf(end) || spare < 0) throw failure("a length too short to truncate to")
  const source = textOf(value)
  run.scan(source.length)
  if (Text.lengthOf(source) <= length + spare) return value
  const cut = Text.sliceOf(source, 0, length - Text.lengthOf(end))
  const space = killwords !== undefined && truthy(killwords) ? -1 : cut.lastIndexOf(" ")
  const kept = space === -1 ? cut : cut.slice(0, space)
  run.build(kept.length + end.length)
  return like(value, kept + (value instanceof Markup ? printEscaped(ending ?? end, run) : end))
})

const indent = operation("width? first? blank?", (value, [width, first, blank], run) => {
  const source = value
  if (!isText(source)) throw failure("only text can be indented")
  const margin = width !== undefined && isText(width) ? textOf(width) : Text.repeated(" ", integer(width, 4), run)
  const lines = Text.linesOf(`${textOf(source)}\n`)
  run.build(textOf(source).length + lines.length * (margin.length + 1))
  const everywhere = blank !== undefined && truthy(blank)
  const shifted = lines.map((line, index) => index > 0 && (everywhere || line !== "") ? margin + line : line).join("\n")
  return like(source, first !== undefined && truthy(first) ? margin + shifted : shifted)
})

const replace = operation("old new count?", (value, [old, by, count], run) => {
  const limit = optionalInteger(count) ?? -1
  const most = limit < 0 ? Infinity : limit
  const [from, to] = [soft(old ?? null, run), soft(by ?? null, run)]
  if (!run.autoescape) return Text.replaced(print(value, run), textOf(from), textOf(to), run, most)
  const marks = from instanceof Markup || to instanceof Markup
  const source = marks && !(value instanceof Markup) ? new Markup(printEscaped(value, run)) : soft(value, run)
  const inserted = source instanceof Markup ? printEscaped(to, run) : textOf(to)
  return like(source, Text.replaced(textOf(source), textOf(from), inserted, run, most))
})

const join = operation("d? attribute?", (value, [separator, path], run) => {
  const read = path === undefined || path === null ? undefined : attributeReader(path, run)
  const items = read === undefined ? iterate(value, run) : iterate(value, run).map((item) => read(item))
  run.work(items.length / 2)
  const glue = separator ?? ""
  const marked = run.autoescape && (glue instanceof Markup || items.some((item) => item instanceof Markup))
  const between = marked ? printEscaped(glue, run) : print(glue, run)
  const parts = items.map((item) => {
    const part = marked ? printEscaped(item, run) : print(item, run)
    run.build(part.length + between.length)
    return part
  })
  const joined = parts.join(between)
  return marked ? new Markup(joined) : joined
})

const wordwrap = operation(
  "width? break_long_words? wrapstring? break_on_hyphens?",
  (value, [width, breakLong, ending, hyphens], run) => {
    const lines = Text.linesOf(text(value))
    const wrap = {
      width: integer(width, 79),
      breakLong: breakLong === undefined || truthy(breakLong),
      onHyphens: hyphens === undefined || truthy(hyphens)
    }
    const end = optionalText(ending) ?? "\n"
    run.build(text(value).length * 2)
    return lines.map((line) => wrapped(line, wrap, run).join(end)).join(end)
  }
)

/** The engine's own `format` filter, for categories that have none of theirs: text formatting with `%`. */
export const printf: Open = (value: Value, args: ReadonlyArray<Value>, named: Named, run: Run): Value => {
  if (args.length > 0 && named.size > 0) throw failure("either positional or named values, not both")
  const operand = named.size > 0 ? Dict.from(named) : new Tuple(args)
  const source = soft(value, run)
  if (!(source instanceof Markup)) return Printf.format(source, operand, run)
  return new Markup(Printf.format(source.text, operand, run, (item) => new Markup(printEscaped(item, run))))
}

const word = /[\p{L}\p{N}_]+/gu

export const stringFilters: Table = table({
  capitalize: shaped(capitalized),
  center: method("center", ([width]) => [width ?? 80n], "width?"),
  indent,
  join,
  lower: shaped((source) => source.toLowerCase()),
  replace,
  string: operation("", (value, _, run) => soft(value, run)),
  title: shaped(titleWords),
  trim: method("strip", ([chars]) => chars === undefined ? [] : [chars], "chars?"),
  truncate,
  upper: shaped((source) => source.toUpperCase()),
  wordcount: operation("", (value, _, run) => {
    const source = textOf(soft(value, run))
    run.scan(source.length * 8)
    let count = 0n
    word.lastIndex = 0
    while (word.test(source)) count++
    return count
  }),
  wordwrap
})
