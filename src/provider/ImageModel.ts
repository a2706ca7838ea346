import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import * as Mime from "../document/Mime.ts"
import { fail, type PipeFailure } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import type { Handlers, Job } from "../program/Leaves.ts"
import type { Model } from "../program/Models.ts"
import type { ImageAdapter, ImageReply, ImageRequest } from "./Adapter.ts"
import type { Called, Calling } from "./Calling.ts"
import type { Files } from "./Files.ts"
import * as ImageRules from "./ImageRules.ts"
import * as Media from "./Media.ts"
import { metered } from "./Meter.ts"
import * as StoredImage from "./StoredImage.ts"

/**
 * The image leaf, for every provider alike: rules of the model, images as input, requests, and the images made put among the artefacts
 * of the run. Making an image is paid for each time, so nothing is asked for again once a provider may have begun.
 */
type ImagesJob = Job<"act_img_gen_images">

const by = ({ backend, handle }: Model) => ({ model: handle, provider: backend })

const unusable = (model: Model, defect: string): PipeFailure =>
  fail(new Reason.ResponseInvalid({ ...by(model), category: "content", defect }))

const refusal = (model: Model, refused: ImageRules.Refusal): PipeFailure =>
  fail(
    refused._tag === "Incapable"
      ? new Reason.CapabilityUnsupported({ ...by(model), capability: refused.capability })
      : new Reason.ConfigInvalid({
        problem: `rule ${refused.topic} = "${refused.rule}" of model "${model.handle}" is not known`,
        file: `inference/backends/${model.backend}.toml`
      })
  )

/** Requests of one job that are under way together, where a model makes one image at a time. */
const atOnce = 4

/** Fetching what was made costs nothing, and losing it would: a passing failure is tried twice more. */
const fetchAgain = Schedule.exponential("500 millis").pipe(Schedule.upTo({ times: 2 }))

const isPassing = ({ category }: PipeFailure): boolean => category === "transient"

/** In the end the image is lost for this leaf, and making it again would be paid for again: nothing above may retry that. */
const lost = (model: Model) => (failure: PipeFailure): PipeFailure => {
  const { reason } = failure
  return reason._tag === "FileRefused"
    ? fail(
      new Reason.FileRefused({
        ...by(model),
        what: reason.what,
        why: reason.why,
        category: "content",
        ...(reason.explanation === undefined ? {} : { explanation: reason.explanation })
      })
    )
    : failure
}

type Made = ImageReply["images"][number]

const bytesOf = Effect.fnUntraced(function*(files: Files["Service"], model: Model, made: Made) {
  const { bytes, mimeType } = made._tag === "Bytes"
    ? made
    : yield* Effect.mapError(
      Effect.retry(files.read(made.url, `an image that model "${model.handle}" made`), {
        schedule: fetchAgain,
        while: isPassing
      }),
      lost(model)
    )
  const type = Mime.sniff(bytes) ?? made.mimeType ?? mimeType
  if (type?.startsWith("image/") !== true) return yield* unusable(model, "what it gave for an image is none")
  return { bytes, mimeType: type }
})

/** What the handler needs of what all handlers share. */
export type Needs = Pick<Calling, "image" | "inference" | "files" | "storage">

export const handlers = (calling: Needs): Pick<Handlers, "act_img_gen_images"> => {
  const { files, inference, storage } = calling

  const ruled = Effect.fnUntraced(function*(job: ImagesJob, { wire }: Called<ImageAdapter>) {
    const { model, settings } = job.setting
    const applied = ImageRules.apply({
      model,
      rules: wire.rules,
      settings: yield* ImageRules.asked(settings),
      parameters: job.parameters,
      hasNegativePrompt: job.negativePrompt !== undefined,
      images: job.images.length,
      count: job.count,
      qualityToSteps: inference.qualityToSteps
    })
    return Result.isFailure(applied) ? yield* refusal(model, applied.failure) : applied.success
  })

  const requestOf = Effect.fnUntraced(function*(job: ImagesJob, called: Called<ImageAdapter>) {
    const { model } = job.setting
    const rules = yield* ruled(job, called)
    const images = yield* Media.readAll(
      { files, kind: "image", passesUrls: called.adapter.passesUrls, pipe: job.meta.pipe },
      job.images
    )
    const request: ImageRequest = {
      model,
      wire: rules.isCalledByHandle ? { ...called.wire, modelId: model.handle } : called.wire,
      prompt: job.prompt,
      ...(job.negativePrompt === undefined ? {} : { negativePrompt: job.negativePrompt }),
      images,
      count: rules.perRequest,
      arguments: rules.arguments
    }
    return request
  })

  const images: Handlers["act_img_gen_images"] = Effect.fn("ImageModel.images")(function*(job) {
    const { model } = job.setting
    yield* Effect.annotateCurrentSpan({ "pipelex.pipe": job.meta.pipe, "pipelex.model": model.handle })
    return yield* metered(
      model,
      Effect.fnUntraced(function*(meter) {
        const called = yield* calling.image(model)
        const request = yield* requestOf(job, called)
        const ask = Effect.fnUntraced(function*() {
          const reply = yield* called.send(called.adapter.generate(request), {
            meter,
            path: job.meta.path,
            texts: [job.prompt, job.negativePrompt ?? ""]
          })
          meter.add({ ...reply.units, images: reply.images.length })
          if (reply.isRefused === true) return yield* fail(new Reason.ContentRefused(by(model)))
          return reply.images.length < request.count
            ? yield* unusable(model, `${reply.images.length} of ${request.count} images`)
            : reply.images.slice(0, request.count)
        })
        const asked = Array.from({ length: job.count / request.count }, ask)
        const made = (yield* Effect.all(asked, { concurrency: atOnce })).flat()
        return yield* Effect.forEach(
          made,
          Effect.fnUntraced(function*(each) {
            return yield* StoredImage.store(storage, job.meta.runId, {
              ...(yield* bytesOf(files, model, each)),
              sourcePrompt: job.prompt,
              ...(job.negativePrompt === undefined ? {} : { sourceNegativePrompt: job.negativePrompt })
            })
          })
        )
      })
    )
  })

  return { act_img_gen_images: images }
}
