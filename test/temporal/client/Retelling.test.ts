import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as PipePath from "../../../src/program/PipePath.ts"
import type { RunEvent } from "../../../src/program/RunEvents.ts"
import * as Retelling from "../../../src/temporal/client/Retelling.ts"

const path = PipePath.entry({ code: "all", ref: "d.all" })
const branch = (index: number) => PipePath.child(path, { code: "one", ref: "d.one" }, index)

const events: ReadonlyArray<RunEvent> = [
  { _tag: "BatchStarted", path, items: 2 },
  { _tag: "Retry", path: "all#0", attempt: 1, of: 2, delaySeconds: 1, why: "429" },
  { _tag: "Retry", path: "all#0", attempt: 2, of: 2, delaySeconds: 1, why: "429" },
  { _tag: "PipeFinished", path: branch(0), pipe: "one", type: "PipeLLM", skipped: false, output: undefined },
  { _tag: "PipeFinished", path: branch(1), pipe: "one", type: "PipeLLM", skipped: false, output: undefined },
  { _tag: "ItemFinished", path, index: 0, items: 2 },
  { _tag: "ItemFinished", path, index: 1, items: 2 }
]
const timed = events.map((event, at) => ({ at, event }))

const Indexes = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: events.length - 1 })))

describe("a run that is retold", () => {
  it.prop(
    "tells every event once, with its own time, however often it is heard",
    [Schema.Array(Indexes)],
    ([heard]) => {
      const told: Array<Retelling.TimedEvent> = []
      const tell = Retelling.make((event, at) => told.push({ at, event }))
      for (const indexes of heard) {
        tell(
          indexes.map((index) => timed[index] ?? { at: 0, event: { _tag: "BatchStarted", path, items: 2 } })
        )
      }
      tell(timed)
      assert.deepStrictEqual(told.toSorted((a, b) => a.at - b.at), timed)
    }
  )

  it("tells the start of a pipe before what it has taken over from an earlier attempt", () => {
    const started = (of: PipePath.PipePath): RunEvent => ({
      _tag: "PipeStarted",
      path: of,
      pipe: of.code,
      type: "PipeLLM",
      description: "",
      domain: "d",
      output: "native.Text",
      inputs: []
    })
    const retry: RunEvent = { _tag: "Retry", path: "all/0-one#0", attempt: 1, of: 2, delaySeconds: 1, why: "429" }
    const done: RunEvent = { _tag: "ItemFinished", path, index: 0, items: 2 }
    const begun: RunEvent = { _tag: "BatchStarted", path, items: 2 }
    const told: Array<string> = []
    const tell = Retelling.make((event, at) => told.push(`${at} ${event._tag}`))
    tell(
      [started(branch(0)), retry, done, started(path), begun, started(branch(1))].map((event, at) => ({ at, event }))
    )
    assert.deepStrictEqual(told, [
      "3 PipeStarted",
      "4 BatchStarted",
      "0 PipeStarted",
      "1 Retry",
      "2 ItemFinished",
      "5 PipeStarted"
    ])
  })
})
