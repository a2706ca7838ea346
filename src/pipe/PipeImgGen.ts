import * as Schema from "effect/Schema"
import * as Slot from "../concept/Slot.ts"
import type { Issue } from "../failure/Issue.ts"
import * as Reason from "../failure/Reason.ts"
import { aspectRatios } from "../program/Settings.ts"
import { issue, type Kind, none } from "./Definition.ts"
import { header, ImgGenChoice } from "./Header.ts"
import * as Job from "./Job.ts"
import { dryOnly } from "./Mocked.ts"
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

export const compile: Kind<Blueprint>["compile"] = (definition, { concepts }) =>
  dryOnly(
    definition,
    concepts,
    new Reason.Unsupported({
      what: "generating images",
      remedy: "Image generation comes with the provider adapters; validate and dry-run the method meanwhile."
    })
  )
