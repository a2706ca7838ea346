/** What Prometheus reads of a worker. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Metrics from "../../../src/temporal/worker/Metrics.ts"
import * as Folder from "../../source/Folder.ts"
import * as Server from "../Server.ts"
import * as Process from "./Process.ts"
import * as Working from "./Working.ts"

Server.use()

const limit = 180_000
const canary = "canary-of-the-prompt"

const model = `activity="act_llm_gen_text",gen_ai_request_model="llama-3.3-70b",gen_ai_provider_name="groq"`

describe("pipelex worker --metrics-port", () => {
  it.live(
    "serves the SDK's metrics and ours on one page, of requests, retries and tokens, and of nothing that a run says",
    () =>
      Effect.gen(function*() {
        const project = yield* Working.project("metrics", [
          { reply: { status: 503, body: {} }, times: 1 },
          { reply: { text: "Cats." } }
        ])
        const worker = yield* Process.start(yield* Working.home(project), ["--json", "--metrics-port", "0"])
        const { metrics } = JSON.parse(yield* worker.said("\n")) as { readonly metrics: string }
        const id = `metrics-${project.queue}`
        const { result } = yield* project.run(id, "text", { topic: canary })
        assert.strictEqual(result._tag, "Success")
        const text = yield* Effect.promise(async () => {
          const answer = await fetch(`${metrics}/metrics`)
          assert.include(answer.headers.get("content-type") ?? "", "text/plain")
          return answer.text()
        })
        const lines = text.split("\n")
        const valueOf = (series: string) =>
          Number(lines.find((line) => line.startsWith(`${series} `))?.split(" ").at(-1))
        assert.strictEqual(valueOf(`pipelex_leaves_total{${model},outcome="ok"}`), 1)
        assert.strictEqual(valueOf(`pipelex_leaf_requests_total{${model}}`), 2)
        assert.strictEqual(valueOf(`pipelex_leaf_retries_total{${model}}`), 1)
        assert.isAbove(valueOf(`pipelex_leaf_units_total{${model},kind="input"}`), 0)
        assert.strictEqual(valueOf(`pipelex_leaves_in_flight{activity="act_llm_gen_text"}`), 0)
        const chat = `${model},gen_ai_operation_name="chat"`
        assert.strictEqual(valueOf(`gen_ai_client_operation_duration_seconds_count{${chat}}`), 1)
        assert.strictEqual(valueOf(`gen_ai_client_token_usage_count{${chat},gen_ai_token_type="output"}`), 1)
        assert.isTrue(lines.some((line) => /^temporal_workflow_completed\{.*workflow_type="wf_pipe_run"/.test(line)))
        const types = lines.filter((line) => line.startsWith("# TYPE "))
        assert.strictEqual(new Set(types).size, types.length)
        for (const secret of [canary, id, "Cats."]) assert.notInclude(text, secret)
        yield* worker.kill("SIGTERM")
        assert.strictEqual((yield* worker.ended).code, 0)
      }).pipe(Effect.provide(Folder.layer)),
    limit
  )

  it.live("shares a port with the health where both are the same", () =>
    Effect.gen(function*() {
      const project = yield* Working.project("shared")
      const free = Number((yield* Metrics.address).split(":")[1])
      const worker = yield* Process.start(yield* Working.home(project), [
        "--json",
        "--metrics-port",
        String(free),
        "--health-port",
        String(free)
      ])
      const { health, metrics } = JSON.parse(yield* worker.said("\n")) as Readonly<Record<string, string>>
      assert.strictEqual(health, metrics)
      const statuses = yield* Effect.forEach(["/healthz", "/readyz", "/metrics"], (path) =>
        Effect.promise(async () => (await fetch(`${health}${path}`)).status))
      assert.deepStrictEqual(statuses, [200, 200, 200])
    }).pipe(Effect.provide(Folder.layer)), limit)
})
