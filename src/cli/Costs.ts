import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import type { PlatformError } from "effect/PlatformError"
import type { ReportingOptions } from "../config/RuntimeToml.ts"
import type { PipeFailure } from "../failure/PipeFailure.ts"
import * as CostTable from "../report/CostTable.ts"
import * as LeafUsage from "../report/LeafUsage.ts"
import type { TimedEvent } from "../report/RunRecord.ts"
import * as UsageRecords from "../report/UsageRecords.ts"
import { Ended } from "./Exit.ts"
import { Streams } from "./Streams.ts"

/** What a run consumed, whether it came to its end or not: a report in a file where the configuration wants one, a line after a failure. */
export interface Spending {
  readonly events: ReadonlyArray<TimedEvent>
  readonly prices: LeafUsage.Prices
  readonly runId: string
}

/** Of a run that came to its end. */
export const of = (
  { prices, runId, watch }: Omit<Spending, "events"> & { readonly watch: Pick<Spending, "events"> }
): Spending => ({ events: watch.events, prices, runId })

const leavesOf = ({ events }: Spending): ReadonlyArray<LeafUsage.LeafUsage> =>
  LeafUsage.ofEvents(events).filter(LeafUsage.asked)

export const rows = (spending: Spending): ReadonlyArray<CostTable.Row> =>
  CostTable.rows(leavesOf(spending), spending.prices)

const csv = (spending: Spending): string => UsageRecords.csv(leavesOf(spending), spending.prices)

const json = (spending: Spending): string => {
  const report = {
    run_id: spending.runId,
    cost_report: CostTable.toJson(rows(spending)),
    tokens_usages: UsageRecords.make(leavesOf(spending), spending.prices)
  }
  return `${JSON.stringify(report, null, 2)}\n`
}

const isTaken = ({ reason }: PlatformError): boolean => reason._tag === "AlreadyExists"

/** Under the first number that is free, also when another run ends at the same time. */
const write = (
  nameOf: (number: number) => string,
  content: string,
  number = 1
): Effect.Effect<string, PlatformError, FileSystem.FileSystem> =>
  FileSystem.FileSystem.use((fs) => fs.writeFileString(nameOf(number), content, { flag: "wx" })).pipe(
    Effect.as(nameOf(number)),
    Effect.catchIf(isTaken, () => write(nameOf, content, number + 1))
  )

/** Writes the report, when there is something to report. That it cannot be written fails no run. */
export const save = Effect.fn("Costs.save")(
  function*(spending: Spending, { baseName, directory, extension, isCostReportWritten }: ReportingOptions) {
    const streams = yield* Streams
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    if (!isCostReportWritten || leavesOf(spending).length === 0) return
    const kind = extension.replace(/^\./, "")
    yield* fs.makeDirectory(directory, { recursive: true })
    const file = yield* write(
      (number) => path.join(directory, `${baseName}_${number}.${kind}`),
      kind.toLowerCase() === "json" ? json(spending) : csv(spending)
    )
    yield* streams.note([`Costs are written to ${file}`])
  },
  (self, _spending, { directory }) =>
    Effect.catch(
      self,
      ({ reason }) =>
        Streams.use(({ err, warn }) =>
          warn([err.style.warning(`WARNING  the cost report cannot be written to "${directory}" (${reason._tag})`)])
        )
    )
)

/** A run whose cost is told however it ends: the report is written, and a failure is followed by what had been spent by then. */
export const accounted =
  (spending: Spending, reporting: ReportingOptions) => <A, R>(run: Effect.Effect<A, PipeFailure, R>) =>
    run.pipe(
      Effect.catch((failure) =>
        Streams.use(({ audience }) => {
          const tips = reporting.isCostLoggedToConsole && !audience.quiet ? CostTable.untilFailure(rows(spending)) : []
          return Effect.fail(new Ended({ code: 1, failure, tips }))
        })
      ),
      Effect.ensuring(save(spending, reporting))
    )
