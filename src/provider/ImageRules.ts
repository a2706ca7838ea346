import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { isString, type Json, type JsonObject, own } from "../concept/Json.ts"
import type { InferenceOptions, ModelWire } from "../config/Connection.ts"
import type { ImageParameters } from "../program/ImageParameters.ts"
import type { Model } from "../program/Models.ts"
import { shapings, unshaped } from "./ImageGeometry.ts"

/**
 * What an image job's parameters become in a request, by the `rules` of the model's backend file: each topic names how the API wants to
 * be told. What the pipe asks for and the model cannot do is refused; settings of a preset that a model has no use for are left out,
 * since a preset is written for any model of its deck.
 */
const Asked = Schema.Struct({
  quality: Schema.optionalKey(Schema.Literals(["low", "medium", "high"])),
  nbSteps: Schema.optionalKey(Schema.Int),
  guidanceScale: Schema.optionalKey(Schema.Finite),
  isModerated: Schema.optionalKey(Schema.Boolean),
  safetyTolerance: Schema.optionalKey(Schema.Int)
})
export type Asked = typeof Asked.Type

/** The settings of a job. They were checked where they were written: others are a defect. */
export const asked = (settings: unknown): Effect.Effect<Asked> =>
  Effect.orDie(Schema.decodeUnknownEffect(Asked)(settings))

export interface Job {
  readonly model: Model
  readonly rules: ModelWire["rules"]
  readonly settings: Asked
  readonly parameters: ImageParameters
  readonly hasNegativePrompt: boolean
  readonly images: number
  readonly count: number
  readonly qualityToSteps: InferenceOptions["qualityToSteps"]
}

export interface Ruled {
  readonly arguments: JsonObject
  /** Images that one request makes: a model without a rule for their number makes one. */
  readonly perRequest: number
  /** Whether the model is called by its handle instead of its id. */
  readonly isCalledByHandle: boolean
}

/** `Incapable` names a capability, `Misruled` a rule that does not exist. */
export type Refusal =
  | { readonly _tag: "Incapable"; readonly capability: string }
  | { readonly _tag: "Misruled"; readonly topic: string; readonly rule: string }

/** The arguments of one topic, or the capability that is missing. */
type Rule = (job: Job) => JsonObject | string

interface Topic {
  readonly rules: Readonly<Record<string, Rule>>
  /** Where the model's file says nothing of the topic. */
  readonly unruled: Rule
}

const nothing: Rule = () => ({})

const mostGptInputs = 16
const mostFluxInputs = 8
const mostGptImages = 10

const within = (most: number): Rule => ({ images }) => images > most ? `more than ${most} images as input` : {}

const takesImages: Rule = ({ images, model }) => images > 0 && !model.inputs.includes("images") ? "images as input" : {}

const positiveOnly: Rule = ({ hasNegativePrompt }) => hasNegativePrompt ? "a negative prompt" : {}

/** Steps: those asked for, else those that the quality stands for, else the run's defaults in the same order. */
const steps = ({ parameters, qualityToSteps, settings }: Job, map: string, isPossible: (steps: number) => boolean) => {
  const ofQuality = (quality: string | undefined): number | undefined =>
    own(own(qualityToSteps, map) ?? {}, quality ?? "")
  const { nb_steps: usual, quality } = parameters
  return settings.nbSteps ?? ofQuality(settings.quality) ??
    (usual !== undefined && isPossible(usual) ? usual : ofQuality(quality))
}

const stepsArgument = (count: number | undefined): JsonObject =>
  count === undefined ? {} : { num_inference_steps: count }

const guided = (map: string): Rule => (job) => {
  const guidance = job.settings.guidanceScale ?? job.parameters.guidance_scale
  return {
    ...stepsArgument(steps(job, map, () => true)),
    ...(guidance === undefined ? {} : { guidance_scale: guidance })
  }
}

const lightningSteps: ReadonlySet<number> = new Set([1, 2, 4, 8])

const lightning: Rule = (job) => {
  const count = steps(job, "sdxl_lightning", (usual) => lightningSteps.has(usual))
  return count === undefined || lightningSteps.has(count) ? stepsArgument(count) : `nb_steps = ${count}`
}

const gptQuality: Rule = ({ parameters, settings }) => {
  const quality = settings.quality ?? parameters.quality
  return quality === undefined ? {} : { quality }
}

const smooth = (rule: Rule): Rule => (job) => job.parameters.is_raw ? "raw mode" : rule(job)

/** Moderation as it is by default is not spoken of, and edits know no other. */
const openAiModeration: Rule = ({ images, parameters, settings }) => {
  if (images > 0) return {}
  if (settings.isModerated !== undefined) return { moderation: settings.isModerated ? "auto" : "low" }
  return parameters.is_moderated === false ? { moderation: "low" } : {}
}

const safetyChecker: Rule = ({ parameters, settings }) => {
  const isModerated = settings.isModerated ?? parameters.is_moderated
  const tolerance = settings.safetyTolerance ?? parameters.safety_tolerance
  return {
    ...(isModerated === undefined ? {} : { enable_safety_checker: isModerated }),
    // The levels are words there, from "1" to "6".
    ...(tolerance === undefined ? {} : { safety_tolerance: String(tolerance) })
  }
}

const noBackground: Rule = ({ parameters: { background } }) =>
  background === "transparent" ? "a transparent background" : {}

/** A transparent background is nothing that any other format would keep. */
const formatOf = ({ parameters }: Job): string | undefined =>
  parameters.output_format ?? (parameters.background === "transparent" ? "png" : undefined)

const format = (key: string, known: ReadonlyArray<string>): Rule => (job) => {
  const wanted = formatOf(job)
  if (wanted === undefined) return {}
  return known.includes(wanted) ? { [key]: wanted } : `output_format = "${wanted}"`
}

const fidelity: Rule = ({ images, parameters: { input_fidelity: wanted } }) =>
  wanted === undefined || images === 0 ? {} : { input_fidelity: wanted }

const noFidelity: Rule = ({ parameters }) => parameters.input_fidelity === undefined ? {} : "input_fidelity"

const seed: Rule = ({ parameters: { seed: wanted } }) => wanted === undefined ? {} : { seed: wanted }

const noSeed: Rule = ({ parameters }) => parameters.seed === undefined ? {} : "a seed"

/** Only the models of one provider cannot be seeded, and their shapes tell them. */
const seedOfShape: Rule = (job) => {
  const shape = own(job.rules, "aspect_ratio")
  return isString(shape) && !shape.startsWith("gpt_image") ? seed(job) : noSeed(job)
}

const shaped = Object.fromEntries(
  Object.entries(shapings).map(([name, shaping]): readonly [string, Rule] => [
    name,
    ({ parameters }) => shaping({ aspectRatio: parameters.aspect_ratio, size: parameters.size })
  ])
)

const topics: Readonly<Record<string, Topic>> = {
  model_choice: { rules: { model_id: nothing, model_name: nothing }, unruled: nothing },
  prompt: { rules: { positive_only: positiveOnly, with_negative: nothing }, unruled: positiveOnly },
  num_images: {
    rules: {
      gpt_image: ({ count }) => count > mostGptImages ? `more than ${mostGptImages} images at once` : { n: count },
      fal: ({ count }) => ({ num_images: count })
    },
    unruled: nothing
  },
  aspect_ratio: {
    rules: shaped,
    unruled: ({ parameters }) => unshaped({ aspectRatio: parameters.aspect_ratio, size: parameters.size })
  },
  background: {
    rules: { available: ({ parameters: { background } }) => ({ background }), unavailable: noBackground },
    unruled: noBackground
  },
  inference: {
    rules: {
      gpt_image: smooth(gptQuality),
      flux: smooth(guided("flux")),
      qwen_image: smooth(guided("qwen_image")),
      sdxl_lightning: smooth(lightning),
      flux_11_ultra: ({ parameters }) => ({ raw: parameters.is_raw })
    },
    unruled: smooth(nothing)
  },
  safety_checker: {
    rules: { openai_moderation: openAiModeration, available: safetyChecker, unavailable: nothing },
    unruled: nothing
  },
  output_format: {
    rules: {
      gpt_image_legacy: format("output_format", ["png", "jpeg", "webp"]),
      flux_1: format("output_format", ["png", "jpeg"]),
      flux_2: format("output_format", ["png", "jpeg", "webp"]),
      sdxl: format("format", ["png", "jpeg"]),
      unavailable: format("output_format", [])
    },
    unruled: format("output_format", [])
  },
  output_compression: {
    rules: { gpt_image_legacy: () => ({ output_compression: 100 }), unavailable: nothing },
    unruled: nothing
  },
  input_images: {
    rules: {
      gpt_image: within(mostGptInputs),
      bfl_flux_2: within(mostFluxInputs),
      none: ({ images }) => images > 0 ? "images as input" : {}
    },
    unruled: takesImages
  },
  input_fidelity: { rules: { gpt_image_legacy: fidelity, unavailable: noFidelity }, unruled: noFidelity },
  seed: { rules: { available: seed, unavailable: noSeed }, unruled: seedOfShape }
}

/** A value that every topic has: whatever is asked for, the API is not told, and it is not refused either. */
const ignored = "ignored"

/** Rules of a model that is told the prompt alone. */
export const allIgnored: JsonObject = Object.fromEntries(Object.keys(topics).map((topic) => [topic, ignored]))

/** The request's arguments by their wire names; the prompt and the images as input are the adapter's to write. */
export const apply = (job: Job): Result.Result<Ruled, Refusal> => {
  const made: Record<string, Json> = {}
  for (const [topic, { rules, unruled }] of Object.entries(topics)) {
    const written = own(job.rules, topic)
    const name = isString(written) ? written : JSON.stringify(written)
    const rule = written === undefined ? unruled : name === ignored ? nothing : own(rules, name)
    if (rule === undefined) return Result.fail({ _tag: "Misruled", topic, rule: name })
    const outcome = rule(job)
    if (typeof outcome === "string") return Result.fail({ _tag: "Incapable", capability: outcome })
    Object.assign(made, outcome)
  }
  return Result.succeed({
    arguments: made,
    perRequest: own(job.rules, "num_images") === undefined ? 1 : job.count,
    isCalledByHandle: own(job.rules, "model_choice") === "model_name"
  })
}
