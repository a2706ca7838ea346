import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Buffer } from "node:buffer"
import type { ExtractRequest } from "../../../src/provider/Adapter.ts"
import * as Ocr from "../../../src/provider/mistral/Ocr.ts"
import * as Wire from "../Wire.ts"

const png = Buffer.from("\x89PNG\r\n\x1a\n", "latin1")

const request: ExtractRequest = {
  model: {
    handle: "mistral-ocr",
    family: "text_extractor",
    backend: "mine",
    sdk: "mistral",
    modelId: "ocr-latest",
    inputs: ["pdf", "image"],
    outputs: ["pages"],
    thinking: "none"
  },
  wire: Wire.wire("ocr-latest"),
  file: { _tag: "Url", url: "https://a.example/report.pdf" },
  kind: "document"
}

const answer = {
  pages: [
    {
      index: 0,
      markdown: "# One",
      images: [
        { id: "img-0", image_base64: `data:image/png;base64,${png.toString("base64")}` },
        { id: "img-1", image_base64: png.toString("base64") },
        { id: "img-2", image_base64: null }
      ]
    },
    { index: 1, markdown: "Two", images: [] }
  ],
  model: "ocr-latest",
  usage_info: { pages_processed: 7, doc_size_bytes: 3 }
}

const local = {
  _tag: "Bytes",
  base64: Buffer.from("%PDF-1.7 local").toString("base64"),
  mimeType: "application/pdf",
  filename: "report.pdf"
} as const

/** The files API and the OCR, each with its own answer. */
const mistral = (replies: Readonly<Record<string, Wire.Reply>> = {}) =>
  Wire.backend(({ line }) =>
    Object.entries({
      ...replies,
      "POST /v1/ocr": replies["POST /v1/ocr"] ?? { body: answer },
      "POST /v1/files": replies["POST /v1/files"] ?? { body: { id: "file/1", purpose: "ocr" } },
      "GET /v1/files/": replies["GET /v1/files/"] ?? { body: { url: "https://signed.example/1" } },
      "DELETE /v1/files/": replies["DELETE /v1/files/"] ?? { body: { id: "file/1", deleted: true } }
    }).find(([start]) => line.startsWith(start))?.[1] ?? { status: 404, body: {} }
  )

const lines = (sent: ReadonlyArray<Wire.Request>) => sent.map(({ line }) => line)

const upload = [
  "POST /v1/files",
  "GET /v1/files/file%2F1/url?expiry=1",
  "POST /v1/ocr",
  "DELETE /v1/files/file%2F1"
]

describe("Mistral OCR", () => {
  it.live("reads a document by its address, into pages of Markdown with their pictures", () =>
    Effect.gen(function*() {
      const { context, sent } = yield* mistral()
      const reply = yield* Ocr.make(context).extract(request)
      assert.deepStrictEqual(reply.units, { pages: 7 })
      assert.deepStrictEqual(reply.pages.map(({ text }) => text), ["# One", "Two"])
      assert.deepStrictEqual(
        reply.pages.map(({ images }) => images.map(({ bytes, mimeType }) => [Buffer.from(bytes), mimeType])),
        [[[png, "image/png"], [png, "image/png"]], []]
      )
      assert.deepStrictEqual(sent.map(Wire.jsonOf), [{
        model: "ocr-latest",
        document: { type: "document_url", document_url: "https://a.example/report.pdf" },
        include_image_base64: true
      }])
      assert.deepInclude(sent[0]?.headers, { authorization: "Bearer hush", "x-extra": "one" })
    }))

  it.live("tells of each request that it makes beside the first", () =>
    Effect.gen(function*() {
      const { context, sent } = yield* mistral()
      let further = 0
      const alsoSending = () => {
        further += 1
      }
      const { extract } = Ocr.make(context)
      yield* extract({ ...request, alsoSending })
      assert.deepStrictEqual([further, sent.length], [0, 1])
      yield* extract({ ...request, file: local, alsoSending })
      assert.deepStrictEqual([further, sent.length], [3, 5])
    }))

  it.live("asks for as many pictures as are wanted, and for none where none are", () =>
    Effect.gen(function*() {
      const { context, sent } = yield* mistral()
      const ocr = Ocr.make(context)
      yield* ocr.extract({ ...request, maxPageImages: 0 })
      yield* ocr.extract({ ...request, maxPageImages: 4, imageMinSize: 50 })
      const document = { type: "document_url", document_url: "https://a.example/report.pdf" }
      assert.deepStrictEqual(sent.map(Wire.jsonOf), [
        { model: "ocr-latest", document, include_image_base64: false },
        { model: "ocr-latest", document, include_image_base64: true, image_limit: 4, image_min_size: 50 }
      ])
    }))

  it.live("sends an image by its address, or within the request", () =>
    Effect.gen(function*() {
      const { context, sent } = yield* mistral()
      const ocr = Ocr.make(context)
      yield* ocr.extract({ ...request, kind: "image", file: { _tag: "Url", url: "https://a.example/a.png" } })
      yield* ocr.extract({
        ...request,
        kind: "image",
        file: { _tag: "Bytes", base64: png.toString("base64"), mimeType: "image/png" }
      })
      assert.deepStrictEqual(
        sent.map((each) => (Wire.jsonOf(each) as { document: unknown }).document),
        [
          { type: "image_url", image_url: "https://a.example/a.png" },
          { type: "image_url", image_url: `data:image/png;base64,${png.toString("base64")}` }
        ]
      )
    }))

  it.live("uploads a local document, reads it by a signed link, and takes the upload back", () =>
    Effect.gen(function*() {
      const { context, sent } = yield* mistral()
      const reply = yield* Ocr.make(context).extract({ ...request, file: local })
      assert.lengthOf(reply.pages, 2)
      assert.deepStrictEqual(lines(sent), upload)
      const [form, , ocr] = sent
      assert.match(form?.headers["content-type"] ?? "", /^multipart\/form-data; boundary=/)
      assert.match(form?.body ?? "", /name="purpose"\r\n\r\nocr\r\n/)
      assert.match(
        form?.body ?? "",
        /name="file"; filename="report.pdf"\r\nContent-Type: application\/pdf\r\n\r\n%PDF-1.7 local/
      )
      assert.deepInclude(Wire.jsonOf(ocr ?? { line: "", headers: {}, body: "{}" }), {
        document: { type: "document_url", document_url: "https://signed.example/1" }
      })
      assert.isTrue(sent.every(({ headers }) => headers.authorization === "Bearer hush"))
    }))

  it.live("takes the upload back where reading it fails, and fails of that alone", () =>
    Effect.gen(function*() {
      const { context, sent } = yield* mistral({
        "POST /v1/ocr": { status: 429, body: { message: "slow down" } },
        "DELETE /v1/files/": { status: 500, body: {} }
      })
      const error = yield* Effect.flip(Ocr.make(context).extract({ ...request, file: local }))
      assert.deepInclude(error.metadata, { provider: "mistral", status: 429 })
      assert.deepStrictEqual(lines(sent), upload)
    }))

  it.live("reads nothing where the upload fails", () =>
    Effect.gen(function*() {
      const { context, sent } = yield* mistral({ "POST /v1/files": { status: 413, body: {} } })
      const error = yield* Effect.flip(Ocr.make(context).extract({ ...request, file: local }))
      assert.strictEqual(error.metadata.status, 413)
      assert.deepStrictEqual(lines(sent), ["POST /v1/files"])
    }))

  it.live("cannot use what is not an answer", () =>
    Effect.gen(function*() {
      for (
        const body of ["<html>", {}, { pages: [{}] }, { pages: [{ markdown: "", images: [{ image_base64: "*" }] }] }]
      ) {
        const { context } = yield* mistral({ "POST /v1/ocr": { body } })
        assert.strictEqual((yield* Effect.flip(Ocr.make(context).extract(request))).kind, "unreadable")
      }
    }))
})
