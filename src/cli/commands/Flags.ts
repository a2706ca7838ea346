import * as Argument from "effect/cli/Argument"
import * as Flag from "effect/cli/Flag"
import * as Option from "effect/Option"

/** Flags that several commands share. */
export const text = (name: string, description: string, alias?: string) =>
  Flag.String(name).pipe(
    Flag.withDescription(description),
    (flag) => alias === undefined ? flag : Flag.withAlias(flag, alias),
    Flag.optional,
    Flag.map(Option.getOrUndefined)
  )

export const flag = (name: string, description: string, alias?: string) =>
  Flag.Boolean(name).pipe(
    Flag.withDescription(description),
    (each) => alias === undefined ? each : Flag.withAlias(each, alias),
    Flag.withDefault(false)
  )

/** On unless `--no-…` says otherwise. */
export const onFlag = (name: string, description: string) =>
  Flag.Boolean(name).pipe(Flag.withDescription(description), Flag.withDefault(true))

/** True, false, or not said. */
export const maybe = (name: string, description: string) =>
  Flag.Boolean(name).pipe(Flag.withDescription(description), Flag.optional, Flag.map(Option.getOrUndefined))

export const oneOf = <const Choices extends ReadonlyArray<string>>(
  name: string,
  choices: Choices,
  description: string,
  alias?: string
) =>
  Flag.Literals(name, choices).pipe(
    Flag.withDescription(description),
    (each) => alias === undefined ? each : Flag.withAlias(each, alias),
    Flag.optional,
    Flag.map(Option.getOrUndefined)
  )

export const libraryDirs = Flag.String("library-dir").pipe(
  Flag.withAlias("L"),
  Flag.withDescription("A folder of bundles and packages; may be given again (default: PIPELEXPATH)"),
  Flag.atLeast(0)
)

export const pipe = text("pipe", "The pipe to start at (default: the method's main pipe)")

export const bundle = Argument.String("bundle").pipe(Argument.withDescription("A .mthds file, or a folder of them"))

export const pipeRef = Argument.String("pipe").pipe(Argument.withDescription("Code of a pipe, or domain.code"))

export const method = Argument.String("method").pipe(
  Argument.withDescription("An installed method's name or address, or a folder")
)

export const runId = Argument.String("run-id").pipe(Argument.withDescription("The id of a durable run"))

export const compat = flag("compat", "Accept older spellings of the language, with a warning each")
export const strict = flag("strict", "Refuse older spellings of the language")

/** Accepted for the sake of lines written for other runtimes, and refused where they ask for what is not here. */
export const elsewhere = {
  temporal: maybe("temporal", "Run durably, on a Temporal server (default: as configured)"),
  orchestrator: text("orchestrator", "How pipes are run: direct or temporal").pipe(Flag.withHidden),
  local: flag("local", "Run here").pipe(Flag.withHidden),
  hosted: flag("hosted", "Run on a host").pipe(Flag.withHidden),
  baseUrl: text("base-url", "Address of a host").pipe(Flag.withHidden)
}

/** What every way of running takes. */
export const running = {
  inputs: text("inputs", "A JSON or TOML file of inputs, or JSON that starts with a brace", "i"),
  outputDir: text("output-dir", "Where the result folder goes (default: results)", "o"),
  graph: maybe("graph", "Write the graph of the run (default: as configured)"),
  costs: onFlag("costs", "Report what the run cost (default: yes)"),
  dryRun: flag("dry-run", "Answer every model call and extraction with a mock"),
  mockInputs: flag("mock-inputs", "With --dry-run: invent the inputs that are not given"),
  libraryDirs,
  dynamicOutput: text("dynamic-output-concept", "The concept that a Dynamic output stands for", "O"),
  runId: text("run-id", "The run's id (default: a new UUID)"),
  backend: text("backend", "Answer every model call by this backend, such as simulated"),
  onItemFailure: oneOf(
    "on-item-failure",
    ["fail", "collect"],
    "When an item of a batch fails: fail, or go on and collect the failures (default: as configured)"
  ),
  maxConcurrency: text("max-concurrency", "How many items of a batch run at once"),
  priority: oneOf("priority", ["1", "2", "3", "4", "5"], "How urgent a durable run is, 1 the most (default: 3)"),
  timeout: text("timeout", "Give up after this long: 90s, 5m, 1h"),
  compat,
  strict,
  ...elsewhere
}
