import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { SimulatedOptions } from "../config/SimulatedToml.ts"
import { PipeFailure } from "../failure/PipeFailure.ts"
import type { Usage } from "../failure/Usage.ts"
import type { Job } from "../program/Leaves.ts"
import type { ImageAdapter, LanguageAdapter, Reply, SearchAdapter } from "./Adapter.ts"
import { type Called, type Calling, language, type Lookups, sending } from "./Calling.ts"
import * as ImageRules from "./ImageRules.ts"
import * as ModelLeaves from "./ModelLeaves.ts"
import * as Simulated from "./Simulated.ts"
import * as SimulatedImage from "./SimulatedImage.ts"
import { ProviderError } from "./transport/ProviderError.ts"

/**
 * The `simulated` backend: the stand-in of `Simulated.ts` behind an adapter, so that its answers go through all that a provider's do. It
 * can be told to be slow and to fail, for trying out what a method does then.
 */
type Failure = SimulatedOptions["failWith"]

const refusal = (failure: Failure): ProviderError | undefined => {
  if (failure === "network" || failure === "timeout") {
    return new ProviderError({ kind: failure, metadata: { provider: Simulated.label } })
  }
  const status = failure === "quota" ? 429 : Number(failure)
  if (!Number.isInteger(status)) return undefined
  return new ProviderError({
    kind: "status",
    metadata: { provider: Simulated.label, status },
    ...(failure === "quota" ? { body: { error: { code: "insufficient_quota" } } } : {})
  })
}

type Answer<A> = (failure: Failure) => A

/** Gives an answer, or fails when it is time to, as a provider would. All adapters of a backend count together. */
const answering = ({ failEvery = 1, failWith, latencyMillis = 0, seed = 0 }: SimulatedOptions) => {
  let requests = 0
  return Effect.fnUntraced(function*<A>(answer: Answer<A>): Effect.fn.Return<A, ProviderError> {
    requests += 1
    const failure = (requests + seed) % failEvery === 0 ? failWith : undefined
    if (latencyMillis > 0) yield* Effect.sleep(latencyMillis)
    const refused = refusal(failure)
    return refused === undefined ? answer(failure) : yield* refused
  })
}

type Answering = ReturnType<typeof answering>

const stops: Readonly<Record<string, Reply<string>["stop"]>> = { refused: "refused", truncated: "length" }

const reply = (message: string, failure: Failure): Reply<string> => ({
  message,
  text: message,
  stop: stops[failure ?? ""] ?? "complete",
  units: {}
})

const speaking = (give: Answering): LanguageAdapter<string> => ({
  passesUrls: { images: true, documents: true },
  text: (request) => give((failure) => reply(failure === "malformed" ? "" : Simulated.text(request), failure)),
  object: (_request, structure) =>
    give((failure) => {
      const made = Simulated.object(structure)
      return {
        ...reply(JSON.stringify(made), failure),
        value: failure === "malformed" ? Result.fail("is not JSON") : Result.succeed(made)
      }
    })
})

const drawing = (give: Answering): ImageAdapter => ({
  passesUrls: true,
  generate: ({ count, prompt }) =>
    give((failure) => ({
      images: Array.from({ length: failure === "malformed" ? 0 : count }, (_, index) => ({
        _tag: "Bytes" as const,
        bytes: SimulatedImage.draw(`${prompt} ${index + 1}`)
      })),
      isRefused: failure === "refused",
      units: {}
    }))
})

const searching = (give: Answering): SearchAdapter => ({
  answer: (request) =>
    give((failure) => ({
      answer: failure === "malformed" ? "" : Simulated.found(request),
      sources: [],
      units: {}
    })),
  structured: (_request, structure) =>
    give((failure) => ({ value: failure === "malformed" ? null : Simulated.object(structure), units: {} }))
})

/** The usage with the marks of the stand-in; no provider has a name for its model. */
const stood = ({ modelId: _modelId, ...usage }: Usage): Usage => ({ ...usage, requests: 0, simulated: true })

type Model = Job<"act_llm_gen_text">["setting"]["model"]

/** No provider was called, and everything that tells of the leaf says so. */
const marked = <A, J extends { readonly setting: { readonly model: Model } }>(
  answer: (job: J) => Effect.Effect<{ readonly value: A; readonly usage: Usage }, PipeFailure>
) =>
(job: J) =>
  answer({ ...job, setting: { ...job.setting, model: { ...job.setting.model, backend: Simulated.label } } }).pipe(
    Effect.map(({ usage, value }) => ({ value, usage: stood(usage) })),
    Effect.mapError(({ attempts, location, reason, usage }) =>
      new PipeFailure({
        reason,
        location,
        ...(attempts === undefined ? {} : { attempts }),
        ...(usage === undefined ? {} : { usage: stood(usage) })
      })
    )
  )

/** Answers every leaf that a model answers. */
export const handlers = (
  shared: Omit<Calling, keyof Lookups>,
  options: SimulatedOptions = {}
): ModelLeaves.ModelLeaves => {
  const give = answering(options)
  const by = <Adapter>(adapter: Adapter) => (model: Model): Effect.Effect<Called<Adapter>> =>
    Effect.succeed({
      adapter,
      wire: { modelId: model.modelId, headers: {}, rules: ImageRules.allIgnored },
      send: sending(model, shared.inference)
    })
  const leaves = ModelLeaves.handlers({
    ...shared,
    isStoodFor: true,
    language: by(language(speaking(give))),
    image: by(drawing(give)),
    search: by(searching(give))
  })
  return {
    act_llm_gen_text: marked(leaves.act_llm_gen_text),
    act_llm_gen_object: marked(leaves.act_llm_gen_object),
    act_llm_gen_object_list: marked(leaves.act_llm_gen_object_list),
    act_img_gen_images: marked(leaves.act_img_gen_images),
    act_search_gen_sourced_answer: marked(leaves.act_search_gen_sourced_answer),
    act_search_gen_structured: marked(leaves.act_search_gen_structured)
  }
}
