import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { Concepts } from "../concept/Concept.ts"
import { outputSchemaOf } from "../concept/JsonSchema.ts"
import { classListing } from "../concept/Listing.ts"
import * as Slot from "../concept/Slot.ts"
import type { PipeFailure } from "../failure/PipeFailure.ts"
import type { Handlers, Job, Structure } from "../program/Leaves.ts"
import type { Settings } from "../program/Settings.ts"
import * as Template from "../template/Template.ts"
import type { Produced } from "./Execution.ts"
import { leaf } from "./Job.ts"

/** What a model is told about the object it has to fill: a schema for the provider, a listing for the prompt. */
export interface Described {
  readonly job: Structure
  readonly listing: string
}

const describe = (concepts: Concepts, slot: Slot.Slot): Described => {
  const plural = Slot.isPlural(slot)
  const { description, name, schema } = outputSchemaOf(concepts, slot.concept, plural)
  return {
    job: {
      concept: slot.concept,
      name,
      ...(description === undefined ? {} : { description }),
      schema,
      concepts: concepts.slice([slot.concept]),
      ...(typeof slot.multiplicity === "number" ? { count: slot.multiplicity } : {})
    },
    listing: classListing(concepts, slot.concept)
  }
}

/** One pipe's structured outputs: described once per slot and worded by a template parsed once, however often the pipe runs. */
export const make = (concepts: Concepts) => {
  const described = new Map<string, Described>()
  const templates = new Map<string, Template.Template>()

  /** A configured wording, filled in. One that does not parse is used as it stands. */
  const worded = (source: string, values: Readonly<Record<string, string>>): string => {
    const known = templates.get(source)
    const template = known === undefined ? Template.parse(source, { category: "basic" }) : Result.succeed(known)
    if (Result.isFailure(template)) return source
    if (known === undefined) templates.set(source, template.success)
    const rendered = Template.render(template.success, values, { tagStyle: "xml", textFormat: "plain" })
    return Result.isSuccess(rendered) ? rendered.success : source
  }

  return {
    describe: (slot: Slot.Slot): Described => {
      const key = Slot.show({ ...slot, presence: "plain" })
      const known = described.get(key)
      if (known !== undefined) return known
      const made = describe(concepts, slot)
      described.set(key, made)
      return made
    },
    /** What is appended to the user's text. */
    prompt: ({ listing }: Described, settings: Settings): string =>
      settings.isStructurePromptEnabled ? worded(settings.structurePrompt, { class_structure_str: listing }) : "",
    worded
  }
}

/** Asks for one object or a list of them. */
export const ask = (
  leaves: Handlers,
  job: Job<"act_llm_gen_object">,
  plural: boolean
): Effect.Effect<Produced, PipeFailure> =>
  plural
    ? Effect.map(
      leaf("act_llm_gen_object_list", job, (sent) => leaves.act_llm_gen_object_list(sent)),
      ({ value }) => ({ content: { items: value }, plural: true })
    )
    : Effect.map(
      leaf("act_llm_gen_object", job, (sent) => leaves.act_llm_gen_object(sent)),
      ({ value }) => ({ content: value, plural: false })
    )
