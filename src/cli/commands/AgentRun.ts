import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import type { AgentRunOptions } from "../AgentRun.ts"
import type { Kind } from "../Target.ts"
import * as Flags from "./Flags.ts"

/** `pipelex-agent run`: the line's shape. */
const flags = {
  withMemory: Flags.flag("with-memory", "Write the whole memory: what the next command of a chain reads"),
  format: Flags.oneOf("format", ["json", "markdown"], "How to write the result (default: json)"),
  runner: Flags.oneOf("runner", ["local", "hosted"], "Where to run: local"),
  ...Flags.running
}

const execute = (
  kind: Kind,
  target: string,
  start: string | undefined,
  line: Omit<AgentRunOptions, "kind" | "target" | "pipe">
) =>
  Effect.flatMap(
    Effect.promise(() => import("../AgentRun.ts")),
    ({ run: handler }) => handler({ kind, target, pipe: start, ...line })
  )

const bundle = Command.make(
  "bundle",
  { bundle: Flags.bundle, pipe: Flags.pipe, ...flags },
  ({ bundle: target, pipe: start, ...line }) => execute("bundle", target, start, line)
).pipe(Command.withDescription("Run a .mthds file, or a folder of them"))

const pipe = Command.make(
  "pipe",
  { pipe: Flags.pipeRef, ...flags },
  ({ pipe: target, ...line }) => execute("pipe", target, undefined, line)
).pipe(Command.withDescription("Run a pipe of the library folders"))

const method = Command.make(
  "method",
  { method: Flags.method, pipe: Flags.pipe, ...flags },
  ({ method: target, pipe: start, ...line }) => execute("method", target, start, line)
).pipe(Command.withDescription("Run an installed method, or the method of a folder"))

export const run = Command.make("run").pipe(
  Command.withDescription("Run a method; the content of its main output is the result"),
  Command.withSubcommands([bundle, pipe, method])
)
