import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as References from "effect/References"
import { TestClock } from "effect/testing"
import type { ServerResponse } from "node:http"
import { OpenAI } from "openai/client"
import type { PipeFailure } from "../../../src/failure/PipeFailure.ts"
import { type RunEvent, RunEvents } from "../../../src/program/RunEvents.ts"
import { ProviderError } from "../../../src/provider/transport/ProviderError.ts"
import { fromSdk } from "../../../src/provider/transport/SdkError.ts"
import { send, type Sending } from "../../../src/provider/transport/Transport.ts"
import { open } from "../../../src/provider/transport/Undici.ts"
import * as Loopback from "../../document/Loopback.ts"

const sending = (more: Partial<Sending> = {}) => {
  let sent = 0
  const made: Sending = {
    family: "llm",
    backend: "mine",
    model: "m",
    retries: 2,
    path: "p#0",
    meter: {
      sent: () => {
        sent += 1
      },
      reasked: () => undefined,
      add: () => undefined
    },
    ...more
  }
  return { sending: made, sent: () => sent }
}

const status = (code: number, retryAfterSeconds?: number) =>
  new ProviderError({
    kind: "status",
    metadata: { provider: "openai", status: code, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) }
  })

const refused = new ProviderError({
  kind: "not_sent",
  metadata: { provider: "openai", message: "connection refused" }
})

/** Fails with each of these in turn, then succeeds. */
const failingWith = (...errors: ReadonlyArray<ProviderError>) => {
  let turn = 0
  return Effect.suspend(() => {
    const error = errors[turn]
    turn += 1
    return error === undefined ? Effect.succeed("done") : Effect.fail(error)
  })
}

const ahead = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.forkChild(effect)
    yield* TestClock.adjust("10 minutes")
    return yield* Fiber.join(fiber)
  })

describe("send", () => {
  it.effect("counts every request, and says how many there were when it gives up", () =>
    Effect.gen(function*() {
      const { sending: given, sent } = sending()
      const failure = yield* ahead(Effect.flip(send(Effect.fail(status(503)), given)))
      assert.strictEqual(failure.code, "provider.unavailable")
      assert.deepStrictEqual([failure.provider, failure.model], ["mine", "m"])
      assert.deepStrictEqual(failure.attempts, { transport: 3 })
      assert.strictEqual(sent(), 3)
      const again = sending()
      assert.strictEqual(yield* ahead(send(failingWith(refused, refused), again.sending)), "done")
      assert.strictEqual(again.sent(), 3)
    }))

  it.effect("counts the requests of each send by themselves", () =>
    Effect.gen(function*() {
      const twice = send(failingWith(status(401), status(401)), sending().sending)
      assert.deepStrictEqual((yield* Effect.flip(twice)).attempts, { transport: 1 })
      assert.deepStrictEqual((yield* Effect.flip(twice)).attempts, { transport: 1 })
    }))

  it.effect("tells the listener, the log and the span of each request that is sent again, before the wait", () =>
    Effect.gen(function*() {
      const events: Array<RunEvent> = []
      const logs: Array<unknown> = []
      const logger = Logger.make(({ fiber, message }) => {
        logs.push([message, fiber.getRef(References.CurrentLogAnnotations)])
      })
      const fiber = yield* Effect.gen(function*() {
        yield* send(failingWith(status(429, 4), refused), sending().sending)
        return yield* Effect.currentSpan
      }).pipe(
        Effect.withSpan("leaf"),
        Effect.provideService(RunEvents, (event) => void events.push(event)),
        Effect.provideService(References.MinimumLogLevel, "Debug"),
        Effect.provide(Logger.layer([logger])),
        Effect.forkChild
      )
      yield* TestClock.adjust(0)
      assert.deepStrictEqual(events, [{ _tag: "Retry", path: "p#0", attempt: 2, of: 3, delaySeconds: 4, why: "429" }])
      yield* TestClock.adjust("1 minute")
      const span = yield* Fiber.join(fiber)
      assert.deepInclude(events[1], { attempt: 3, of: 3, why: "connection refused" })
      assert.lengthOf(events, 2)
      assert.lengthOf(logs, 2)
      assert.deepInclude((logs[0] as ReadonlyArray<object>)[1], {
        backend: "mine",
        model: "m",
        path: "p#0",
        attempt: 2,
        of: 3,
        delaySeconds: 4,
        why: "429"
      })
      const told = (span as unknown as { readonly events: ReadonlyArray<readonly [string, bigint, object]> }).events
      assert.deepStrictEqual(told.map(([name, , facts]) => [name, facts])[0], ["pipelex.retry", {
        "pipelex.retry.attempt": 2,
        "pipelex.retry.delay_seconds": 4,
        "pipelex.retry.reason": "429",
        "http.response.status_code": 429
      }])
      assert.lengthOf(told, 2)
    }))

  it.effect("neither waits for more than a minute nor asks again before: the delay goes to whoever can wait", () =>
    Effect.gen(function*() {
      const { sending: given, sent } = sending()
      const failure = yield* Effect.flip(send(Effect.fail(status(429, 120)), given))
      assert.strictEqual(sent(), 1)
      assert.strictEqual(failure.suggestedAction.detail, "Wait at least 120 s, then run the method again.")
      assert.deepInclude(failure.reason, { _tag: "RateLimited", retryAfterSeconds: 120 })
    }))

  it.effect("a defect is no failure of the provider", () =>
    Effect.gen(function*() {
      const exit = yield* Effect.exit(send(Effect.die("bug"), sending().sending))
      assert.strictEqual(exit._tag, "Failure")
    }))
})

interface Served {
  readonly failure: PipeFailure
  readonly requests: number
  readonly seconds: number
}

type Answer = (response: ServerResponse, nth: number) => void

const json = (code: number, headers: Record<string, string> = {}, body: object = {}): Answer => (response) => {
  response.writeHead(code, { "content-type": "application/json", ...headers }).end(JSON.stringify(body))
}

/** The official SDK against a server that counts. */
const against = (answer: Answer, more: Partial<Sending> = {}, timeout = 20_000) =>
  Effect.gen(function*() {
    const { fetch } = yield* Effect.acquireRelease(Effect.sync(open), ({ close }) => Effect.promise(close))
    let nth = 0
    const { requests, url } = yield* Loopback.serve((request, response) => {
      request.resume()
      nth += 1
      answer(response, nth)
    })
    const openai = new OpenAI({ apiKey: "k", baseURL: url, fetch, maxRetries: 0, timeout, logLevel: "off" })
    const request = Effect.tryPromise({
      try: (signal) => openai.post("/chat/completions", { body: {}, signal }),
      catch: fromSdk("openai", { scrub: (text) => text })
    })
    return { sent: send(request, sending(more).sending), requests }
  })

const failed = (answer: Answer, more?: Partial<Sending>, timeout?: number) =>
  Effect.gen(function*() {
    const { requests, sent } = yield* against(answer, more, timeout)
    const start = yield* Clock.currentTimeMillis
    const failure = yield* Effect.flip(sent)
    const served: Served = {
      failure,
      requests: requests.length,
      seconds: ((yield* Clock.currentTimeMillis) - start) / 1000
    }
    return served
  })

const soon = { "retry-after-ms": "5" }
const image = { family: "img_gen" } as const
const quota = { error: { message: "You exceeded your current quota", type: "insufficient_quota" } }

describe("requests that a server counts", () => {
  const cases: ReadonlyArray<readonly [string, Answer, Partial<Sending>, number, string]> = [
    ["429", json(429, soon), {}, 3, "provider.rate_limited"],
    ["429 without retries", json(429, soon), { retries: 0 }, 1, "provider.rate_limited"],
    ["a quota's 429", json(429, soon, quota), {}, 1, "provider.quota_exhausted"],
    ["429 after two minutes", json(429, { "retry-after": "120" }), {}, 1, "provider.rate_limited"],
    ["500", json(500, soon), {}, 3, "provider.failed"],
    ["500 that is not to be repeated", json(500, { ...soon, "x-should-retry": "false" }), {}, 1, "provider.failed"],
    ["400 that is to be repeated", json(400, { ...soon, "x-should-retry": "true" }), {}, 3, "runtime.unexpected"],
    ["401", json(401, soon), {}, 1, "provider.credential_refused"],
    ["402", json(402, { ...soon, "x-should-retry": "true" }), {}, 1, "provider.quota_exhausted"],
    ["404", json(404, soon), {}, 1, "model.unavailable"],
    ["a redirect", json(307, { location: "http://127.0.0.1:1/" }), {}, 1, "runtime.unexpected"],
    ["an image's 500", json(500, { ...soon, "x-should-retry": "true" }), image, 1, "provider.outcome_unknown"],
    ["an image's 409", json(409, { ...soon, "x-should-retry": "true" }), image, 1, "runtime.unexpected"],
    ["an image's 429", json(429, soon), image, 3, "provider.rate_limited"],
    ["an image's 408", json(408, soon), image, 3, "provider.timeout"],
    ["an image's lost connection", ({ socket }) => void socket?.destroy(), image, 1, "provider.outcome_unknown"]
  ]
  it.live.each(cases)("%s", ([, answer, more, requests, code]) =>
    Effect.gen(function*() {
      const served = yield* failed(answer, more)
      assert.deepStrictEqual([served.requests, served.failure.code], [requests, code])
      assert.deepStrictEqual(served.failure.attempts, { transport: requests })
    }))

  it.live("a lost connection is tried again after half a second, less up to a quarter", () =>
    Effect.gen(function*() {
      const served = yield* failed(({ socket }) => void socket?.destroy(), { retries: 1 })
      assert.deepStrictEqual([served.requests, served.failure.code], [2, "provider.unavailable"])
      assert.isAtLeast(served.seconds, 0.37)
    }))

  it.live("an answer that does not come is waited for as long as the request may take", () =>
    Effect.gen(function*() {
      const served = yield* failed(() => undefined, { retries: 1 }, 150)
      assert.deepStrictEqual([served.requests, served.failure.code], [2, "provider.timeout"])
    }))

  it.live("nothing listens", () =>
    Effect.gen(function*() {
      const { fetch } = yield* Effect.acquireRelease(Effect.sync(open), ({ close }) => Effect.promise(close))
      const request = Effect.tryPromise({
        try: (signal) =>
          new OpenAI({ apiKey: "k", baseURL: "http://127.0.0.1:1", fetch, maxRetries: 0 }).get("/", { signal }),
        catch: fromSdk("openai", { scrub: (text) => text })
      })
      const failure = yield* Effect.flip(send(request, sending({ retries: 1 }).sending))
      assert.strictEqual(failure.code, "provider.unavailable")
      assert.deepStrictEqual(failure.attempts, { transport: 2 })
    }))

  it.live("is well again after a while", () =>
    Effect.gen(function*() {
      const { requests, sent } = yield* against((response, nth) => json(nth < 3 ? 503 : 200, soon)(response, nth))
      assert.deepStrictEqual(yield* sent, {})
      assert.lengthOf(requests, 3)
    }))

  it.live("interruption closes the request under way and sends no other", () =>
    Effect.gen(function*() {
      const arrived = yield* Deferred.make<void>()
      const closed = yield* Deferred.make<void>()
      const { requests, sent } = yield* against((response) => {
        response.on("close", () => Deferred.doneUnsafe(closed, Effect.void))
        Deferred.doneUnsafe(arrived, Effect.void)
      })
      const fiber = yield* Effect.forkChild(sent)
      yield* Deferred.await(arrived)
      yield* Fiber.interrupt(fiber)
      yield* Deferred.await(closed)
      assert.lengthOf(requests, 1)
    }))

  it.live("interruption ends a wait at once", () =>
    Effect.gen(function*() {
      const waiting = yield* Deferred.make<void>()
      const { requests, sent } = yield* against(json(429, { "retry-after": "50" }))
      const fiber = yield* Effect.forkChild(
        Effect.provideService(sent, RunEvents, () => Deferred.doneUnsafe(waiting, Effect.void))
      )
      yield* Deferred.await(waiting)
      const start = yield* Clock.currentTimeMillis
      yield* Fiber.interrupt(fiber)
      assert.isBelow((yield* Clock.currentTimeMillis) - start, 10_000)
      assert.lengthOf(requests, 1)
    }))
})
