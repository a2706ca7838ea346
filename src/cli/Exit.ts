import * as Data from "effect/Data"
import type { PlatformError } from "effect/PlatformError"
import type { Issue } from "../failure/Issue.ts"
import { fail, type PipeFailure } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import { notThere } from "../failure/Suggest.ts"

/** How commands end. 0: done. 1: judged and failed. 2: no verdict. 130: interrupted. */
export type Code = 0 | 1 | 2 | 130

/**
 * A command that ends otherwise than with 0. Whether the failure may be tried again is in its text, never in the code. Without a failure
 * there is nothing more to say: the command has said it.
 */
export class Ended extends Data.TaggedError("Ended")<{
  readonly code: Code
  readonly failure?: PipeFailure
  /** Faults of a method, with the lines of the file that the failure no longer holds. */
  readonly issues?: ReadonlyArray<Issue>
  /** The bundle the issues are in, as the user named it. */
  readonly bundle?: string
  /** Workflow id of the durable run that failed. */
  readonly run?: string
  /** Said after the failure, to people. */
  readonly tips?: ReadonlyArray<string>
}> {}

/** The end of a command whose durable run failed. */
export const ended = (error: PipeFailure | Ended, run: string): Ended => {
  if (error._tag !== "Ended") return new Ended({ code: 1, failure: error, run })
  const { bundle, code, failure, issues, tips } = error
  return new Ended({
    code,
    run,
    ...(failure === undefined ? {} : { failure }),
    ...(issues === undefined ? {} : { issues }),
    ...(bundle === undefined ? {} : { bundle }),
    ...(tips === undefined ? {} : { tips })
  })
}

/** A command line that cannot be obeyed. */
export const usage = (problem: string): Ended =>
  new Ended({ code: 2, failure: fail(new Reason.RequestInvalid({ problem })) })

/** What is said of a backend's name that is none: what was meant, or which there are. */
export const noBackend = (name: string, known: ReadonlyArray<string>): string => notThere("backend", name, known)

const hindrances: Readonly<Record<string, string>> = {
  AlreadyExists: "a file is in its way",
  PermissionDenied: "permission denied"
}

/** A file or folder that cannot be written to, by its name. */
export const unwritable = (place: string) => ({ reason }: PlatformError): PipeFailure =>
  fail(
    new Reason.RequestInvalid({ problem: `"${place}" cannot be written (${hindrances[reason._tag] ?? reason._tag})` })
  )

/** For commands that give a verdict: whatever kept them from it is no verdict. */
export const noVerdict = (error: PipeFailure | Ended): Ended =>
  error._tag === "Ended" ? error : new Ended({ code: 2, failure: error })
