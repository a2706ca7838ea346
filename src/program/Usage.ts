import * as Schema from "effect/Schema"

/** What one leaf consumed, over all its attempts. */
export const Usage = Schema.Struct({
  model: Schema.optionalKey(Schema.String),
  backend: Schema.optionalKey(Schema.String),
  /** Requests sent to the provider, retries and re-asks included. */
  requests: Schema.Int,
  /** How many of them were re-asks for a structured answer that did not fit. */
  reasks: Schema.Int,
  /** Tokens, or other priced units, by category: `input`, `output`, `input_cached`, `pages`, … */
  units: Schema.Record(Schema.String, Schema.Finite),
  /** Wall-clock seconds of the leaf. */
  seconds: Schema.Finite,
  /** True when the built-in `simulated` backend answered. */
  simulated: Schema.optionalKey(Schema.Boolean)
})
export type Usage = typeof Usage.Type

export const none: Usage = { requests: 0, reasks: 0, units: {}, seconds: 0 }
