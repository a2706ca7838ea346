import type { JsonObject } from "../concept/Json.ts"
import * as Read from "../source/Read.ts"
import * as Rules from "../source/Rules.ts"
import { tableAt } from "./Document.ts"

/** The keys of `pipelex.toml` about what surrounds a run: where artefacts go, what is reported and logged, what may be fetched. */
const { anyTable, either, flag, integer, number, oneOf, recordOf, table, text, texts } = Rules

const name = text("a text that is not empty", (value) => value.trim() !== "")
const lifespan = either(integer(1, 604_800), oneOf("disabled"))
const logLevels = ["DEV", "VERBOSE", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL", "OFF"] as const
const targets = ["stdout", "stderr", "file"] as const

/** A table that says where files are kept. */
export const storageRule: Rules.Rule = table({
  method: oneOf("local", "in_memory", "s3", "gcp"),
  is_fetch_remote_content_enabled: flag,
  is_upload_local_content_enabled: flag,
  local: table({ uri_format: name, local_storage_path: name }),
  in_memory: table({ uri_format: name }),
  s3: table({
    uri_format: name,
    bucket_name: text(),
    region: text(),
    endpoint: text(),
    prefix: text(),
    signed_urls_lifespan_seconds: lifespan
  }),
  gcp: table({
    uri_format: name,
    bucket_name: text(),
    project_id: text(),
    signed_urls_lifespan_seconds: lifespan
  })
})

/** Keys of logging that files may have, and that mean nothing here: logs are the `Logger`'s. */
const unheard: Rules.Table = {
  is_console_logging_enabled: flag,
  is_caller_info_enabled: flag,
  caller_info_template: text(),
  silenced_problem_ids: texts,
  log_mode: text(),
  poor_loggers: texts,
  generic_poor_logger: text(),
  otlp: anyTable,
  gcp: anyTable
}

/** Where other runtimes put their traces. */
const elsewhere: Rules.Table = { dynamodb: anyTable, temporal_dynamodb: anyTable }

export const pipelexRules: Rules.Table = {
  storage_config: storageRule,
  reporting_config: table({
    is_log_costs_to_console: flag,
    is_generate_cost_report_file_enabled: flag,
    cost_report_dir_path: name,
    cost_report_base_name: name,
    cost_report_extension: name,
    cost_report_unit_scale: number("a number above 0", (value) => value > 0)
  }),
  tracing_config: table({
    is_enabled: flag,
    backend: oneOf("ndjson"),
    ndjson: table({ traces_dir: name }),
    ...elsewhere
  }),
  log_config: table({
    default_log_level: oneOf(...logLevels),
    console_log_target: oneOf(...targets),
    console_print_target: oneOf(...targets),
    json_logs_indent: integer(0),
    presentation_line_width: integer(1),
    sink: oneOf("console", "json", "otlp", "gcp"),
    pretty_print_mode: oneOf("rich", "poor", "silent"),
    redaction: table({ is_enabled: flag, extra_patterns: texts }),
    rich_log_config: anyTable,
    ...unheard,
    package_log_levels: recordOf(oneOf(...logLevels), "a table of packages and log levels")
  }),
  aws_config: anyTable,
  builder_config: anyTable,
  feature_config: anyTable,
  mthds_config: anyTable,
  kit_config: anyTable,
  observer_config: anyTable,
  prompting_config: anyTable
}

export const runtimeRules: Rules.Table = {
  network: table({ is_fetch_ssrf_guard_enabled: flag }),
  secrets: table({ method: oneOf("env") }),
  plugins: table({ disabled: texts }),
  observer: anyTable
}

/** Artefacts of a run. */
export interface StorageOptions {
  readonly method: "local" | "in_memory" | "s3" | "gcp"
  /** Whether what addresses on the web lead to is copied into storage. */
  readonly isRemoteContentFetched: boolean
  /** Whether local files of the inputs are copied into storage. */
  readonly isLocalContentUploaded: boolean
  readonly local: { readonly path: string; readonly uriFormat: string }
  readonly s3: Bucket & { readonly region?: string; readonly endpoint?: string; readonly prefix?: string }
  readonly gcp: Bucket & { readonly projectId?: string }
}

interface Bucket {
  readonly bucket?: string
  readonly uriFormat: string
  readonly signedUrlsLifespanSeconds: number | "disabled"
}

export interface ReportingOptions {
  readonly isCostLoggedToConsole: boolean
  readonly isCostReportWritten: boolean
  readonly directory: string
  readonly baseName: string
  readonly extension: string
  readonly unitScale: number
}

/** What surrounds a run, from the merged layers. */
export interface RuntimeOptions {
  readonly storage: StorageOptions
  readonly reporting: ReportingOptions
  readonly tracing: { readonly isEnabled: boolean; readonly directory: string }
  readonly log: {
    readonly level: typeof logLevels[number]
    readonly target: typeof targets[number]
    readonly sink: "console" | "json" | "otlp" | "gcp"
    readonly isRedacted: boolean
  }
  readonly network: { readonly isFetchGuarded: boolean }
  readonly disabledPlugins: ReadonlyArray<string>
}

const uriFormat = "{hash}.{extension}"
const bucket: Bucket = { uriFormat, signedUrlsLifespanSeconds: 3600 }

/** What holds where no file says otherwise; the packaged `pipelex.toml` says the same. */
export const defaults: RuntimeOptions = {
  storage: {
    method: "local",
    isRemoteContentFetched: true,
    isLocalContentUploaded: true,
    local: { path: ".pipelex/storage", uriFormat },
    s3: bucket,
    gcp: bucket
  },
  reporting: {
    isCostLoggedToConsole: true,
    isCostReportWritten: false,
    directory: "reports",
    baseName: "cost_report",
    extension: "csv",
    unitScale: 1
  },
  tracing: { isEnabled: true, directory: ".pipelex/traces" },
  log: { level: "INFO", target: "stderr", sink: "console", isRedacted: true },
  network: { isFetchGuarded: true },
  disabledPlugins: []
}

const written = (own: JsonObject, key: string): string | undefined => {
  const value = Read.text(own, key)
  return value === undefined || value === "" ? undefined : value
}

const bucketOf = (own: JsonObject): Bucket => ({
  ...bucket,
  ...Read.present({
    bucket: written(own, "bucket_name"),
    uriFormat: Read.text(own, "uri_format"),
    signedUrlsLifespanSeconds: Read.number(own, "signed_urls_lifespan_seconds") ??
      Read.oneOf(own, "signed_urls_lifespan_seconds", ["disabled"])
  })
})

/** A storage as one table describes it; what it does not say is as in `base`. */
export const storage = (own: JsonObject, base: StorageOptions = defaults.storage): StorageOptions => {
  const [local, s3, gcp] = [Read.table(own, "local"), Read.table(own, "s3"), Read.table(own, "gcp")]
  return {
    ...base,
    ...Read.present({
      method: Read.oneOf(own, "method", ["local", "in_memory", "s3", "gcp"]),
      isRemoteContentFetched: Read.flag(own, "is_fetch_remote_content_enabled"),
      isLocalContentUploaded: Read.flag(own, "is_upload_local_content_enabled")
    }),
    local: {
      ...base.local,
      ...Read.present({ path: Read.text(local, "local_storage_path"), uriFormat: Read.text(local, "uri_format") })
    },
    s3: {
      ...bucketOf(s3),
      ...Read.present({
        region: written(s3, "region"),
        endpoint: written(s3, "endpoint"),
        prefix: written(s3, "prefix")
      })
    },
    gcp: { ...bucketOf(gcp), ...Read.present({ projectId: written(gcp, "project_id") }) }
  }
}

const reporting = (own: JsonObject): ReportingOptions => ({
  ...defaults.reporting,
  ...Read.present({
    isCostLoggedToConsole: Read.flag(own, "is_log_costs_to_console"),
    isCostReportWritten: Read.flag(own, "is_generate_cost_report_file_enabled"),
    directory: Read.text(own, "cost_report_dir_path"),
    baseName: Read.text(own, "cost_report_base_name"),
    extension: Read.text(own, "cost_report_extension"),
    unitScale: Read.number(own, "cost_report_unit_scale")
  })
})

/** Reads the merged and normalised layers. */
export const options = (values: JsonObject): RuntimeOptions => {
  const pipelex = tableAt(values, ["pipelex"])
  const runtime = tableAt(values, ["runtime"])
  const tracing = Read.table(pipelex, "tracing_config")
  const log = Read.table(pipelex, "log_config")
  return {
    storage: storage(Read.table(pipelex, "storage_config")),
    reporting: reporting(Read.table(pipelex, "reporting_config")),
    tracing: {
      ...defaults.tracing,
      ...Read.present({
        isEnabled: Read.flag(tracing, "is_enabled"),
        directory: Read.text(Read.table(tracing, "ndjson"), "traces_dir")
      })
    },
    log: {
      ...defaults.log,
      ...Read.present({
        level: Read.oneOf(log, "default_log_level", logLevels),
        target: Read.oneOf(log, "console_log_target", targets),
        sink: Read.oneOf(log, "sink", ["console", "json", "otlp", "gcp"]),
        isRedacted: Read.flag(Read.table(log, "redaction"), "is_enabled")
      })
    },
    network: {
      isFetchGuarded: Read.flag(Read.table(runtime, "network"), "is_fetch_ssrf_guard_enabled") ??
        defaults.network.isFetchGuarded
    },
    disabledPlugins: Read.texts(Read.table(runtime, "plugins"), "disabled") ?? defaults.disabledPlugins
  }
}
