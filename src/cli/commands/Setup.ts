import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Flags from "./Flags.ts"

/** `init` and `doctor`, of both programs: the lines' shapes. */
const format = Flags.oneOf("format", ["json", "markdown"], "How to write the result (default: markdown)")
const initialise = Effect.promise(() => import("../Init.ts"))
const others = Effect.promise(() => import("../InitOther.ts"))
const examine = Effect.promise(() => import("../Doctor.ts"))

const writing = {
  backends: Flags.text("backends", "Backends to turn on, with commas between (default: those whose key is set)"),
  config: Flags.text(
    "config",
    "The same as JSON or a file of it: {\"backends\": [...], \"primary_backend\": \"...\"}",
    "c"
  ),
  global: Flags.flag("global", "Write to the home folder", "g"),
  force: Flags.flag("force", "Overwrite files that are there")
}

const parts = ["all", "config", "credentials", "inference", "routing", "telemetry"] as const

export const init = Command.make(
  "init",
  {
    part: Argument.Literals("part", parts).pipe(
      Argument.withDescription("What to write (default: all)"),
      Argument.withDefault("all" as const)
    ),
    local: Flags.flag("local", "Write to the project, also where there is none yet", "l"),
    ...writing
  },
  ({ part, ...line }) =>
    part === "credentials" || part === "telemetry"
      ? Effect.flatMap(others, (module) => module[part]())
      : Effect.flatMap(initialise, (module) => module.init({ part, ...line }))
).pipe(Command.withDescription("Write a configuration to start from; asks nothing"))

export const agentInit = Command.make(
  "init",
  { ...writing, format },
  (line) => Effect.flatMap(initialise, (module) => module.init({ part: "all", local: false, ...line }))
).pipe(Command.withDescription("Write a configuration to start from"))

const examining = {
  online: Flags.flag("online", "Ask each backend for its models, with its key"),
  global: Flags.flag("global", "Look at the home configuration alone", "g")
}

export const doctor = Command.make(
  "doctor",
  examining,
  (line) => Effect.flatMap(examine, (module) => module.doctor(line))
).pipe(Command.withDescription("Check the configuration, the credentials and the models"))

export const agentDoctor = Command.make(
  "doctor",
  { ...examining, format },
  (line) => Effect.flatMap(examine, (module) => module.doctor(line))
).pipe(Command.withDescription("Check the configuration, the credentials and the models"))
