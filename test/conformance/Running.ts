/** Runs one case the way the command line would: load, shape the inputs, look at their files, call the entry pipe. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { existsSync } from "node:fs"
import { join } from "node:path"
import type { Multiplicity } from "../../src/concept/Slot.ts"
import type * as WorkingMemory from "../../src/concept/WorkingMemory.ts"
import type { Configuration } from "../../src/config/Configuration.ts"
import * as DryRun from "../../src/direct/DryRun.ts"
import * as InputFiles from "../../src/direct/InputFiles.ts"
import * as Runner from "../../src/direct/Runner.ts"
import type { Issue } from "../../src/failure/Issue.ts"
import { fail, type PipeFailure } from "../../src/failure/PipeFailure.ts"
import { MethodInvalid, Unexpected } from "../../src/failure/Reason.ts"
import * as Inputs from "../../src/library/Inputs.ts"
import type { Library } from "../../src/library/Library.ts"
import * as PipePath from "../../src/program/PipePath.ts"
import { PipeRunner } from "../../src/program/PipeRunner.ts"
import * as CsvInputs from "../../src/source/CsvInputs.ts"
import * as InputsFile from "../../src/source/InputsFile.ts"
import * as Method from "../../src/source/Method.ts"
import { type Case, string, target } from "./Corpus.ts"
import * as Live from "./Live.ts"

/** Methods are read as the command line's `--compat` reads them, everything else strictly. */
export const isCompat = ({ kind }: Case): boolean => kind === "methods"

export const load = Effect.fnUntraced(function*(each: Case, { models }: Configuration) {
  const { libraryDirs, path } = target(each)
  const pipe = string(each.settings["pipe"])
  return yield* Method.load(path, {
    models,
    compat: isCompat(each),
    libraryDirs,
    ...(pipe === undefined ? {} : { pipe })
  })
})

export interface Ended {
  readonly method: Method.Method | undefined
  readonly library: Library | undefined
  readonly memory: WorkingMemory.WorkingMemory | undefined
  readonly failure: PipeFailure | undefined
}

const invalid = (issues: ReadonlyArray<Issue>): PipeFailure =>
  fail(
    new MethodInvalid({
      issues: issues.map(({ code, message, pipe }) => ({ code, message, ...(pipe === undefined ? {} : { pipe }) }))
    })
  )

const multiplicity = ({ settings }: Case): { readonly multiplicity?: Multiplicity } => {
  const written = settings["output_multiplicity"]
  if (typeof written === "number") return { multiplicity: written === 1 ? "single" : written }
  return typeof written === "boolean" ? { multiplicity: written ? "list" : "single" } : {}
}

const runIdOf = ({ kind, name }: Case): string => `run-${kind}-${name.replaceAll("/", "-")}`

const scope = (each: Case, { settings }: Configuration) => {
  const dynamicOutput = string(each.settings["dynamic_output_concept_ref"])
  const mode = each.settings["mode"] === "dry" ? "dry" as const : "live" as const
  return {
    runId: runIdOf(each),
    userId: "conformance",
    mode,
    settings,
    ...(dynamicOutput === undefined ? {} : { dynamicOutput })
  }
}

const startsNothing = () => Effect.fail(fail(new Unexpected({ problem: "a case starts no other run" })))

const given = Effect.fnUntraced(function*({ folder }: Case) {
  const file = join(folder, "inputs.json")
  return yield* existsSync(file)
    ? InputsFile.read(file, { cwd: folder })
    : InputsFile.fromText("{}", { cwd: folder, origin: "no inputs" })
})

const attempt = Effect.fnUntraced(
  function*(each: Case, configuration: Configuration, method: Method.Method) {
    if (Result.isFailure(method.entry)) return yield* fail(method.entry.failure)
    const { issues, library } = method
    if (library === undefined || issues.length > 0) return yield* invalid(issues)
    const entry = library.pipes.get(method.entry.success)
    if (entry === undefined) return yield* invalid(issues)
    const { resolve, values } = yield* given(each)
    const rows = yield* CsvInputs.load(values, entry.inputs, library.concepts, resolve)
    const shaped = yield* Effect.fromResult(
      Inputs.shape({ library, entry, compat: isCompat(each), resolveUrl: resolve }, rows)
    )
    const run = scope(each, configuration)
    const memory = run.mode === "dry" ? shaped : yield* InputFiles.prepare(library.concepts, shaped, run.runId)
    const { call } = run.mode === "dry"
      ? Runner.make(DryRun.leaves(configuration.settings.dryRun), startsNothing)
      : yield* PipeRunner
    return yield* call({
      method: library,
      ref: entry.ref,
      memory,
      path: PipePath.entry(entry),
      scope: run,
      result: string(each.settings["output_name"]),
      ...multiplicity(each)
    })
  }
)

const ended = Effect.fnUntraced(function*(each: Case, configuration: Configuration) {
  let method: Method.Method | undefined
  const result = yield* Effect.result(Effect.gen(function*() {
    method = yield* load(each, configuration)
    return yield* attempt(each, configuration, method)
  }))
  const found: Ended = {
    method,
    library: method?.library,
    memory: Result.isSuccess(result) ? result.success : undefined,
    failure: Result.isFailure(result) ? result.failure : undefined
  }
  return found
})

/** Never fails for what a method or a provider does: how the run ended is what is asked for. */
export const run = (each: Case, configuration: Configuration, wiring: Live.Wiring) =>
  Effect.provide(ended(each, configuration), Live.layer(configuration, wiring, each.folder, runIdOf(each)))
