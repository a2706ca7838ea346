import { DefaultLogger, type LogEntry, type Logger, type LogLevel, type LogMetadata, Runtime } from "@temporalio/worker"
import type { TemporalOptions } from "../../config/TemporalOptions.ts"
import * as TemporalToml from "../../config/TemporalToml.ts"

/** What the SDK and workflow code log, as lines for whoever started the worker. */
export interface Sink {
  readonly level: LogLevel | undefined
  readonly put: (line: string) => void
}

type Kind = "workflow" | "activity"

const keys: Readonly<Record<Kind, ReadonlyArray<string>>> = {
  workflow: ["workflowId", "runId", "taskQueue"],
  activity: ["activityId", "attempt", "workflowId"]
}

/** Put there by the SDK where an activity could not even start: they hold its job. */
const withheld: ReadonlySet<string> = new Set(["task", "taskEncoded"])

const text = (value: unknown): string => typeof value === "string" ? value : JSON.stringify(value) ?? ""

const kindOf = (meta: LogMetadata): Kind | undefined =>
  meta["activityType"] !== undefined ? "activity" : meta["workflowType"] === undefined ? undefined : "workflow"

/** Of what a line is made: all of what the SDK logs, unless `managed_loggers` names some. */
const isManaged = ({ managedLoggers }: TemporalOptions["log"], component: unknown): boolean =>
  managedLoggers.length === 0 || managedLoggers.some((written) => {
    const name = TemporalToml.loggerOf(written)
    return name === "temporalio" || name === component
  })

/** Why something failed is said however plain a line is. */
const plain = ({ level, message, meta = {} }: Entry): string => {
  const { error } = meta
  const why = error === undefined ? "" : ` (error: ${error instanceof Error ? error.message : text(error)})`
  return `${level} ${message}${why}`
}

type Entry = Pick<LogEntry, "level" | "message" | "meta">

/** `WARN [wf_pipe_router] a message (workflowId: …, runId: …)`: who says it, and what of it `temporal_log_config` asks for. */
export const line = (entry: Entry, log: TemporalOptions["log"]): string => {
  const { level, message, meta = {} } = entry
  if (!log.is_formatter_enabled || !isManaged(log, meta["sdkComponent"])) return plain(entry)
  const kind = kindOf(meta)
  const types = ["workflowType", "activityType"].map((key) => meta[key]).filter((type) => type !== undefined)
  const prefix = log.is_prefix_enabled ? types.map((type) => `[${text(type)}]`).join("") : ""
  const isExtra = kind !== undefined && log[`is_${kind}_info_on_extra`]
  const shown = kind !== undefined && log[`is_full_${kind}_info_on_extra`]
    ? Object.keys(meta).filter((key) => !withheld.has(key))
    : isExtra
    ? keys[kind]
    : []
  const facts = Object.entries(meta).filter(([key]) => key === "error" || shown.includes(key)).map(([key, value]) =>
    `${key}: ${value instanceof Error ? value.message : text(value)}`
  )
  const said = kind !== undefined && log[`is_${kind}_info_on_message`]
    ? `${message} ${text(meta[`${kind}Id`])}`
    : message
  return [level, ...(prefix === "" ? [] : [prefix]), facts.length === 0 ? said : `${said} (${facts.join(", ")})`].join(
    " "
  )
}

/** What the SDK says of its own doings is for whoever looks for a fault in them. */
const own: ReadonlySet<unknown> = new Set(["worker", "core"])

const isOfInterest = ({ level, meta }: LogEntry, most: LogLevel): boolean =>
  level !== "INFO" || most !== "INFO" || !own.has(meta?.["sdkComponent"])

/** What else is asked of the SDK's runtime, of which a process has one. */
export interface Telemetry {
  /** `host:port` where it serves its own metrics. */
  readonly metrics?: string | undefined
  /** Hears every line, also those that are not logged. */
  readonly hear?: ((entry: Pick<LogEntry, "message" | "meta">) => void) | undefined
}

const heard = (logger: Logger, hear: NonNullable<Telemetry["hear"]>): Logger => {
  const at = (level: LogLevel) => (message: string, meta?: LogMetadata) => {
    hear(meta === undefined ? { message } : { message, meta })
    logger.log(level, message, meta)
  }
  return {
    log: (level, message, meta) => at(level)(message, meta),
    trace: at("TRACE"),
    debug: at("DEBUG"),
    info: at("INFO"),
    warn: at("WARN"),
    error: at("ERROR")
  }
}

/**
 * Sets up the SDK for this process, once: whoever did so before is heard. Its own answer to signals is off, since whoever runs a worker
 * decides when it stops.
 */
export const install = ({ level, put }: Sink, log: TemporalOptions["log"], { hear, metrics }: Telemetry = {}): void => {
  const most = level ?? "ERROR"
  const logged = new DefaultLogger(most, (entry) => {
    if (level !== undefined && isOfInterest(entry, most)) put(line(entry, log))
  })
  try {
    Runtime.install({
      logger: hear === undefined ? logged : heard(logged, hear),
      telemetryOptions: {
        logging: { filter: { core: "WARN", other: "WARN" }, forward: {} },
        ...(metrics === undefined ? {} : { metrics: { prometheus: { bindAddress: metrics } } })
      },
      shutdownSignals: []
    })
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "IllegalStateError") throw error
  }
}
