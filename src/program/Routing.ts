import type { LeafName } from "./Leaves.ts"

/**
 * How leaves are dispatched: queue, timeouts and retries of each activity, as plain data. The submitter makes it from its configuration
 * once; it travels in the run's input, so that a run is dispatched one way for its whole life. Durations are milliseconds.
 */
export interface RetryOptions {
  readonly initialInterval: number
  readonly backoffCoefficient: number
  readonly maximumInterval: number | "unlimited"
  /** The first included. */
  readonly maximumAttempts: number | "unlimited"
  /** Names of errors that end the retries when no category decides. */
  readonly nonRetryableErrorTypes: ReadonlyArray<string>
}

/** What one model or function says of its own jobs. */
export interface HandleOptions {
  readonly startToCloseTimeout?: number
  readonly retry?: Partial<RetryOptions>
}

export interface DispatchOptions extends HandleOptions {
  readonly scheduleToCloseTimeout?: number
  readonly scheduleToStartTimeout?: number
  readonly heartbeatTimeout?: number
}

export interface Route {
  readonly default?: string
  readonly byHandle: Readonly<Record<string, string>>
  readonly handleOptions: Readonly<Record<string, HandleOptions>>
}

/** Options with which an activity can be started. */
export type Complete = DispatchOptions & { readonly startToCloseTimeout: number; readonly retry: RetryOptions }

export interface RoutingTable {
  readonly defaultQueue: string
  /** Whether every dispatch is told in the log, as `told` words it. */
  readonly isTraced?: boolean
  readonly baseline: Complete
  readonly activities: Readonly<Partial<Record<LeafName, Route>>>
  readonly queues: Readonly<Record<string, DispatchOptions>>
}

/** Where one leaf goes, and how. */
export interface Dispatch {
  /** Absent: the queue of the workflow. */
  readonly queue?: string
  readonly options: Complete
}

/** Later layers win, scalar by scalar; names of errors are joined. */
const overlay = (below: Complete, above: DispatchOptions | undefined): Complete => {
  if (above === undefined) return below
  const { retry, ...timeouts } = above
  const { nonRetryableErrorTypes = [], ...scalars } = retry ?? {}
  const names = [...below.retry.nonRetryableErrorTypes, ...nonRetryableErrorTypes]
  return {
    ...below,
    ...timeouts,
    retry: { ...below.retry, ...scalars, nonRetryableErrorTypes: Array.from(new Set(names)) }
  }
}

const own = <A>(record: Readonly<Record<string, A>>, key: string | undefined): A | undefined =>
  key !== undefined && Object.hasOwn(record, key) ? record[key] : undefined

const unrouted: Route = { byHandle: {}, handleOptions: {} }

/** What decides one dispatch. */
const layers = ({ activities, baseline, defaultQueue, queues }: RoutingTable, leaf: LeafName, handle?: string) => {
  const route = own(activities, leaf) ?? unrouted
  const byHandle = own(route.byHandle, handle)
  const isRouted = Object.keys(activities).length > 0
  const queue = isRouted ? byHandle ?? route.default ?? defaultQueue : undefined
  const queueFrom: QueueOrigin = queue === undefined
    ? "workflow"
    : byHandle !== undefined
    ? "by_handle"
    : route.default === undefined
    ? "default_task_queue"
    : "route"
  return {
    queue,
    queueFrom,
    /** The lowest first. */
    options: [
      ["baseline", baseline],
      ["queue", own(queues, queue ?? defaultQueue)],
      ["handle", own(route.handleOptions, handle)]
    ] satisfies ReadonlyArray<readonly [Origin, DispatchOptions | undefined]>
  }
}

/** Baseline, then the queue that was found, then the handle. */
export const resolve = (table: RoutingTable, leaf: LeafName, handle: string | undefined): Dispatch => {
  const { options, queue } = layers(table, leaf, handle)
  const [, ...above] = options
  return {
    ...(queue === undefined ? {} : { queue }),
    options: above.reduce((below, [, layer]) => overlay(below, layer), table.baseline)
  }
}

/** The layer that an option was decided in. */
export type Origin = "baseline" | "queue" | "handle"

/** What decided the queue; `workflow`: nothing is routed, so that activities stay on the queue of their run. */
export type QueueOrigin = "by_handle" | "route" | "default_task_queue" | "workflow"

export interface Said<A> {
  readonly value: A
  readonly from: Origin
}

/** A dispatch, each of its options with the layer that decided it. What no layer decides is absent. */
export interface Explained {
  readonly queue: { readonly value?: string; readonly from: QueueOrigin }
  readonly startToCloseTimeout: Said<number>
  readonly heartbeatTimeout?: Said<number>
  readonly scheduleToCloseTimeout?: Said<number>
  readonly scheduleToStartTimeout?: Said<number>
  readonly initialInterval: Said<number>
  readonly backoffCoefficient: Said<number>
  readonly maximumInterval: Said<number | "unlimited">
  readonly maximumAttempts: Said<number | "unlimited">
  /** Each with the first layer that lists it. */
  readonly nonRetryableErrorTypes: ReadonlyArray<Said<string>>
  /** Activities in a second, of the whole queue. */
  readonly rate?: Said<number>
}

/** `resolve`, and for each option the layer it comes from: for people who look at a dispatch. `rates` are those of queues. */
export const explain = (
  table: RoutingTable,
  leaf: LeafName,
  handle: string | undefined,
  rates: Readonly<Record<string, number>> = {}
): Explained => {
  const { options: found, queue, queueFrom } = layers(table, leaf, handle)
  const optional = <A>(read: (options: DispatchOptions) => A | undefined): Said<A> | undefined => {
    const said = found.flatMap(([from, options]) => {
      const value = options === undefined ? undefined : read(options)
      return value === undefined ? [] : [{ value, from }]
    })
    return said.at(-1)
  }
  const always = <A>(below: A, read: (options: DispatchOptions) => A | undefined): Said<A> =>
    optional(read) ?? { value: below, from: "baseline" }
  const { baseline: { retry, startToCloseTimeout }, defaultQueue } = table
  const names = found.flatMap(([from, options]) =>
    (options?.retry?.nonRetryableErrorTypes ?? []).map((value) => ({ value, from }))
  )
  const rate = own(rates, queue ?? defaultQueue)
  const heartbeat = optional((options) => options.heartbeatTimeout)
  const toClose = optional((options) => options.scheduleToCloseTimeout)
  const toStart = optional((options) => options.scheduleToStartTimeout)
  return {
    queue: { ...(queue === undefined ? {} : { value: queue }), from: queueFrom },
    startToCloseTimeout: always(startToCloseTimeout, (options) => options.startToCloseTimeout),
    ...(heartbeat === undefined ? {} : { heartbeatTimeout: heartbeat }),
    ...(toClose === undefined ? {} : { scheduleToCloseTimeout: toClose }),
    ...(toStart === undefined ? {} : { scheduleToStartTimeout: toStart }),
    initialInterval: always(retry.initialInterval, (options) => options.retry?.initialInterval),
    backoffCoefficient: always(retry.backoffCoefficient, (options) => options.retry?.backoffCoefficient),
    maximumInterval: always(retry.maximumInterval, (options) => options.retry?.maximumInterval),
    maximumAttempts: always(retry.maximumAttempts, (options) => options.retry?.maximumAttempts),
    nonRetryableErrorTypes: names.filter(({ value }, at) => names.findIndex((each) => each.value === value) === at),
    ...(rate === undefined ? {} : { rate: { value: rate, from: "queue" } })
  }
}

const units: ReadonlyArray<readonly [unit: string, millis: number]> = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000]
]

/** Milliseconds as the configuration would have them: `10m`, `90s`, `250ms`. */
export const span = (millis: number): string => {
  const found = units.find(([, size]) => millis > 0 && millis % size === 0)
  return found === undefined ? `${millis}ms` : `${millis / found[1]}${found[0]}`
}

/** One line for the log: where a leaf goes and with what, each with the layer that decided it. */
export const told = (table: RoutingTable, leaf: LeafName, handle: string | undefined): string => {
  const { heartbeatTimeout: heartbeat, maximumAttempts: attempts, queue, startToCloseTimeout: start } = explain(
    table,
    leaf,
    handle
  )
  const facts: ReadonlyArray<readonly [string, string, string]> = [
    ["queue", queue.value ?? "that of the run", queue.from],
    ["start_to_close", span(start.value), start.from],
    ["attempts", String(attempts.value), attempts.from],
    ...(heartbeat === undefined ? [] : [["heartbeat", span(heartbeat.value), heartbeat.from] as const])
  ]
  return `dispatch ${leaf}${handle === undefined ? "" : ` · ${handle}`}: ${
    facts.map(([name, value, from]) => `${name}=${value} (${from})`).join(", ")
  }`
}

/** What holds where nothing is configured. */
export const defaults: RoutingTable = {
  defaultQueue: "temporal_task_queue",
  baseline: {
    startToCloseTimeout: 600_000,
    heartbeatTimeout: 5000,
    retry: {
      initialInterval: 3000,
      backoffCoefficient: 2,
      maximumInterval: "unlimited",
      maximumAttempts: 3,
      nonRetryableErrorTypes: [
        "DryRunMockBuildError",
        "DryRunObjectFidelityError",
        "ExtractHandleNotFoundError",
        "FileNotFoundError",
        "ImgGenHandleNotFoundError",
        "LLMHandleNotFoundError",
        "ModelNotFoundError",
        "ValidationError"
      ]
    }
  },
  activities: {},
  queues: {}
}
