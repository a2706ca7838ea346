import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Ref from "effect/Ref"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import * as WorkingMemory from "../../src/concept/WorkingMemory.ts"
import type * as Recorded from "../../src/direct/Recorded.ts"
import { fail } from "../../src/failure/PipeFailure.ts"
import * as Reason from "../../src/failure/Reason.ts"
import type { Job } from "../../src/program/Leaves.ts"
import {
  compose,
  content,
  library,
  llm,
  pipe,
  recording,
  run,
  type Running,
  sequence,
  texts
} from "../library/Fixture.ts"

const asked = ({ job }: Recorded.Sent): string => (job as Job<"act_llm_gen_text">).prompt.user
const indexOf = (sent: Recorded.Sent): number => Number(asked(sent))
const numbers = (count: number): ReadonlyArray<string> => Array.from({ length: count }, (_, index) => String(index))

const method = library([
  llm("one", { item: "Text" }),
  pipe("all", "PipeBatch", {
    inputs: { items: "Text[]" },
    output: "Text[]",
    branch_pipe_code: "one",
    input_list_name: "items",
    input_item_name: "item"
  })
].join("\n"))

const batch = (count: number, answer: Recorded.Answer, settings: Running["settings"] = {}) =>
  run(method, "d.all", { items: numbers(count) }, { answer, settings, result: "done" })

/** How many answers are being waited for, now and at most; each takes as many milliseconds as `latency` says. */
const measured = (latency: (index: number) => number) => {
  const started: Array<number> = []
  let now = 0
  let most = 0
  const answer: Recorded.Answer = (sent) =>
    Effect.gen(function*() {
      const index = indexOf(sent)
      started.push(index)
      most = Math.max(most, ++now)
      yield* Effect.sleep(latency(index))
      now--
      return `answer ${index}`
    })
  return { answer, started, most: () => most, now: () => now }
}

const busy = fail(new Reason.RateLimited({ model: "writer" }))

describe("PipeBatch", () => {
  it.effect.prop(
    "keeps the order of the items under any latencies, never more than its width at once",
    [Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 50 }))), Schema.Literals([1, 2, 8])],
    ([latencies, width]) =>
      Effect.gen(function*() {
        const leaf = measured((index) => latencies[index] ?? 0)
        const fiber = yield* Effect.forkChild(batch(latencies.length, leaf.answer, { maxConcurrency: width }))
        yield* TestClock.adjust("1 hour")
        const memory = yield* Fiber.join(fiber)
        assert.deepStrictEqual(texts(memory), latencies.map((_, index) => `answer ${index}`))
        assert.isAtMost(leaf.most(), width)
        assert.deepStrictEqual(leaf.started, latencies.map((_, index) => index))
      })
  )

  it.effect("starts the next item as soon as one ends, not when all have", () =>
    Effect.gen(function*() {
      const leaf = measured((index) => index === 0 ? 1000 : 10)
      const fiber = yield* Effect.forkChild(batch(6, leaf.answer, { maxConcurrency: 2 }))
      yield* TestClock.adjust(15)
      assert.deepStrictEqual(leaf.started, [0, 1, 2])
      yield* TestClock.adjust(40)
      assert.deepStrictEqual(leaf.started, [0, 1, 2, 3, 4, 5])
      yield* TestClock.adjust(1000)
      assert.lengthOf(texts(yield* Fiber.join(fiber)), 6)
    }))

  it.effect("starts all at once when unbounded, and eight by default", () =>
    Effect.gen(function*() {
      for (const [settings, most] of [[{ maxConcurrency: "unbounded" }, 30], [{}, 8]] as const) {
        const leaf = measured(() => 10)
        const fiber = yield* Effect.forkChild(batch(30, leaf.answer, settings))
        yield* TestClock.adjust("1 second")
        yield* Fiber.join(fiber)
        assert.strictEqual(leaf.most(), most)
      }
    }))

  it.effect("awaits what has started when one fails, starts nothing new, and raises the lowest index", () =>
    Effect.gen(function*() {
      const finished: Array<number> = []
      const latencies = [40, 30, 10, 20]
      const { answer, sent } = recording((each) =>
        Effect.gen(function*() {
          const index = indexOf(each)
          yield* Effect.sleep(latencies[index] ?? 1)
          finished.push(index)
          if (index === 1 || index === 2) return yield* busy
          return "fine"
        })
      )
      const fiber = yield* Effect.forkChild(Effect.flip(batch(20, answer, { maxConcurrency: 4 })))
      yield* TestClock.adjust("1 second")
      const failure = yield* Fiber.join(fiber)
      assert.deepStrictEqual(finished, [2, 3, 1, 0])
      assert.lengthOf(sent, 4)
      assert.strictEqual(failure.code, "provider.rate_limited")
      assert.deepStrictEqual(failure.location, { pipe: "one", path: ["all", "one"], item: 1, succeeded: 2 })
    }))

  it.effect("makes no call for an empty list and stores an empty list", () =>
    Effect.gen(function*() {
      const { answer, sent } = recording()
      const memory = yield* batch(0, answer)
      assert.lengthOf(sent, 0)
      const stuff = WorkingMemory.get(memory, "done")
      assert.deepStrictEqual([stuff?.concept, stuff?.plural, stuff?.content], ["native.Text", true, { items: [] }])
    }))

  it.effect("drops the results that are absent", () =>
    Effect.gen(function*() {
      const sieve = library([
        compose("keep", { item: "Text" }, "kept $item"),
        pipe("maybe", "PipeCondition", {
          inputs: { item: "Text" },
          output: "Text?",
          expression_template: "{{ 'yes' if item.text in ['1', '3'] else 'no' }}",
          outcomes: { yes: "keep" },
          default_outcome: "continue"
        }),
        pipe("all", "PipeBatch", {
          inputs: { items: "Text[]" },
          output: "Text[]",
          branch_pipe_code: "maybe",
          input_list_name: "items",
          input_item_name: "item"
        })
      ].join("\n"))
      assert.deepStrictEqual(texts(yield* run(sieve, "d.all", { items: numbers(5) })), ["kept 1", "kept 3"])
    }))

  it.effect("interrupts every branch when the run is interrupted", () =>
    Effect.gen(function*() {
      const started = yield* Ref.make(0)
      const interrupted = yield* Ref.make(0)
      const answer = () =>
        Ref.update(started, (count) => count + 1).pipe(
          Effect.andThen(Effect.never),
          Effect.onInterrupt(() => Ref.update(interrupted, (count) => count + 1))
        )
      const fiber = yield* Effect.forkChild(batch(20, answer, { maxConcurrency: 5 }))
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual([yield* Ref.get(started), yield* Ref.get(interrupted)], [5, 5])
      const exit = yield* Fiber.await(fiber)
      assert.isTrue(Exit.hasInterrupts(exit))
    }))

  it.effect("lets a defect through as a defect, after the others have settled", () =>
    Effect.gen(function*() {
      const gate = yield* Deferred.make<void>()
      const finished: Array<number> = []
      const answer: Recorded.Answer = (each) =>
        indexOf(each) === 1
          ? Effect.andThen(Effect.sleep(10), Effect.die(new Error("a bug")))
          : Effect.map(Deferred.await(gate), () => finished.push(indexOf(each)))
      const fiber = yield* Effect.forkChild(batch(3, answer))
      yield* TestClock.adjust("1 second")
      yield* Deferred.succeed(gate, undefined)
      const exit = yield* Fiber.await(fiber)
      assert.isTrue(Exit.hasDies(exit))
      assert.deepStrictEqual(finished, [0, 2])
    }))

  it.effect("gives every branch the other inputs, and keeps what a branch stores to itself", () =>
    Effect.gen(function*() {
      const nested = library([
        compose("greet", { item: "Text", word: "Text" }, "$word, $item"),
        compose("shout", { greeting: "Text" }, "$greeting!"),
        sequence("both", { item: "Text", word: "Text" }, "Text", [
          { pipe: "greet", result: "greeting" },
          { pipe: "shout", result: "shouted" }
        ]),
        pipe("all", "PipeBatch", {
          inputs: { items: "Text[]", word: "Text" },
          output: "Text[]",
          branch_pipe_code: "both",
          input_list_name: "items",
          input_item_name: "item"
        })
      ].join("\n"))
      const memory = yield* run(nested, "d.all", { items: ["a", "b"], word: "hi" }, { result: "out" })
      assert.deepStrictEqual(texts(memory), ["hi, a!", "hi, b!"])
      assert.deepStrictEqual(Array.from(memory.root.keys()), ["items", "word", "out"])
    }))

  it.effect("names the items after their list and the branch after its index", () =>
    Effect.gen(function*() {
      const paths: Array<string> = []
      const memory = yield* batch(2, ({ job }) =>
        Effect.sync(() => {
          paths.push(job.meta.path)
          return "x"
        }))
      assert.deepStrictEqual(paths, ["all/0-one#0", "all/1-one#0"])
      assert.deepStrictEqual(content(memory), { items: [{ text: "x" }, { text: "x" }] })
    }))

  it.effect("bounds each batch by itself: two levels multiply", () =>
    Effect.gen(function*() {
      let now = 0
      let most = 0
      const answer: Recorded.Answer = () =>
        Effect.gen(function*() {
          most = Math.max(most, ++now)
          yield* Effect.sleep(5)
          now--
          return "x"
        })
      const nested = library([
        "[concept.Row]\ndescription = \"Row\"\n[concept.Row.structure]\ncells = { type = \"list\", item_type = \"text\", description = \"c\", required = true }",
        llm("one", { cell: "Text" }),
        compose("count", { done: "Text[]" }, "{{ done|length }}"),
        sequence("row", { line: "Row" }, "Text", [
          { pipe: "one", batch_over: "line.cells", batch_as: "cell", result: "done" },
          { pipe: "count", result: "counted" }
        ]),
        pipe("all", "PipeBatch", {
          inputs: { rows: "Row[]" },
          output: "Text[]",
          branch_pipe_code: "row",
          input_list_name: "rows",
          input_item_name: "line"
        })
      ].join("\n"))
      const rows = Array.from({ length: 4 }, () => ({ cells: ["a", "b", "c"] }))
      const fiber = yield* Effect.forkChild(run(nested, "d.all", { rows }, { answer, settings: { maxConcurrency: 2 } }))
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(texts(yield* Fiber.join(fiber)), ["3", "3", "3", "3"])
      assert.strictEqual(most, 4)
    }))
})
