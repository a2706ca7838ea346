import * as Effect from "effect/Effect"
import type { Locations } from "../../config/Locations.ts"
import * as Serving from "../../config/Serving.ts"
import { valueAt } from "../../failure/Foreign.ts"
import { fail, type PipeFailure } from "../../failure/PipeFailure.ts"
import * as Reason from "../../failure/Reason.ts"
import * as Crate from "../../library/Crate.ts"
import * as CrateModels from "../../library/CrateModels.ts"
import type { Library } from "../../library/Library.ts"
import type { ModelTable } from "../../program/Models.ts"
import * as ModelSlice from "../../program/ModelSlice.ts"
import type { PipeCall } from "../../program/PipeRunner.ts"
import * as Attributes from "../wire/Attributes.ts"
import * as Input from "../wire/Input.ts"
import { type AttributeName, workflows } from "../wire/Names.ts"
import type { Common, PipeInput, PipeOutput } from "../wire/Payload.ts"
import * as Texts from "../wire/Texts.ts"
import { type Connection, type Handle, handleOf, request } from "./Connection.ts"
import * as Fingerprint from "./Fingerprint.ts"
import * as Limits from "./Limits.ts"
import * as RunId from "./RunId.ts"

/** How urgent a run is, beside the others on its queues: what is lower is handed out first. */
export type Priority = 1 | 2 | 3 | 4 | 5

const priorities: ReadonlyArray<Priority> = [1, 2, 3, 4, 5]

/** As it is written on a line, or kept by a server. */
export const priorityOf = (written: string | number | null | undefined): Priority | undefined =>
  priorities.find((each) => String(each) === String(written))

/** From a call to a workflow that has been started. Everything that the run obeys is resolved here, once, and travels with it. */
export interface Asked {
  /** The method, checked against `models`; files among the inputs have been stored. */
  readonly library: Library
  readonly call: PipeCall
  readonly models: ModelTable
  /** Names of functions that the workers have registered. */
  readonly functions?: ReadonlyArray<string> | undefined
  /** Who answers every call of a model, where that is `simulated`. */
  readonly backend?: string | undefined
  /** Search attributes that the namespace has. */
  readonly attributes: ReadonlyArray<AttributeName>
  readonly locations: Pick<Locations, "runMode">
  /** Default: the configured one. */
  readonly taskQueue?: string | undefined
  /** The server ends the run after so many milliseconds. Default: as configured. */
  readonly timeoutMillis?: number | undefined
  /** From 1, the most urgent, to 5. Default: the server's, which is 3. */
  readonly priority?: Priority | undefined
  /** The run's id was chosen by the caller: a run that has it already is joined. */
  readonly isNamed: boolean
}

/** A run on the server, as its submitter knows it. */
export interface Started {
  readonly handle: Handle
  readonly workflowId: string
  readonly taskQueue: string
  readonly library: Library
  readonly call: PipeCall
  /** The server ends it after so many milliseconds; undefined: never. */
  readonly timeoutMillis: number | undefined
}

const commonOf = (
  connection: Connection,
  { attributes, backend, call, functions = [], library, models }: Asked
): Common => {
  const { batch: { granularity, shardSize }, payloadCodec: { encryption }, routing } = connection.access.options
  const sliced = CrateModels.slice(models, Crate.of(library, [call.ref]))
  return {
    models: backend === Serving.simulated ? ModelSlice.answeredBy(sliced, backend) : sliced,
    functions,
    routing,
    attributes,
    granularity,
    shardSize,
    ...(encryption.isEnabled ? { isSealed: true } : {})
  }
}

/** Bytes that the server takes of a key. */
const longestKey = 64

const limited = (millis: number | "unlimited"): number | undefined => millis === "unlimited" ? undefined : millis

interface Starting {
  readonly workflowId: string
  readonly taskQueue: string
  readonly timeoutMillis?: number | undefined
  readonly priority?: Priority | undefined
  /** Of method and inputs: kept with the run, so that another one cannot be taken for it. */
  readonly fingerprint: string
  readonly reuse: "ALLOW_DUPLICATE" | "ALLOW_DUPLICATE_FAILED_ONLY"
}

/** Options of the start; what is not configured is the server's. */
const optionsOf = (connection: Connection, input: PipeInput, starting: Starting) => {
  const { options: { worker } } = connection.access
  const { fingerprint, priority, reuse, taskQueue, timeoutMillis, workflowId } = starting
  const execution = timeoutMillis ?? limited(worker.workflowExecutionTimeout)
  const run = limited(worker.runTimeout)
  return {
    workflowId,
    taskQueue,
    args: [input] as [PipeInput],
    workflowIdReusePolicy: reuse,
    workflowIdConflictPolicy: "USE_EXISTING" as const,
    memo: { fingerprint },
    // What the run starts inherits both: nobody's large batch keeps the others waiting, where the server is fair.
    priority: {
      fairnessKey: Texts.cut(input.scope.userId, longestKey, ""),
      ...(priority === undefined ? {} : { priorityKey: priority })
    },
    staticSummary: Texts.summaryOf(input),
    staticDetails: Texts.detailsOf(input),
    typedSearchAttributes: Attributes.of(input).map(([name, value]) => ({
      key: { name, type: "KEYWORD" as const },
      value
    })),
    workflowTaskTimeout: worker.taskTimeout,
    ...(execution === undefined ? {} : { workflowExecutionTimeout: execution }),
    ...(run === undefined ? {} : { workflowRunTimeout: run }),
    ...(worker.startDelay > 0 ? { startDelay: worker.startDelay } : {})
  }
}

const nameOf = (error: unknown): string => error instanceof Error ? error.name : ""

/** What a refused start means that is not about the server. */
const refused = (error: unknown): PipeFailure | undefined => {
  const details = valueAt(valueAt(error, "cause"), "details")
  return typeof details === "string" && /search attribute/i.test(details)
    ? fail(
      new Reason.ConfigInvalid({
        problem: "the namespace lacks search attributes that [temporal.search_attributes] attaches",
        remedy: "Add them with `pipelex setup-temporal-namespace`, or set enabled = \"auto\"."
      })
    )
    : undefined
}

/** Gives way to what `name` is the error of: anything else is thrown on. */
const unless = <A>(name: string, otherwise: A) => (error: unknown): A => {
  if (nameOf(error) === name) return otherwise
  throw error
}

const unknown = { isThere: false, memo: undefined }

/** Refuses to join a run of another method or with other inputs. */
const admit = Effect.fnUntraced(function*(connection: Connection, handle: Handle, fingerprint: string) {
  const { isThere, memo } = yield* request(
    connection,
    () =>
      handle.describe().then((described) => ({ isThere: true, memo: described.memo })).catch(
        unless("WorkflowNotFoundError", unknown)
      )
  )
  const problem = `run "${handle.workflowId}" is of another method or has other inputs: choose another run id`
  return yield* isThere && memo?.["fingerprint"] !== fingerprint
    ? fail(new Reason.RequestInvalid({ problem }))
    : Effect.void
})

/** Starts the run, or joins the one that has its id already and is of the same method and inputs. */
export const start = Effect.fn("Submit.start")(function*(connection: Connection, asked: Asked) {
  const { call, isNamed, library, locations } = asked
  const crateDigest = Fingerprint.ofCrate(Crate.of(library))
  const input = Input.sender(library, { common: commonOf(connection, asked), crateDigest }).pipe(call)
  const refusal = Limits.refuse(input, connection.access.options)
  if (refusal !== undefined) return yield* refusal
  const fingerprint = Fingerprint.ofRun(crateDigest, call)
  const workflowId = RunId.workflowId(input.scope.runId, locations)
  const taskQueue = asked.taskQueue ?? connection.access.options.routing.defaultQueue
  // A run that failed may be tried again under its id; one that goes on, or is done, is joined.
  const reuse = "ALLOW_DUPLICATE_FAILED_ONLY"
  const options = optionsOf(connection, input, {
    workflowId,
    taskQueue,
    timeoutMillis: asked.timeoutMillis,
    priority: asked.priority,
    fingerprint,
    reuse
  })
  const existing = handleOf(connection, workflowId)
  if (isNamed) yield* admit(connection, existing, fingerprint)
  const { workflow } = connection.client
  const handle = yield* request(
    connection,
    () =>
      workflow.start<(input: PipeInput) => Promise<PipeOutput>>(workflows.run, options).catch(
        unless("WorkflowExecutionAlreadyStartedError", existing)
      ),
    refused
  )
  // Another submitter may have taken the id meanwhile.
  if (isNamed) yield* admit(connection, existing, fingerprint)
  const started: Started = {
    handle,
    workflowId,
    taskQueue,
    library,
    call,
    timeoutMillis: options.workflowExecutionTimeout
  }
  return started
})

/** A run that has ended, as it was found. */
export interface Ended {
  readonly started: Started
  readonly input: PipeInput
  readonly fingerprint: string
  readonly priority: Priority | undefined
}

/**
 * Begins the run anew under its id, as it was asked for: what came to a good end before, and is asked the same again, is not run again.
 * The server forgets runs after a while, and what it has forgotten is run again.
 */
export const resume = Effect.fn("Submit.resume")(
  function*(
    connection: Connection,
    { fingerprint, input, priority, started }: Ended
  ): Effect.fn.Return<Started, PipeFailure> {
    const { taskQueue, timeoutMillis, workflowId } = started
    const again = { ...input, common: { ...input.common, isResumed: true } }
    const options = optionsOf(connection, again, {
      workflowId,
      taskQueue,
      timeoutMillis,
      priority,
      fingerprint,
      reuse: "ALLOW_DUPLICATE"
    })
    const { workflow } = connection.client
    const handle = yield* request(
      connection,
      () => workflow.start<(input: PipeInput) => Promise<PipeOutput>>(workflows.run, options),
      refused
    )
    return { ...started, handle }
  }
)
