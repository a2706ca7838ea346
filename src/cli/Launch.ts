import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Cause from "effect/Cause"
import type * as CliError from "effect/cli/CliError"
import * as CliOutput from "effect/cli/CliOutput"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Logger from "effect/Logger"
import * as References from "effect/References"
import process from "node:process"
import * as Elsewhere from "./Elsewhere.ts"
import { type Ended, usage } from "./Exit.ts"
import * as GlobalFlags from "./GlobalFlags.ts"
import * as Problem from "./Problem.ts"
import { Streams } from "./Streams.ts"
import * as Version from "./Version.ts"

/** Runs a command line to its exit code: results to stdout, one report of what is wrong to stderr, nothing else. */
export interface Program<Name extends string, Input, ContextInput, E, R> {
  readonly name: string
  readonly command: Command.Command<Name, Input, ContextInput, E, R>
  /** Names of its commands: those of later versions are refused by name. */
  readonly commands: ReadonlyArray<string>
  readonly streams: Streams["Service"]
}

const firstLine = (text: string): string => text.split("\n", 1)[0] ?? ""

/** The error in one line, with the names that were close. */
const usageText = (error: CliError.NonShowHelpErrors): string => {
  const near = "suggestions" in error ? error.suggestions : []
  const said = "subcommand" in error
    ? `unknown command "${error.subcommand}"`
    : firstLine(error.message).replace(/\.$/, "")
  return near.length === 0 ? said : `${said}; did you mean ${near.map((name) => `"${name}"`).join(" or ")}?`
}

const hint = (commandPath: ReadonlyArray<string>): string => `see ${commandPath.join(" ")} --help`

const usageOf = (path: ReadonlyArray<string>, errors: ReadonlyArray<CliError.NonShowHelpErrors>): Ended => {
  const text = errors.map(usageText).join("; ")
  return usage(`${text}${text.endsWith("?") ? " " : "; "}${hint(path)}`)
}

/** Help goes to stdout when it was asked for; a line that cannot be parsed is answered by one line on stderr. */
const presenter = (name: string, streams: Streams["Service"]): CliOutput.Presenter => {
  const formatter = CliOutput.defaultFormatter({ colors: streams.isOutTerminal && streams.audience.colour })
  return {
    present: Effect.fnUntraced(function*(event) {
      if (event._tag !== "Help") return
      const isBare = event.reason !== "Requested"
      if (isBare && event.commandPath.length > 1) return
      if (isBare && streams.isOutTerminal && streams.audience.logo) yield* streams.result(banner(name))
      yield* streams.result([formatter.formatHelpDoc(event.helpDoc)])
    })
  }
}

const banner = (
  name: string
): ReadonlyArray<string> => [`${name} ${Version.program} · MTHDS methods, run by Effect`, ""]

const isShowHelp = (error: unknown): error is CliError.ShowHelp =>
  typeof error === "object" && error !== null && "_tag" in error && error._tag === "ShowHelp"

/** Help that was printed is no failure; a command without its subcommand is a line that cannot be obeyed. */
const settled = (error: CliError.ShowHelp): Ended | undefined => {
  const { commandPath, errors } = error
  if (errors.length > 0) return usageOf(commandPath, errors)
  return commandPath.length > 1
    ? usage(`${commandPath.join(" ")} needs one of its commands; ${hint(commandPath)}`)
    : undefined
}

/** Fails on a name that is kept for a later version. */
const kept = (
  name: string,
  commands: ReadonlyArray<string>,
  argv: ReadonlyArray<string>
): Effect.Effect<void, Ended> => {
  const refusal = Elsewhere.refusal(name, argv.find((word) => !word.startsWith("-")) ?? "", new Set(commands))
  return refusal === undefined ? Effect.void : Effect.fail(usage(refusal))
}

const code = <const Name extends string, Input, ContextInput, E, R>(
  { command, commands, name, streams }: Program<Name, Input, ContextInput, E, R>,
  argv: ReadonlyArray<string>
) =>
  Effect.andThen(kept(name, commands, argv), Command.runWith(command, { version: Version.program })(argv)).pipe(
    Effect.catchIf(isShowHelp, (error) => {
      const problem = settled(error)
      return problem === undefined ? Effect.void : Effect.fail(problem)
    }),
    Effect.as(0),
    Effect.onInterrupt(() => streams.warn(["Interrupted."])),
    Effect.catchCause((cause) => {
      if (Cause.hasInterruptsOnly(cause)) return Effect.interrupt
      const reported = Problem.ended(cause)
      return Effect.as(Problem.tell(cause, reported), reported.code)
    }),
    Effect.provide([GlobalFlags.builtIns, CliOutput.layerPresenter(presenter(name, streams))]),
    Effect.provideService(Streams, streams),
    // Stdout is for results, and another program may read it.
    Effect.provideService(Logger.LogToStderr, true),
    Effect.provideService(References.MinimumLogLevel, streams.audience.reader === "program" ? "None" : "Info")
  )

export const launch = <const Name extends string, Input, ContextInput, E, R extends Command.Environment | Streams>(
  program: Program<Name, Input, ContextInput, E, R>,
  argv: ReadonlyArray<string>
): void => {
  const main = code(program, argv) as Effect.Effect<number, never, Command.Environment>
  NodeRuntime.runMain(Effect.provide(main, NodeServices.layer), {
    disableErrorReporting: true,
    teardown: (exit) => {
      process.exit(Exit.isSuccess(exit) ? Number(exit.value) : Cause.hasInterruptsOnly(exit.cause) ? 130 : 1)
    }
  })
}
