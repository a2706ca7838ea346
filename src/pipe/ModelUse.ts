import { isObject, own } from "../concept/Json.ts"
import * as Slot from "../concept/Slot.ts"
import type { Choice, Family, ModelTable } from "../program/Models.ts"
import { defaultChoice } from "../program/ModelTable.ts"
import type { Definition, Surroundings } from "./Definition.ts"

/** Which models a pipe of a checked library asks for, as it or the deck names them: for telling, never for running. */
export interface Use {
  readonly family: Family
  readonly choice: Choice
}

const families: Readonly<Record<string, Family>> = {
  PipeLLM: "llm",
  PipeStructure: "llm",
  PipeImgGen: "img_gen",
  PipeExtract: "text_extractor",
  PipeSearch: "search",
  PipeJudge: "judgment"
}

const written = (blueprint: object, key: string): string | undefined => {
  const value = isObject(blueprint) ? own(blueprint, key) : undefined
  const named = isObject(value) ? own(value, "model") : value
  return typeof named === "string" ? named : undefined
}

/** The deck's default that stands in where the pipe names nothing. */
const kindOf = ({ blueprint, output }: Definition, { concepts }: Pick<Surroundings, "concepts">): string => {
  if (families[blueprint.type ?? ""] !== "llm") return "default"
  const isText = blueprint.type === "PipeLLM" && concepts.isText(output.concept) && !Slot.isPlural(output)
  return isText ? "text" : "object"
}

/** The one model of the pipe's own call; nothing for a pipe that asks none. */
export const of = (
  definition: Definition,
  surroundings: { readonly concepts: Surroundings["concepts"]; readonly models: ModelTable }
): Use | undefined => {
  const { blueprint } = definition
  const family = own(families, blueprint.type ?? "")
  if (family === undefined) return undefined
  const kind = kindOf(definition, surroundings)
  const choice = (kind === "object" ? written(blueprint, "model_to_structure") : undefined) ??
    written(blueprint, "model") ?? defaultChoice(surroundings.models, family, kind)
  return choice === undefined ? undefined : { family, choice }
}
