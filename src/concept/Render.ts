import type { Concepts } from "./Concept.ts"
import { isArray, isObject, isString, itemsOf, type Json, type JsonObject, own, textOf as text } from "./Json.ts"
import type { FieldType } from "./Structure.ts"
import type { Shape } from "./Stuff.ts"

/** Contents as text: what `{{ x }}` prints, what a result folder holds, what a terminal shows. */
export type Format = "plain" | "markdown" | "html" | "json"

/** Markdown to HTML, for Markdown contents. The default shows the source in a paragraph. */
export type MarkdownToHtml = (markdown: string) => string

export const escapeHtml = (raw: string): string =>
  raw.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("\"", "&quot;").replaceAll(
    "'",
    "&#x27;"
  )

const asParagraph: MarkdownToHtml = (markdown) => `<p>${escapeHtml(markdown)}</p>`

const deepest = 64

const any: FieldType = { kind: "any" }

/** A float as the language prints it: always with a point or an exponent. */
const float = (value: number): string => {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf"
  if (Object.is(value, -0)) return "-0.0"
  const size = Math.abs(value)
  if (size !== 0 && (size >= 1e16 || size < 1e-4)) {
    const [digits = "", exponent = "0"] = value.toExponential().split("e")
    const power = Number(exponent)
    return `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`
  }
  const digits = String(value)
  return digits.includes(".") ? digits : `${digits}.0`
}

/** A plain value of a field: booleans `True` and `False`, null `None`, number fields as floats. */
export const scalar = (value: Json, type: FieldType): string => {
  if (value === null) return "None"
  if (typeof value === "boolean") return value ? "True" : "False"
  if (typeof value === "number") {
    return type.kind === "number" || !Number.isInteger(value) || Object.is(value, -0)
      ? float(value)
      : String(value)
  }
  return isString(value) ? value : JSON.stringify(value)
}

const number = (content: JsonObject): string => scalar(own(content, "number") ?? null, any)

const moment = (content: JsonObject): string => {
  const time = own(content, "time")
  return typeof time === "string" ? `${text(content, "date")}T${time}` : text(content, "date")
}

const rating = (content: JsonObject): string => text(content, "label") || scalar(own(content, "level") ?? null, any)

const pretty = (value: Json): string => JSON.stringify(value, null, 4)

/** As `pretty`, with the numbers of number fields written as floats. */
const prettyTyped = (
  concepts: Concepts,
  value: Json,
  type: FieldType,
  indent = "",
  components?: Shape["components"]
): string => {
  const inner = `${indent}    `
  if (isArray(value)) {
    if (value.length === 0) return "[]"
    const item = type.kind === "list" ? type.item : any
    return `[\n${value.map((each) => inner + prettyTyped(concepts, each, item, inner)).join(",\n")}\n${indent}]`
  }
  if (isObject(value)) {
    const entries = Object.entries(value)
    if (entries.length === 0) return "{}"
    const member = membersOf(concepts, type, components)
    const shown = entries.map(([key, each]) =>
      `${inner}${JSON.stringify(key)}: ${prettyTyped(concepts, each, member(key), inner)}`
    )
    return `{\n${shown.join(",\n")}\n${indent}}`
  }
  return typeof value === "number" ? scalar(value, type) : JSON.stringify(value)
}

/** Small natives are written on one line. */
const inline = (value: Json): string =>
  isObject(value)
    ? `{${Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}: ${inline(inner)}`).join(", ")}}`
    : JSON.stringify(value)

const withoutNulls = (content: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(content).filter(([, value]) => value !== null))

const sources = (content: JsonObject): ReadonlyArray<JsonObject> => {
  const list = own(content, "sources")
  return isArray(list) ? list.filter(isObject) : []
}

const documentPlain = (content: JsonObject): string => {
  const title = text(content, "title")
  const head = title === "" ? text(content, "url") : `- ${title}: ${text(content, "url")}`
  const snippet = text(content, "snippet")
  return snippet === "" ? head : `${head}\n  ${snippet}`
}

/** Where a reader finds the file, who may not see where it is stored. */
const linkOf = (content: JsonObject): string => text(content, "public_url") || text(content, "url")

const documentMarkdown = (content: JsonObject): string => {
  const url = linkOf(content)
  const head = `[${text(content, "title") || url}](${url})`
  const snippet = text(content, "snippet")
  return snippet === "" ? head : `${head}\n  ${snippet}`
}

/** Schemes that a browser opens without running anything; a url without one is a path. */
const isOpenable = (url: string): boolean => {
  const scheme = /^([^/?#:]*):/.exec(url)?.[1]
  return scheme === undefined || /^(?:https?|ftp|mailto|file|pipelex-storage)$/i.test(scheme)
}

const documentHtml = (content: JsonObject): string => {
  const url = linkOf(content)
  const title = escapeHtml(text(content, "title") || url)
  const link = isOpenable(url) ? `<a href="${escapeHtml(url)}" class="msg-document">${title}</a>` : title
  const snippet = text(content, "snippet")
  return snippet === "" ? link : `${link}<br/><small>${escapeHtml(snippet)}</small>`
}

/** An answer, and what is said of its sources where it has any. */
const cited = (
  content: JsonObject,
  answer: string,
  listed: (sources: ReadonlyArray<JsonObject>) => string
): string => {
  const list = sources(content)
  return list.length === 0 ? answer : `${answer}${listed(list)}`
}

type Own = { readonly [Form in Exclude<Format, "json">]?: (content: JsonObject, md: MarkdownToHtml) => string } & {
  readonly json?: (content: JsonObject) => Json
  readonly isInline?: true
}

const sameText = (of: (content: JsonObject) => string): Own => ({
  plain: of,
  markdown: of,
  html: (content) => escapeHtml(of(content)),
  isInline: true
})

/** Natives with a form of their own. What a row leaves out is the generic form. */
const natives: Readonly<Record<string, Own>> = {
  "native.Text": sameText((content) => text(content, "text")),
  "native.Markdown": {
    plain: (content) => text(content, "text"),
    markdown: (content) => text(content, "text"),
    html: (content, md) => md(text(content, "text")),
    isInline: true
  },
  "native.Number": sameText(number),
  "native.YesNo": { ...sameText((content) => own(content, "yes_no") === true ? "yes" : "no"), json: withoutNulls },
  "native.Choice": { ...sameText((content) => text(content, "choice")), json: withoutNulls },
  "native.Rating": { ...sameText(rating), json: withoutNulls },
  "native.Date": sameText(moment),
  "native.Time": sameText((content) => text(content, "time")),
  "native.Html": {
    plain: (content) => text(content, "inner_html"),
    markdown: (content) => text(content, "inner_html"),
    html: (content) => {
      const css = text(content, "css_class")
      return css === ""
        ? text(content, "inner_html")
        : `<div class="${escapeHtml(css)}">${text(content, "inner_html")}</div>`
    }
  },
  "native.JSON": {
    plain: (content) => pretty(own(content, "json_obj") ?? {}),
    json: (content) => own(content, "json_obj") ?? {}
  },
  "native.Image": {
    plain: (content) => text(content, "url").slice(0, 500),
    markdown: (content) => `![${text(content, "url").slice(0, 100)}](${text(content, "url")})`,
    html: (content) => `<img src="${escapeHtml(linkOf(content))}" class="msg-img">`
  },
  "native.Document": { plain: documentPlain, markdown: documentMarkdown, html: documentHtml },
  "native.TextAndImages": {
    plain: (content) => innerText(content),
    markdown: (content) => innerText(content),
    html: (content) => text(content, "raw_html") || escapeHtml(innerText(content))
  },
  "native.SearchResult": {
    plain: (content) =>
      cited(content, text(content, "answer"), (list) => `\n\nSources:\n${list.map(documentPlain).join("\n")}`),
    markdown: (content) =>
      cited(
        content,
        text(content, "answer"),
        (list) => `\n\n**Sources:**\n\n${list.map((source) => `- ${documentMarkdown(source)}`).join("\n")}`
      ),
    html: (content) =>
      `<div>${
        cited(content, `<p>${escapeHtml(text(content, "answer"))}</p>`, (list) =>
          `<h4>Sources</h4>${listHtml(list.map(documentHtml))}`)
      }</div>`
  }
}

const innerText = (content: JsonObject): string => {
  const inner = own(content, "text")
  return isObject(inner) ? text(inner, "text") : ""
}

/** The native whose form a concept's content takes: the nearest of its lineage that has one. */
const formOf = (concepts: Concepts, ref: string): Own | undefined => {
  for (const each of concepts.lineage(ref)) {
    const found = own(natives, each)
    if (found !== undefined) return found
    if (concepts.get(each)?.structure !== undefined) return undefined
  }
  return concepts.fields(ref) === undefined ? undefined : natives["native.Text"]
}

const fieldTypes = (concepts: Concepts, ref: string): ReadonlyMap<string, FieldType> =>
  new Map((concepts.fields(ref) ?? []).map(({ check, name, type }) => [name, check === "finite" ? any : type]))

const typeOfShape = (shape: Shape | undefined): FieldType => {
  if (shape === undefined) return any
  const item: FieldType = { kind: "concept", ref: shape.concept }
  return shape.plural ? { kind: "list", item } : item
}

/** How the members of an object are typed, whoever declares them. */
const membersOf = (
  concepts: Concepts,
  type: FieldType,
  components?: Shape["components"]
): (name: string) => FieldType => {
  if (components !== undefined) return (name) => typeOfShape(own(components, name))
  if (type.kind === "dict") return () => type.value
  if (type.kind !== "concept") return () => any
  const fields = fieldTypes(concepts, type.ref)
  return (name) => fields.get(name) ?? any
}

const heading = (level: number): string => "#".repeat(Math.min(level, 6))

const objectMarkdown = (
  concepts: Concepts,
  value: JsonObject,
  type: FieldType,
  level: number,
  depth: number,
  components?: Shape["components"]
): string => {
  const member = membersOf(concepts, type, components)
  return Object.entries(value).map(([key, inner]) => {
    const shown = markdown(concepts, inner, member(key), level + 1, depth + 1)
    return shown.includes("\n") ? `${heading(level)} ${key}\n\n${shown}` : `${heading(level)} ${key}: ${shown}`
  }).join("\n\n")
}

const listItem = (shown: string): string => {
  const [first = "", ...rest] = shown.split("\n")
  return [`- ${first}`, ...rest.filter((line) => line.trim() !== "").map((line) => `  ${line}`)].join("\n")
}

/** A raw value inside an object, as Markdown at a heading level. */
export const markdown = (concepts: Concepts, value: Json, type: FieldType, level: number, depth = 0): string => {
  if (depth > deepest) return ""
  if (isArray(value)) {
    const item = type.kind === "list" ? type.item : any
    return value.map((each) => listItem(markdown(concepts, each, item, level, depth + 1))).join("\n")
  }
  if (!isObject(value)) return scalar(value, type)
  if (type.kind === "list" && Array.isArray(own(value, "items"))) {
    return objectMarkdown(concepts, value, { kind: "dict", value: type }, level, depth)
  }
  return objectMarkdown(concepts, value, type, level, depth)
}

const objectHtml = (
  concepts: Concepts,
  value: JsonObject,
  type: FieldType,
  md: MarkdownToHtml,
  depth: number,
  components?: Shape["components"]
): string => {
  const member = membersOf(concepts, type, components)
  const rows = Object.entries(value).filter(([, inner]) => inner !== null || type.kind === "dict")
    .map(([key, inner]) => [escapeHtml(key), html(concepts, inner, member(key), md, depth + 1)] as const)
  return type.kind === "dict"
    ? `<dl>${rows.map(([key, shown]) => `<dt>${key}</dt><dd>${shown}</dd>`).join("")}</dl>`
    : `<table>${rows.map(([key, shown]) => `<tr><th>${key}</th><td>${shown}</td></tr>`).join("")}</table>`
}

const listHtml = (items: ReadonlyArray<string>): string =>
  `<ul>${(items.length === 0 ? ["<em>empty</em>"] : items).map((item) => `<li>${item}</li>`).join("")}</ul>`

const html = (concepts: Concepts, value: Json, type: FieldType, md: MarkdownToHtml, depth: number): string => {
  if (depth > deepest) return ""
  if (isArray(value)) {
    const item = type.kind === "list" ? type.item : any
    return listHtml(value.map((each) => html(concepts, each, item, md, depth + 1)))
  }
  if (value === null) return "<em>None</em>"
  if (!isObject(value)) return escapeHtml(scalar(value, type))
  const items = type.kind === "list" ? own(value, "items") : undefined
  if (isArray(items)) return html(concepts, items, type, md, depth)
  const form = type.kind === "concept" ? formOf(concepts, type.ref)?.html : undefined
  return form === undefined ? objectHtml(concepts, value, type, md, depth) : form(value, md)
}

/** The JSON that stands for a content: the object itself, without the nulls of natives that drop them. */
export const toJson = (concepts: Concepts, shape: Shape, content: JsonObject): Json =>
  shape.plural ? content : formOf(concepts, shape.concept)?.json?.(content) ?? content

const itemShape = (concepts: Concepts, shape: Shape, item: JsonObject): Shape => ({
  ...shape,
  plural: concepts.isNestedList(shape.concept, item)
})

const listText = (concepts: Concepts, shape: Shape, items: ReadonlyArray<JsonObject>): string => {
  if (shape.concept === "native.Text" && !items.some((item) => concepts.isNestedList(shape.concept, item))) {
    return items.map((item) => ` • ${text(item, "text")}\n`).join("")
  }
  return items.map((item, index) => {
    const shown = render(concepts, itemShape(concepts, shape, item), item, "markdown")
    return `\n • item #${index + 1}:\n\n${shown}\n`
  }).join("")
}

/** Contents whose concept says nothing of them: what their keys say. */
const natural: ReadonlyArray<readonly [concept: string, key: string, others: ReadonlySet<string>]> = [
  ["native.Text", "text", new Set()],
  ["native.Number", "number", new Set()],
  ["native.YesNo", "yes_no", new Set(["probability"])],
  ["native.JSON", "json_obj", new Set()]
]

const naturalShape = (shape: Shape, content: JsonObject): Shape => {
  if (shape.plural || shape.components !== undefined) return shape
  if (shape.concept !== "native.Anything" && shape.concept !== "native.Dynamic") return shape
  const found = natural.find(([, key, others]) =>
    Object.hasOwn(content, key) && Object.keys(content).every((each) => each === key || others.has(each))
  )
  return found === undefined ? shape : { ...shape, concept: found[0] }
}

/** A content in one of the four formats. */
export const render = (
  concepts: Concepts,
  declared: Shape,
  content: JsonObject,
  format: Format,
  md: MarkdownToHtml = asParagraph
): string => {
  const shape = naturalShape(declared, content)
  if (format === "json") {
    const isInline = !shape.plural && formOf(concepts, shape.concept)?.isInline === true
    const value = toJson(concepts, shape, content)
    if (isInline) return inline(value)
    const item: FieldType = { kind: "concept", ref: shape.concept }
    return shape.plural
      ? prettyTyped(concepts, value, { kind: "dict", value: { kind: "list", item } })
      : prettyTyped(concepts, value, value === content ? item : any, "", shape.components)
  }
  if (shape.plural) {
    const items = itemsOf(content).filter(isObject)
    if (format !== "html") return listText(concepts, shape, items)
    return listHtml(items.map((item) => render(concepts, itemShape(concepts, shape, item), item, "html", md)))
  }
  const form = formOf(concepts, shape.concept)?.[format]
  if (form !== undefined) return form(content, md)
  const type: FieldType = { kind: "concept", ref: shape.concept }
  if (shape.concept === "native.JSON" || concepts.lineage(shape.concept).includes("native.JSON")) {
    const inner = own(content, "json_obj") ?? {}
    return format === "html" ? html(concepts, inner, any, md, 1) : markdown(concepts, inner, any, 1)
  }
  return format === "html"
    ? objectHtml(concepts, content, type, md, 1, shape.components)
    : objectMarkdown(concepts, content, type, 1, 0, shape.components)
}

/** A raw value of a declared type, as `{{ x.field }}` formats it. */
export const renderField = (
  concepts: Concepts,
  type: FieldType,
  value: Json,
  format: Format,
  md: MarkdownToHtml = asParagraph
): string => {
  if (isObject(value) && type.kind === "concept") {
    return render(concepts, { concept: type.ref, plural: false }, value, format, md)
  }
  if (format === "json") return pretty(value)
  return format === "html" ? html(concepts, value, type, md, 1) : markdown(concepts, value, type, 1)
}
