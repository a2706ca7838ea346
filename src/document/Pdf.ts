/**
 * Text, embedded images and page pictures of PDF files. Files are read by pdfium in child processes with capped memory
 * and time, started at first use, reused, and ended when idle or with the layer: a hostile file costs one typed failure.
 * Scanned pages give empty text: nothing here recognises characters.
 */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Semaphore from "effect/Semaphore"
import { DocumentError } from "./DocumentError.ts"
import * as Mime from "./Mime.ts"
import * as PdfChild from "./PdfChild.ts"
import { ImageFile, type Job, type JobLimits, Page } from "./PdfProtocol.ts"

export { ImageFile, Page } from "./PdfProtocol.ts"

export class Pdf extends Context.Service<Pdf, {
  /** Every page's text layer, and embedded images: all of them, or the first `maxPageImages` of the document. */
  extract(
    bytes: Uint8Array,
    options?: { readonly maxPageImages?: number | undefined }
  ): Effect.Effect<ReadonlyArray<Page>, DocumentError>
  /** Every page as a PNG on white. */
  renderPages(
    bytes: Uint8Array,
    options?: { readonly dpi?: number | undefined }
  ): Effect.Effect<ReadonlyArray<ImageFile>, DocumentError>
}>()("pipelex/document/Pdf") {}

export interface Limits extends JobLimits, PdfChild.Limits {
  readonly maxInputBytes: number
  /** Wall time of one job, not counting its wait for a free process. */
  readonly maxTime: Duration.Input
  readonly maxProcesses: number
  readonly maxIdle: Duration.Input
}

const MiB = 1024 * 1024

/** Read when the layer is built. */
export const CurrentLimits = Context.Reference<Limits>("pipelex/document/Pdf/CurrentLimits", {
  defaultValue: () => ({
    maxInputBytes: 100 * MiB,
    maxPages: 2000,
    maxPixels: 40_000_000,
    maxOutputBytes: 256 * MiB,
    maxHeapBytes: 512 * MiB,
    maxResidentBytes: 1536 * MiB,
    maxTime: "1 minute",
    maxProcesses: 2,
    maxIdle: "10 seconds"
  })
})

export const defaultDpi = 72
const maxDpi = 2400

export const layer = Layer.effect(
  Pdf,
  Effect.gen(function*() {
    const limits = yield* CurrentLimits
    const children = yield* childPool(limits)
    const processes = yield* Semaphore.make(limits.maxProcesses)

    const runOn = (child: PdfChild.PdfChild, job: Job) =>
      Effect.timeoutOrElse(child.run(job), {
        duration: limits.maxTime,
        orElse: () =>
          new DocumentError({
            reason: "timed_out",
            detail: `reading the PDF takes longer than ${Duration.format(Duration.fromInputUnsafe(limits.maxTime))}`
          })
      })

    const run = Effect.fnUntraced(
      function*(job: Job) {
        const { length } = yield* checkInput(job.bytes, limits.maxInputBytes)
        yield* Effect.annotateCurrentSpan({ "pipelex.pdf.bytes": length })
        return yield* Effect.acquireUseRelease(
          Effect.sync(children.take),
          (child) => runOn(child, job),
          (child) => Effect.sync(() => children.park(child))
        )
      },
      (self) => processes.withPermit(self)
    )

    return Pdf.of({
      extract: Effect.fn("Pdf.extract")(function*(bytes, options) {
        const asked = options?.maxPageImages
        const maxPageImages = asked === undefined ? {} : { maxPageImages: asked }
        const pages = yield* run({ kind: "extract", bytes, limits: jobLimits(limits), ...maxPageImages })
        return pages.filter(Schema.is(Page))
      }),
      renderPages: Effect.fn("Pdf.renderPages")(function*(bytes, options) {
        const dpi = options?.dpi ?? defaultDpi
        if (!(dpi > 0 && dpi <= maxDpi)) {
          return yield* new DocumentError({ reason: "unsupported", detail: `pages cannot be drawn at ${dpi} dpi` })
        }
        const views = yield* run({ kind: "render", bytes, dpi, limits: jobLimits(limits) })
        return views.filter(Schema.is(ImageFile))
      })
    })
  })
)

const jobLimits = ({ maxOutputBytes, maxPages, maxPixels }: Limits): JobLimits => ({
  maxOutputBytes,
  maxPages,
  maxPixels
})

const checkInput = Effect.fnUntraced(function*(bytes: Uint8Array, maxInputBytes: number) {
  if (bytes.length > maxInputBytes) {
    const detail = `the document has ${bytes.length} bytes, the limit is ${maxInputBytes}`
    return yield* new DocumentError({ reason: "too_large", detail })
  }
  const mime = Mime.sniff(bytes)
  if (mime === undefined || mime.startsWith("text/")) {
    return yield* new DocumentError({ reason: "unreadable", detail: "the document is not a PDF" })
  }
  if (mime !== "application/pdf") {
    return yield* new DocumentError({ reason: "unsupported", detail: `the document is not a PDF but ${mime}` })
  }
  return bytes
})

/** The children, busy and idle. Idle timers hold nothing alive, and the layer's scope ends every child. */
const childPool = (limits: Limits) => {
  const maxIdle = Duration.toMillis(limits.maxIdle)
  return Effect.acquireRelease(
    Effect.sync(() => {
      const all = new Set<PdfChild.PdfChild>()
      const idle = new Map<PdfChild.PdfChild, NodeJS.Timeout>()
      const spawn = (): PdfChild.PdfChild => {
        const child = PdfChild.spawn(limits)
        all.add(child)
        return child
      }
      const take = (): PdfChild.PdfChild => {
        for (const [child, timer] of idle) {
          idle.delete(child)
          clearTimeout(timer)
          if (child.healthy) return child
          all.delete(child)
        }
        return spawn()
      }
      const end = (child: PdfChild.PdfChild): void => {
        idle.delete(child)
        all.delete(child)
        child.kill()
      }
      const park = (child: PdfChild.PdfChild): void => {
        if (child.healthy && all.has(child)) idle.set(child, setTimeout(end, maxIdle, child).unref())
        else end(child)
      }
      return { take, park, endAll: () => Array.from(all).forEach(end) }
    }),
    ({ endAll }) => Effect.sync(endAll)
  )
}
