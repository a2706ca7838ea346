import { assert, describe, it } from "@effect/vitest"
import { Concepts } from "../../src/concept/Concept.ts"
import * as ContentFiles from "../../src/concept/ContentFiles.ts"
import type { JsonObject } from "../../src/concept/Json.ts"
import { field, many, must, one, plain, structured } from "./Sample.ts"

const concepts = Concepts.make([
  plain("d.Scan", "native.Image"),
  structured(
    "d.File",
    field("cover", one("d.Scan")),
    field("annexes", many(one("native.Document")), must),
    field("by_name", { kind: "dict", value: one("native.Image") }, must),
    field("pages", many(one("native.Page")), must),
    field("url", "text", must)
  )
])

const file: JsonObject = {
  cover: { url: "cover" },
  annexes: [{ url: "a" }, { url: "b" }],
  by_name: { "x/y": { url: "named" } },
  pages: [{ text_and_images: { text: null, images: [{ url: "i" }], raw_html: null }, page_view: { url: "v" } }],
  url: "no file"
}

const shape = { concept: "d.File", plural: false }

describe("the files of a content", () => {
  it("are its images and documents at any depth but in texts and their images, each with its pointer", () => {
    assert.deepStrictEqual(
      ContentFiles.find(concepts, shape, file).map(({ content, kind, pointer }) => [kind, content["url"], pointer]),
      [
        ["image", "cover", "/cover"],
        ["document", "a", "/annexes/0"],
        ["document", "b", "/annexes/1"],
        ["image", "named", "/by_name/x~1y"],
        ["image", "v", "/pages/0/page_view"]
      ]
    )
  })

  it("are found in each item of a list, and in a content that is one itself", () => {
    const images = { items: [{ url: "a" }, { url: "b" }] }
    const found = ContentFiles.find(concepts, { concept: "d.Scan", plural: true }, images)
    assert.deepStrictEqual(found.map(({ pointer }) => pointer), ["/items/0", "/items/1"])
    const [only] = ContentFiles.find(concepts, { concept: "native.Document", plural: false }, { url: "d" })
    assert.deepStrictEqual(only, { kind: "document", content: { url: "d" }, pointer: "" })
  })

  it("are replaced in place, everything else kept", () => {
    const mapped = ContentFiles.map(concepts, shape, file, ({ content }) => ({ ...content, seen: true }))
    assert.deepStrictEqual(mapped, {
      ...file,
      cover: { url: "cover", seen: true },
      annexes: [{ url: "a", seen: true }, { url: "b", seen: true }],
      by_name: { "x/y": { url: "named", seen: true } },
      pages: [{
        text_and_images: { text: null, images: [{ url: "i" }], raw_html: null },
        page_view: { url: "v", seen: true }
      }]
    })
    assert.deepStrictEqual(ContentFiles.map(concepts, shape, file, ({ content }) => content), file)
  })

  it("are found among the components of a composite", () => {
    const composite = {
      concept: "native.Composite",
      plural: false,
      components: { scan: { concept: "d.Scan", plural: false }, all: { concept: "native.Image", plural: true } }
    }
    const content = { scan: { url: "a" }, all: { items: [{ url: "b" }] } }
    assert.deepStrictEqual(
      ContentFiles.find(concepts, composite, content).map(({ pointer }) => pointer),
      ["/scan", "/all/items/0"]
    )
  })
})
