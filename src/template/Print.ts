/** Values as text: `print` is what `{{ }}` writes, `repr` is how a value shows inside a list, a tuple or a mapping. */
import * as Decimal from "./Decimal.ts"
import { Dict } from "./Dict.ts"
import { exhausted } from "./Fault.ts"
import type { Run } from "./Run.ts"
import { escapeHtml } from "./Text.ts"
import type { Value } from "./Value.ts"
import { DictView, isHost, isList, Markup, Native, Range, Stream, Tuple, typeName, Undefined } from "./Value.ts"

const deepest = 100

const controls: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\" }
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Zs}\\]/u
const unprintables = new RegExp(unprintable, "gu")

const escaped = (character: string): string => {
  const known = controls[character]
  if (known !== undefined || character === " ") return known ?? character
  const code = character.codePointAt(0) ?? 0
  const hex = code.toString(16)
  if (code < 0x100) return `\\x${hex.padStart(2, "0")}`
  return code < 0x10000 ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`
}

const quoted = (text: string, run: Run): string => {
  run.build(text.length + 2)
  const quote = text.includes("'") && !text.includes("\"") ? "\"" : "'"
  const body = unprintable.test(text) ? text.replace(unprintables, escaped) : text
  run.build(Math.max(0, body.length - text.length))
  return `${quote}${quote === "'" ? body.replaceAll("'", "\\'") : body}${quote}`
}

const joined = (
  items: ReadonlyArray<Value>,
  open: string,
  close: string,
  run: Run,
  depth: number,
  holders: ReadonlyArray<Native>
): string => {
  run.build(2 + items.length * 2)
  return `${open}${items.map((item) => shown(item, run, depth + 1, holders)).join(", ")}${close}`
}

const shownDict = (dict: Dict, run: Run, depth: number, holders: ReadonlyArray<Native>): string => {
  const parts: Array<string> = []
  for (const [key, value] of dict.entries()) {
    run.build(4)
    parts.push(`${shown(key, run, depth + 1, holders)}: ${shown(value, run, depth + 1, holders)}`)
  }
  return `{${parts.join(", ")}}`
}

const shownNative = (value: Native, run: Run, depth: number, holders: ReadonlyArray<Native>): string => {
  const form = value.shape.shown?.() ?? `<${value.shape.typeName}>`
  if (typeof form === "string") return form
  const inside = holders.includes(value) ? "{...}" : shownDict(form, run, depth, [...holders, value])
  return `<Namespace ${inside}>`
}

const shown = (value: Value, run: Run, depth: number, holders: ReadonlyArray<Native>): string => {
  run.step()
  if (depth > deepest) throw exhausted("a value nested too deeply to print")
  if (typeof value === "string") return quoted(value, run)
  if (value instanceof Markup) return `Markup(${quoted(value.text, run)})`
  if (value instanceof Undefined) return "Undefined"
  if (isList(value)) return joined(value, "[", "]", run, depth, holders)
  if (value instanceof Tuple) {
    return joined(value.items, "(", value.items.length === 1 ? ",)" : ")", run, depth, holders)
  }
  if (value instanceof Dict) return shownDict(value, run, depth, holders)
  if (value instanceof DictView) return joined(value.values(), `dict_${value.of}([`, "])", run, depth, holders)
  if (value instanceof Range) {
    return `range(${value.start}, ${value.stop}${value.step === 1 ? "" : `, ${value.step}`})`
  }
  if (value instanceof Native) return shownNative(value, run, depth, holders)
  if (value instanceof Stream) return `<${typeName(value)}>`
  return scalar(value, run)
}

const scalar = (value: Value, run: Run): string => {
  switch (typeof value) {
    case "bigint":
      return value.toString()
    case "number":
      return Decimal.repr(value)
    case "boolean":
      return value ? "True" : "False"
  }
  if (!isHost(value)) return "None"
  const text = value.print(run.settings.files)
  run.build(text.length)
  return text
}

export const repr = (value: Value, run: Run): string => shown(value, run, 0, [])

/** As `{{ value }}` prints it, before any escaping. */
export const print = (value: Value, run: Run): string => {
  if (typeof value === "string") return value
  if (value instanceof Markup) return value.text
  if (value instanceof Undefined) return ""
  return shown(value, run, 0, [])
}

/** As it goes into safe HTML. */
export const printEscaped = (value: Value, run: Run): string => {
  if (value instanceof Markup) return value.text
  const markup = isHost(value) ? value.markup?.() : undefined
  if (markup === undefined) return escapeHtml(print(value, run), run)
  run.build(markup.length)
  return markup
}
