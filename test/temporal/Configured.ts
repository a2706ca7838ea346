/** A project on the shared server with these keys of `[temporal]`, and what the server stored of its runs. */
import type { Connection } from "@temporalio/client"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Configuration from "../../src/config/Configuration.ts"
import * as TemporalAccess from "../../src/config/TemporalAccess.ts"
import * as Crate from "../../src/library/Crate.ts"
import { PipeRunner } from "../../src/program/PipeRunner.ts"
import * as TemporalClient from "../../src/temporal/client/TemporalClient.ts"
import * as Plan from "../../src/temporal/worker/Plan.ts"
import * as Resources from "../../src/temporal/worker/Resources.ts"
import * as Worker from "../../src/temporal/worker/Worker.ts"
import { methodOf } from "../acceptance/Layers.ts"
import * as FakeProvider from "../fake/FakeProvider.ts"
import { pipe } from "../library/Fixture.ts"
import * as Folder from "../source/Folder.ts"
import * as Quiet from "./Quiet.ts"
import * as Server from "./Server.ts"

Quiet.install()

const model = "llama-3.3-70b"

const bundle = [
  `[concept.Card]
description = "c"
[concept.Card.structure]
title = { type = "text", description = "t", required = true }
`,
  pipe("text", "PipeLLM", { inputs: { topic: "Text" }, output: "Text", prompt: "Say $topic", model }),
  pipe("card", "PipeLLM", { inputs: { topic: "Text" }, output: "Card", prompt: "Fill $topic", model })
].join("\n")

type History = Awaited<ReturnType<Connection["workflowService"]["getWorkflowExecutionHistory"]>>["history"]

/** An event of a history, as the server tells it. */
type Event = NonNullable<NonNullable<NonNullable<History>["events"]>[number]>

/** Every key under its dotted path, as TOML. Files are written beside the configuration. */
export interface Options {
  readonly keys: Readonly<Record<string, string>>
  readonly files?: Readonly<Record<string, string>>
  readonly variables?: Readonly<Record<string, string>>
  readonly rules?: ReadonlyArray<FakeProvider.Rule>
  readonly address?: string
}

const limit = Schedule.spaced("50 millis")

/** A folder with its configuration, its method and a client of the server. Nothing works on its queue until `worker` is opened. */
export const project = Effect.fnUntraced(
  function*(name: string, { address, files, keys, rules, variables = {} }: Options) {
    const own = yield* Server.address
    const queue = yield* Server.queue(name)
    const provider = yield* FakeProvider.start
    yield* provider.rules(rules ?? [{ reply: { text: "Cats." } }])
    const toml = {
      "temporal_config.temporal_server_configs.local.target_host": JSON.stringify(address ?? own),
      ...("worker_config.task_queue" in keys ? {} : { "worker_config.default_task_queue": JSON.stringify(queue) }),
      ...keys
    }
    const folder = yield* Folder.make({
      "inference/backends.toml": `[groq]\nendpoint = "${provider.url}/v1"\napi_key = "k"\n[internal]\n`,
      "pipelex.toml": `[temporal]\n${Object.entries(toml).map(([key, value]) => `${key} = ${value}`).join("\n")}\n`
    })
    for (const [path, text] of Object.entries(files ?? {})) writeFileSync(join(folder, path), text)
    const loaded = yield* Configuration.loadFolder(folder)
    const configuration = { ...loaded, locations: { ...loaded.locations, projectRoot: folder } }
    const environment = { get: (variable: string) => variables[variable] }
    const access = yield* TemporalAccess.resolve(
      configuration.values,
      environment.get,
      undefined,
      configuration.locations
    )
    const method = methodOf(bundle, configuration)
    const client = yield* Server.client()

    const run = (id: string, ref: "text" | "card", topic = "cats") =>
      Effect.flatMap(PipeRunner, (runner) =>
        runner.run({
          crate: { ...Crate.of(method, [`d.${ref}`]), concepts: Crate.of(method).concepts },
          ref: `d.${ref}`,
          inputs: { topic }
        })).pipe(
          Effect.provide(
            TemporalClient.layerWith({
              configuration,
              environment,
              scope: { runId: `${id}-${queue}` },
              storage: "memory"
            })
          ),
          Effect.result
        )

    const worker = (asked: Plan.Asked = {}) =>
      Effect.flatMap(
        Plan.make(access.options, asked),
        (plan) =>
          Worker.open({
            access,
            plan,
            leaves: Resources.layer({ configuration, environment, base: folder, storage: "memory" })
          })
      )

    const events = (id: string): Effect.Effect<ReadonlyArray<Event>> =>
      Effect.tryPromise(() =>
        client.workflowService.getWorkflowExecutionHistory({
          namespace: "default",
          execution: { workflowId: `${id}-${queue}` },
          maximumPageSize: 1000
        })
      ).pipe(Effect.map((answer) => answer.history?.events ?? []), Effect.orElseSucceed(() => []))

    /** Starts a run, waits until its history has what is wanted, and ends it. */
    const seen = <A>(
      ref: "text" | "card",
      wanted: (event: Event) => A | null | undefined,
      topic?: string
    ): Effect.Effect<A | null | undefined> =>
      Effect.gen(function*() {
        const running = yield* Effect.forkChild(run(ref, ref, topic))
        const found = yield* Effect.repeat(
          Effect.map(events(ref), (all) => all.map(wanted).find((each) => each !== null && each !== undefined)),
          { schedule: limit, until: (value) => value !== undefined || running.pollUnsafe() !== undefined }
        )
        yield* Effect.promise(() => client.workflow.getHandle(`${ref}-${queue}`).terminate())
        yield* Fiber.join(running)
        return found
      })

    return { access, client, configuration, folder, provider, queue, run, seen, worker }
  }
)

/** Seconds of a duration as the server tells it. */
export const seconds = (
  duration: { readonly seconds?: unknown; readonly nanos?: number | null } | null | undefined
): number | undefined =>
  duration === null || duration === undefined ? undefined : Number(duration.seconds ?? 0) + (duration.nanos ?? 0) / 1e9
