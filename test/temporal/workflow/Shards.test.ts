import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Recorded from "../../../src/direct/Recorded.ts"
import { fail } from "../../../src/failure/PipeFailure.ts"
import * as Reason from "../../../src/failure/Reason.ts"
import * as PipePath from "../../../src/program/PipePath.ts"
import { type RunEvent, RunEvents } from "../../../src/program/RunEvents.ts"
import * as Bundle from "../../../src/temporal/worker/Bundle.ts"
import { echo, library, llm, pipe, recording, run, sequence } from "../../library/Fixture.ts"
import * as Replay from "../replay/Replay.ts"
import * as Server from "../Server.ts"
import * as Durable from "./Durable.ts"

Server.use()

const limit = 180_000

const batchOf = (code: string, branch: string, item = "item") =>
  pipe(code, "PipeBatch", {
    inputs: { [`${item}s`]: "Text[]" },
    output: "Text[]",
    branch_pipe_code: branch,
    input_list_name: `${item}s`,
    input_item_name: item
  })

const method = library([
  llm("one", { item: "Text" }),
  llm("two", { item: "Text" }),
  sequence("both", { item: "Text" }, "Text", [{ pipe: "one", result: "a" }, { pipe: "two", result: "b" }]),
  batchOf("all", "one"),
  batchOf("all_both", "both"),
  llm("sum", { answers: "Text[]" }),
  sequence("go", { items: "Text[]" }, "Text", [{ pipe: "all", result: "answers" }, { pipe: "sum", result: "end" }])
].join("\n"))

const items = (count: number) => Array.from({ length: count }, (_, index) => `item ${index}`)
const durable = (options: Durable.Options = {}) =>
  Effect.flatMap(Server.address, (address) => Durable.make(address, options))

const refused = fail(new Reason.RequestRefused({ model: "writer", provider: "scripted", category: "content" }))
const promptOf = ({ job }: Recorded.Sent): string =>
  "prompt" in job && typeof job.prompt === "object" ? job.prompt.user : ""

const told = (event: RunEvent): string =>
  `${event._tag} ${typeof event.path === "string" ? event.path : PipePath.show(event.path)}${
    event._tag === "ItemFinished" ? ` ${event.index} of ${event.items} ${event.failure?.code ?? ""}` : ""
  }`

const directly = Effect.fnUntraced(function*(ref: string, count: number, running: Parameters<typeof run>[3] = {}) {
  const events: Array<RunEvent> = []
  const result = yield* Effect.result(
    Effect.provideService(run(method, ref, { items: items(count) }, running), RunEvents, (event) => events.push(event))
  )
  return { result, events: events.map(told).toSorted() }
})

describe("a batch that is longer than one workflow's share", () => {
  it.live.each(
    [
      ["of a leaf, in shards that run it in place", "d.all", 25, { shardSize: 10, granularity: "auto" }, 4],
      ["of a leaf, in shards of workflows where each item is to be one", "d.all", 12, {
        shardSize: 5,
        granularity: "item"
      }, 16],
      ["of more than a leaf, in shards of workflows", "d.all_both", 7, { shardSize: 3, granularity: "auto" }, 25],
      ["that fits, in one shard where that is asked for", "d.all", 3, { shardSize: 10, granularity: "shard" }, 2],
      ["within a sequence", "d.go", 8, { shardSize: 3, granularity: "auto" }, 6]
    ] as const
  )(
    "%s: ends as in process, with the same events",
    ([, ref, count, more, workflows]) =>
      Effect.scoped(Effect.gen(function*() {
        const { client, run: runDurably } = yield* durable()
        const direct = yield* directly(ref, count, { settings: { maxConcurrency: 7 } })
        const ran = yield* runDurably(method, ref, { items: items(count) }, { settings: { maxConcurrency: 7 } }, more)
        assert.deepStrictEqual(Result.getOrThrow(ran.result), Result.getOrThrow(direct.result))
        assert.deepStrictEqual(ran.events.map(({ event }) => told(event)).toSorted(), direct.events)
        const recorded = yield* Replay.fetch(client, ran.id)
        assert.lengthOf(recorded, workflows)
        assert.strictEqual(Replay.count(recorded, "timerStartedEventAttributes"), 0)
        assert.deepStrictEqual(
          yield* Replay.failures(yield* Bundle.path, [...recorded, ...recorded.flatMap(Replay.prefixes)]),
          []
        )
      })),
    limit
  )

  it.live("never has more at once than the run may, over all its shards", () =>
    Effect.scoped(Effect.gen(function*() {
      let now = 0
      let most = 0
      const answer: Recorded.Answer = (sent) =>
        Effect.gen(function*() {
          most = Math.max(most, ++now)
          yield* Effect.sleep("1 second")
          now--
          return yield* echo(sent)
        })
      const { run: runDurably } = yield* durable({ answer })
      const settings = { maxConcurrency: 60 }
      const { result } = yield* runDurably(method, "d.all", { items: items(150) }, { settings }, { shardSize: 40 })
      assert.isTrue(Result.isSuccess(result))
      assert.isAtMost(most, 60)
      // Two shards at once, of thirty each.
      assert.isAbove(most, 30)
    })), limit)

  it.live(
    "has as many at once as it may while one item takes long, and never more",
    () =>
      Effect.scoped(Effect.gen(function*() {
        const others = yield* Deferred.make<void>()
        let now = 0
        let most = 0
        let done = 0
        const answer: Recorded.Answer = (sent) =>
          Effect.gen(function*() {
            most = Math.max(most, ++now)
            // The first item ends when all others have: a shard that waited for it would wait for ever.
            yield* promptOf(sent) === "item 0" ? Deferred.await(others) : Effect.sleep("20 millis")
            now--
            if (++done === 99) yield* Deferred.succeed(others, undefined)
            return yield* echo(sent)
          })
        const { client, run: runDurably } = yield* durable({ answer })
        const settings = { maxConcurrency: 4 }
        const ran = yield* runDurably(method, "d.all", { items: items(100) }, { settings }, { shardSize: 10 })
        const direct = yield* directly("d.all", 100, { settings })
        assert.deepStrictEqual(Result.getOrThrow(ran.result), Result.getOrThrow(direct.result))
        assert.strictEqual(most, 4)
        const recorded = yield* Replay.fetch(client, ran.id)
        assert.deepStrictEqual(
          yield* Replay.failures(yield* Bundle.path, [...recorded, ...recorded.flatMap(Replay.prefixes)]),
          []
        )
      })),
    limit
  )

  it.live(
    "begins nothing more after a failure, and ends with that of the lowest item",
    () =>
      Effect.scoped(Effect.gen(function*() {
        const { answer, sent } = recording((each) =>
          promptOf(each) === "item 12" ? Effect.fail(refused) : Effect.andThen(Effect.sleep("20 millis"), echo(each))
        )
        const { run: runDurably } = yield* durable({ answer })
        const settings = { maxConcurrency: 4 }
        const { result } = yield* runDurably(method, "d.all", { items: items(100) }, { settings }, { shardSize: 10 })
        const failure = yield* Effect.flip(Effect.fromResult(result))
        assert.deepStrictEqual([failure.reason._tag, failure.location.item], ["RequestRefused", 12])
        assert.isBelow(sent.length, 21)
      })),
    limit
  )

  it.live(
    "goes on in a new history when its items have filled one, and repeats none of them",
    () =>
      Effect.scoped(Effect.gen(function*() {
        const long = Array.from({ length: 40 }, (_, index) => `item ${index} ${"long ".repeat(3000)}`)
        const { answer, sent } = recording(echo)
        const { client, run: runDurably } = yield* durable({ answer })
        const settings = { maxConcurrency: 4 }
        const ran = yield* runDurably(method, "d.all", { items: long }, { settings }, { granularity: "shard" })
        assert.isTrue(Result.isSuccess(ran.result))
        assert.lengthOf(sent, 40)
        const [, shard] = yield* Replay.fetch(client, ran.id)
        assert(shard !== undefined)
        const { continuedExecutionRunId: before = "" } =
          shard.history.events?.[0]?.workflowExecutionStartedEventAttributes ?? {}
        const { workflowId } = shard
        const history = yield* Effect.promise(() => client.workflow.getHandle(workflowId, before ?? "").fetchHistory())
        assert.strictEqual(Replay.count([{ workflowId, history }], "workflowExecutionContinuedAsNewEventAttributes"), 1)
        const recorded = [shard, { workflowId, history }]
        assert.strictEqual(Replay.count(recorded, "activityTaskCompletedEventAttributes"), 40)
        assert.deepStrictEqual(
          yield* Replay.failures(yield* Bundle.path, [...recorded, ...recorded.flatMap(Replay.prefixes)]),
          []
        )
      })),
    limit
  )

  it.live(
    "begins nothing more in any of the shards that are under way, soon after an item of one has failed",
    () =>
      Effect.scoped(Effect.gen(function*() {
        const held = yield* Deferred.make<void>()
        let begun = 0
        let atFailure = 0
        const { answer, sent } = recording((each) =>
          Effect.gen(function*() {
            begun++
            // Keeps its shard from ending.
            if (promptOf(each) === "item 0") yield* Deferred.await(held)
            yield* Effect.sleep("100 millis")
            if (promptOf(each) !== "item 5") return yield* echo(each)
            atFailure = begun
            yield* Effect.forkDetach(Effect.andThen(Effect.sleep("3 seconds"), Deferred.succeed(held, undefined)))
            return yield* refused
          })
        )
        const { run: runDurably } = yield* durable({ answer })
        const settings = { maxConcurrency: 100 }
        const { result } = yield* runDurably(method, "d.all", { items: items(2000) }, { settings }, { shardSize: 500 })
        const failure = yield* Effect.flip(Effect.fromResult(result))
        assert.strictEqual(failure.location.item, 5)
        // Of two shards with fifty at once, neither goes on for the three seconds that the one takes to end.
        assert.isBelow(sent.length - atFailure, 300)
      })),
    limit
  )

  it.live(
    "records the items that fail and goes on, where that is asked for, and then runs those alone again",
    () =>
      Effect.scoped(Effect.gen(function*() {
        let isMended = false
        const { answer, sent } = recording((each) =>
          !isMended && [3, 7, 14].some((index) => promptOf(each) === `item ${index}`)
            ? Effect.fail(refused)
            : echo(each)
        )
        const { run: runDurably } = yield* durable({ answer })
        const running = { answer, settings: { maxConcurrency: 5, onItemFailure: "collect" } } as const
        const direct = yield* directly("d.go", 20, running)
        sent.length = 0
        const first = yield* runDurably(method, "d.go", { items: items(20) }, running, { shardSize: 6 })
        assert.deepStrictEqual(Result.getOrThrow(first.result), Result.getOrThrow(direct.result))
        assert.deepStrictEqual(first.events.map(({ event }) => told(event)).toSorted(), direct.events)
        assert.deepStrictEqual(
          Array.from(Result.getOrThrow(first.result).absences.keys()),
          ["items[3]", "items[7]", "items[14]"]
        )
        assert.lengthOf(sent, 21)
        isMended = true
        sent.length = 0
        const again = yield* runDurably(
          method,
          "d.go",
          { items: items(20) },
          running,
          { shardSize: 6, isResumed: true },
          first.id
        )
        assert.deepStrictEqual(
          sent.slice(0, 3).map(promptOf).toSorted(),
          ["item 14", "item 3", "item 7"]
        )
        // The sum is of the whole list now.
        assert.lengthOf(sent, 4)
        const whole = yield* directly("d.go", 20, running)
        assert.deepStrictEqual(Result.getOrThrow(again.result), Result.getOrThrow(whole.result))
      })),
    limit
  )
})
