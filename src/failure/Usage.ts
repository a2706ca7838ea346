import * as Schema from "effect/Schema"

/** What one leaf consumed, over all its attempts, whether it succeeded in the end or not: a failed one has been paid for too. */
export const Usage = Schema.Struct({
  /** Handle. */
  model: Schema.optionalKey(Schema.String),
  backend: Schema.optionalKey(Schema.String),
  /** What the provider calls the model. */
  modelId: Schema.optionalKey(Schema.String),
  /** Requests sent to the provider, retries and re-asks included. */
  requests: Schema.Int,
  /** How many of them were re-asks for a structured answer that did not fit. */
  reasks: Schema.Int,
  /**
   * Tokens, or other priced units, by category: `input` (cached ones included), `output` (reasoning included), parts of them such as
   * `input_cached`, `input_cache_write` and `output_reasoning`, and pieces: `pages`, `images`, `searches`.
   */
  units: Schema.Record(Schema.String, Schema.Finite),
  /** Wall-clock seconds of the leaf. */
  seconds: Schema.Finite,
  /** True when the built-in `simulated` backend answered. */
  simulated: Schema.optionalKey(Schema.Boolean)
})
export type Usage = typeof Usage.Type

export const none: Usage = { requests: 0, reasks: 0, units: {}, seconds: 0 }
