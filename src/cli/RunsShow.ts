import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import { fail } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import { duration } from "../report/Amounts.ts"
import { wrap } from "../report/Columns.ts"
import * as FailureText from "../report/FailureText.ts"
import * as RecordedTree from "../report/RecordedTree.ts"
import { iso } from "../report/RunRecord.ts"
import * as RunTree from "../report/RunTree.ts"
import * as RunTreeText from "../report/RunTreeText.ts"
import * as DurableRun from "./DurableRun.ts"
import * as Runs from "./Runs.ts"
import { type Shown, Streams } from "./Streams.ts"

/** `pipelex runs show`: what a run did, whether a server knows it or it has left a folder behind. */
export interface Options {
  /** The id of a durable run, or a result folder. */
  readonly run: string
  /** Every pipe below a pipe, however many there are. */
  readonly all: boolean
}

const graphFile = "graphspec.json"

/** The folder's own record, where the word names a place: no id holds a separator. */
const recorded = Effect.fnUntraced(function*(word: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const isFile = path.basename(word) === graphFile
  const file = isFile ? word : path.join(word, graphFile)
  const text = yield* Effect.option(fs.readFileString(file))
  const isPlace = isFile || /[\\/]/.test(word) || (yield* Effect.orElseSucceed(fs.exists(word), () => false))
  if (text._tag === "None" && !isPlace) return undefined
  const found = text._tag === "Some" ? RecordedTree.of(text.value) : undefined
  if (found !== undefined) return found
  const problem = text._tag === "None"
    ? `"${word}" holds no ${graphFile}: it is no result folder, or its run wrote no graph`
    : `"${file}" is no graph of a run`
  return yield* fail(new Reason.RequestInvalid({ problem }))
})

const treeLines = (tree: ReadonlyArray<RunTree.Node>, now: number, all: boolean, { style, width }: Shown) => [
  ...RunTreeText.lines(tree, { now, width, style, calls: true, ...(all ? {} : { most: Runs.mostItems }) }),
  ...RunTreeText.total(tree).flatMap((text) => wrap(text, width)).map(style.strong)
]

const showRecorded = Effect.fnUntraced(function*({ pipe, runId, tree }: RecordedTree.RecordedRun, all: boolean) {
  const streams = yield* Streams
  const { style, width } = streams.out
  const startedAt = tree[0]?.startedAt ?? 0
  const endedAt = tree[0]?.endedAt ?? startedAt
  return yield* streams.answer({
    lines: () => [
      ...wrap(`Run ${runId}: completed after ${duration(endedAt - startedAt)}`, width).map(style.strong),
      ...treeLines(tree, endedAt, all, streams.out)
    ],
    json: () => ({
      run_id: runId,
      pipe,
      status: "COMPLETED",
      started_at: iso(startedAt),
      ended_at: iso(endedAt),
      pipes: RunTree.toJson(tree)
    })
  })
})

const showDurable = Effect.fnUntraced(
  function*(runId: string, all: boolean) {
    const streams = yield* Streams
    const opened = yield* Runs.open(runId)
    const record = yield* Runs.record(opened)
    const { failure, now, stuck, tree } = record
    return yield* streams.answer({
      lines: () => [
        ...Runs.heading(runId, opened, now, streams.out),
        ...treeLines(tree, now, all, streams.out),
        ...(stuck === undefined ? [] : DurableRun.stuck(stuck, streams.out)),
        ...Runs.leftOut(runId, opened, record, streams.out),
        ...(failure === undefined
          ? []
          : ["", ...FailureText.lines(failure, { ...streams.out, run: opened.run.started.workflowId })])
      ],
      json: () => Runs.toJson(runId, opened, record)
    })
  },
  Effect.scoped
)

export const show = Effect.fn("RunsShow.show")(function*({ all, run }: Options) {
  const found = yield* recorded(run)
  return yield* found === undefined ? showDurable(run, all) : showRecorded(found, all)
})
