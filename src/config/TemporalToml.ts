import { isObject, type JsonObject } from "../concept/Json.ts"
import type { LeafName } from "../program/Leaves.ts"
import * as SearchAttributes from "../program/SearchAttributes.ts"
import * as Read from "../source/Read.ts"
import * as Rules from "../source/Rules.ts"
import { at, type Fault, tableAt } from "./Document.ts"
import * as Placeholder from "./Placeholder.ts"
import * as Span from "./Span.ts"

/**
 * `[temporal]` of `pipelex.toml`: which keys there are, and what contradicts what. What they come to is in `TemporalOptions`. The names are
 * those of the reference's last open version; two later spellings of places are read too.
 */
const { either, flag, integer, number, oneOf, table, tableOf, text, texts } = Rules

/** Activities that a queue can be given to. Typed, so that a leaf that is added must be added here. */
const leaves: Readonly<Record<LeafName, true>> = {
  act_llm_gen_text: true,
  act_llm_gen_object: true,
  act_llm_gen_object_list: true,
  act_img_gen_images: true,
  act_extract_gen_extract_pages: true,
  act_render_page_views: true,
  act_search_gen_sourced_answer: true,
  act_search_gen_structured: true,
  act_func: true
}

export const leafNames: ReadonlyArray<string> = Object.keys(leaves)

export const isLeafName = (name: string): name is LeafName => Object.hasOwn(leaves, name)

/** Of the reference; what they do is done without an activity here. */
export const idleActivities = [
  "act_jinja2_gen_text",
  "act_assemble_tracing",
  "act_deliver",
  "act_dry_validate",
  "act_flush_trace_events"
] as const

/** What a worker may run, by the names that scopes use. The one of the reference's that does nothing here comes last. */
export const packNames = ["pipe", "crafting"] as const
export const workflowNames = ["wf_pipe_run", "wf_pipe_router", "wf_pipe_shard", "wf_dry_validate"] as const

export const logFlags = [
  "is_workflow_info_on_message",
  "is_workflow_info_on_extra",
  "is_full_workflow_info_on_extra",
  "is_activity_info_on_message",
  "is_activity_info_on_extra",
  "is_full_activity_info_on_extra",
  "is_formatter_enabled",
  "is_prefix_enabled",
  "is_dispatch_resolution_traced"
] as const

const placed = text(
  "a text whose placeholders are ${NAME}, ${env:NAME}, ${secret:NAME}, or several with | between them",
  (value) => Placeholder.problem(value) === undefined
)
const name = text(
  "a text that is not empty",
  (value) => value.trim() !== "" && Placeholder.problem(value) === undefined
)
/** A server refuses a poll for another one, and the worker would wait for ever. */
const deployment = text(
  "a name without \":\" and \".\"",
  (value) => value.trim() !== "" && !/[:.]/.test(Placeholder.isIn(value) ? "" : value)
)
/** Segments of keys, as every kind of store takes them. */
const prefix = text(
  "names of letters, digits, \"_\", \"-\" and \".\" with a slash after each",
  (value) =>
    Placeholder.isIn(value)
      ? Placeholder.problem(value) === undefined
      : value.replace(/\/$/, "").split("/").every((part) => /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(part))
)
const above0 = number("a number above 0", (value) => value > 0)
const flags = (...keys: ReadonlyArray<string>) => Object.fromEntries(keys.map((key) => [key, flag]))
const unlimited = oneOf("unlimited")

const scalars = {
  initial_interval: Span.rule,
  backoff_coefficient: number("a number of at least 1", (value) => value >= 1),
  maximum_interval: either(Span.rule, unlimited),
  maximum_attempts: either(integer(1), unlimited)
}
const overlay = table({ ...scalars, non_retryable_error_types_extra: texts })

const route = table({
  default: name,
  by_handle: tableOf(name),
  handle_options: tableOf(table({ start_to_close_timeout: Span.rule, retry_policy_config: overlay }))
})
const activityQueues = table(Object.fromEntries([...leafNames, ...idleActivities].map((each) => [each, route])))

const queueOptions = tableOf(table({
  start_to_close_timeout: Span.rule,
  schedule_to_close_timeout: Span.rule,
  schedule_to_start_timeout: Span.rule,
  heartbeat_timeout: Span.rule,
  retry_policy_config: overlay,
  max_task_queue_activities_per_second: above0
}))

const profile = table({
  tuning_mode: oneOf("explicit", "resource_based"),
  max_cached_workflows: integer(0),
  max_concurrent_workflow_tasks: integer(1),
  max_concurrent_activities: integer(0),
  max_concurrent_local_activities: integer(0),
  max_concurrent_workflow_task_polls: integer(1),
  max_concurrent_activity_task_polls: integer(1),
  max_activities_per_second: above0,
  sticky_queue_schedule_to_start_timeout: Span.rule,
  max_heartbeat_throttle_interval: Span.rule,
  default_heartbeat_throttle_interval: Span.rule,
  graceful_shutdown_timeout: Span.ruleFromZero
})

const scope = table({
  required_tasks_packs: texts,
  required_workflows: texts,
  required_activities: texts,
  excluded_workflows: texts,
  excluded_activities: texts,
  ...flags("disable_all_workflows", "disable_all_activities")
})

const server = table({
  description: placed,
  target_host: name,
  namespace: name,
  api_key_method: oneOf("none", "env_var", "secret_provider"),
  api_key_id: placed,
  tls: flag,
  tls_server_name: placed,
  tls_ca_file: placed,
  tls_cert_file: placed,
  tls_key_file: placed
})

/** The section, with the table that says where payloads that are too large go: a storage like that of artefacts. */
export const rule = (storage: Rules.Rule): Rules.Rule =>
  table({
    is_enabled: flag,
    search_attributes: table({
      enabled: either(flag, oneOf("auto")),
      attributes: Rules.listOf(...SearchAttributes.names)
    }),
    payload_codec_config: table({
      is_enabled: flag,
      size_threshold: integer(1),
      storage_prefix: prefix,
      storage_provider_config: storage,
      encryption: table({ is_enabled: flag, key_id: placed, keys: tableOf(placed) })
    }),
    worker_config: table({
      default_task_queue: name,
      workflow_execution_timeout: either(Span.rule, unlimited),
      run_timeout: either(Span.rule, unlimited),
      task_timeout: Span.rule,
      start_delay: Span.ruleFromZero,
      rpc_timeout: Span.rule,
      default_activity_start_to_close_timeout: Span.rule,
      default_activity_heartbeat_timeout: Span.rule,
      deployment_name: deployment,
      retry_policy_config: table({ ...scalars, non_retryable_error_types: texts })
    }),
    batch: table({ granularity: oneOf("item", "shard", "auto"), shard_size: integer(1) }),
    activity_queues: activityQueues,
    queue_options: queueOptions,
    worker_runtime_profiles: table({ default_profile: name, profiles: tableOf(profile) }),
    worker_scopes: table({ default_scope: name, scopes: tableOf(scope) }),
    temporal_config: table({
      selected_server: name,
      temporal_server_configs: tableOf(server),
      temporal_log_config: table({ ...flags(...logFlags), managed_loggers: texts })
    })
  })

/** Older places and names → where they are read. */
export const spellings: ReadonlyArray<readonly [written: string, canonical: string]> = [
  ["temporal.worker_config.activity_queues", "temporal.activity_queues"],
  ["temporal.worker_config.task_queue", "temporal.worker_config.default_task_queue"]
]

/** A file that has one table in both of its places: nobody could say which of them holds. */
export const bothPlaces = (written: JsonObject): ReadonlyArray<Fault> => {
  const section = Read.table(written, "temporal")
  const isTwice = isObject(section["activity_queues"]) &&
    isObject(Read.table(section, "worker_config")["activity_queues"])
  return isTwice
    ? [{
      path: ["temporal", "worker_config", "activity_queues"],
      message: "\"activity_queues\" is in [temporal] and in [temporal.worker_config]; keep it in [temporal]"
    }]
    : []
}

/** What a server makes of a longer one. */
const longestTask = 120_000

/** Keys that are taken for the sake of files that have them, and that decide nothing here. */
const idle: ReadonlyArray<readonly [path: string, why: string]> = [
  ["payload_codec_config.storage_provider_config.is_fetch_remote_content_enabled", "payloads are no addresses"],
  ["payload_codec_config.storage_provider_config.is_upload_local_content_enabled", "payloads are no files"],
  ["payload_codec_config.storage_provider_config.s3.signed_urls_lifespan_seconds", "payloads have no addresses"],
  ["payload_codec_config.storage_provider_config.gcp.signed_urls_lifespan_seconds", "payloads have no addresses"]
]
const stores = ["local", "in_memory", "s3", "gcp"]

const idleKeys = (section: JsonObject): ReadonlyArray<string> =>
  idle.filter(([path]) => at(section, path.split(".")) !== undefined).map(([path, why]) =>
    `[temporal] ${path} decides nothing here: ${why}`
  )

/** A payload is kept under its hash, whatever the format says. */
const formats = (section: JsonObject): ReadonlyArray<string> =>
  stores.flatMap((store) => {
    const path = ["payload_codec_config", "storage_provider_config", store, "uri_format"]
    const written = at(section, path)
    return written === undefined || written === "{hash}"
      ? []
      : [`[temporal] ${path.join(".")} decides nothing here: a payload is kept under "{hash}"`]
  })

const localActivities = (section: JsonObject): ReadonlyArray<string> =>
  Object.entries(Read.recordOfTables(tableAt(section, ["worker_runtime_profiles", "profiles"]))).flatMap(([key, own]) =>
    Object.hasOwn(own, "max_concurrent_local_activities")
      ? [
        `[temporal.worker_runtime_profiles.profiles.${key}]: max_concurrent_local_activities bounds nothing, for no activity is local`
      ]
      : []
  )

/** The SDK's loggers, by which the lines of a worker are told apart. */
export const loggers = ["workflow", "activity", "worker", "core"] as const

/** `temporalio.workflow` and `workflow` are the same. */
export const loggerOf = (written: string): string => written.replace(/^temporalio\./, "")

const unknownLoggers = (section: JsonObject): ReadonlyArray<string> =>
  (Read.texts(tableAt(section, ["temporal_config", "temporal_log_config"]), "managed_loggers") ?? []).filter((
    written
  ) => written !== "temporalio" && !loggers.some((known) => known === loggerOf(written))).map((written) =>
    `[temporal] managed_loggers: nothing here logs as "${written}"; there is ${loggers.join(", ")}`
  )

const longTasks = (section: JsonObject): ReadonlyArray<string> => {
  const written = Read.text(Read.table(section, "worker_config"), "task_timeout") ?? ""
  return (Span.parse(written) ?? 0) > longestTask
    ? ["[temporal.worker_config]: a server takes two minutes for a task_timeout that is longer"]
    : []
}

const idleRoutes = (section: JsonObject): ReadonlyArray<string> => {
  const routed = Read.table(section, "activity_queues")
  return idleActivities.filter((each) => Object.hasOwn(routed, each)).map((each) =>
    `[temporal.activity_queues.${each}]: nothing here runs as "${each}", so that queue gets nothing from it`
  )
}

/** What is odd and harms nothing. */
export const notices = (values: JsonObject): ReadonlyArray<string> => {
  const section = Read.table(values, "temporal")
  return [idleRoutes, idleKeys, formats, localActivities, unknownLoggers, longTasks].flatMap((told) => told(section))
}
