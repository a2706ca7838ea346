import type { JsonObject } from "../concept/Json.ts"
import * as Read from "../source/Read.ts"
import * as Rules from "../source/Rules.ts"
import type { InferenceOptions, Provider } from "./Connection.ts"
import { tableAt } from "./Document.ts"

/** The keys of `pipelex.toml` that say how providers are called, what they may hold, and what holds where they say nothing. */
const { anyTable, flag, integer, number, oneOf, table, text } = Rules

const efforts = ["none", "minimal", "low", "medium", "high", "xhigh", "max"] as const
const providers: ReadonlyArray<Provider> = ["openai", "anthropic", "mistral", "google"]
const qualities = ["low", "medium", "high"] as const

const each = (names: ReadonlyArray<string>, rule: Rules.Rule): Rules.Rule =>
  table(Object.fromEntries(names.map((name) => [name, rule])))

const level = text("a level by name", (value) => value.trim() !== "")
const levels = each(efforts, level)
const budgets = each(efforts, integer(0))
const steps = each(qualities, integer(1))
const seconds = number("a number of seconds above 0", (value) => value > 0)

/** Of `[cogt.llm_config]`, beside what a run carries. */
export const llmRules: Rules.Table = {
  schema_reask_max_attempts: integer(1, 10),
  default_max_images: integer(0),
  is_dump_text_prompts_enabled: flag,
  is_dump_response_text_enabled: flag,
  effort_to_budget_maps: each(["anthropic", "google"], budgets),
  instructor_config: table({
    is_dump_kwargs_enabled: flag,
    is_dump_response_enabled: flag,
    is_dump_error_enabled: flag
  }),
  openai_config: table({ effort_to_level_map: levels }),
  anthropic_config: table({ effort_to_level_map: levels, structured_output_timeout_seconds: seconds }),
  mistral_config: table({ effort_to_level_map: levels }),
  google_config: table({ effort_to_level_map: levels })
}

export const stepMaps = each(["flux", "sdxl_lightning", "qwen_image"], steps)

/** Of `[cogt]`, beside its sections. */
export const cogtRules: Rules.Table = {
  transport_max_retries: integer(0),
  request_timeout_seconds: seconds,
  model_deck_config: table({
    is_model_fallback_enabled: flag,
    missing_presets_reaction: oneOf("raise", "log", "none")
  }),
  search_config: anyTable,
  gateway_test_config: anyTable,
  inference_config: anyTable
}

const budgetOf = { minimal: 512, low: 1024, medium: 5000, high: 16_384, xhigh: 32_768, max: 65_536 }
const same = { minimal: "minimal", low: "low", medium: "medium", high: "high" }

/** What holds where no file says otherwise; the packaged `pipelex.toml` says the same. */
export const defaults: InferenceOptions = {
  transportMaxRetries: 2,
  schemaReaskMaxAttempts: 3,
  anthropicStructuredOutputTimeoutSeconds: 1200,
  requestTimeoutSeconds: 600,
  effortToLevel: {
    openai: { none: "none", ...same, xhigh: "xhigh", max: "xhigh" },
    anthropic: { ...same, minimal: "low", xhigh: "xhigh", max: "max" },
    google: { ...same, xhigh: "high", max: "high" },
    mistral: { none: "none", minimal: "high", low: "high", medium: "high", high: "high", xhigh: "high", max: "high" }
  },
  effortToBudget: { anthropic: budgetOf, google: { none: 0, ...budgetOf } },
  qualityToSteps: {
    flux: { low: 14, medium: 28, high: 56 },
    sdxl_lightning: { low: 2, medium: 4, high: 8 },
    qwen_image: { low: 10, medium: 20, high: 28 }
  }
}

type Levels = InferenceOptions["effortToLevel"]

/** How this machine calls providers, from the merged and normalised layers. */
export const options = (values: JsonObject): InferenceOptions => {
  const cogt = tableAt(values, ["cogt"])
  const llm = Read.table(cogt, "llm_config")
  const levelsOf = (provider: Provider) => ({
    ...defaults.effortToLevel[provider],
    ...Read.recordOfTexts(Read.table(Read.table(llm, `${provider}_config`), "effort_to_level_map"))
  })
  const budgetsOf = (provider: "anthropic" | "google") => ({
    ...defaults.effortToBudget[provider],
    ...Read.recordOfNumbers(Read.table(Read.table(llm, "effort_to_budget_maps"), provider))
  })
  const said = tableAt(cogt, ["img_gen_config", "quality_to_steps_maps"])
  const effortToLevel: Levels = {
    openai: levelsOf("openai"),
    anthropic: levelsOf("anthropic"),
    google: levelsOf("google"),
    mistral: levelsOf("mistral")
  }
  return {
    ...defaults,
    ...Read.present({
      transportMaxRetries: Read.number(cogt, "transport_max_retries"),
      requestTimeoutSeconds: Read.number(cogt, "request_timeout_seconds"),
      schemaReaskMaxAttempts: Read.number(llm, "schema_reask_max_attempts"),
      anthropicStructuredOutputTimeoutSeconds: Read.number(
        Read.table(llm, "anthropic_config"),
        "structured_output_timeout_seconds"
      )
    }),
    effortToLevel,
    effortToBudget: { anthropic: budgetsOf("anthropic"), google: budgetsOf("google") },
    qualityToSteps: Object.fromEntries(
      Object.entries(defaults.qualityToSteps).map(([kind, map]) => [
        kind,
        { ...map, ...Read.recordOfNumbers(Read.table(said, kind)) }
      ])
    )
  }
}

/** Other spellings of its keys: a provider's maps below its own section, or below the maps' name. */
export const spellings: ReadonlyArray<readonly [other: string, canonical: string]> = [
  ...providers.flatMap((provider): ReadonlyArray<readonly [string, string]> => [
    [`cogt.${provider}_config`, `cogt.llm_config.${provider}_config`],
    [`cogt.llm_config.effort_to_level_map.${provider}`, `cogt.llm_config.${provider}_config.effort_to_level_map`]
  ]),
  ["cogt.effort_to_budget_maps", "cogt.llm_config.effort_to_budget_maps"],
  ["cogt.llm_config.gemini_config", "cogt.llm_config.google_config"],
  ["cogt.llm_config.effort_to_budget_maps.gemini", "cogt.llm_config.effort_to_budget_maps.google"]
]
