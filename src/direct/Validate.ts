import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { empty } from "../concept/WorkingMemory.ts"
import type { Issue } from "../failure/Issue.ts"
import { fail, PipeFailure } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import type { Defined } from "../library/Definitions.ts"
import type { Library } from "../library/Library.ts"
import * as PipePath from "../program/PipePath.ts"
import type { Settings } from "../program/Settings.ts"
import * as DryRun from "./DryRun.ts"
import * as Runner from "./Runner.ts"

/** How the dry run of one pipe went. */
export interface Validated {
  readonly ref: string
  readonly status: "SUCCESS" | "FAILURE"
}

export interface Verdict {
  readonly issues: ReadonlyArray<Issue>
  readonly validated: ReadonlyArray<Validated>
}

/** What a failed dry run says to the author of the pipe that failed. */
const toIssue = (library: Library, tried: Defined, failure: PipeFailure): Issue => {
  const code = failure.location.pipe
  const at = code === undefined || code === tried.code
    ? tried
    : Array.from(library.pipes.values()).find((pipe) => pipe.code === code) ?? tried
  const field = "field" in failure.reason && typeof failure.reason.field === "string"
    ? failure.reason.field.split(".")
    : []
  const line = "line" in failure.reason && typeof failure.reason.line === "number" ? failure.reason.line : undefined
  return {
    code: failure.code,
    type: "DryRunError",
    path: ["pipe", at.code, ...field],
    pipe: at.code,
    domain: at.domain,
    file: at.placed.file,
    message: `a dry run of pipe "${tried.code}" failed: ${failure.reason.detail}`,
    fix: failure.suggestedAction.detail,
    ...(line === undefined ? {} : { inner: { line } })
  }
}

const unexpected = (exit: Exit.Exit<unknown, PipeFailure>): PipeFailure | undefined => {
  if (Exit.isSuccess(exit)) return undefined
  const error = Cause.squash(exit.cause)
  return error instanceof PipeFailure
    ? error
    : fail(
      new Reason.Unexpected({
        problem: error instanceof Error ? `${error.name}: ${error.message}` : "something was thrown"
      })
    )
}

/** Dry-runs every pipe of the method on mocks. No key, no network, no storage: only templates, wiring and shapes are tried. */
export const validate = Effect.fn("Validate.validate")(function*(library: Library, settings: Settings) {
  const leaves = DryRun.leaves(settings.dryRun)
  const runner = Runner.make(
    leaves,
    () => Effect.fail(fail(new Reason.Unexpected({ problem: "a dry run starts no other run" })))
  )
  const issues: Array<Issue> = []
  const validated: Array<Validated> = []
  for (const defined of library.pipes.values()) {
    if (defined.placed.unit.package !== undefined) continue
    const exit = yield* Effect.exit(
      Effect.flatMap(DryRun.mockInputs(library, defined.ref, empty), (memory) =>
        runner.call({
          method: library,
          ref: defined.ref,
          memory,
          path: PipePath.entry(defined),
          scope: { runId: "dry-run", userId: "anonymous", mode: "dry", settings },
          result: undefined
        }))
    )
    const failure = unexpected(exit)
    validated.push({ ref: defined.ref, status: failure === undefined ? "SUCCESS" : "FAILURE" })
    if (failure !== undefined && !settings.dryRun.allowedToFailPipes.includes(defined.ref)) {
      issues.push(toIssue(library, defined, failure))
    }
  }
  const verdict: Verdict = { issues, validated }
  return verdict
})
