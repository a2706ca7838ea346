import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { fail, type PipeFailure } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import type { Handlers, Job } from "../program/Leaves.ts"
import type { Model } from "../program/Models.ts"
import * as ModelTable from "../program/ModelTable.ts"
import type { LanguageAdapter, LanguageRequest, Reply } from "./Adapter.ts"
import type { Check } from "./Answer.ts"
import type { Calling, Leaf } from "./Calling.ts"
import * as Media from "./Media.ts"
import { type Meter, metered } from "./Meter.ts"
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

/** Counts an answer, and says why it is of no use. One that was cut or refused has been paid for, and is not asked again. */
const unfinished = (
  { stop, units }: Reply<unknown>,
  { maxTokens, model }: LanguageRequest,
  { meter }: Leaf
): PipeFailure | undefined => {
  meter.add(units)
  const { output } = units
  if (stop === "length") {
    return fail(
      new Reason.OutputTruncated({
        ...by(model),
        ...(maxTokens === undefined ? {} : { maxTokens }),
        ...(counted(output) ? { outputTokens: output } : {})
      })
    )
  }
  return stop === "refused" ? fail(new Reason.ContentRefused(by(model))) : undefined
}

const saysNothing = (model: Model): PipeFailure =>
  fail(new Reason.ResponseInvalid({ ...by(model), category: "content", defect: "the answer is empty" }))

const noFiles = { images: [], documents: [] } satisfies Pick<LanguageRequest, "images" | "documents">

/** What a request says in words. */
const textsOf = ({ system = "", user }: LanguageRequest): ReadonlyArray<string> => [system, user]

/** The span of a leaf, which counts what it consumes. */
const spanned = <A>(
  name: string,
  { meta, setting: { model } }: TextJob,
  work: (meter: Meter) => Effect.Effect<A, PipeFailure>
) =>
  Effect.withSpan(metered(model, work), name, {
    attributes: { "pipelex.pipe": meta.pipe, "pipelex.model": model.handle },
    captureStackTrace: false
  })

export type LanguageHandlers = Pick<Handlers, "act_llm_gen_text" | "act_llm_gen_object" | "act_llm_gen_object_list">

/** Answers the language-model leaves through the adapters that `calling` finds. */
export const handlers = (
  calling: Pick<Calling, "language" | "files" | "checks" | "inference" | "isStoodFor">
): LanguageHandlers => {
  const { checks, files, inference } = calling
  const warned = new Set<string>()

  /** Said once for a model, not at every call of it. */
  const warn = (model: Model, warning: string): Effect.Effect<void> =>
    Effect.suspend(() => {
      const key = `${model.backend} ${model.handle} ${warning}`
      if (warned.has(key) || calling.isStoodFor === true) return Effect.void
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

  const sampled = { text: Sampling.make(inference, false), object: Sampling.make(inference, true) }

  /** The request of a job, with every rule of its model applied: what the model cannot do is refused here. */
  const asking = Effect.fnUntraced(function*(job: TextJob, kind: "text" | "object") {
    const { prompt, setting } = job
    const { model } = setting
    const called = yield* calling.language(model)
    const sampling = yield* sampled[kind](setting)
    if (Result.isFailure(sampling)) return yield* incapable(model, sampling.failure)
    for (const warning of sampling.success.warnings) yield* warn(model, warning)
    const hasFiles = prompt.images.length + prompt.documents.length > 0
    const request: LanguageRequest = {
      model,
      wire: called.wire,
      ...(prompt.system === undefined ? {} : { system: prompt.system }),
      user: prompt.user,
      ...(hasFiles ? yield* attached(job, called.adapter(({ passesUrls }) => passesUrls)) : noFiles),
      ...sampling.success.request
    }
    return { called, request }
  })

  const text = (job: TextJob) =>
    spanned("LanguageModel.text", job, (meter) =>
      Effect.flatMap(asking(job, "text"), ({ called, request }) => {
        const leaf: Leaf = { meter, path: job.meta.path, texts: textsOf(request) }
        const ask = <Message>(adapter: LanguageAdapter<Message>) => called.send(adapter.text(request), leaf)
        return Effect.flatMap(called.adapter(ask), (reply): Effect.Effect<string, PipeFailure> => {
          const failure = unfinished(reply, request, leaf)
          if (failure !== undefined) return Effect.fail(failure)
          return reply.text.trim() === "" ? Effect.fail(saysNothing(request.model)) : Effect.succeed(reply.text)
        })
      }))

  const structured = <A>(name: string, job: ObjectJob, check: Check<A>) =>
    spanned(name, job, (meter) =>
      Effect.flatMap(asking(job, "object"), ({ called, request }) => {
        const { structure } = job
        const leaf: Leaf = { meter, path: job.meta.path }
        const ask = <Message>(adapter: LanguageAdapter<Message>) =>
          reask<Message, A>({
            attempts: inference.schemaReaskMaxAttempts,
            ask: (turns) => {
              if (turns.length > 0) meter.reasked()
              const texts = [...textsOf(request), ...turns.map(({ message }) => JSON.stringify(message))]
              return Effect.flatMap(
                called.send(adapter.object(request, structure, turns), { ...leaf, texts }),
                (reply) => {
                  const failure = unfinished(reply, request, leaf)
                  return failure === undefined ? Effect.succeed(reply) : Effect.fail(failure)
                }
              )
            },
            check,
            ...by(request.model),
            structure
          })
        return Effect.map(called.adapter(ask), ({ value }) => value)
      }))

  return {
    act_llm_gen_text: text,
    act_llm_gen_object: (job) => structured("LanguageModel.object", job, checks.object(job.structure)),
    act_llm_gen_object_list: (job) => structured("LanguageModel.list", job, checks.list(job.structure))
  }
}
