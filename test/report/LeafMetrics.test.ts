import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Metric from "effect/Metric"
import * as PrometheusMetrics from "effect/observability/PrometheusMetrics"
import * as TestClock from "effect/testing/TestClock"
import * as Recorded from "../../src/direct/Recorded.ts"
import { fail, PipeFailure } from "../../src/failure/PipeFailure.ts"
import * as Reason from "../../src/failure/Reason.ts"
import type { Usage } from "../../src/failure/Usage.ts"
import type { Job } from "../../src/program/Leaves.ts"
import { emit, type RunEvent, RunEvents } from "../../src/program/RunEvents.ts"
import * as LeafMetrics from "../../src/report/LeafMetrics.ts"

const job: Job<"act_llm_gen_text"> = {
  meta: { runId: "run-canary", userId: "u", pipe: "say", domain: "d", path: "say" },
  setting: {
    model: {
      handle: "m",
      family: "llm",
      backend: "b",
      sdk: "openai",
      modelId: "m-1",
      inputs: [],
      outputs: [],
      thinking: "none",
      costs: { input: 2, output: 10 }
    },
    settings: {}
  },
  prompt: { user: "prompt-canary", images: [], documents: [] }
}

const usage: Usage = {
  model: "m",
  backend: "b",
  requests: 3,
  reasks: 1,
  units: { input: 1e6, output: 5e5 },
  seconds: 1
}

type Leaf = Effect.Effect<{ readonly value: string; readonly usage: Usage }, PipeFailure>

/** What Prometheus would read after these leaves, of a registry of their own. */
const read = (...leaves: ReadonlyArray<Leaf>) =>
  Effect.gen(function*() {
    for (const leaf of leaves) {
      const handlers = LeafMetrics.make({
        ...Recorded.leaves({ answer: () => Effect.succeed("") }),
        act_llm_gen_text: () => leaf
      })
      yield* Effect.exit(handlers.act_llm_gen_text(job))
    }
    return (yield* PrometheusMetrics.format()).split("\n")
  }).pipe(Effect.provideService(Metric.MetricRegistry, new Map()))

const of = `activity="act_llm_gen_text",gen_ai_request_model="m",gen_ai_provider_name="b"`

const answered: Leaf = Effect.succeed({ value: "answer-canary", usage })

describe("the metrics of leaves", () => {
  it.effect("count leaves, requests, tokens and dollars, and name no run and no content", () =>
    Effect.gen(function*() {
      const lines = yield* read(answered, answered)
      for (
        const line of [
          `pipelex_leaves_total{${of},outcome="ok"} 2`,
          `pipelex_leaf_requests_total{${of}} 6`,
          `pipelex_leaf_reasks_total{${of}} 2`,
          `pipelex_leaf_cost_usd_total{${of}} 14`,
          `pipelex_leaf_units_total{${of},kind="input"} 2000000`,
          `pipelex_leaf_units_total{${of},kind="output"} 1000000`,
          `gen_ai_client_token_usage_sum{${of},gen_ai_operation_name="chat",gen_ai_token_type="output"} 1000000`
        ]
      ) assert.include(lines, line)
      assert.notInclude(lines.join("\n"), "canary")
    }))

  it.effect("tell failures by category and code, with what they consumed, and defects and cancellations apart", () =>
    Effect.gen(function*() {
      const limited = new PipeFailure({ reason: new Reason.RateLimited({ model: "m" }), location: {}, usage })
      const lines = yield* read(
        Effect.fail(limited),
        Effect.fail(fail(new Reason.Unsupported({ what: "x" }))),
        Effect.die(new Error("boom")),
        Effect.interrupt
      )
      for (const outcome of ["transient", "failed", "defect", "cancelled"]) {
        assert.include(lines, `pipelex_leaves_total{${of},outcome="${outcome}"} 1`)
      }
      for (const code of ["provider.rate_limited", "runtime.unsupported", "_OTHER", "cancelled"]) {
        const labels = `${of},gen_ai_operation_name="chat",error_type="${code}"`
        assert.include(lines, `gen_ai_client_operation_duration_seconds_count{${labels}} 1`)
      }
      assert.include(lines, `pipelex_leaf_requests_total{${of}} 3`)
    }))

  it.effect("count the requests that were repeated, and let the run's listener hear of them", () =>
    Effect.gen(function*() {
      const retry: RunEvent = { _tag: "Retry", path: "say", attempt: 2, of: 3, delaySeconds: 1, why: "429" }
      const heard: Array<RunEvent> = []
      const lines = yield* read(Effect.andThen(emit(() => retry), answered)).pipe(
        Effect.provideService(RunEvents, (event) => heard.push(event))
      )
      assert.include(lines, `pipelex_leaf_retries_total{${of}} 1`)
      assert.deepStrictEqual(heard, [retry])
    }))

  it.effect("measure how long a leaf took, and how many are under way", () =>
    Effect.gen(function*() {
      const registry = new Map()
      const handlers = LeafMetrics.make({
        ...Recorded.leaves({ answer: () => Effect.succeed("") }),
        act_llm_gen_text: () => Effect.delay(answered, "3 seconds")
      })
      const inRegistry = Effect.provideService(Metric.MetricRegistry, registry)
      const leaf = yield* Effect.forkChild(inRegistry(handlers.act_llm_gen_text(job)))
      yield* TestClock.adjust("1 second")
      assert.include(
        yield* inRegistry(PrometheusMetrics.format()),
        `pipelex_leaves_in_flight{activity="act_llm_gen_text"} 1`
      )
      yield* TestClock.adjust("2 seconds")
      yield* Fiber.join(leaf)
      const text = yield* inRegistry(PrometheusMetrics.format())
      assert.include(text, `pipelex_leaves_in_flight{activity="act_llm_gen_text"} 0`)
      assert.include(text, `gen_ai_client_operation_duration_seconds_sum{${of},gen_ai_operation_name="chat"} 3`)
    }))
})
