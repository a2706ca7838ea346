import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Flags from "./Flags.ts"

/** `pipelex runs`: the lines' shapes. */
const states = ["running", "completed", "failed", "cancelled", "terminated", "timed-out"] as const

const list = Command.make(
  "list",
  {
    status: Flags.oneOf("status", states, "Only runs that stand so"),
    pipe: Flags.text("pipe", "Only runs of this pipe: its code, or domain.code"),
    domain: Flags.text("domain", "Only runs of a pipe of this domain"),
    user: Flags.text("user", "Only runs of this user"),
    session: Flags.text("session", "Only runs of this session"),
    method: Flags.text("method", "Only runs of this method"),
    category: Flags.text("category", "Only runs that failed so: transient, capacity, configuration, …"),
    runId: Flags.text("run-id", "Only runs whose id begins so", "run"),
    since: Flags.text("since", "Only runs started since: 30m, 12h, 7d, or a date"),
    limit: Flag.Int("limit").pipe(
      Flag.withDescription("How many at most, the newest first (default: 20)"),
      Flag.withDefault(20)
    ),
    server: Flags.text("server", "A server of the configuration (default: the selected one)")
  },
  (line) => Effect.flatMap(Effect.promise(() => import("../RunsList.ts")), (module) => module.list(line))
).pipe(Command.withDescription("The durable runs of a server, the newest first"))

const show = Command.make(
  "show",
  {
    run: Argument.String("run").pipe(
      Argument.withDescription("The id of a durable run, or the result folder of any run")
    ),
    all: Flags.flag("all", "Every item of a batch, however many", "a")
  },
  (line) => Effect.flatMap(Effect.promise(() => import("../RunsShow.ts")), (module) => module.show(line))
).pipe(Command.withDescription("What a run did: its pipes, the calls of models, what they cost, what failed"))

const watch = Command.make(
  "watch",
  { runId: Flags.runId },
  (line) => Effect.flatMap(Effect.promise(() => import("../RunsWatch.ts")), (module) => module.watch(line))
).pipe(Command.withDescription("Follow a durable run to its end, and write no files"))

export const runs = Command.make("runs").pipe(
  Command.withDescription("Find, look into and follow runs"),
  Command.withSubcommands([list, show, watch])
)
