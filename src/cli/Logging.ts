import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import type { RuntimeOptions } from "../config/RuntimeToml.ts"

/**
 * Where a run's log goes: lines on stderr with the secrets blanked, in the form that `[pipelex.log_config]` asks for. Stdout belongs to
 * results. How much is logged is for `LogLevels`.
 */
export type Options = Pick<RuntimeOptions["log"], "sink" | "isRedacted">

/** The way out of the log. */
export interface Sink {
  /** Blanks every secret of the configuration. */
  readonly scrub: (text: string) => string
  readonly put: (line: string) => void
}

type Entry = ReturnType<typeof Logger.formatStructured.log>

const written = (value: unknown): string => typeof value === "string" ? value : JSON.stringify(value)

/** `WARN a model setting was not followed (model: gpt-5, warning: …)`. */
const line = ({ annotations, cause, level, message }: Entry): string => {
  const said = Array.isArray(message) ? message.map(written).join(" ") : written(message)
  const facts = Object.entries(annotations).map(([name, value]) => `${name}: ${written(value)}`)
  const shown = facts.length === 0 ? said : `${said} (${facts.join(", ")})`
  return [`${level} ${shown}`, ...(cause === undefined ? [] : [cause])].join("\n")
}

/** Whatever collects logs reads a document per line. */
const form = (sink: Options["sink"]): (entry: Entry) => string => sink === "console" ? line : JSON.stringify

/** Runs with its log written there. */
export const to = ({ isRedacted, sink }: Options, { put, scrub }: Sink) => {
  const write = form(sink)
  const logger = Logger.map(Logger.formatStructured, (entry) => put(isRedacted ? scrub(write(entry)) : write(entry)))
  return Effect.provide(Logger.layer([logger]))
}
