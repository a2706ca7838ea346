import { DefaultLogger, type LogEntry, type LogLevel, type LogMetadata, Runtime } from "@temporalio/worker"
import type { TemporalOptions } from "../../config/TemporalOptions.ts"

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

/** `WARN [wf_pipe_router] a message (workflowId: …, runId: …)`: who says it, and what of it `temporal_log_config` asks for. */
export const line = (
  { level, message, meta = {} }: Pick<LogEntry, "level" | "message" | "meta">,
  log: TemporalOptions["log"]
): string => {
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

/**
 * Sets up the SDK for this process, once: whoever did so before is heard. Its own answer to signals is off, since whoever runs a worker
 * decides when it stops.
 */
export const install = ({ level, put }: Sink, log: TemporalOptions["log"]): void => {
  const most = level ?? "ERROR"
  try {
    Runtime.install({
      logger: new DefaultLogger(most, (entry) => {
        if (level !== undefined && isOfInterest(entry, most)) put(line(entry, log))
      }),
      telemetryOptions: { logging: { filter: { core: "WARN", other: "WARN" }, forward: {} } },
      shutdownSignals: []
    })
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "IllegalStateError") throw error
  }
}
