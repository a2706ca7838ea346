import * as Effect from "effect/Effect"
import { plural } from "../report/Amounts.ts"
import { cut } from "../report/Columns.ts"
import * as Elsewhere from "./Elsewhere.ts"
import { Ended, noVerdict, usage } from "./Exit.ts"
import { Streams } from "./Streams.ts"
import type { Kind } from "./Target.ts"
import * as Verdict from "./Verdict.ts"
import * as Warnings from "./Warnings.ts"

/** `pipelex validate`: 0 for a method that can be run, 1 for one that cannot, 2 when there is no telling. */
export interface ValidateOptions extends Elsewhere.Asked {
  readonly kind: Kind
  readonly target: string | undefined
  readonly pipe: string | undefined
  readonly all: boolean
  readonly libraryDirs: ReadonlyArray<string>
  readonly allowSignatures: boolean
  readonly compat: boolean
  readonly strict: boolean
}

const subject = ({ all, kind, target }: ValidateOptions, { found }: Verdict.Verdict): string =>
  all || target === undefined ? `all pipes of '${found.place}'` : `${kind} '${target}'`

const compatTips = (rewritings: ReadonlyArray<string>): ReadonlyArray<string> => [
  "💡 Tip: `pipelex run` accepts this method as it is, and reads it so:",
  ...rewritings.map((text) => `   ${cut(text, 500)}`)
]

const tips = ({ issues, rewritings }: Verdict.Verdict): ReadonlyArray<string> =>
  rewritings === undefined || rewritings.length === 0
    ? issues.length === 1 ? [] : ["💡 Tip: mend the first fault first; the others may come from it."]
    : compatTips(rewritings)

export const toJson = (verdict: Verdict.Verdict) => ({
  success: true,
  is_valid: true,
  bundle_path: verdict.found.shown,
  validated_pipes: verdict.validated.map(({ ref, status }) => ({ pipe_ref: ref, status })),
  total_pipes: verdict.validated.length,
  pending_signatures: verdict.pending,
  is_runnable: verdict.pending.length === 0,
  warnings: verdict.warnings.map(Warnings.text),
  tree_files_read: verdict.found.method.tree.bundles.map(({ path }) => path)
})

/** A verdict is reached in this process, whatever runs the method later. */
const checkLine = Effect.fnUntraced(function*(options: ValidateOptions) {
  if (options.compat && options.strict) return yield* usage("--compat and --strict exclude each other")
  if (options.kind === "pipe" && options.target === undefined && !options.all) {
    return yield* usage("validate pipe needs the code of a pipe, or --all")
  }
  return yield* Elsewhere.check({ ...options, temporal: false, orchestrator: undefined })
})

/** The verdict on a method, or the end of the command when it is invalid. */
export const judge = Effect.fnUntraced(function*(options: ValidateOptions) {
  yield* checkLine(options)
  const { compat, kind, libraryDirs, pipe, target } = options
  const verdict = yield* Effect.mapError(
    Verdict.of({ kind, target: options.all ? undefined : target, pipe, libraryDirs, compat }),
    noVerdict
  )
  if (verdict.issues.length > 0) {
    return yield* new Ended({ code: 1, issues: verdict.issues, bundle: verdict.found.shown, tips: tips(verdict) })
  }
  return verdict
})

export const isAccepted = ({ allowSignatures }: ValidateOptions, { pending }: Verdict.Verdict): boolean =>
  allowSignatures || pending.length === 0

const pendingTip = ({ pending }: Verdict.Verdict): string =>
  `Not runnable yet: ${plural(pending.length, "pipe is", "pipes are")} declared and not written: ${
    pending.join(", ")
  } (--allow-signatures accepts that)`

export const validate = Effect.fn("ValidateMethod.validate")(function*(options: ValidateOptions) {
  const streams = yield* Streams
  const verdict = yield* judge(options)
  yield* Warnings.tell(verdict.warnings)
  yield* streams.answer({
    json: () => toJson(verdict),
    lines: () => [streams.out.style.good(`Successfully validated ${subject(options, verdict)}`)]
  })
  return yield* isAccepted(options, verdict)
    ? Effect.void
    : Effect.fail(new Ended({ code: 1, tips: [pendingTip(verdict)] }))
})
