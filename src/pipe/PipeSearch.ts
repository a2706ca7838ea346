import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Slot from "../concept/Slot.ts"
import { fail } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import { Leaves, type SearchParameters } from "../program/Leaves.ts"
import type { Settings } from "../program/Models.ts"
import { issue, type Kind, none } from "./Definition.ts"
import { operator, outputOf } from "./Execution.ts"
import { header, SearchChoice } from "./Header.ts"
import * as Job from "./Job.ts"
import * as StructuredOutput from "./StructuredOutput.ts"
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

/** What the search is told: the pipe's own keys over the settings of its model. */
const parameters = (blueprint: Blueprint, settings: Settings): SearchParameters => {
  const maxResults = blueprint.max_results ?? settings.maxResults
  return {
    includeImages: blueprint.include_images ?? settings.includeImages ?? false,
    includeInlineCitations: settings.includeInlineCitations ?? true,
    ...(maxResults === undefined ? {} : { maxResults }),
    ...(blueprint.from_date === undefined ? {} : { fromDate: blueprint.from_date }),
    ...(blueprint.to_date === undefined ? {} : { toDate: blueprint.to_date }),
    ...(blueprint.include_domains === undefined ? {} : { includeDomains: blueprint.include_domains }),
    ...(blueprint.exclude_domains === undefined ? {} : { excludeDomains: blueprint.exclude_domains })
  }
}

export const compile: Kind<Blueprint>["compile"] = (definition, { compat, concepts, models }) => {
  const { blueprint, code, inputs } = definition
  const [prompt] = TemplateField.parseAll(code, [field(blueprint)], inputs.keys(), compat).parsed
  const setting = Job.resolve(models, "search", "default", blueprint.model)
  const structured = StructuredOutput.make(concepts)

  return operator(
    definition,
    Effect.fnUntraced(function*(call) {
      if ("_tag" in setting) return yield* fail(setting)
      const leaves = yield* Leaves
      const query = prompt === undefined ? "" : yield* TemplateField.render(prompt, {
        concepts,
        memory: call.memory,
        settings: call.scope.settings
      })
      if (call.scope.mode !== "dry" && query.trim() === "") {
        return yield* fail(new Reason.PromptEmpty({ model: setting.model.handle, provider: setting.model.backend }))
      }
      const job = {
        meta: Job.metadata(definition, call),
        setting: { model: setting.model, settings: { ...setting.settings } },
        query,
        parameters: parameters(blueprint, setting.settings)
      }
      const output = outputOf(definition, call)
      if (concepts.isCompatible(output.concept, "native.SearchResult", true)) {
        const { value } = yield* Job.leaf(
          "act_search_gen_sourced_answer",
          job,
          (sent) => leaves.act_search_gen_sourced_answer(sent)
        )
        return { content: value, plural: false }
      }
      const { value } = yield* Job.leaf(
        "act_search_gen_structured",
        { ...job, structure: structured.describe(output).job },
        (sent) => leaves.act_search_gen_structured(sent)
      )
      return { content: value, plural: false }
    })
  )
}
