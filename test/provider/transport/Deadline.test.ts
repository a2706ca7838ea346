import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { TestClock } from "effect/testing"
import { Deadline } from "../../../src/provider/transport/Deadline.ts"
import { ProviderError } from "../../../src/provider/transport/ProviderError.ts"
import { send } from "../../../src/provider/transport/Transport.ts"

const meter = () => {
  let sent = 0
  return { sent: () => sent += 1, reasked: () => undefined, add: () => undefined, count: () => sent }
}

const limited = (retryAfterSeconds: number) =>
  new ProviderError({ kind: "status", metadata: { provider: "openai", status: 429, retryAfterSeconds } })

/** Sends with so many seconds to go, and moves time on until it has ended. */
const sending = (seconds: number, request: Effect.Effect<string, ProviderError>, family: "llm" | "img_gen" = "llm") =>
  Effect.gen(function*() {
    const counted = meter()
    const start = yield* Clock.currentTimeMillis
    const wanted = send(request, { family, backend: "mine", model: "m", retries: 2, path: "p#0", meter: counted })
    const fiber = yield* Effect.forkChild(
      Effect.result(Effect.provideService(wanted, Deadline, start + seconds * 1000)).pipe(
        Effect.zip(Clock.currentTimeMillis)
      )
    )
    yield* TestClock.adjust("10 minutes")
    const [result, end] = yield* Fiber.join(fiber)
    return { result, seconds: (end - start) / 1000, requests: counted.count() }
  })

describe("a deadline", () => {
  it.effect("cuts the time of a request to what is left", () =>
    Effect.gen(function*() {
      let isInterrupted = false
      const endless = Effect.onInterrupt(Effect.never, () =>
        Effect.sync(() => {
          isInterrupted = true
        }))
      const { requests, result, seconds } = yield* sending(30, endless)
      assert.deepStrictEqual([result._tag, requests, seconds], ["Failure", 1, 30])
      assert.isTrue(isInterrupted)
      if (result._tag === "Failure") assert.strictEqual(result.failure.code, "provider.timeout")
    }))

  it.effect("lets nobody wait for a request that would come too late", () =>
    Effect.gen(function*() {
      const late = yield* sending(30, Effect.fail(limited(40)))
      assert.deepStrictEqual([late.requests, late.seconds], [1, 0])
      if (late.result._tag === "Failure") assert.strictEqual(late.result.failure.code, "provider.rate_limited")
      const inTime = yield* sending(30, Effect.fail(limited(8)))
      assert.deepStrictEqual([inTime.requests, inTime.seconds], [3, 16])
    }))

  it.effect("sends nothing once it has passed, and says so of an image too: nothing was made", () =>
    Effect.gen(function*() {
      const { requests, result } = yield* sending(0, Effect.succeed("made"), "img_gen")
      assert.strictEqual(requests, 0)
      const failure = yield* Effect.flip(Effect.fromResult(result))
      assert.strictEqual(failure.code, "provider.unavailable")
      assert.isTrue(failure.retryable)
    }))
})
