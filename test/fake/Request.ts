/** One form for the requests of all APIs that the fake provider speaks: the form in which conformance cases record them. */
import { createHash } from "node:crypto"
import type { JsonObject } from "../../src/concept/Json.ts"

export type Api =
  | "openai_responses"
  | "openai_chat"
  | "anthropic_messages"
  | "openai_images"
  | "mistral_chat"
  | "mistral_ocr"
  | "google_generate"
  | "linkup_search"
  | "linkup_fetch"
  | "fal_queue"
  | "unknown"

export type Part =
  | { readonly type: "text"; readonly text: string }
  | {
    readonly type: "image" | "document"
    readonly mime?: string
    readonly sha256?: string
    readonly bytes?: number
    readonly url?: string
    readonly detail?: string
    readonly filename?: string
  }
  /** A call of a tool, its result, a thought: whatever a re-ask adds. */
  | { readonly type: string; readonly raw: JsonObject }

export interface Message {
  readonly role: string
  readonly parts: ReadonlyArray<Part>
}

export interface Structured {
  readonly mode: "tool" | "json_schema" | "json_object" | "json_text"
  readonly name: string | undefined
  readonly description?: string | undefined
  readonly strict?: boolean | undefined
  /** What the request says on calling the tool. */
  readonly choice?: unknown
  readonly schema: JsonObject
}

export interface Request {
  readonly path: string
  readonly api: Api
  readonly model: string | null
  readonly system: string | null
  readonly messages: ReadonlyArray<Message>
  readonly structured: Structured | null
  readonly max_tokens: number | null
  readonly temperature: number | null
  /** What else stood in the body. */
  readonly other: JsonObject
}

export const sha256 = (content: string | Uint8Array): string => createHash("sha256").update(content).digest("hex")

export const isText = (part: Part): part is { readonly type: "text"; readonly text: string } =>
  part.type === "text" && "text" in part

/** System text or nothing, a newline, and all texts of the user: what an answer is digested from. */
export const promptText = ({ messages, system }: Pick<Request, "messages" | "system">): string => {
  const texts = messages.filter(({ role }) => role === "user").flatMap(({ parts }) => parts.filter(isText))
  return `${system ?? ""}\n${texts.map(({ text }) => text).join("\n")}`
}
