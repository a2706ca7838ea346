import type { NativeConnection } from "@temporalio/worker"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { createHash } from "node:crypto"
import { readFile } from "node:fs/promises"
import type { Server } from "../../config/TemporalAccess.ts"
import { valueAt } from "../../failure/Foreign.ts"
import { fail, type PipeFailure } from "../../failure/PipeFailure.ts"
import * as Reason from "../../failure/Reason.ts"

/**
 * A version of the workers of a deployment, where an operator keeps versions apart: a run stays with the version that it began on, and
 * new ones begin on the version that is current.
 */
export interface Version {
  readonly deploymentName: string
  readonly buildId: string
}

/** Where versions are asked for and set. */
export interface Place {
  readonly connection: Pick<NativeConnection, "workflowService">
  readonly namespace: string
}

/** How Temporal's own command line is told to reach it. */
export type Reached = Pick<Server, "address" | "namespace" | "tls">

/** What a server knows of one version. `draining`: runs that began on it go on. `drained`: none does, so its workers may be stopped. */
export interface Known {
  readonly buildId: string
  readonly status: "inactive" | "current" | "ramping" | "draining" | "drained" | "unknown"
}

const release = /^\/\/ \S+ (\S+)/

/**
 * The release, for people, and a digest of the workflows' code, which decides whether histories replay: two builds have the same id when,
 * and only when, they may carry out each other's runs.
 */
export const buildId = (file: string): Effect.Effect<string> =>
  Effect.map(Effect.promise(() => readFile(file, "utf8")), (code) => {
    const digest = createHash("sha256").update(code).digest("hex").slice(0, 12)
    return `${release.exec(code)?.[1] ?? "0.0.0"}-${digest}`
  })

/** gRPC's number. */
const notFound = 5
const failedPrecondition = 9

/** By the number that stands for it in Temporal's API. */
const statuses: Readonly<Record<number, Known["status"]>> = {
  1: "inactive",
  2: "current",
  3: "ramping",
  4: "draining",
  5: "drained",
  6: "inactive"
}

/** Why the server did not do it. */
interface Refusal {
  readonly code: unknown
  readonly sentence: string
}

const refusal = (error: unknown): Refusal => {
  const details = valueAt(error, "details")
  const message = error instanceof Error ? error.message : String(error)
  return {
    code: valueAt(error, "code"),
    sentence: typeof details === "string" && details !== "" ? details : message
  }
}

const refused = ({ buildId: build, deploymentName }: Version, what: string) => ({ sentence }: Refusal): PipeFailure =>
  fail(
    new Reason.RuntimeUnavailable({
      problem: `${what} of deployment "${deploymentName}" (build id ${build}): ${sentence}`
    })
  )

/** Every version that the server knows of, the newest first; none before a worker of the deployment has asked for work. */
export const versions = (
  { connection, namespace }: Place,
  version: Version
): Effect.Effect<ReadonlyArray<Known>, PipeFailure> =>
  Effect.tryPromise({
    try: () =>
      connection.workflowService.describeWorkerDeployment({ namespace, deploymentName: version.deploymentName }),
    catch: refusal
  }).pipe(
    Effect.map(({ workerDeploymentInfo }) =>
      (workerDeploymentInfo?.versionSummaries ?? []).map(({ deploymentVersion, status }) => ({
        buildId: deploymentVersion?.buildId ?? "",
        status: statuses[status ?? 0] ?? "unknown"
      }))
    ),
    Effect.catchIf(({ code }) => code === notFound, () => Effect.succeed([])),
    Effect.mapError(refused(version, "the versions cannot be read"))
  )

/** The server has to have heard of the version, and of every queue that the one before it asks for work from. */
const patience = Schedule.spaced("500 millis").pipe(Schedule.upTo({ duration: Duration.seconds(60) }))

/** Lets new runs begin on this version, as soon as its workers are there. */
export const setCurrent = (
  { connection, namespace }: Place,
  version: Version,
  identity: string
): Effect.Effect<void, PipeFailure> =>
  Effect.tryPromise({
    try: () => connection.workflowService.setWorkerDeploymentCurrentVersion({ namespace, identity, ...version }),
    catch: refusal
  }).pipe(
    Effect.retry({
      schedule: patience,
      while: ({ code }) => code === notFound || code === failedPrecondition
    }),
    Effect.mapError(refused(version, "this version could not be made the current one")),
    Effect.asVoid
  )

/** What an operator types to do so from elsewhere. */
const command = ({ address, namespace, tls }: Reached, { buildId: build, deploymentName }: Version): string =>
  [
    "temporal worker deployment set-current-version",
    `--address ${address}`,
    ...(tls === false ? [] : ["--tls"]),
    `--namespace ${namespace}`,
    `--deployment-name ${deploymentName}`,
    `--build-id ${build}`
  ].join(" ")

/** What is to be said when this version is not current: nothing begins on it before somebody decides so. */
export const notice = (server: Reached, version: Version, known: ReadonlyArray<Known>): ReadonlyArray<string> => {
  const current = known.find(({ status }) => status === "current")
  if (current?.buildId === version.buildId) return []
  return [
    `No run begins on version ${version.buildId} before it is current; ${
      current === undefined ? "none is" : `${current.buildId} is`
    }.`,
    "Start a worker with --set-current, or run:",
    `  ${command(server, version)}`
  ]
}
