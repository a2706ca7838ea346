import * as Effect from "effect/Effect"
import { wrap } from "../report/Columns.ts"
import * as RunTreeText from "../report/RunTreeText.ts"
import * as Found from "../temporal/client/Runs.ts"
import * as Execution from "./Execution.ts"
import { Ended } from "./Exit.ts"
import * as Following from "./Following.ts"
import * as Runs from "./Runs.ts"
import { Streams } from "./Streams.ts"
import * as Watch from "./Watch.ts"

/** `pipelex runs watch`: a durable run as it goes on, to its end. Unlike `attach` it shows no output and writes nothing. */
export interface Options {
  readonly runId: string
}

export const watch = Effect.fn("RunsWatch.watch")(
  function*({ runId }: Options) {
    const streams = yield* Streams
    const opened = yield* Runs.open(runId)
    const { configuration: { locations }, connection, run: { started } } = opened
    const shown = Watch.make(streams, { prices: Runs.prices(opened), keepsAll: true })
    yield* Execution.ofWorkflow(started.workflowId)(Following.follow(opened, shown))
    const ended: Runs.Open = { ...opened, run: yield* Found.find(connection, runId, locations) }
    const record = yield* Runs.told(ended, shown.events)
    yield* streams.answer({
      lines: () => [
        ...Runs.heading(runId, ended, record.now, streams.out),
        ...RunTreeText.total(record.tree).flatMap((text) => wrap(text, streams.out.width)),
        ...Runs.leftOut(runId, ended, record, streams.out)
      ],
      json: () => Runs.toJson(runId, ended, record)
    })
    // As of whoever started it: what was left out is on the page already.
    return yield* record.failedItems.length > 0 ? Effect.fail(new Ended({ code: 1 })) : Effect.void
  },
  Effect.scoped
)
