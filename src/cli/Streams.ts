import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import process from "node:process"
import * as Style from "../report/Style.ts"

/**
 * Where a command's words go. Results are written to stdout; everything said on the way is written to stderr. A program reads nothing
 * but the result and, when there is none, one problem document.
 */
export interface Audience {
  /** `program`: no notes, no progress, no colour. */
  readonly reader: "people" | "program"
  /** How a result and a problem are written for a program. */
  readonly format: "json" | "markdown"
  readonly errorFormat: "json" | "markdown"
  readonly quiet: boolean
  readonly colour: boolean
  readonly logo: boolean
  readonly traceback: boolean
}

export interface Shown {
  readonly width: number
  readonly style: Style.Style
}

export class Streams extends Context.Service<Streams, {
  readonly audience: Audience
  /** How text for stdout and stderr is laid out. */
  readonly out: Shown
  readonly err: Shown
  readonly isOutTerminal: boolean
  readonly isErrTerminal: boolean
  /** Rows of the terminal. */
  readonly height: number
  readonly result: (lines: ReadonlyArray<string>) => Effect.Effect<void>
  readonly json: (value: unknown) => Effect.Effect<void>
  /** The result in the form that its reader wants. */
  readonly answer: (
    forms: { readonly json: () => unknown; readonly lines: () => ReadonlyArray<string> }
  ) => Effect.Effect<void>
  /** What is good to know: silent with `--quiet`, and for programs. */
  readonly note: (lines: ReadonlyArray<string>) => Effect.Effect<void>
  /** What should be heard even with `--quiet`. Never said to programs. */
  readonly warn: (lines: ReadonlyArray<string>) => Effect.Effect<void>
  readonly problem: (lines: ReadonlyArray<string>) => Effect.Effect<void>
}>()("pipelex/cli/Streams") {}

/** Ends when the text is handed over, so that the process may end then. A reader that has gone away is no fault of ours. */
const write = (stream: NodeJS.WriteStream, text: string): Effect.Effect<void> =>
  Effect.callback<void>((resume) => {
    stream.write(text, () => {
      resume(Effect.void)
    })
  })

const writeLines = (stream: NodeJS.WriteStream) => (lines: ReadonlyArray<string>): Effect.Effect<void> =>
  lines.length === 0 ? Effect.void : write(stream, `${lines.join("\n")}\n`)

const unknownWidth = 120

const widthOf = (stream: NodeJS.WriteStream): number => {
  const asked = Number(process.env["COLUMNS"])
  if (Number.isInteger(asked) && asked > 0) return Math.max(20, asked)
  return stream.isTTY ? stream.columns : unknownWidth
}

const has = (argv: ReadonlyArray<string>, ...names: ReadonlyArray<string>): boolean =>
  argv.some((word) => names.includes(word) || names.includes(word.replace(/=true$/, "")))

const valueOf = (argv: ReadonlyArray<string>, name: string): string | undefined => {
  const at = argv.indexOf(name)
  return at < 0 ? argv.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1) : argv[at + 1]
}

const beforeEnd = (argv: ReadonlyArray<string>): ReadonlyArray<string> =>
  argv.includes("--") ? argv.slice(0, argv.indexOf("--")) : argv

/** Read before the line is parsed: a line that cannot be parsed is answered the same way. */
export const audience = (line: ReadonlyArray<string>): Audience => {
  const argv = beforeEnd(line)
  return {
    reader: has(argv, "--json") ? "program" : "people",
    format: "json",
    errorFormat: "json",
    quiet: has(argv, "--quiet", "-q"),
    colour: !has(argv, "--no-color") && (process.env["NO_COLOR"] ?? "") === "",
    logo: !has(argv, "--no-logo"),
    traceback: has(argv, "--traceback")
  }
}

/** The agent's: a program always. `--format` says how a result looks, and a problem unless `--error-format` says otherwise. */
export const agentAudience = (line: ReadonlyArray<string>): Audience => {
  const argv = beforeEnd(line)
  const format = valueOf(argv, "--format")
  const errorFormat = valueOf(argv, "--error-format") ?? format
  const isRun = argv.find((word) => !word.startsWith("-")) === "run"
  return {
    ...audience(argv),
    reader: "program",
    format: format === "json" || (format !== "markdown" && isRun) ? "json" : "markdown",
    errorFormat: errorFormat === "markdown" ? "markdown" : "json",
    colour: false
  }
}

export const make = (reading: Audience): Streams["Service"] => {
  const { stderr, stdout } = process
  for (const stream of [stdout, stderr]) stream.on("error", () => undefined)
  const shown = (stream: NodeJS.WriteStream): Shown => ({
    width: widthOf(stream),
    style: stream.isTTY && reading.colour ? Style.colour : Style.plain
  })
  const isForPeople = reading.reader === "people"
  const toErr = writeLines(stderr)
  const result = writeLines(stdout)
  const json = (value: unknown): Effect.Effect<void> => write(stdout, `${JSON.stringify(value, null, 2)}\n`)
  return Streams.of({
    audience: reading,
    out: shown(stdout),
    err: shown(stderr),
    isOutTerminal: stdout.isTTY,
    isErrTerminal: stderr.isTTY,
    height: stderr.isTTY ? stderr.rows : 24,
    result,
    json,
    answer: (forms) => isForPeople ? result(forms.lines()) : json(forms.json()),
    note: (lines) => isForPeople && !reading.quiet ? toErr(lines) : Effect.void,
    warn: (lines) => isForPeople ? toErr(lines) : Effect.void,
    problem: toErr
  })
}
