import * as Effect from "effect/Effect"
import type * as LogLevel from "effect/LogLevel"
import * as References from "effect/References"
import type { RuntimeOptions } from "../config/RuntimeToml.ts"
import { Streams } from "./Streams.ts"

/** How much is logged on stderr: what `[pipelex.log_config]` says to people, and nothing to programs, who read one document there. */
const levels: Readonly<Record<RuntimeOptions["log"]["level"], LogLevel.LogLevel>> = {
  DEV: "Trace",
  VERBOSE: "Trace",
  DEBUG: "Debug",
  INFO: "Info",
  WARNING: "Warn",
  ERROR: "Error",
  CRITICAL: "Fatal",
  OFF: "None"
}

/** Runs with the level that the configuration names. */
export const obeying = ({ level }: RuntimeOptions["log"]) => <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.flatMap(
    Streams,
    ({ audience: { reader } }) =>
      Effect.provideService(effect, References.MinimumLogLevel, reader === "program" ? "None" : levels[level])
  )
