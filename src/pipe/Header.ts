import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** The keys that every pipe table has, and the vocabularies several of them share. */
export const InputSlot = Schema.Union([
  Schema.String,
  Schema.Struct({
    concept: Schema.String,
    hints: Schema.optionalKey(Schema.Record(Schema.String, Schema.String))
  })
]).annotate({ expected: "a concept such as \"Text[]\", or { concept = …, hints = … }" })

export const header = {
  description: Schema.String,
  inputs: Schema.Record(Schema.String, InputSlot).pipe(Schema.withDecodingDefaultKey(Effect.succeed({}))),
  output: Schema.String
}

export interface Header {
  readonly type: string
  readonly description: string
  readonly inputs: Readonly<Record<string, typeof InputSlot.Type>>
  readonly output: string
}

export const slotText = (slot: typeof InputSlot.Type): string => typeof slot === "string" ? slot : slot.concept

const Reference = Schema.String
const positive = Schema.Int.check(Schema.isGreaterThan(0))
const temperature = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))
const description = Schema.optionalKey(Schema.String)

const Effort = Schema.Literals(["none", "minimal", "low", "medium", "high", "xhigh", "max"])

const LlmSettings = Schema.Struct({
  model: Reference,
  temperature,
  max_tokens: Schema.optionalKey(Schema.Union([positive, Schema.Literal("auto")])),
  image_detail: Schema.optionalKey(Schema.Literals(["low", "high", "auto"])),
  reasoning_effort: Schema.optionalKey(Effort),
  reasoning_budget: Schema.optionalKey(positive),
  description
}).check(
  Schema.makeFilter((settings) =>
    settings.reasoning_effort === undefined || settings.reasoning_budget === undefined
      ? undefined
      : "reasoning_effort or reasoning_budget, not both"
  )
)

/** `$preset`, `@alias`, `~waterfall`, a handle, or inline settings that name one. */
export const LlmChoice = Schema.Union([Reference, LlmSettings])

export const ExtractChoice = Schema.Union([
  Reference,
  Schema.Struct({
    model: Reference,
    max_nb_images: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))),
    image_min_size: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))),
    description
  })
])

export const ImgGenChoice = Schema.Union([
  Reference,
  Schema.Struct({
    model: Reference,
    quality: Schema.optionalKey(Schema.Literals(["low", "medium", "high"])),
    nb_steps: Schema.optionalKey(positive),
    guidance_scale: Schema.optionalKey(Schema.Finite.check(Schema.isGreaterThan(0))),
    is_moderated: Schema.optionalKey(Schema.Boolean),
    safety_tolerance: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 6 }))),
    description
  }).check(
    Schema.makeFilter((settings) =>
      settings.quality === undefined || settings.nb_steps === undefined ? undefined : "quality or nb_steps, not both"
    )
  )
])

export const SearchChoice = Schema.Union([
  Reference,
  Schema.Struct({
    model: Reference,
    include_images: Schema.optionalKey(Schema.Boolean),
    include_inline_citations: Schema.optionalKey(Schema.Boolean),
    max_results: Schema.optionalKey(positive),
    description
  })
])

export const PlainChoice = Schema.Union([Reference, Schema.Struct({ model: Reference, description })])

const TagStyle = Schema.Literals(["no_tag", "ticks", "xml", "square_brackets"])

export const TemplatingStyle = Schema.Union([
  TagStyle,
  Schema.Struct({
    tag_style: TagStyle,
    text_format: Schema.optionalKey(Schema.Literals(["plain", "markdown", "html", "json"]))
  })
])
export type TemplatingStyle = typeof TemplatingStyle.Type
