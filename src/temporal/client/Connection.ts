import type { Client, WorkflowHandle } from "@temporalio/client"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Server, TemporalAccess } from "../../config/TemporalAccess.ts"
import * as Foreign from "../../failure/Foreign.ts"
import { fail, type PipeFailure } from "../../failure/PipeFailure.ts"
import * as Reason from "../../failure/Reason.ts"
import * as Wire from "../../failure/Wire.ts"
import * as Connecting from "../codec/Connecting.ts"
import * as DataConverter from "../codec/DataConverter.ts"
import type { PipeInput, PipeOutput } from "../wire/Payload.ts"

/**
 * The submitter's connection to a Temporal server. The SDK is loaded when one is opened, so that runs in this process never pay for it.
 * What goes wrong between here and the server is a typed failure that names the server.
 */
export interface Connection {
  readonly client: Client
  readonly access: TemporalAccess
}

/** A run on the server, begun by whomever. */
export type Handle = WorkflowHandle<(input: PipeInput) => Promise<PipeOutput>>

/** For a server that is far away, or busy; one that is not there is told at once. */
const connectMillis = 5000

/** Of a server so old that it does not know the question. */
const unimplemented = 12

/** gRPC's numbers. */
const refusals: Readonly<Record<number, string>> = {
  4: "did not answer in time",
  7: "refuses these credentials",
  8: "takes no more at the moment",
  14: "cannot be reached",
  16: "refuses these credentials"
}

const placeOf = ({ address, namespace }: Server): string => `the Temporal server ${address} (namespace "${namespace}")`

const named = (error: unknown): string => error instanceof Error ? error.name : ""

const codeOf = (error: unknown): unknown =>
  Foreign.valueAt(error, "code") ?? Foreign.valueAt(Foreign.valueAt(error, "cause"), "code")

const unavailable = (problem: string): PipeFailure => fail(new Reason.RuntimeUnavailable({ problem }))

/** What an error of the SDK means, when it is about the server and not about a run. */
export const unreachable = (server: Server) => (error: unknown): PipeFailure => {
  // Of a payload that cannot be read, for one.
  if (Foreign.details(error).some(Wire.isRecord)) return Wire.recover(error)
  if (named(error) === "NamespaceNotFoundError") {
    return unavailable(`the Temporal server ${server.address} has no namespace "${server.namespace}"`)
  }
  const code = codeOf(error)
  const why = typeof code === "number" ? refusals[code] : undefined
  return unavailable(`${placeOf(server)} ${why ?? `failed a request (${named(error) || "no name"})`}`)
}

/** Connects, and closes with the scope. Requests are repeated as the SDK does once the server has answered, and not before. */
export const open = Effect.fn("Connection.open")(function*(access: TemporalAccess) {
  const { server } = access
  const dataConverter = yield* DataConverter.make(access)
  const sdk = yield* Effect.promise(() => import("@temporalio/client"))
  const policy = sdk.defaultGrpcRetryOptions()
  let hasAnswered = false
  const retries = sdk.makeGrpcRetryInterceptor({
    ...policy,
    retryableDecider: (attempt, status) => hasAnswered && policy.retryableDecider(attempt, status)
  })
  const connection = yield* Effect.acquireRelease(
    Effect.sync(() => sdk.Connection.lazy({ ...Connecting.options(server), interceptors: [retries] })),
    (opened) => Effect.promise(() => opened.close())
  )
  const deadline = connectMillis + (yield* Clock.currentTimeMillis)
  yield* Effect.tryPromise({
    try: () => connection.withDeadline(deadline, () => connection.workflowService.getSystemInfo({})),
    catch: (error) => ({ code: codeOf(error), failure: unreachable(server)(error) })
  }).pipe(
    Effect.catch(({ code, failure }) => code === unimplemented ? Effect.void : Effect.fail(failure))
  )
  hasAnswered = true
  const client = new sdk.Client({ connection, namespace: server.namespace, dataConverter })
  const made: Connection = { client, access }
  return made
})

/** A request that the server answers when something has happened, however long that takes. It is given up with its fiber. */
export const wait = <A>(
  { access, client }: Connection,
  ask: () => Promise<A>,
  otherwise: (error: unknown) => PipeFailure | undefined = () => undefined
): Effect.Effect<A, PipeFailure> =>
  Effect.tryPromise({
    try: (signal) => client.connection.withAbortSignal(signal, ask),
    catch: (error) => otherwise(error) ?? unreachable(access.server)(error)
  })

/** A request that is given up with its fiber, and after `rpc_timeout`. `otherwise` says what an error means that is not about the server. */
export const request = <A>(
  connection: Connection,
  ask: () => Promise<A>,
  otherwise?: (error: unknown) => PipeFailure | undefined
): Effect.Effect<A, PipeFailure> => {
  const { options: { worker }, server } = connection.access
  return Effect.timeoutOrElse(wait(connection, ask, otherwise), {
    duration: worker.rpcTimeout,
    orElse: () => Effect.fail(unavailable(`${placeOf(server)} did not answer in time`))
  })
}

/** The latest run of a workflow id. */
export const handleOf = ({ client }: Connection, workflowId: string): Handle => client.workflow.getHandle(workflowId)
