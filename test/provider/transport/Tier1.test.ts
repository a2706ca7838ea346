import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import { TestClock } from "effect/testing"
import process from "node:process"
import { ProviderError } from "../../../src/provider/transport/ProviderError.ts"
import * as Tier1 from "../../../src/provider/transport/Tier1.ts"

/** One way in which a request fails, small enough to be shrunk to something readable. */
const Fault = Schema.Struct({
  kind: Schema.Literals(["status", "not_sent", "network", "timeout", "unreadable", "credentials", "unknown"]),
  status: Schema.Literals([400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 504, 529]),
  retryAfter: Schema.optionalKey(Schema.Literals([0, 0.05, 1, 7, 59, 60, 61, 120, 86_400])),
  shouldRetry: Schema.optionalKey(Schema.Boolean),
  isQuota: Schema.Boolean
})
type Fault = typeof Fault.Type

const Case = Schema.Struct({
  retries: Schema.Literals([0, 1, 2, 3, 5]),
  family: Schema.Literals(["llm", "img_gen"]),
  faults: Schema.Array(Fault).check(Schema.isMaxLength(7)),
  seed: Schema.Literals([1, 2, 3, 4, 5, 6, 7, 8, 9])
})
type Case = typeof Case.Type

const errorOf = ({ isQuota, kind, retryAfter, shouldRetry, status }: Fault): ProviderError =>
  new ProviderError({
    kind,
    metadata: {
      provider: "openai",
      message: isQuota ? "You exceeded your current quota" : "It failed",
      ...(kind === "status" ? { status } : {}),
      ...(retryAfter === undefined ? {} : { retryAfterSeconds: retryAfter })
    },
    ...(shouldRetry === undefined ? {} : { shouldRetry })
  })

/** What the text of the policy says, written down once more. */
const mayRepeat = ({ isQuota, kind, retryAfter = 0, shouldRetry, status }: Fault, family: Case["family"]): boolean => {
  if (retryAfter > 60 || (kind === "status" && (isQuota || status === 402))) return false
  if (family === "img_gen") {
    return shouldRetry !== false && (kind === "not_sent" || (kind === "status" && (status === 408 || status === 429)))
  }
  if (kind === "status") return shouldRetry ?? (status === 408 || status === 409 || status === 429 || status >= 500)
  return kind === "not_sent" || kind === "network" || kind === "timeout"
}

interface Sent {
  /** Milliseconds of each request. */
  readonly at: ReadonlyArray<number>
  readonly exit: Exit.Exit<string, ProviderError>
}

type Policy = (retries: number, family: Case["family"]) => Schedule.Schedule<unknown, ProviderError>

/** Plays a case under a policy: every request fails as the next fault says, and the one after them succeeds. */
const play = Effect.fnUntraced(function*({ family, faults, retries, seed }: Case, policy: Policy = Tier1.schedule) {
  const start = yield* Clock.currentTimeMillis
  const at: Array<number> = []
  const request = Effect.flatMap(Clock.currentTimeMillis, (now) => {
    const fault = faults[at.length]
    at.push(Math.round(now - start))
    return fault === undefined ? Effect.succeed("done") : Effect.fail(errorOf(fault))
  })
  const fiber = yield* Effect.forkChild(
    Effect.retry(request, policy(retries, family)).pipe(Random.withSeed(seed), Effect.exit)
  )
  yield* TestClock.adjust("10 minutes")
  const sent: Sent = { at, exit: yield* Fiber.join(fiber) }
  return sent
})

const gaps = ({ at }: Sent) => at.slice(1).map((time, index) => time - (at[index] ?? 0))

const isKeptTo = ({ faults }: Case, sent: Sent): boolean =>
  gaps(sent).every((gap, index) => {
    const asked = faults[index]?.retryAfter
    const backoff = Math.min(8000, 500 * 2 ** index)
    return asked === undefined ? gap >= 0.75 * backoff - 1 && gap <= backoff + 1 : Math.abs(gap - asked * 1000) <= 1
  })

/** How many requests the policy allows a case. */
const expected = ({ family, faults, retries }: Case): number => {
  const repeated = faults.findIndex((fault) => !mayRepeat(fault, family))
  return Math.min(1 + retries, 1 + (repeated < 0 ? faults.length : repeated))
}

const runs = { arbitrary: { runs: 10_000 } }

describe("Tier 1", () => {
  it.effect.prop(
    "sends as often as the policy allows, never oftener, and waits as it says",
    [Case],
    ([given]) =>
      Effect.gen(function*() {
        const sent = yield* play(given)
        assert.strictEqual(sent.at.length, expected(given))
        assert.isAtMost(sent.at.length, 1 + given.retries)
        assert.isTrue(isKeptTo(given, sent), JSON.stringify(gaps(sent)))
        assert.strictEqual(Exit.isSuccess(sent.exit), sent.at.length > given.faults.length)
        assert.isAtMost(sent.at.at(-1) ?? 0, given.retries * 60_000)
      }),
    runs
  )

  it.effect.prop(
    "depends on the failures, their number and the seed alone",
    [Case],
    ([given]) =>
      Effect.gen(function*() {
        assert.deepStrictEqual((yield* play(given)).at, (yield* play(given)).at)
      }),
    runs
  )

  it.effect.prop(
    "sends nothing more once it is interrupted, and ends at once",
    [Case, Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 120_000 }))],
    ([{ family, faults, retries }, instant]) =>
      Effect.gen(function*() {
        let sent = 0
        const request = Effect.suspend(() => {
          const fault = faults[sent]
          sent += 1
          return fault === undefined ? Effect.never : Effect.fail(errorOf(fault))
        })
        const fiber = yield* Effect.forkChild(Effect.retry(request, Tier1.schedule(retries, family)))
        yield* TestClock.adjust(instant)
        const before = sent
        yield* Fiber.interrupt(fiber)
        yield* TestClock.adjust("10 minutes")
        assert.strictEqual(sent, before)
      }),
    runs
  )

  it.effect("is caught when it is wrong: a policy that does not hear Retry-After is shrunk to one fault", () =>
    Effect.gen(function*() {
      const deaf: Policy = (retries, family) =>
        Schedule.exponential("500 millis").pipe(
          Schedule.upTo({ times: retries }),
          Schedule.setInputType<ProviderError>(),
          Schedule.while(({ input }) => Tier1.isRetryable(input, family))
        )
      const result = yield* Arbitrary.checkEffect(
        Arbitrary.schema(Case),
        (given) => Effect.map(play(given, deaf), (sent) => isKeptTo(given, sent)),
        { runs: 10_000, seed: 7 }
      ).pipe(Effect.scoped)
      assert.strictEqual(result._tag, "Falsified")
      if (result._tag !== "Falsified") return
      const { shrunkInput } = result
      assert.isAtLeast(shrunkInput.faults.length, 1)
      assert.isAtMost(shrunkInput.faults.length, result.initialInput.faults.length)
      assert.isDefined(shrunkInput.faults.find(({ retryAfter }) => retryAfter !== undefined))
      process.stdout.write(`shrunk counterexample: ${JSON.stringify(shrunkInput)}\n`)
    }))
})
