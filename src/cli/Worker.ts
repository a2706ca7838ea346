import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Ref from "effect/Ref"
import * as Credentials from "../config/Credentials.ts"
import type { RuntimeOptions } from "../config/RuntimeToml.ts"
import type { TemporalAccess } from "../config/TemporalAccess.ts"
import * as Deployment from "../temporal/worker/Deployment.ts"
import * as Finished from "../temporal/worker/Finished.ts"
import type * as Logs from "../temporal/worker/Logs.ts"
import * as Plan from "../temporal/worker/Plan.ts"
import type * as Worker from "../temporal/worker/Worker.ts"
import * as DurableSetup from "./DurableSetup.ts"
import { Ended, noVerdict, usage } from "./Exit.ts"
import * as Logging from "./Logging.ts"
import * as LogLevels from "./LogLevels.ts"
import * as Signals from "./Signals.ts"
import { Streams } from "./Streams.ts"
import * as WorkerPages from "./WorkerPages.ts"

/** `pipelex worker`: carries out durable runs until it is told to stop. Whatever keeps it from starting is told before it asks for work. */
export interface Options extends WorkerPages.Options {
  readonly taskQueue: string | undefined
  readonly scope: string | undefined
  readonly profile: string | undefined
  readonly check: boolean
  /** Stops when so many runs have ended here. */
  readonly maxRuns: number | undefined
  /** Lets new runs begin on this version of the workers. */
  readonly setCurrent: boolean
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

/** What a line asks for that cannot be, in words. */
const refusal = (
  { maxRuns, setCurrent }: Options,
  plan: Plan.Plan,
  deploymentName: string | undefined
): string | undefined => {
  if (maxRuns !== undefined && maxRuns < 1) return `--max-runs ${maxRuns}: at least one run has to be done`
  if (maxRuns !== undefined && !plan.hasWorkflows) {
    return `--max-runs counts runs, and a worker of scope "${plan.scope}" carries out none`
  }
  return setCurrent && deploymentName === undefined
    ? "--set-current needs deployment_name in [temporal.worker_config]: without it there are no versions"
    : undefined
}

type Connected = Effect.Success<ReturnType<typeof Worker.connect>>

/** What the server knows of the versions of the deployment, for `--check`. */
const checked = Effect.fnUntraced(function*(place: Deployment.Place, version: Deployment.Version | undefined) {
  if (version === undefined) return { facts: {}, lines: [] }
  const versions = yield* Deployment.versions(place, version)
  const listed = versions.map(({ buildId, status }) => `  ${buildId} ${status}`)
  return {
    facts: { ...version, versions },
    lines: [
      `Deployment "${version.deploymentName}", this version: ${version.buildId}`,
      ...(listed.length === 0 ? ["  no version has asked for work yet"] : listed)
    ]
  }
})

/** Makes the version current, or says once that it is not. */
const settled = Effect.fnUntraced(function*(
  { connection }: Connected,
  server: TemporalAccess["server"],
  { identity, version }: Worker.Running,
  isSet: boolean
) {
  const streams = yield* Streams
  if (version === undefined) return
  const place = { connection, namespace: server.namespace }
  if (isSet) {
    yield* Deployment.setCurrent(place, version, identity)
    yield* streams.note([
      `Version ${version.buildId} of deployment "${version.deploymentName}" is current: new runs begin on it.`
    ])
    return
  }
  // That the versions cannot be read keeps no worker from its work.
  const known = yield* Effect.orElseSucceed(Deployment.versions(place, version), () => undefined)
  if (known !== undefined) yield* streams.warn(Deployment.notice(server, version, known))
})

/** What is under way may finish. Told again, it is given back. */
const drained = Effect.fnUntraced(function*(running: Worker.Running, why: string) {
  const streams = yield* Streams
  const isHurried = yield* Ref.make(false)
  const hurry = Effect.gen(function*() {
    yield* Signals.toldToStop
    yield* Ref.set(isHurried, true)
    yield* running.abandon
    yield* streams.note(["Stopping at once: what is under way is cancelled here, and begins again on another worker."])
  })
  // Whoever reads that it stops may tell it again at once.
  yield* Effect.forkChild(hurry, { startImmediately: true })
  yield* streams.note([`${why}: no new work is taken; what is under way may finish.`])
  yield* running.stop
  yield* (yield* Ref.get(isHurried)) ? new Ended({ code: 130 }) : Effect.void
})

const serve = Effect.fnUntraced(function*(options: Options) {
  const streams = yield* Streams
  const { access, configuration, environment } = yield* DurableSetup.load()
  const plan = yield* Plan.make(access.options, options)
  const problem = refusal(options, plan, access.options.worker.deploymentName)
  if (problem !== undefined) return yield* usage(problem)
  // The SDK is loaded for a worker that may start.
  const [Workers, Resources] = yield* Effect.promise(() =>
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
  const opened = yield* Ref.make<Worker.Running | undefined>(undefined)
  const served: WorkerPages.Served = options.check
    ? { urls: {} }
    : yield* WorkerPages.serve(options, { plan, running: Ref.get(opened) })
  const enough = yield* Deferred.make<void>()
  const hear = options.maxRuns === undefined
    ? undefined
    : Finished.after(options.maxRuns, () => Deferred.doneUnsafe(enough, Effect.void))
  const connected = yield* Workers.connect(access, sdk, { metrics: served.sdk, hear })
  yield* streams.warn(connected.notices)
  const { address, name: server, namespace } = access.server
  if (options.check) {
    const place = { connection: connected.connection, namespace }
    const versions = yield* checked(place, yield* Workers.versionOf(access))
    return yield* streams.answer({
      json: () => ({
        server,
        address,
        namespace,
        queue: plan.queue,
        scope: plan.scope,
        profile: plan.profile,
        ...versions.facts
      }),
      lines: () => [
        `A worker can start: ${address} (namespace "${namespace}") queue=${plan.queue} scope=${plan.scope} profile=${plan.profile}`,
        ...versions.lines
      ]
    })
  }
  const told = yield* Effect.forkChild(Signals.toldToStop, { startImmediately: true })
  const leaves = Resources.layer({ configuration, environment })
  const running = yield* Workers.open({ access, plan, leaves, log: sdk }, connected).pipe(
    LogLevels.obeying(log),
    Logging.to(log, sink)
  )
  yield* Ref.set(opened, running)
  const { activities, identity, version, workflows } = running
  const facts = {
    identity,
    queue: plan.queue,
    scope: plan.scope,
    profile: plan.profile,
    workflows,
    activities,
    ...(version === undefined ? {} : { deployment: version.deploymentName, build: version.buildId }),
    ...served.urls
  }
  sink.put(isForProgram ? JSON.stringify(facts) : line(facts))
  const why = yield* Effect.raceAllFirst([
    // The server may take its time over it; what keeps it from being done ends the worker.
    Effect.andThen(settled(connected, access.server, running, options.setCurrent), Effect.never),
    Effect.as(Fiber.join(told), "Stopping"),
    Effect.as(Deferred.await(enough), `Stopping, as ${options.maxRuns ?? 0} runs have ended here`),
    Effect.as(running.ended, "Stopping")
  ])
  return yield* drained(running, why)
})

export const worker = (options: Options) => Effect.mapError(Effect.scoped(serve(options)), noVerdict)
