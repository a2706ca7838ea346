import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { fail, type PipeFailure } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import type { Handlers, Job } from "../program/Leaves.ts"
import type { Model } from "../program/Models.ts"
import * as ModelTable from "../program/ModelTable.ts"
import type { LanguageAdapter, LanguageRequest, Reply } from "./Adapter.ts"
import type { Check } from "./Answer.ts"
import type { Called, Calling, Language, Leaf } from "./Calling.ts"
import * as Media from "./Media.ts"
import { metered } from "./Meter.ts"
import { reask } from "./Reask.ts"
import * as Sampling from "./Sampling.ts"

/**
 * The language-model leaves, for every provider alike: what a request holds, when an answer is of use, and when it is asked for again.
 * What differs between providers is behind a `LanguageAdapter`.
 */
type TextJob = Job<"act_llm_gen_text">
type ObjectJob = Job<"act_llm_gen_object">

const by = ({ backend, handle }: Model) => ({ model: handle, provider: backend })

const incapable = (model: Model, capability: string): PipeFailure =>
  fail(new Reason.CapabilityUnsupported({ ...by(model), capability }))

const counted = (tokens: number | undefined): tokens is number => Number.isInteger(tokens)

/** Counts an answer and keeps it when the model finished it. One that was cut or refused has been paid for, and is not asked again. */
const settle = Effect.fnUntraced(function*<Message, Answer extends Reply<Message>>(
  answer: Answer,
  { maxTokens, model }: LanguageRequest,
  { meter }: Leaf
): Effect.fn.Return<Answer, PipeFailure> {
  meter.add(answer.units)
  const { output } = answer.units
  if (answer.stop === "length") {
    return yield* fail(
      new Reason.OutputTruncated({
        ...by(model),
        ...(maxTokens === undefined ? {} : { maxTokens }),
        ...(counted(output) ? { outputTokens: output } : {})
      })
    )
  }
  return answer.stop === "refused" ? yield* fail(new Reason.ContentRefused(by(model))) : answer
})

export type LanguageHandlers = Pick<Handlers, "act_llm_gen_text" | "act_llm_gen_object" | "act_llm_gen_object_list">

/** Answers the language-model leaves through the adapters that `calling` finds. */
export const handlers = (
  calling: Pick<Calling, "language" | "files" | "checks" | "inference">
): LanguageHandlers => {
  const { checks, files, inference } = calling
  const warned = new Set<string>()

  /** Said once for a model, not at every call of it. */
  const warn = (model: Model, warning: string): Effect.Effect<void> =>
    Effect.suspend(() => {
      const key = `${model.backend} ${model.handle} ${warning}`
      if (warned.has(key)) return Effect.void
      warned.add(key)
      return Effect.annotateLogs(Effect.logWarning("a model setting was not followed"), { ...by(model), warning })
    })

  const attached = Effect.fnUntraced(function*(
    { meta, prompt, setting: { model } }: TextJob,
    passes: LanguageAdapter<unknown>["passesUrls"]
  ) {
    const reading = (kind: Media.Kind, passesUrls: boolean): Media.Reading => ({
      files,
      kind,
      passesUrls,
      pipe: meta.pipe
    })
    const images = yield* Media.readAll(reading("image", passes.images), prompt.images)
    const documents = yield* Media.readAll(reading("document", passes.documents), prompt.documents)
    const types = documents.map(Media.typeName)
    const refused = ModelTable.refusedPrompt(model, images.length, documents.length, types)
    return refused === undefined ? { images, documents } : yield* incapable(model, refused)
  })

  /** The request of a job, with every rule of its model applied: what the model cannot do is refused here. */
  const requestOf = Effect.fnUntraced(function*(job: TextJob, called: Called<Language>, isStructured: boolean) {
    const { prompt, setting: { model, settings } } = job
    const sampled = Sampling.sampling(model, yield* Sampling.asked(settings), inference, isStructured)
    if (Result.isFailure(sampled)) return yield* incapable(model, sampled.failure)
    yield* Effect.forEach(sampled.success.warnings, (warning) => warn(model, warning), { discard: true })
    const request: LanguageRequest = {
      model,
      wire: called.wire,
      ...(prompt.system === undefined ? {} : { system: prompt.system }),
      user: prompt.user,
      ...(yield* attached(job, called.adapter(({ passesUrls }) => passesUrls))),
      ...sampled.success.request
    }
    return request
  })

  const asking = Effect.fnUntraced(function*(job: TextJob, isStructured: boolean) {
    const { model } = job.setting
    yield* Effect.annotateCurrentSpan({ "pipelex.pipe": job.meta.pipe, "pipelex.model": model.handle })
    const called = yield* calling.language(model)
    return { called, request: yield* requestOf(job, called, isStructured) }
  })

  const text = Effect.fn("LanguageModel.text")(function*(job: TextJob) {
    const { model } = job.setting
    return yield* metered(
      model,
      Effect.fnUntraced(function*(meter) {
        const { called, request } = yield* asking(job, false)
        const leaf: Leaf = { meter, path: job.meta.path }
        const ask = <Message>(adapter: LanguageAdapter<Message>): Effect.Effect<string, PipeFailure> =>
          called.send(adapter.text(request), leaf).pipe(
            Effect.flatMap((reply) => settle(reply, request, leaf)),
            Effect.map((reply) => reply.text)
          )
        const answer = yield* called.adapter(ask)
        return answer.trim() === ""
          ? yield* fail(
            new Reason.ResponseInvalid({ ...by(model), category: "content", defect: "the answer is empty" })
          )
          : answer
      })
    )
  })

  const structured = <A>(job: ObjectJob, check: Check<A>) => {
    const { setting: { model }, structure } = job
    return metered(
      model,
      Effect.fnUntraced(function*(meter) {
        const { called, request } = yield* asking(job, true)
        const leaf: Leaf = { meter, path: job.meta.path }
        const ask = <Message>(adapter: LanguageAdapter<Message>) =>
          reask<Message, A>({
            attempts: inference.schemaReaskMaxAttempts,
            ask: (turns) => {
              if (turns.length > 0) meter.reasked()
              return Effect.flatMap(
                called.send(adapter.object(request, structure, turns), leaf),
                (reply) => settle(reply, request, leaf)
              )
            },
            check,
            ...by(model),
            structure
          })
        const { value } = yield* called.adapter(ask)
        return value
      })
    )
  }

  return {
    act_llm_gen_text: text,
    act_llm_gen_object: Effect.fn("LanguageModel.object")(function*(job) {
      return yield* structured(job, checks.object(job.structure))
    }),
    act_llm_gen_object_list: Effect.fn("LanguageModel.list")(function*(job) {
      return yield* structured(job, checks.list(job.structure))
    })
  }
}
