import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Result from "effect/Result"
import process from "node:process"
import * as Configuration from "../config/Configuration.ts"
import * as Environment from "../config/Environment.ts"
import * as Serving from "../config/Serving.ts"
import type { TemporalOptions } from "../config/TemporalOptions.ts"
import * as LeafUse from "../library/LeafUse.ts"
import type { LeafName } from "../program/Leaves.ts"
import * as Routing from "../program/Routing.ts"
import * as Adapters from "../provider/Adapters.ts"
import { padEnd, width as widthOf, wrap } from "../report/Columns.ts"
import { leafNames } from "../temporal/worker/WorkerScope.ts"
import * as Grid from "./Grid.ts"
import { type Shown, Streams } from "./Streams.ts"
import * as Target from "./Target.ts"

/** `pipelex show routing`: where activities go in a durable run and with what, and which layer of the configuration says so. */
export interface Options {
  /** A bundle, a folder, an installed method or a pipe; without one, every activity there is. */
  readonly target: string | undefined
  readonly pipe: string | undefined
  readonly libraryDirs: ReadonlyArray<string>
}

/** One activity for one model or function, and the pipes that run it. */
interface Row {
  readonly activity: LeafName
  readonly handle: string | undefined
  readonly pipes: ReadonlyArray<string>
  readonly explained: Routing.Explained
}

const exists = Effect.fnUntraced(function*(place: string) {
  const fs = yield* FileSystem.FileSystem
  return yield* Effect.orElseSucceed(fs.exists(place), () => false)
})

/** The method that is meant: what is there under the name, else what is installed under it, else a pipe of the library folders. */
const found = Effect.fnUntraced(
  function*(target: string, { libraryDirs, pipe }: Options, configuration: Configuration.Configuration) {
    const wanted = { target, pipe, libraryDirs, compat: true }
    if (yield* exists(target)) return yield* Target.find({ ...wanted, kind: "bundle" }, configuration)
    const method = yield* Effect.option(Target.find({ ...wanted, kind: "method" }, configuration))
    return method._tag === "Some" ? method.value : yield* Target.find({ ...wanted, kind: "pipe" }, configuration)
  }
)

/** The leaves of the target's pipes: of its entry and what that reaches, or of all where it has no entry. */
const used = Effect.fnUntraced(
  function*(target: string, options: Options, configuration: Configuration.Configuration) {
    const environment = yield* Environment.load(configuration.locations)
    const method = yield* found(target, options, configuration)
    const library = yield* Target.library(method)
    const isWhole = options.pipe === undefined && Result.isFailure(method.method.entry) && (yield* exists(target))
    const roots = isWhole ? library.pipes.values() : [yield* Target.entry(method, library)]
    const { models } = Serving.durable(configuration.inference, {
      variables: environment.get,
      isAdapted: Adapters.isAdapted
    })
    return LeafUse.of(library, roots, models)
  }
)

const rowsOf = (uses: ReadonlyArray<LeafUse.LeafUse>, { queueRates, routing }: TemporalOptions): ReadonlyArray<Row> => {
  const byJob = Map.groupBy(uses, ({ handle, leaf }) => `${leaf} ${handle ?? ""}`)
  const rows = Array.from(byJob.values()).flatMap((group) => {
    const [first] = group
    return first === undefined ? [] : [{
      activity: first.leaf,
      handle: first.handle,
      pipes: Array.from(new Set(group.map(({ pipe }) => pipe).filter((pipe) => pipe !== ""))),
      explained: Routing.explain(routing, first.leaf, first.handle, queueRates)
    }]
  })
  return rows.toSorted((a, b) => leafNames.indexOf(a.activity) - leafNames.indexOf(b.activity))
}

/** Every activity, for any model and for those that the configuration names. */
const everything = ({ routing: { activities } }: TemporalOptions): ReadonlyArray<LeafUse.LeafUse> =>
  leafNames.flatMap((leaf) => {
    const { byHandle = {}, handleOptions = {} } = activities[leaf] ?? {}
    const handles = new Set([undefined, ...Object.keys(byHandle), ...Object.keys(handleOptions)])
    return Array.from(handles, (handle) => handle === undefined ? { pipe: "", leaf } : { pipe: "", leaf, handle })
  })

const limit = (value: number | "unlimited"): string => value === "unlimited" ? value : Routing.span(value)

type Line = readonly [option: string, value: string, from: string]

/** What a dispatch comes to. Of retries, beside their number, what is not the baseline's. */
const linesOf = (explained: Routing.Explained, home: string): ReadonlyArray<Line> => {
  const { backoffCoefficient, initialInterval, maximumAttempts, maximumInterval, queue, rate } = explained
  const timeouts = [
    ["Start to close", explained.startToCloseTimeout],
    ["Heartbeat", explained.heartbeatTimeout],
    ["Schedule to close", explained.scheduleToCloseTimeout],
    ["Schedule to start", explained.scheduleToStartTimeout]
  ] as const
  const retries: ReadonlyArray<readonly [string, Routing.Said<string>]> = [
    ["First wait", { ...initialInterval, value: Routing.span(initialInterval.value) }],
    ["Each wait", { ...backoffCoefficient, value: `× ${backoffCoefficient.value}` }],
    ["Longest wait", { ...maximumInterval, value: limit(maximumInterval.value) }],
    ...explained.nonRetryableErrorTypes.map((name) => ["Not retried", name] as const)
  ]
  return [
    ["Queue", queue.value ?? `that of the run (${home})`, queue.from],
    ...timeouts.flatMap(([name, said]): ReadonlyArray<Line> =>
      said === undefined ? [] : [[name, Routing.span(said.value), said.from]]
    ),
    ["Attempts", String(maximumAttempts.value), maximumAttempts.from],
    ...retries.filter(([, { from }]) => from !== "baseline").map((
      [name, { from, value }]
    ): Line => [name, value, from]),
    rate === undefined ? ["Rate", "no cap", "—"] : ["Rate", `${rate.value} per second`, rate.from]
  ]
}

const titleOf = ({ activity, handle }: Row, others: ReadonlyArray<Row>): string =>
  handle !== undefined
    ? `${activity} · ${handle}`
    : others.some((other) => other.activity === activity && other.handle !== undefined)
    ? `${activity} · any other`
    : activity

const indented = (lines: ReadonlyArray<string>): ReadonlyArray<string> => lines.map((line) => `  ${line}`)

/** Activities that are dispatched alike share a card. */
const card = (alike: ReadonlyArray<Row>, all: ReadonlyArray<Row>, home: string, out: Shown): ReadonlyArray<string> => {
  const [first] = alike
  if (first === undefined) return []
  const lines = linesOf(first.explained, home)
  const [nameWidth, fromWidth] = [0, 2].map((column) => Math.max(...lines.map((line) => widthOf(line[column] ?? ""))))
  const valueWidth = Math.max(8, out.width - (nameWidth ?? 0) - (fromWidth ?? 0) - 6)
  const taken = Math.min(valueWidth, Math.max(...lines.map(([, value]) => widthOf(value))))
  return [
    ...alike.flatMap((row) => [
      ...wrap(titleOf(row, all), out.width).map(out.style.strong),
      ...(row.pipes.length === 0 ? [] : indented(wrap(`for ${row.pipes.join(", ")}`, out.width - 2)))
    ]),
    ...lines.flatMap(([name, value, from]) =>
      wrap(value, taken).map((part, at) =>
        `  ${padEnd(at === 0 ? name : "", nameWidth ?? 0)}  ${padEnd(part, taken)}  ${
          at === 0 ? out.style.faint(from) : ""
        }`.trimEnd()
      )
    )
  ]
}

const cards = (rows: ReadonlyArray<Row>, home: string, out: Shown): ReadonlyArray<string> =>
  Array.from(
    Map.groupBy(rows, ({ explained }) => JSON.stringify(explained)).values(),
    (alike) => ["", ...card(alike, rows, home, out)]
  ).flat()

const spanOf = (said: Routing.Said<number | "unlimited"> | undefined) =>
  said === undefined ? null : { value: limit(said.value), from: said.from }

const rowJson = ({ activity, explained, handle, pipes }: Row) => ({
  activity,
  handle: handle ?? null,
  pipes,
  queue: { value: explained.queue.value ?? null, from: explained.queue.from },
  start_to_close_timeout: spanOf(explained.startToCloseTimeout),
  heartbeat_timeout: spanOf(explained.heartbeatTimeout),
  schedule_to_close_timeout: spanOf(explained.scheduleToCloseTimeout),
  schedule_to_start_timeout: spanOf(explained.scheduleToStartTimeout),
  retry_policy: {
    initial_interval: spanOf(explained.initialInterval),
    backoff_coefficient: explained.backoffCoefficient,
    maximum_interval: spanOf(explained.maximumInterval),
    maximum_attempts: explained.maximumAttempts,
    non_retryable_error_types: explained.nonRetryableErrorTypes
  },
  max_task_queue_activities_per_second: explained.rate ?? null
})

export const routing = Effect.fnUntraced(function*(options: Options) {
  const streams = yield* Streams
  const configuration = yield* Configuration.loadFrom(process.cwd())
  const { target } = options
  const { temporal } = configuration.options
  const { routing: { defaultQueue }, servers: { named, selected } } = temporal
  const uses = target === undefined ? everything(temporal) : yield* used(target, options, configuration)
  const rows = rowsOf(uses, temporal)
  const { description = "", namespace = null, targetHost = null } = named[selected] ?? {}
  const { out } = streams
  yield* streams.answer({
    json: () => ({
      server: { name: selected, description, target_host: targetHost, namespace },
      default_task_queue: defaultQueue,
      dispatches: rows.map(rowJson)
    }),
    lines: () => [
      ...Grid.lines(["Server", "Address", "Namespace", "Default queue"], [
        [
          description === "" ? selected : `${selected} (${description})`,
          targetHost ?? "—",
          namespace ?? "—",
          defaultQueue
        ]
      ], out),
      ...(rows.length === 0 ? ["", `No pipe of ${target ?? "this method"} runs an activity.`] : []),
      ...cards(rows, defaultQueue, out)
    ]
  })
  const warnings = configuration.warnings.filter((warning) => warning.startsWith("[temporal"))
  yield* streams.note(warnings.flatMap((warning) => wrap(`WARNING  ${warning}`, streams.err.width)))
})
