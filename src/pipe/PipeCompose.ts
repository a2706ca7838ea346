import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { JsonValue } from "../concept/Json.ts"
import * as Slot from "../concept/Slot.ts"
import * as FileRegistry from "../template/FileRegistry.ts"
import { fromJson } from "../template/Value.ts"
import * as Construct from "./Construct.ts"
import { issue, type Kind, none } from "./Definition.ts"
import { operator, outputOf } from "./Execution.ts"
import { header, TemplatingStyle } from "./Header.ts"
import * as TemplateField from "./TemplateField.ts"

const Category = Schema.Literals(["basic", "expression", "html", "markdown", "mermaid", "llm_prompt", "img_gen_prompt"])

const TemplateTable = Schema.Struct({
  template: Schema.String,
  category: Category,
  templating_style: Schema.optionalKey(TemplatingStyle),
  extra_context: Schema.optionalKey(Schema.Record(Schema.String, JsonValue))
})

/** Makes a text from a template, or an object field by field. No model, no network. */
export class Blueprint extends Schema.Class<Blueprint>("PipeCompose.Blueprint")({
  type: Schema.tag("PipeCompose"),
  ...header,
  template: Schema.optionalKey(Schema.Union([Schema.String, TemplateTable])),
  construct: Schema.optionalKey(Schema.Record(Schema.String, JsonValue))
}) {}

export const field = ({ template }: Blueprint): TemplateField.TemplateField | undefined =>
  template === undefined
    ? undefined
    : typeof template === "string"
    ? { path: ["template"], source: template, category: "basic", sigils: true }
    : { path: ["template", "template"], source: template.template, category: template.category, sigils: true }

const templates = (blueprint: Blueprint): ReadonlyArray<TemplateField.TemplateField> => {
  const whole = field(blueprint)
  return [...(whole === undefined ? [] : [whole]), ...Construct.templates(blueprint.construct ?? {}, ["construct"])]
}

export const validate: Kind<Blueprint>["validate"] = (code, blueprint, context) => {
  const { construct, output, template } = blueprint
  const violation = (path: ReadonlyArray<string>, problem: string, fix: string) =>
    issue(code, path, "method.schema_violation", `pipe "${code}" ${problem}`, { fix })
  if ((template === undefined) === (construct === undefined)) {
    return [
      violation(
        [],
        `has ${template === undefined ? "neither template nor" : "both template and"} construct`,
        "give exactly one"
      )
    ]
  }
  const slot = Slot.parse(output, "output")
  const inputs = Object.keys(blueprint.inputs)
  const { issues, parsed } = TemplateField.parseAll(code, templates(blueprint), inputs, context.compat)
  const malformed = Construct.validate(code, construct ?? {}, ["construct"])
  const isReadable = malformed.length === 0 && issues.every(({ warning }) => warning !== undefined)
  return [
    ...(typeof slot !== "string" && Slot.isPlural(slot)
      ? [
        violation(["output"], "is a PipeCompose and makes one value, not a list", "take the brackets out of its output")
      ]
      : none),
    ...issues,
    ...malformed,
    ...(isReadable
      ? TemplateField.inputsRule(code, parsed, inputs, {
        alsoRead: Construct.roots(construct ?? {}),
        unusedIsWarning: context.compat
      })
      : none)
  ]
}

export const check: Kind<Blueprint>["check"] = (definition, { compat, concepts }) => {
  const { blueprint, code, inputs, output } = definition
  const { parsed } = TemplateField.parseAll(code, templates(blueprint), inputs.keys(), compat)
  const isText = concepts.isText(output.concept) || concepts.isCompatible(output.concept, "native.Html", true)
  return [
    ...TemplateField.lint(code, parsed, inputs),
    ...(blueprint.template === undefined || isText || output.concept === "native.Dynamic" ? none : [
      issue(
        code,
        ["output"],
        "method.output_concept_mismatch",
        `pipe "${code}" renders a template and cannot output "${output.concept}"`,
        {
          type: "inadequate_output_concept",
          fix: "output Text or Html, or use construct"
        }
      )
    ])
  ]
}

export const references: Kind<Blueprint>["references"] = () => none

export const compile: Kind<Blueprint>["compile"] = (definition, surroundings) => {
  const { blueprint, inputs } = definition
  const { compat, concepts } = surroundings
  if (blueprint.construct !== undefined) {
    const construct = Construct.compile(blueprint.construct, inputs, surroundings)
    return operator(
      definition,
      (call) =>
        Effect.map(construct(call, outputOf(definition, call).concept), (content) => ({ content, plural: false }))
    )
  }
  const whole = field(blueprint)
  const [parsed] = whole === undefined
    ? []
    : TemplateField.parseAll(definition.code, [whole], inputs.keys(), compat).parsed
  const table = typeof blueprint.template === "object" ? blueprint.template : undefined
  const extra = Object.fromEntries(
    Object.entries(table?.extra_context ?? {}).map(([name, value]) => [name, fromJson(value)] as const)
  )
  return operator(
    definition,
    Effect.fnUntraced(function*(call) {
      const text = parsed === undefined ? "" : yield* TemplateField.render(parsed, {
        concepts,
        memory: call.memory,
        settings: call.scope.settings,
        style: table?.templating_style,
        files: FileRegistry.make(),
        extra
      })
      const { concept } = outputOf(definition, call)
      const isHtml = concept !== "native.Text" && concepts.isCompatible(concept, "native.Html", true) &&
        !concepts.isText(concept)
      return { content: isHtml ? { inner_html: text, css_class: null } : { text }, plural: false }
    })
  )
}
