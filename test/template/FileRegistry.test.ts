import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as FileRegistry from "../../src/template/FileRegistry.ts"

describe("the files of a prompt", () => {
  it("are numbered in the order in which they are met, images and documents apart", () => {
    const files = FileRegistry.make()
    assert.strictEqual(files.image({ url: "a" }), "[Image 1]")
    assert.strictEqual(files.document({ url: "d" }), "[Document 1]")
    assert.strictEqual(files.image({ url: "b" }), "[Image 2]")
    assert.deepStrictEqual(files.registered(), {
      images: [{ url: "a" }, { url: "b" }],
      documents: [{ url: "d" }]
    })
  })

  it("are each there once, by their url", () => {
    const files = FileRegistry.make()
    files.image({ url: "a", caption: "first" })
    assert.strictEqual(files.image({ url: "a", caption: "second" }), "[Image 1]")
    assert.strictEqual(files.document({ url: "a" }), "[Image 1]")
    assert.deepStrictEqual(files.registered(), { images: [{ url: "a", caption: "first" }], documents: [] })
  })

  it("have a token once they are registered", () => {
    const files = FileRegistry.make()
    assert.isUndefined(files.token("a"))
    files.document({ url: "a" })
    assert.strictEqual(files.token("a"), "[Document 1]")
    for (const url of ["constructor", "__proto__", ""]) assert.isUndefined(files.token(url))
  })

  it.prop("have as many numbers as there are urls", [Schema.Array(Schema.String)], ([urls]) => {
    const files = FileRegistry.make()
    const tokens = urls.map((url) => files.image({ url }))
    const distinct = Array.from(new Set(urls))
    assert.deepStrictEqual(files.registered().images, distinct.map((url) => ({ url })))
    assert.deepStrictEqual(tokens, urls.map((url) => `[Image ${distinct.indexOf(url) + 1}]`))
  })
})
