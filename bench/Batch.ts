import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Concept from "../src/concept/Authoring.ts"
import type { Stuff } from "../src/concept/Stuff.ts"
import * as WorkingMemory from "../src/concept/WorkingMemory.ts"
import * as Recorded from "../src/direct/Recorded.ts"
import * as Crate from "../src/library/Crate.ts"
import * as Pipe from "../src/pipe/Composed.ts"
import * as PipePath from "../src/program/PipePath.ts"
import { PipeRunner } from "../src/program/PipeRunner.ts"
import { defaults } from "../src/program/Settings.ts"
import { simulatedModels } from "./Models.ts"

const describe = Pipe.llm("bench.describe", {
  inputs: { topic: Concept.Text },
  output: Concept.Text,
  prompt: "Describe $topic"
})
const all = Pipe.batch("bench.describe_all", { over: "topics", as: "topic", branch: describe })

/** The runtime's own cost of a leaf: a batch of trivial items, answered from a script, without network. */
export const batch = Effect.fn("bench.batch")(function*(items: number) {
  const library = Crate.compile(all.crate, { models: simulatedModels })
  if (Result.isFailure(library)) return yield* Effect.die(library.failure)
  const topics: Stuff = {
    code: "topic",
    name: "topics",
    concept: "native.Text",
    plural: true,
    content: { items: Array.from({ length: items }, (_, index) => ({ text: `topic ${index}` })) }
  }
  globalThis.gc?.()
  const before = process.memoryUsage().heapUsed
  let leaves = 0
  let peak = before
  const answer = () =>
    Effect.sync(() => {
      if (++leaves % 2000 === 0) peak = Math.max(peak, process.memoryUsage().heapUsed)
      return "reply"
    })
  const start = process.hrtime.bigint()
  const memory = yield* Effect.provide(
    Effect.flatMap(PipeRunner, (runner) =>
      runner.call({
        method: library.success,
        ref: all.ref,
        memory: WorkingMemory.make([topics]),
        path: PipePath.entry({ code: "describe_all", ref: all.ref }),
        scope: { runId: "bench", userId: "bench", mode: "live", settings: defaults },
        result: undefined
      })),
    Recorded.layer({ answer }, { models: simulatedModels })
  )
  const seconds = Number(process.hrtime.bigint() - start) / 1e9
  globalThis.gc?.()
  const kept = process.memoryUsage().heapUsed - before
  const results = WorkingMemory.get(memory, WorkingMemory.main)?.content["items"]
  return {
    items,
    results: Array.isArray(results) ? results.length : 0,
    leavesPerSecond: Math.round(items / seconds),
    microsecondsPerLeaf: seconds / items * 1e6,
    bytesKeptPerItem: Math.round(kept / items),
    /** Garbage not yet collected included: an upper bound. */
    bytesAtPeakPerItem: Math.round((peak - before) / items)
  }
})
