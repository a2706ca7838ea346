import * as Schema from "effect/Schema"
import * as Slot from "../concept/Slot.ts"
import * as Reason from "../failure/Reason.ts"
import { issue, type Kind, none } from "./Definition.ts"
import { header, SearchChoice } from "./Header.ts"
import * as Job from "./Job.ts"
import { dryOnly } from "./Mocked.ts"
import * as TemplateField from "./TemplateField.ts"

const day = Schema.String.check(
  Schema.isPattern(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, { expected: "a day as YYYY-MM-DD" })
)

/** Asks a search engine for a sourced answer, or for an object filled from what it finds. */
export class Blueprint extends Schema.Class<Blueprint>("PipeSearch.Blueprint")({
  type: Schema.tag("PipeSearch"),
  ...header,
  prompt: Schema.NonEmptyString,
  model: Schema.optionalKey(SearchChoice),
  include_images: Schema.optionalKey(Schema.Boolean),
  max_results: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThan(0))),
  from_date: Schema.optionalKey(day),
  to_date: Schema.optionalKey(day),
  include_domains: Schema.optionalKey(Schema.Array(Schema.String)),
  exclude_domains: Schema.optionalKey(Schema.Array(Schema.String))
}) {}

const field = ({ prompt }: Blueprint): TemplateField.TemplateField => ({
  path: ["prompt"],
  source: prompt,
  category: "basic",
  sigils: true
})

export const validate: Kind<Blueprint>["validate"] = (code, blueprint, { compat }) => {
  const inputs = Object.keys(blueprint.inputs)
  const { issues, parsed } = TemplateField.parseAll(code, [field(blueprint)], inputs, compat)
  const slot = Slot.parse(blueprint.output, "output")
  return [
    ...issues,
    ...(issues.some(({ warning }) => warning === undefined)
      ? none
      : TemplateField.inputsRule(code, parsed, inputs, { unusedIsWarning: compat })),
    ...(typeof slot !== "string" && Slot.isPlural(slot)
      ? [
        issue(
          code,
          ["output"],
          "method.schema_violation",
          `pipe "${code}" is a PipeSearch and makes one value, not a list`
        )
      ]
      : none)
  ]
}

export const check: Kind<Blueprint>["check"] = ({ blueprint, code, inputs }, { compat, models }) => [
  ...TemplateField.lint(code, TemplateField.parseAll(code, [field(blueprint)], inputs.keys(), compat).parsed, inputs),
  ...Job.checkModel(code, "model", "search", blueprint.model, models),
  ...(blueprint.model === undefined ? Job.checkDefault(code, "search", "default", models) : none)
]

export const references: Kind<Blueprint>["references"] = () => none

export const compile: Kind<Blueprint>["compile"] = (definition, { concepts }) =>
  dryOnly(
    definition,
    concepts,
    new Reason.Unsupported({
      what: "searching the web",
      remedy: "Web search comes with the provider adapters; validate and dry-run the method meanwhile."
    })
  )
