import * as Effect from "effect/Effect"
import process from "node:process"
import * as Configuration from "../config/Configuration.ts"
import * as Validate from "../direct/Validate.ts"
import type { Issue } from "../failure/Issue.ts"
import { fail } from "../failure/PipeFailure.ts"
import * as MethodTree from "../source/MethodTree.ts"
import * as Toml from "../source/Toml.ts"
import * as Target from "./Target.ts"
import * as Warnings from "./Warnings.ts"

/** What a method is found to be: its faults with their places, the pipes that were tried, those still to be written. */
export interface Verdict {
  readonly found: Target.Found
  readonly issues: ReadonlyArray<Issue>
  readonly warnings: ReadonlyArray<Issue>
  readonly validated: ReadonlyArray<Validate.Validated>
  /** Refs of contracts without an implementation. */
  readonly pending: ReadonlyArray<string>
  /** Set when only the older spellings are at fault: how `run` reads them. */
  readonly rewritings?: ReadonlyArray<string>
}

/** What the compat reading of a refused method would say, when it would be accepted. */
const rewritings = Effect.fnUntraced(function*(wanted: Target.Wanted, configuration: Configuration.Configuration) {
  const { method } = yield* Target.find({ ...wanted, compat: true }, configuration)
  return method.library === undefined ? undefined : Array.from(new Set(method.warnings.map(Warnings.text)))
})

export const of = Effect.fnUntraced(function*(wanted: Target.Wanted) {
  const configuration = yield* Configuration.loadFrom(process.cwd())
  const found = yield* Target.find(wanted, configuration)
  const { entry, issues, library, tree, warnings } = found.method
  if (library === undefined) {
    const read = wanted.compat ? undefined : yield* rewritings(wanted, configuration)
    const refused: Verdict = {
      found,
      issues,
      warnings,
      validated: [],
      pending: [],
      ...(read === undefined ? {} : { rewritings: read })
    }
    return refused
  }
  const asked = wanted.kind === "pipe" ? wanted.target : wanted.pipe
  if (asked !== undefined && entry._tag === "Failure") return yield* fail(entry.failure)
  const tried = yield* Validate.validate(library, configuration.settings)
  const isAbout = ({ ref }: Validate.Validated): boolean =>
    wanted.kind !== "pipe" || asked === undefined || entry._tag === "Failure" || ref === entry.success
  const verdict: Verdict = {
    found,
    issues: tried.issues.length === 0 ? [] : yield* Toml.place(tried.issues, MethodTree.sources(tree)),
    warnings,
    validated: tried.validated.filter(isAbout),
    pending: library.signatures
  }
  return verdict
})
