/** The layers that the acceptance suites hold for, each behind one function, so that a suite is written once. */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { afterAll, beforeAll } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FileSystem from "effect/FileSystem"
import * as EffectLayer from "effect/Layer"
import type * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import type { Json, JsonObject } from "../../src/concept/Json.ts"
import type { Configuration } from "../../src/config/Configuration.ts"
import type { Environment } from "../../src/config/Environment.ts"
import * as Direct from "../../src/direct/Direct.ts"
import type { PipeFailure } from "../../src/failure/PipeFailure.ts"
import * as Crate from "../../src/library/Crate.ts"
import * as Library from "../../src/library/Library.ts"
import { type Crate as CrateData, PipeRunner } from "../../src/program/PipeRunner.ts"
import { RunEvents } from "../../src/program/RunEvents.ts"
import type { TimedEvent } from "../../src/report/RunRecord.ts"
import { decode } from "../library/Fixture.ts"
import * as Durably from "../temporal/Durably.ts"
import * as Quiet from "../temporal/Quiet.ts"
import * as Server from "../temporal/Server.ts"

/** One run: a pipe of a method, and what it is given. */
export interface Asked {
  readonly method: Library.Library
  readonly ref: string
  readonly inputs?: JsonObject
  /** Default: one that no other run has. */
  readonly runId?: string
  /** Hears what happens while it happens, or soon after. */
  readonly listen?: (event: TimedEvent["event"]) => void
}

/** Where a run happens. */
export interface Setting {
  readonly configuration: Configuration
  readonly environment: Pick<Environment, "get">
  /** Folder that relative file paths of the inputs start from. */
  readonly base?: string
  readonly storage?: Direct.Options["storage"]
}

export interface Ran {
  readonly result: Result.Result<Json, PipeFailure>
  readonly events: ReadonlyArray<TimedEvent["event"]>
  /** The same events, each with when it happened. */
  readonly timed: ReadonlyArray<TimedEvent>
}

/** A layer that is ready for runs. Interrupting a run ends it, on every layer. */
export interface Opened {
  readonly run: (asked: Asked, setting: Setting) => Effect.Effect<Ran>
  /**
   * Waits until a leaf of the run has been put off by the layer itself, and has it tried again at once. For how many seconds it was.
   * Never on a layer that leaves this to whoever starts the run.
   */
  readonly putOff: (runId: string) => Effect.Effect<number>
}

export interface Layer {
  readonly name: "Direct" | "Temporal"
  /** To be called once, where a suite is described: what its runs share is there from its first test to its last. */
  readonly open: () => Opened
}

/** What the pipe reaches, and every concept of the method: an input may be of one that no pipe names. */
const crateOf = (method: Library.Library, ref: string): CrateData => ({
  ...Crate.of(method, [ref]),
  concepts: Crate.of(method).concepts
})

/** Whatever answers `PipeRunner`. */
const ran = Effect.fnUntraced(function*({ inputs = {}, listen, method, ref }: Asked) {
  const timed: Array<TimedEvent> = []
  const runner = yield* PipeRunner
  const result = yield* runner.run({ crate: crateOf(method, ref), ref, inputs }).pipe(
    Effect.provideService(RunEvents, (event, at = Date.now()) => {
      timed.push({ at, event })
      listen?.(event)
    }),
    Effect.result
  )
  const found: Ran = { result, timed, events: timed.map(({ event }) => event) }
  return found
})

/** A run whose layer cannot be made has failed before it began. */
const unmade = (failure: PipeFailure): Effect.Effect<Ran> =>
  Effect.map(Effect.result(Effect.fail(failure)), (result) => ({ result, timed: [], events: [] }))

export const direct: Layer = {
  name: "Direct",
  open: () => ({
    run: (asked, { base, storage = "memory", ...setting }) =>
      Effect.provide(
        ran(asked),
        Direct.layerWith({ ...setting, storage, ...(base === undefined ? {} : { base }) })
      ).pipe(Effect.catch(unmade)),
    putOff: () => Effect.never
  })
}

const startLimit = 900_000

const opened = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const durably = yield* Durably.start({ address: yield* Server.address, queue: yield* Server.queue("acceptance") })
  return { durably, client: yield* Server.client(), folder: yield* fs.makeTempDirectoryScoped() }
}).pipe(Effect.provide(NodeFileSystem.layer))

type Started = Effect.Success<typeof opened>

const millis = (time: { readonly seconds?: unknown; readonly nanos?: number | null } | null | undefined): number =>
  Number(time?.seconds ?? 0) * 1000 + (time?.nanos ?? 0) / 1e6

/** One worker for all runs of a suite. */
export const temporal: Layer = {
  name: "Temporal",
  open: () => {
    Server.use()
    Quiet.install()
    const scope = Scope.makeUnsafe()
    let ready: Started | undefined
    beforeAll(async () => {
      ready = await Effect.runPromise(Scope.provide(opened, scope))
    }, startLimit)
    afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)), startLimit)
    const started = Effect.sync((): Started => {
      if (ready === undefined) throw new Error("the suite has not begun")
      return ready
    })

    const run: Opened["run"] = Effect.fnUntraced(
      function*({ runId = globalThis.crypto.randomUUID(), ...asked }, { storage = "memory", ...setting }) {
        const { durably, folder } = yield* started
        const directory = storage === "memory" ? `${folder}/${runId}` : storage.directory
        const own = yield* Scope.make()
        const layer = durably.layer({ ...setting, runId, directory, isCancelledWithCaller: true })
        return yield* EffectLayer.buildWithScope(layer, own).pipe(
          Effect.flatMap((context) => Effect.provideContext(ran(asked), context)),
          Effect.catch(unmade),
          // The leaves of a run that was given up hear of it from the server, not from what they are answered by.
          Effect.onExit((exit) =>
            Exit.hasInterrupts(exit) ? Scope.addFinalizer(scope, Scope.close(own, exit)) : Scope.close(own, exit)
          )
        )
      }
    )

    const waiting = Effect.fnUntraced(function*(runId: string) {
      const { client } = yield* started
      const { raw } = yield* Effect.tryPromise(() => client.workflow.getHandle(runId).describe())
      const [leaf] = raw.pendingActivities ?? []
      return leaf?.nextAttemptScheduleTime === undefined || leaf.nextAttemptScheduleTime === null ||
          leaf.lastAttemptCompleteTime === undefined
        ? undefined
        : {
          id: leaf.activityId,
          seconds: (millis(leaf.nextAttemptScheduleTime) - millis(leaf.lastAttemptCompleteTime)) / 1000
        }
    }, Effect.orElseSucceed(() => undefined))

    const putOff: Opened["putOff"] = Effect.fnUntraced(function*(runId) {
      const { client } = yield* started
      const found = yield* Effect.repeat(waiting(runId), {
        until: (each) => each !== undefined,
        schedule: Schedule.spaced("100 millis")
      })
      const { id = "", seconds = 0 } = found ?? {}
      yield* Effect.promise(() =>
        client.workflowService.resetActivity({
          namespace: Server.namespaces.default,
          execution: { workflowId: runId },
          id
        })
      )
      return seconds
    })
    return { run, putOff }
  }
}

/** A method written in a test, checked against the models of a configuration. */
export const methodOf = (text: string, { models }: Configuration): Library.Library => {
  const { bundles, issues } = decode(text)
  const made = Library.make(
    { own: { bundles, links: new Map() }, packages: new Map() },
    { models, compat: false, functions: new Set() },
    issues
  )
  if (made.library === undefined) throw new Error(made.issues.map(({ message }) => message).join("\n"))
  return made.library
}

/** Each runs the whole of a suite. */
export const layers: ReadonlyArray<Layer> = [direct, temporal]
