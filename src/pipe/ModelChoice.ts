import type { Choice, Settings } from "../program/Models.ts"

/** Inline settings as a pipe writes them: the language's snake_case keys. */
type Written = string | (Readonly<Record<string, unknown>> & { readonly model: string })

const keys: Readonly<Record<string, keyof Settings>> = {
  temperature: "temperature",
  max_tokens: "maxTokens",
  image_detail: "imageDetail",
  reasoning_effort: "reasoningEffort",
  reasoning_budget: "reasoningBudget",
  quality: "quality",
  nb_steps: "nbSteps",
  guidance_scale: "guidanceScale",
  is_moderated: "isModerated",
  safety_tolerance: "safetyTolerance",
  max_nb_images: "maxNbImages",
  image_min_size: "imageMinSize",
  include_images: "includeImages",
  include_inline_citations: "includeInlineCitations",
  max_results: "maxResults"
}

/** The choice a pipe wrote, in the terms of the model table. */
export const choice = (written: Written): Choice => {
  if (typeof written === "string") return written
  const settings = Object.entries(written).flatMap(([key, value]) => {
    const name = Object.hasOwn(keys, key) ? keys[key] : undefined
    return name === undefined || value === undefined ? [] : [[name, value] as const]
  })
  return { model: written.model, ...Object.fromEntries(settings) }
}
