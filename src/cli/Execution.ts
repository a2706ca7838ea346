import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import process from "node:process"
import type { WorkingMemory } from "../concept/WorkingMemory.ts"
import * as Configuration from "../config/Configuration.ts"
import * as Credentials from "../config/Credentials.ts"
import type * as Direct from "../direct/Direct.ts"
import * as DryRun from "../direct/DryRun.ts"
import * as Runner from "../direct/Runner.ts"
import { fail, type PipeFailure } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import { closest } from "../failure/Suggest.ts"
import type { Defined } from "../library/Definitions.ts"
import * as Entry from "../library/Entry.ts"
import type { Library } from "../library/Library.ts"
import * as PipePath from "../program/PipePath.ts"
import type { PipeCall } from "../program/PipeRunner.ts"
import { RunEvents } from "../program/RunEvents.ts"
import type { Settings } from "../program/Settings.ts"
import * as FailedItems from "../report/FailedItems.ts"
import * as LeafUsage from "../report/LeafUsage.ts"
import * as RunRecord from "../report/RunRecord.ts"
import * as StorageUri from "../storage/StorageUri.ts"
import type * as Submit from "../temporal/client/Submit.ts"
import * as Answering from "./Answering.ts"
import * as Costs from "./Costs.ts"
import type * as DurableRun from "./DurableRun.ts"
import * as Elsewhere from "./Elsewhere.ts"
import { type Ended, ended, usage } from "./Exit.ts"
import * as LeftOut from "./LeftOut.ts"
import type * as LiveRun from "./LiveRun.ts"
import * as Logging from "./Logging.ts"
import * as LogLevels from "./LogLevels.ts"
import * as RunInputs from "./RunInputs.ts"
import * as StandardInput from "./StandardInput.ts"
import * as StepPanels from "./StepPanels.ts"
import { Streams } from "./Streams.ts"
import * as Target from "./Target.ts"
import * as Warnings from "./Warnings.ts"
import * as Watch from "./Watch.ts"

/** From what was asked for to the memory at the end of the run: the method read, its inputs shaped, its entry pipe run in this process. */
export interface Options extends Elsewhere.Asked {
  readonly kind: Target.Kind
  readonly target: string
  readonly pipe: string | undefined
  readonly inputs: string | undefined
  readonly dryRun: boolean
  readonly mockInputs: boolean
  readonly libraryDirs: ReadonlyArray<string>
  readonly dynamicOutput?: string | undefined
  readonly runId?: string | undefined
  readonly backend?: string | undefined
  readonly onItemFailure?: "fail" | "collect" | undefined
  readonly maxConcurrency?: string | undefined
  readonly priority?: `${Submit.Priority}` | undefined
  readonly timeout?: string | undefined
  readonly strict?: boolean
  readonly compat?: boolean
  readonly verbose?: boolean
  readonly graph: boolean | undefined
  readonly costs: boolean
}

export interface Finished extends LeftOut.Left {
  readonly memory: WorkingMemory
  readonly library: Library
  readonly entry: Defined
  /** Absent for a run that was begun elsewhere: its method is known, and not its files. */
  readonly found: Target.Found | undefined
  readonly configuration: Configuration.Configuration
  readonly watch: Watch.Watch
  readonly prices: LeafUsage.Prices
  /** Some of the output comes from the simulated backend. */
  readonly isSimulated: boolean
  readonly isGraphed: boolean
  /** What a live run ran on, which reads its files too. */
  readonly opened: LiveRun.Opened | undefined
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

const durationOf = (written: string): Duration.Duration | undefined => {
  const [, amount = "", unit = "s"] = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)?$/.exec(written.trim()) ?? []
  const millis = Number(amount) * (units[unit] ?? 1000)
  return amount === "" || !(millis > 0) ? undefined : Duration.millis(millis)
}

const concurrencyOf = (written: string): Settings["maxConcurrency"] | undefined =>
  written === "unbounded" ? "unbounded" : /^[1-9]\d{0,8}$/.test(written) ? Number(written) : undefined

/** What the line says about this run alone, checked before anything is read. */
const checked = Effect.fnUntraced(function*(options: Options) {
  yield* Elsewhere.check(options)
  const { maxConcurrency, timeout } = options
  if (options.compat === true && options.strict === true) {
    return yield* usage("--compat and --strict exclude each other")
  }
  if (options.mockInputs && !options.dryRun) return yield* usage("--mock-inputs needs --dry-run")
  if (options.runId !== undefined && !StorageUri.isRunId(options.runId)) {
    return yield* usage(`--run-id must be ${StorageUri.runIdForm}`)
  }
  const concurrency = maxConcurrency === undefined ? undefined : concurrencyOf(maxConcurrency)
  if (maxConcurrency !== undefined && concurrency === undefined) {
    return yield* usage(`--max-concurrency must be a whole number from 1, or unbounded; it is "${maxConcurrency}"`)
  }
  const limit = timeout === undefined ? undefined : durationOf(timeout)
  if (timeout !== undefined && limit === undefined) {
    return yield* usage(`--timeout must be a duration such as 90s, 5m or 1h; it is "${timeout}"`)
  }
  return { concurrency, limit }
})

const dynamicOutput = Effect.fnUntraced(function*(library: Library, entry: Defined, written: string | undefined) {
  if (written === undefined) return undefined
  const ref = Entry.concept(library, entry, written)
  if (ref !== undefined) return ref
  const near = closest(written, library.concepts.all().flatMap(({ code, ref: each }) => [code, each]))
  return yield* fail(
    new Reason.RequestInvalid({
      problem: `--dynamic-output-concept: no concept is called "${written}"${
        near.length === 0 ? "" : `; did you mean ${near.map((name) => `"${name}"`).join(" or ")}?`
      }`
    })
  )
})

/** Mocks cost nothing. */
const free: LeafUsage.Prices = () => ({})

const timed = (limit: Duration.Duration | undefined) => <A, E, R>(effect: Effect.Effect<A, E | PipeFailure, R>) =>
  limit === undefined
    ? effect
    : Effect.timeoutOrElse(effect, {
      duration: limit,
      orElse: () => Effect.fail(fail(new Reason.RunTimedOut({ seconds: Duration.toSeconds(limit) })))
    })

const announce = Effect.fnUntraced(function*({ kind }: Options, { method, shown }: Target.Found, entry: Defined) {
  const streams = yield* Streams
  yield* Warnings.tell(method.warnings)
  if (kind !== "pipe" && !method.tree.isOneFile) yield* streams.note([`Starting "${shown}" at pipe ${entry.ref}`])
})

export const execute = Effect.fnUntraced(function*(options: Options) {
  const { concurrency, limit } = yield* checked(options)
  const streams = yield* Streams
  const stdin = options.inputs === undefined
    ? StandardInput.open(streams.note(["Waiting for the inputs on stdin to end (--inputs reads none there)"]))
    : StandardInput.none
  const compat = options.strict !== true
  const configuration = yield* Configuration.loadFrom(process.cwd())
  yield* Answering.check(configuration, options)
  const isDurable = !options.dryRun && (Elsewhere.isDurable(options) ?? configuration.options.temporal.isEnabled)
  const serving = options.dryRun ? undefined : yield* Answering.served(configuration, options, isDurable)
  const found = yield* Target.find({ ...options, compat }, configuration)
  const library = yield* Target.library(found)
  const entry = yield* Target.entry(found, library)
  const running = serving === undefined ? library : yield* Answering.runnable(library, entry, options, serving)
  yield* announce(options, found, entry)
  if (serving !== undefined) yield* Answering.tellLandings(running, serving)
  const given = yield* RunInputs.memory(library, entry, {
    written: options.inputs,
    stdin,
    folder: found.method.tree.isOneFile || options.kind === "pipe" ? undefined : found.place,
    isMocked: options.mockInputs,
    compat
  })
  const settings: Settings = {
    ...configuration.settings,
    ...(concurrency === undefined ? {} : { maxConcurrency: concurrency }),
    ...(options.onItemFailure === undefined ? {} : { onItemFailure: options.onItemFailure })
  }
  const runId = options.runId ?? globalThis.crypto.randomUUID()
  const output = yield* dynamicOutput(library, entry, options.dynamicOutput)
  const prices = serving === undefined ? free : LeafUsage.prices(serving.models.models)
  const isGraphed = options.graph ?? configuration.options.isGraphGenerated
  const watch = Watch.make(streams, { prices, keepsAll: isGraphed })
  const wanted: PipeCall = {
    method: options.verbose === true
      ? StepPanels.showing(
        running,
        streams,
        watch,
        (type) => serving?.isSimulated === true && Answering.modelPipes.has(type)
      )
      : running,
    ref: entry.ref,
    memory: options.mockInputs ? yield* DryRun.mockInputs(library, entry.ref, given) : given,
    path: PipePath.entry(entry),
    scope: {
      runId,
      userId: "anonymous",
      mode: options.dryRun ? "dry" : "live",
      settings,
      ...(output === undefined ? {} : { dynamicOutput: output })
    },
    result: undefined
  }
  const direct: Direct.Options | undefined = serving === undefined
    ? undefined
    : {
      configuration,
      environment: serving.environment,
      ...(options.backend === undefined ? {} : { backend: options.backend }),
      settings,
      base: process.cwd()
    }
  if (serving !== undefined) yield* Answering.admit(library, entry, configuration, options, serving)
  const opened = direct === undefined ? undefined : yield* open(direct)
  const begun = isDurable && opened !== undefined && serving !== undefined
    ? yield* begin(running, wanted, opened, {
      configuration,
      environment: serving.environment,
      models: serving.models,
      backend: options.backend,
      isNamed: options.runId !== undefined,
      timeoutMillis: limit === undefined ? undefined : Duration.toMillis(limit),
      priority: options.priority
    })
    : undefined
  const run = begun !== undefined
    ? begun.result
    : timed(limit)(opened === undefined ? dry(wanted, settings) : live(library, wanted, opened))
  const left = () => ({ failed: FailedItems.of(watch.events), runId, isDurable: begun !== undefined })
  const watched = run.pipe(
    LogLevels.obeying(configuration.options.log),
    Logging.to(configuration.options.log, {
      scrub: Credentials.scrubber(configuration.inference, serving?.environment.get ?? (() => undefined)),
      put: watch.log
    }),
    Effect.provideService(RunEvents, watch.listen),
    Effect.raceFirst(watch.draw),
    LeftOut.toldFirst(left)
  )
  const isAccounted = options.costs && opened !== undefined
  const memory = yield* ofWorkflow(begun?.workflowId)(
    isAccounted
      ? Costs.accounted({ events: watch.events, prices, runId }, configuration.options.reporting)(watched)
      : watched
  )
  const isSimulated = RunRecord.isSimulated(watch.events)
  const finished: Finished = {
    memory,
    library,
    entry,
    found,
    configuration,
    watch,
    prices,
    ...left(),
    isSimulated,
    isGraphed,
    opened
  }
  return finished
})

const dry = (wanted: PipeCall, settings: Settings) =>
  Runner.make(
    DryRun.leaves(settings.dryRun),
    () => Effect.fail(fail(new Reason.Unexpected({ problem: "a dry run starts no other run" })))
  ).call(wanted)

const open = (direct: Direct.Options) =>
  Effect.flatMap(Effect.promise(() => import("./LiveRun.ts")), (loaded) => loaded.open(direct))

const begin = (library: Library, wanted: PipeCall, opened: LiveRun.Opened, asked: DurableRun.Asked) =>
  Effect.flatMap(
    Effect.promise(() => import("./DurableRun.ts")),
    (loaded) => Effect.provideContext(loaded.begin(library, wanted, asked), opened)
  )

/** The failure of a durable run names the workflow. */
export const ofWorkflow = (workflowId: string | undefined) => <A, R>(run: Effect.Effect<A, PipeFailure | Ended, R>) =>
  workflowId === undefined ? run : Effect.mapError(run, (error) => ended(error, workflowId))

const live = (library: Library, wanted: PipeCall, opened: LiveRun.Opened) =>
  Effect.flatMap(
    Effect.promise(() => import("./LiveRun.ts")),
    ({ call }) => Effect.provideContext(call(library, wanted), opened)
  )
