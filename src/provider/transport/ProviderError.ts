import * as Data from "effect/Data"
import type { ProviderMetadata } from "../../failure/Metadata.ts"

/**
 * A request that failed, as the adapter that made it found it: what is known before anything is classified. It stays in this process,
 * since the body may hold account ids or keys; `metadata` is the part that travels.
 */
export class ProviderError extends Data.TaggedError("ProviderError")<{
  /**
   * `status`: an HTTP error status, or an error event in a stream that stands for one. `not_sent`: nothing reached the provider.
   * `timeout` and `network`: sent, and no full answer came. `unreadable`: an answer that is not what the API promises.
   * `credentials`: there is no key to call with.
   */
  readonly kind: "status" | "not_sent" | "timeout" | "network" | "unreadable" | "credentials" | "unknown"
  readonly metadata: ProviderMetadata
  /** The parsed error body, for classification alone. */
  readonly body?: unknown
  /** The `x-should-retry` header. */
  readonly shouldRetry?: boolean
  /** For `credentials`: the variables that were asked for. */
  readonly variables?: ReadonlyArray<string>
}> {}
