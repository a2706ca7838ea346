import type { JsonObject } from "../concept/Json.ts"
import { aspectRatios, defaults, type DryRunSettings, type ImgGenDefaults, type Settings } from "../program/Settings.ts"
import * as MethodTree from "../source/MethodTree.ts"
import * as Read from "../source/Read.ts"
import * as Rules from "../source/Rules.ts"
import { tableAt } from "./Document.ts"

/**
 * `pipelex.toml`: which keys there are, and what they come to. Sections that nothing reads yet are taken as they are, when they are
 * tables; a key that no version knows is a fault.
 */
const { anyTable, either, flag, integer, number, oneOf, table, text, texts } = Rules

const imgGenDefaults = table({
  nb_steps: integer(1),
  quality: oneOf("low", "medium", "high"),
  aspect_ratio: oneOf(...aspectRatios),
  guidance_scale: number("a number above 0", (value) => value > 0),
  background: oneOf("transparent", "opaque", "auto"),
  is_moderated: flag,
  safety_tolerance: integer(1, 6),
  is_raw: flag,
  output_format: oneOf("png", "jpeg", "webp"),
  seed: either(integer(0), oneOf("auto"))
})

const pipelineExecution = table({
  is_normalize_data_urls_to_storage: flag,
  is_mock_inputs: flag,
  is_generate_graph: flag,
  is_generate_usage: flag,
  max_concurrency: either(integer(1), oneOf("unbounded")),
  on_item_failure: oneOf("fail", "collect"),
  graph_config: anyTable
})

const llm = table({
  default_max_images: integer(0),
  is_structure_prompt_enabled: flag,
  is_dump_text_prompts_enabled: flag,
  is_dump_response_text_enabled: flag,
  schema_reask_max_attempts: integer(1, 10),
  default_templating_style: table({
    tag_style: oneOf("xml", "ticks", "square_brackets", "no_tag"),
    text_format: oneOf("plain", "markdown", "html", "json")
  }),
  generic_templates: table({ output_structure_prompt: text(), structuring_prompt: text() }),
  effort_to_level_map: anyTable,
  effort_to_budget_maps: anyTable,
  instructor_config: anyTable,
  openai_config: anyTable,
  anthropic_config: anyTable,
  mistral_config: anyTable,
  google_config: anyTable
})

const rules: Rules.Table = {
  pipelex: table({
    storage_config: anyTable,
    log_config: anyTable,
    reporting_config: anyTable,
    tracing_config: anyTable,
    aws_config: anyTable,
    builder_config: anyTable,
    feature_config: anyTable,
    pipeline_execution_config: pipelineExecution,
    pipe_run_config: table({ pipe_stack_limit: integer(1) }),
    dry_run_config: table({
      text_gen_truncate_length: integer(1),
      nb_list_items: integer(1),
      nb_extract_pages: integer(1),
      allowed_to_fail_pipes: texts,
      image_urls: {
        expected: "a list of at least one text",
        accepts: (value) => texts.accepts(value) && Array.isArray(value) && value.length > 0
      }
    }),
    scan_config: table({ excluded_dirs: texts })
  }),
  cogt: table({
    transport_max_retries: integer(0),
    model_deck_config: table({
      is_model_fallback_enabled: flag,
      missing_presets_reaction: oneOf("raise", "log", "none")
    }),
    llm_config: llm,
    img_gen_config: table({
      img_gen_job_config: anyTable,
      img_gen_param_defaults: imgGenDefaults,
      quality_to_steps_maps: anyTable
    }),
    extract_config: table({ default_page_views_dpi: integer(1, 1200) }),
    search_config: anyTable,
    inference_config: anyTable
  }),
  temporal: anyTable,
  interpreter: table({
    methods: table({ fetch_on_miss: flag }),
    method_tree_limits: table({ max_files: integer(1), max_total_bytes: integer(1) })
  }),
  run: table({ execution: oneOf("local", "hosted") }),
  runtime: table({ network: anyTable, secrets: anyTable, plugins: anyTable }),
  simulated: anyTable,
  telemetry: anyTable,
  usage_stats: anyTable,
  migration: anyTable
}

/** Every fault of a normalised file. */
export const check = (values: JsonObject): ReadonlyArray<Rules.Fault> => Rules.check([], values, rules)

/** What outer rings obey: reading methods, loading the deck, talking to providers. */
export interface Options {
  readonly excludedDirs: ReadonlySet<string>
  readonly maxFiles: number
  readonly maxTotalBytes: number
  readonly isFallbackEnabled: boolean
  readonly missingPresetsReaction: "raise" | "log" | "none"
  readonly isGraphGenerated: boolean
  readonly isUsageGenerated: boolean
  readonly onItemFailure: "fail" | "collect"
  readonly transportMaxRetries: number
  readonly reaskMaxAttempts: number
  readonly maxPromptImages: number
  readonly effortToLevelMaps: JsonObject
}

const tagStyles = ["xml", "ticks", "square_brackets", "no_tag"] as const
const textFormats = ["plain", "markdown", "html", "json"] as const

const imgGen = (values: JsonObject): ImgGenDefaults => {
  const own = tableAt(values, ["cogt", "img_gen_config", "img_gen_param_defaults"])
  return {
    ...defaults.imgGen,
    ...Read.present({
      nbSteps: Read.number(own, "nb_steps"),
      quality: Read.oneOf(own, "quality", ["low", "medium", "high"]),
      outputFormat: Read.oneOf(own, "output_format", ["png", "jpeg", "webp"]),
      aspectRatio: Read.text(own, "aspect_ratio"),
      guidanceScale: Read.number(own, "guidance_scale"),
      background: Read.oneOf(own, "background", ["transparent", "opaque", "auto"]),
      isModerated: Read.flag(own, "is_moderated"),
      safetyTolerance: Read.number(own, "safety_tolerance"),
      isRaw: Read.flag(own, "is_raw"),
      seed: Read.number(own, "seed") ?? Read.oneOf(own, "seed", ["auto"])
    })
  }
}

const dryRun = (values: JsonObject): DryRunSettings => {
  const own = tableAt(values, ["pipelex", "dry_run_config"])
  return {
    ...defaults.dryRun,
    ...Read.present({
      nbListItems: Read.number(own, "nb_list_items"),
      nbExtractPages: Read.number(own, "nb_extract_pages"),
      textGenTruncateLength: Read.number(own, "text_gen_truncate_length"),
      imageUrls: Read.texts(own, "image_urls"),
      allowedToFailPipes: Read.texts(own, "allowed_to_fail_pipes")
    })
  }
}

/** What a run carries, from the merged layers. */
export const settings = (values: JsonObject): Settings => {
  const execution = tableAt(values, ["pipelex", "pipeline_execution_config"])
  const llmConfig = tableAt(values, ["cogt", "llm_config"])
  const templates = Read.table(llmConfig, "generic_templates")
  const style = Read.table(llmConfig, "default_templating_style")
  return {
    ...defaults,
    ...Read.present({
      maxConcurrency: Read.number(execution, "max_concurrency") ??
        Read.oneOf(execution, "max_concurrency", ["unbounded"]),
      pipeStackLimit: Read.number(tableAt(values, ["pipelex", "pipe_run_config"]), "pipe_stack_limit"),
      structurePrompt: Read.text(templates, "output_structure_prompt"),
      structuringPrompt: Read.text(templates, "structuring_prompt"),
      isStructurePromptEnabled: Read.flag(llmConfig, "is_structure_prompt_enabled"),
      pageViewsDpi: Read.number(tableAt(values, ["cogt", "extract_config"]), "default_page_views_dpi"),
      tagStyle: Read.oneOf(style, "tag_style", tagStyles),
      textFormat: Read.oneOf(style, "text_format", textFormats)
    }),
    imgGen: imgGen(values),
    dryRun: dryRun(values)
  }
}

export const options = (values: JsonObject): Options => {
  const excluded = Read.texts(tableAt(values, ["pipelex", "scan_config"]), "excluded_dirs")
  const limits = tableAt(values, ["interpreter", "method_tree_limits"])
  const deck = tableAt(values, ["cogt", "model_deck_config"])
  const execution = tableAt(values, ["pipelex", "pipeline_execution_config"])
  const llmConfig = tableAt(values, ["cogt", "llm_config"])
  return {
    excludedDirs: excluded === undefined ? MethodTree.defaultExcludedDirs : new Set(excluded),
    maxFiles: Read.number(limits, "max_files") ?? MethodTree.defaultMaxFiles,
    maxTotalBytes: Read.number(limits, "max_total_bytes") ?? MethodTree.defaultMaxTotalBytes,
    isFallbackEnabled: Read.flag(deck, "is_model_fallback_enabled") ?? true,
    missingPresetsReaction: Read.oneOf(deck, "missing_presets_reaction", ["raise", "log", "none"]) ?? "log",
    isGraphGenerated: Read.flag(execution, "is_generate_graph") ?? true,
    isUsageGenerated: Read.flag(execution, "is_generate_usage") ?? true,
    onItemFailure: Read.oneOf(execution, "on_item_failure", ["fail", "collect"]) ?? "fail",
    transportMaxRetries: Read.number(tableAt(values, ["cogt"]), "transport_max_retries") ?? 2,
    reaskMaxAttempts: Read.number(llmConfig, "schema_reask_max_attempts") ?? 3,
    maxPromptImages: Read.number(llmConfig, "default_max_images") ?? 100,
    effortToLevelMaps: Read.table(llmConfig, "effort_to_level_map")
  }
}
