import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Flags from "./Flags.ts"

/** `pipelex show`: the line's shape. */
const load = Effect.promise(() => import("../Show.ts"))

const optional = (name: string, description: string) =>
  Argument.String(name).pipe(
    Argument.withDescription(description),
    Argument.optional,
    Argument.map(Option.getOrUndefined)
  )

const backends = Command.make(
  "backends",
  { all: Flags.flag("all", "Those that are not enabled too", "a") },
  (line) => Effect.flatMap(load, (module) => module.backends(line))
).pipe(Command.withDescription("The backends, their credentials' names, and the routing between them"))

const models = Command.make(
  "models",
  {
    backend: optional("backend", "Only the models of this backend"),
    flat: Flags.flag("flat", "As CSV", "f"),
    remote: Flags.flag("remote", "What the backend's provider lists, asked with its key")
  },
  (line) => Effect.flatMap(load, (module) => module.models(line))
).pipe(Command.withDescription("The configured models with their prices"))

const pipe = Command.make(
  "pipe",
  {
    ref: optional("pipe", "Code of a pipe, or domain.code"),
    all: Flags.flag("all", "Every pipe of the library folders", "a"),
    libraryDirs: Flags.libraryDirs
  },
  (line) => Effect.flatMap(Effect.promise(() => import("../ShowPipe.ts")), (module) => module.pipe(line))
).pipe(Command.withDescription("A pipe, or all of them"))

const config = Command.make(
  "config",
  { origin: Flags.flag("origin", "Tell which file each value comes from") },
  (line) => Effect.flatMap(load, (module) => module.config(line))
).pipe(Command.withDescription("The configuration, its layers merged"))

const routing = Command.make(
  "routing",
  {
    target: optional("target", "A bundle, a folder, an installed method or a pipe (default: every activity)"),
    pipe: Flags.pipe,
    libraryDirs: Flags.libraryDirs
  },
  (line) => Effect.flatMap(Effect.promise(() => import("../ShowRouting.ts")), (module) => module.routing(line))
).pipe(Command.withDescription("Queue, time limits, attempts and rate of the activities of durable runs"))

export const show = Command.make("show").pipe(
  Command.withDescription("Show what is configured, and what pipes there are"),
  Command.withSubcommands([backends, models, pipe, routing, config])
)
