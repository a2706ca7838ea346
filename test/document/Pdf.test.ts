import { assert, describe, it, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import { Buffer } from "node:buffer"
import { execFile } from "node:child_process"
import { existsSync, globSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import process from "node:process"
import { promisify } from "node:util"
import * as ImageHeader from "../../src/document/ImageHeader.ts"
import * as Pdf from "../../src/document/Pdf.ts"
import * as Pdfs from "./pdfs.ts"

const limits = Pdf.CurrentLimits.defaultValue()
const layerWith = (changes: Partial<Pdf.Limits>) =>
  Pdf.layer.pipe(Layer.provide(Layer.succeed(Pdf.CurrentLimits, { ...limits, ...changes })))

const realClock = { excludeTestServices: true }
const file = (path: string): Uint8Array => readFileSync(new URL(path, import.meta.url))

layer(layerWith({}), realClock)("Pdf", (it) => {
  it.effect("gives each page's text, and embedded images down into forms", () =>
    Effect.gen(function*() {
      const pdf = yield* Pdf.Pdf
      const [page] = yield* pdf.extract(Pdfs.withImages(30, 20))
      assert.deepStrictEqual(page?.images.map(({ height, width }) => [width, height]), [[30, 20], [30, 20]])
      for (const image of page?.images ?? []) {
        assert.deepStrictEqual(ImageHeader.read(image.bytes), { mimeType: "image/png", width: 30, height: 20 })
      }
      assert.strictEqual((yield* pdf.extract(Pdfs.text("hello")))[0]?.text, "hello")
    }))

  it.effect("limits images over the whole document, and text comes without them", () =>
    Effect.gen(function*() {
      const pdf = yield* Pdf.Pdf
      const counts = yield* Effect.forEach([0, 1, 5], (maxPageImages) =>
        Effect.map(pdf.extract(Pdfs.withImages(3, 2), { maxPageImages }), ([page]) =>
          page?.images.length))
      assert.deepStrictEqual(counts, [0, 1, 2])
    }))

  it.effect("draws pages at the asked resolution, sides rounded up", () =>
    Effect.gen(function*() {
      const pdf = yield* Pdf.Pdf
      const sizes = yield* Effect.forEach([undefined, 36, 100.5], (dpi) =>
        Effect.map(pdf.renderPages(Pdfs.text("hello"), { dpi }), ([view]) => {
          assert.deepStrictEqual(ImageHeader.read(view?.bytes ?? new Uint8Array()), {
            mimeType: "image/png",
            width: view?.width ?? 0,
            height: view?.height ?? 0
          })
          return [view?.width, view?.height]
        }))
      assert.deepStrictEqual(sizes, [[612, 792], [306, 396], [855, 1106]])
      assert.strictEqual(
        (yield* Effect.flip(pdf.renderPages(Pdfs.text(""), { dpi: Number.NaN }))).reason,
        "unsupported"
      )
    }))

  const sound = Pdfs.text("BT")
  const hostile: ReadonlyArray<readonly [name: string, bytes: () => Uint8Array, reason: string | undefined]> = [
    ["noise", () => new Uint8Array(500).fill(200), "unreadable"],
    ["another format", () => Buffer.from("GIF89a"), "unsupported"],
    ["a header and noise", () => Buffer.from(`%PDF-1.7\n${"<".repeat(3000)}`), "unreadable"],
    ["a cut file", () => sound.subarray(0, 250), "unreadable"],
    ["a password", () => file("fixtures/protected.pdf"), "unreadable"],
    ["a drawing that draws itself", () => Pdfs.selfDrawingForm, "out_of_memory"],
    ["a stream bomb", Pdfs.streamBomb, "out_of_memory"],
    ["an image bomb", () => Pdfs.imageBomb(60_000), "too_large"],
    ["too many pages", () => Pdfs.manyPages(limits.maxPages + 1), "too_large"],
    ["pages that promise a billion", () => Pdfs.cyclicPages, undefined],
    ["arrays two million deep", () => Pdfs.deepArrays, undefined],
    ["dictionaries a third of a million deep", () => Pdfs.deepDictionary, "unreadable"],
    ["no page", () => Pdfs.empty, undefined]
  ]
  it.effect.each(hostile)("survives %s", ([, bytes, reason]) =>
    Effect.gen(function*() {
      const pdf = yield* Pdf.Pdf
      const failure = yield* Effect.match(pdf.extract(bytes()), {
        onFailure: (error) => error.reason,
        onSuccess: () => undefined
      })
      assert.strictEqual(failure, reason)
      assert.strictEqual((yield* pdf.extract(Pdfs.text("next")))[0]?.text, "next")
    }), 20_000)

  it.effect("refuses to draw a page of too many pixels", () =>
    Effect.gen(function*() {
      const pdf = yield* Pdf.Pdf
      assert.strictEqual((yield* Effect.flip(pdf.renderPages(Pdfs.hugePage))).reason, "too_large")
    }))

  it.effect("an interrupted job ends at once, and the next one works", () =>
    Effect.gen(function*() {
      const pdf = yield* Pdf.Pdf
      const slow = yield* Effect.forkChild(pdf.renderPages(Pdfs.slow(3000)))
      yield* Effect.sleep("300 millis")
      yield* Effect.timeout(Fiber.interrupt(slow), "10 seconds")
      assert.strictEqual((yield* pdf.extract(Pdfs.text("next")))[0]?.text, "next")
    }))

  it.effect("runs more jobs than it has processes, each with its own answer", () =>
    Effect.gen(function*() {
      const pdf = yield* Pdf.Pdf
      const names = Array.from({ length: 12 }, (_, index) => `job ${index}`)
      const texts = yield* Effect.forEach(names, (name) => pdf.extract(Pdfs.text(name)), { concurrency: "unbounded" })
      assert.deepStrictEqual(texts.map(([page]) => page?.text), names)
    }))
})

layer(layerWith({ maxTime: "4 seconds", maxInputBytes: 1_000_000 }), realClock)("Pdf under tight limits", (it) => {
  it.effect("stops a job that takes too long, and the next one works", () =>
    Effect.gen(function*() {
      const pdf = yield* Pdf.Pdf
      assert.strictEqual((yield* Effect.flip(pdf.renderPages(Pdfs.slow(3000)))).reason, "timed_out")
      assert.strictEqual((yield* pdf.extract(Pdfs.text("next")))[0]?.text, "next")
    }))

  it.effect("does not start on a file over the size limit", () =>
    Effect.gen(function*() {
      const pdf = yield* Pdf.Pdf
      assert.strictEqual((yield* Effect.flip(pdf.extract(Pdfs.deepArrays))).reason, "too_large")
    }))
})

layer(layerWith({ maxResidentBytes: 1 }), realClock)("Pdf in a process that takes too much memory", (it) => {
  it.effect("is ended from within", () =>
    Effect.gen(function*() {
      const pdf = yield* Pdf.Pdf
      assert.strictEqual((yield* Effect.flip(pdf.renderPages(Pdfs.slow(3000)))).reason, "out_of_memory")
    }))
})

it("an open layer with a waiting child keeps no process alive", async () => {
  const program = `
    import * as Effect from "effect/Effect"
    import * as ManagedRuntime from "effect/ManagedRuntime"
    import * as Pdf from ${JSON.stringify(new URL("../../src/document/Pdf.ts", import.meta.url).href)}
    const bytes = new Uint8Array(JSON.parse(${JSON.stringify(JSON.stringify([...Pdfs.text("hello")]))}))
    const runtime = ManagedRuntime.make(Pdf.layer)
    const pages = await runtime.runPromise(Pdf.Pdf.use((pdf) => pdf.extract(bytes)))
    process.stdout.write(pages[0].text)`
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], {
    timeout: 25_000
  })
  assert.strictEqual(stdout, "hello")
}, 30_000)

/** Every list of pages in what the reference left in memory, at any depth. */
const pageLists = (value: unknown): ReadonlyArray<ReadonlyArray<string>> => {
  if (typeof value !== "object" || value === null) return []
  const texts = Array.isArray(value) ? value.map(pageText) : []
  return texts.length > 0 && texts.every((text) => text !== undefined)
    ? [texts]
    : Object.values(value).flatMap(pageLists)
}

const pageText = (value: { text_and_images?: { text?: { text?: string } } } | null): string | undefined =>
  value?.text_and_images?.text?.text

const corpus = new URL("../../../shared/conformance", import.meta.url).pathname
const cases = globSync(`${corpus}/{runs,methods}/*/expected/output.json`).flatMap((output) => {
  const folder = dirname(dirname(output))
  const lists = pageLists(JSON.parse(readFileSync(output, "utf8")).memory?.root)
  return lists.length === 0 ? [] : [{ name: folder.slice(corpus.length + 1), folder, lists }]
})

describe.skipIf(!existsSync(corpus))("the reference's extractions", () => {
  layer(layerWith({}), realClock)((it) => {
    it.effect.each(cases)(
      "$name: the text is the same to the character",
      ({ folder, lists }) =>
        Effect.gen(function*() {
          const pdf = yield* Pdf.Pdf
          const ours = yield* Effect.forEach(
            globSync(join(folder, "**/*.pdf")),
            (path) => Effect.map(pdf.extract(readFileSync(path)), (pages) => pages.map(({ text }) => text))
          )
          for (const list of lists) assert.deepInclude(ours, list)
        })
    )

    const views: ReadonlyArray<readonly [path: string, dpi: number, size: Array<number>]> = [
      ["runs/extract_page_views/doc.pdf", 36, [298, 421]],
      ["methods/method_documents_extract_page_contents_and_views/inputs/contract.pdf", 72, [612, 792]]
    ]
    it.effect.each(views)("%s: page views have the same size", ([path, dpi, size]) =>
      Effect.gen(function*() {
        const pdf = yield* Pdf.Pdf
        const ours = yield* pdf.renderPages(readFileSync(join(corpus, path)), { dpi })
        for (const { height, width } of ours) assert.deepStrictEqual([width, height], size)
      }))
  })
})
