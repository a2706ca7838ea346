import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Slot from "../concept/Slot.ts"
import type { Issue } from "../failure/Issue.ts"
import { fail } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import { type Job as JobOf, Leaves } from "../program/Leaves.ts"
import { type Definition, type FileContext, issue, type Kind, none, type Surroundings } from "./Definition.ts"
import { operator, outputOf } from "./Execution.ts"
import { header, LlmChoice, TemplatingStyle } from "./Header.ts"
import * as Job from "./Job.ts"
import * as PromptFiles from "./PromptFiles.ts"
import * as StructuredOutput from "./StructuredOutput.ts"
import * as TemplateField from "./TemplateField.ts"

/** Asks a language model for a text, an object or a list of objects. */
export class Blueprint extends Schema.Class<Blueprint>("PipeLLM.Blueprint")({
  type: Schema.tag("PipeLLM"),
  ...header,
  prompt: Schema.optionalKey(Schema.String),
  system_prompt: Schema.optionalKey(Schema.String),
  model: Schema.optionalKey(LlmChoice),
  model_to_structure: Schema.optionalKey(LlmChoice),
  structuring_method: Schema.optionalKey(Schema.Literals(["direct", "preliminary_text"])),
  templating_style: Schema.optionalKey(TemplatingStyle)
}) {}

const systemPrompt = (blueprint: Blueprint, inherited: string | undefined): string | undefined =>
  blueprint.system_prompt === undefined || blueprint.system_prompt === "" ? inherited : blueprint.system_prompt

const templateField = (path: string, source: string | undefined): TemplateField.TemplateField | undefined =>
  source === undefined ? undefined : { path: [path], source, category: "llm_prompt", sigils: true }

const fields = (blueprint: Blueprint, inherited: string | undefined): {
  readonly system: TemplateField.TemplateField | undefined
  readonly prompt: TemplateField.TemplateField | undefined
} => ({
  system: templateField("system_prompt", systemPrompt(blueprint, inherited)),
  prompt: templateField("prompt", blueprint.prompt)
})

const listed = ({ prompt, system }: ReturnType<typeof fields>) => [system, prompt].filter((each) => each !== undefined)

export const validate = (code: string, blueprint: Blueprint, context: FileContext): ReadonlyArray<Issue> => {
  const inputs = Object.keys(blueprint.inputs)
  const { issues } = TemplateField.parseAll(
    code,
    listed(fields(blueprint, context.systemPrompt)),
    inputs,
    context.compat
  )
  return [...issues, ...preliminaryText(code, blueprint)]
}

const isTextSlot = (output: string): boolean => /^(native\.)?Text(\[\d*\])?\??$/.test(output)

/** Whether a text is to be drafted first, and then structured. */
export const draftsFirst = ({ output, structuring_method: method }: Blueprint): boolean =>
  method === "preliminary_text" && !isTextSlot(output)

const preliminaryText = (code: string, { output, structuring_method: method }: Blueprint): ReadonlyArray<Issue> =>
  method === "preliminary_text" && isTextSlot(output)
    ? [
      issue(
        code,
        ["structuring_method"],
        "method.schema_violation",
        `pipe "${code}" outputs text: there is nothing to structure`,
        {
          fix: "take structuring_method out, or output a structured concept"
        }
      )
    ]
    : none

export const check = (definition: Definition<Blueprint>, surroundings: Surroundings): ReadonlyArray<Issue> => {
  const { blueprint, code, inputs, output } = definition
  const { concepts, models } = surroundings
  // The system prompt a domain gives may stand in another file than the pipe, so what is read is counted here.
  const { issues, parsed } = TemplateField.parseAll(
    code,
    listed(fields(blueprint, definition.systemPrompt)),
    inputs.keys(),
    surroundings.compat
  )
  const isText = concepts.isText(output.concept) && !Slot.isPlural(output)
  return [
    ...(issues.some(({ warning }) => warning === undefined)
      ? none
      : TemplateField.inputsRule(code, parsed, Array.from(inputs.keys()))),
    ...TemplateField.lint(code, parsed, inputs),
    ...PromptFiles.check(code, parsed, inputs, concepts),
    ...(output.concept !== "native.Dynamic" && concepts.isCompatible(output.concept, "native.Image", false)
      ? [
        issue(
          code,
          ["output"],
          "method.output_concept_mismatch",
          `pipe "${code}" is a PipeLLM and cannot output the image concept "${output.concept}"`,
          {
            type: "llm_output_cannot_be_image",
            fix: "use a PipeImgGen"
          }
        )
      ]
      : none),
    ...Job.checkModel(code, "model", "llm", blueprint.model, models),
    ...Job.checkModel(code, "model_to_structure", "llm", blueprint.model_to_structure, models),
    ...(blueprint.model === undefined && (isText || blueprint.model_to_structure === undefined)
      ? Job.checkDefault(code, "llm", isText ? "text" : "object", models)
      : none)
  ]
}

export const references: Kind<Blueprint>["references"] = () => none

/** As jobs carry it: one for all jobs of a pipe, so that what follows from it is found once. */
type Setting = JobOf<"act_llm_gen_text">["setting"]

const settingFor = (
  blueprint: Blueprint,
  kind: "text" | "object",
  surroundings: Surroundings
): Setting | Reason.Reason => {
  const { models } = surroundings
  const written = (kind === "object" ? blueprint.model_to_structure : undefined) ?? blueprint.model
  const resolved = Job.resolve(models, "llm", kind, written)
  return "_tag" in resolved ? resolved : { model: resolved.model, settings: { ...resolved.settings } }
}

export const compile: Kind<Blueprint>["compile"] = (definition, surroundings) => {
  const { blueprint, code, inputs } = definition
  const { concepts } = surroundings
  const { prompt, system } = fields(blueprint, definition.systemPrompt)
  const parse = (field: TemplateField.TemplateField | undefined) =>
    field === undefined
      ? undefined
      : TemplateField.parseAll(code, [field], inputs.keys(), surroundings.compat).parsed[0]
  const parsedSystem = parse(system)
  const parsedPrompt = parse(prompt)
  const attachments = PromptFiles.plan(
    [parsedSystem, parsedPrompt].filter((field) => field !== undefined),
    inputs,
    concepts
  )
  const settings = {
    text: settingFor(blueprint, "text", surroundings),
    object: settingFor(blueprint, "object", surroundings)
  }
  const structured = StructuredOutput.make(concepts)

  return operator(
    definition,
    Effect.fnUntraced(function*(call) {
      const { settings: run } = call.scope
      const output = outputOf(definition, call)
      const plural = Slot.isPlural(output)
      const kind = concepts.isText(output.concept) && !plural ? "text" : "object"
      const setting = settings[kind]
      if ("_tag" in setting) return yield* fail(setting)
      const registry = yield* PromptFiles.attach(attachments, call.memory)
      const rendering: TemplateField.Rendering = {
        concepts,
        memory: call.memory,
        settings: run,
        style: blueprint.templating_style,
        files: registry,
        extra: { _nb_output: typeof output.multiplicity === "number" ? BigInt(output.multiplicity) : null }
      }
      const systemText = parsedSystem === undefined ? "" : yield* TemplateField.render(parsedSystem, rendering)
      const userText = parsedPrompt === undefined ? "" : yield* TemplateField.render(parsedPrompt, rendering)
      const refs = PromptFiles.refs(registry)
      const isDry = call.scope.mode === "dry"
      if (!isDry) yield* Job.checkPrompt(setting, refs)
      const leaves = yield* Leaves
      const base = { meta: Job.metadata(definition, call), setting }
      if (kind === "text") {
        if (!isDry && userText === "" && refs.images.length + refs.documents.length === 0) {
          return yield* fail(new Reason.PromptEmpty({ model: setting.model.handle, provider: setting.model.backend }))
        }
        const job = { ...base, prompt: Job.prompt(systemText, userText, refs) }
        const { value } = yield* Job.leaf("act_llm_gen_text", job, (sent) => leaves.act_llm_gen_text(sent))
        return { content: { text: value }, plural: false }
      }
      const structure = structured.describe(output)
      const text = userText + structured.prompt(structure, run)
      if (!isDry && text === "" && refs.images.length + refs.documents.length === 0) {
        return yield* fail(new Reason.PromptEmpty({ model: setting.model.handle, provider: setting.model.backend }))
      }
      const job = { ...base, prompt: Job.prompt(systemText, text, refs), structure: structure.job }
      return yield* StructuredOutput.ask(leaves, job, plural)
    })
  )
}
