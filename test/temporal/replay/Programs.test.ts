import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Recorded from "../../../src/direct/Recorded.ts"
import { fail, type PipeFailure } from "../../../src/failure/PipeFailure.ts"
import * as Reason from "../../../src/failure/Reason.ts"
import * as PipePath from "../../../src/program/PipePath.ts"
import { type RunEvent, RunEvents } from "../../../src/program/RunEvents.ts"
import type { Common } from "../../../src/temporal/wire/Payload.ts"
import * as Bundle from "../../../src/temporal/worker/Bundle.ts"
import { echo, run } from "../../library/Fixture.ts"
import * as Server from "../Server.ts"
import * as Durable from "../workflow/Durable.ts"
import * as Programs from "./Programs.ts"
import * as Replay from "./Replay.ts"

Server.use()

const answer: Recorded.Answer = (sent) =>
  Programs.isFailing(sent.job.meta.pipe)
    ? Effect.fail(fail(new Reason.RequestRefused({ model: "writer", category: "content" })))
    : echo(sent)

/** A durable run counts the attempts of activities, of which a direct one has none. */
const comparable = <A>(result: Result.Result<A, PipeFailure>): unknown =>
  Result.match(result, {
    onSuccess: (memory) => memory,
    onFailure: ({ location, reason }) => ({ reason, location })
  })

const told = (event: RunEvent): string =>
  `${event._tag} ${typeof event.path === "string" ? event.path : PipePath.show(event.path)}`

/** Runs the programs of these seeds on both layers; every history is replayed, cut wherever a worker took it up. */
const compare = (seeds: ReadonlyArray<number>, options: Durable.Options, more: Partial<Common> = {}) =>
  Effect.scoped(Effect.gen(function*() {
    const durable = yield* Durable.make(yield* Server.address, { answer, ...options })
    const recorded = yield* Effect.forEach(seeds, (seed) =>
      Effect.gen(function*() {
        const { inputs, library, maxConcurrency, ref } = Programs.make(seed)
        const running = { answer, settings: { maxConcurrency } }
        const events: Array<RunEvent> = []
        const direct = yield* Effect.result(Effect.provideService(
          run(library, ref, inputs, running),
          RunEvents,
          (event) => events.push(event)
        ))
        const ran = yield* durable.run(library, ref, inputs, running, more)
        assert.deepStrictEqual(comparable(ran.result), comparable(direct), `seed ${seed}`)
        assert.deepStrictEqual(
          ran.events.map(({ event }) => told(event)).toSorted(),
          events.map(told).toSorted(),
          `events of seed ${seed}`
        )
        return yield* Replay.fetch(durable.client, ran.id)
      }), { concurrency: 3 })
    const whole = recorded.flat()
    assert.strictEqual(Replay.count(whole, "timerStartedEventAttributes"), 0)
    assert.strictEqual(Replay.count(whole, "workflowTaskFailedEventAttributes"), 0)
    assert.deepStrictEqual(
      yield* Replay.failures(yield* Bundle.path, [...whole, ...whole.flatMap(Replay.prefixes)]),
      []
    )
  }))

const range = (from: number, count: number): ReadonlyArray<number> =>
  Array.from({ length: count }, (_, index) => from + index)

const suites: ReadonlyArray<
  readonly [name: string, seeds: ReadonlyArray<number>, options: Durable.Options, more?: Partial<Common>]
> = [
  ["as workers run them", range(0, 12), {}],
  ["with every workflow task replayed from the start", range(100, 4), { maxCachedWorkflows: 0 }],
  ["with batches in shards", range(200, 6), {}, { shardSize: 2, granularity: "auto" }]
]

describe("random programs", () => {
  it.live.each(suites)(
    "end durably as they do in process, %s",
    ([, seeds, options, more]) => compare(seeds, options, more),
    300_000
  )
})
