import * as Effect from "effect/Effect"
import { type JsonObject, own } from "../concept/Json.ts"
import * as Mime from "../document/Mime.ts"
import { fail, type PipeFailure } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import type { Handlers, Job } from "../program/Leaves.ts"
import type { Model } from "../program/Models.ts"
import type { ExtractReply, ExtractRequest, Media } from "./Adapter.ts"
import { isLocal } from "./Adapters.ts"
import type { Calling } from "./Calling.ts"
import * as MediaFiles from "./Media.ts"
import { metered } from "./Meter.ts"
import * as StoredImage from "./StoredImage.ts"

/** The extraction leaf, for every extractor alike: what may be read, which images are kept, and the pages as contents. */
type ExtractJob = Job<"act_extract_gen_extract_pages">
type Extract = Handlers["act_extract_gen_extract_pages"]

const by = ({ backend, handle }: Model) => ({ model: handle, provider: backend })

const incapable = (model: Model, capability: string): PipeFailure =>
  fail(new Reason.CapabilityUnsupported({ ...by(model), capability }))

/** The media's type, where its name or its bytes show one. */
const mimeTypeOf = (media: Media): string | undefined =>
  media._tag === "Bytes" ? media.mimeType : Mime.fromName((media.filename ?? media.url).replace(/[?#].*$/s, ""))

/** A document that is a picture is read as one. */
const kindOf = (job: ExtractJob, media: Media): ExtractRequest["kind"] =>
  mimeTypeOf(media)?.startsWith("image/") === true ? "image" : job.kind

/** What of the file the model cannot read, as the name of a capability. */
const refused = (job: ExtractJob, media: Media): string | undefined => {
  const { inputs } = job.setting.model
  if (kindOf(job, media) === "image") return inputs.includes("image") ? undefined : "images as input"
  if (media._tag === "Url" && inputs.includes("web_page")) return undefined
  const type = MediaFiles.typeName(media)
  if (inputs.includes(type)) return undefined
  return inputs.every((input) => input === "web_page") ? "documents that are not on the web" : `${type} documents`
}

const requestOf = (job: ExtractJob, file: Media): Omit<ExtractRequest, "wire"> => {
  const imageMinSize = own(job.setting.settings, "imageMinSize")
  return {
    model: job.setting.model,
    file,
    kind: kindOf(job, file),
    ...(job.maxPageImages === undefined ? {} : { maxPageImages: job.maxPageImages }),
    ...(typeof imageMinSize === "number" ? { imageMinSize } : {}),
    ...(job.renderJs === undefined ? {} : { renderJs: job.renderJs }),
    ...(job.includeRawHtml === undefined ? {} : { includeRawHtml: job.includeRawHtml })
  }
}

/** The pages with no more images than asked for, the first ones of the document. */
const limited = (pages: ExtractReply["pages"], most = Number.POSITIVE_INFINITY): ExtractReply["pages"] => {
  let left = most
  return pages.map((page) => {
    const images = page.images.slice(0, left)
    left -= images.length
    return { ...page, images }
  })
}

/** The handler: extractors of this process are `local`, every other one is asked through its adapter. */
export const handler = (calling: Pick<Calling, "extract" | "files" | "storage">, local: Extract): Extract => {
  const { files, storage } = calling

  const content = Effect.fnUntraced(function*(runId: string, page: ExtractReply["pages"][number]) {
    const images = yield* Effect.forEach(page.images, (image) => StoredImage.store(storage, runId, image))
    const made: JsonObject = {
      text_and_images: { text: { text: page.text }, images, raw_html: page.rawHtml ?? null },
      page_view: null
    }
    return made
  })

  const remote = Effect.fn("Extraction.extract")(function*(job: ExtractJob) {
    const { meta, setting: { model } } = job
    yield* Effect.annotateCurrentSpan({ "pipelex.pipe": meta.pipe, "pipelex.model": model.handle })
    return yield* metered(
      model,
      Effect.fnUntraced(function*(meter): Effect.fn.Return<ReadonlyArray<JsonObject>, PipeFailure> {
        const { adapter, send, wire } = yield* calling.extract(model)
        const reading = { files, kind: job.kind, passesUrls: adapter.passesUrls, pipe: meta.pipe }
        const file = yield* MediaFiles.read(reading, job.file)
        const capability = refused(job, file)
        if (capability !== undefined) return yield* incapable(model, capability)
        const { pages, units } = yield* send(
          adapter.extract({ ...requestOf(job, file), wire, alsoSending: meter.sent }),
          { meter, path: meta.path, texts: file._tag === "Url" ? [file.url] : [] }
        )
        meter.add(units)
        if (pages.length === 0) {
          return yield* fail(
            new Reason.ResponseInvalid({ ...by(model), category: "content", defect: "it holds no page" })
          )
        }
        return yield* Effect.forEach(limited(pages, job.maxPageImages), (page) => content(meta.runId, page))
      })
    )
  })

  return (job) => {
    const { model } = job.setting
    if (job.pageImageCaptions === true && !model.outputs.includes("captions")) {
      return Effect.fail(incapable(model, "captions of images"))
    }
    return isLocal(model) ? local(job) : remote(job)
  }
}
