import { assert, describe, it } from "@effect/vitest"
import { fail, PipeFailure } from "../../src/failure/PipeFailure.ts"
import * as Reason from "../../src/failure/Reason.ts"
import * as PipePath from "../../src/program/PipePath.ts"
import type { RunEvent } from "../../src/program/RunEvents.ts"
import * as Graph from "../../src/report/Graph.ts"
import * as RecordedTree from "../../src/report/RecordedTree.ts"
import type { TimedEvent } from "../../src/report/RunRecord.ts"
import * as RunTree from "../../src/report/RunTree.ts"
import * as RunTreeText from "../../src/report/RunTreeText.ts"
import { rateLimited } from "../failure/Failures.ts"
import { failed, finished, paths, prices, sequence, started, usage } from "./Events.ts"

const root = PipePath.entry({ code: "all", ref: "d.all" })
const item = (index: number) => PipePath.child(root, { code: "one", ref: "d.one" }, index)
const begun = { _tag: "BatchStarted", path: root, items: 2 } as const
const itemDone = { _tag: "ItemFinished", path: root, index: 0, items: 2 } as const

const timed = (events: ReadonlyArray<readonly [number, RunEvent]>): ReadonlyArray<TimedEvent> =>
  events.map(([at, event]) => ({ at, event }))

const batch = timed([
  [0, started(root, "PipeBatch", "lab.Text")],
  [0, begun],
  [10, started(item(1), "PipeLLM", "lab.Text")],
  [20, started(item(0), "PipeLLM", "lab.Text")],
  [510, finished(item(0), "PipeLLM")],
  [510, itemDone]
])

const leaf = { path: paths.leaf, leaf: "act_llm_gen_text", pipe: "write_pitch", model: "gpt-4o-mini" } as const

/** The sequence of the examples as far as its first call, and what became of that. */
const calling = (...ends: ReadonlyArray<readonly [number, RunEvent]>) => [
  ...sequence.slice(0, 3).map(({ at, event }) => ({ at: at - 1_700_000_000_000, event })),
  ...timed(ends)
]

const textOf = (events: ReadonlyArray<TimedEvent>, now: number, endedAt?: number) =>
  RunTreeText.lines(RunTree.of(events, { prices, ...(endedAt === undefined ? {} : { endedAt }) }), { now, calls: true })

describe("the tree of a run", () => {
  it("has each pipe under its caller in the method's order, with its state, its items and its time so far", () => {
    assert.deepStrictEqual(RunTreeText.lines(RunTree.of(batch), { now: 1020 }), [
      "PipeBatch: all running · 1 of 2 · 1.02 s",
      "   ↳ PipeLLM: one (item 1) done · 490 ms",
      "   ↳ PipeLLM: one (item 2) running · 1.01 s"
    ])
  })

  it("says the same to programs", () => {
    assert.deepStrictEqual<unknown>(RunTree.toJson(RunTree.of(batch)), [{
      pipe: "all",
      type: "PipeBatch",
      path: "all",
      state: "running",
      started_at: "1970-01-01T00:00:00.000Z",
      items_done: 1,
      items: 2,
      pipes: [
        {
          pipe: "one",
          type: "PipeLLM",
          path: "all/0-one",
          index: 0,
          state: "done",
          started_at: "1970-01-01T00:00:00.020Z",
          ended_at: "1970-01-01T00:00:00.510Z"
        },
        {
          pipe: "one",
          type: "PipeLLM",
          path: "all/1-one",
          index: 1,
          state: "running",
          started_at: "1970-01-01T00:00:00.010Z"
        }
      ]
    }])
  })

  it("has each call below its pipe, with model, tokens, cost and time, and their sum", () => {
    const tree = RunTree.of(sequence, { prices })
    assert.deepStrictEqual(RunTreeText.lines(tree, { now: 0, calls: true }), [
      "PipeSequence: pitch_and_review done · 1.06 s",
      "   ↳ PipeLLM: write_pitch done · 1.01 s",
      "      gpt-4o-mini chat · 120 → 45 tokens · $0.000045 · 684 ms",
      "   ↳ PipeCompose: review done · 20 ms"
    ])
    assert.deepStrictEqual(RunTreeText.total(tree), [
      "1 call of models · 1 request · 120 → 45 tokens · $0.000045"
    ])
  })

  it("tells of a call that is tried again when, how often and why", () => {
    const retry = { _tag: "Retry", path: paths.leaf, attempt: 2, of: 3, delaySeconds: 4, why: "rate limited" } as const
    assert.deepStrictEqual(textOf(calling([1000, retry]), 2000).slice(2), [
      "      gpt-4o-mini chat · running · 1.98 s · retry 2 of 3 in 3.00 s (rate",
      "      limited)"
    ])
  })

  it("tells of a call that failed why, after how many attempts, and what it cost", () => {
    const { location, reason } = rateLimited
    const spent = usage({ input: 120 }, { requests: 9 })
    const failure = new PipeFailure({ reason, location, attempts: { activity: 3 }, usage: spent })
    const events = calling(
      [3000, { _tag: "LeafFailed", ...leaf, failure }],
      [3000, failed(paths.pitch, "PipeLLM", failure)]
    )
    assert.deepStrictEqual(textOf(events, 3000).slice(1), [
      "   ↳ PipeLLM: write_pitch failed · 2.99 s · provider.rate_limited",
      "      gpt-4o-mini chat · 120 → 0 tokens · 9 requests · $0.000018 · failed · 2.98",
      "      s · 3 attempts · provider.rate_limited"
    ])
  })

  it("calls stopped what was going on when the run was ended", () => {
    assert.deepStrictEqual(textOf(calling(), 9000, 500), [
      "PipeSequence: pitch_and_review stopped · 500 ms",
      "   ↳ PipeLLM: write_pitch stopped · 490 ms",
      "      gpt-4o-mini chat · stopped · 480 ms"
    ])
    const events = calling([500, failed(paths.pitch, "PipeLLM", fail(new Reason.RunCancelled({})))])
    assert.strictEqual(textOf(events, 500)[1], "   ↳ PipeLLM: write_pitch stopped · 490 ms · run.cancelled")
  })

  it("counts the items of a large batch that ask for no attention, after those that do", () => {
    const many = timed([
      [0, started(root, "PipeBatch", "lab.Text")],
      [0, { ...begun, items: 5000 }],
      ...Array.from({ length: 5000 }, (_, at): readonly [number, RunEvent] => [0, started(item(at), "PipeLLM", "t")]),
      ...Array.from({ length: 4998 }, (_, at): readonly [number, RunEvent] => [9, finished(item(at), "PipeLLM")]),
      [9, failed(item(4998), "PipeLLM", rateLimited)]
    ])
    assert.deepStrictEqual(RunTreeText.lines(RunTree.of(many), { now: 9, most: 3 }), [
      "PipeBatch: all running · 0 of 5,000 · 9 ms",
      "   ↳ PipeLLM: one (item 1) done · 9 ms",
      "   ↳ PipeLLM: one (item 4999) failed · 9 ms · provider.rate_limited",
      "   ↳ PipeLLM: one (item 5000) running · 9 ms",
      "   ↳ … and 4,997 more: 4,997 done"
    ])
  })

  it("goes on in the next line where a terminal ends, however deep it is", () => {
    const [deep] = Array.from({ length: 12 }).reduce<ReadonlyArray<PipePath.PipePath>>(
      (all) => [PipePath.child(all[0] ?? root, { code: "a_pipe_of_a_long_name", ref: "d.p" }, 0), ...all],
      [root]
    )
    const chain: Array<PipePath.PipePath> = []
    for (let at = deep; at !== undefined; at = at.parent) chain.unshift(at)
    const tree = RunTree.of(timed(chain.map((path) => [0, started(path, "PipeSequence", "t")])))
    for (const text of RunTreeText.lines(tree, { now: 0, width: 60 })) assert.isAtMost(text.length, 60)
  })

  it("is read from the graph that a run leaves behind as it was heard", () => {
    const heard = [...sequence]
    const graph = Graph.make(heard, { runId: "run-1", ref: "lab.pitch_and_review", prices })
    const found = RecordedTree.of(JSON.stringify(graph))
    assert.deepStrictEqual([found?.runId, found?.pipe], ["run-1", "lab.pitch_and_review"])
    assert.deepStrictEqual(RunTree.toJson(found?.tree ?? []), RunTree.toJson(RunTree.of(heard, { prices })))
    const batched = Graph.make(batch, { runId: "run-2", ref: "d.all" })
    assert.deepStrictEqual(RecordedTree.of(JSON.stringify(batched))?.tree[0]?.items, { done: 1, of: 2 })
    for (const text of ["", "{}", "[1]", "nonsense"]) assert.isUndefined(RecordedTree.of(text))
  })
})
