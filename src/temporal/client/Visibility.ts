import type { WorkflowExecutionInfo } from "@temporalio/client"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { fail, type PipeFailure } from "../../failure/PipeFailure.ts"
import * as Reason from "../../failure/Reason.ts"
import { workflows } from "../wire/Names.ts"
import { type Connection, handleOf, request } from "./Connection.ts"
import * as Namespace from "./Namespace.ts"

/** The runs that a server knows of, found by what their workflows carry. */
export const names = ["pipe", "domain", "user", "session", "method", "category"] as const

export type Name = typeof names[number]

const attributes: Readonly<Record<Name, string>> = {
  pipe: "PipeCode",
  domain: "DomainCode",
  user: "UserId",
  session: "SessionId",
  method: "MethodRef",
  category: "FailureCategory"
}

/** How a run can stand, and what the server calls it where it is asked. */
export const states = {
  running: "Running",
  completed: "Completed",
  failed: "Failed",
  cancelled: "Canceled",
  terminated: "Terminated",
  "timed-out": "TimedOut"
} as const

export interface Wanted {
  /** Of each, what runs have to carry. */
  readonly carried: Readonly<Partial<Record<Name, string>>>
  /** Beginning of a workflow id. */
  readonly workflowId?: string
  readonly state?: keyof typeof states
  /** Milliseconds since the epoch: no run that was started before. */
  readonly since?: number
}

/** A run as the server lists it. */
export interface Listed {
  readonly workflowId: string
  readonly status: WorkflowExecutionInfo["status"]["name"]
  /** Code of the entry pipe. */
  readonly pipe: string | undefined
  readonly carried: Readonly<Partial<Record<Name, string>>>
  readonly taskQueue: string
  readonly startedAt: Date
  readonly endedAt: Date | undefined
}

export interface Found {
  /** Newest first. */
  readonly runs: ReadonlyArray<Listed>
  /** How many there are in all, as far as the server knows. */
  readonly of: number
}

const quoted = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`

/** Attributes that runs are asked for by, with their values. */
const asked = ({ carried }: Wanted): ReadonlyArray<readonly [attribute: string, value: string]> =>
  names.flatMap((name) => {
    const value = carried[name]
    return value === undefined ? [] : [[attributes[name], value] as const]
  })

const after = (millis: number): string => `StartTime >= ${quoted(new Date(millis).toISOString())}`

/** In the server's language. A run that goes on under a new history is listed by that one alone. */
export const queryOf = (wanted: Wanted): string =>
  [
    `WorkflowType = ${quoted(workflows.run)}`,
    wanted.state === undefined
      ? "ExecutionStatus != 'ContinuedAsNew'"
      : `ExecutionStatus = ${quoted(states[wanted.state])}`,
    ...(wanted.workflowId === undefined ? [] : [`WorkflowId STARTS_WITH ${quoted(wanted.workflowId)}`]),
    ...asked(wanted).map(([attribute, value]) => `${attribute} = ${quoted(value)}`),
    ...(wanted.since === undefined ? [] : [after(wanted.since)])
  ].join(" AND ")

/** Fails where a run is to be found by an attribute that the namespace does not have. One that cannot be asked is believed to have it. */
const findable = Effect.fnUntraced(function*(connection: Connection, wanted: Wanted) {
  const needed = asked(wanted).map(([attribute]) => attribute)
  if (needed.length === 0) return undefined
  const { client, access: { server: { namespace } } } = connection
  const looked = yield* Effect.option(request(connection, () => Namespace.look(client.connection, namespace, needed)))
  const lacking = looked._tag === "None" ? [] : [...looked.value.missing, ...looked.value.conflicting]
  return yield* lacking.length === 0 ? Effect.void : fail(
    new Reason.ConfigInvalid({
      problem: `namespace "${namespace}" has no search attribute ${lacking.join(", ")} to find runs by`,
      remedy: "Run `pipelex setup-temporal-namespace`: runs that are started from then on are found."
    })
  )
})

/** As many as a server gives at once. */
const mostAtOnce = 1000
const narrowest = 10_000
const wider = 8

/** A page of runs, without their memos, which may be for those alone who have other keys. */
const pageOf = (connection: Connection, query: string, pageSize: number, nextPageToken: Uint8Array) => {
  const { access: { server: { namespace } }, client } = connection
  const { connection: { workflowService }, options: { loadedDataConverter } } = client
  return request(connection, async () => {
    const { executionInfoFromRaw } = await import("@temporalio/client/lib/helpers.js")
    const page = await workflowService.listWorkflowExecutions({ namespace, query, pageSize, nextPageToken })
    const infos = await Promise.all(
      page.executions.map((raw) =>
        executionInfoFromRaw(Object.assign(raw, { memo: null }), loadedDataConverter, raw, namespace)
      )
    )
    return { infos, next: page.nextPageToken }
  })
}

const collected = Effect.fnUntraced(
  function*(connection: Connection, query: string, most: number, pageSize: number) {
    const found: Array<WorkflowExecutionInfo> = []
    let token = new Uint8Array()
    do {
      const { infos, next } = yield* pageOf(connection, query, pageSize, token)
      found.push(...infos)
      token = Uint8Array.from(next)
    } while (token.length > 0 && found.length < most)
    return found.slice(0, most)
  }
)

const counted = (connection: Connection, query: string): Effect.Effect<number, PipeFailure> =>
  Effect.map(request(connection, () => connection.client.workflow.count(query)), ({ count }) => count)

/**
 * A server lists runs in an order of its own: those that go on, then by their end. So, where there are more than it gives at once, the
 * shortest time up to now is looked for in which enough of them were started.
 */
const newest = Effect.fnUntraced(function*(
  connection: Connection,
  query: string,
  { limit, page, total }: { readonly total: number; readonly limit: number; readonly page: number }
) {
  if (total <= page) return yield* collected(connection, query, total, page)
  const now = yield* Clock.currentTimeMillis
  for (let span = narrowest; span < now; span *= wider) {
    const recent = `${query} AND ${after(now - span)}`
    if ((yield* counted(connection, recent)) >= limit) return yield* collected(connection, recent, page * wider, page)
  }
  return yield* collected(connection, query, total, page)
})

const toListed = (info: WorkflowExecutionInfo): Listed => {
  const all = new Map<string, unknown>(info.typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]))
  const carried: Listed["carried"] = Object.fromEntries(names.flatMap((name) => {
    const value = all.get(attributes[name])
    return typeof value === "string" && value !== "" ? [[name, value]] : []
  }))
  return {
    workflowId: info.workflowId,
    status: info.status.name,
    pipe: carried.pipe,
    carried,
    taskQueue: info.taskQueue,
    startedAt: info.startTime,
    endedAt: info.closeTime
  }
}

/** The pipe as the run's summary names it, for runs that carry no attributes. */
const named = (connection: Connection) => (run: Listed): Effect.Effect<Listed> =>
  run.pipe !== undefined ? Effect.succeed(run) : request(connection, async () => {
    const described = await handleOf(connection, run.workflowId).describe()
    return (await described.staticSummary())?.split(" — ", 1)[0]
  }).pipe(
    Effect.orElseSucceed(() => undefined),
    Effect.map((pipe) => ({ ...run, pipe }))
  )

/** The newest runs that are as wanted: their workflows alone, none of the pipes below. */
export const list = Effect.fn("Visibility.list")(
  function*(
    connection: Connection,
    wanted: Wanted,
    limit: number,
    page = mostAtOnce
  ): Effect.fn.Return<Found, PipeFailure> {
    yield* findable(connection, wanted)
    const query = queryOf(wanted)
    const total = yield* counted(connection, query)
    const infos = total === 0 ? [] : yield* newest(connection, query, { total, limit, page })
    const runs = infos.map(toListed)
      .toSorted((one, other) => other.startedAt.getTime() - one.startedAt.getTime())
      .slice(0, limit)
    return { runs: yield* Effect.forEach(runs, named(connection), { concurrency: 8 }), of: total }
  }
)
