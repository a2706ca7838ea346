import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { Issue } from "../failure/Issue.ts"
import { fail, type PipeFailure } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import type { FileRef, Job, JobMetadata, LeafName, LeafResult, Prompt } from "../program/Leaves.ts"
import type { Family, ModelSetting } from "../program/Models.ts"
import * as ModelTable from "../program/ModelTable.ts"
import * as PipePath from "../program/PipePath.ts"
import type { PipeCall } from "../program/PipeRunner.ts"
import { RunEvents } from "../program/RunEvents.ts"
import { type Definition, issue, none } from "./Definition.ts"
import { choice } from "./ModelChoice.ts"

/** What operators need to make a leaf job: who asks, which model, and the events of the leaf. */
export const metadata = (definition: Definition, call: PipeCall, ordinal = 0): JobMetadata => ({
  runId: call.scope.runId,
  userId: call.scope.userId,
  ...(call.scope.sessionId === undefined ? {} : { sessionId: call.scope.sessionId }),
  pipe: definition.code,
  domain: definition.domain,
  path: PipePath.leaf(call.path, ordinal)
})

export const prompt = (
  system: string,
  user: string,
  files: { readonly images: ReadonlyArray<FileRef>; readonly documents: ReadonlyArray<FileRef> }
): Prompt => ({ ...(system === "" ? {} : { system }), user, ...files })

type Written = Parameters<typeof choice>[0]

/** The model that a pipe's key stands for, or the deck's default of that kind where it has none; or why it stands for none. */
export const resolve = (
  models: ModelTable.ModelTable,
  family: Family,
  kind: string,
  written: Written | undefined
): ModelSetting | Reason.Reason => {
  const chosen = written === undefined ? ModelTable.defaultChoice(models, family, kind) : choice(written)
  if (chosen === undefined) return new Reason.ModelUnknown({ model: "", family, suggestions: [] })
  const result = ModelTable.resolve(models, family, chosen)
  return Result.isSuccess(result) ? result.success : ModelTable.toReason(result.failure)
}

/** The model that a key names exists, belongs to the family, and takes the settings given. */
export const checkModel = (
  code: string,
  key: string,
  family: Family,
  written: Written | undefined,
  models: ModelTable.ModelTable
): ReadonlyArray<Issue> => {
  if (written === undefined) return none
  const result = ModelTable.resolve(models, family, choice(written))
  if (Result.isFailure(result)) return [ModelTable.toIssue(code, [key], result.failure)]
  const refused = ModelTable.refusedSetting(result.success)
  return refused === undefined ?
    none :
    [issue(
      code,
      [key],
      "model.capability_unsupported",
      `model "${result.success.model.handle}" does not support ${refused}`,
      {
        type: "llm_setting_refused_by_model",
        fix: "name a model that does, or take the setting out",
        names: [result.success.model.handle]
      }
    )]
}

/** A pipe that names no model relies on the deck's default, which has to lead somewhere. */
export const checkDefault = (
  code: string,
  family: Family,
  kind: string,
  models: ModelTable.ModelTable
): ReadonlyArray<Issue> => {
  const written = ModelTable.defaultChoice(models, family, kind)
  if (written === undefined) {
    return [
      issue(code, ["model"], "model.unspecified", `pipe "${code}" names no model and the deck has no default for it`, {
        fix: "name a model"
      })
    ]
  }
  const result = ModelTable.resolve(models, family, written)
  return Result.isFailure(result) ? [ModelTable.toIssue(code, ["model"], result.failure)] : none
}

/** The model can be shown what the prompt attaches, found out before any request. */
export const checkPrompt = (
  setting: ModelSetting,
  files: { readonly images: ReadonlyArray<FileRef>; readonly documents: ReadonlyArray<FileRef> }
): Effect.Effect<void, PipeFailure> => {
  const capability = ModelTable.refusedPrompt(setting.model, files.images.length, files.documents.length)
  return capability === undefined
    ? Effect.void
    : Effect.fail(
      fail(
        new Reason.CapabilityUnsupported({ model: setting.model.handle, provider: setting.model.backend, capability })
      )
    )
}

/** Runs a leaf and tells the run's listener of it. */
export const leaf = <Name extends LeafName>(
  name: Name,
  job: Job<Name>,
  run: (job: Job<Name>) => Effect.Effect<LeafResult<Name>, PipeFailure>
): Effect.Effect<LeafResult<Name>, PipeFailure> =>
  Effect.flatMap(RunEvents, (listener) => {
    if (listener === undefined) return run(job)
    const common = {
      path: job.meta.path,
      leaf: name,
      pipe: job.meta.pipe,
      model: "setting" in job ? job.setting.model.handle : undefined
    }
    listener({ _tag: "LeafStarted", ...common })
    return Effect.tapError(
      Effect.tap(run(job), ({ usage }) => Effect.sync(() => listener({ _tag: "LeafFinished", ...common, usage }))),
      (failure) => Effect.sync(() => listener({ _tag: "LeafFailed", ...common, failure }))
    )
  })
