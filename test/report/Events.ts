import type { PipeFailure } from "../../src/failure/PipeFailure.ts"
import type { Usage } from "../../src/failure/Usage.ts"
import * as PipePath from "../../src/program/PipePath.ts"
import type { RunEvent, StuffMark } from "../../src/program/RunEvents.ts"
import type { Prices } from "../../src/report/LeafUsage.ts"
import type { TimedEvent } from "../../src/report/RunRecord.ts"

/** Events of small runs, and prices for them. */
export const mark = (name: string, code: string, concept = "lab.Text", plural = false): StuffMark => ({
  name,
  code,
  concept,
  plural
})

export const started = (
  path: PipePath.PipePath,
  type: string,
  output: string,
  ...inputs: ReadonlyArray<StuffMark>
): RunEvent => ({
  _tag: "PipeStarted",
  path,
  pipe: path.code,
  type,
  description: `About ${path.code}`,
  domain: "lab",
  output,
  inputs
})

export const finished = (path: PipePath.PipePath, type: string, output?: StuffMark, skipped = false): RunEvent => ({
  _tag: "PipeFinished",
  path,
  pipe: path.code,
  type,
  output,
  skipped
})

export const failed = (path: PipePath.PipePath, type: string, failure: PipeFailure): RunEvent => ({
  _tag: "PipeFailed",
  path,
  pipe: path.code,
  type,
  failure
})

export const usage = (units: Usage["units"], more: Partial<Usage> = {}): Usage => ({
  model: "gpt-4o-mini",
  backend: "openai",
  requests: 1,
  reasks: 0,
  units,
  seconds: 0.684,
  ...more
})

export const prices: Prices = (model) => model === "gpt-4o-mini" ? { input: 0.15, output: 0.6 } : undefined

const entry = PipePath.entry({ code: "pitch_and_review", ref: "pitch_and_review" })
const pitch = PipePath.child(entry, { code: "write_pitch", ref: "write_pitch" }, 0)
const review = PipePath.child(entry, { code: "review", ref: "review" }, 1)
const leaf = PipePath.leaf(pitch)

export const paths = { entry, pitch, review, leaf }

/** A sequence of two: the pitch is written from the product, the review from the pitch. */
export const sequence: ReadonlyArray<TimedEvent> = ([
  [0, started(entry, "PipeSequence", "lab.Review", mark("product", "aaaaa"))],
  [10, started(pitch, "PipeLLM", "lab.Pitch", mark("product", "aaaaa"))],
  [20, { _tag: "LeafStarted", path: leaf, leaf: "act_llm_gen_text", pipe: "write_pitch", model: "gpt-4o-mini" }],
  [704, {
    _tag: "LeafFinished",
    path: leaf,
    leaf: "act_llm_gen_text",
    pipe: "write_pitch",
    model: "gpt-4o-mini",
    usage: usage({ input: 120, output: 45 })
  }],
  [1020, finished(pitch, "PipeLLM", mark("pitch", "bbbbb", "lab.Pitch"))],
  [1030, started(review, "PipeCompose", "lab.Review", mark("pitch", "bbbbb", "lab.Pitch"))],
  [1050, finished(review, "PipeCompose", mark("review", "ccccc", "lab.Review"))],
  [1060, finished(entry, "PipeSequence", mark("review", "ccccc", "lab.Review"))]
] as ReadonlyArray<readonly [number, RunEvent]>).map(([at, event]) => ({ at: 1_700_000_000_000 + at, event }))
