/** What a worker is to be, by the configuration: found out before anything is opened. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { JsonObject } from "../../../src/concept/Json.ts"
import * as TemporalOptions from "../../../src/config/TemporalOptions.ts"
import * as Plan from "../../../src/temporal/worker/Plan.ts"

const { defaults } = TemporalOptions

const optionsOf = (temporal: JsonObject = {}) => TemporalOptions.options({ temporal })

const plan = (temporal: JsonObject, asked: Plan.Asked = {}) => Plan.make(optionsOf(temporal), asked)

const refusal = (temporal: JsonObject, asked: Plan.Asked = {}) =>
  Effect.map(Effect.flip(plan(temporal, asked)), ({ message }) => message)

const routed = {
  activity_queues: { act_llm_gen_text: { default: "openai_q", by_handle: { claude: "anthropic_q" } } },
  queue_options: {
    openai_q: { max_task_queue_activities_per_second: 20.5 },
    anthropic_q: {},
    temporal_task_queue: { max_task_queue_activities_per_second: 3 }
  }
}

const numbers = (own: JsonObject) =>
  Effect.map(
    plan({ worker_runtime_profiles: { profiles: { default: own } } }),
    ({ numbers: found }) => Plan.workerOptions(found)
  )

describe("a worker's plan", () => {
  it.effect("is the default queue, scope and profile where nothing is asked for", () =>
    Effect.gen(function*() {
      const made = yield* plan({
        worker_config: { default_task_queue: "home_q" },
        worker_scopes: { default_scope: "runner-llm" },
        worker_runtime_profiles: { default_profile: "small", profiles: { small: { max_cached_workflows: 3 } } }
      })
      assert.deepInclude(made, { queue: "home_q", scope: "runner-llm", profile: "small", hasWorkflows: false })
      assert.strictEqual(made.numbers.maxCachedWorkflows, 3)
      assert.strictEqual((yield* plan({})).queue, defaults.routing.defaultQueue)
    }))

  it.effect("takes its queue's rate along, and no other's", () =>
    Effect.gen(function*() {
      const rateOf = (taskQueue?: string) => Effect.map(plan(routed, { taskQueue }), ({ queueRate }) => queueRate)
      assert.deepStrictEqual(
        [yield* rateOf(), yield* rateOf("openai_q"), yield* rateOf("anthropic_q")],
        [3, 20.5, undefined]
      )
    }))

  it.effect("is refused for a queue that nobody declared, with those there are and the one that was meant", () =>
    Effect.gen(function*() {
      assert.include(
        yield* refusal(routed, { taskQueue: "opena_q" }),
        "WorkerTaskQueueUnknownError: no task queue is called \"opena_q\"; " +
          "there is anthropic_q, openai_q, temporal_task_queue; did you mean \"openai_q\"?"
      )
      assert.notInclude(yield* refusal(routed, { taskQueue: "elsewhere" }), "did you mean")
    }))

  it.effect("is refused for a scope or a profile that is none", () =>
    Effect.gen(function*() {
      assert.include(yield* refusal({}, { scope: "runner-lm" }), "no scope is called \"runner-lm\"; did you mean")
      assert.include(yield* refusal({}, { profile: "big" }), "no profile is called \"big\"; there is default")
    }))

  it.effect("holds no activities where none may run, and is refused when there is nothing else", () =>
    Effect.gen(function*() {
      const idle = { worker_runtime_profiles: { profiles: { default: { max_concurrent_activities: 0 } } } }
      const made = yield* plan(idle)
      assert.deepStrictEqual([made.hasWorkflows, made.activities], [true, []])
      assert.notProperty(Plan.workerOptions(made.numbers), "maxConcurrentActivityTaskExecutions")
      assert.include(yield* refusal(idle, { scope: "runner" }), "runs activities alone, and profile \"default\" none")
    }))

  it.effect("gives the SDK every number of its profile", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(
        yield* numbers({
          max_cached_workflows: 1,
          max_concurrent_workflow_tasks: 2,
          max_concurrent_activities: 3,
          max_concurrent_local_activities: 4,
          max_concurrent_workflow_task_polls: 5,
          max_concurrent_activity_task_polls: 6,
          max_activities_per_second: 7.5,
          sticky_queue_schedule_to_start_timeout: "8s",
          max_heartbeat_throttle_interval: "9s",
          default_heartbeat_throttle_interval: "10s",
          graceful_shutdown_timeout: "11s"
        }),
        {
          maxCachedWorkflows: 1,
          maxConcurrentWorkflowTaskExecutions: 2,
          maxConcurrentActivityTaskExecutions: 3,
          maxConcurrentLocalActivityExecutions: 4,
          maxConcurrentWorkflowTaskPolls: 5,
          maxConcurrentActivityTaskPolls: 6,
          maxActivitiesPerSecond: 7.5,
          stickyQueueScheduleToStartTimeout: 8000,
          maxHeartbeatThrottleInterval: 9000,
          defaultHeartbeatThrottleInterval: 10_000,
          shutdownGraceTime: 11_000
        }
      )
    }))

  it.effect("tunes a worker by the machine's resources, up to the numbers of its profile", () =>
    Effect.gen(function*() {
      const made = yield* numbers({
        tuning_mode: "resource_based",
        max_concurrent_workflow_tasks: 20,
        max_concurrent_activities: 30
      })
      assert.notProperty(made, "maxConcurrentActivityTaskExecutions")
      assert.deepInclude(made.tuner, {
        workflowTaskSlotOptions: { minimumSlots: 2, maximumSlots: 20 },
        activityTaskSlotOptions: { minimumSlots: 1, maximumSlots: 30 }
      })
    }))
})
