import type { NativeConnection } from "@temporalio/worker"
import * as Effect from "effect/Effect"
import { hostname } from "node:os"
import process from "node:process"
import { valueAt } from "../../failure/Foreign.ts"

/**
 * Workers of this machine that were killed. The server goes on offering their workflows to them, each for as long as
 * `sticky_queue_schedule_to_start_timeout`, and one after another up the tree of a run. Once it is told that they are gone, it offers them to
 * whoever is there.
 */
export interface Place {
  readonly namespace: string
  readonly queue: string
}

/** Runs that are looked at, and events of each: those of one worker all name the same queue, so a few are enough. */
const runs = 50
const events = 30

/** The SDK names a worker's own queue by its identity, which `Worker` makes of process and machine. */
const own = /^(\d+)@(.+)-[0-9a-f]{32}$/

/** This process, which is only now beginning, has its number from one that has ended. */
const isThere = (pid: number): boolean => {
  if (pid === process.pid) return false
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return valueAt(error, "code") !== "ESRCH"
  }
}

/** Whether a task queue is that of a worker that ended on this machine. */
export const isDeparted = (name: string, here: string = hostname()): boolean => {
  const [, pid, host] = own.exec(name) ?? []
  return host === here && pid !== undefined && !isThere(Number(pid))
}

/** A queue of one worker alone names the queue that stands behind it. */
const isOfOne = (normalName: string | null | undefined): boolean => (normalName ?? "") !== ""

/** The queues of single workers that the running workflows were last offered to. */
const offered = Effect.fnUntraced(function*({ workflowService }: NativeConnection, { namespace, queue }: Place) {
  const { executions } = yield* Effect.tryPromise(() =>
    workflowService.listWorkflowExecutions({
      namespace,
      pageSize: runs,
      query: `TaskQueue = ${JSON.stringify(queue)} AND ExecutionStatus = "Running"`
    })
  )
  const names = yield* Effect.forEach(
    executions ?? [],
    ({ execution }) =>
      Effect.tryPromise(() =>
        workflowService.getWorkflowExecutionHistoryReverse({
          namespace,
          execution: execution ?? null,
          maximumPageSize: events
        })
      ).pipe(Effect.map(({ history }) =>
        (history?.events ?? []).flatMap(({ workflowTaskScheduledEventAttributes: scheduled }) => {
          const { name, normalName } = scheduled?.taskQueue ?? {}
          return isOfOne(normalName) ? name ?? [] : []
        })
      )),
    { concurrency: 8 }
  )
  return Array.from(new Set(names.flat()))
})

/** Tells the server of them. A server that does not answer, or does not allow it, finds out by itself. */
export const dismiss = Effect.fn("Departed.dismiss")(
  function*(connection: NativeConnection, place: Place) {
    const gone = (yield* offered(connection, place)).filter((name) => isDeparted(name))
    yield* Effect.forEach(
      gone,
      (stickyTaskQueue) =>
        Effect.tryPromise(() =>
          connection.workflowService.shutdownWorker({
            namespace: place.namespace,
            stickyTaskQueue,
            identity: stickyTaskQueue.replace(/-[^-]*$/, ""),
            reason: "the process has ended"
          })
        ),
      { discard: true }
    )
  },
  (telling) => Effect.ignore(Effect.timeout(telling, "30 seconds"))
)
