import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { defaults } from "../../../src/config/TemporalOptions.ts"
import * as Connection from "../../../src/temporal/client/Connection.ts"
import * as Visibility from "../../../src/temporal/client/Visibility.ts"
import { workflows } from "../../../src/temporal/wire/Names.ts"
import * as Server from "../Server.ts"

Server.use()

const limit = 120_000

const opened = Effect.fnUntraced(function*(namespace: string) {
  const server = { name: "local", address: yield* Server.address, namespace, tls: false as const }
  return yield* Connection.open({ options: defaults, server, encryptionKeys: {} })
})

/** A run as the server knows it, which no worker takes; over when the test is. */
const run = Effect.fnUntraced(
  function*(connection: Connection.Connection, workflowId: string, carried: Readonly<Record<string, string>> = {}) {
    const { workflow } = connection.client
    yield* Effect.acquireRelease(
      Effect.promise(() =>
        workflow.start(workflowId.endsWith("_child") ? workflows.pipe : workflows.run, {
          workflowId,
          taskQueue: "nobody",
          staticSummary: "write — Writes it",
          typedSearchAttributes: Object.entries(carried).map(([name, value]) => ({
            key: { name, type: "KEYWORD" as const },
            value
          }))
        })
      ),
      (handle) => Effect.promise(() => handle.terminate().catch(() => undefined))
    )
  }
)

/** A server lists what it has been told a little later. */
const listed = (connection: Connection.Connection, wanted: Visibility.Wanted, most: number, expected: number) =>
  Visibility.list(connection, wanted, most).pipe(
    Effect.repeat({ until: ({ of }) => of === expected, schedule: Schedule.spaced("100 millis"), times: 300 }),
    Effect.map(({ of, runs }) => ({ of, ids: runs.map(({ workflowId }) => workflowId), runs }))
  )

describe("the runs of a server", () => {
  it.live("are found by what they carry, newest first and none of the pipes below them", () =>
    Effect.gen(function*() {
      const connection = yield* opened(Server.namespaces.default)
      const mark = globalThis.crypto.randomUUID()
      const user = `O'Brien of ${mark}`
      const attributes = { PipeCode: "write", DomainCode: "lab", SessionId: mark, UserId: user }
      yield* run(connection, `${mark}-1`, attributes)
      yield* run(connection, `${mark}-2`, { ...attributes, DomainCode: "desk" })
      yield* run(connection, `${mark}-2_child`, attributes)
      yield* run(connection, `${mark}-3`, { ...attributes, UserId: "somebody" })
      const all = yield* listed(connection, { carried: { session: mark } }, 10, 3)
      assert.deepStrictEqual(all.ids, [`${mark}-3`, `${mark}-2`, `${mark}-1`])
      const of = (wanted: Visibility.Wanted) =>
        Effect.map(Visibility.list(connection, wanted, 10), ({ runs }) => runs.map(({ workflowId }) => workflowId))
      assert.deepStrictEqual(yield* of({ carried: { user } }), [`${mark}-2`, `${mark}-1`])
      assert.deepStrictEqual(yield* of({ carried: { user, domain: "desk", pipe: "write" } }), [`${mark}-2`])
      assert.deepStrictEqual(yield* of({ carried: {}, workflowId: `${mark}-3` }), [`${mark}-3`])
      assert.deepStrictEqual(yield* of({ carried: { session: mark }, since: Date.now() + 60_000 }), [])
      const two = yield* Visibility.list(connection, { carried: { session: mark } }, 2)
      assert.deepStrictEqual([two.runs.length, two.of], [2, 3])
      yield* Effect.promise(() => connection.client.workflow.getHandle(`${mark}-1`).terminate())
      const ended = yield* listed(connection, { carried: { session: mark }, state: "terminated" }, 10, 1)
      assert.deepStrictEqual(ended.ids, [`${mark}-1`])
      const running = yield* listed(connection, { carried: { session: mark }, state: "running" }, 10, 2)
      const [newest] = running.runs
      assert.deepStrictEqual(
        [newest?.status, newest?.pipe, newest?.carried.user, newest?.taskQueue],
        ["RUNNING", "write", "somebody", "nobody"]
      )
    }), limit)

  it.live(
    "are the newest also where there are more than a server gives at once, in its own order",
    () =>
      Effect.gen(function*() {
        const connection = yield* opened(Server.namespaces.default)
        const mark = globalThis.crypto.randomUUID()
        const end = (id: string) => Effect.promise(() => connection.client.workflow.getHandle(id).terminate())
        for (const nth of [1, 2, 3, 4]) yield* run(connection, `${mark}-${nth}`, { SessionId: mark })
        for (const nth of [4, 3, 2]) yield* end(`${mark}-${nth}`)
        const wanted: Visibility.Wanted = { carried: { session: mark } }
        yield* listed(connection, { ...wanted, state: "terminated" }, 10, 3)
        // The server tells the first, which goes on, before all others, and the second before the fourth.
        const { of, runs } = yield* Visibility.list(connection, wanted, 2, 2)
        assert.deepStrictEqual([runs.map(({ workflowId }) => workflowId), of], [[`${mark}-4`, `${mark}-3`], 4])
      }),
    limit
  )

  it.live(
    "are listed without attributes too, by the summary's pipe, but not found by those that are not there",
    () =>
      Effect.gen(function*() {
        const connection = yield* opened(Server.namespaces.bare)
        const mark = globalThis.crypto.randomUUID()
        yield* run(connection, mark)
        const { runs } = yield* listed(connection, { carried: {}, workflowId: mark.slice(0, 30) }, 10, 1)
        assert.deepStrictEqual(runs.map(({ pipe, workflowId }) => [workflowId, pipe]), [[mark, "write"]])
        const failure = yield* Effect.flip(Visibility.list(connection, { carried: { user: "me" } }, 10))
        assert.strictEqual(failure.code, "pipelex.config.invalid")
        assert.include(failure.message, "UserId")
        assert.include(failure.suggestedAction.detail, "pipelex setup-temporal-namespace")
      }),
    limit
  )
})
