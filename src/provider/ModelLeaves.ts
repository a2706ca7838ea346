import type { Handlers } from "../program/Leaves.ts"
import type { Calling } from "./Calling.ts"
import * as ImageModel from "./ImageModel.ts"
import * as LanguageModel from "./LanguageModel.ts"
import * as SearchEngine from "./SearchEngine.ts"

/** The leaves that a model answers, whoever stands behind it. Extraction is apart: it may need none. */
export type ModelLeaves = Pick<
  Handlers,
  | "act_llm_gen_text"
  | "act_llm_gen_object"
  | "act_llm_gen_object_list"
  | "act_img_gen_images"
  | "act_search_gen_sourced_answer"
  | "act_search_gen_structured"
>

/** Their handlers, over the adapters that `calling` finds. */
export const handlers = (calling: Omit<Calling, "extract">): ModelLeaves => ({
  ...LanguageModel.handlers(calling),
  ...ImageModel.handlers(calling),
  ...SearchEngine.handlers(calling)
})
