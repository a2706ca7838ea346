import * as Schema from "effect/Schema"

/** What a provider said about its own failure. A response body is never kept: it may hold account ids or keys. */
export const ProviderMetadata = Schema.Struct({
  provider: Schema.String,
  /** Class name of the SDK's or transport's error. */
  sdkError: Schema.optionalKey(Schema.String),
  message: Schema.optionalKey(Schema.String),
  /** HTTP status. */
  status: Schema.optionalKey(Schema.Int),
  requestId: Schema.optionalKey(Schema.String),
  retryAfterSeconds: Schema.optionalKey(Schema.Finite),
  providerCode: Schema.optionalKey(Schema.String)
})
export type ProviderMetadata = typeof ProviderMetadata.Type

/** One way in which a value does not fit its concept: where, and why, never what it was. The reason reads on after the place ("is missing"). */
export const Misfit = Schema.Struct({ pointer: Schema.String, reason: Schema.String })
export type Misfit = typeof Misfit.Type
