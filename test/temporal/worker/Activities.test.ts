/** Leaves as activities of a real worker: how often a provider is asked when it fails, and what becomes of those that wait. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import type { Json } from "../../../src/concept/Json.ts"
import * as Recorded from "../../../src/direct/Recorded.ts"
import * as ErrorReport from "../../../src/failure/ErrorReport.ts"
import { Leaves } from "../../../src/program/Leaves.ts"
import type * as FakeProvider from "../../fake/FakeProvider.ts"
import * as Folder from "../../source/Folder.ts"
import * as Server from "../Server.ts"
import * as Working from "./Working.ts"

Server.use()

/** A busy machine shares its cores with everything else, and the first of all tests may have to build the code of the workflows. */
const limit = 300_000

const until = <A>(look: Effect.Effect<A | undefined>) =>
  Effect.repeat(look, Schedule.spaced("100 millis").pipe(Schedule.while(({ input }) => input === undefined))).pipe(
    Effect.andThen(look),
    Effect.flatMap((found) => Effect.fromNullishOr(found)),
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

const never = new Promise<void>(() => {})

const lost = ["image", "provider.outcome_unknown", "ambiguous"] as const

const graceOf = (seconds: number): string =>
  `[temporal.worker_runtime_profiles.profiles.default]\ngraceful_shutdown_timeout = "${seconds}s"\n`

const secondsOf = (activity: string, handle: string, seconds: number): string =>
  `[temporal.activity_queues.${activity}.handle_options."${handle}"]\nstart_to_close_timeout = "${seconds}s"\n`

/** Leaves that know how often they were asked. */
const counted = (answer: (call: number) => Effect.Effect<Json>) => {
  let count = 0
  const made = Recorded.leaves({ answer: () => Effect.suspend(() => answer(++count)) })
  return { calls: () => count, leaves: Layer.succeed(Leaves, Leaves.of(made)) }
}

/** Nothing of this process moves for longer than the five seconds that a server waits to hear of a worker: as if it had died. */
const freeze = (): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 7000)
}

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

  it.live(
    "that outlasts the grace of a worker that stops hangs up there, and is done by another",
    () =>
      Effect.gen(function*() {
        const project = yield* Working.project("moved", [{ reply: { until: never }, times: 1 }], graceOf(1))
        const worker = yield* Working.worker(project)
        const run = yield* Effect.forkChild(project.run(`moved-${project.queue}`, "text"))
        yield* until(Effect.map(project.provider.requests, ([request]) => request))
        yield* worker.stop
        yield* Working.worker(project)
        const { result } = yield* Fiber.join(run)
        assert.isTrue(result._tag === "Success", JSON.stringify(result))
        const requests = yield* project.provider.requests
        assert.deepStrictEqual(requests.map(({ aborted }) => aborted), [true, false])
      }).pipe(Effect.provide(Folder.layer)),
    limit
  )

  for (const [ref, code, category] of [["text", "provider.timeout", "transient"], lost] as const) {
    it.live(
      `for ${ref} that has no attempt left when its worker stops fails with ${code}`,
      () =>
        Effect.gen(function*() {
          const once = `maximum_attempts = 1\n${graceOf(1)}`
          const project = yield* Working.project("stopped", [{ reply: { until: never } }], once)
          const worker = yield* Working.worker(project)
          const run = yield* Effect.forkChild(project.run(`stopped-${project.queue}`, ref))
          yield* until(Effect.map(project.provider.requests, ([request]) => request))
          yield* worker.stop
          yield* Working.worker(project)
          const failure = yield* Effect.flip(Effect.fromResult((yield* Fiber.join(run)).result))
          assert.deepStrictEqual([failure.code, failure.category], [code, category])
          assert.isString(failure.model)
          assert.lengthOf(yield* project.provider.requests, 1)
        }).pipe(Effect.provide(Folder.layer)),
      limit
    )
  }

  it.live(
    "for an image that takes longer than the server allows is not tried again: it may have been made",
    () =>
      Effect.gen(function*() {
        const { calls, leaves } = counted(() => Effect.never)
        const project = yield* Working.project("slow", [], secondsOf("act_img_gen_images", Working.painter, 2))
        yield* Working.worker(project, { leaves })
        const { result } = yield* project.run(`slow-${project.queue}`, "image")
        const failure = yield* Effect.flip(Effect.fromResult(result))
        assert.deepStrictEqual<ReadonlyArray<unknown>>([failure.code, failure.category], lost.slice(1))
        assert.strictEqual(calls(), 1)
      }).pipe(Effect.provide(Folder.layer)),
    limit
  )

  it.live("for a text that takes longer than the server allows is tried again", () =>
    Effect.gen(function*() {
      const { calls, leaves } = counted((call) => call === 1 ? Effect.never : Effect.succeed("Cats."))
      const project = yield* Working.project("again", [], secondsOf("act_llm_gen_text", "llama-3.3-70b", 2))
      yield* Working.worker(project, { leaves })
      const { result } = yield* project.run(`again-${project.queue}`, "text")
      assert.deepStrictEqual(result._tag === "Success" ? result.success : result.failure, { text: "Cats." })
      assert.strictEqual(calls(), 2)
    }).pipe(Effect.provide(Folder.layer)), limit)

  it.live("for an image whose worker falls silent is tried again", () =>
    Effect.gen(function*() {
      const { calls, leaves } = counted((call) =>
        call === 1
          ? Effect.andThen(Effect.sync(freeze), Effect.never)
          : Effect.succeed([{ url: "https://example.invalid/cat.png" }])
      )
      const project = yield* Working.project("silent")
      yield* Working.worker(project, { leaves })
      const { result } = yield* project.run(`silent-${project.queue}`, "image")
      assert.isTrue(result._tag === "Success", JSON.stringify(result))
      assert.strictEqual(calls(), 2)
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
