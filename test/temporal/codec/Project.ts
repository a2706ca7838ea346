/** A project whose payloads are kept as these lines of TOML say, on a server that writes to a file. */
import * as Effect from "effect/Effect"
import { randomBytes } from "node:crypto"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import type { JsonObject } from "../../../src/concept/Json.ts"
import * as Configuration from "../../../src/config/Configuration.ts"
import * as TemporalAccess from "../../../src/config/TemporalAccess.ts"
import * as Crate from "../../../src/library/Crate.ts"
import { PipeRunner } from "../../../src/program/PipeRunner.ts"
import * as Connection from "../../../src/temporal/client/Connection.ts"
import * as TemporalClient from "../../../src/temporal/client/TemporalClient.ts"
import * as Plan from "../../../src/temporal/worker/Plan.ts"
import * as Resources from "../../../src/temporal/worker/Resources.ts"
import * as Worker from "../../../src/temporal/worker/Worker.ts"
import { methodOf } from "../../acceptance/Layers.ts"
import * as FakeProvider from "../../fake/FakeProvider.ts"
import { pipe } from "../../library/Fixture.ts"
import * as Folder from "../../source/Folder.ts"
import * as DevServer from "../DevServer.ts"

/** The key of the provider, which no server has any business with. */
export const secret = "canary-of-the-provider-key"

const llm = (code: string, prompt: string, input: string) =>
  pipe(code, "PipeLLM", { inputs: { [input]: "Text" }, output: "Text", prompt, model: "llama-3.3-70b" })

/** A sequence of two models, so that values pass between workflows. */
const bundle = [
  llm("first", "Read $document", "document"),
  llm("second", "Shorten $draft", "draft"),
  pipe("both", "PipeSequence", {
    inputs: { document: "Text" },
    output: "Text",
    steps: [{ pipe: "first", result: "draft" }, { pipe: "second", result: "summary" }]
  })
].join("\n")

export const key = (): string => randomBytes(32).toString("base64")

/** The table that turns encryption on. */
export const encrypted = (keyId: string, keys: Readonly<Record<string, string>>): string =>
  `[temporal.payload_codec_config.encryption]
is_enabled = true
key_id = "${keyId}"
[temporal.payload_codec_config.encryption.keys]
${Object.entries(keys).map(([id, value]) => `${id} = "${value}"`).join("\n")}
`

/** A server of its own, with everything that its files hold. */
export const server = Effect.gen(function*() {
  const folder = yield* Folder.make({})
  const { address } = yield* Effect.acquireRelease(
    Effect.promise(() => DevServer.startIn(join(folder, "temporal.db"))),
    ({ stop }) => Effect.promise(stop)
  )
  const kept = Effect.sync(() => Buffer.concat(readdirSync(folder).map((name) => readFileSync(join(folder, name)))))
  return { address, kept }
})

const environment = { get: () => undefined }

/** A worker for as long as the scope is open, and runs by id. `codec` follows what leads to the server and the queue. */
export const make = Effect.fnUntraced(
  function*(address: string, queue: string, codec: string, rules: ReadonlyArray<FakeProvider.Rule> = []) {
    const provider = yield* FakeProvider.start
    yield* provider.rules(rules)
    const folder = yield* Folder.make({
      "inference/backends.toml": `[groq]\nendpoint = "${provider.url}/v1"\napi_key = "${secret}"\n[internal]\n`,
      "pipelex.toml": `[temporal.temporal_config.temporal_server_configs.local]
target_host = "${address}"
[temporal.worker_config]
default_task_queue = "${queue}"
${codec}`
    })
    const loaded = yield* Configuration.loadFolder(folder)
    const configuration = { ...loaded, locations: { ...loaded.locations, projectRoot: folder } }
    const access = yield* TemporalAccess.resolve(
      configuration.values,
      environment.get,
      undefined,
      configuration.locations
    )
    const method = methodOf(bundle, configuration)
    yield* Worker.open({
      access,
      plan: yield* Plan.make(access.options, {}),
      leaves: Resources.layer({ configuration, environment, base: folder, storage: "memory" })
    })
    const { client } = yield* Connection.open(access)

    const run = (runId: string, ref: string, inputs: JsonObject, more: TemporalClient.Options = {}) =>
      Effect.flatMap(PipeRunner, (runner) => runner.run({ crate: Crate.of(method), ref, inputs })).pipe(
        Effect.provide(
          TemporalClient.layerWith({ configuration, environment, scope: { runId }, storage: "memory", ...more })
        ),
        Effect.result
      )

    /** What the server tells of a workflow, as it tells it. */
    const history = (workflowId: string) =>
      Effect.tryPromise(() =>
        client.workflowService.getWorkflowExecutionHistory({
          namespace: "default",
          execution: { workflowId },
          maximumPageSize: 1000
        })
      ).pipe(Effect.map((answer) => answer.history?.events ?? []))

    const size = (workflowId: string) =>
      Effect.promise(() => client.workflow.getHandle(workflowId).describe()).pipe(
        Effect.map((described) => described.historySize ?? Number.NaN)
      )

    /** Everything that the payload store holds. */
    const store = Effect.sync(() => {
      const place = join(folder, ".pipelex/temporal-payload-store/temporal-payloads")
      return readdirSync(place).map((name) => readFileSync(join(place, name)))
    })
    return { folder, access, client, run, history, size, store }
  }
)
