/** Leaves as activities of a real worker: how often a provider is asked when it fails, and what becomes of those that wait. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Recorded from "../../../src/direct/Recorded.ts"
import * as ErrorReport from "../../../src/failure/ErrorReport.ts"
import { Leaves } from "../../../src/program/Leaves.ts"
import type * as FakeProvider from "../../fake/FakeProvider.ts"
import * as Folder from "../../source/Folder.ts"
import * as Server from "../Server.ts"
import * as Working from "./Working.ts"

Server.use()

/** A busy machine shares its cores with everything else. */
const limit = 120_000

const until = <A>(look: Effect.Effect<A | undefined>) =>
  Effect.repeat(look, Schedule.spaced("100 millis").pipe(Schedule.while(({ input }) => input === undefined))).pipe(
    Effect.andThen(look),
    Effect.flatMap((found) =>
      found === undefined ? Effect.die(new Error("it was there, and is gone")) : Effect.succeed(found)
    ),
    Effect.timeout("60 seconds"),
    Effect.orDie
  )

const refusing = (type: string) => ({ error: { message: "no", type, code: type, param: null } })

interface Row {
  readonly title: string
  readonly ref: "text" | "card"
  readonly reply: FakeProvider.Reply
  readonly requests: number
  readonly code: string
  readonly attempts: { readonly transport?: number; readonly reask?: number; readonly activity: number }
}

const rows: ReadonlyArray<Row> = [
  {
    title: "a rate limit that stays, three requests in each of three attempts",
    ref: "text",
    reply: { status: 429, body: refusing("rate_limit_exceeded") },
    requests: 9,
    code: "provider.rate_limited",
    attempts: { transport: 3, activity: 3 }
  },
  {
    title: "refused credentials once",
    ref: "text",
    reply: { status: 401, body: refusing("invalid_api_key") },
    requests: 1,
    code: "provider.credential_refused",
    attempts: { transport: 1, activity: 1 }
  },
  {
    title: "a quota that is used up once",
    ref: "text",
    reply: { status: 429, body: refusing("insufficient_quota") },
    requests: 1,
    code: "provider.quota_exhausted",
    attempts: { transport: 1, activity: 1 }
  },
  {
    title: "an answer that never fits three times, in one attempt",
    ref: "card",
    reply: { object: { title: 1 } },
    requests: 3,
    code: "model.output_schema_mismatch",
    attempts: { reask: 3, activity: 1 }
  },
  {
    title: "a delay longer than ten minutes once, and says how long",
    ref: "text",
    reply: { status: 429, headers: { "retry-after": "700" }, body: refusing("rate_limit_exceeded") },
    requests: 1,
    code: "provider.rate_limited",
    attempts: { transport: 1, activity: 1 }
  }
]

describe("an activity asks a provider that answers with", () => {
  for (const { attempts, code, ref, reply, requests, title } of rows) {
    it.live(title, () =>
      Effect.gen(function*() {
        const project = yield* Working.project("asks", [{ reply }])
        yield* Working.worker(project)
        const { result } = yield* project.run(`asks-${project.queue}`, ref)
        const failure = yield* Effect.flip(Effect.fromResult(result))
        assert.strictEqual(failure.code, code)
        assert.lengthOf(yield* project.provider.requests, requests)
        assert.deepStrictEqual(failure.attempts, attempts)
        const asked = ErrorReport.retryAfter(failure)
        if (reply.headers !== undefined) assert.strictEqual(asked, 700)
      }).pipe(Effect.provide(Folder.layer)), limit)
  }
})

describe("an activity", () => {
  it.live("waits for its next attempt as long as the provider asks", () =>
    Effect.gen(function*() {
      const headers = { "retry-after": "120" }
      const project = yield* Working.project("patience", [{ reply: { status: 429, headers } }])
      yield* Working.worker(project)
      const id = `patience-${project.queue}`
      const run = yield* Effect.forkChild(project.run(id, "text"))
      const waiting = yield* until(
        Effect.map(project.pending(id), (found) => (found?.attempt ?? 0) > 1 ? found : undefined)
      )
      assert.strictEqual(Number(waiting.currentRetryInterval?.seconds), 120)
      assert.lengthOf(yield* project.provider.requests, 1)
      yield* project.cancel(id)
      const { result } = yield* Fiber.join(run)
      assert.strictEqual(result._tag === "Failure" ? result.failure.code : "", "run.cancelled")
    }).pipe(Effect.provide(Folder.layer)), limit)

  it.live("beats while it waits for an answer, and a cancelled run hangs up", () =>
    Effect.gen(function*() {
      const project = yield* Working.project("beats", [{ reply: { until: new Promise(() => undefined) } }])
      yield* Working.worker(project)
      const id = `beats-${project.queue}`
      const run = yield* Effect.forkChild(project.run(id, "text"))
      const first = yield* until(Effect.map(project.pending(id), (found) => found?.lastHeartbeatTime ?? undefined))
      yield* until(Effect.map(project.pending(id), (found) =>
        Number(found?.lastHeartbeatTime?.seconds ?? 0) > Number(first.seconds) ? found : undefined))
      yield* project.cancel(id)
      const { result } = yield* Fiber.join(run)
      assert.strictEqual(result._tag === "Failure" ? result.failure.code : "", "run.cancelled")
      const hungUp = yield* until(Effect.map(project.provider.requests, ([request]) =>
        request?.aborted === true ? request : undefined))
      assert.strictEqual(hungUp.nth, 1)
      assert.lengthOf(yield* project.provider.requests, 1)
    }).pipe(Effect.provide(Folder.layer)), limit)

  it.live("counts what its earlier attempts consumed", () =>
    Effect.gen(function*() {
      const limited = { status: 429, body: refusing("rate_limit_exceeded") }
      const project = yield* Working.project("usage", [{ reply: limited, times: 4 }, { reply: { text: "Cats." } }])
      yield* Working.worker(project)
      const { events, result } = yield* project.run(`usage-${project.queue}`, "text")
      assert.deepStrictEqual(result._tag === "Success" ? result.success : result.failure, { text: "Cats." })
      assert.lengthOf(yield* project.provider.requests, 5)
      const usages = events.flatMap((event) => event._tag === "LeafFinished" ? [event.usage.requests] : [])
      assert.deepStrictEqual(usages, [5])
    }).pipe(Effect.provide(Folder.layer)), limit)

  it.live("that breaks is not tried again, and fails the run with what broke", () =>
    Effect.gen(function*() {
      let calls = 0
      const broken = Recorded.leaves({
        answer: () =>
          Effect.suspend(() => {
            calls += 1
            return Effect.die(new Error("boom"))
          })
      })
      const project = yield* Working.project("broken")
      yield* Working.worker(project, { leaves: Layer.succeed(Leaves, Leaves.of(broken)) })
      const { result } = yield* project.run(`broken-${project.queue}`, "text")
      const failure = yield* Effect.flip(Effect.fromResult(result))
      assert.strictEqual(failure.code, "runtime.unexpected")
      assert.include(failure.message, "boom")
      assert.strictEqual(calls, 1)
    }).pipe(Effect.provide(Folder.layer)), limit)

  it.live(
    "that is under way when its worker is asked to stop finishes, and nothing new begins",
    () =>
      Effect.gen(function*() {
        let release = () => {}
        const held = new Promise<void>((resolve) => {
          release = resolve
        })
        const project = yield* Working.project("graceful", [{ reply: { until: held, text: "Late." } }])
        const worker = yield* Working.worker(project)
        const id = `graceful-${project.queue}`
        const run = yield* Effect.forkChild(project.run(id, "text"))
        yield* until(Effect.map(project.provider.requests, ([request]) => request))
        const stopping = yield* Effect.forkChild(worker.stop)
        yield* Effect.sleep("500 millis")
        release()
        yield* Fiber.join(stopping)
        assert.isFalse((yield* project.provider.requests)[0]?.aborted)
        yield* Working.worker(project)
        const { result } = yield* Fiber.join(run)
        assert.deepStrictEqual(result._tag === "Success" ? result.success : result.failure, { text: "Late." })
        assert.lengthOf(yield* project.provider.requests, 1)
      }).pipe(Effect.provide(Folder.layer)),
    limit
  )
})
