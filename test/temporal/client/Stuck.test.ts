/** A run that its workers cannot go on with waits, and whoever waits for it is told why. */
import { assert, describe, it } from "@effect/vitest"
import { NativeConnection, Worker } from "@temporalio/worker"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as References from "effect/References"
import * as Schedule from "effect/Schedule"
import { readFile, writeFile } from "node:fs/promises"
import * as DurableRun from "../../../src/cli/DurableRun.ts"
import { isObject } from "../../../src/concept/Json.ts"
import * as TemporalAccess from "../../../src/config/TemporalAccess.ts"
import * as Style from "../../../src/report/Style.ts"
import * as Connection from "../../../src/temporal/client/Connection.ts"
import * as Stuck from "../../../src/temporal/client/Stuck.ts"
import * as Bundle from "../../../src/temporal/worker/Bundle.ts"
import * as Folder from "../../source/Folder.ts"
import * as Project from "../codec/Project.ts"
import * as Quiet from "../Quiet.ts"
import * as Server from "../Server.ts"
import * as Working from "../worker/Working.ts"

Server.use()
Quiet.install()

/** The first of all tests may have to build the code of the workflows. */
const limit = 300_000

describe("a run whose worker lacks the key that its inputs are encrypted with", () => {
  it.live(
    "waits, says once which key and where it belongs, and goes on when a worker has it",
    () =>
      Effect.gen(function*() {
        const project = yield* Working.project("stuck", [], Project.encrypted("june", { june: Project.key() }))
        const { temporal = {} } = project.configuration.values
        const keyless = { ...(isObject(temporal) ? temporal : {}), payload_codec_config: {} }
        const access = yield* TemporalAccess.resolve({ temporal: keyless }, () => undefined)
        const bare = yield* Working.worker(project, { access })
        const told: Array<string> = []
        const first = yield* Deferred.make<void>()
        const log = Logger.make(({ message }) => {
          told.push(String(message))
          Deferred.doneUnsafe(first, Effect.void)
        })
        const id = `stuck-${project.queue}`
        const run = yield* Effect.forkChild(
          project.run(id, "text", { topic: "a secret about cats" }).pipe(Effect.provide(Logger.layer([log])))
        )
        yield* Deferred.await(first)
        const connection = yield* Connection.open(project.access)
        const stuck = yield* Stuck.find(connection, id)
        assert.strictEqual(stuck?.workflowId, id)
        assert.include(stuck?.problem, "encrypted with the key \"june\"")
        assert.include(stuck?.remedy, "[temporal.payload_codec_config.encryption.keys]")
        assert.notInclude(JSON.stringify(stuck), "cats")
        const shown = stuck === undefined ? [] : DurableRun.stuck(stuck, { style: Style.plain, width: 80 })
        assert.isNotEmpty(shown)
        for (const line of shown) assert.isAtMost(line.length, 80)
        yield* bare.stop
        yield* Working.worker(project)
        const { result } = yield* Fiber.join(run)
        assert.isTrue(result._tag === "Success")
        assert.lengthOf(told, 1)
        assert.isUndefined(yield* Stuck.find(connection, id))
      }).pipe(Effect.provide(Folder.layer)),
    limit
  )
})

/** Workflows from code that asks for a leaf under another name: it cannot follow what the real one has begun. */
const otherVersion = Effect.fnUntraced(function*({ address, folder, queue }: Working.Project) {
  const code = yield* Effect.flatMap(Bundle.path, (path) => Effect.promise(() => readFile(path, "utf8")))
  const codePath = `${folder}/other.js`
  yield* Effect.promise(() => writeFile(codePath, code.replaceAll("act_llm_gen_text", "act_llm_new_text")))
  const connection = yield* Effect.acquireRelease(
    Effect.promise(() => NativeConnection.connect({ address })),
    (opened) => Effect.promise(() => opened.close())
  )
  const worker = yield* Effect.promise(() =>
    Worker.create({ connection, taskQueue: queue, workflowBundle: { codePath }, shutdownGraceTime: 0 })
  )
  const ended = worker.run()
  const stop = Effect.promise(() => {
    worker.shutdown()
    return ended
  })
  return { stop }
})

describe("a run whose workers are of another version", () => {
  it.live("waits, says so, and goes on when a worker of its own is there", () =>
    Effect.gen(function*() {
      const grace = "[temporal.worker_runtime_profiles.profiles.default]\ngraceful_shutdown_timeout = \"1s\"\n"
      const reply = { until: new Promise(() => undefined) }
      const project = yield* Working.project("version", [{ reply, times: 1 }], grace)
      const first = yield* Working.worker(project)
      const id = `version-${project.queue}`
      const run = yield* Effect.forkChild(project.run(id, "text"))
      yield* Effect.repeat(project.provider.requests, {
        until: ({ length }) => length > 0,
        schedule: Schedule.spaced("50 millis")
      })
      yield* first.stop
      const { stop } = yield* otherVersion(project)
      yield* project.cancel(id)
      const connection = yield* Connection.open(project.access)
      const stuck = yield* Effect.repeat(Stuck.find(connection, id), {
        until: (found) => found !== undefined,
        schedule: Schedule.spaced("100 millis")
      })
      assert.include(stuck?.problem, "another version of pipelex")
      yield* stop
      yield* Working.worker(project)
      const failure = yield* Effect.flip(Effect.fromResult((yield* Fiber.join(run)).result))
      assert.strictEqual(failure.code, "run.cancelled")
    }).pipe(Effect.provideService(References.MinimumLogLevel, "None"), Effect.provide(Folder.layer)), limit)
})
