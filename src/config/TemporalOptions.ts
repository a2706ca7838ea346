import type { JsonObject } from "../concept/Json.ts"
import * as Routing from "../program/Routing.ts"
import * as SearchAttributes from "../program/SearchAttributes.ts"
import * as Read from "../source/Read.ts"
import * as RuntimeToml from "./RuntimeToml.ts"
import * as Span from "./Span.ts"
import * as TemporalToml from "./TemporalToml.ts"

/**
 * What `[temporal]` comes to, as plain data. Durations are milliseconds. Texts may hold placeholders still: `TemporalAccess` resolves those
 * of whoever connects.
 */
export interface TemporalOptions {
  /** Whether runs go to a Temporal server where the command line says nothing. */
  readonly isEnabled: boolean
  readonly searchAttributes: {
    readonly enabled: boolean | "auto"
    readonly attributes: ReadonlyArray<SearchAttributes.Name>
  }
  readonly payloadCodec: PayloadCodec
  readonly worker: WorkerOptions
  readonly batch: { readonly granularity: "item" | "shard" | "auto"; readonly shardSize: number }
  readonly routing: Routing.RoutingTable
  /** Activities that a queue hands out in a second, to all of its workers together. */
  readonly queueRates: Readonly<Record<string, number>>
  readonly profiles: Named<Profile>
  readonly scopes: Named<ScopeRules>
  readonly servers: Named<ServerProfile>
  readonly log: Readonly<Record<LogFlag, boolean>> & { readonly managedLoggers: ReadonlyArray<string> }
}

/** Tables by name, and the one that is used where no name is said. */
export interface Named<A> {
  readonly selected: string
  readonly named: Readonly<Record<string, A>>
}

export interface PayloadCodec {
  readonly isEnabled: boolean
  /** Bytes from which a value goes to the storage. */
  readonly sizeThreshold: number
  readonly storagePrefix: string
  readonly storage: RuntimeToml.StorageOptions
  readonly encryption: {
    readonly isEnabled: boolean
    /** What is written is encrypted with this one. */
    readonly keyId: string
    /** Base64 of 32 bytes each, by name; most often placeholders. */
    readonly keys: Readonly<Record<string, string>>
  }
}

export interface WorkerOptions {
  readonly workflowExecutionTimeout: number | "unlimited"
  readonly runTimeout: number | "unlimited"
  readonly taskTimeout: number
  readonly startDelay: number
  readonly rpcTimeout: number
  /** Worker Versioning is on when this is set. */
  readonly deploymentName?: string
}

/** How much one worker process does at once. */
export interface Profile {
  readonly tuningMode: "explicit" | "resource_based"
  readonly maxCachedWorkflows: number
  readonly maxConcurrentWorkflowTasks: number
  readonly maxConcurrentActivities: number
  readonly maxConcurrentLocalActivities: number
  readonly maxConcurrentWorkflowTaskPolls: number
  readonly maxConcurrentActivityTaskPolls: number
  readonly maxActivitiesPerSecond?: number
  readonly stickyQueueScheduleToStartTimeout: number
  readonly maxHeartbeatThrottleInterval: number
  readonly defaultHeartbeatThrottleInterval: number
  readonly gracefulShutdownTimeout: number
}

/** What a worker registers: packs, and what is required, less what is excluded, less what is turned off. */
export interface ScopeRules {
  readonly requiredTasksPacks: ReadonlyArray<string>
  readonly requiredWorkflows: ReadonlyArray<string>
  readonly requiredActivities: ReadonlyArray<string>
  readonly excludedWorkflows: ReadonlyArray<string>
  readonly excludedActivities: ReadonlyArray<string>
  readonly disableAllWorkflows: boolean
  readonly disableAllActivities: boolean
}

export interface ServerProfile {
  readonly description: string
  readonly targetHost: string
  readonly namespace: string
  readonly apiKeyMethod: "none" | "env_var" | "secret_provider"
  /** Name of a variable or of a secret, or a placeholder for the key itself. */
  readonly apiKeyId: string
  /** Absent: on when there is an API key, or a file for TLS. */
  readonly tls?: boolean
  readonly tlsServerName?: string
  readonly tlsCaFile?: string
  readonly tlsCertFile?: string
  readonly tlsKeyFile?: string
}

export type LogFlag = typeof TemporalToml.logFlags[number]

/** For one Node process; what the reference ships is meant for a larger one, and would defeat the recovery after a crash. */
const profile: Profile = {
  tuningMode: "explicit",
  maxCachedWorkflows: 1000,
  maxConcurrentWorkflowTasks: 200,
  maxConcurrentActivities: 200,
  maxConcurrentLocalActivities: 200,
  maxConcurrentWorkflowTaskPolls: 10,
  maxConcurrentActivityTaskPolls: 10,
  stickyQueueScheduleToStartTimeout: 5000,
  maxHeartbeatThrottleInterval: 1500,
  defaultHeartbeatThrottleInterval: 1500,
  gracefulShutdownTimeout: 30_000
}

const scope: ScopeRules = {
  requiredTasksPacks: [],
  requiredWorkflows: [],
  requiredActivities: [],
  excludedWorkflows: [],
  excludedActivities: [],
  disableAllWorkflows: false,
  disableAllActivities: false
}
const everything: ScopeRules = { ...scope, requiredTasksPacks: ["pipe", "crafting"] }
const running = (...requiredActivities: ReadonlyArray<string>): ScopeRules => ({ ...scope, requiredActivities })

const server: ServerProfile = {
  description: "",
  targetHost: "localhost:7233",
  namespace: "default",
  apiKeyMethod: "none",
  apiKeyId: ""
}

const logFlags: Readonly<Record<LogFlag, boolean>> = {
  is_workflow_info_on_message: false,
  is_workflow_info_on_extra: true,
  is_full_workflow_info_on_extra: false,
  is_activity_info_on_message: false,
  is_activity_info_on_extra: true,
  is_full_activity_info_on_extra: false,
  is_formatter_enabled: true,
  is_prefix_enabled: true,
  is_dispatch_resolution_traced: false
}

/** What holds where no file says otherwise. */
export const defaults: TemporalOptions = {
  isEnabled: false,
  searchAttributes: {
    enabled: "auto",
    attributes: ["PipeCode", "PipelineRunId", "SessionId", "UserId", "DomainCode"]
  },
  payloadCodec: {
    isEnabled: true,
    sizeThreshold: 65_536,
    storagePrefix: "temporal-payloads/",
    storage: {
      ...RuntimeToml.defaults.storage,
      local: { path: ".pipelex/temporal-payload-store", uriFormat: "{hash}" }
    },
    encryption: { isEnabled: false, keyId: "", keys: {} }
  },
  worker: {
    workflowExecutionTimeout: "unlimited",
    runTimeout: "unlimited",
    taskTimeout: 10_000,
    startDelay: 0,
    rpcTimeout: 3_600_000
  },
  batch: { granularity: "auto", shardSize: 200 },
  routing: Routing.defaults,
  queueRates: {},
  profiles: { selected: "default", named: { default: profile } },
  scopes: {
    selected: "full",
    named: {
      full: everything,
      router: { ...everything, disableAllActivities: true },
      runner: { ...everything, disableAllWorkflows: true },
      "runner-llm": running("act_llm_gen_text", "act_llm_gen_object", "act_llm_gen_object_list"),
      "runner-img-gen": running("act_img_gen_images", "act_render_page_views"),
      "runner-extract": running("act_extract_gen_extract_pages", "act_render_page_views"),
      "runner-jinja2": running("act_jinja2_gen_text"),
      "runner-search": running("act_search_gen_sourced_answer", "act_search_gen_structured")
    }
  },
  servers: {
    selected: "local",
    named: {
      local: { ...server, description: "default localhost" },
      testing: {
        description: "Temporal server for testing",
        targetHost: "${TESTING_TEMPORAL_TARGET_HOST}",
        namespace: "${TESTING_TEMPORAL_NAMESPACE}",
        apiKeyMethod: "secret_provider",
        apiKeyId: "${TESTING_TEMPORAL_MAIN_API_KEY}"
      }
    }
  },
  log: { ...logFlags, managedLoggers: [] }
}

const span = (own: JsonObject, key: string): number | undefined => {
  const written = Read.text(own, key)
  return written === undefined ? undefined : Span.parse(written)
}

const limit = (own: JsonObject, key: string): number | "unlimited" | undefined =>
  Read.oneOf(own, key, ["unlimited"]) ?? span(own, key)

const mapped = <A>(tables: Readonly<Record<string, JsonObject>>, read: (own: JsonObject, key: string) => A) =>
  Object.fromEntries(Object.entries(tables).map(([key, own]) => [key, read(own, key)]))

/** The tables that a file has, over those of the same name that there are anyway, else over `base`. */
const named = <A>(
  known: Readonly<Record<string, A>>,
  base: A,
  written: JsonObject,
  read: (own: JsonObject) => Partial<A>
) => ({
  ...known,
  ...mapped(
    Read.recordOfTables(written),
    (own, key): A => ({ ...(Object.hasOwn(known, key) ? known[key] ?? base : base), ...read(own) })
  )
})

const retry = (own: JsonObject, names: string): Partial<Routing.RetryOptions> =>
  Read.present({
    initialInterval: span(own, "initial_interval"),
    backoffCoefficient: Read.number(own, "backoff_coefficient"),
    maximumInterval: limit(own, "maximum_interval"),
    maximumAttempts: Read.number(own, "maximum_attempts") ?? Read.oneOf(own, "maximum_attempts", ["unlimited"]),
    nonRetryableErrorTypes: Read.texts(own, names)
  })

const handleOptions = (own: JsonObject): Routing.HandleOptions => {
  const policy = retry(Read.table(own, "retry_policy_config"), "non_retryable_error_types_extra")
  return Read.present({
    startToCloseTimeout: span(own, "start_to_close_timeout"),
    retry: Object.keys(policy).length === 0 ? undefined : policy
  })
}

const queueOptions = (own: JsonObject): Routing.DispatchOptions => ({
  ...handleOptions(own),
  ...Read.present({
    scheduleToCloseTimeout: span(own, "schedule_to_close_timeout"),
    scheduleToStartTimeout: span(own, "schedule_to_start_timeout"),
    heartbeatTimeout: span(own, "heartbeat_timeout")
  })
})

const route = (own: JsonObject): Routing.Route => ({
  ...Read.present({ default: Read.text(own, "default") }),
  byHandle: Read.recordOfTexts(Read.table(own, "by_handle")),
  handleOptions: mapped(Read.recordOfTables(Read.table(own, "handle_options")), handleOptions)
})

const routing = (section: JsonObject): Routing.RoutingTable => {
  const worker = Read.table(section, "worker_config")
  const { baseline, defaultQueue } = Routing.defaults
  const queues = Read.recordOfTables(Read.table(section, "queue_options"))
  const routed = Read.recordOfTables(Read.table(section, "activity_queues"))
  const log = Read.table(Read.table(section, "temporal_config"), "temporal_log_config")
  const isTraced = Read.flag(log, "is_dispatch_resolution_traced") ?? logFlags.is_dispatch_resolution_traced
  return {
    defaultQueue: Read.text(worker, "default_task_queue") ?? defaultQueue,
    ...(isTraced ? { isTraced } : {}),
    baseline: {
      ...baseline,
      ...Read.present({
        startToCloseTimeout: span(worker, "default_activity_start_to_close_timeout"),
        heartbeatTimeout: span(worker, "default_activity_heartbeat_timeout")
      }),
      retry: { ...baseline.retry, ...retry(Read.table(worker, "retry_policy_config"), "non_retryable_error_types") }
    },
    activities: mapped(
      Object.fromEntries(Object.entries(routed).filter(([name]) => TemporalToml.leafNames.includes(name))),
      route
    ),
    queues: mapped(queues, queueOptions)
  }
}

const profileOf = (own: JsonObject): Partial<Profile> =>
  Read.present({
    tuningMode: Read.oneOf(own, "tuning_mode", ["explicit", "resource_based"]),
    maxCachedWorkflows: Read.number(own, "max_cached_workflows"),
    maxConcurrentWorkflowTasks: Read.number(own, "max_concurrent_workflow_tasks"),
    maxConcurrentActivities: Read.number(own, "max_concurrent_activities"),
    maxConcurrentLocalActivities: Read.number(own, "max_concurrent_local_activities"),
    maxConcurrentWorkflowTaskPolls: Read.number(own, "max_concurrent_workflow_task_polls"),
    maxConcurrentActivityTaskPolls: Read.number(own, "max_concurrent_activity_task_polls"),
    maxActivitiesPerSecond: Read.number(own, "max_activities_per_second"),
    stickyQueueScheduleToStartTimeout: span(own, "sticky_queue_schedule_to_start_timeout"),
    maxHeartbeatThrottleInterval: span(own, "max_heartbeat_throttle_interval"),
    defaultHeartbeatThrottleInterval: span(own, "default_heartbeat_throttle_interval"),
    gracefulShutdownTimeout: span(own, "graceful_shutdown_timeout")
  })

const scopeOf = (own: JsonObject): Partial<ScopeRules> =>
  Read.present({
    requiredTasksPacks: Read.texts(own, "required_tasks_packs"),
    requiredWorkflows: Read.texts(own, "required_workflows"),
    requiredActivities: Read.texts(own, "required_activities"),
    excludedWorkflows: Read.texts(own, "excluded_workflows"),
    excludedActivities: Read.texts(own, "excluded_activities"),
    disableAllWorkflows: Read.flag(own, "disable_all_workflows"),
    disableAllActivities: Read.flag(own, "disable_all_activities")
  })

const written = (own: JsonObject, key: string): string | undefined => {
  const value = Read.text(own, key)
  return value === undefined || value.trim() === "" ? undefined : value
}

const serverOf = (own: JsonObject): Partial<ServerProfile> =>
  Read.present({
    description: Read.text(own, "description"),
    targetHost: Read.text(own, "target_host"),
    namespace: Read.text(own, "namespace"),
    apiKeyMethod: Read.oneOf(own, "api_key_method", ["none", "env_var", "secret_provider"]),
    apiKeyId: Read.text(own, "api_key_id"),
    tls: Read.flag(own, "tls"),
    tlsServerName: written(own, "tls_server_name"),
    tlsCaFile: written(own, "tls_ca_file"),
    tlsCertFile: written(own, "tls_cert_file"),
    tlsKeyFile: written(own, "tls_key_file")
  })

const payloadCodec = (own: JsonObject): PayloadCodec => {
  const encryption = Read.table(own, "encryption")
  const base = defaults.payloadCodec
  return {
    ...base,
    ...Read.present({
      isEnabled: Read.flag(own, "is_enabled"),
      sizeThreshold: Read.number(own, "size_threshold"),
      storagePrefix: Read.text(own, "storage_prefix")
    }),
    storage: RuntimeToml.storage(Read.table(own, "storage_provider_config"), base.storage),
    encryption: {
      ...base.encryption,
      ...Read.present({ isEnabled: Read.flag(encryption, "is_enabled"), keyId: Read.text(encryption, "key_id") }),
      keys: Read.recordOfTexts(Read.table(encryption, "keys"))
    }
  }
}

/** Reads the merged layers. */
export const options = (values: JsonObject): TemporalOptions => {
  const section = Read.table(values, "temporal")
  const attributes = Read.table(section, "search_attributes")
  const worker = Read.table(section, "worker_config")
  const batch = Read.table(section, "batch")
  const profiles = Read.table(section, "worker_runtime_profiles")
  const scopes = Read.table(section, "worker_scopes")
  const config = Read.table(section, "temporal_config")
  const log = Read.table(config, "temporal_log_config")
  const listed = Read.texts(attributes, "attributes")
  return {
    isEnabled: Read.flag(section, "is_enabled") ?? defaults.isEnabled,
    searchAttributes: {
      enabled: Read.flag(attributes, "enabled") ?? defaults.searchAttributes.enabled,
      attributes: listed === undefined
        ? defaults.searchAttributes.attributes
        : SearchAttributes.names.filter((each) => listed.includes(each))
    },
    payloadCodec: payloadCodec(Read.table(section, "payload_codec_config")),
    worker: {
      ...defaults.worker,
      ...Read.present({
        workflowExecutionTimeout: limit(worker, "workflow_execution_timeout"),
        runTimeout: limit(worker, "run_timeout"),
        taskTimeout: span(worker, "task_timeout"),
        startDelay: span(worker, "start_delay"),
        rpcTimeout: span(worker, "rpc_timeout"),
        deploymentName: Read.text(worker, "deployment_name")
      })
    },
    batch: {
      ...defaults.batch,
      ...Read.present({
        granularity: Read.oneOf(batch, "granularity", ["item", "shard", "auto"]),
        shardSize: Read.number(batch, "shard_size")
      })
    },
    routing: routing(section),
    queueRates: Object.fromEntries(
      Object.entries(Read.recordOfTables(Read.table(section, "queue_options"))).flatMap(([queue, own]) => {
        const rate = Read.number(own, "max_task_queue_activities_per_second")
        return rate === undefined ? [] : [[queue, rate] as const]
      })
    ),
    profiles: {
      selected: Read.text(profiles, "default_profile") ?? defaults.profiles.selected,
      named: named(defaults.profiles.named, profile, Read.table(profiles, "profiles"), profileOf)
    },
    scopes: {
      selected: Read.text(scopes, "default_scope") ?? defaults.scopes.selected,
      named: named(defaults.scopes.named, scope, Read.table(scopes, "scopes"), scopeOf)
    },
    servers: {
      selected: Read.text(config, "selected_server") ?? defaults.servers.selected,
      named: named(defaults.servers.named, server, Read.table(config, "temporal_server_configs"), serverOf)
    },
    log: {
      ...logFlags,
      ...Object.fromEntries(
        TemporalToml.logFlags.flatMap((key) => {
          const value = Read.flag(log, key)
          return value === undefined ? [] : [[key, value] as const]
        })
      ),
      managedLoggers: Read.texts(log, "managed_loggers") ?? []
    }
  }
}
