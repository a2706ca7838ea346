import * as Effect from "effect/Effect"
import * as ProblemDocument from "../failure/ProblemDocument.ts"
import { wrap } from "../report/Columns.ts"
import * as FailedItems from "../report/FailedItems.ts"
import { Ended } from "./Exit.ts"
import * as Problem from "./Problem.ts"
import type { ResultFile } from "./ResultFolder.ts"
import { type Shown, Streams } from "./Streams.ts"
import * as Version from "./Version.ts"

/** What is said of a run that went on without the items that failed. Its output is there; the command that shows it ends with 1. */
export interface Left {
  readonly failed: ReadonlyArray<FailedItems.FailedItem>
  readonly runId: string
  /** A run on a server can be resumed. */
  readonly isDurable: boolean
}

const fileName = "failed_items.json"

/** For the folder of results: all of them, with the whole report of each. */
export const files = ({ failed, runId }: Left): ReadonlyArray<ResultFile> => {
  if (failed.length === 0) return []
  const record = { run_id: runId, failed_items: FailedItems.toJson(failed, runId) }
  return [{ name: fileName, content: `${JSON.stringify(record, null, 2)}\n` }]
}

/** Members of a record for programs. */
export const member = ({ failed, runId }: Left) =>
  failed.length === 0 ? {} : { failed_items: FailedItems.toJson(failed, runId) }

const advice = ({ isDurable, runId }: Left): string =>
  isDurable
    ? `\`pipelex resume ${runId}\` runs them again.`
    : "Mend what made them fail, then run the method again."

/** For people. */
export const lines = (left: Left, { style, width }: Shown, folder?: string): ReadonlyArray<string> => {
  if (left.failed.length === 0) return []
  const rest = folder === undefined ? undefined : `${folder}/${fileName}`
  return [...FailedItems.lines(left.failed, { width, style, rest }), ...wrap(advice(left), width)]
}

/** A run that may fail in the end all the same: people are then told what it had left out before. */
export const toldFirst = (left: () => Left) => <A, E, R>(run: Effect.Effect<A, E, R>) =>
  Effect.tapError(run, () =>
    Streams.use((streams) => {
      const told = lines(left(), streams.err)
      return told.length === 0 ? Effect.void : streams.warn([...told, ""])
    }))

/** The document of the first item that failed, with the list of all. */
const document = (left: Left, { failure }: FailedItems.FailedItem) => {
  const { failed, runId } = left
  const found = ProblemDocument.fromFailure(failure, { runtimeVersion: Version.program, runId })
  const detail = `${FailedItems.sentence(failed)}. ${advice(left)} The first: ${found.detail}`
  return { ...found, detail, ...member(left) }
}

const tell = Effect.fnUntraced(function*(left: Left, first: FailedItems.FailedItem, folder: string | undefined) {
  const streams = yield* Streams
  const { errorFormat, reader } = streams.audience
  if (reader === "people") return yield* streams.problem(["", ...lines(left, streams.err, folder)])
  const found = document(left, first)
  return yield* streams.problem(errorFormat === "json" ? [JSON.stringify(found, null, 2)] : Problem.markdown(found))
})

/** Says which items were left out, and ends the command with 1; nothing when none was. `folder` is where the results have been written. */
export const end = (left: Left, folder?: string): Effect.Effect<void, Ended, Streams> => {
  const [first] = left.failed
  return first === undefined
    ? Effect.void
    : Effect.andThen(tell(left, first, folder), Effect.fail(new Ended({ code: 1 })))
}
