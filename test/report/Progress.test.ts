import { assert, describe, it } from "@effect/vitest"
import * as PipePath from "../../src/program/PipePath.ts"
import type { RunEvent } from "../../src/program/RunEvents.ts"
import { width } from "../../src/report/Columns.ts"
import * as LiveTree from "../../src/report/LiveTree.ts"
import * as Progress from "../../src/report/Progress.ts"
import { rateLimited } from "../failure/Failures.ts"
import { failed, finished, paths, prices, sequence, started, usage } from "./Events.ts"

const tell = (
  events: ReadonlyArray<readonly [number, RunEvent]>
): { state: Progress.State; lines: ReadonlyArray<string> } => {
  const lines: Array<string> = []
  let state = Progress.empty
  for (const [now, event] of events) {
    const step = Progress.step(state, event, now, prices)
    state = step.state
    lines.push(...step.lines)
  }
  return { state, lines }
}

const batch = PipePath.entry({ code: "review_all", ref: "review_all" })
const item = (index: number) => PipePath.child(batch, { code: "review", ref: "review" }, index)
const leaf = PipePath.leaf(item(0))

const answer = (model: string, simulated: boolean): RunEvent => ({
  _tag: "LeafFinished",
  path: leaf,
  leaf: "act_llm_gen_object",
  pipe: "review",
  model,
  usage: usage({ input: 1200, output: 4 }, { model, ...(simulated ? { simulated } : {}), seconds: 0.01 })
})

describe("Progress", () => {
  it("tells a run one line per event, indented by depth", () => {
    const { lines, state } = tell(sequence.map(({ at, event }) => [at, event]))
    assert.deepStrictEqual(lines, [
      "PipeSequence: pitch_and_review → Review",
      "   ↳ PipeLLM: write_pitch → Pitch",
      "      gpt-4o-mini chat · 120 → 45 tokens · $0.000045 · done in 684 ms",
      "   ↳ PipeLLM: write_pitch done in 1.01 s",
      "   ↳ PipeCompose: review → Review",
      "   ↳ PipeCompose: review done in 20 ms",
      "PipeSequence: pitch_and_review done in 1.06 s"
    ])
    assert.deepStrictEqual(state, Progress.empty)
  })

  it("tells how a pipe and its leaf failed", () => {
    const { lines } = tell([
      [0, started(paths.pitch, "PipeLLM", "lab.Pitch")],
      [0, {
        _tag: "LeafStarted",
        path: paths.leaf,
        leaf: "act_llm_gen_text",
        pipe: "write_pitch",
        model: "gpt-4o-mini"
      }],
      [500, { _tag: "Retry", path: paths.leaf, attempt: 2, of: 3, delaySeconds: 4, why: "429" }],
      [1700, {
        _tag: "LeafFailed",
        path: paths.leaf,
        leaf: "act_llm_gen_text",
        pipe: "write_pitch",
        model: "gpt-4o-mini",
        failure: rateLimited
      }],
      [1760, failed(paths.pitch, "PipeLLM", rateLimited)]
    ])
    assert.deepStrictEqual(lines.slice(1), [
      "      gpt-4o-mini: retry 2/3 in 4.00 s (429)",
      "      gpt-4o-mini failed after 1.70 s error.type=RateLimited",
      "   ↳ PipeLLM: write_pitch failed after 1.76 s error.type=RateLimited"
    ])
  })

  it("counts the items of a batch as they finish, in whatever order", () => {
    const { lines } = tell([
      [0, started(batch, "PipeBatch", "lab.Review[]")],
      [0, { _tag: "BatchStarted", path: batch, items: 40 }],
      [5, { _tag: "ItemFinished", path: batch, index: 7, items: 40 }],
      [6, { _tag: "ItemFinished", path: batch, index: 0, items: 40 }]
    ])
    assert.deepStrictEqual(lines, [
      "PipeBatch: review_all → Review[]",
      "   review_all: 40 items",
      "   review_all: item 1/40",
      "   review_all: item 2/40"
    ])
  })

  it("labels a simulated answer, and says when a price is not known", () => {
    assert.deepStrictEqual(tell([[0, answer("gpt-4o-mini", true)], [0, answer("mystery", false)]]).lines, [
      "      gpt-4o-mini object · 1,200 → 4 tokens · simulated · done in 10 ms",
      "      mystery object · 1,200 → 4 tokens · cost unknown · done in 10 ms"
    ])
  })

  it("a skipped pipe is told as skipped, and an end without a start is told all the same", () => {
    assert.deepStrictEqual(
      tell([[0, finished(paths.pitch, "PipeLLM", undefined, true)], [0, finished(paths.review, "PipeLLM")]]).lines,
      [
        "   ↳ PipeLLM: write_pitch skipped",
        "   ↳ PipeLLM: review done"
      ]
    )
  })
})

describe("LiveTree", () => {
  const running = tell([
    [0, started(batch, "PipeBatch", "lab.Review[]")],
    [0, { _tag: "BatchStarted", path: batch, items: 40 }],
    [1000, started(item(0), "PipeLLM", "lab.Review")],
    [1000, { _tag: "LeafStarted", path: leaf, leaf: "act_llm_gen_text", pipe: "review", model: "gpt-4o-mini" }],
    [1500, { _tag: "Retry", path: leaf, attempt: 2, of: 3, delaySeconds: 4, why: "429" }],
    ...Array.from({ length: 8 }, (_, index) => [2000, started(item(index + 1), "PipeLLM", "lab.Review")] as const),
    [2100, { _tag: "ItemFinished", path: batch, index: 1, items: 40 }]
  ]).state

  it("draws a line per running pipe, with elapsed time, counters and retries, and counts what has no room", () => {
    assert.deepStrictEqual(LiveTree.draw(running, { now: 3000, width: 80, height: 4 }), [
      "PipeBatch: review_all → Review[] 1/40 3 s",
      "   ↳ PipeLLM: review → Review 2 s · gpt-4o-mini retry 2/3 in 3 s (429)",
      "   ↳ PipeLLM: review → Review 1 s",
      "… and 7 more running"
    ])
  })

  it("never draws more or wider lines than there is room for", () => {
    for (const columns of [10, 30, 80]) {
      for (const height of [1, 3, 50]) {
        const lines = LiveTree.draw(running, { now: 99_000, width: columns, height })
        assert.isAtMost(lines.length, height)
        for (const line of lines) assert.isAtMost(width(line), columns)
      }
    }
  })

  it("draws nothing when nothing runs", () => {
    assert.deepStrictEqual(LiveTree.draw(Progress.empty, { now: 0, width: 80, height: 5 }), [])
  })
})
