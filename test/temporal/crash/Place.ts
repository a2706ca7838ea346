/**
 * Where processes are killed: a project in a folder, a queue of its own, workers that are processes, and a provider that remembers who asked
 * what. Runs are submitted from here, by id.
 */
import { Client, Connection } from "@temporalio/client"
import * as Effect from "effect/Effect"
import * as Path from "effect/Path"
import type { JsonObject } from "../../../src/concept/Json.ts"
import * as Configuration from "../../../src/config/Configuration.ts"
import * as Direct from "../../../src/direct/Direct.ts"
import * as Crate from "../../../src/library/Crate.ts"
import { PipeRunner } from "../../../src/program/PipeRunner.ts"
import * as TemporalClient from "../../../src/temporal/client/TemporalClient.ts"
import { methodOf } from "../../acceptance/Layers.ts"
import * as FakeProvider from "../../fake/FakeProvider.ts"
import * as Folder from "../../source/Folder.ts"
import * as Process from "../worker/Process.ts"
import * as Histories from "./Histories.ts"
import * as Method from "./Method.ts"

/** What is not said is as it is by default. Durations are as in `pipelex.toml`. */
export interface Settings {
  readonly heartbeat?: string
  readonly sticky?: string
  readonly task?: string
  /** Until the second attempt of a leaf. */
  readonly firstRetry?: string
  readonly attempts?: number
  /** Of one process. */
  readonly requestRetries?: number
}

export interface Options extends Settings {
  /** `host:port` of the Temporal server. */
  readonly address: string
  readonly name: string
  readonly method?: string
  readonly more?: string
}

const line = (key: string, value: string | number | undefined): string =>
  value === undefined ? "" : `${key} = ${JSON.stringify(value)}`

const pipelexToml = (queue: string, { address, more = "", ...settings }: Options): string => `
[cogt]
${line("transport_max_retries", settings.requestRetries)}
[temporal.temporal_config.temporal_server_configs.local]
target_host = "${address}"
[temporal.worker_config]
default_task_queue = "${queue}"
${line("task_timeout", settings.task)}
${line("default_activity_heartbeat_timeout", settings.heartbeat)}
[temporal.worker_config.retry_policy_config]
${line("initial_interval", settings.firstRetry)}
${line("maximum_attempts", settings.attempts)}
[temporal.worker_runtime_profiles.profiles.default]
${line("sticky_queue_schedule_to_start_timeout", settings.sticky)}
${more}
`

const backendsToml = (url: string): string =>
  ["openai", "mistral", "linkup"].map((name) => `[${name}]\nendpoint = "${url}/v1"\napi_key = "k"\n`).join("")

const environment = { get: () => undefined }

/** As long as its scope is open. */
export const make = Effect.fnUntraced(function*(options: Options) {
  const path = yield* Path.Path
  const provider = yield* FakeProvider.start
  const queue = `${options.name}-${globalThis.crypto.randomUUID()}`
  const home = yield* Folder.make({
    ".pipelex/inference/backends.toml": backendsToml(provider.url),
    ".pipelex/pipelex.toml": pipelexToml(queue, options)
  })
  const configuration = yield* Configuration.loadFolder(path.join(home, ".pipelex"))
  const method = methodOf(options.method ?? Method.text, configuration)
  const connection = yield* Effect.acquireRelease(
    Effect.promise(() => Connection.connect({ address: options.address })),
    (opened) => Effect.promise(() => opened.close())
  )

  const running = (ref: string, inputs: JsonObject) =>
    Effect.flatMap(PipeRunner, (runner) =>
      runner.run({
        crate: { ...Crate.of(method, [ref]), concepts: Crate.of(method).concepts },
        ref,
        inputs
      }))

  /** The same in this process, which no server knows of. */
  const directly = (ref: string, inputs: JsonObject) =>
    Effect.provide(
      running(ref, inputs),
      Direct.layerWith({ configuration, environment, base: home, storage: "memory" })
    )

  /** Submits a run, and waits for what its last pipe made. */
  const run = (runId: string, ref: string = Method.ref, inputs: JsonObject = Method.inputs) =>
    running(ref, inputs).pipe(
      Effect.provide(TemporalClient.layerWith({
        configuration,
        environment,
        base: home,
        scope: { runId },
        storage: { directory: path.join(home, "artefacts") }
      }))
    )

  /** Asks for work as soon as it can. */
  const worker = (...args: ReadonlyArray<string>) => Process.start(home, args)

  /** With a module that its process loads first. */
  const workerAfter = (module: URL) => Process.start(home, [], "worker", { NODE_OPTIONS: `--import ${module.href}` })

  /** What was asked of the provider since it was last given rules, in order: names of leaves. */
  const asked = Effect.map(
    provider.requests,
    (requests) => requests.map(({ body }) => Method.leafIn(JSON.stringify(body)))
  )

  /** What a run made, whoever ran it and wherever. */
  const made = (events: ReadonlyArray<Histories.Event>, runId: string): unknown =>
    JSON.parse(JSON.stringify(Histories.made(events, runId)).replaceAll(home, "home"))

  return { client: new Client({ connection }), provider, queue, run, directly, worker, workerAfter, asked, made }
})

export type Place = Effect.Success<ReturnType<typeof make>>
