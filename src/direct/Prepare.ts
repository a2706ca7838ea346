import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { Concepts } from "../concept/Concept.ts"
import * as ContentFiles from "../concept/ContentFiles.ts"
import { shapeOf } from "../concept/Stuff.ts"
import type { WorkingMemory } from "../concept/WorkingMemory.ts"
import { fail, type PipeFailure } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import * as Crate from "../library/Crate.ts"
import * as Inputs from "../library/Inputs.ts"
import type { ModelTable } from "../program/Models.ts"
import * as PipePath from "../program/PipePath.ts"
import type { PipeCall, RunRequest } from "../program/PipeRunner.ts"
import type { RunScope } from "../program/RunScope.ts"
import { defaults, type Settings } from "../program/Settings.ts"
import * as StorageUri from "../storage/StorageUri.ts"

/** What a composed pipe's run is given beside its inputs. */
export interface Preparing {
  readonly models: ModelTable
  readonly settings?: Settings
  readonly scope?: Partial<RunScope>
  readonly functions?: ReadonlySet<string>
  /** Looks at the files among the inputs before the run. Default: they are left as they are. */
  readonly lookAtFiles?: (
    concepts: Concepts,
    memory: WorkingMemory,
    runId: string
  ) => Effect.Effect<WorkingMemory, PipeFailure>
}

const runId = Effect.sync(() => globalThis.crypto.randomUUID())

/** Artefacts are kept under the id, so that one they could not be kept under is refused before anything is done. */
const idOf = (given: string | undefined): Effect.Effect<string, PipeFailure> => {
  if (given === undefined) return runId
  return StorageUri.isRunId(given)
    ? Effect.succeed(given)
    : Effect.fail(fail(new Reason.RequestInvalid({ problem: `a run id must be ${StorageUri.runIdForm}` })))
}

const hasFiles = (concepts: Concepts, { root }: WorkingMemory): boolean => {
  for (const stuff of root.values()) {
    if (ContentFiles.find(concepts, shapeOf(stuff), stuff.content).length > 0) return true
  }
  return false
}

/** Compiles the crate of a composed pipe, once per crate, and puts its inputs in memory. */
export const prepare = ({ functions, lookAtFiles, models, scope, settings = defaults }: Preparing) => {
  const libraries = new WeakMap<object, ReturnType<typeof Crate.compile>>()
  return Effect.fnUntraced(function*(request: RunRequest): Effect.fn.Return<PipeCall, PipeFailure> {
    const known = libraries.get(request.crate)
    const compiled = known ?? Crate.compile(request.crate, {
      models,
      ...(functions === undefined ? {} : { functions })
    })
    if (known === undefined) libraries.set(request.crate, compiled)
    if (Result.isFailure(compiled)) return yield* fail(compiled.failure)
    const library = compiled.success
    const entry = library.pipes.get(request.ref)
    if (entry === undefined) return yield* fail(new Reason.PipeNotFound({ ref: request.ref, suggestions: [] }))
    const memory = Inputs.shape({ library, entry, compat: request.crate.compat }, request.inputs)
    if (Result.isFailure(memory)) return yield* memory.failure
    const id = yield* idOf(scope?.runId)
    return {
      method: library,
      ref: entry.ref,
      memory: lookAtFiles === undefined || !hasFiles(library.concepts, memory.success)
        ? memory.success
        : yield* lookAtFiles(library.concepts, memory.success, id),
      path: PipePath.entry(entry),
      scope: { userId: "anonymous", mode: "live", settings, ...scope, runId: id },
      result: undefined
    }
  })
}
