import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import type { RunOptions } from "../RunMethod.ts"
import type { Kind } from "../Target.ts"
import * as Flags from "./Flags.ts"

/** `pipelex run`: the line's shape. What it does is in `RunMethod`, loaded when it is asked for. */
const flags = {
  inputs: Flags.text("inputs", "A JSON or TOML file of inputs, or JSON that starts with a brace", "i"),
  outputDir: Flags.text("output-dir", "Where the result folder goes (default: results)", "o"),
  saveWorkingMemory: Flags.onFlag("save-working-memory", "Write working_memory.json (default: yes)"),
  workingMemoryPath: Flags.text("working-memory-path", "Another path for working_memory.json"),
  saveMainStuff: Flags.onFlag("save-main-stuff", "Write the main output (default: yes)"),
  saveCsv: Flags.text("save-csv", "Write the main output, a list of flat objects, as CSV to this path"),
  prettyPrint: Flags.onFlag("pretty-print", "Show the main output (default: yes)"),
  graph: Flags.maybe("graph", "Write the graph of the run (default: as configured)"),
  graphFullData: Flags.flag("graph-full-data", "Keep contents in the graph"),
  graphNoData: Flags.flag("graph-no-data", "Keep contents out of the graph"),
  costs: Flags.onFlag("costs", "Show what the run cost (default: yes)"),
  dryRun: Flags.flag("dry-run", "Answer every model call and extraction with a mock"),
  mockInputs: Flags.flag("mock-inputs", "With --dry-run: invent the inputs that are not given"),
  libraryDirs: Flags.libraryDirs,
  dynamicOutput: Flags.text("dynamic-output-concept", "The concept that a Dynamic output stands for", "O"),
  runId: Flags.text("run-id", "The run's id (default: a new UUID)"),
  backend: Flags.text("backend", "Answer every model call by this backend, such as simulated"),
  onItemFailure: Flags.oneOf("on-item-failure", ["fail", "collect"], "What a batch does when an item fails"),
  maxConcurrency: Flags.text("max-concurrency", "How many items of a batch run at once"),
  timeout: Flags.text("timeout", "Give up after this long: 90s, 5m, 1h"),
  compat: Flags.compat,
  strict: Flags.strict,
  verbose: Flags.flag("verbose", "Show the output of every step", "v"),
  ...Flags.elsewhere
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
