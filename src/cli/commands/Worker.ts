import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Flags from "./Flags.ts"

/** `pipelex worker`: the line's shape. What it does is in `Worker`, loaded when it is asked for. */
export const worker = Command.make(
  "worker",
  {
    taskQueue: Flags.text("task-queue", "The queue to take work from (default: the configured one)"),
    scope: Flags.text("scope", "What to run: full, router, runner, or another of the configuration (default: full)"),
    profile: Flags.text("profile", "How much to do at once (default: the configured profile)"),
    check: Flags.flag("check", "Check the configuration and the server, and end"),
    // Of other runtimes: the isolate of workflows cannot be turned off here, and a test needs no other worker.
    sandbox: Flag.Boolean("sandbox").pipe(Flag.withHidden, Flag.withDefault(true)),
    unitTesting: Flag.Boolean("unit-testing").pipe(Flag.withHidden, Flag.withDefault(false))
  },
  ({ check, profile, scope, taskQueue }) =>
    Effect.flatMap(
      Effect.promise(() => import("../Worker.ts")),
      (module) => module.worker({ taskQueue, scope, profile, check })
    )
).pipe(Command.withDescription("Carry out durable runs, until told to stop"))
