import type { Concept } from "./Concept.ts"
import type { Field, FieldType, Scalar } from "./Structure.ts"

/** The concepts every library has, in domain `native`. */
const field = (
  name: string,
  type: Scalar | FieldType,
  description: string,
  more: Partial<Field> = {}
): Field => ({
  name,
  description,
  type: typeof type === "string" ? { kind: type } : type,
  required: false,
  ...more
})

const must = { required: true } as const
const concept = (ref: string): FieldType => ({ kind: "concept", ref: `native.${ref}` })
const listOf = (item: FieldType): FieldType => ({ kind: "list", item })
const probabilities = field("probabilities", { kind: "dict", value: { kind: "number" } }, "How likely each answer is", {
  check: "unit_interval"
})
const confidence = field("confidence", "number", "How sure the answer is, from 0 to 1", { check: "unit_interval" })

const native = (code: string, description: string, structure?: ReadonlyArray<Field>, refines?: string): Concept => ({
  ref: `native.${code}`,
  domain: "native",
  code,
  description,
  ...(structure === undefined ? {} : { structure }),
  ...(refines === undefined ? {} : { refines: `native.${refines}` })
})

export const natives: ReadonlyArray<Concept> = [
  native("Text", "A text", [field("text", "text", "The text", must)]),
  native("Markdown", "A text written in Markdown", undefined, "Text"),
  native("Number", "A number", [field("number", "number", "The number", { ...must, check: "finite" })]),
  native("YesNo", "An answer that is yes or no", [
    field("yes_no", "boolean", "Whether the answer is yes", must),
    field("probability", "number", "How likely yes is, from 0 to 1", { check: "unit_interval" })
  ]),
  native("Choice", "One of several options", [
    field("choice", "text", "The key of the option", must),
    confidence,
    probabilities
  ]),
  native("Rating", "A level on a scale", [
    field("level", "integer", "The level, counted from 0", { ...must, check: "not_negative" }),
    field("label", "text", "The name of the level"),
    confidence,
    probabilities,
    field("position", "number", "Where on the scale, between levels", { check: "not_negative" })
  ]),
  native("Date", "A calendar date, with a time when one is known", [
    field("date", "date", "The date", must),
    field("time", "time", "The time of day")
  ]),
  native("Time", "A time of day", [field("time", "time", "The time", must)]),
  native("Image", "An image", [
    field("url", "text", "Where the image is", must),
    field("public_url", "text", "Where anyone can see it"),
    field("source_prompt", "text", "The prompt it was made from"),
    field("source_negative_prompt", "text", "What it was to avoid"),
    field("caption", "text", "What it shows"),
    field("mime_type", "text", "Its MIME type"),
    field("width", "integer", "Width in pixels", { check: "positive" }),
    field("height", "integer", "Height in pixels", { check: "positive" }),
    field("filename", "text", "Its file name")
  ]),
  native("Document", "A document", [
    field("url", "text", "Where the document is", must),
    field("public_url", "text", "Where anyone can see it"),
    field("mime_type", "text", "Its MIME type"),
    field("filename", "text", "Its file name"),
    field("title", "text", "Its title"),
    field("snippet", "text", "A passage of it")
  ]),
  native("Html", "A piece of HTML", [
    field("inner_html", "text", "The markup", must),
    field("css_class", "text", "Class of the element around it")
  ]),
  native("TextAndImages", "A text with the images that belong to it", [
    field("text", concept("Text"), "The text"),
    field("images", listOf(concept("Image")), "The images"),
    field("raw_html", "text", "The page's markup")
  ]),
  native("Page", "A page of a document", [
    field("text_and_images", concept("TextAndImages"), "What the page holds", must),
    field("page_view", concept("Image"), "A picture of the page")
  ]),
  native("JSON", "Any JSON object", [field("json_obj", { kind: "dict", value: { kind: "any" } }, "The object", must)]),
  native("SearchResult", "An answer found by search, with its sources", [
    field("answer", "text", "The answer", must),
    field("sources", listOf(concept("Document")), "Where it was found", must)
  ]),
  native("Composite", "Several named values together"),
  native("Dynamic", "A concept decided when the method runs"),
  native("Anything", "Any value")
]

const codes: ReadonlySet<string> = new Set(natives.map(({ code }) => code))

export const isNative = (code: string): boolean => codes.has(code)
