import * as Schema from "effect/Schema"
import type { Concepts } from "../concept/Concept.ts"
import * as Slot from "../concept/Slot.ts"
import type { Issue } from "../failure/Issue.ts"
import * as Reason from "../failure/Reason.ts"
import { issue, type Kind, none } from "./Definition.ts"
import { header, PlainChoice } from "./Header.ts"
import * as Job from "./Job.ts"
import { dryOnly } from "./Mocked.ts"
import * as PromptFiles from "./PromptFiles.ts"
import * as TemplateField from "./TemplateField.ts"

const visible = Schema.String.check(
  Schema.makeFilter((text) => text.trim() === "" ? "a text that is not blank" : undefined)
)

const Level = Schema.Union([
  Schema.String,
  Schema.Struct({ label: Schema.optionalKey(Schema.String), description: Schema.optionalKey(Schema.String) })
])

/** What decides the kind of answer: `options` a choice, `levels` a rating, else yes or no. */
const kind = {
  options: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
  levels: Schema.optionalKey(Schema.Array(Level)),
  criteria: Schema.optionalKey(Schema.Struct({ yes: visible, no: visible })),
  threshold: Schema.optionalKey(Schema.Finite.check(Schema.isGreaterThan(0), Schema.isLessThan(1)))
}

const Question = Schema.Struct({ question: Schema.NonEmptyString, ...kind })

/** Asks a judgment model closed questions about evidence. */
export class Blueprint extends Schema.Class<Blueprint>("PipeJudge.Blueprint")({
  type: Schema.tag("PipeJudge"),
  ...header,
  prompt: visible,
  question: Schema.optionalKey(Schema.NonEmptyString),
  questions: Schema.optionalKey(Schema.Record(Schema.String, Question)),
  ...kind,
  model: Schema.optionalKey(PlainChoice)
}) {}

type Asked = Partial<Omit<typeof Question.Type, "question">>

const kindOf = ({ levels, options }: Asked): "Choice" | "Rating" | "YesNo" =>
  options !== undefined ? "Choice" : levels !== undefined ? "Rating" : "YesNo"

const kindFaults = (asked: Asked): ReadonlyArray<readonly [key: string, problem: string]> => {
  const { criteria, levels, options, threshold } = asked
  const labels = (levels ?? []).map((level) => typeof level === "string" ? level : level.label)
  const named = labels.filter((label) => label !== undefined)
  return [
    ...(options !== undefined && levels !== undefined ? [["levels", "has both options and levels"] as const] : []),
    ...(options !== undefined && Object.keys(options).length < 2
      ? [["options", "needs at least two options"] as const]
      : []),
    ...(options !== undefined && Object.keys(options).some((key) => key.trim() === "")
      ? [["options", "has a blank option"] as const]
      : []),
    ...(levels !== undefined && levels.length < 2 ? [["levels", "needs at least two levels"] as const] : []),
    ...(named.length !== 0 && (named.length !== labels.length || new Set(named).size !== named.length)
      ? [["levels", "needs distinct labels for all its levels, or for none"] as const]
      : []),
    ...(levels?.some((level) =>
        typeof level === "object" && (level.label ?? "").trim() === "" && (level.description ?? "").trim() === ""
      ) === true
      ? [["levels", "has a level with neither label nor description"] as const]
      : []),
    ...(kindOf(asked) !== "YesNo" && criteria !== undefined
      ? [["criteria", "has criteria, which are for yes or no"] as const]
      : []),
    ...(kindOf(asked) !== "YesNo" && threshold !== undefined
      ? [["threshold", "has a threshold, which is for yes or no"] as const]
      : [])
  ]
}

const templates = ({ prompt, question, questions }: Blueprint): ReadonlyArray<TemplateField.TemplateField> => [
  { path: ["prompt"], source: prompt, category: "llm_prompt", sigils: true },
  ...(question === undefined
    ? []
    : [{ path: ["question"], source: question, category: "basic", sigils: true } as const]),
  ...Object.entries(questions ?? {}).map(([name, asked]) =>
    ({ path: ["questions", name, "question"], source: asked.question, category: "basic", sigils: true }) as const
  )
]

export const validate: Kind<Blueprint>["validate"] = (code, blueprint, { compat }) => {
  const { output, question, questions } = blueprint
  const violation = (path: ReadonlyArray<string>, problem: string): Issue =>
    issue(code, path, "method.schema_violation", `pipe "${code}" ${problem}`)
  const inputs = Object.keys(blueprint.inputs)
  const { issues, parsed } = TemplateField.parseAll(code, templates(blueprint), inputs, compat)
  const slot = Slot.parse(output, "output")
  const misplaced = questions === undefined
    ? []
    : (["options", "levels", "criteria", "threshold"] as const).filter((key) => blueprint[key] !== undefined)
  return [
    ...((question === undefined) === (questions === undefined)
      ? [
        violation(
          [],
          `has ${
            question === undefined ? "neither question nor" : "both question and"
          } questions; prompt is the evidence, question what is asked about it`
        )
      ]
      : none),
    ...(questions !== undefined && Object.keys(questions).length === 0
      ? [violation(["questions"], "asks no question")]
      : none),
    ...kindFaults(blueprint).map(([key, problem]) => violation([key], problem)),
    ...misplaced.map((key) => violation([key], `asks several questions, so ${key} belongs inside each`)),
    ...Object.entries(questions ?? {}).flatMap(([name, asked]) =>
      kindFaults(asked).map(([key, problem]) => violation(["questions", name, key], `question "${name}" ${problem}`))
    ),
    ...(typeof slot !== "string" && Slot.isPlural(slot)
      ? [violation(["output"], "makes one verdict, not a list")]
      : none),
    ...issues,
    ...(issues.some(({ warning }) => warning === undefined) ? none : TemplateField.inputsRule(code, parsed, inputs))
  ]
}

const outputFaults = (code: string, blueprint: Blueprint, output: string, concepts: Concepts): ReadonlyArray<Issue> => {
  const mismatch = (problem: string) =>
    issue(code, ["output"], "method.output_concept_mismatch", `pipe "${code}" ${problem}`, {
      type: "inadequate_output_concept"
    })
  if (blueprint.questions === undefined) {
    const wanted = `native.${kindOf(blueprint)}`
    return concepts.isCompatible(output, wanted, true)
      ? none
      : [mismatch(`answers with a ${wanted} and cannot output "${output}"`)]
  }
  const fields = concepts.fields(output) ?? []
  const names = Object.keys(blueprint.questions)
  const other = [
    ...fields.map(({ name }) => name).filter((name) => !names.includes(name)),
    ...names.filter((name) => !fields.some((field) => field.name === name))
  ]
  if (other.length > 0) {
    return [
      mismatch(
        `needs an output whose fields are its questions; "${output}" differs in ${
          other.map((name) => `"${name}"`).join(", ")
        }`
      )
    ]
  }
  return fields.flatMap(({ name, type }): ReadonlyArray<Issue> => {
    const wanted = `native.${kindOf(blueprint.questions?.[name] ?? {})}`
    return type.kind === "concept" && concepts.isCompatible(type.ref, wanted, true)
      ? none
      : [mismatch(`needs field "${name}" of "${output}" to hold a ${wanted}`)]
  })
}

export const check: Kind<Blueprint>["check"] = ({ blueprint, code, inputs, output }, { compat, concepts, models }) => {
  const { parsed } = TemplateField.parseAll(code, templates(blueprint), inputs.keys(), compat)
  const questionFiles = PromptFiles.plan(parsed.filter(({ path }) => path[0] !== "prompt"), inputs, concepts)
  return [
    ...TemplateField.lint(code, parsed, inputs),
    ...PromptFiles.check(code, parsed, inputs, concepts),
    ...questionFiles.map(({ path }) =>
      issue(
        code,
        ["question"],
        "method.input_concept_mismatch",
        `a question of pipe "${code}" reads the file "${path.join(".")}", which only its prompt may show`,
        {
          type: "input_stuff_spec_mismatch",
          names: [path[0] ?? ""]
        }
      )
    ),
    ...outputFaults(code, blueprint, output.concept, concepts),
    ...Job.checkModel(code, "model", "judgment", blueprint.model, models),
    ...(blueprint.model === undefined ? Job.checkDefault(code, "judgment", "default", models) : none)
  ]
}

export const references: Kind<Blueprint>["references"] = () => none

export const compile: Kind<Blueprint>["compile"] = (definition, { concepts }) =>
  dryOnly(
    definition,
    concepts,
    new Reason.Unsupported({ what: "judging", remedy: "Ask a PipeLLM for a YesNo, Choice or Rating instead." })
  )
