import { assert, describe, it } from "@effect/vitest"
import * as PipePath from "../../src/program/PipePath.ts"
import type { RunEvent } from "../../src/program/RunEvents.ts"
import * as RunTree from "../../src/report/RunTree.ts"

const root = PipePath.entry({ code: "all", ref: "d.all" })
const first = PipePath.child(root, { code: "one", ref: "d.one" }, 0)
const second = PipePath.child(root, { code: "one", ref: "d.one" }, 1)

const started = (path: PipePath.PipePath, type: string): RunEvent => ({
  _tag: "PipeStarted",
  path,
  pipe: path.code,
  type,
  description: "",
  domain: "d",
  output: "Text",
  inputs: []
})

const events = [
  { at: 0, event: started(root, "PipeBatch") },
  { at: 0, event: { _tag: "BatchStarted", path: root, items: 2 } as const },
  { at: 10, event: started(first, "PipeLLM") },
  { at: 20, event: started(second, "PipeLLM") },
  {
    at: 510,
    event: {
      _tag: "PipeFinished",
      path: first,
      pipe: "one",
      type: "PipeLLM",
      output: undefined,
      skipped: false
    } as const
  },
  { at: 510, event: { _tag: "ItemFinished", path: root, index: 0, items: 2 } as const }
]

describe("the tree of a run", () => {
  it("has each pipe under its caller, with its state, its items and its time so far", () => {
    assert.deepStrictEqual(RunTree.lines(RunTree.of(events), 1020), [
      "PipeBatch: all 1/2 running · 1.02 s",
      "   ↳ PipeLLM: one done · 500 ms",
      "   ↳ PipeLLM: one running · 1.00 s"
    ])
  })

  it("says the same to programs", () => {
    const [batch] = RunTree.toJson(RunTree.of(events))
    assert.deepStrictEqual(batch, {
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
          state: "done",
          started_at: "1970-01-01T00:00:00.010Z",
          ended_at: "1970-01-01T00:00:00.510Z"
        },
        {
          pipe: "one",
          type: "PipeLLM",
          path: "all/1-one",
          state: "running",
          started_at: "1970-01-01T00:00:00.020Z"
        }
      ]
    })
  })
})
