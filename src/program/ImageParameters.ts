import * as Schema from "effect/Schema"

/**
 * What an image job asks for besides its prompt: the pipe's own keys, and the run's defaults where the pipe is silent. Settings of the
 * model beat the latter. Written in the method's snake_case, since these parameters travel as plain JSON.
 */
export const ImageParameters = Schema.Struct({
  aspect_ratio: Schema.String,
  /** A tier (`1k`) or an exact `WxH`, which leaves the aspect ratio without effect. */
  size: Schema.optionalKey(Schema.String),
  background: Schema.Literals(["transparent", "opaque", "auto"]),
  is_raw: Schema.Boolean,
  seed: Schema.optionalKey(Schema.Int),
  output_format: Schema.optionalKey(Schema.Literals(["png", "jpeg", "webp"])),
  input_fidelity: Schema.optionalKey(Schema.Literals(["low", "high"])),
  quality: Schema.optionalKey(Schema.Literals(["low", "medium", "high"])),
  nb_steps: Schema.optionalKey(Schema.Int),
  guidance_scale: Schema.optionalKey(Schema.Finite),
  is_moderated: Schema.optionalKey(Schema.Boolean),
  safety_tolerance: Schema.optionalKey(Schema.Int)
})
export type ImageParameters = typeof ImageParameters.Type
