/** Filters that make, quote or strip HTML, and those that write for other formats. */
import { Dict } from "./Dict.ts"
import { entities } from "./Entities.ts"
import { failure } from "./Fault.ts"
import { iterate } from "./Iterate.ts"
import * as Json from "./Json.ts"
import type { Table } from "./Operation.ts"
import { operation, optionalInteger, optionalText, table, text } from "./Operation.ts"
import * as Pretty from "./Pretty.ts"
import { print, printEscaped } from "./Print.ts"
import type { Run } from "./Run.ts"
import { soft } from "./StringFilters.ts"
import { escapeHtml, wordsOf } from "./Text.ts"
import { linked } from "./Urls.ts"
import { isInteger, isText, Markup, truthy, Undefined } from "./Value.ts"

const escape = operation("", (value, _, run) => value instanceof Markup ? value : new Markup(printEscaped(value, run)))

const hexOf = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`

const percent = (source: string, inQuery: boolean, run: Run): string => {
  run.build(source.length * 9)
  if (!source.isWellFormed()) throw failure("half a character cannot be written in an address")
  const quoted = encodeURIComponent(source).replace(/[!'()*]/g, hexOf)
  return inQuery ? quoted.replaceAll("%20", "+") : quoted.replaceAll("%2F", "/")
}

const urlencode = operation("", (value, _, run) => {
  if (isText(value) || !(value instanceof Dict || Array.isArray(value))) return percent(print(value, run), false, run)
  const pairs = value instanceof Dict ? [...value.entries()] : iterate(value, run).map((pair) => iterate(pair, run))
  return pairs.map(([key, item]) =>
    `${percent(print(key ?? null, run), true, run)}=${percent(print(item ?? null, run), true, run)}`
  ).join("&")
})

const badKey = /[\s/>=]/

const xmlattr = operation("autospace?", (value, [autospace], run) => {
  if (!(value instanceof Dict)) throw failure("xmlattr needs a mapping")
  const shown = [...value.entries()].filter(([, item]) => item !== null && !(item instanceof Undefined))
  const pairs = shown.map(([key, item]) => {
    const name = print(key, run)
    if (badKey.test(name)) throw failure("this is not the name of an attribute")
    const pair = `${escapeHtml(name, run)}="${printEscaped(item, run)}"`
    run.build(pair.length)
    return pair
  })
  const joined = pairs.join(" ")
  const spaced = joined !== "" && (autospace === undefined || truthy(autospace)) ? ` ${joined}` : joined
  return run.autoescape ? new Markup(spaced) : spaced
})

const numeric = (digits: string): string | undefined => {
  const code = digits.startsWith("x") || digits.startsWith("X") ? Number.parseInt(digits.slice(1), 16) : Number(digits)
  return Number.isInteger(code) && code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined
}

const unescape = (source: string): string =>
  source.replace(
    /&(?:#(x[0-9a-fA-F]{1,6}|X[0-9a-fA-F]{1,6}|[0-9]{1,7});?|([A-Za-z]{2,8});)/g,
    (whole, code?: string, name?: string) => (code === undefined ? entities.get(name ?? "") : numeric(code)) ?? whole
  )

/** Marks that never close are what hostile text is made of: elsewhere each costs a scan to the end. */
const leftOpen = 128

/** Everything from an opening mark to the next closing one; without a closing one the text stays. */
const without = (source: string, open: string, close: string, run: Run): string => {
  let out = ""
  let at = 0
  for (let start = source.indexOf(open); start !== -1; start = source.indexOf(open, at)) {
    const end = source.indexOf(close, start + open.length)
    if (end === -1) {
      run.work(leftOpen * (source.slice(at).split(open).length - 1))
      break
    }
    out += source.slice(at, start)
    at = end + close.length
  }
  return out + source.slice(at)
}

const striptags = operation("", (value, _, run) => {
  const source = print(value, run)
  run.build(source.length * 3)
  const bare = without(without(source, "<!--", "-->", run), "<", ">", run)
  return unescape(wordsOf(bare).join(" "))
})

const tojson = operation("indent?", (value, [indent], run) => {
  const margin = indent === undefined || indent === null
    ? undefined
    : isInteger(indent)
    ? " ".repeat(Math.max(0, Math.min(100, Number(indent))))
    : text(indent)
  const json = Json.safe(Json.write(value, margin, run))
  run.build(json.length)
  return new Markup(json)
})

const urlize = operation(
  "trim_url_limit? nofollow? target? rel? extra_schemes?",
  (value, [limit, nofollow, target, rel, schemes], run) => {
    const words = [
      ...(optionalText(rel) ?? "").split(" "),
      ...(nofollow !== undefined && truthy(nofollow) ? ["nofollow"] : []),
      "noopener"
    ]
    const source = soft(value, run)
    const html = source instanceof Markup ? source.text : escapeHtml(source, run)
    const made = linked(html, {
      limit: optionalInteger(limit),
      rel: [...new Set(words.filter((word) => word !== ""))].toSorted().join(" "),
      target: optionalText(target),
      schemes: schemes === undefined || schemes === null ? [] : iterate(schemes, run).map((scheme) => text(scheme))
    }, run)
    return run.autoescape ? new Markup(made) : made
  }
)

export const escapeScriptTag = operation("", (value, _, run) => {
  const source = print(value, run)
  run.build(source.length)
  return source.replaceAll("<", "\\u003c")
})

export const markupFilters: Table = table({
  e: escape,
  escape,
  forceescape: operation("", (value, _, run) => new Markup(escapeHtml(print(value, run), run))),
  pprint: operation("", (value, _, run) => Pretty.write(value, run)),
  safe: operation("", (value, _, run) => value instanceof Markup ? value : new Markup(print(value, run))),
  striptags,
  tojson,
  urlencode,
  urlize,
  xmlattr
})
