import { isObject, own } from "../concept/Json.ts"
import { choice } from "../pipe/ModelChoice.ts"
import { isPipeType, type PipeType } from "../pipe/Pipe.ts"
import type { Choice, Family, ModelTable } from "../program/Models.ts"
import * as ModelSlice from "../program/ModelSlice.ts"
import type { Crate, CratePipe } from "../program/PipeRunner.ts"

/** Which models the pipes of a crate name. */
const families: { readonly [Type in PipeType]?: Family } = {
  PipeLLM: "llm",
  PipeStructure: "llm",
  PipeImgGen: "img_gen",
  PipeExtract: "text_extractor",
  PipeSearch: "search",
  PipeJudge: "judgment",
  PipeDocGen: "doc_gen"
}

const keys = ["model", "model_to_structure"]

const choiceOf = (value: unknown): ReadonlyArray<Choice> => {
  if (typeof value === "string") return [value]
  if (!isObject(value)) return []
  const { model } = value
  return typeof model === "string" ? [choice({ ...value, model })] : []
}

const ofPipe = ({ blueprint }: CratePipe): ReadonlyArray<ModelSlice.Named> => {
  const type = own(blueprint, "type")
  const family = typeof type === "string" && isPipeType(type) ? families[type] : undefined
  if (family === undefined) return []
  const named = keys.flatMap((key) => choiceOf(own(blueprint, key)))
  return [{ family }, ...named.map((each) => ({ family, choice: each }))]
}

/** Every reference to a model in the crate. A pipe also counts as one that relies on its family's defaults. */
export const references = (crate: Crate): ReadonlyArray<ModelSlice.Named> => Object.values(crate.pipes).flatMap(ofPipe)

/** The part of the table that the crate needs. */
export const slice = (table: ModelTable, crate: Crate): ModelTable => ModelSlice.slice(table, references(crate))
