/** What messages are made of, in the spelling of each API, read into `Part`s. */
import { isArray, isObject, isString, type Json, type JsonObject, textOf } from "../../src/concept/Json.ts"
import { type Message, type Part, sha256 } from "./Request.ts"

const bytesOf = (kind: "image" | "document", mime: string | undefined, bytes: Uint8Array): Part => ({
  type: kind,
  ...(mime === undefined || mime === "" ? {} : { mime }),
  sha256: sha256(bytes),
  bytes: bytes.length
})

const dataUrl = /^data:([^;,]*)(;base64)?,([^]*)$/

/** A file by its address, which may hold it. */
export const ofUrl = (kind: "image" | "document", url: string): Part => {
  const [, mime, base64, data = ""] = dataUrl.exec(url) ?? []
  return mime === undefined
    ? { type: kind, url }
    : bytesOf(kind, mime, base64 === undefined ? Buffer.from(decodeURIComponent(data)) : Buffer.from(data, "base64"))
}

export const ofBytes = (mime: string, bytes: Uint8Array): Part =>
  bytesOf(mime.startsWith("image/") ? "image" : "document", mime, bytes)

const text = (part: JsonObject): Part => ({ type: "text", text: textOf(part, "text") })

const named = (part: Part, name: "detail" | "filename", value: string): Part =>
  value === "" ? part : { ...part, [name]: value }

/** Chat writes an object with the address, Mistral and Responses the address alone. */
const image = (part: JsonObject): Part => {
  const { image_url: written } = part
  const held = isObject(written) ? written : { url: written ?? "", detail: part["detail"] ?? "" }
  return named(ofUrl("image", textOf(held, "url")), "detail", textOf(held, "detail"))
}

const file = (part: JsonObject): Part => {
  const held = isObject(part["file"]) ? part["file"] : part
  const address = textOf(held, "file_data") || textOf(held, "file_url")
  return named(ofUrl("document", address), "filename", textOf(held, "filename"))
}

/** Anthropic's files. */
const sourced = (kind: "image" | "document") => (part: JsonObject): Part => {
  const source = isObject(part["source"]) ? part["source"] : {}
  const read = source["type"] === "base64"
    ? bytesOf(kind, textOf(source, "media_type"), Buffer.from(textOf(source, "data"), "base64"))
    : ofUrl(kind, textOf(source, "url"))
  return named(read, "filename", textOf(part, "title"))
}

const readers: Readonly<Record<string, (part: JsonObject) => Part>> = {
  text,
  input_text: text,
  output_text: text,
  image_url: image,
  input_image: image,
  input_file: file,
  file,
  document_url: (part) => ofUrl("document", textOf(part, "document_url")),
  image: sourced("image"),
  document: sourced("document")
}

const part = (written: Json): Part => {
  if (isString(written)) return { type: "text", text: written }
  const held = isObject(written) ? written : {}
  const type = textOf(held, "type") || "unknown"
  return (Object.hasOwn(readers, type) ? readers[type] : undefined)?.(held) ?? { type, raw: held }
}

export const parts = (content: Json | undefined): ReadonlyArray<Part> =>
  isArray(content) ? content.map(part) : content === undefined || content === null ? [] : [part(content)]

/** Items of a conversation that are no messages but stand between them. */
const bare: ReadonlySet<string> = new Set(["function_call", "function_call_output", "reasoning"])

export const messages = (written: ReadonlyArray<Json>): ReadonlyArray<Message> =>
  written.filter(isObject).map((message) => {
    const type = textOf(message, "type")
    if (bare.has(type)) return { role: type, parts: [{ type, raw: message }] }
    const calls = isArray(message["tool_calls"]) ? message["tool_calls"].filter(isObject) : []
    return {
      role: textOf(message, "role"),
      parts: [...parts(message["content"]), ...calls.map((raw): Part => ({ type: "tool_call", raw }))]
    }
  })

/** Gemini's parts, which say what they are by the key they have. */
export const ofGoogle = (written: Json | undefined): ReadonlyArray<Part> =>
  (isArray(written) ? written : []).filter(isObject).map((held): Part => {
    if (isString(held["text"])) return text(held)
    const inline = held["inlineData"] ?? held["inline_data"]
    if (isObject(inline)) {
      const mime = textOf(inline, "mimeType") || textOf(inline, "mime_type")
      return ofBytes(mime, Buffer.from(textOf(inline, "data"), "base64"))
    }
    const [type = "unknown"] = Object.keys(held)
    return { type, raw: held }
  })
