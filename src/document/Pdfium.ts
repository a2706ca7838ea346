/**
 * The pdfium library itself: its raw functions, and how to load it with a memory cap. Handles and pointers are numbers
 * into the wasm heap; whoever takes one closes or frees it.
 */
import { PDFiumModule } from "@hyzyla/pdfium"
import { readFile } from "node:fs/promises"
import { createRequire } from "node:module"

export type Handle = number

/** Whether the heap was ever refused growth: what failed after that failed for want of memory. */
export interface Heap {
  readonly outOfMemory: boolean
}

/** The functions used here; the package's own declaration lacks half of them. */
export interface Pdfium {
  readonly memory: { readonly buffer: ArrayBuffer }
  malloc(size: number): number
  free(pointer: number): void
  FPDF_InitLibrary(): void
  FPDF_LoadMemDocument(pointer: number, size: number, password: number): Handle
  FPDF_CloseDocument(document: Handle): void
  FPDF_GetLastError(): number
  FPDF_GetPageCount(document: Handle): number
  FPDF_LoadPage(document: Handle, index: number): Handle
  FPDF_ClosePage(page: Handle): void
  FPDF_GetPageWidthF(page: Handle): number
  FPDF_GetPageHeightF(page: Handle): number
  FPDF_GetPageBoundingBox(page: Handle, rect: number): number
  FPDF_RenderPageBitmap(
    bitmap: Handle,
    page: Handle,
    x: number,
    y: number,
    width: number,
    height: number,
    rotate: number,
    flags: number
  ): void
  FPDFText_LoadPage(page: Handle): Handle
  FPDFText_ClosePage(text: Handle): void
  FPDFText_GetBoundedText(
    text: Handle,
    left: number,
    top: number,
    right: number,
    bottom: number,
    buffer: number,
    length: number
  ): number
  FPDFPage_CountObjects(page: Handle): number
  FPDFPage_GetObject(page: Handle, index: number): Handle
  FPDFFormObj_CountObjects(form: Handle): number
  FPDFFormObj_GetObject(form: Handle, index: number): Handle
  FPDFPageObj_GetType(object: Handle): number
  FPDFImageObj_GetImagePixelSize(image: Handle, width: number, height: number): number
  FPDFImageObj_GetImageFilterCount(image: Handle): number
  FPDFImageObj_GetImageFilter(image: Handle, index: number, buffer: number, length: number): number
  FPDFImageObj_GetImageDataDecoded(image: Handle, buffer: number, length: number): number
  FPDFImageObj_GetBitmap(image: Handle): Handle
  FPDFBitmap_CreateEx(width: number, height: number, format: number, buffer: number, stride: number): Handle
  FPDFBitmap_Destroy(bitmap: Handle): void
  FPDFBitmap_FillRect(bitmap: Handle, x: number, y: number, width: number, height: number, color: number): void
  FPDFBitmap_GetBuffer(bitmap: Handle): number
  FPDFBitmap_GetWidth(bitmap: Handle): number
  FPDFBitmap_GetHeight(bitmap: Handle): number
  FPDFBitmap_GetStride(bitmap: Handle): number
  FPDFBitmap_GetFormat(bitmap: Handle): number
}

/** The part of the global used here: Node's types leave it to the browser's. */
declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<object>
  instantiate(module: object, imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>): Promise<object>
}

/** Compiles pdfium with a heap that refuses to grow past `maxHeapBytes`. */
export const load = async (maxHeapBytes: number): Promise<{ readonly pdfium: Pdfium; readonly heap: Heap }> => {
  const heap = { outOfMemory: false }
  const file = createRequire(import.meta.url).resolve("@hyzyla/pdfium/pdfium.wasm")
  const compiled = await WebAssembly.compile(await readFile(file))
  const { promise: failed, reject } = Promise.withResolvers<never>()
  const loaded = PDFiumModule({
    instantiateWasm: (imports, done) => {
      const environment = imports["env"] ?? {}
      const grow = environment["emscripten_resize_heap"]
      const guarded = (size: number): unknown => {
        if (size >>> 0 > maxHeapBytes || typeof grow !== "function") {
          heap.outOfMemory = true
          return 0
        }
        return grow(size)
      }
      WebAssembly.instantiate(compiled, { ...imports, env: { ...environment, emscripten_resize_heap: guarded } })
        .then(done)
        .catch(reject)
      return {}
    }
  })
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the package declares only two of its wasm exports
  const pdfium = (await Promise.race([loaded, failed])).wasmExports as unknown as Pdfium
  pdfium.FPDF_InitLibrary()
  return { pdfium, heap }
}
