import type * as Redacted from "effect/Redacted"
import type { JsonObject } from "../concept/Json.ts"
import type { Family } from "../program/Models.ts"

/**
 * A backend with its placeholders resolved: what an adapter needs to speak to it. It never leaves the process that calls the provider,
 * and every text that may hold a secret is `Redacted` until it is put into a request.
 */
export interface Connection {
  /** Name of the backend, as in `backends.toml`. */
  readonly backend: string
  readonly endpoint?: string
  readonly apiKey?: Redacted.Redacted
  /** Whatever else the backend's table says (`api_version`, `auth_header`, …), resolved. */
  readonly extra: Readonly<Record<string, Redacted.Redacted | boolean | number>>
  /** What the backend's file says of one of its models beyond the model table. */
  readonly model: (family: Family, handle: string) => ModelWire
  /** The text with every secret of this backend, and whatever looks like a key, blanked out: for messages that quote a request. */
  readonly scrub: (text: string) => string
}

export interface ModelWire {
  /** What is sent to the provider, resolved. */
  readonly modelId: string
  /** Sent with every call of the model. */
  readonly headers: Readonly<Record<string, Redacted.Redacted>>
  /** How image parameters become arguments of the request. */
  readonly rules: JsonObject
  readonly variant?: string
  readonly endpointPath?: string
}

/** How this machine calls providers, from the merged `pipelex.toml`. */
export interface InferenceOptions {
  /** Requests repeated on top of the first. */
  readonly transportMaxRetries: number
  /** Structured answers asked for, the first included. */
  readonly schemaReaskMaxAttempts: number
  /** Of one structured call to Anthropic. */
  readonly anthropicStructuredOutputTimeoutSeconds: number
  /** Of any other call. */
  readonly requestTimeoutSeconds: number
  readonly effortToLevel: Readonly<Record<Provider, Readonly<Record<string, string>>>>
  readonly effortToBudget: Readonly<Record<"anthropic" | "google", Readonly<Record<string, number>>>>
  readonly qualityToSteps: Readonly<Record<string, Readonly<Record<string, number>>>>
}

export type Provider = "openai" | "anthropic" | "google" | "mistral"
