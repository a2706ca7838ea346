import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Buffer } from "node:buffer"
import { fail } from "../../src/failure/PipeFailure.ts"
import * as Reason from "../../src/failure/Reason.ts"
import type { Handlers, Job } from "../../src/program/Leaves.ts"
import type { Model } from "../../src/program/Models.ts"
import type { ExtractReply, ExtractRequest } from "../../src/provider/Adapter.ts"
import { sending } from "../../src/provider/Calling.ts"
import * as Extraction from "../../src/provider/Extraction.ts"
import type { Files } from "../../src/provider/Files.ts"
import { ProviderError } from "../../src/provider/transport/ProviderError.ts"
import { layerMemory, Storage } from "../../src/storage/Storage.ts"
import { inference } from "./Scripted.ts"

const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64"
)

const scanner: Model = {
  handle: "scan-1",
  family: "text_extractor",
  backend: "acme",
  sdk: "acme_ocr",
  modelId: "scan",
  inputs: ["pdf", "image"],
  outputs: ["pages"],
  thinking: "none"
}

interface Page {
  readonly text_and_images: {
    readonly images: ReadonlyArray<{ readonly url: string }>
    readonly raw_html: string | null
  }
}

type ExtractJob = Job<"act_extract_gen_extract_pages">

const job = (more: Partial<ExtractJob> = {}, model: Partial<Model> = {}): ExtractJob => ({
  meta: { runId: "r", userId: "u", pipe: "read", domain: "d", path: "read#0" },
  setting: { model: { ...scanner, ...model }, settings: {} },
  file: { url: "https://a.example/report.pdf" },
  kind: "document",
  ...more
})

const page = (text: string, images = 0): ExtractReply["pages"][number] => ({
  text,
  images: Array.from({ length: images }, () => ({ bytes: png, caption: `of ${text}` }))
})

const files: Files["Service"] = {
  read: (url, what) =>
    url.endsWith(".pdf")
      ? Effect.succeed({ bytes: Buffer.from("%PDF-1.7"), mimeType: "application/pdf", filename: "local.pdf" })
      : url.endsWith(".png")
      ? Effect.succeed({ bytes: png, mimeType: "image/png" })
      : url.endsWith(".txt")
      ? Effect.succeed({ bytes: Buffer.from("text"), mimeType: "text/plain" })
      : Effect.fail(fail(new Reason.FileRefused({ what, why: "not_found" })))
}

const nobody: Handlers["act_extract_gen_extract_pages"] = () => Effect.die("the local extractor was asked")

/** The leaf over an adapter with one answer, and the requests that reached it. */
const extracting = (
  asked: ExtractJob,
  answer: ExtractReply["pages"] | ProviderError = [page("one")],
  given: { readonly passesUrls?: boolean; readonly local?: Handlers["act_extract_gen_extract_pages"] } = {}
) =>
  Effect.gen(function*() {
    const sent: Array<ExtractRequest> = []
    const { model } = asked.setting
    const storage = yield* Storage
    const handler = Extraction.handler({
      files,
      storage,
      extract: () =>
        Effect.succeed({
          adapter: {
            passesUrls: given.passesUrls ?? true,
            extract: (request) =>
              Effect.suspend(() => {
                sent.push(request)
                return answer instanceof ProviderError
                  ? Effect.fail(answer)
                  : Effect.succeed({ pages: answer, units: { pages: answer.length } })
              })
          },
          wire: { modelId: model.modelId, headers: {}, rules: {} },
          send: sending(model, inference)
        })
    }, given.local ?? nobody)
    const result = yield* Effect.result(handler(asked))
    return { result, sent, storage }
  }).pipe(Effect.provide(layerMemory))

const succeeded = (asked: ExtractJob, answer?: ExtractReply["pages"]) =>
  Effect.flatMap(
    extracting(asked, answer),
    ({ result, sent, storage }) => Effect.map(Effect.fromResult(result), (value) => ({ ...value, sent, storage }))
  )

const failed = (...args: Parameters<typeof extracting>) =>
  Effect.flatMap(
    extracting(...args),
    ({ result, sent }) => Effect.map(Effect.flip(Effect.fromResult(result)), (failure) => ({ failure, sent }))
  )

describe("an extraction", () => {
  it.effect("gives a Page per page, its images put among the run's artefacts, and what it cost", () =>
    Effect.gen(function*() {
      const { sent, storage, usage, value } = yield* succeeded(job(), [
        { ...page("one", 1), rawHtml: "<p>one</p>" },
        page("two")
      ])
      const [, second] = value
      const [first] = value as unknown as ReadonlyArray<Page>
      assert.deepStrictEqual(second, {
        text_and_images: { text: { text: "two" }, images: [], raw_html: null },
        page_view: null
      })
      assert.strictEqual(first?.text_and_images.raw_html, "<p>one</p>")
      const [image] = first?.text_and_images.images ?? []
      assert.deepInclude(image as object, { mime_type: "image/png", width: 1, height: 1, caption: "of one" })
      assert.match(image?.url ?? "", /^pipelex-storage:\/\/r\/generated\//)
      assert.deepStrictEqual(Buffer.from(yield* storage.get(image?.url ?? "")), png)
      assert.deepInclude(usage, { model: "scan-1", backend: "acme", modelId: "scan", requests: 1, units: { pages: 2 } })
      assert.deepStrictEqual(sent[0]?.file, { _tag: "Url", url: "https://a.example/report.pdf" })
    }))

  it.effect("keeps the first images of the document where their number is limited", () =>
    Effect.gen(function*() {
      const counts = (most: number) =>
        Effect.map(
          succeeded(job({ maxPageImages: most }), [page("one", 2), page("two", 2), page("three", 1)]),
          ({ value }) => (value as unknown as ReadonlyArray<Page>).map((each) => each.text_and_images.images.length)
        )
      assert.deepStrictEqual(yield* counts(0), [0, 0, 0])
      assert.deepStrictEqual(yield* counts(3), [2, 1, 0])
      assert.deepStrictEqual(yield* counts(9), [2, 2, 1])
    }))

  it.effect("hands over bytes of what is not on the web, and of everything to an adapter that takes no addresses", () =>
    Effect.gen(function*() {
      const { sent } = yield* succeeded(job({ file: { url: "/tmp/local.pdf" }, renderJs: true, maxPageImages: 2 }))
      assert.deepInclude(sent[0], { kind: "document", renderJs: true, maxPageImages: 2 })
      assert.deepStrictEqual(sent[0]?.file, {
        _tag: "Bytes",
        base64: Buffer.from("%PDF-1.7").toString("base64"),
        mimeType: "application/pdf",
        filename: "local.pdf"
      })
      const fetched = yield* extracting(job(), undefined, { passesUrls: false })
      assert.strictEqual(fetched.sent[0]?.file._tag, "Bytes")
    }))

  it.effect("reads a document that is a picture as one", () =>
    Effect.gen(function*() {
      for (const url of ["/tmp/scan.png", "https://a.example/scan.png?x=1"]) {
        const { sent } = yield* succeeded(job({ file: { url } }))
        assert.strictEqual(sent[0]?.kind, "image")
      }
    }))

  it.effect("asks nothing of a model that cannot do it", () =>
    Effect.gen(function*() {
      const web = { inputs: ["web_page"] }
      const cases: ReadonlyArray<readonly [ExtractJob, string]> = [
        [job({ pageImageCaptions: true }), "captions of images"],
        [job({ pageImageCaptions: true }, { sdk: "pypdfium2" }), "captions of images"],
        [job({ kind: "image", file: { url: "/tmp/a.png" } }, { inputs: ["pdf"] }), "images as input"],
        [job({ file: { url: "/tmp/a.txt" } }), "txt documents"],
        [job({ file: { url: "https://a.example/a.docx" } }), "docx documents"],
        [job({ file: { url: "/tmp/a.pdf" } }, web), "documents that are not on the web"]
      ]
      for (const [asked, capability] of cases) {
        const { failure, sent } = yield* failed(asked)
        assert.strictEqual(failure.code, "model.capability_unsupported")
        assert.strictEqual("capability" in failure.reason ? failure.reason.capability : "", capability)
        assert.lengthOf(sent, 0)
      }
      yield* succeeded(job({ file: { url: "https://a.example/page.html" } }, web))
      yield* succeeded(job({ pageImageCaptions: true }, { outputs: ["pages", "captions"] }))
    }))

  it.effect("fails with what the file, the provider or the answer did, and what it cost", () =>
    Effect.gen(function*() {
      const missing = yield* failed(job({ file: { url: "/tmp/absent" } }))
      assert.deepStrictEqual([missing.failure.code, missing.sent.length], ["input.reference_not_found", 0])
      const refused = yield* failed(
        job(),
        new ProviderError({ kind: "status", metadata: { provider: "acme", status: 401 } })
      )
      assert.deepStrictEqual([refused.failure.code, refused.sent.length], ["provider.credential_refused", 1])
      assert.strictEqual(refused.failure.usage?.requests, 1)
      const empty = yield* failed(job(), [])
      assert.strictEqual(empty.failure.code, "provider.response_invalid")
    }))

  it.effect("is left to this process where its model is one", () =>
    Effect.gen(function*() {
      const local = () => Effect.succeed({ value: [], usage: { requests: 0, reasks: 0, units: {}, seconds: 0 } })
      const { result, sent } = yield* extracting(job({}, { sdk: "pypdfium2" }), undefined, { local })
      assert.strictEqual(result._tag, "Success")
      assert.lengthOf(sent, 0)
    }))
})
