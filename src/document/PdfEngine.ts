/**
 * Pdfium as this runtime uses it: text, embedded images and page bitmaps of one document at a time, over its raw
 * functions. Runs in the child process only (`PdfWorker`): a hostile file may make any call here trap or never return.
 * Text and images follow the reference's rules (pypdfium2: text inside the page's box, images to depth 15).
 */
import { Buffer } from "node:buffer"
import type { Reason } from "./DocumentError.ts"
import type { Handle, Heap, Pdfium } from "./Pdfium.ts"
import type { ImageFile, Job, JobLimits, Page } from "./PdfProtocol.ts"
import * as Png from "./Png.ts"

/** A failure the document itself causes; the engine stays usable after it. */
export class PdfProblem extends Error {
  override readonly name = "PdfProblem"
  readonly reason: Reason
  constructor(reason: Reason, detail: string) {
    super(detail)
    this.reason = reason
  }
}

const objectType = { image: 3, form: 5 } as const
const renderFlag = { annotations: 0x01, reverseByteOrder: 0x10 } as const
const bgrx = 3
const pointsPerInch = 72
/** The reference descends this far into form objects. */
const maxImageDepth = 15
const bitmapFormats: Readonly<Record<number, Png.PixelFormat>> = { 1: "gray", 2: "bgr", 3: "bgrx", 4: "bgra" }

const loadProblems: Readonly<Record<number, readonly [Reason, string]>> = {
  3: ["unreadable", "the document is not a readable PDF"],
  4: ["unreadable", "the PDF is protected by a password"],
  5: ["unreadable", "the PDF uses a protection that is not supported"]
}

export class PdfEngine {
  readonly #pdfium: Pdfium
  readonly #heap: Heap

  constructor({ heap, pdfium }: { readonly pdfium: Pdfium; readonly heap: Heap }) {
    this.#pdfium = pdfium
    this.#heap = heap
  }

  /** Whether the wasm heap was ever refused growth: what failed after that failed for want of memory. */
  get outOfMemory(): boolean {
    return this.#heap.outOfMemory
  }

  get heapBytes(): number {
    return this.#pdfium.memory.buffer.byteLength
  }

  /** Runs one job, giving each page as soon as it is ready. */
  *run(job: Job): Generator<Page | ImageFile> {
    const budget = new Budget(job.limits)
    const document = this.#open(job.bytes)
    try {
      const count = this.#pdfium.FPDF_GetPageCount(document.handle)
      if (count > job.limits.maxPages) {
        throw new PdfProblem("too_large", `the PDF has ${count} pages, the limit is ${job.limits.maxPages}`)
      }
      let images = job.kind === "extract" ? job.maxPageImages ?? Infinity : 0
      for (let index = 0; index < count; index++) {
        const page = this.#pdfium.FPDF_LoadPage(document.handle, index)
        if (page === 0) throw new PdfProblem("unreadable", `page ${index + 1} of the PDF cannot be read`)
        try {
          if (job.kind === "render") {
            yield this.#render(page, job.dpi, budget, `page ${index + 1}`)
          } else {
            const found = this.#extract(page, images, budget, `page ${index + 1}`)
            images -= found.images.length
            yield found
          }
        } finally {
          this.#pdfium.FPDF_ClosePage(page)
        }
      }
    } finally {
      document.close()
    }
  }

  #open(bytes: Uint8Array): { readonly handle: Handle; close(): void } {
    const pointer = this.#allocate(bytes.length)
    this.#bytes(pointer, bytes.length).set(bytes)
    const handle = this.#pdfium.FPDF_LoadMemDocument(pointer, bytes.length, 0)
    if (handle === 0) {
      const [reason, detail] = loadProblems[this.#pdfium.FPDF_GetLastError()] ??
        ["unreadable", "the PDF cannot be opened"]
      this.#pdfium.free(pointer)
      throw new PdfProblem(reason, detail)
    }
    return {
      handle,
      close: () => {
        this.#pdfium.FPDF_CloseDocument(handle)
        this.#pdfium.free(pointer)
      }
    }
  }

  #extract(page: Handle, maxImages: number, budget: Budget, where: string): Page {
    const text = this.#text(page, where)
    budget.spend(text.length * 2)
    const images: Array<ImageFile> = []
    let unreadableImages = 0
    if (maxImages > 0) {
      for (const object of this.#imageObjects(page)) {
        if (images.length >= maxImages) break
        const image = this.#image(object, budget, where)
        if (image === undefined) unreadableImages += 1
        else images.push(image)
      }
    }
    return { text, images, unreadableImages }
  }

  /** The text inside the page's box, lines ended by CR LF; halves of broken surrogate pairs are dropped. */
  #text(page: Handle, where: string): string {
    const pdfium = this.#pdfium
    const text = pdfium.FPDFText_LoadPage(page)
    if (text === 0) throw new PdfProblem("unreadable", `the text of ${where} of the PDF cannot be read`)
    try {
      const box = this.#box(page)
      const length = pdfium.FPDFText_GetBoundedText(text, ...box, 0, 0)
      if (length <= 0) return ""
      return this.#withBuffer(length * 2, (buffer) => {
        pdfium.FPDFText_GetBoundedText(text, ...box, buffer, length)
        return Buffer.from(pdfium.memory.buffer, buffer, length * 2).toString("utf16le").replace(/\p{Surrogate}/gu, "")
      })
    } finally {
      pdfium.FPDFText_ClosePage(text)
    }
  }

  #box(page: Handle): readonly [left: number, top: number, right: number, bottom: number] {
    return this.#withBuffer(16, (rect) => {
      if (this.#pdfium.FPDF_GetPageBoundingBox(page, rect) === 0) {
        throw new PdfProblem("unreadable", "a page of the PDF has no size")
      }
      const view = this.#view()
      const at = (index: number) => view.getFloat32(rect + 4 * index, true)
      return [at(0), at(1), at(2), at(3)]
    })
  }

  *#imageObjects(page: Handle): Generator<Handle> {
    const pdfium = this.#pdfium
    const walk = function*(
      count: number,
      object: (index: number) => Handle,
      depth: number
    ): Generator<Handle> {
      for (let index = 0; index < count; index++) {
        const handle = object(index)
        if (handle === 0) continue
        const type = pdfium.FPDFPageObj_GetType(handle)
        if (type === objectType.image) yield handle
        if (type === objectType.form && depth < maxImageDepth) {
          yield* walk(
            pdfium.FPDFFormObj_CountObjects(handle),
            (inner) => pdfium.FPDFFormObj_GetObject(handle, inner),
            depth + 1
          )
        }
      }
    }
    yield* walk(pdfium.FPDFPage_CountObjects(page), (index) => pdfium.FPDFPage_GetObject(page, index), 1)
  }

  /** A JPEG as it stands in the document, anything else as PNG; nothing when it cannot be decoded. */
  #image(image: Handle, budget: Budget, where: string): ImageFile | undefined {
    const pdfium = this.#pdfium
    const [width, height] = this.#withBuffer(8, (pointer) => {
      if (pdfium.FPDFImageObj_GetImagePixelSize(image, pointer, pointer + 4) === 0) return [0, 0] as const
      return [this.#view().getUint32(pointer, true), this.#view().getUint32(pointer + 4, true)] as const
    })
    if (width === 0 || height === 0) return undefined
    budget.checkPixels(width, height, `an image of ${where}`)
    if (this.#filters(image).includes("DCTDecode")) {
      const bytes = this.#imageData(image, budget)
      if (bytes !== undefined) return { bytes, mimeType: "image/jpeg", width, height }
    }
    const bitmap = pdfium.FPDFImageObj_GetBitmap(image)
    if (bitmap === 0) return undefined
    try {
      return this.#png(bitmap, budget)
    } finally {
      pdfium.FPDFBitmap_Destroy(bitmap)
    }
  }

  #filters(image: Handle): ReadonlyArray<string> {
    const size = 64
    return this.#withBuffer(
      size,
      (buffer) =>
        Array.from({ length: Math.min(this.#pdfium.FPDFImageObj_GetImageFilterCount(image), 16) }, (_, index) => {
          const length = this.#pdfium.FPDFImageObj_GetImageFilter(image, index, buffer, size)
          return length > size ? "" : Buffer.from(this.#pdfium.memory.buffer, buffer, length - 1).toString("latin1")
        })
    )
  }

  /** The image's own file after the lossless outer filters, when it is a JPEG. */
  #imageData(image: Handle, budget: Budget): Uint8Array | undefined {
    const length = this.#pdfium.FPDFImageObj_GetImageDataDecoded(image, 0, 0)
    budget.spend(length)
    return this.#withBuffer(length, (buffer) => {
      this.#pdfium.FPDFImageObj_GetImageDataDecoded(image, buffer, length)
      const bytes = this.#bytes(buffer, length).slice()
      return bytes[0] === 0xff && bytes[1] === 0xd8 ? bytes : undefined
    })
  }

  /** The page as it would be printed on white, annotations included, each side rounded up to whole pixels. */
  #render(page: Handle, dpi: number, budget: Budget, where: string): ImageFile {
    const pdfium = this.#pdfium
    const scale = dpi / pointsPerInch
    const width = Math.ceil(pdfium.FPDF_GetPageWidthF(page) * scale)
    const height = Math.ceil(pdfium.FPDF_GetPageHeightF(page) * scale)
    if (!(width > 0 && height > 0)) throw new PdfProblem("unreadable", `${where} of the PDF has no size`)
    budget.checkPixels(width, height, where)
    const bitmap = pdfium.FPDFBitmap_CreateEx(width, height, bgrx, 0, 0)
    if (bitmap === 0) throw new PdfProblem("out_of_memory", `no memory to draw ${where} of the PDF`)
    try {
      pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, 0xffffffff)
      const flags = renderFlag.annotations | renderFlag.reverseByteOrder
      pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, flags)
      return this.#png(bitmap, budget, "rgbx")
    } finally {
      pdfium.FPDFBitmap_Destroy(bitmap)
    }
  }

  #png(bitmap: Handle, budget: Budget): ImageFile | undefined
  #png(bitmap: Handle, budget: Budget, as: Png.PixelFormat): ImageFile
  #png(bitmap: Handle, budget: Budget, as?: Png.PixelFormat): ImageFile | undefined {
    const pdfium = this.#pdfium
    const format = as ?? bitmapFormats[pdfium.FPDFBitmap_GetFormat(bitmap)]
    if (format === undefined) return undefined
    const width = pdfium.FPDFBitmap_GetWidth(bitmap)
    const height = pdfium.FPDFBitmap_GetHeight(bitmap)
    budget.checkPixels(width, height, "an image")
    const stride = pdfium.FPDFBitmap_GetStride(bitmap)
    const start = pdfium.FPDFBitmap_GetBuffer(bitmap)
    const data = this.#bytes(start, stride * height)
    const bytes = Png.encode({ width, height, stride, format, data })
    budget.spend(bytes.length)
    return { bytes, mimeType: "image/png", width, height }
  }

  /** Views are made anew at each use: the heap's buffer is replaced whenever it grows. */
  #bytes(pointer: number, length: number): Uint8Array {
    return new Uint8Array(this.#pdfium.memory.buffer, pointer, length)
  }

  #view(): DataView {
    return new DataView(this.#pdfium.memory.buffer)
  }

  #allocate(size: number): number {
    const pointer = this.#pdfium.malloc(size)
    if (pointer === 0) throw new PdfProblem("out_of_memory", "no memory to read the PDF")
    return pointer
  }

  #withBuffer<A>(size: number, use: (pointer: number) => A): A {
    const pointer = this.#allocate(Math.max(size, 1))
    try {
      return use(pointer)
    } finally {
      this.#pdfium.free(pointer)
    }
  }
}

class Budget {
  readonly #limits: JobLimits
  #spent = 0

  constructor(limits: JobLimits) {
    this.#limits = limits
  }

  checkPixels(width: number, height: number, what: string): void {
    if (width * height > this.#limits.maxPixels) {
      const megapixels = Math.round(this.#limits.maxPixels / 1e6)
      throw new PdfProblem(
        "too_large",
        `${what} of the PDF has ${width} x ${height} pixels, over ${megapixels} million`
      )
    }
  }

  spend(bytes: number): void {
    this.#spent += bytes
    if (this.#spent > this.#limits.maxOutputBytes) {
      throw new PdfProblem("too_large", `what the PDF contains exceeds ${this.#limits.maxOutputBytes} bytes`)
    }
  }
}
