import type { JsonObject } from "../concept/Json.ts"
import { aspectRatios, defaults, type DryRunSettings, type ImgGenDefaults, type Settings } from "../program/Settings.ts"
import * as MethodTree from "../source/MethodTree.ts"
import * as Read from "../source/Read.ts"
import * as Rules from "../source/Rules.ts"
import type { InferenceOptions } from "./Connection.ts"
import { tableAt } from "./Document.ts"
import * as GraphToml from "./GraphToml.ts"
import * as InferenceToml from "./InferenceToml.ts"
import * as RuntimeToml from "./RuntimeToml.ts"
import * as SimulatedToml from "./SimulatedToml.ts"
import * as TemporalOptions from "./TemporalOptions.ts"
import * as TemporalToml from "./TemporalToml.ts"

/**
 * `pipelex.toml`: which keys there are, and what they come to. A key that no version knows is a fault; a section whose inside is not
 * described here is taken as it is, when it is a table.
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
  graph_config: GraphToml.rule
})

const llm = table({
  ...InferenceToml.llmRules,
  is_structure_prompt_enabled: flag,
  default_templating_style: table({
    tag_style: oneOf("xml", "ticks", "square_brackets", "no_tag"),
    text_format: oneOf("plain", "markdown", "html", "json")
  }),
  generic_templates: table({ output_structure_prompt: text(), structuring_prompt: text() })
})

const rules: Rules.Table = {
  pipelex: table({
    ...RuntimeToml.pipelexRules,
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
    ...InferenceToml.cogtRules,
    llm_config: llm,
    img_gen_config: table({
      img_gen_job_config: anyTable,
      img_gen_param_defaults: imgGenDefaults,
      quality_to_steps_maps: InferenceToml.stepMaps
    }),
    extract_config: table({ default_page_views_dpi: integer(1, 1200) })
  }),
  temporal: TemporalToml.rule(RuntimeToml.storageRule),
  interpreter: table({
    methods: table({ fetch_on_miss: flag }),
    mthds: anyTable,
    pipe_func: anyTable,
    method_tree_limits: table({ max_files: integer(1), max_total_bytes: integer(1) })
  }),
  run: table({ execution: oneOf("local", "hosted") }),
  runtime: table(RuntimeToml.runtimeRules),
  simulated: SimulatedToml.rule,
  telemetry: anyTable,
  kit: anyTable,
  usage_stats: anyTable,
  migration: anyTable
}

/** Every fault of a normalised file. */
export const check = (values: JsonObject): ReadonlyArray<Rules.Fault> => Rules.check([], values, rules)

/** What outer rings obey: reading methods, loading the deck, talking to providers. */
export interface Options extends RuntimeToml.RuntimeOptions {
  readonly excludedDirs: ReadonlySet<string>
  readonly maxFiles: number
  readonly maxTotalBytes: number
  readonly isFallbackEnabled: boolean
  readonly missingPresetsReaction: "raise" | "log" | "none"
  readonly isGraphGenerated: boolean
  readonly isUsageGenerated: boolean
  readonly inference: InferenceOptions
  /** How the stand-in for models behaves. */
  readonly simulated: SimulatedToml.SimulatedOptions
  readonly temporal: TemporalOptions.TemporalOptions
  /** Of one prompt, where neither the model nor anything else says. */
  readonly maxPromptImages: number
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
      onItemFailure: Read.oneOf(execution, "on_item_failure", ["fail", "collect"]),
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

/** How this machine calls providers. */
export const inference: (values: JsonObject) => InferenceOptions = InferenceToml.options

export const options = (values: JsonObject): Options => {
  const excluded = Read.texts(tableAt(values, ["pipelex", "scan_config"]), "excluded_dirs")
  const limits = tableAt(values, ["interpreter", "method_tree_limits"])
  const deck = tableAt(values, ["cogt", "model_deck_config"])
  const execution = tableAt(values, ["pipelex", "pipeline_execution_config"])
  const llmConfig = tableAt(values, ["cogt", "llm_config"])
  return {
    ...RuntimeToml.options(values),
    inference: inference(values),
    simulated: SimulatedToml.options(values),
    temporal: TemporalOptions.options(values),
    excludedDirs: excluded === undefined ? MethodTree.defaultExcludedDirs : new Set(excluded),
    maxFiles: Read.number(limits, "max_files") ?? MethodTree.defaultMaxFiles,
    maxTotalBytes: Read.number(limits, "max_total_bytes") ?? MethodTree.defaultMaxTotalBytes,
    isFallbackEnabled: Read.flag(deck, "is_model_fallback_enabled") ?? true,
    missingPresetsReaction: Read.oneOf(deck, "missing_presets_reaction", ["raise", "log", "none"]) ?? "log",
    isGraphGenerated: Read.flag(execution, "is_generate_graph") ?? true,
    isUsageGenerated: Read.flag(execution, "is_generate_usage") ?? true,
    maxPromptImages: Read.number(llmConfig, "default_max_images") ?? 100
  }
}
