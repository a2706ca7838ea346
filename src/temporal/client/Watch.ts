import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import type { WorkingMemory } from "../../concept/WorkingMemory.ts"
import { valueAt } from "../../failure/Foreign.ts"
import type { PipeFailure } from "../../failure/PipeFailure.ts"
import { RunEvents } from "../../program/RunEvents.ts"
import * as EventReader from "../wire/EventReader.ts"
import * as Events from "../wire/Events.ts"
import * as Failures from "../wire/Failures.ts"
import { checkVersion } from "../wire/Input.ts"
import * as Memory from "../wire/Memory.ts"
import { queries } from "../wire/Names.ts"
import type { PipeOutput, Status } from "../wire/Payload.ts"
import { type Connection, handleOf, request, wait } from "./Connection.ts"
import * as Retelling from "./Retelling.ts"
import * as Stuck from "./Stuck.ts"
import type { Started } from "./Submit.ts"

/**
 * Waits for a run that goes on elsewhere, and tells its events to the caller's listener as they become known. Interrupting the wait leaves
 * the run alone.
 */
export interface Options {
  /** How often a run is asked how far it is. */
  readonly interval?: Duration.Input
  /** Done once, when the run has gone on for a while and nobody polls its queue. */
  readonly onNoWorker?: Effect.Effect<void>
  /** Done once for each thing that keeps the run's workers from going on with it. */
  readonly onStuck?: (stuck: Stuck.Stuck) => Effect.Effect<void>
}

const defaultInterval = Duration.millis(500)
const patience = Duration.seconds(5)
/** A workflow answers a query within a worker's task; one whose worker is gone never does. */
const queryLimit = Duration.seconds(5)

/** Asks the run and those of its children that have not ended, and remembers how much of each was heard. */
const asking = (connection: Connection, { workflowId }: Started, tell: Retelling.Retelling) => {
  const heard = new Map<string, number>()
  const statusOf = (id: string): Effect.Effect<Status | undefined> =>
    request(connection, () => handleOf(connection, id).query<Status, [number]>(queries.status, heard.get(id) ?? 0))
      .pipe(
        Effect.timeoutOption(queryLimit),
        Effect.map((found) => found._tag === "Some" ? found.value : undefined),
        Effect.orElseSucceed(() => undefined)
      )
  const walk = (id: string): Effect.Effect<ReadonlyArray<Status>> =>
    Effect.flatMap(statusOf(id), (status) => {
      if (status === undefined) return Effect.succeed([])
      heard.set(id, status.next)
      return Effect.map(
        Effect.forEach(status.children, walk, { concurrency: 8 }),
        (below) => [status, ...below.flat()]
      )
    })
  return Effect.map(walk(workflowId), (found) => {
    tell(EventReader.timed(found.flatMap(({ events }) => events)))
  })
}

/** Whether any worker polls the queue for workflows. Nobody knows is a yes. */
const isPolled = (connection: Connection, taskQueue: string): Effect.Effect<boolean> => {
  const { client: { connection: { workflowService } }, access: { server: { namespace } } } = connection
  return request(connection, () => workflowService.describeTaskQueue({ namespace, taskQueue: { name: taskQueue } }))
    .pipe(
      Effect.map(({ pollers }) => (pollers ?? []).length > 0),
      Effect.orElseSucceed(() => true)
    )
}

/** Looks now and then for what keeps the run waiting, and says each thing once. Never ends. */
const warning = (
  connection: Connection,
  { taskQueue, workflowId }: Started,
  options: Options
): Effect.Effect<never> => {
  const { onNoWorker, onStuck } = options
  if (onNoWorker === undefined && onStuck === undefined) return Effect.never
  const said = new Set<string>()
  const once = (what: string, say: Effect.Effect<void> = Effect.void) =>
    Effect.suspend(() => {
      if (said.has(what)) return Effect.void
      said.add(what)
      return say
    })
  const look = Effect.gen(function*() {
    const isAlone = !(yield* isPolled(connection, taskQueue))
    const stuck = isAlone ? undefined : yield* Stuck.find(connection, workflowId)
    if (isAlone) yield* once("nobody polls", onNoWorker)
    if (stuck !== undefined) yield* once(stuck.problem, onStuck?.(stuck))
  })
  return Effect.forever(Effect.andThen(Effect.sleep(patience), look))
}

interface Failed {
  readonly failure: PipeFailure
  readonly error: unknown
}

const outcome = (connection: Connection, { handle, timeoutMillis }: Started): Effect.Effect<PipeOutput, Failed> => {
  let ended: unknown
  return wait(connection, () => handle.result(), (error) => {
    if (!(error instanceof Error) || error.name !== "WorkflowFailedError") return undefined
    ended = valueAt(error, "cause")
    return Failures.recover(ended, timeoutMillis === undefined ? {} : { seconds: timeoutMillis / 1000 })
  }).pipe(Effect.mapError((failure) => ({ failure, error: ended })))
}

/** Tells the events of the run until now, and waits for nothing. */
export const soFar = Effect.fn("Watch.soFar")(function*(connection: Connection, started: Started) {
  const listener = yield* RunEvents
  if (listener !== undefined) yield* asking(connection, started, Retelling.make(listener))
})

/** The memory at the end of the run, or the failure that a run in this process would have ended with. */
export const result = Effect.fn("Watch.result")(
  function*(
    connection: Connection,
    started: Started,
    options: Options = {}
  ): Effect.fn.Return<WorkingMemory, PipeFailure> {
    const { interval = defaultInterval } = options
    const listener = yield* RunEvents
    const tell: Retelling.Retelling = listener === undefined ? () => undefined : Retelling.make(listener)
    const once = asking(connection, started, tell)
    const progress = listener === undefined ? Effect.never : Effect.andThen(Effect.sleep(interval), once).pipe(
      Effect.repeat(Schedule.forever),
      Effect.andThen(Effect.never)
    )
    const found = yield* outcome(connection, started).pipe(
      Effect.raceFirst(progress),
      Effect.raceFirst(warning(connection, started, options)),
      Effect.result
    )
    if (Result.isSuccess(found)) {
      const { change, events } = found.success
      yield* Effect.fromResult(checkVersion(found.success))
      tell(EventReader.timed(events))
      return Memory.apply(started.call.memory, change)
    }
    const { error, failure } = found.failure
    const carried = EventReader.timed(Events.carried(error))
    // A run that was stopped says nothing of itself, but may still be asked.
    if (carried.length === 0 && error !== undefined && listener !== undefined) yield* once
    tell(carried)
    return yield* failure
  }
)
