import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { InputsOptions } from "../AgentChecks.ts"
import type { ValidateOptions } from "../ValidateMethod.ts"
import * as Flags from "./Flags.ts"

/** `pipelex-agent validate` and `inputs`: the lines' shapes. */
const load = Effect.promise(() => import("../AgentChecks.ts"))
const check = (options: ValidateOptions) => Effect.flatMap(load, (module) => module.validate(options))
const template = (options: InputsOptions) => Effect.flatMap(load, (module) => module.inputs(options))

const checking = {
  libraryDirs: Flags.libraryDirs,
  allowSignatures: Flags.flag("allow-signatures", "Accept pipes that are declared and not written yet"),
  compat: Flags.compat,
  strict: Flags.strict,
  format: Flags.oneOf("format", ["json", "markdown"], "How to write the result (default: markdown)"),
  ...Flags.elsewhere
}

export const validate = Command.make("validate").pipe(
  Command.withDescription("Check a method: its text, its references, and a dry run of every pipe"),
  Command.withSubcommands([
    Command.make(
      "bundle",
      { bundle: Flags.bundle, pipe: Flags.pipe, ...checking },
      ({ bundle: target, ...line }) => check({ kind: "bundle", target, all: false, ...line })
    ).pipe(Command.withDescription("A .mthds file, or a folder of them")),
    Command.make(
      "pipe",
      {
        pipe: Argument.String("pipe").pipe(Argument.optional, Argument.map(Option.getOrUndefined)),
        all: Flags.flag("all", "Check every pipe of the library folders", "a"),
        ...checking
      },
      ({ pipe: target, ...line }) => check({ kind: "pipe", target, pipe: undefined, ...line })
    ).pipe(Command.withDescription("A pipe of the library folders, or all of them")),
    Command.make(
      "method",
      { method: Flags.method, pipe: Flags.pipe, ...checking },
      ({ method: target, ...line }) => check({ kind: "method", target, all: false, ...line })
    ).pipe(Command.withDescription("An installed method, or the method of a folder"))
  ])
)

const templating = {
  libraryDirs: Flags.libraryDirs,
  format: Flags.oneOf("format", ["json", "toml"], "How the template is written (default: json)"),
  explicit: Flags.flag("explicit", "Write every value with its concept")
}

export const inputs = Command.make("inputs").pipe(
  Command.withDescription("Print an example of a method's inputs"),
  Command.withSubcommands([
    Command.make(
      "bundle",
      { bundle: Flags.bundle, pipe: Flags.pipe, ...templating },
      ({ bundle: target, ...line }) => template({ kind: "bundle", target, ...line })
    ).pipe(Command.withDescription("Of a .mthds file, or a folder of them")),
    Command.make(
      "pipe",
      { pipe: Flags.pipeRef, ...templating },
      ({ pipe: target, ...line }) => template({ kind: "pipe", target, pipe: undefined, ...line })
    ).pipe(Command.withDescription("Of a pipe of the library folders")),
    Command.make(
      "method",
      { method: Flags.method, pipe: Flags.pipe, ...templating },
      ({ method: target, ...line }) => template({ kind: "method", target, ...line })
    ).pipe(Command.withDescription("Of an installed method, or the method of a folder"))
  ])
)
