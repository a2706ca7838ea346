import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Span from "../config/Span.ts"
import { clean, cut, padEnd, width as widthOf } from "../report/Columns.ts"
import { iso } from "../report/RunRecord.ts"
import * as Connection from "../temporal/client/Connection.ts"
import * as RunId from "../temporal/client/RunId.ts"
import * as Visibility from "../temporal/client/Visibility.ts"
import * as DurableSetup from "./DurableSetup.ts"
import { usage } from "./Exit.ts"
import * as Runs from "./Runs.ts"
import { type Shown, Streams } from "./Streams.ts"

/** `pipelex runs list`: the runs of a server that are as wanted. */
export interface Options extends Readonly<Record<Visibility.Name, string | undefined>> {
  readonly runId: string | undefined
  readonly status: keyof typeof Visibility.states | undefined
  readonly since: string | undefined
  readonly limit: number
  readonly server: string | undefined
}

const most = 10_000

const sinceOf = (written: string, now: number): number | undefined => {
  const span = Span.parse(written)
  if (span !== undefined) return now - span
  const date = /^\d{4}-\d\d-\d\d/.test(written.trim()) ? Date.parse(written) : Number.NaN
  return Number.isNaN(date) ? undefined : date
}

const wantedOf = Effect.fnUntraced(function*(options: Options, workflowId: (runId: string) => string) {
  const { limit, runId, since, status } = options
  if (limit < 1 || limit > most) return yield* usage(`--limit is from 1 to ${most}; it is ${limit}`)
  const from = since === undefined ? undefined : sinceOf(since, yield* Clock.currentTimeMillis)
  if (since !== undefined && from === undefined) {
    return yield* usage(`--since must be a duration such as 30m, 12h or 7d, or a date; it is "${since}"`)
  }
  const dot = options.pipe?.lastIndexOf(".") ?? -1
  const given = dot < 0
    ? options
    : { ...options, pipe: options.pipe?.slice(dot + 1), domain: options.domain ?? options.pipe?.slice(0, dot) }
  const wanted: Visibility.Wanted = {
    carried: Object.fromEntries(Visibility.names.flatMap((name) => {
      const value = given[name]
      return value === undefined ? [] : [[name, value]]
    })),
    ...(runId === undefined ? {} : { workflowId: workflowId(runId) }),
    ...(status === undefined ? {} : { state: status }),
    ...(from === undefined ? {} : { since: from })
  }
  return wanted
})

const steps: ReadonlyArray<readonly [millis: number, unit: string]> = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
  [1000, "s"]
]

/** `3 min`: in a list, one unit says enough. */
const rough = (millis: number): string => {
  const [size = 1, unit = "ms"] = steps.find(([each]) => millis >= each) ?? []
  return `${Math.floor(Math.max(0, millis) / size)} ${unit}`
}

const gap = "  "
/** As long as a UUID: an id is copied, so it is never cut; a longer one has a line of its own. */
const longest = 36

const table = (
  runs: ReadonlyArray<readonly [id: string, run: Visibility.Listed]>,
  now: number,
  { style, width }: Shown
): ReadonlyArray<string> => {
  const rows = runs.map(([id, { endedAt, pipe, startedAt, status }]) => [
    id,
    Runs.stateOf(status),
    rough(now - startedAt.getTime()),
    rough((endedAt?.getTime() ?? now) - startedAt.getTime()),
    clean(pipe ?? "—")
  ])
  const head = ["Run", "State", "Age", "Took", "Pipe"]
  const all = [head, ...rows]
  const size = (at: number): number =>
    Math.max(...all.map((row) => widthOf(row[at] ?? "")).filter((each) => at > 0 || each <= longest))
  const sizes = [size(0), size(1), size(2), size(3)]
  const taken = sizes.reduce((sum, each) => sum + each + gap.length, 0)
  const line = ([id = "", ...cells]: ReadonlyArray<string>): ReadonlyArray<string> => {
    const rest = cells.map((cell, at) =>
      at === 3 ? cut(cell, Math.max(8, width - taken)) : padEnd(cell, sizes[at + 1] ?? 0)
    ).join(gap)
    return widthOf(id) <= longest
      ? [`${padEnd(id, sizes[0] ?? 0)}${gap}${rest}`]
      : [id, `${" ".repeat(sizes[0] ?? 0)}${gap}${rest}`]
  }
  return [
    ...line(head).map(style.strong),
    ...rows.flatMap((row, at) => {
      const status = runs[at]?.[1].status ?? "RUNNING"
      return line(row).map(Runs.hasFailed(status) ? style.bad : status === "COMPLETED" ? (text) => text : style.good)
    })
  ]
}

const toJson = (runId: string, run: Visibility.Listed) => {
  const { carried, endedAt, pipe, startedAt, status, taskQueue, workflowId } = run
  return {
    run_id: runId,
    workflow_id: workflowId,
    task_queue: taskQueue,
    status,
    ...carried,
    ...(pipe === undefined ? {} : { pipe }),
    started_at: iso(startedAt.getTime()),
    ...(endedAt === undefined ? {} : { ended_at: iso(endedAt.getTime()) })
  }
}

export const list = Effect.fn("RunsList.list")(
  function*(options: Options) {
    const streams = yield* Streams
    const { access, configuration: { locations } } = yield* DurableSetup.read(options.server)
    const wanted = yield* wantedOf(options, (runId) => RunId.workflowId(runId, locations))
    const connection = yield* Connection.open(access)
    const { of, runs } = yield* Visibility.list(connection, wanted, options.limit)
    const now = yield* Clock.currentTimeMillis
    const named = runs.map((run) => [RunId.ofWorkflow(run.workflowId, locations), run] as const)
    yield* streams.answer({
      json: () => ({ runs: named.map(([id, run]) => toJson(id, run)), of }),
      lines: () => runs.length === 0 ? [] : table(named, now, streams.out)
    })
    if (runs.length === 0) yield* streams.note(["No run is as wanted."])
    if (runs.length < of) yield* streams.note([`${runs.length} of ${of} runs; --limit shows more`])
  },
  Effect.scoped
)
