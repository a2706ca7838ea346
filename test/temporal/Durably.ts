/**
 * Runs made durable, for suites that are written for any layer: one worker in this process for all of them, whose leaves are answered for
 * each run by handlers of its own, and a submitter per run.
 */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as References from "effect/References"
import * as Tracer from "effect/Tracer"
import type { JsonObject } from "../../src/concept/Json.ts"
import type { Configuration } from "../../src/config/Configuration.ts"
import type { Environment } from "../../src/config/Environment.ts"
import * as TemporalAccess from "../../src/config/TemporalAccess.ts"
import { fail, type PipeFailure } from "../../src/failure/PipeFailure.ts"
import * as Reason from "../../src/failure/Reason.ts"
import { type Handlers, type Job, type LeafName, type LeafResult, Leaves } from "../../src/program/Leaves.ts"
import type { PipeRunner } from "../../src/program/PipeRunner.ts"
import type * as Submit from "../../src/temporal/client/Submit.ts"
import * as TemporalClient from "../../src/temporal/client/TemporalClient.ts"
import * as Activities from "../../src/temporal/worker/Activities.ts"
import * as Plan from "../../src/temporal/worker/Plan.ts"
import * as Resources from "../../src/temporal/worker/Resources.ts"
import * as Worker from "../../src/temporal/worker/Worker.ts"

/** One run's part of the worker and of the submitter. Both keep artefacts in the same folder. */
export interface Setting {
  readonly runId: string
  readonly configuration: Configuration
  readonly environment: Pick<Environment, "get">
  readonly base?: string | undefined
  readonly directory: string
  readonly backend?: string | undefined
  readonly isCancelledWithCaller?: boolean
  readonly priority?: Submit.Priority
}

export interface Durably {
  /** Answers `PipeRunner` durably for the run of that id. */
  readonly layer: (setting: Setting) => Layer.Layer<PipeRunner, PipeFailure>
  readonly queue: string
  /** The section `[temporal]` that leads to this server and worker. */
  readonly section: JsonObject
}

export interface Options {
  /** `host:port`. */
  readonly address: string
  readonly queue: string
  /** Of a leaf, the first included. Default: as configured; the waits between them are short. */
  readonly attempts?: number
}

const sectionOf = ({ address, attempts, queue }: Options, payloads: string): JsonObject => ({
  payload_codec_config: {
    storage_provider_config: { method: "local", local: { local_storage_path: payloads } }
  },
  temporal_config: { temporal_server_configs: { local: { target_host: address } } },
  worker_config: {
    default_task_queue: queue,
    retry_policy_config: {
      initial_interval: "0.05s",
      ...(attempts === undefined ? {} : { maximum_attempts: attempts })
    }
  }
})

/** Who answers the leaves of a run, and who hears of it: the log and the spans of whoever submitted it. */
interface Answering {
  readonly handlers: Handlers
  readonly heard: Context.Context<never>
}

const hearing = Context.pick(References.CurrentLoggers, References.MinimumLogLevel, Tracer.Tracer)

/** Leaves of whichever run a job belongs to. */
const dispatching = (known: ReadonlyMap<string, Answering>): Handlers => {
  const leaf =
    <Name extends LeafName>(name: Name) => (job: Job<Name>): Effect.Effect<LeafResult<Name>, PipeFailure> => {
      const answering = known.get(job.meta.runId)
      return answering === undefined
        ? Effect.fail(fail(new Reason.Unexpected({ problem: `nobody answers run "${job.meta.runId}"` })))
        : Effect.provideContext(answering.handlers[name](job), answering.heard)
    }
  return Object.fromEntries(Activities.names.map((name) => [name, leaf(name)])) as unknown as Handlers
}

/** A worker for as long as the scope is open. */
export const start = Effect.fn("Durably.start")(function*(options: Options) {
  const fs = yield* FileSystem.FileSystem
  const section = sectionOf(options, yield* fs.makeTempDirectoryScoped({ prefix: "payloads-" }))
  const access = yield* TemporalAccess.resolve({ temporal: section }, () => undefined)
  const plan = yield* Plan.make(access.options, {})
  const known = new Map<string, Answering>()
  yield* Worker.open({ access, plan, leaves: Layer.succeed(Leaves, Leaves.of(dispatching(known))) })

  const layer = ({ configuration, directory, runId, ...setting }: Setting) => {
    const configured = { ...configuration, values: { ...configuration.values, temporal: section } }
    const storage = { directory }
    const shared = {
      configuration: configured,
      environment: setting.environment,
      storage,
      ...(setting.base === undefined ? {} : { base: setting.base })
    }
    const answered = Layer.effectDiscard(Effect.gen(function*() {
      const built = yield* Layer.build(Resources.layer(shared))
      known.set(runId, { handlers: Context.get(built, Leaves), heard: hearing(yield* Effect.context()) })
      yield* Effect.addFinalizer(() => Effect.sync(() => known.delete(runId)))
    }))
    const submitter = TemporalClient.layerWith({
      ...shared,
      scope: { runId },
      watch: { interval: "100 millis" },
      ...(setting.backend === undefined ? {} : { backend: setting.backend }),
      ...(setting.isCancelledWithCaller === undefined ? {} : { isCancelledWithCaller: setting.isCancelledWithCaller }),
      ...(setting.priority === undefined ? {} : { priority: setting.priority })
    })
    return Layer.merge(submitter, answered)
  }
  const durably: Durably = { layer, queue: options.queue, section }
  return durably
}, Effect.provide(Layer.merge(NodeFileSystem.layer, NodePath.layer)))
