import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Flags from "./Flags.ts"

const whole = (name: string, description: string) =>
  Flag.Int(name).pipe(Flag.withDescription(description), Flag.optional, Flag.map(Option.getOrUndefined))

/** `pipelex worker`: the line's shape. What it does is in `Worker`, loaded when it is asked for. */
export const worker = Command.make(
  "worker",
  {
    taskQueue: Flags.text("task-queue", "The queue to take work from (default: the configured one)"),
    scope: Flags.text("scope", "What to run: full, router, runner, or another of the configuration (default: full)"),
    profile: Flags.text("profile", "How much to do at once (default: the configured profile)"),
    check: Flags.flag("check", "Check the configuration and the server, and end"),
    healthPort: whole("health-port", "Answer /healthz and /readyz at this port; 0 takes a free one"),
    metricsPort: whole("metrics-port", "Answer /metrics, for Prometheus, at this port; 0 takes a free one"),
    host: Flag.String("host").pipe(
      Flag.withDescription("The address those ports listen at (default: 127.0.0.1)"),
      Flag.withDefault("127.0.0.1")
    ),
    maxRuns: whole("max-runs", "Stop when so many runs have ended here"),
    setCurrent: Flags.flag("set-current", "Let new runs begin on this version of the workers"),
    // Of other runtimes: the isolate of workflows cannot be turned off here, and a test needs no other worker.
    sandbox: Flag.Boolean("sandbox").pipe(Flag.withHidden, Flag.withDefault(true)),
    unitTesting: Flag.Boolean("unit-testing").pipe(Flag.withHidden, Flag.withDefault(false))
  },
  (line) =>
    Effect.flatMap(
      Effect.promise(() => import("../Worker.ts")),
      (module) => module.worker(line)
    )
).pipe(Command.withDescription("Carry out durable runs, until told to stop"))
