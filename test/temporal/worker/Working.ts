/** A worker with the handlers of a direct run, a provider on the loopback interface, and a submitter, on a queue of their own. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import type { JsonObject } from "../../../src/concept/Json.ts"
import * as Configuration from "../../../src/config/Configuration.ts"
import * as TemporalAccess from "../../../src/config/TemporalAccess.ts"
import * as Crate from "../../../src/library/Crate.ts"
import { PipeRunner } from "../../../src/program/PipeRunner.ts"
import { type RunEvent, RunEvents } from "../../../src/program/RunEvents.ts"
import * as TemporalClient from "../../../src/temporal/client/TemporalClient.ts"
import * as Plan from "../../../src/temporal/worker/Plan.ts"
import * as Resources from "../../../src/temporal/worker/Resources.ts"
import * as Worker from "../../../src/temporal/worker/Worker.ts"
import { methodOf } from "../../acceptance/Layers.ts"
import * as FakeProvider from "../../fake/FakeProvider.ts"
import { pipe } from "../../library/Fixture.ts"
import * as Folder from "../../source/Folder.ts"
import * as Quiet from "../Quiet.ts"
import * as Server from "../Server.ts"

Quiet.install()

const model = "llama-3.3-70b"
export const painter = "gpt-image-1-mini"

export const bundle = [
  `[concept.Card]
description = "c"
[concept.Card.structure]
title = { type = "text", description = "t", required = true }
size = { type = "integer", description = "s", required = true }
`,
  pipe("text", "PipeLLM", { inputs: { topic: "Text" }, output: "Text", prompt: "Say $topic", model }),
  pipe("card", "PipeLLM", { inputs: { topic: "Text" }, output: "Card", prompt: "Fill $topic", model }),
  pipe("image", "PipeImgGen", { inputs: { topic: "Text" }, output: "Image", prompt: "$topic", model: painter })
].join("\n")

/** The files of a project whose server, queue and provider are these. Attempts follow each other at once. */
export const files = Effect.fnUntraced(function*(name: string, provider: FakeProvider.FakeProvider, more = "") {
  const address = yield* Server.address
  const queue = yield* Server.queue(name)
  return {
    queue,
    address,
    files: {
      "inference/backends.toml": `${
        ["groq", "openai"].map((backend) => `[${backend}]\nendpoint = "${provider.url}/v1"\napi_key = "k"\n`).join("")
      }[internal]\n`,
      "pipelex.toml": `
[temporal.temporal_config.temporal_server_configs.local]
target_host = "${address}"
[temporal.worker_config]
default_task_queue = "${queue}"
[temporal.worker_config.retry_policy_config]
initial_interval = "100ms"
${more}
`
    }
  }
})

const environment = { get: () => undefined }

/** Everything but the worker: a folder, its configuration, a provider that obeys these rules, and runs by id. */
export const project = Effect.fnUntraced(
  function*(name: string, rules: ReadonlyArray<FakeProvider.Rule> = [], more?: string) {
    const provider = yield* FakeProvider.start
    yield* provider.rules(rules)
    const written = yield* files(name, provider, more)
    const folder = yield* Folder.make(written.files)
    const configuration = yield* Configuration.loadFolder(folder)
    const access = yield* TemporalAccess.resolve(configuration.values, environment.get)
    const method = methodOf(bundle, configuration)
    const client = yield* Server.client()

    /** Runs a pipe by this id and tells its events. */
    const run = (runId: string, ref: string, inputs: JsonObject = { topic: "cats" }) => {
      const events: Array<RunEvent> = []
      const running = Effect.flatMap(
        PipeRunner,
        (runner) =>
          runner.run({
            crate: { ...Crate.of(method, [`d.${ref}`]), concepts: Crate.of(method).concepts },
            ref: `d.${ref}`,
            inputs
          })
      )
      return running.pipe(
        Effect.provideService(RunEvents, (event) => events.push(event)),
        Effect.provide(TemporalClient.layerWith({
          configuration,
          environment,
          scope: { runId },
          storage: { directory: `${folder}/artefacts` }
        })),
        Effect.result,
        Effect.map((result) => ({ result, events }))
      )
    }

    /** What the server knows of the leaf that a run waits for. */
    const pending = (runId: string) =>
      Effect.tryPromise(() => client.workflow.getHandle(runId).describe()).pipe(
        Effect.map(({ raw }) => raw.pendingActivities?.[0]),
        Effect.orElseSucceed(() => undefined)
      )

    const cancel = (runId: string) => Effect.promise(() => client.workflow.getHandle(runId).cancel())
    return { ...written, folder, provider, configuration, access, client, run, pending, cancel }
  }
)

export type Project = Effect.Success<ReturnType<typeof project>>

/** A worker in this process. Default: with the handlers of a direct run. */
export const worker = Effect.fnUntraced(
  function*({ access, configuration, folder }: Project, more: Partial<Worker.Options<never>> = {}) {
    const plan = yield* Plan.make(access.options, {})
    const leaves = Resources.layer({ configuration, environment, base: folder, storage: "memory" })
    return yield* Worker.open({ access, plan, leaves, ...more })
  }
)

/** A folder with the project's configuration where a command looks for it. */
export const home = Effect.fnUntraced(function*({ folder }: Pick<Project, "folder">) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const made = yield* Folder.make({ "README.md": "" })
  yield* fs.copy(folder, path.join(made, ".pipelex"))
  return made
})
