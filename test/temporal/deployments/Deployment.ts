/**
 * An example of a deployment as its reader has it: the folder with its configuration, and the processes of its Procfile. Only the server
 * and the addresses of the providers are others. Each has a namespace of its own on the server, so that its queues are nobody else's.
 */
import { Client, Connection } from "@temporalio/client"
import { msToTs } from "@temporalio/common/lib/time.js"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Schedule from "effect/Schedule"
import { appendFileSync, cpSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as FakeProvider from "../../fake/FakeProvider.ts"
import * as Process from "../worker/Process.ts"
import * as Placed from "./Placed.ts"
import * as Procfile from "./Procfile.ts"

const examples = join(import.meta.dirname, "../../../examples")

/** The patterns that there is an example of. */
export const patterns = ["single", "router-runners", "per-provider"] as const
export type Pattern = typeof patterns[number]

/** The folder of a pattern in the repository. */
export const folderOf = (pattern: Pattern): string => join(examples, "deployments", pattern)

/** A process of the Procfile, asking for work. */
export interface Worker {
  /** Under which the server knows it. */
  readonly identity: string
  readonly queue: string
  readonly kill: Effect.Effect<void>
}

const endpoints = (url: string): string =>
  `[openai]\nendpoint = "${url}/v1"\n[anthropic]\nendpoint = "${url}"\n[mistral]\nendpoint = "${url}/v1"\n`

const keys = "OPENAI_API_KEY=k\nANTHROPIC_API_KEY=k\nMISTRAL_API_KEY=k\n"

const server = (address: string, namespace: string): string =>
  `[temporal.temporal_config.temporal_server_configs.local]\ntarget_host = "${address}"\nnamespace = "${namespace}"\n`

/** Looks again and again until it is as it should be. */
export const until = <A>(
  look: Effect.Effect<A>,
  isThere: (found: A) => boolean,
  limit: Duration.Input = "2 minutes"
): Effect.Effect<A> =>
  Effect.repeat(look, { schedule: Schedule.spaced("100 millis"), until: isThere }).pipe(
    Effect.timeout(limit),
    Effect.orDie
  )

const connect = (address: string, namespace: string) =>
  Effect.acquireRelease(
    Effect.promise(() => Connection.connect({ address })),
    (opened) => Effect.promise(() => opened.close())
  ).pipe(Effect.map((connection) => new Client({ connection, namespace })))

/** Tasks that wait on a queue of activities. */
const activityQueue = 2

/** Copies the example, and leads it to a server. `more` is a personal overlay of its configuration. */
export const open = Effect.fnUntraced(function*(pattern: Pattern, address: string, more = "") {
  const fs = yield* FileSystem.FileSystem
  const place = yield* Effect.flatMap(fs.makeTempDirectoryScoped({ prefix: "deployment-" }), fs.realPath)
  cpSync(examples, place, { recursive: true })
  const folder = join(place, "deployments", pattern)
  const provider = yield* FakeProvider.start
  const namespace = `${pattern}-${globalThis.crypto.randomUUID()}`
  const client = yield* connect(address, namespace)
  yield* Effect.promise(() =>
    client.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: msToTs("1 day") })
  )
  writeFileSync(join(folder, ".env"), keys)
  mkdirSync(join(folder, ".pipelex/inference"))
  writeFileSync(join(folder, ".pipelex/inference/backends_override.toml"), endpoints(provider.url))
  appendFileSync(join(folder, ".pipelex/pipelex_override.toml"), server(address, namespace) + more)
  const lines = Procfile.lines(folder)
  const pipelex = (command: string, args: ReadonlyArray<string>) =>
    Process.start(folder, args, command, { HOME: join(place, "home") })

  /** The process of that name, with more arguments where a composition has some. */
  const start = Effect.fnUntraced(function*(name: string, added: ReadonlyArray<string> = []) {
    const line = lines.find((each) => each.name === name)
    if (line === undefined) return yield* Effect.die(new Error(`no process is called "${name}"`))
    const [command = "", ...args] = Procfile.args(line)
    const started = yield* pipelex(command, [...args, ...added])
    const said = yield* started.said("worker ready: ")
    const [, identity = "", queue = ""] = /worker ready: (\S+) queue=(\S+)/.exec(said) ?? []
    const worker: Worker = {
      identity,
      queue,
      kill: Effect.andThen(started.kill("SIGKILL"), Effect.asVoid(started.ended))
    }
    return worker
  })

  /** The processes of these names, started together: by default each of them. */
  const startAll = (names: ReadonlyArray<string> = lines.map(({ name }) => name)) =>
    Effect.map(
      Effect.forEach(names, (name) => Effect.map(start(name), (worker) => [name, worker] as const), {
        concurrency: "unbounded"
      }),
      (started): Readonly<Record<string, Worker>> => Object.fromEntries(started)
    )

  /** `pipelex run` of the method beside the examples: a process that waits for its end. */
  const run = (runId: string, args: ReadonlyArray<string> = []) =>
    pipelex("run", ["bundle", "../recap", "--run-id", runId, ...args])

  /** Looks until it is as it should be, for as long as these go on. */
  const whileRunning = <A>(runs: ReadonlyArray<Process.Started>, look: Effect.Effect<A>): Effect.Effect<A> =>
    Effect.raceAllFirst([
      look,
      ...runs.map(({ ended }) =>
        Effect.flatMap(ended, ({ code, stderr }) => Effect.die(new Error(`a run ended with ${code}: ${stderr}`)))
      )
    ])

  const placed = (runId: string) => Placed.of(client, runId)

  const status = (runId: string) =>
    Effect.map(
      Effect.promise(() => client.workflow.getHandle(runId).describe()),
      ({ status: { name } }) => name
    )

  /** Activities that nobody has taken from the queue yet. */
  const backlog = (name: string) =>
    Effect.map(
      Effect.promise(() =>
        client.workflowService.describeTaskQueue({
          namespace,
          taskQueue: { name },
          // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- the enum is in a package that only the SDK has
          taskQueueType: activityQueue,
          reportStats: true
        })
      ),
      ({ stats }) => Number(stats?.approximateBacklogCount ?? 0)
    )
  return { client, folder, provider, lines, start, startAll, run, whileRunning, placed, status, backlog }
})

export type Deployment = Effect.Success<ReturnType<typeof open>>
