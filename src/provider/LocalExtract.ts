import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { type Page, Pdf } from "../document/Pdf.ts"
import { fail } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import type { Usage } from "../failure/Usage.ts"
import type { Handlers } from "../program/Leaves.ts"
import { Storage } from "../storage/Storage.ts"
import { documentFailure } from "./FileFailure.ts"
import { Files } from "./Files.ts"
import * as StoredImage from "./StoredImage.ts"

/** Reads PDFs on this machine: text layer, embedded images and page views. No model, no network. */
const usage = (units: Usage["units"], seconds: number, model?: string): Usage => ({
  ...(model === undefined ? {} : { model, backend: "internal" }),
  requests: 0,
  reasks: 0,
  units,
  seconds
})

export const make = Effect.gen(function*() {
  const pdf = yield* Pdf
  const storage = yield* Storage
  const files = yield* Files

  const page = Effect.fnUntraced(function*(runId: string, { images, text }: Page) {
    const contents = yield* Effect.forEach(images, (image) => StoredImage.store(storage, runId, image))
    return { text_and_images: { text: { text }, images: contents, raw_html: null }, page_view: null }
  })

  const extract: Handlers["act_extract_gen_extract_pages"] = Effect.fn("LocalExtract.extract")(function*(job) {
    const model = job.setting.model.handle
    if (job.kind === "image") {
      return yield* fail(
        new Reason.CapabilityUnsupported({ model, provider: job.setting.model.backend, capability: "images as input" })
      )
    }
    const start = yield* Clock.currentTimeMillis
    const what = `the document of pipe "${job.meta.pipe}"`
    const { bytes } = yield* files.read(job.file.url, what)
    const pages = yield* Effect.mapError(
      pdf.extract(bytes, job.maxPageImages === undefined ? {} : { maxPageImages: job.maxPageImages }),
      documentFailure(what, model)
    )
    const value = yield* Effect.forEach(pages, (each) => page(job.meta.runId, each))
    const seconds = ((yield* Clock.currentTimeMillis) - start) / 1000
    return { value, usage: usage({ pages: pages.length }, seconds, model) }
  })

  const views: Handlers["act_render_page_views"] = Effect.fn("LocalExtract.views")(function*(job) {
    const start = yield* Clock.currentTimeMillis
    const what = `the document of pipe "${job.meta.pipe}"`
    const { bytes } = yield* files.read(job.file.url, what)
    const images = yield* Effect.mapError(pdf.renderPages(bytes, { dpi: job.dpi }), documentFailure(what))
    const value = yield* Effect.forEach(images, (image) => StoredImage.store(storage, job.meta.runId, image))
    return { value, usage: usage({}, ((yield* Clock.currentTimeMillis) - start) / 1000) }
  })

  return { extract, views }
})
