import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { JsonObject } from "../concept/Json.ts"
import * as Slot from "../concept/Slot.ts"
import * as WorkingMemory from "../concept/WorkingMemory.ts"
import type { Issue } from "../failure/Issue.ts"
import { fail } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import { Leaves } from "../program/Leaves.ts"
import { issue, type Kind, none } from "./Definition.ts"
import { operator } from "./Execution.ts"
import { ExtractChoice, header } from "./Header.ts"
import * as Job from "./Job.ts"
import { fileRef } from "./PromptFiles.ts"

/** Reads the pages of a document or image. */
export class Blueprint extends Schema.Class<Blueprint>("PipeExtract.Blueprint")({
  type: Schema.tag("PipeExtract"),
  ...header,
  model: Schema.optionalKey(ExtractChoice),
  max_page_images: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))),
  page_image_captions: Schema.optionalKey(Schema.Boolean),
  page_views: Schema.optionalKey(Schema.Boolean),
  page_views_dpi: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1200 }))),
  render_js: Schema.optionalKey(Schema.Boolean),
  include_raw_html: Schema.optionalKey(Schema.Boolean)
}) {}

const documentOnly = ["max_page_images", "page_image_captions", "page_views", "page_views_dpi"] as const

export const validate: Kind<Blueprint>["validate"] = (code, { inputs, output }) => {
  const count = Object.keys(inputs).length
  return [
    ...(count === 1 ? none : [
      issue(
        code,
        ["inputs"],
        "method.schema_violation",
        `pipe "${code}" is a PipeExtract and takes exactly one input, not ${count}`
      )
    ]),
    ...(/^(native\.)?Page\[\]$/.test(output) ? none : [
      issue(
        code,
        ["output"],
        "method.schema_violation",
        `pipe "${code}" is a PipeExtract: its output is "Page[]", not "${output}"`,
        {
          type: "inadequate_output_concept",
          fix: "write output = \"Page[]\""
        }
      )
    ])
  ]
}

export const check: Kind<Blueprint>["check"] = ({ blueprint, code, inputs }, { concepts, models }) => {
  const issues: Array<Issue> = []
  for (const [name, slot] of inputs) {
    const isImage = concepts.isImage(slot.concept)
    if (Slot.isPlural(slot) || !(isImage || concepts.isDocument(slot.concept))) {
      issues.push(
        issue(
          code,
          ["inputs", name],
          "method.wiring_invalid",
          `pipe "${code}" is a PipeExtract and reads one Image or Document, not "${Slot.show(slot)}"`,
          {
            names: [name],
            ...(Slot.isPlural(slot) ? { fix: "run it once per item with batch_over or a PipeBatch" } : {})
          }
        )
      )
    } else if (isImage) {
      for (
        const key of documentOnly.filter((written) => blueprint[written] !== undefined && blueprint[written] !== false)
      ) {
        issues.push(
          issue(
            code,
            [key],
            "method.schema_violation",
            `${key} of pipe "${code}" is for documents, and its input "${name}" is an image`
          )
        )
      }
    }
  }
  return [
    ...issues,
    ...Job.checkModel(code, "model", "text_extractor", blueprint.model, models),
    ...(blueprint.model === undefined ? Job.checkDefault(code, "text_extractor", "default", models) : none)
  ]
}

const withView = (page: JsonObject, view: JsonObject = {}): JsonObject => ({ ...page, page_view: view })

export const references: Kind<Blueprint>["references"] = () => none

export const compile: Kind<Blueprint>["compile"] = (definition, { concepts, models }) => {
  const { blueprint } = definition
  const [name = "", slot] = definition.inputs.entries().next().value ?? []
  const kind = slot !== undefined && concepts.isImage(slot.concept) ? "image" : "document"
  const setting = Job.resolve(models, "text_extractor", "default", blueprint.model)
  return operator(
    definition,
    Effect.fnUntraced(function*(call) {
      if ("_tag" in setting) return yield* fail(setting)
      const leaves = yield* Leaves
      const file = fileRef(WorkingMemory.get(call.memory, name)?.content ?? {})
      const maxPageImages = blueprint.max_page_images ?? setting.settings.maxNbImages
      const job = {
        meta: Job.metadata(definition, call),
        setting: { model: setting.model, settings: { ...setting.settings } },
        file,
        kind,
        ...(maxPageImages === undefined ? {} : { maxPageImages }),
        ...(blueprint.page_image_captions === undefined ? {} : { pageImageCaptions: blueprint.page_image_captions }),
        ...(blueprint.render_js === undefined ? {} : { renderJs: blueprint.render_js }),
        ...(blueprint.include_raw_html === undefined ? {} : { includeRawHtml: blueprint.include_raw_html })
      } as const
      const { value: pages } = yield* Job.leaf(
        "act_extract_gen_extract_pages",
        job,
        (sent) => leaves.act_extract_gen_extract_pages(sent)
      )
      if (blueprint.page_views !== true) {
        return { content: { items: pages }, plural: true }
      }
      const view = {
        meta: Job.metadata(definition, call, 1),
        file,
        dpi: blueprint.page_views_dpi ?? call.scope.settings.pageViewsDpi
      }
      const { value: views } = yield* Job.leaf(
        "act_render_page_views",
        view,
        (sent) => leaves.act_render_page_views(sent)
      )
      if (views.length !== pages.length) {
        return yield* fail(
          new Reason.ResponseInvalid({
            model: setting.model.handle,
            provider: setting.model.backend,
            category: "content",
            defect: `${pages.length} pages and ${views.length} page views`
          })
        )
      }
      return { content: { items: pages.map((page, index) => withView(page, views[index])) }, plural: true }
    })
  )
}
