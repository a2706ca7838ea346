/** Keys of `[temporal]` whose effect is on a server: what it stored of runs and activities, and what it knows of workers. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as TestClock from "effect/testing/TestClock"
import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { defaults } from "../../src/config/TemporalOptions.ts"
import * as Connection from "../../src/temporal/client/Connection.ts"
import * as Packed from "../../src/temporal/wire/Packed.ts"
import * as Folder from "../source/Folder.ts"
import * as Configured from "./Configured.ts"
import * as Server from "./Server.ts"

Server.use()

/** A worker may have to build the bundle of workflows first. */
const limit = 240_000

const started = (keys: Readonly<Record<string, string>>, topic?: string) =>
  Effect.gen(function*() {
    const project = yield* Configured.project("configured", { keys })
    const attributes = yield* project.seen("text", (event) => event.workflowExecutionStartedEventAttributes, topic)
    const sent = Buffer.from(attributes?.input?.payloads?.[0]?.data ?? []).toString()
    return { ...project, attributes, sent }
  }).pipe(Effect.provide(Folder.layer))

describe("a durable run", () => {
  it.live(
    "is started with the limits that are configured, and without any where there are none",
    () =>
      Effect.gen(function*() {
        const limits = ({ attributes }: Effect.Success<ReturnType<typeof started>>) =>
          [
            attributes?.workflowExecutionTimeout,
            attributes?.workflowRunTimeout,
            attributes?.workflowTaskTimeout,
            attributes?.firstWorkflowTaskBackoff
          ].map(Configured.seconds)
        assert.deepStrictEqual(
          limits(
            yield* started({
              "worker_config.workflow_execution_timeout": "\"2h\"",
              "worker_config.run_timeout": "\"1:00:00\"",
              "worker_config.task_timeout": "\"20s\"",
              "worker_config.start_delay": "\"90s\""
            })
          ),
          [7200, 3600, 20, 90]
        )
        assert.deepStrictEqual(limits(yield* started({})), [undefined, undefined, 10, 0])
      }),
    limit
  )

  it.live("is on the default queue, by its older name too", () =>
    Effect.gen(function*() {
      for (const key of ["default_task_queue", "task_queue"]) {
        const { attributes } = yield* started({ [`worker_config.${key}`]: "\"configured-home_q\"" })
        assert.strictEqual(attributes?.taskQueue?.name, "configured-home_q")
      }
    }))

  it.live("takes along how its batches are cut", () =>
    Effect.gen(function*() {
      const { sent } = yield* started({ "batch.granularity": "\"item\"", "batch.shard_size": "77" })
      assert.include(sent, "\"granularity\":\"item\"")
      assert.include(sent, "\"shardSize\":77")
    }))

  it.live("takes along whether its dispatches are traced", () =>
    Effect.gen(function*() {
      const key = "temporal_config.temporal_log_config.is_dispatch_resolution_traced"
      const obeyed = ({ sent }: Effect.Success<ReturnType<typeof started>>) => {
        const input = JSON.parse(sent) as { readonly obeyed: string }
        return JSON.stringify(Packed.json(input.obeyed))
      }
      assert.include(obeyed(yield* started({ [key]: "true" })), "\"isTraced\":true")
      assert.notInclude(obeyed(yield* started({})), "isTraced")
    }))

  it.live("carries the search attributes that are listed, and none where they are off", () =>
    Effect.gen(function*() {
      const carried = ({ attributes }: Effect.Success<ReturnType<typeof started>>) =>
        Object.keys(attributes?.searchAttributes?.indexedFields ?? {}).toSorted()
      assert.deepStrictEqual(
        carried(yield* started({ "search_attributes.attributes": "[\"UserId\", \"PipeCode\"]" })),
        ["PipeCode", "UserId"]
      )
      assert.deepStrictEqual(carried(yield* started({ "search_attributes.enabled": "false" })), [])
    }))

  it.live(
    "puts values of the threshold and above into the configured place, and none where that is off",
    () =>
      Effect.gen(function*() {
        const storage = "payload_codec_config.storage_provider_config.local.local_storage_path"
        const keys = {
          "payload_codec_config.storage_prefix": "\"runs/large/\"",
          [storage]: "\"kept\""
        }
        const topic = "x".repeat(20_000)
        const stored = ({ folder }: { readonly folder: string }) => {
          const place = join(folder, "kept/runs/large")
          return existsSync(place) ? readdirSync(place).length : 0
        }
        const threshold = "payload_codec_config.size_threshold"
        assert.isAbove(stored(yield* started({ ...keys, [threshold]: "5000" }, topic)), 0)
        assert.strictEqual(stored(yield* started({ ...keys, [threshold]: "5000000" }, topic)), 0)
        const off = yield* started({ ...keys, [threshold]: "5000", "payload_codec_config.is_enabled": "false" }, topic)
        assert.strictEqual(stored(off), 0)
        assert.include(off.sent, topic)
      }),
    limit
  )

  it.live("is refused with a store that there is no way to write to", () =>
    Effect.gen(function*() {
      const keys = { "payload_codec_config.storage_provider_config.method": "\"gcp\"" }
      const { run } = yield* Configured.project("store", { keys })
      const result = yield* run("store", "text")
      assert.include(result._tag === "Failure" ? result.failure.message : "", "gcp")
    }).pipe(Effect.provide(Folder.layer)))
})

const routed = {
  "activity_queues.act_llm_gen_text.default": "\"configured-slow_q\"",
  "activity_queues.act_llm_gen_text.by_handle.\"llama-3.3-70b\"": "\"configured-llama_q\"",
  "queue_options.configured-slow_q.heartbeat_timeout": "\"1h\"",
  "queue_options.configured-llama_q.start_to_close_timeout": "\"1m\"",
  "queue_options.configured-llama_q.schedule_to_close_timeout": "\"50m\"",
  "queue_options.configured-llama_q.schedule_to_start_timeout": "\"40m\"",
  "queue_options.configured-llama_q.heartbeat_timeout": "\"7s\"",
  "queue_options.configured-llama_q.retry_policy_config.initial_interval": "\"4s\"",
  "queue_options.configured-llama_q.retry_policy_config.backoff_coefficient": "1.5",
  "queue_options.configured-llama_q.retry_policy_config.maximum_interval": "\"9s\"",
  "queue_options.configured-llama_q.retry_policy_config.maximum_attempts": "8",
  "queue_options.configured-llama_q.retry_policy_config.non_retryable_error_types_extra": "[\"Mine\"]"
}
const ofHandle = "activity_queues.act_llm_gen_text.handle_options.\"llama-3.3-70b\""

/** A lost worker's leaf is begun anew by the workflow. */
const silent = "TemporalTimeout:Heartbeat"

/** What the server stored of the activity that a pipe's model is asked by. */
const scheduled = (ref: "text" | "card", keys: Readonly<Record<string, string>>) =>
  Effect.gen(function*() {
    const project = yield* Configured.project("dispatched", { keys })
    yield* project.worker({ scope: "router" })
    const found = yield* project.seen(ref, (event) => event.activityTaskScheduledEventAttributes)
    const { seconds } = Configured
    const retry = found?.retryPolicy
    return {
      home: project.queue,
      queue: found?.taskQueue?.name,
      startToClose: seconds(found?.startToCloseTimeout),
      heartbeat: seconds(found?.heartbeatTimeout),
      scheduleToClose: seconds(found?.scheduleToCloseTimeout),
      scheduleToStart: seconds(found?.scheduleToStartTimeout),
      initialInterval: seconds(retry?.initialInterval),
      backoff: retry?.backoffCoefficient,
      maximumInterval: seconds(retry?.maximumInterval),
      attempts: retry?.maximumAttempts,
      names: retry?.nonRetryableErrorTypes ?? []
    }
  }).pipe(Effect.provide(Folder.layer))

describe("an activity", () => {
  it.live("is dispatched by the baseline that is configured", () =>
    Effect.gen(function*() {
      const { home, names, ...found } = yield* scheduled("card", {
        "worker_config.default_activity_start_to_close_timeout": "\"2m\"",
        "worker_config.default_activity_heartbeat_timeout": "\"11s\"",
        "worker_config.retry_policy_config.initial_interval": "\"2s\"",
        "worker_config.retry_policy_config.backoff_coefficient": "3.0",
        "worker_config.retry_policy_config.maximum_interval": "\"50s\"",
        "worker_config.retry_policy_config.maximum_attempts": "6",
        "worker_config.retry_policy_config.non_retryable_error_types": "[\"Mine\"]"
      })
      assert.deepInclude(found, {
        queue: home,
        startToClose: 120,
        heartbeat: 11,
        initialInterval: 2,
        backoff: 3,
        maximumInterval: 50,
        attempts: 6
      })
      assert.deepStrictEqual(names, ["Mine", silent])
    }), limit)

  it.live(
    "is dispatched by its model to a queue, with that queue's options over the baseline's",
    () =>
      Effect.gen(function*() {
        const { home: _, names, ...found } = yield* scheduled("text", routed)
        assert.deepStrictEqual(found, {
          queue: "configured-llama_q",
          startToClose: 60,
          heartbeat: 7,
          scheduleToClose: 3000,
          scheduleToStart: 2400,
          initialInterval: 4,
          backoff: 1.5,
          maximumInterval: 9,
          attempts: 8
        })
        assert.deepStrictEqual(names, ["Mine", silent])
      }),
    limit
  )

  it.live("is dispatched with its model's own options over all others", () =>
    Effect.gen(function*() {
      const { names, ...found } = yield* scheduled("text", {
        ...routed,
        [`${ofHandle}.start_to_close_timeout`]: "\"3m\"",
        [`${ofHandle}.retry_policy_config.initial_interval`]: "\"5s\"",
        [`${ofHandle}.retry_policy_config.backoff_coefficient`]: "1.0",
        [`${ofHandle}.retry_policy_config.maximum_interval`]: "\"30s\"",
        [`${ofHandle}.retry_policy_config.maximum_attempts`]: "2",
        [`${ofHandle}.retry_policy_config.non_retryable_error_types_extra`]: "[\"Ours\"]"
      })
      assert.deepInclude(found, {
        queue: "configured-llama_q",
        startToClose: 180,
        heartbeat: 7,
        initialInterval: 5,
        backoff: 1,
        maximumInterval: 30,
        attempts: 2
      })
      assert.deepStrictEqual(names, ["Mine", "Ours", silent])
    }), limit)

  it.live("is dispatched by its route where its model has none of its own", () =>
    Effect.gen(function*() {
      const { "activity_queues.act_llm_gen_text.by_handle.\"llama-3.3-70b\"": _, ...rest } = routed
      const keys = Object.fromEntries(Object.entries(rest).filter(([key]) => !key.includes("llama_q")))
      const { queue } = yield* scheduled("text", keys)
      assert.strictEqual(queue, "configured-slow_q")
    }), limit)
})

/** Tasks that wait on a queue of activities. */
const activityQueue = 2

describe("a worker", () => {
  it.live("tells the server the rate of its queue", () =>
    Effect.gen(function*() {
      const rate = "max_task_queue_activities_per_second"
      const project = yield* Configured.project("rated", {
        keys: {
          "activity_queues.act_func.default": "\"configured-rated_q\"",
          [`queue_options.configured-rated_q.${rate}`]: "12.5"
        }
      })
      yield* project.worker({ taskQueue: "configured-rated_q", scope: "runner" })
      const described = Effect.promise(() =>
        project.client.workflowService.describeTaskQueue({
          namespace: "default",
          taskQueue: { name: "configured-rated_q" },
          // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- the enum is in a package that only the SDK has
          taskQueueType: activityQueue,
          reportConfig: true,
          reportStats: true
        })
      )
      const { effectiveRateLimit } = yield* Effect.repeat(described, {
        schedule: Schedule.spaced("100 millis"),
        until: (found) => (found.pollers ?? []).length > 0
      })
      assert.strictEqual(effectiveRateLimit?.requestsPerSecond, 12.5)
    }).pipe(Effect.provide(Folder.layer)), limit)

  it.live("polls as the version of its deployment, where one is named", () =>
    Effect.gen(function*() {
      const deployment = `lab-${(yield* Server.queue("d")).slice(2, 10)}`
      const project = yield* Configured.project("versioned", {
        keys: { "worker_config.deployment_name": JSON.stringify(deployment) }
      })
      yield* project.worker()
      const described = Effect.promise(() =>
        project.client.workflowService.describeTaskQueue({
          namespace: "default",
          taskQueue: { name: project.queue },
          // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- the enum is in a package that only the SDK has
          taskQueueType: activityQueue
        })
      )
      const { pollers } = yield* Effect.repeat(described, {
        schedule: Schedule.spaced("100 millis"),
        until: (found) => (found.pollers ?? []).length > 0
      })
      assert.strictEqual(pollers?.[0]?.deploymentOptions?.deploymentName, deployment)
    }).pipe(Effect.provide(Folder.layer)), limit)

  it.live("does no more at once than its profile says", () =>
    Effect.gen(function*() {
      let release: (value: unknown) => void = () => undefined
      const until = new Promise((resolve) => {
        release = resolve
      })
      const profile = "worker_runtime_profiles.profiles.narrow"
      const project = yield* Configured.project("narrow", {
        keys: {
          "worker_runtime_profiles.default_profile": "\"narrow\"",
          [`${profile}.max_concurrent_activities`]: "1",
          [`${profile}.max_concurrent_activity_task_polls`]: "1"
        },
        rules: [{ reply: { until, text: "Cats." } }]
      })
      yield* project.worker()
      const runs = yield* Effect.forkChild(
        Effect.all([project.run("a", "text"), project.run("b", "text")], { concurrency: 2 })
      )
      const pending = Effect.promise(() =>
        Promise.all(
          ["a", "b"].map((id) =>
            project.client.workflow.getHandle(`${id}-${project.queue}`).describe().then(
              ({ raw }) => raw.pendingActivities?.length ?? 0,
              () => 0
            )
          )
        )
      )
      yield* Effect.repeat(pending, {
        schedule: Schedule.spaced("50 millis"),
        until: (counts) => counts.every((each) => each === 1)
      })
      yield* Effect.repeat(project.provider.requests, {
        schedule: Schedule.spaced("50 millis"),
        until: ({ length }) => length > 0
      })
      yield* Effect.sleep("700 millis")
      assert.lengthOf(yield* project.provider.requests, 1)
      release(undefined)
      yield* Fiber.join(runs)
      assert.lengthOf(yield* project.provider.requests, 2)
    }).pipe(Effect.provide(Folder.layer)), limit)

  it.live("runs tuned by the machine's resources", () =>
    Effect.gen(function*() {
      const profile = "worker_runtime_profiles.profiles.default"
      const project = yield* Configured.project("tuned", {
        keys: { [`${profile}.tuning_mode`]: "\"resource_based\"", [`${profile}.max_concurrent_activities`]: "5" }
      })
      yield* project.worker()
      const result = yield* project.run("tuned", "text")
      assert.deepStrictEqual(result._tag === "Success" ? result.success : result.failure, { text: "Cats." })
    }).pipe(Effect.provide(Folder.layer)), limit)
})

describe("a request to the server", () => {
  const stuck = (rpcTimeout: number): Connection.Connection =>
    ({
      client: { connection: { withAbortSignal: (_: AbortSignal, ask: () => unknown) => ask() } },
      access: {
        options: { ...defaults, worker: { ...defaults.worker, rpcTimeout } },
        server: { name: "local", address: "far:7233", namespace: "lab", tls: false },
        encryptionKeys: {}
      }
    }) as never

  it.effect("is given up after rpc_timeout, unless it waits for something to happen", () =>
    Effect.gen(function*() {
      const never = () => new Promise<never>(() => undefined)
      const request = yield* Effect.forkChild(Effect.flip(Connection.request(stuck(2000), never)))
      const wait = yield* Effect.forkChild(Connection.wait(stuck(2000), never))
      yield* TestClock.adjust("1999 millis")
      assert.isUndefined(request.pollUnsafe())
      yield* TestClock.adjust("1 second")
      const { code, message } = yield* Fiber.join(request)
      assert.strictEqual(code, "runtime.unavailable")
      assert.include(message, "far:7233 (namespace \"lab\") did not answer in time")
      assert.isUndefined(wait.pollUnsafe())
      yield* Fiber.interrupt(wait)
    }))
})
