import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import type { RunOptions } from "../RunMethod.ts"
import type { Kind } from "../Target.ts"
import * as Flags from "./Flags.ts"

/** `pipelex run`: the line's shape. What it does is in `RunMethod`, loaded when it is asked for. */
const flags = {
  saveWorkingMemory: Flags.onFlag("save-working-memory", "Write working_memory.json (default: yes)"),
  workingMemoryPath: Flags.text("working-memory-path", "Another path for working_memory.json"),
  saveMainStuff: Flags.onFlag("save-main-stuff", "Write the main output (default: yes)"),
  saveCsv: Flags.text("save-csv", "Write the main output, a list of flat objects, as CSV to this path"),
  prettyPrint: Flags.onFlag("pretty-print", "Show the main output (default: yes)"),
  graphFullData: Flags.flag("graph-full-data", "Keep contents in the graph"),
  graphNoData: Flags.flag("graph-no-data", "Keep contents out of the graph"),
  verbose: Flags.flag("verbose", "Show the output of every step", "v"),
  ...Flags.running
}

const execute = (
  kind: Kind,
  target: string,
  start: string | undefined,
  line: Omit<RunOptions, "kind" | "target" | "pipe">
) =>
  Effect.flatMap(
    Effect.promise(() => import("../RunMethod.ts")),
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
  Command.withDescription("Run a method"),
  Command.withSubcommands([bundle, pipe, method])
)
