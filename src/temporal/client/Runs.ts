import type { WorkflowExecutionDescription } from "@temporalio/client"
import * as Effect from "effect/Effect"
import type { Locations } from "../../config/Locations.ts"
import { textAt } from "../../failure/Foreign.ts"
import { fail, type PipeFailure } from "../../failure/PipeFailure.ts"
import * as Reason from "../../failure/Reason.ts"
import type { Model } from "../../program/Models.ts"
import * as Input from "../wire/Input.ts"
import type { PipeInput } from "../wire/Payload.ts"
import { type Connection, type Handle, handleOf, request } from "./Connection.ts"
import * as RunId from "./RunId.ts"
import { type Ended, priorityOf, type Started } from "./Submit.ts"

/** Runs that somebody started some time: found again by their id, with what they were started with. */
export interface Found {
  readonly started: Started
  readonly input: PipeInput
  /** That it may call. */
  readonly models: ReadonlyArray<Model>
  readonly status: WorkflowExecutionDescription["status"]["name"]
  readonly startedAt: Date
  readonly endedAt: Date | undefined
  /** Of its method and inputs. */
  readonly fingerprint: string
  /** Where whoever started it said so. */
  readonly priority: Ended["priority"]
}

const nameOf = (error: unknown): string => error instanceof Error ? error.name : ""

type Begun = Pick<Found, "input" | "priority"> & Pick<Started, "timeoutMillis">

/** What the run was started with, as its history has it: there is an answer whether a worker is there or not. */
const begun = (connection: Connection, { workflowId }: Handle, runId: string) => {
  const { client: { connection: { workflowService }, options }, access: { server: { namespace } } } = connection
  const { loadedDataConverter: converter } = options
  return request(connection, async (): Promise<Begun> => {
    const [sdk, { optionalTsToMs }] = await Promise.all([
      import("@temporalio/common/lib/internal-non-workflow/index.js"),
      import("@temporalio/common/lib/time.js")
    ])
    const { history } = await workflowService.getWorkflowExecutionHistory({
      namespace,
      execution: { workflowId, runId },
      maximumPageSize: 1
    })
    const { input, priority, workflowExecutionTimeout } =
      history?.events?.[0]?.workflowExecutionStartedEventAttributes ?? {}
    const sent = input?.payloads ?? []
    const payloads = converter.externalStorage === undefined
      ? sent
      : await new sdk.ExternalStorageRunner(converter.externalStorage).retrieve(sent)
    const context = { type: "workflow", namespace, workflowId } as const
    return {
      input: await sdk.decodeFromPayloadsAtIndex<PipeInput>(converter, 0, payloads, context),
      timeoutMillis: optionalTsToMs(workflowExecutionTimeout) || undefined,
      priority: priorityOf(priority?.priorityKey)
    }
  })
}

/** The latest run with the id. */
export const find = Effect.fn("Runs.find")(
  function*(connection: Connection, runId: string, locations: Pick<Locations, "runMode">) {
    const { address, namespace } = connection.access.server
    const handle = handleOf(connection, RunId.workflowId(runId, locations))
    const { closeTime, memo, runId: execution, startTime, status, taskQueue } = yield* request(
      connection,
      () => handle.describe(),
      (error): PipeFailure | undefined =>
        nameOf(error) === "WorkflowNotFoundError"
          ? fail(
            new Reason.RequestInvalid({
              problem: `no run is called "${runId}" on the Temporal server ${address} (namespace "${namespace}")`
            })
          )
          : undefined
    )
    const { input, priority, timeoutMillis } = yield* begun(connection, handle, execution)
    const { call, common: { models }, library } = yield* Effect.fromResult(Input.open(input))
    const found: Found = {
      started: { handle, workflowId: handle.workflowId, taskQueue, library, call, timeoutMillis },
      input,
      models: models.models,
      status: status.name,
      startedAt: startTime,
      endedAt: closeTime,
      fingerprint: textAt(memo, "fingerprint") ?? "",
      priority
    }
    return found
  }
)

/** Asks for the run's cancellation; it ends when what it was doing has stopped. */
export const cancel = (connection: Connection, { handle }: Started): Effect.Effect<void, PipeFailure> =>
  Effect.asVoid(request(connection, () => handle.cancel()))
