import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import type { AgentRunOptions } from "../AgentRun.ts"
import type { Kind } from "../Target.ts"
import * as Flags from "./Flags.ts"

/** `pipelex-agent run`: the line's shape. */
const flags = {
  inputs: Flags.text("inputs", "A JSON or TOML file of inputs, or JSON that starts with a brace", "i"),
  outputDir: Flags.text("output-dir", "Where the result folder goes (default: results)", "o"),
  dryRun: Flags.flag("dry-run", "Answer every model call and extraction with a mock"),
  mockInputs: Flags.flag("mock-inputs", "With --dry-run: invent the inputs that are not given"),
  graph: Flags.maybe("graph", "Write the graph of the run (default: as configured)"),
  costs: Flags.onFlag("costs", "Report what the run cost, with --with-memory (default: yes)"),
  libraryDirs: Flags.libraryDirs,
  dynamicOutput: Flags.text("dynamic-output-concept", "The concept that a Dynamic output stands for", "O"),
  runId: Flags.text("run-id", "The run's id (default: a new UUID)"),
  backend: Flags.text("backend", "Answer every model call by this backend, such as simulated"),
  onItemFailure: Flags.oneOf("on-item-failure", ["fail", "collect"], "What a batch does when an item fails"),
  maxConcurrency: Flags.text("max-concurrency", "How many items of a batch run at once"),
  timeout: Flags.text("timeout", "Give up after this long: 90s, 5m, 1h"),
  compat: Flags.compat,
  strict: Flags.strict,
  withMemory: Flags.flag("with-memory", "Write the whole memory: what the next command of a chain reads"),
  format: Flags.oneOf("format", ["json", "markdown"], "How to write the result (default: json)"),
  runner: Flags.oneOf("runner", ["local", "hosted"], "Where to run: local"),
  ...Flags.elsewhere
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
