import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Slot from "../concept/Slot.ts"
import type { Issue } from "../failure/Issue.ts"
import { fail } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import type { ImageParameters } from "../program/ImageParameters.ts"
import { Leaves } from "../program/Leaves.ts"
import type { ModelSetting } from "../program/Models.ts"
import { aspectRatios, type ImgGenDefaults } from "../program/Settings.ts"
import { issue, type Kind, none } from "./Definition.ts"
import { operator, outputOf } from "./Execution.ts"
import { header, ImgGenChoice } from "./Header.ts"
import * as Job from "./Job.ts"
import * as PromptFiles from "./PromptFiles.ts"
import * as TemplateField from "./TemplateField.ts"

/** Asks an image model for one or more images. */
export class Blueprint extends Schema.Class<Blueprint>("PipeImgGen.Blueprint")({
  type: Schema.tag("PipeImgGen"),
  ...header,
  prompt: Schema.NonEmptyString,
  negative_prompt: Schema.optionalKey(Schema.String),
  model: Schema.optionalKey(ImgGenChoice),
  aspect_ratio: Schema.optionalKey(Schema.Literals(aspectRatios)),
  size: Schema.optionalKey(
    Schema.String.check(
      Schema.isPattern(/^(0\.5k|1k|2k|4k|[1-9]\d{1,4}x[1-9]\d{1,4})$/, { expected: "0.5k, 1k, 2k, 4k or WxH" })
    )
  ),
  is_raw: Schema.optionalKey(Schema.Boolean),
  seed: Schema.optionalKey(Schema.Union([Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)), Schema.Literal("auto")])),
  background: Schema.optionalKey(Schema.Literals(["transparent", "opaque", "auto"])),
  output_format: Schema.optionalKey(Schema.Literals(["png", "jpeg", "webp"]))
}) {}

const fields = ({ negative_prompt: negative, prompt }: Blueprint): ReadonlyArray<TemplateField.TemplateField> => [
  { path: ["prompt"], source: prompt, category: "img_gen_prompt", sigils: true },
  ...(negative === undefined
    ? []
    : [{ path: ["negative_prompt"], source: negative, category: "img_gen_prompt", sigils: true } as const])
]

export const validate: Kind<Blueprint>["validate"] = (code, blueprint, { compat }) => {
  const inputs = Object.keys(blueprint.inputs)
  const { issues, parsed } = TemplateField.parseAll(code, fields(blueprint), inputs, compat)
  const violation = (path: ReadonlyArray<string>, problem: string, fix: string): Issue =>
    issue(code, path, "method.schema_violation", `pipe "${code}" ${problem}`, { fix })
  const slot = Slot.parse(blueprint.output, "output")
  return [
    ...issues,
    ...(issues.some(({ warning }) => warning === undefined)
      ? none
      : TemplateField.inputsRule(code, parsed, inputs, { unusedIsWarning: compat })),
    ...(blueprint.size?.includes("x") === true && blueprint.aspect_ratio !== undefined
      ? [violation(["size"], "has both an exact size and an aspect_ratio", "keep one of them")]
      : none),
    ...(blueprint.background === "transparent" && blueprint.output_format !== "png"
      ? [
        violation(
          ["background"],
          "wants a transparent background, which needs output_format = \"png\"",
          "add output_format = \"png\""
        )
      ]
      : none),
    ...(typeof slot !== "string" && slot.multiplicity === "list"
      ? [violation(["output"], "does not say how many images to make", "write a count, as in \"Image[3]\"")]
      : none)
  ]
}

export const check: Kind<Blueprint>["check"] = (definition, { compat, concepts, models }) => {
  const { blueprint, code, inputs, output } = definition
  const { parsed } = TemplateField.parseAll(code, fields(blueprint), inputs.keys(), compat)
  return [
    ...TemplateField.lint(code, parsed, inputs),
    ...PromptFiles.check(code, parsed, inputs, concepts),
    ...(concepts.isImage(output.concept) ? none : [
      issue(
        code,
        ["output"],
        "method.output_concept_mismatch",
        `pipe "${code}" is a PipeImgGen and cannot output "${output.concept}"`,
        {
          type: "inadequate_output_concept",
          fix: "output Image, or a concept that refines it"
        }
      )
    ]),
    ...Job.checkModel(code, "model", "img_gen", blueprint.model, models),
    ...(blueprint.model === undefined ? Job.checkDefault(code, "img_gen", "default", models) : none)
  ]
}

export const references: Kind<Blueprint>["references"] = () => none

/** What the pipe says of its images, over what the run says of all. */
const parametersOf = (blueprint: Blueprint, defaults: ImgGenDefaults): ImageParameters => {
  const { aspect_ratio = defaults.aspectRatio, background = defaults.background, is_raw = defaults.isRaw } = blueprint
  const { output_format = defaults.outputFormat, seed = defaults.seed, size } = blueprint
  const { guidanceScale, isModerated, nbSteps, quality, safetyTolerance } = defaults
  return {
    aspect_ratio,
    background,
    is_raw,
    guidance_scale: guidanceScale,
    is_moderated: isModerated,
    safety_tolerance: safetyTolerance,
    ...(size === undefined ? {} : { size }),
    ...(seed === "auto" ? {} : { seed }),
    ...(output_format === undefined ? {} : { output_format }),
    ...(quality === undefined ? {} : { quality }),
    ...(nbSteps === undefined ? {} : { nb_steps: nbSteps })
  }
}

const countOf = ({ multiplicity }: Slot.Slot): number | Reason.Reason =>
  multiplicity === "list"
    ? new Reason.OutputMultiplicity({
      expected: "a list that does not say how many images to make",
      produced: "no image can be"
    })
    : multiplicity === "single"
    ? 1
    : multiplicity

/** Images are shown to the model beside the prompt; nothing else can be. */
const checkFiles = (setting: ModelSetting, refs: ReturnType<typeof PromptFiles.refs>) =>
  refs.documents.length === 0
    ? Job.checkPrompt(setting, refs)
    : Effect.fail(
      fail(
        new Reason.CapabilityUnsupported({
          model: setting.model.handle,
          provider: setting.model.backend,
          capability: "documents"
        })
      )
    )

export const compile: Kind<Blueprint>["compile"] = (definition, surroundings) => {
  const { blueprint, code, inputs } = definition
  const { concepts, models } = surroundings
  const { parsed } = TemplateField.parseAll(code, fields(blueprint), inputs.keys(), surroundings.compat)
  const [prompt, negative] = parsed
  const attachments = PromptFiles.plan(parsed, inputs, concepts)
  const setting = Job.resolve(models, "img_gen", "default", blueprint.model)

  return operator(
    definition,
    Effect.fnUntraced(function*(call) {
      const { settings } = call.scope
      const output = outputOf(definition, call)
      if ("_tag" in setting) return yield* fail(setting)
      const count = countOf(output)
      if (typeof count !== "number") return yield* fail(count)
      const registry = yield* PromptFiles.attach(attachments, call.memory)
      const rendering: TemplateField.Rendering = {
        concepts,
        memory: call.memory,
        settings,
        files: registry,
        extra: { _nb_output: typeof output.multiplicity === "number" ? BigInt(count) : null }
      }
      const text = prompt === undefined ? "" : yield* TemplateField.render(prompt, rendering)
      const negativeText = negative === undefined ? "" : yield* TemplateField.render(negative, rendering)
      const refs = PromptFiles.refs(registry)
      if (call.scope.mode === "live") {
        yield* checkFiles(setting, refs)
        if (text.trim() === "") {
          return yield* fail(new Reason.PromptEmpty({ model: setting.model.handle, provider: setting.model.backend }))
        }
      }
      const leaves = yield* Leaves
      const job = {
        meta: Job.metadata(definition, call),
        setting: { model: setting.model, settings: { ...setting.settings } },
        prompt: text,
        ...(negativeText.trim() === "" ? {} : { negativePrompt: negativeText }),
        images: refs.images,
        count,
        parameters: parametersOf(blueprint, settings.imgGen)
      }
      const { value } = yield* Job.leaf("act_img_gen_images", job, (sent) => leaves.act_img_gen_images(sent))
      const [first] = value
      if (first === undefined || value.length !== count) {
        return yield* fail(
          new Reason.OutputMultiplicity({ expected: images(count), produced: images(value.length) })
        )
      }
      return Slot.isPlural(output) ? { content: { items: value }, plural: true } : { content: first, plural: false }
    })
  )
}

const images = (count: number): string => `${count} image${count === 1 ? "" : "s"}`
