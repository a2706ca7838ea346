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

/** The layers of one dispatch, the lowest first. */
const layers = ({ activities, baseline, defaultQueue, queues }: RoutingTable, leaf: LeafName, handle?: string) => {
  const route = own(activities, leaf) ?? unrouted
  const isRouted = Object.keys(activities).length > 0
  const queue = isRouted ? own(route.byHandle, handle) ?? route.default ?? defaultQueue : undefined
  return {
    queue,
    baseline,
    byQueue: own(queues, queue ?? defaultQueue),
    byHandle: own(route.handleOptions, handle)
  }
}

/** Baseline, then the queue that was found, then the handle. */
export const resolve = (table: RoutingTable, leaf: LeafName, handle: string | undefined): Dispatch => {
  const { baseline, byHandle, byQueue, queue } = layers(table, leaf, handle)
  return {
    ...(queue === undefined ? {} : { queue }),
    options: overlay(overlay(baseline, byQueue), byHandle)
  }
}

export type Origin = "baseline" | "queue" | "handle"

/** Which layer decided what of a dispatch. What no layer decides is absent. */
export interface Explained extends Dispatch {
  readonly queueFrom: "by_handle" | "route" | "default_task_queue" | "workflow"
  readonly from: Readonly<
    Partial<
      Record<
        | "startToCloseTimeout"
        | "heartbeatTimeout"
        | "scheduleToCloseTimeout"
        | "scheduleToStartTimeout"
        | "maximumAttempts",
        Origin
      >
    >
  >
}

const timeouts = [
  "startToCloseTimeout",
  "heartbeatTimeout",
  "scheduleToCloseTimeout",
  "scheduleToStartTimeout"
] as const

/** `resolve`, and for each option the layer it comes from: for people who look at a dispatch. */
export const explain = (table: RoutingTable, leaf: LeafName, handle: string | undefined): Explained => {
  const { baseline, byHandle, byQueue, queue } = layers(table, leaf, handle)
  const route = own(table.activities, leaf) ?? unrouted
  const found: ReadonlyArray<readonly [Origin, DispatchOptions | undefined]> = [
    ["handle", byHandle],
    ["queue", byQueue],
    ["baseline", baseline]
  ]
  const origin = (isSaid: (options: DispatchOptions) => boolean): Origin | undefined =>
    found.find(([, options]) => options !== undefined && isSaid(options))?.[0]
  const origins = [
    ...timeouts.map((key) => [key, origin((options) => options[key] !== undefined)] as const),
    ["maximumAttempts", origin(({ retry }) => retry?.maximumAttempts !== undefined)] as const
  ]
  return {
    ...resolve(table, leaf, handle),
    queueFrom: queue === undefined
      ? "workflow"
      : own(route.byHandle, handle) !== undefined
      ? "by_handle"
      : route.default === undefined
      ? "default_task_queue"
      : "route",
    from: Object.fromEntries(origins.filter(([, layer]) => layer !== undefined))
  }
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
