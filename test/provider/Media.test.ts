import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Buffer } from "node:buffer"
import type { Files } from "../../src/provider/Files.ts"
import * as Media from "../../src/provider/Media.ts"

const reading = (
  bytes: string | Buffer,
  kind: Media.Kind,
  given: { readonly mimeType?: string; readonly filename?: string } = {}
): Media.Reading => {
  const files: Files["Service"] = {
    read: () => Effect.succeed({ bytes: Buffer.from(bytes), mimeType: "application/octet-stream", ...given })
  }
  return { files, kind, passesUrls: false, pipe: "ask" }
}

describe("a file for a model", () => {
  it.effect("has the type that its bytes show, or else the one that is said of it", () =>
    Effect.gen(function*() {
      const typed = (bytes: string | Buffer, mimeType?: string) =>
        Effect.map(
          Media.read(reading(bytes, "document"), { url: "x", ...(mimeType === undefined ? {} : { mimeType }) }),
          (media) => media._tag === "Bytes" ? media.mimeType : media._tag
        )
      const noise = Buffer.from("0001feff8081", "hex")
      assert.deepStrictEqual(
        yield* Effect.all([typed("%PDF-1.4", "text/html"), typed(noise, "application/x-odd"), typed(noise)]),
        ["application/pdf", "application/x-odd", "application/octet-stream"]
      )
    }))

  it.effect("keeps its name; a document without one is named after its content, an image is not", () =>
    Effect.gen(function*() {
      const named = (kind: Media.Kind, given: { readonly filename?: string }, ref: { readonly filename?: string }) =>
        Effect.map(
          Media.read(reading("%PDF-1.4", kind, { mimeType: "application/pdf", ...given }), { url: "x", ...ref }),
          ({ filename }) => filename
        )
      const [said, found, unnamed, image] = yield* Effect.all([
        named("document", { filename: "a.pdf" }, { filename: "b.pdf" }),
        named("document", { filename: "a.pdf" }, {}),
        named("document", {}, {}),
        named("image", {}, {})
      ])
      assert.deepStrictEqual([said, found, image], ["b.pdf", "a.pdf", undefined])
      assert.match(unnamed ?? "", /^document_[0-9a-f]{12}\.pdf$/)
    }))

  it("is of the kind that its type or its address tells, and a PDF when neither does", () => {
    const at = (url: string, filename?: string) =>
      Media.typeName({ _tag: "Url", url, ...(filename === undefined ? {} : { filename }) })
    assert.deepStrictEqual(
      [at("https://a.org/b.docx?x=.txt#y"), at("https://a.org/b"), at("https://a.org/b", "c.csv")],
      ["docx", "pdf", "csv"]
    )
    assert.strictEqual(Media.typeName({ _tag: "Bytes", base64: "", mimeType: "text/markdown; charset=utf-8" }), "md")
  })
})
