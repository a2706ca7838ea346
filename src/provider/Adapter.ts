import type * as Effect from "effect/Effect"
import type * as Result from "effect/Result"
import type { JsonObject } from "../concept/Json.ts"
import type { Connection, InferenceOptions, ModelWire } from "../config/Connection.ts"
import type { Misfit } from "../failure/Metadata.ts"
import type { Usage } from "../failure/Usage.ts"
import type { Structure } from "../program/Leaves.ts"
import type { Model } from "../program/Models.ts"
import type { ProviderError } from "./transport/ProviderError.ts"

/** What an adapter is made with. `fetch` is pooled, obeys an `AbortSignal`, retries nothing and follows no redirect to another host. */
export interface AdapterContext {
  readonly connection: Connection
  readonly inference: InferenceOptions
  readonly fetch: typeof globalThis.fetch
}

/**
 * What an adapter of a language-model API does: one HTTP request per call, no retry, no re-ask, no classification. Everything that is
 * the same for all providers (reading files, sampling rules, Tier 1, re-ask, classification, usage) is done around it.
 */
export interface LanguageAdapter<Message> {
  /** Whether a web address is handed to the provider as it is; else its bytes are. */
  readonly passesUrls: { readonly images: boolean; readonly documents: boolean }
  readonly text: (request: LanguageRequest) => Effect.Effect<Reply<Message>, ProviderError>
  /** `turns`: earlier answers to the same request that did not fit, oldest first. */
  readonly object: (
    request: LanguageRequest,
    structure: Structure,
    turns: ReadonlyArray<Turn<Message>>
  ) => Effect.Effect<ObjectReply<Message>, ProviderError>
}

/** A request with every rule of the model applied: an adapter writes what is there, and nothing that is not. */
export interface LanguageRequest {
  readonly model: Model
  readonly wire: ModelWire
  readonly system?: string
  readonly user: string
  readonly images: ReadonlyArray<Media>
  readonly documents: ReadonlyArray<Media>
  readonly temperature?: number
  readonly maxTokens?: number
  readonly imageDetail: "low" | "high" | "auto"
  readonly reasoning?: Reasoning
}

/** A file for the model: its address, or its bytes. */
export type Media =
  | { readonly _tag: "Url"; readonly url: string; readonly filename?: string }
  | { readonly _tag: "Bytes"; readonly base64: string; readonly mimeType: string; readonly filename?: string }

/** `effort` is the provider's own word; `budget` counts tokens, 0 turning thinking off. */
export type Reasoning =
  | { readonly _tag: "Effort"; readonly effort: string }
  | { readonly _tag: "Budget"; readonly tokens: number }
  | { readonly _tag: "Adaptive"; readonly effort: string }

export interface Reply<Message> {
  /** The model's turn as the API gave it, to be sent back should the answer not fit. It goes nowhere else. */
  readonly message: Message
  readonly text: string
  readonly stop: "complete" | "length" | "refused"
  readonly units: Usage["units"]
}

export interface ObjectReply<Message> extends Reply<Message> {
  /** The JSON that was written, or what was wrong with it ("is not JSON", "holds no call of the tool"), never quoting it. */
  readonly value: Result.Result<unknown, string>
}

export interface Turn<Message> {
  readonly message: Message
  readonly misfits: ReadonlyArray<Misfit>
}

/** Generates images. Not idempotent: a request whose outcome is unknown is not repeated. */
export interface ImageAdapter {
  readonly passesUrls: boolean
  readonly generate: (request: ImageRequest) => Effect.Effect<ImageReply, ProviderError>
}

export interface ImageRequest {
  readonly model: Model
  readonly wire: ModelWire
  readonly prompt: string
  readonly negativePrompt?: string
  readonly images: ReadonlyArray<Media>
  readonly count: number
  /** The arguments that the model's `rules` made of the job's parameters, by their wire names. */
  readonly arguments: JsonObject
}

/** Images as bytes, or as addresses to fetch. */
export interface ImageReply {
  readonly images: ReadonlyArray<
    | { readonly _tag: "Bytes"; readonly bytes: Uint8Array; readonly mimeType?: string }
    | { readonly _tag: "Url"; readonly url: string; readonly mimeType?: string }
  >
  /** The provider answered that it will not make this. */
  readonly isRefused?: boolean
  readonly units: Usage["units"]
}

/** Turns a document, an image or a web page into pages of text. */
export interface ExtractAdapter {
  readonly passesUrls: boolean
  readonly extract: (request: ExtractRequest) => Effect.Effect<ExtractReply, ProviderError>
}

export interface ExtractRequest {
  readonly model: Model
  readonly wire: ModelWire
  readonly file: Media
  readonly kind: "document" | "image"
  readonly maxPageImages?: number
  readonly imageMinSize?: number
  readonly renderJs?: boolean
  readonly includeRawHtml?: boolean
  /** To be called before every further request that reading the one file takes. */
  readonly alsoSending?: () => void
}

export interface ExtractReply {
  readonly pages: ReadonlyArray<{
    readonly text: string
    readonly images: ReadonlyArray<
      { readonly bytes: Uint8Array; readonly mimeType?: string; readonly caption?: string }
    >
    readonly rawHtml?: string
  }>
  readonly units: Usage["units"]
}

export interface SearchAdapter {
  readonly answer: (request: SearchRequest) => Effect.Effect<SearchReply, ProviderError>
  /** The object that the engine filled in, unchecked. */
  readonly structured: (
    request: SearchRequest,
    structure: Structure
  ) => Effect.Effect<{ readonly value: unknown; readonly units: Usage["units"] }, ProviderError>
}

export interface SearchRequest {
  readonly model: Model
  readonly wire: ModelWire
  readonly query: string
  readonly includeImages: boolean
  readonly includeInlineCitations: boolean
  readonly maxResults?: number
  /** Days as `YYYY-MM-DD`. */
  readonly fromDate?: string
  readonly toDate?: string
  readonly includeDomains?: ReadonlyArray<string>
  readonly excludeDomains?: ReadonlyArray<string>
}

export interface SearchReply {
  readonly answer: string
  readonly sources: ReadonlyArray<{ readonly url: string; readonly title?: string; readonly snippet?: string }>
  readonly units: Usage["units"]
}
