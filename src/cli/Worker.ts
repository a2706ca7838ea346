import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Credentials from "../config/Credentials.ts"
import type { RuntimeOptions } from "../config/RuntimeToml.ts"
import type * as Logs from "../temporal/worker/Logs.ts"
import * as Plan from "../temporal/worker/Plan.ts"
import * as DurableSetup from "./DurableSetup.ts"
import { noVerdict } from "./Exit.ts"
import * as Logging from "./Logging.ts"
import * as LogLevels from "./LogLevels.ts"
import * as Signals from "./Signals.ts"
import { Streams } from "./Streams.ts"

/** `pipelex worker`: carries out durable runs until it is told to stop. Whatever keeps it from starting is told before it asks for work. */
export interface Options {
  readonly taskQueue: string | undefined
  readonly scope: string | undefined
  readonly profile: string | undefined
  readonly check: boolean
}

const levels: Readonly<Record<RuntimeOptions["log"]["level"], Logs.Sink["level"]>> = {
  DEV: "TRACE",
  VERBOSE: "TRACE",
  DEBUG: "DEBUG",
  INFO: "INFO",
  WARNING: "WARN",
  ERROR: "ERROR",
  CRITICAL: "ERROR",
  OFF: undefined
}

const line = (facts: Readonly<Record<string, string | number>>): string =>
  `worker ready: ${facts["identity"]} ${
    Object.entries(facts).filter(([key]) => key !== "identity").map(([key, value]) => `${key}=${value}`).join(" ")
  }`

const serve = Effect.fnUntraced(function*(options: Options) {
  const streams = yield* Streams
  const { access, configuration, environment } = yield* DurableSetup.load()
  const plan = yield* Plan.make(access.options, options)
  // The SDK is loaded for a worker that may start.
  const [Worker, Resources] = yield* Effect.promise(() =>
    Promise.all([import("../temporal/worker/Worker.ts"), import("../temporal/worker/Resources.ts")])
  )
  const { log } = configuration.options
  const isForProgram = streams.audience.reader === "program"
  const sink = {
    scrub: Credentials.scrubber(configuration.inference, environment.get),
    put: (text: string) => {
      process.stderr.write(`${text}\n`)
    }
  }
  const sdk: Logs.Sink = {
    level: isForProgram ? undefined : levels[log.level],
    put: (text) => sink.put(log.isRedacted ? sink.scrub(text) : text)
  }
  const connected = yield* Worker.connect(access, sdk)
  yield* streams.warn(connected.notices)
  if (options.check) {
    const { name: server, address, namespace } = access.server
    return yield* streams.answer({
      json: () => ({ server, address, namespace, queue: plan.queue, scope: plan.scope, profile: plan.profile }),
      lines: () => [
        `A worker can start: ${address} (namespace "${namespace}") queue=${plan.queue} scope=${plan.scope} profile=${plan.profile}`
      ]
    })
  }
  const told = yield* Effect.forkChild(Signals.toldToStop, { startImmediately: true })
  const leaves = Resources.layer({ configuration, environment })
  const running = yield* Worker.open({ access, plan, leaves, log: sdk }, connected).pipe(
    LogLevels.obeying(log),
    Logging.to(log, sink)
  )
  const { activities, identity, workflows } = running
  const facts = { identity, queue: plan.queue, scope: plan.scope, profile: plan.profile, workflows, activities }
  sink.put(isForProgram ? JSON.stringify(facts) : line(facts))
  yield* Effect.raceFirst(Fiber.join(told), running.ended)
  yield* streams.note(["Stopping: no new work is taken; what is under way may finish."])
  return yield* running.stop
})

export const worker = (options: Options) => Effect.mapError(Effect.scoped(serve(options)), noVerdict)
