import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import { Client, Connection, type WorkflowHandle } from "@temporalio/client"
import { NativeConnection, Worker } from "@temporalio/worker"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { fileURLToPath } from "node:url"
import { beforeAll } from "vitest"
import { build } from "../../../src/temporal/worker/BuildBundle.ts"
import * as Quiet from "../Quiet.ts"
import * as Replay from "../replay/Replay.ts"
import * as Server from "../Server.ts"

Server.use()

const limit = 120_000
let code = ""

beforeAll(async () => {
  Quiet.install()
  code = await build(fileURLToPath(new URL("./Probes.ts", import.meta.url)))
}, 240_000)

type Said = readonly [level: string, message: string, pipe: unknown]

interface Probed {
  readonly result: unknown
  readonly recorded: ReadonlyArray<Replay.Recorded>
  readonly noted: ReadonlyArray<unknown>
  readonly said: ReadonlyArray<Said>
}

/** Runs one probe, with every workflow task replayed from the start, and then replays its history. */
const probe = (
  type: string,
  meanwhile: (handle: WorkflowHandle) => Promise<unknown> = () => Promise.resolve()
): Effect.Effect<Probed> =>
  Effect.scoped(Effect.gen(function*() {
    const address = yield* Server.address
    const taskQueue = yield* Server.queue("probe")
    const files = yield* FileSystem.FileSystem
    const codePath = `${yield* Effect.orDie(files.makeTempDirectoryScoped())}/probes.js`
    yield* Effect.orDie(files.writeFileString(codePath, code))
    const noted: Array<unknown> = []
    const said: Array<Said> = []
    yield* Effect.acquireRelease(
      Effect.sync(() =>
        Quiet.listen(({ level, message, meta }) => {
          // The SDK has a word of its own on how workflows start and end.
          if (meta?.["sdkComponent"] === "workflow" && !message.startsWith("Workflow ")) {
            said.push([level, message, meta["pipe"]])
          }
        })
      ),
      (end) => Effect.sync(end)
    )
    const connection = yield* Effect.acquireRelease(
      Effect.promise(() => Connection.connect({ address })),
      (opened) => Effect.promise(() => opened.close())
    )
    const native = yield* Effect.acquireRelease(
      Effect.promise(() => NativeConnection.connect({ address })),
      (opened) => Effect.promise(() => opened.close())
    )
    const client = new Client({ connection })
    const worker = yield* Effect.promise(() =>
      Worker.create({
        connection: native,
        taskQueue,
        workflowBundle: { codePath },
        maxCachedWorkflows: 0,
        activities: { note: (what: string) => Promise.resolve(noted.push(what)) }
      })
    )
    const result = yield* Effect.promise(() =>
      worker.runUntil(async () => {
        const handle = await client.workflow.start(type, { taskQueue, workflowId: taskQueue })
        await meanwhile(handle)
        return handle.result() as Promise<unknown>
      })
    )
    const recorded = yield* Replay.fetch(client, taskQueue)
    assert.deepStrictEqual(yield* Replay.failures(codePath, [...recorded, ...recorded.flatMap(Replay.prefixes)]), [])
    return { result, recorded, noted, said }
  })).pipe(Effect.provide(NodeFileSystem.layer))

describe("an Effect in a workflow", () => {
  it.live("yields without a trace in the history", () =>
    Effect.gen(function*() {
      const { recorded, result } = yield* probe("yields")
      assert.strictEqual(result, 20_000)
      assert.strictEqual(Replay.count(recorded, "timerStartedEventAttributes"), 0)
      assert.strictEqual(Replay.count(recorded, "workflowTaskStartedEventAttributes"), 1)
    }), limit)

  it.live("sleeps by one timer, and sees the time that the server says has passed", () =>
    Effect.gen(function*() {
      const { recorded, result } = yield* probe("sleeps")
      assert.strictEqual(Replay.count(recorded, "timerStartedEventAttributes"), 1)
      assert.isAtLeast(Number(result), 10)
    }), limit)

  it.live("cancels the timer of what was given up", () =>
    Effect.gen(function*() {
      const { recorded, result } = yield* probe("timesOut")
      assert.strictEqual(result, "went on")
      assert.strictEqual(Replay.count(recorded, "timerStartedEventAttributes"), 2)
      assert.strictEqual(Replay.count(recorded, "timerCanceledEventAttributes"), 1)
    }), limit)

  it.live("is interrupted by the workflow's cancellation, and can still clean up", () =>
    Effect.gen(function*() {
      const { noted, recorded, result } = yield* probe("cleansUp", (handle) => handle.cancel())
      assert.strictEqual(result, "interrupted")
      assert.deepStrictEqual(noted, ["cleaned up"])
      assert.strictEqual(Replay.count(recorded, "activityTaskCompletedEventAttributes"), 1)
    }), limit)

  it.live("cancels what runs beside a failure, when the program says so", () =>
    Effect.gen(function*() {
      const { noted, recorded, result } = yield* probe("races")
      assert.strictEqual(result, "failed")
      assert.deepStrictEqual(noted, ["first"])
      assert.strictEqual(Replay.count(recorded, "timerCanceledEventAttributes"), 1)
    }), limit)

  it.live("logs through the worker, once, however often it is replayed", () =>
    Effect.gen(function*() {
      const { result, said } = yield* probe("speaks")
      assert.strictEqual(result, true)
      assert.deepStrictEqual(said, [["INFO", "before", "one"], ["WARN", "after", undefined]])
    }), limit)
})
