import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Flags from "./Flags.ts"

/** `pipelex resolve`: the line's shape. */
export const resolve = Command.make(
  "resolve",
  {
    dirs: Argument.String("dirs").pipe(
      Argument.withDescription("Folders or bundles (default: the working directory)"),
      Argument.variadic()
    ),
    format: Flags.oneOf("format", ["json", "toml"], "How to write it (default: json)", "f"),
    libraryDirs: Flags.libraryDirs
  },
  (line) => Effect.flatMap(Effect.promise(() => import("../Closure.ts")), (module) => module.resolve(line))
).pipe(Command.withDescription("Print a method with every reference followed, as one document"))
