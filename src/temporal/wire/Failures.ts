import * as Foreign from "../../failure/Foreign.ts"
import { fail, type PipeFailure } from "../../failure/PipeFailure.ts"
import * as Reason from "../../failure/Reason.ts"
import * as Wire from "../../failure/Wire.ts"
import { declarations, type Job, type LeafName } from "../../program/Leaves.ts"

/** What is known of what failed, besides the error: a leaf's job, or how long a run was allowed to take. */
export interface Context {
  readonly leaf?: { readonly name: LeafName; readonly job: Job<LeafName> }
  readonly seconds?: number
}

/** An error that a server or a worker raised by itself carries no report; its name, or its type, says which kind it is. */
const kindOf = (link: unknown): string | undefined =>
  [Foreign.textAt(link, "name"), Foreign.textAt(link, "type")].find((each) =>
    each !== undefined && Object.hasOwn(byKind, each)
  )

/** The leaf was cut off before its answer: nobody knows whether the provider has one. */
const unanswered = ({ job, name }: NonNullable<Context["leaf"]>): Reason.Reason => {
  const asked = "setting" in job
    ? { model: job.setting.model.handle, provider: job.setting.model.backend }
    : {}
  return declarations[name].idempotent ? new Reason.ProviderTimeout(asked) : new Reason.OutcomeUnknown(asked)
}

const ofTimeout = (link: unknown, { leaf, seconds }: Context): Reason.Reason => {
  if (leaf === undefined) {
    return seconds === undefined
      ? new Reason.RunTerminated({ why: "it took longer than the server was told to allow" })
      : new Reason.RunTimedOut({ seconds })
  }
  if (Foreign.textAt(link, "timeoutType") === "SCHEDULE_TO_START") {
    return new Reason.RuntimeUnavailable({ problem: `no worker took up ${leaf.name} in time` })
  }
  return unanswered(leaf)
}

const byKind: Readonly<Record<string, (link: unknown, context: Context) => Reason.Reason>> = {
  TimeoutFailure: ofTimeout,
  CancelledFailure: () => new Reason.RunCancelled({}),
  /** What the SDK makes of an activity that outlasted the grace of its worker. It is tried again elsewhere, while attempts are left. */
  WorkerShutdown: (_, { leaf }) =>
    leaf === undefined ? new Reason.RuntimeUnavailable({ problem: "the worker stopped" }) : unanswered(leaf),
  TerminatedFailure: (link) => {
    const why = Foreign.textAt(link, "message")
    return new Reason.RunTerminated(why === undefined ? {} : { why })
  }
}

/** What authors and callers expect to happen now and then: nothing for an operator's alarm. */
const expected: ReadonlySet<PipeFailure["domain"]> = new Set(["input", "method"])

export const isExpected = ({ domain }: PipeFailure): boolean => expected.has(domain)

/** The failure that an error of the durable layer stands for: the report it carries, else what its kind says. Total. */
export const recover = (error: unknown, context: Context = {}): PipeFailure => {
  if (Wire.isRecord(error) || Foreign.details(error).some(Wire.isRecord)) return Wire.recover(error)
  const links = Foreign.chain(error)
  const link = links.findLast((each) => kindOf(each) !== undefined)
  const reason = byKind[kindOf(link) ?? ""]?.(link, context)
  return reason === undefined ? Wire.recover(error) : fail(reason)
}
