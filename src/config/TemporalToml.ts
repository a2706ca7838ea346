import { isObject, type JsonObject } from "../concept/Json.ts"
import type { LeafName } from "../program/Leaves.ts"
import * as Read from "../source/Read.ts"
import * as Rules from "../source/Rules.ts"
import { type Fault, tableAt } from "./Document.ts"
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

/** Of the reference; what they do is done without an activity here. */
export const idleActivities = [
  "act_jinja2_gen_text",
  "act_assemble_tracing",
  "act_deliver",
  "act_dry_validate",
  "act_flush_trace_events"
] as const

/** What a workflow can be found by. */
export const attributeNames = [
  "PipeCode",
  "PipelineRunId",
  "SessionId",
  "UserId",
  "DomainCode",
  "FailureCategory",
  "MethodRef"
] as const

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
    search_attributes: table({ enabled: either(flag, oneOf("auto")), attributes: Rules.listOf(...attributeNames) }),
    payload_codec_config: table({
      is_enabled: flag,
      size_threshold: integer(1),
      storage_prefix: name,
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
      deployment_name: name,
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

/** What is odd and harms nothing. */
export const notices = (values: JsonObject): ReadonlyArray<string> => {
  const routed = tableAt(values, ["temporal", "activity_queues"])
  return idleActivities.filter((each) => Object.hasOwn(routed, each)).map((each) =>
    `[temporal.activity_queues.${each}]: nothing here runs as "${each}", so that queue gets nothing from it`
  )
}
