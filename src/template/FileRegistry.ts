import { isObject, type JsonObject } from "../concept/Json.ts"
import type { FileTokens } from "./Value.ts"

/**
 * The files one prompt shows, numbered in the order in which they are met and each once: what stands in the text is a token such as
 * `[Image 2]`, and the files follow the text.
 */
export interface FileRegistry extends FileTokens {
  readonly document: (content: JsonObject) => string
  readonly registered: () => {
    readonly images: ReadonlyArray<JsonObject>
    readonly documents: ReadonlyArray<JsonObject>
  }
}

const urlOf = (content: unknown): string =>
  isObject(content) && typeof content["url"] === "string" ? content["url"] : ""

export const make = (): FileRegistry => {
  const images = new Map<string, JsonObject>()
  const documents = new Map<string, JsonObject>()
  const tokens = new Map<string, string>()

  const register = (known: Map<string, JsonObject>, noun: string, content: unknown): string => {
    const url = urlOf(content)
    const token = tokens.get(url)
    if (token !== undefined) return token
    known.set(url, isObject(content) ? content : {})
    const made = `[${noun} ${known.size}]`
    tokens.set(url, made)
    return made
  }

  return {
    token: (url) => tokens.get(url),
    image: (content) => register(images, "Image", content),
    document: (content) => register(documents, "Document", content),
    registered: () => ({ images: Array.from(images.values()), documents: Array.from(documents.values()) })
  }
}
