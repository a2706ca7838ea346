import type { Usage } from "../failure/Usage.ts"
import { count, dollars, plural } from "./Amounts.ts"
import { pieceText } from "./CostTable.ts"
import * as LeafUsage from "./LeafUsage.ts"

const job: { readonly [Name in LeafUsage.LeafUsage["leaf"]]: string } = {
  act_llm_gen_text: "chat",
  act_llm_gen_object: "object",
  act_llm_gen_object_list: "object list",
  act_img_gen_images: "images",
  act_extract_gen_extract_pages: "extract",
  act_render_page_views: "page views",
  act_search_gen_sourced_answer: "search",
  act_search_gen_structured: "search object",
  act_func: "function"
}

/** `120 (100 cached) → 45 tokens`. */
const tokens = ({ input = 0, input_cached: cached = 0, output = 0 }: Usage["units"]): ReadonlyArray<string> =>
  input + output === 0
    ? []
    : [`${count(input)}${cached === 0 ? "" : ` (${count(cached)} cached)`} → ${count(output)} tokens`]

/** What is asked of whom: `gpt-4o-mini chat`. */
export const name = ({ leaf, model }: Pick<LeafUsage.LeafUsage, "leaf" | "model">): string =>
  model === undefined ? job[leaf] : `${model} ${job[leaf]}`

/** One line for a leaf whose cost is known, or not: `gpt-4o-mini chat · 120 → 45 tokens · $0.000044`. */
export const facts = (
  { leaf, model, usage }: Pick<LeafUsage.LeafUsage, "leaf" | "model" | "usage">,
  cost: number | undefined
): string => {
  const pieces = pieceText(Object.fromEntries(LeafUsage.pieces(usage.units)))
  return [
    name({ leaf, model }),
    ...tokens(usage.units),
    ...(pieces === "" ? [] : [pieces]),
    ...(usage.requests > 1 ? [plural(usage.requests, "request")] : []),
    ...(usage.reasks > 0 ? [plural(usage.reasks, "re-ask")] : []),
    ...(usage.simulated === true
      ? ["simulated"]
      : model === undefined
      ? []
      : [cost === undefined ? "cost unknown" : dollars(cost)])
  ].join(" · ")
}

/** `facts` by these prices. */
export const line = (
  { failed, leaf, model, usage }: Pick<LeafUsage.LeafUsage, "failed" | "leaf" | "model" | "usage">,
  priceOf: LeafUsage.Prices
): string =>
  facts(
    { leaf, model, usage },
    LeafUsage.costOf({ model, usage, ...(failed === undefined ? {} : { failed }) }, priceOf)
  )
