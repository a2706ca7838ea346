import * as Schema from "effect/Schema"
import * as Slot from "../concept/Slot.ts"
import type { Issue } from "../failure/Issue.ts"
import * as Reason from "../failure/Reason.ts"
import { issue, type Kind, none } from "./Definition.ts"
import { header, PlainChoice } from "./Header.ts"
import * as Job from "./Job.ts"
import { dryOnly } from "./Mocked.ts"
import * as TemplateField from "./TemplateField.ts"

/** Lays out or fills a document. */
export class Blueprint extends Schema.Class<Blueprint>("PipeDocGen.Blueprint")({
  type: Schema.tag("PipeDocGen"),
  ...header,
  format: Schema.Literals(["pdf", "xlsx", "docx", "pptx"]),
  template: Schema.optionalKey(Schema.String),
  template_file: Schema.optionalKey(Schema.String),
  filename: Schema.optionalKey(Schema.String),
  model: Schema.optionalKey(PlainChoice)
}) {}

const fields = ({ filename, template }: Blueprint): ReadonlyArray<TemplateField.TemplateField> => [
  ...(template === undefined
    ? []
    : [{ path: ["template"], source: template, category: "html", sigils: true } as const]),
  ...(filename === undefined
    ? []
    : [{ path: ["filename"], source: filename, category: "basic", sigils: true } as const])
]

const templateFile = ({ format, template_file: file }: Blueprint): string | undefined => {
  if (file === undefined) return undefined
  if (file.startsWith("/") || file.split(/[\\/]/).includes("..")) return "leaves the bundle's folder"
  const suffix = format === "pdf" ? ".html" : `.${format}`
  return file.endsWith(suffix) ? undefined : `has to end with ${suffix}`
}

export const validate: Kind<Blueprint>["validate"] = (code, blueprint, { compat }) => {
  const { format, output, template, template_file: file } = blueprint
  const violation = (path: ReadonlyArray<string>, problem: string): Issue =>
    issue(code, path, "method.schema_violation", `pipe "${code}" ${problem}`)
  const inputs = Object.keys(blueprint.inputs)
  const { issues, parsed } = TemplateField.parseAll(code, fields(blueprint), inputs, compat)
  const slot = Slot.parse(output, "output")
  const wrongFile = templateFile(blueprint)
  return [
    ...(template !== undefined && format !== "pdf"
      ? [violation(["template"], `has a template, which is for pdf, not ${format}`)]
      : none),
    ...(template !== undefined && file !== undefined
      ? [violation(["template_file"], "has both template and template_file")]
      : none),
    ...(format === "pptx" && file === undefined ? [violation([], "needs a template_file for pptx")] : none),
    ...(wrongFile === undefined ? none : [violation(["template_file"], `has a template_file that ${wrongFile}`)]),
    ...(typeof slot !== "string" && Slot.isPlural(slot)
      ? [violation(["output"], "makes one document, not a list")]
      : none),
    ...issues,
    ...(issues.some(({ warning }) => warning === undefined)
      ? none
      : TemplateField.inputsRule(code, parsed, inputs, { alsoRead: inputs }))
  ]
}

export const check: Kind<Blueprint>["check"] = ({ blueprint, code, inputs, output }, { compat, concepts, models }) => [
  ...TemplateField.lint(code, TemplateField.parseAll(code, fields(blueprint), inputs.keys(), compat).parsed, inputs),
  ...(concepts.isDocument(output.concept) ? none : [
    issue(
      code,
      ["output"],
      "method.output_concept_mismatch",
      `pipe "${code}" makes a document and cannot output "${output.concept}"`,
      {
        type: "inadequate_output_concept",
        fix: "output Document"
      }
    )
  ]),
  ...Job.checkModel(code, "model", "doc_gen", blueprint.model, models)
]

export const references: Kind<Blueprint>["references"] = () => none

export const compile: Kind<Blueprint>["compile"] = (definition, { concepts }) =>
  dryOnly(
    definition,
    concepts,
    new Reason.EngineUnavailable({ format: definition.blueprint.format })
  )
