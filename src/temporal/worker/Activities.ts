import { Context as ActivityContext } from "@temporalio/activity"
import { CancelledFailure } from "@temporalio/common"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import { fail, type PipeFailure } from "../../failure/PipeFailure.ts"
import * as Reason from "../../failure/Reason.ts"
import { declarations, type Job, type LeafName, type LeafResult, Leaves } from "../../program/Leaves.ts"
import { RunEvents } from "../../program/RunEvents.ts"
import { Deadline } from "../../provider/transport/Deadline.ts"
import * as Beat from "../wire/Beat.ts"
import type { Lost } from "../wire/Payload.ts"
import * as Failed from "./Failed.ts"
import * as Heartbeat from "./Heartbeat.ts"
import { leafNames } from "./WorkerScope.ts"

/**
 * The leaves as activities, derived from their declarations: what a leaf does is written once, for this process and for a worker. The one
 * wrapper around all of them beats, hears of cancellations, keeps to the server's time limit, and tells failures and usage.
 */
export type Activity = (job: unknown, lost?: Lost) => Promise<unknown>

export type Activities = { readonly [Name in LeafName]: Activity }

/** Runs a program of a leaf on whatever answers the leaves of this worker. */
export type Run = <A>(
  program: Effect.Effect<A, PipeFailure, Leaves>,
  options: { readonly signal: AbortSignal }
) => Promise<Exit.Exit<A, PipeFailure>>

interface Declared<Name extends LeafName> {
  readonly payload: Schema.ConstraintDecoder<Job<Name>>
}

const declared: { readonly [Name in LeafName]: Declared<Name> } = declarations

/** What stays for telling the server of a failure, before it ends the attempt by itself. */
const margin = 5000

/** Milliseconds that the requests of an attempt may take. */
export const allowance = (startToClose: number): number => startToClose - Math.min(margin, startToClose / 2)

const sentence = (defect: unknown): string =>
  defect instanceof Error && defect.message.trim() !== "" ? `${defect.name}: ${defect.message}` : String(defect)

/** What an attempt ended with, unless it was cancelled. A defect is a failure of the run, and no reason to try again. */
const failureOf = (cause: Cause.Cause<PipeFailure>): PipeFailure | undefined => {
  const failed = cause.reasons.find(Cause.isFailReason)
  if (failed !== undefined) return failed.error
  const died = cause.reasons.find(Cause.isDieReason)
  return died === undefined ? undefined : fail(new Reason.Unexpected({ problem: sentence(died.defect) }))
}

const unreadable = (name: LeafName) =>
  fail(
    new Reason.Unsupported({ what: `this form of a job of ${name}`, remedy: "Run one version of pipelex everywhere." })
  )

// One name at a time: what is decoded for a leaf is what its handler takes.
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
const activity = <Name extends LeafName>(name: Name, run: Run): Activity => {
  const decode = Schema.decodeUnknownEffect(declared[name].payload)
  return async (payload, lost) => {
    const context = ActivityContext.current()
    const { heartbeatDetails, heartbeatTimeoutMs, startToCloseTimeoutMs } = context.info
    const attempt = context.info.attempt + (lost?.attempts ?? 0)
    const before = Beat.read(heartbeatDetails).usage ?? lost?.usage
    let beat: Beat.Beat = { attempt, ...(before === undefined ? {} : { usage: before }) }
    // Should this worker be lost too, the count goes on from here.
    if (attempt > 1) context.heartbeat(beat)
    const leaf = Effect.gen(function*(): Effect.fn.Return<LeafResult<Name>, PipeFailure, Leaves> {
      const job = yield* Effect.mapError(decode(payload), () => unreadable(name))
      const leaves = yield* Leaves
      return yield* leaves[name](job)
    })
    const program = Effect.flatMap(Clock.currentTimeMillis, (now) =>
      leaf.pipe(
        Effect.provideService(Deadline, now + allowance(startToCloseTimeoutMs)),
        Effect.provideService(RunEvents, (event) => {
          beat = { ...beat, ...Heartbeat.retryOf(event) }
        }),
        Effect.raceFirst(Heartbeat.beating(() => context.heartbeat(beat), heartbeatTimeoutMs))
      ))
    const exit = await run(program, { signal: context.cancellationSignal })
    if (Exit.isSuccess(exit)) {
      return { ...exit.value, usage: Heartbeat.total(before, exit.value.usage) }
    }
    const failure = failureOf(exit.cause)
    if (failure === undefined) throw new CancelledFailure("the leaf was cancelled")
    const usage = Heartbeat.total(before, failure.usage)
    // The next attempt finds here what has been paid already.
    if (usage !== undefined) context.heartbeat({ attempt, usage })
    throw Failed.thrown(Failed.counted(failure, attempt, usage), context.info)
  }
}

/** Names of all activities. */
export const names = leafNames

/** Those of these names. */
export const make = (wanted: ReadonlyArray<LeafName>, run: Run): Partial<Activities> =>
  Object.fromEntries(wanted.map((name) => [name, activity(name, run)]))
