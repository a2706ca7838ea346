import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Slot from "../concept/Slot.ts"
import * as WorkingMemory from "../concept/WorkingMemory.ts"
import type { Issue } from "../failure/Issue.ts"
import { fail } from "../failure/PipeFailure.ts"
import { Leaves } from "../program/Leaves.ts"
import { type Definition, issue, type Kind, none } from "./Definition.ts"
import { operator, outputOf } from "./Execution.ts"
import { header, LlmChoice, slotText } from "./Header.ts"
import * as Job from "./Job.ts"
import * as StructuredOutput from "./StructuredOutput.ts"

/** Turns one text into an object or a list of objects. */
export class Blueprint extends Schema.Class<Blueprint>("PipeStructure.Blueprint")({
  type: Schema.tag("PipeStructure"),
  ...header,
  model: Schema.optionalKey(LlmChoice)
}) {}

export const validate: Kind<Blueprint>["validate"] = (code, blueprint) => {
  const inputs = Object.entries(blueprint.inputs)
  const [first] = inputs
  if (first === undefined || inputs.length > 1) {
    return [
      issue(
        code,
        ["inputs"],
        "method.schema_violation",
        `pipe "${code}" is a PipeStructure and takes exactly one input, not ${inputs.length}`
      )
    ]
  }
  const slot = Slot.parse(slotText(first[1]), "input")
  return typeof slot !== "string" && Slot.isPlural(slot)
    ? [
      issue(
        code,
        ["inputs", first[0]],
        "method.schema_violation",
        `pipe "${code}" is a PipeStructure and takes a single text, not a list`
      )
    ]
    : none
}

export const check: Kind<Blueprint>["check"] = ({ blueprint, code, inputs, output }, { concepts, models }) => [
  ...Array.from(inputs).flatMap(([name, slot]): ReadonlyArray<Issue> =>
    concepts.isCompatible(slot.concept, "native.Text", false) ? none : [
      issue(
        code,
        ["inputs", name],
        "method.input_concept_mismatch",
        `pipe "${code}" is a PipeStructure and its input "${name}" has to be a text, not "${slot.concept}"`,
        {
          type: "input_stuff_spec_mismatch",
          names: [name]
        }
      )
    ]
  ),
  ...(output.concept === "native.Dynamic" || concepts.isText(output.concept)
    ? [
      issue(
        code,
        ["output"],
        "method.output_concept_mismatch",
        `pipe "${code}" is a PipeStructure and cannot output the text concept "${output.concept}"`,
        {
          type: "inadequate_output_concept",
          fix: "output a structured concept"
        }
      )
    ]
    : none),
  ...Job.checkModel(code, "model", "llm", blueprint.model, models),
  ...(blueprint.model === undefined ? Job.checkDefault(code, "llm", "object", models) : none)
]

export const references: Kind<Blueprint>["references"] = () => none

const textOf = (definition: Definition, memory: WorkingMemory.WorkingMemory): string => {
  const name = definition.inputs.keys().next().value ?? ""
  const text = WorkingMemory.get(memory, name)?.content["text"]
  return typeof text === "string" ? text : ""
}

export const compile: Kind<Blueprint>["compile"] = (definition, { concepts, models }) => {
  const setting = Job.resolve(models, "llm", "object", definition.blueprint.model)
  const structured = StructuredOutput.make(concepts)
  return operator(
    definition,
    Effect.fnUntraced(function*(call) {
      if ("_tag" in setting) return yield* fail(setting)
      const leaves = yield* Leaves
      const output = outputOf(definition, call)
      const structure = structured.describe(output)
      const { settings } = call.scope
      const text = structured.worded(settings.structuringPrompt, { text: textOf(definition, call.memory) })
      const job = {
        meta: Job.metadata(definition, call),
        setting: { model: setting.model, settings: { ...setting.settings } },
        prompt: Job.prompt("", text + structured.prompt(structure, settings), { images: [], documents: [] }),
        structure: structure.job
      }
      return yield* StructuredOutput.ask(leaves, job, Slot.isPlural(output))
    })
  )
}
