import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import type { BuildOptions } from "../Build.ts"
import * as Flags from "./Flags.ts"

/** `pipelex build`: the line's shape. */
const execute = (options: BuildOptions) =>
  Effect.flatMap(Effect.promise(() => import("../Build.ts")), ({ build: handler }) => handler(options))

const about = (what: "inputs" | "output", format: ReturnType<typeof Flags.oneOf>, description: string) => {
  const flags = {
    libraryDirs: Flags.libraryDirs,
    output: Flags.text("output", `The file to write (default: ${what}.… beside the method)`, "o"),
    format,
    explicit: Flags.flag("explicit", "Write every value with its concept"),
    force: Flags.flag("force", "Overwrite what is there")
  }
  const bundle = Command.make(
    "bundle",
    { bundle: Flags.bundle, pipe: Flags.pipe, ...flags },
    ({ bundle: target, ...line }) => execute({ what, kind: "bundle", target, ...line })
  )
  const pipe = Command.make(
    "pipe",
    { pipe: Flags.pipeRef, ...flags },
    ({ pipe: target, ...line }) => execute({ what, kind: "pipe", target, pipe: undefined, ...line })
  )
  const method = Command.make(
    "method",
    { method: Flags.method, pipe: Flags.pipe, ...flags },
    ({ method: target, ...line }) => execute({ what, kind: "method", target, ...line })
  )
  return Command.make(what).pipe(
    Command.withDescription(description),
    Command.withSubcommands([
      bundle.pipe(Command.withDescription("Of a .mthds file, or a folder of them")),
      pipe.pipe(Command.withDescription("Of a pipe of the library folders")),
      method.pipe(Command.withDescription("Of an installed method, or the method of a folder"))
    ])
  )
}

export const build = Command.make("build").pipe(
  Command.withDescription("Write an example of a method's inputs, or of its output"),
  Command.withSubcommands([
    about(
      "inputs",
      Flags.oneOf("format", ["json", "toml"], "How to write it (default: json)"),
      "Write an inputs file to fill in"
    ),
    about(
      "output",
      Flags.oneOf(
        "format",
        ["json", "schema", "ts"],
        "An example, its JSON Schema, or TypeScript types (default: json)",
        "f"
      ),
      "Write what the output looks like"
    )
  ])
)
