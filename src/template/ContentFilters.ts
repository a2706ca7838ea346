/** The filters of MTHDS templates: `format`, `tag`, `with_images`, `markdown`, `escape_script_tag`. */
import { textOf } from "./Compare.ts"
import { failure, Raised, undefinedRead } from "./Fault.ts"
import { toHtml } from "./Markdown.ts"
import { escapeScriptTag } from "./MarkupFilters.ts"
import type { Open } from "./Operation.ts"
import { operation, text } from "./Operation.ts"
import { print } from "./Print.ts"
import type { Run, TagStyle } from "./Run.ts"
import type { FileTokens, TextFormat, Value } from "./Value.ts"
import { isHost, isList, isText, Markup, typeName, Undefined } from "./Value.ts"

const textFormats: ReadonlySet<string> = new Set(["plain", "markdown", "html", "json"])

const isTextFormat = (name: string): name is TextFormat => textFormats.has(name)

const formatOf = (asked: Value | undefined, run: Run): TextFormat => {
  if (asked === undefined || asked === null) {
    if (run.settings.tagStyle === null) throw failure("no templating style is set")
    return run.settings.textFormat
  }
  const named = isText(asked) ? textOf(asked) : ""
  if (!isTextFormat(named)) throw new Raised("invalid", "a format is plain, markdown, html or json")
  return named
}

const format = operation("text_format?", (value, [asked], run) => {
  const textFormat = formatOf(asked, run)
  if (value instanceof Undefined) throw undefinedRead(value.name, "formatting")
  if (!isHost(value)) return value
  const markup = run.autoescape && (asked === undefined || asked === null) ? value.markup?.() : undefined
  if (markup !== undefined) {
    run.build(markup.length)
    return new Markup(markup)
  }
  const formatted = value.format(textFormat, run.settings.files)
  run.build(formatted.text.length)
  return formatted.markup && run.autoescape ? new Markup(formatted.text) : formatted.text
})

const styles: Readonly<Record<TagStyle, (name: string | undefined, body: string) => string>> = {
  xml: (name, body) => `<${name ?? "data"}>\n${body}\n</${name ?? "data"}>`,
  ticks: (name, body) => `${name === undefined ? "" : `${name}: `}\`\`\`\n${body}\n\`\`\``,
  square_brackets: (name, body) => `[${name ?? "data"}]\n${body}\n[/${name ?? "data"}]`,
  no_tag: (_, body) => body
}

const tag = operation("tag_name?", (value, [asked], run) => {
  if (value instanceof Undefined) throw undefinedRead(value.name, "tagging")
  const { tagStyle } = run.settings
  if (tagStyle === null) throw failure("no tag style is set")
  const own = isHost(value) ? value.tagName : undefined
  const given = asked === undefined || asked === null ? "" : text(asked)
  const name = given === "" ? own : given
  const body = print(value, run)
  run.build(body.length + 2 * (name?.length ?? 4) + 16)
  return styles[tagStyle](name, body)
})

/** A list item by item, so that a plain list may stand around contents. */
const shown = (value: Value, files: FileTokens | undefined, run: Run): string => {
  if (isList(value)) {
    run.hold(value.length)
    return value.map((item) => isHost(item) ? shown(item, files, run) : print(item, run)).join("\n")
  }
  if (!isHost(value) || value.withImages === undefined || files === undefined) {
    throw failure(`a value of type ${typeName(value)} holds no images`)
  }
  return value.withImages(files)
}

const withImages = operation("", (value, _, run) => {
  const { files } = run.settings
  if (value instanceof Undefined) throw undefinedRead(value.name, "attaching the images of")
  if (files === undefined && isHost(value)) throw failure("images cannot be attached here")
  const written = shown(value, files, run)
  run.build(written.length)
  return written
})

const markdown = operation("", (value, _, run) => {
  if (value === null) return ""
  const source = isText(value) ? textOf(value) : isHost(value) ? value.print(run.settings.files) : undefined
  if (source === undefined) throw failure(`Markdown is text, not ${typeName(value)}`)
  run.build(source.length * 4)
  run.work(source.length)
  return new Markup(toHtml(source))
})

export const contentFilters = {
  format,
  tag,
  with_images: withImages,
  markdown,
  escape_script_tag: escapeScriptTag
} satisfies Readonly<
  Record<string, Open>
>
