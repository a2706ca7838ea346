/** This runtime as built: `pipelex worker` in a folder with a configuration, and programs run from here through `TemporalClient`. */
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { Concept, Pipe, type PipeRunner, TemporalClient } from "pipelex-effect"
import type { Running } from "./Peers.ts"
import type { Started } from "./WorkerProcess.ts"

export interface Asked {
  readonly address: string
  readonly queue: string
  /** Of the provider; without one, the simulated backend answers, at once and inside of the worker. */
  readonly base: string | undefined
  readonly width: number
  readonly granularity: "item" | "shard"
  /** Items of a shard; absent: as many as by default. */
  readonly shardSize?: number
}

const files = ({ address, base, granularity, queue, shardSize, width }: Asked): Readonly<Record<string, string>> => ({
  ".pipelex/pipelex.toml": `
[pipelex.pipeline_execution_config]
max_concurrency = ${width}
[temporal.batch]
granularity = "${granularity}"
${shardSize === undefined ? "" : `shard_size = ${shardSize}`}
[temporal.worker_config]
default_task_queue = "${queue}"
[temporal.temporal_config.temporal_server_configs.local]
target_host = "${address}"
`,
  ".pipelex/inference/backends.toml": `[openai]\nendpoint = "${base ?? "http://127.0.0.1:9"}/v1"\napi_key = "x"\n`,
  ".pipelex/inference/backends/openai.toml":
    "[defaults]\nsdk = \"openai\"\ninputs = [\"text\"]\noutputs = [\"text\", \"structured\"]\n[gpt-4o-mini]\n",
  ".pipelex/inference/routing_profiles.toml":
    "active = \"all\"\n[profiles.all]\ndescription = \"All\"\ndefault = \"openai\"\n",
  ".pipelex/inference/deck/llm.toml":
    "[llm.choice_defaults]\ndefault_temperature = 1\nfor_text = \"gpt-4o-mini\"\nfor_object = \"gpt-4o-mini\"\n"
})

/** Writes the configuration to a folder of its own. */
export const write = (asked: Asked): string => {
  const folder = mkdtempSync(join(tmpdir(), "pipelex-bench-"))
  for (const [name, text] of Object.entries(files(asked))) {
    const file = join(folder, name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  return folder
}

const program = fileURLToPath(new URL("../../dist/pipelex.js", import.meta.url))

export const worker = (folder: string): Started => ({ args: [program, "worker"], cwd: folder, env: {} })

const answer = Pipe.llm("bench.answer", { inputs: { text: Concept.Text }, output: Concept.Text, prompt: "$text" })
const each = Pipe.batch("bench.each", { over: "texts", as: "text", branch: answer })

/** Connects from the folder. A batch is run under the id that it is given, so that it is found again on the server. */
export const connect = (folder: string, { base }: Asked): Running => {
  const layer = (runId?: string) =>
    TemporalClient.layerWith({
      base: folder,
      environment: { get: () => undefined },
      ...(base === undefined ? { backend: "simulated" } : {}),
      ...(runId === undefined ? {} : { scope: { runId } })
    })
  const runtime: ManagedRuntime.ManagedRuntime<PipeRunner, unknown> = ManagedRuntime.make(layer())
  return {
    one: (item) => runtime.runPromise(Effect.asVoid(answer({ text: { text: item } }))),
    batch: (id, items) =>
      Effect.runPromise(
        each({ texts: items.map((text) => ({ text })) }).pipe(
          Effect.map((found) => found.length),
          Effect.provide(layer(id))
        )
      ),
    close: () => runtime.dispose()
  }
}
