import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import type { JsonObject } from "../../src/concept/Json.ts"
import type { ImageParameters } from "../../src/program/ImageParameters.ts"
import type { Model } from "../../src/program/Models.ts"
import * as ImageRules from "../../src/provider/ImageRules.ts"

const qualityToSteps = {
  flux: { low: 14, medium: 28, high: 56 },
  sdxl_lightning: { low: 2, medium: 4, high: 8 },
  qwen_image: { low: 10, medium: 20, high: 28 }
}

interface Given {
  readonly settings?: ImageRules.Asked
  readonly parameters?: Partial<ImageParameters>
  readonly hasNegativePrompt?: boolean
  readonly images?: number
  readonly count?: number
  readonly inputs?: ReadonlyArray<string>
}

const painter = (inputs: ReadonlyArray<string>): Model => ({
  handle: "painter",
  family: "img_gen",
  backend: "acme",
  sdk: "fal",
  modelId: "acme/painter",
  inputs,
  outputs: ["image"],
  thinking: "none"
})

const apply = (rules: JsonObject, given: Given = {}) =>
  ImageRules.apply({
    model: painter(given.inputs ?? ["text", "images"]),
    rules,
    settings: given.settings ?? {},
    parameters: { aspect_ratio: "square", background: "auto", is_raw: false, ...given.parameters },
    hasNegativePrompt: given.hasNegativePrompt ?? false,
    images: given.images ?? 0,
    count: given.count ?? 1,
    qualityToSteps
  })

/** The arguments, or the capability that is missing. */
const outcome = (rules: JsonObject, given: Given = {}): JsonObject | string => {
  const applied = apply(rules, given)
  if (Result.isSuccess(applied)) return applied.success.arguments
  const { failure } = applied
  return failure._tag === "Incapable" ? failure.capability : `${failure.topic}: ${failure.rule}`
}

const shape = (rule: string, aspect_ratio: string, size?: string): JsonObject | string =>
  outcome({ aspect_ratio: rule }, { parameters: { aspect_ratio, ...(size === undefined ? {} : { size }) } })

const gptRules = {
  model_choice: "model_id",
  prompt: "positive_only",
  num_images: "gpt_image",
  aspect_ratio: "gpt_image_legacy",
  background: "available",
  inference: "gpt_image",
  safety_checker: "openai_moderation",
  output_format: "gpt_image_legacy",
  output_compression: "gpt_image_legacy",
  input_images: "gpt_image",
  input_fidelity: "gpt_image_legacy"
}

describe("the shape and size of an image", () => {
  const cases: ReadonlyArray<
    readonly [rule: string, ratio: string, size: string | undefined, expected: JsonObject | string]
  > = [
    ["gpt_image_legacy", "square", undefined, { size: "1024x1024" }],
    ["gpt_image_legacy", "landscape_3_2", "1k", { size: "1536x1024" }],
    ["gpt_image_legacy", "portrait_2_3", undefined, { size: "1024x1536" }],
    ["gpt_image_legacy", "landscape_16_9", undefined, "aspect_ratio = \"landscape_16_9\""],
    ["gpt_image_legacy", "square", "2k", "size = \"2k\""],
    ["gpt_image_legacy", "square", "1024x1536", { size: "1024x1536" }],
    ["gpt_image_legacy", "square", "1000x1000", "size = \"1000x1000\""],
    ["gpt_image_2", "square", undefined, { size: "1024x1024" }],
    ["gpt_image_2", "landscape_3_2", undefined, { size: "1536x1024" }],
    ["gpt_image_2", "landscape_16_9", "2k", { size: "3072x1728" }],
    ["gpt_image_2", "portrait_9_21", undefined, { size: "720x1680" }],
    ["gpt_image_2", "landscape_4_1", undefined, "aspect_ratio = \"landscape_4_1\""],
    ["gpt_image_2", "square", "4k", "size = \"4k\""],
    ["gpt_image_2", "square", "0.5k", "size = \"0.5k\""],
    ["gpt_image_2", "square", "3840x2160", { size: "3840x2160" }],
    ["gpt_image_2", "square", "1000x1000", "size = \"1000x1000\""],
    ["gpt_image_2", "square", "3856x2048", "size = \"3856x2048\""],
    ["gpt_image_2", "square", "3200x1024", "size = \"3200x1024\""],
    ["gpt_image_2", "square", "512x512", "size = \"512x512\""],
    ["flux", "square", undefined, { image_size: "square_hd" }],
    ["flux", "landscape_4_3", undefined, { image_size: "landscape_4_3" }],
    ["flux", "portrait_3_4", undefined, { image_size: "portrait_4_3" }],
    ["flux", "portrait_9_16", "1k", { image_size: "portrait_16_9" }],
    ["flux", "landscape_3_2", undefined, { image_size: { width: 1248, height: 832 } }],
    ["flux", "square", "800x600", { image_size: { width: 800, height: 600 } }],
    ["flux", "landscape_8_1", undefined, "aspect_ratio = \"landscape_8_1\""],
    ["flux", "square", "2k", "size = \"2k\""],
    ["flux_11_ultra", "portrait_9_21", undefined, { aspect_ratio: "9:21" }],
    ["flux_11_ultra", "square", undefined, { aspect_ratio: "1:1" }],
    ["flux_11_ultra", "landscape_4_1", undefined, "aspect_ratio = \"landscape_4_1\""],
    ["flux_11_ultra", "square", "2k", "size = \"2k\""],
    ["qwen_image", "landscape_16_9", undefined, { width: 1664, height: 928 }],
    ["qwen_image", "portrait_2_3", undefined, { width: 1056, height: 1584 }],
    ["qwen_image", "square", "640x480", { width: 640, height: 480 }],
    ["qwen_image", "landscape_21_9", undefined, "aspect_ratio = \"landscape_21_9\""],
    ["gemini_2_5", "landscape_21_9", "1k", { imageConfig: { aspectRatio: "21:9" } }],
    ["gemini_2_5", "square", "2k", "size = \"2k\""],
    ["gemini_3_pro", "square", "4k", { imageConfig: { aspectRatio: "1:1", imageSize: "4K" } }],
    ["gemini_3_pro", "square", "1024x1024", "size = \"1024x1024\""],
    ["gemini_3_pro", "landscape_8_1", undefined, "aspect_ratio = \"landscape_8_1\""],
    ["gemini_3_flash", "portrait_1_4", undefined, { imageConfig: { aspectRatio: "1:4" } }],
    ["gemini_3_flash_lite", "landscape_8_1", undefined, { imageConfig: { aspectRatio: "8:1" } }],
    ["gemini_3_flash_lite", "square", "4k", "size = \"4k\""]
  ]
  it.each(cases)("by %s of %s at %s", (rule, ratio, size, expected) => {
    assert.deepStrictEqual(shape(rule, ratio, size), expected)
  })

  it("without a rule is the model's own, and no other can be asked for", () => {
    assert.deepStrictEqual(outcome({}), {})
    assert.strictEqual(
      outcome({}, { parameters: { aspect_ratio: "portrait_2_3" } }),
      "aspect_ratio = \"portrait_2_3\""
    )
    assert.strictEqual(outcome({}, { parameters: { size: "1k" } }), "size = \"1k\"")
  })
})

describe("the arguments of a request", () => {
  it("are those of GPT Image, whatever the run's other defaults are", () => {
    assert.deepStrictEqual(
      outcome(gptRules, {
        settings: { quality: "high" },
        parameters: {
          aspect_ratio: "landscape_3_2",
          quality: "low",
          nb_steps: 28,
          guidance_scale: 2.5,
          is_moderated: true,
          safety_tolerance: 5
        }
      }),
      { n: 1, size: "1536x1024", background: "auto", quality: "high", output_compression: 100 }
    )
  })

  it("are those of FLUX, with steps for a quality", () => {
    const rules = {
      num_images: "fal",
      aspect_ratio: "flux",
      inference: "flux",
      safety_checker: "available",
      output_format: "flux_1"
    }
    assert.deepStrictEqual(
      outcome(rules, {
        count: 3,
        settings: { quality: "high", isModerated: false, safetyTolerance: 2 },
        parameters: { nb_steps: 28, guidance_scale: 2.5, is_moderated: true, seed: 7, output_format: "jpeg" }
      }),
      {
        num_images: 3,
        image_size: "square_hd",
        num_inference_steps: 56,
        guidance_scale: 2.5,
        enable_safety_checker: false,
        safety_tolerance: "2",
        output_format: "jpeg",
        seed: 7
      }
    )
  })

  const steps: ReadonlyArray<
    readonly [settings: ImageRules.Asked, parameters: Partial<ImageParameters>, inference: string, expected: unknown]
  > = [
    [{ nbSteps: 12 }, { nb_steps: 28, quality: "low" }, "flux", 12],
    [{ quality: "medium" }, { nb_steps: 20, quality: "low" }, "flux", 28],
    [{}, { nb_steps: 20, quality: "low" }, "flux", 20],
    [{}, { quality: "low" }, "flux", 14],
    [{ quality: "high" }, {}, "qwen_image", 28],
    [{}, { nb_steps: 28, quality: "low" }, "sdxl_lightning", 2],
    [{}, { nb_steps: 8, quality: "low" }, "sdxl_lightning", 8],
    [{ quality: "high" }, { nb_steps: 28 }, "sdxl_lightning", 8]
  ]
  it.each(steps)("take steps from %j, then %j, for %s", (settings, parameters, inference, expected) => {
    const made = outcome({ inference }, { settings, parameters })
    assert.strictEqual(typeof made === "string" ? made : made["num_inference_steps"], expected)
  })

  it("refuse steps that a lightning model does not have, and leave out those that no map gives", () => {
    assert.strictEqual(outcome({ inference: "sdxl_lightning" }, { settings: { nbSteps: 3 } }), "nb_steps = 3")
    assert.deepStrictEqual(outcome({ inference: "sdxl_lightning" }), {})
  })

  const moderation: ReadonlyArray<
    readonly [settings: ImageRules.Asked, usual: boolean, images: number, expected: JsonObject]
  > = [
    [{}, true, 0, {}],
    [{}, false, 0, { moderation: "low" }],
    [{ isModerated: true }, false, 0, { moderation: "auto" }],
    [{ isModerated: false }, true, 0, { moderation: "low" }],
    [{ isModerated: false }, true, 1, {}]
  ]
  it.each(moderation)(
    "speak of moderation by %j over %s with %i images as input",
    (settings, usual, images, expected) => {
      const parameters = { is_moderated: usual }
      assert.deepStrictEqual(
        outcome({ safety_checker: "openai_moderation" }, { settings, parameters, images }),
        expected
      )
    }
  )

  it("ask for PNG behind a transparent background", () => {
    const rules = { background: "available", output_format: "gpt_image_legacy" }
    assert.deepStrictEqual(outcome(rules, { parameters: { background: "transparent" } }), {
      background: "transparent",
      output_format: "png"
    })
  })

  it("say how true to the images as input, where there are any", () => {
    const rules = { input_fidelity: "gpt_image_legacy" }
    const parameters = { input_fidelity: "high" as const }
    assert.deepStrictEqual(outcome(rules, { parameters, images: 1 }), { input_fidelity: "high" })
    assert.deepStrictEqual(outcome(rules, { parameters }), {})
  })

  it("say whether the model is raw, where it can be", () => {
    assert.deepStrictEqual(outcome({ inference: "flux_11_ultra" }, { parameters: { is_raw: true } }), { raw: true })
  })

  const refused: ReadonlyArray<readonly [capability: string, rules: JsonObject, given: Given]> = [
    ["a negative prompt", { prompt: "positive_only" }, { hasNegativePrompt: true }],
    ["a negative prompt", {}, { hasNegativePrompt: true }],
    ["a transparent background", { background: "unavailable" }, { parameters: { background: "transparent" } }],
    ["output_format = \"webp\"", { output_format: "flux_1" }, { parameters: { output_format: "webp" } }],
    ["output_format = \"png\"", { output_format: "unavailable" }, { parameters: { output_format: "png" } }],
    ["raw mode", { inference: "flux" }, { parameters: { is_raw: true } }],
    ["a seed", { aspect_ratio: "gpt_image_2" }, { parameters: { seed: 1 } }],
    ["a seed", { aspect_ratio: "flux", seed: "unavailable" }, { parameters: { seed: 1 } }],
    ["images as input", { input_images: "none" }, { images: 1 }],
    ["images as input", {}, { images: 1, inputs: ["text"] }],
    ["more than 8 images as input", { input_images: "bfl_flux_2" }, { images: 9 }],
    ["more than 16 images as input", { input_images: "gpt_image" }, { images: 17 }],
    ["more than 10 images at once", { num_images: "gpt_image" }, { count: 11 }],
    ["input_fidelity", {}, { parameters: { input_fidelity: "low" } }]
  ]
  it.each(refused)("are refused for want of %s by %j", (capability, rules, given) => {
    assert.strictEqual(outcome(rules, given), capability)
  })

  it("may hold a seed and a negative prompt where the model takes them", () => {
    assert.deepStrictEqual(
      outcome({ aspect_ratio: "gemini_2_5", prompt: "with_negative" }, {
        hasNegativePrompt: true,
        parameters: { seed: 3 }
      }),
      { imageConfig: { aspectRatio: "1:1" }, seed: 3 }
    )
  })

  it("are none for a model that is told the prompt alone, whatever is asked for", () => {
    const applied = apply(ImageRules.allIgnored, {
      hasNegativePrompt: true,
      images: 20,
      count: 12,
      inputs: ["text"],
      settings: { nbSteps: 3, quality: "high" },
      parameters: {
        aspect_ratio: "landscape_8_1",
        size: "4k",
        background: "transparent",
        is_raw: true,
        seed: 1,
        output_format: "webp",
        input_fidelity: "low"
      }
    })
    assert.deepStrictEqual(Result.getOrThrow(applied), { arguments: {}, perRequest: 12, isCalledByHandle: false })
  })

  it("cannot be made by a rule that does not exist", () => {
    assert.strictEqual(outcome({ aspect_ratio: "toString" }), "aspect_ratio: toString")
    assert.strictEqual(outcome({ inference: "magic" }), "inference: magic")
  })

  it("tell how many images one request makes, and by what name the model goes", () => {
    const of = (rules: JsonObject) => {
      const { isCalledByHandle, perRequest } = Result.getOrThrow(apply(rules, { count: 3 }))
      return [perRequest, isCalledByHandle]
    }
    assert.deepStrictEqual(of({ num_images: "gpt_image", model_choice: "model_id" }), [3, false])
    assert.deepStrictEqual(of({ model_choice: "model_name" }), [1, true])
  })
})
