import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { ValidateOptions } from "../ValidateMethod.ts"
import * as Flags from "./Flags.ts"

/** `pipelex validate`: the line's shape. */
const flags = {
  libraryDirs: Flags.libraryDirs,
  allowSignatures: Flags.flag("allow-signatures", "Accept pipes that are declared and not written yet"),
  compat: Flags.compat,
  strict: Flags.strict,
  ...Flags.elsewhere
}

const execute = (options: ValidateOptions) =>
  Effect.flatMap(Effect.promise(() => import("../ValidateMethod.ts")), ({ validate }) => validate(options))

const bundle = Command.make(
  "bundle",
  { bundle: Flags.bundle, pipe: Flags.pipe, ...flags },
  ({ bundle: target, ...line }) => execute({ kind: "bundle", target, all: false, ...line })
).pipe(Command.withDescription("Check a .mthds file, or a folder of them"))

const pipe = Command.make(
  "pipe",
  {
    pipe: Argument.String("pipe").pipe(
      Argument.withDescription("Code of a pipe, or domain.code"),
      Argument.optional,
      Argument.map(Option.getOrUndefined)
    ),
    all: Flags.flag("all", "Check every pipe of the library folders", "a"),
    ...flags
  },
  ({ pipe: target, ...line }) => execute({ kind: "pipe", target, pipe: undefined, ...line })
).pipe(Command.withDescription("Check a pipe of the library folders, or all of them"))

const method = Command.make(
  "method",
  { method: Flags.method, pipe: Flags.pipe, ...flags },
  ({ method: target, ...line }) => execute({ kind: "method", target, all: false, ...line })
).pipe(Command.withDescription("Check an installed method, or the method of a folder"))

export const validate = Command.make("validate").pipe(
  Command.withDescription("Check a method: its text, its references, and a dry run of every pipe"),
  Command.withSubcommands([bundle, pipe, method])
)
