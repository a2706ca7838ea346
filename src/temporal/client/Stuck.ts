import * as Effect from "effect/Effect"
import * as Foreign from "../../failure/Foreign.ts"
import * as Wire from "../../failure/Wire.ts"
import { type Connection, request } from "./Connection.ts"

/**
 * A workflow of a run whose task keeps failing: the run waits until its workers are mended, and then goes on. Told in sentences of ours
 * or by the kind of the error, never in the words of an unknown one: those may quote what the run is about.
 */
export interface Stuck {
  readonly workflowId: string
  readonly problem: string
  readonly remedy: string
}

/** A run has as many workflows as pipes under way, and what ails one ails its like. */
const mostAsked = 16

/** As the server numbers the cause. */
const nonDeterminism = 24

const otherVersion = {
  problem:
    "the run was begun by another version of pipelex than its workers are of, and cannot be followed by this one",
  remedy:
    "Start a worker of the version that the run was begun with, or give the run up: `temporal workflow terminate`."
}

const unknown = (error: unknown) => {
  const type = Foreign.textAt(error, "type") ?? Foreign.textAt(error, "name")
  return {
    problem: `its workers fail at it${type === undefined ? "" : ` (${type})`}, and it is tried again and again`,
    remedy: "The log of the worker says why."
  }
}

const told = (error: unknown, cause: number | null | undefined): Omit<Stuck, "workflowId"> => {
  if (cause === nonDeterminism) return otherVersion
  const record = Foreign.details(error).find(Wire.isRecord)
  if (record === undefined) return unknown(error)
  const { reason, suggestedAction } = Wire.decode(record)
  return { problem: `a worker says: ${reason.detail}`, remedy: suggestedAction.detail }
}

/** Why the latest task of a workflow failed; undefined when it did not. */
const lastFailure = (connection: Connection, workflowId: string) => {
  const { access: { server: { namespace } }, client: { connection: { workflowService }, options } } = connection
  return request(connection, async () => {
    const sdk = await import("@temporalio/common/lib/internal-non-workflow/index.js")
    const { history } = await workflowService.getWorkflowExecutionHistoryReverse({
      namespace,
      execution: { workflowId },
      maximumPageSize: 10
    })
    const latest = (history?.events ?? []).find((event) =>
      [
        event.workflowTaskFailedEventAttributes,
        event.workflowTaskCompletedEventAttributes,
        event.workflowTaskTimedOutEventAttributes
      ].some((attributes) => attributes !== undefined && attributes !== null)
    )?.workflowTaskFailedEventAttributes
    if (latest === undefined || latest === null) return undefined
    const error = await sdk.decodeOptionalFailureToOptionalError(options.loadedDataConverter, latest.failure)
    return told(error, latest.cause)
  })
}

interface Looked {
  readonly stuck: Stuck | undefined
  readonly children: ReadonlyArray<string>
}

const look = Effect.fnUntraced(
  function*(connection: Connection, workflowId: string) {
    const { access: { server: { namespace } }, client: { connection: { workflowService } } } = connection
    const { pendingChildren, pendingWorkflowTask } = yield* request(
      connection,
      () => workflowService.describeWorkflowExecution({ namespace, execution: { workflowId } })
    )
    const found = (pendingWorkflowTask?.attempt ?? 1) > 1 ? yield* lastFailure(connection, workflowId) : undefined
    const looked: Looked = {
      stuck: found === undefined ? undefined : { workflowId, ...found },
      children: (pendingChildren ?? []).flatMap(({ workflowId: id }) => typeof id === "string" && id !== "" ? [id] : [])
    }
    return looked
  },
  Effect.orElseSucceed((): Looked => ({ stuck: undefined, children: [] }))
)

/** The first workflow of a run that cannot go on, from the top down. A server that cannot be asked has none. */
export const find = Effect.fn("Stuck.find")(function*(connection: Connection, workflowId: string) {
  let wanted: ReadonlyArray<string> = [workflowId]
  for (let asked = 0; wanted.length > 0 && asked < mostAsked;) {
    const now = wanted.slice(0, mostAsked - asked)
    const found = yield* Effect.forEach(now, (id) => look(connection, id), { concurrency: 8 })
    const stuck = found.find((each) => each.stuck !== undefined)?.stuck
    if (stuck !== undefined) return stuck
    asked += now.length
    wanted = found.flatMap(({ children }) => children)
  }
  return undefined
})
