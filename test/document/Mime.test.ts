import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { Buffer } from "node:buffer"
import * as ImageHeader from "../../src/document/ImageHeader.ts"
import * as Mime from "../../src/document/Mime.ts"
import * as Pdfs from "./pdfs.ts"
import { zip } from "./zip.ts"

const latin1 = (text: string) => new Uint8Array(Buffer.from(text, "latin1"))

describe("Mime.sniff", () => {
  const cases: ReadonlyArray<readonly [expected: string | undefined, bytes: Uint8Array]> = [
    ["application/pdf", Pdfs.text("hello")],
    ["application/pdf", latin1(`${" ".repeat(900)}%PDF-1.4`)],
    ["image/png", latin1("\x89PNG\r\n\x1a\n")],
    ["image/jpeg", latin1("\xff\xd8\xff\xe0")],
    ["image/gif", latin1("GIF89a")],
    ["image/webp", latin1("RIFF\0\0\0\0WEBPVP8 ")],
    ["image/svg+xml", latin1("<?xml version=\"1.0\"?>\n<!-- drawn -->\n<svg width=\"1\">")],
    ["text/html", latin1("\n  <!DOCTYPE html><html>")],
    ["application/xml", latin1("<?xml version=\"1.0\"?><note/>")],
    ["text/plain", Buffer.from("Ménage à trois, 三")],
    ["application/zip", zip(["a.txt"])],
    [Mime.fromName("a.docx"), zip(["[Content_Types].xml", "word/document.xml"])],
    [Mime.fromName("a.xlsx"), zip(["xl/workbook.xml"])],
    [Mime.fromName("a.pptx"), zip(["docProps/app.xml", "ppt/presentation.xml"])],
    [undefined, latin1("\x00\x01\x02")],
    [undefined, latin1("caf\xe9")],
    [undefined, new Uint8Array()]
  ]
  it.each(cases)("tells %s by its bytes", (expected, bytes) => {
    assert.strictEqual(Mime.sniff(bytes), expected)
  })

  it("holds no character against a text that the window cuts in two", () => {
    assert.strictEqual(Mime.sniff(Buffer.from(`${"a".repeat(4095)}é and more`)), "text/plain")
  })
})

describe("Mime.detect", () => {
  it("believes bytes over the name, and the name among formats that share a container", () => {
    assert.strictEqual(Mime.detect(Pdfs.text("hello"), "photo.png"), "application/pdf")
    assert.strictEqual(Mime.detect(latin1("a,b\n1,2"), "table.CSV"), "text/csv")
    assert.strictEqual(Mime.detect(latin1("a,b\n1,2"), "table.png"), "text/plain")
    assert.strictEqual(Mime.detect(zip(["content.xml"]), "a.odt"), Mime.fromName("a.odt"))
    assert.strictEqual(Mime.detect(latin1("\x00\x01"), "a.bin"), undefined)
  })

  it("knows the usual extension of a type, and `bin` for the others", () => {
    assert.strictEqual(Mime.extension("image/jpeg"), "jpg")
    assert.strictEqual(Mime.extension("IMAGE/PNG; q=1"), "png")
    assert.strictEqual(Mime.extension("constructor"), "bin")
  })
})

describe("ImageHeader.read", () => {
  const webp = (chunk: string, data: ReadonlyArray<number>) =>
    latin1(`RIFF\0\0\0\0WEBP${chunk}\0\0\0\0${String.fromCharCode(...data)}`.padEnd(40, "\0"))
  const cases: ReadonlyArray<
    readonly [format: ImageHeader.ImageHeader["mimeType"], size: readonly [number, number], bytes: Uint8Array]
  > = [
    ["image/png", [300, 2], latin1("\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x01\x2c\0\0\0\x02")],
    ["image/gif", [258, 3], latin1("GIF89a\x02\x01\x03\x00")],
    ["image/jpeg", [20, 10], latin1("\xff\xd8\xff\xe0\x00\x04ab\xff\xff\xc2\x00\x0b\x08\x00\x0a\x00\x14\x03\x00\x00")],
    ["image/webp", [16, 17], webp("VP8X", [0, 0, 0, 0, 15, 0, 0, 16, 0, 0])],
    ["image/webp", [5, 3], webp("VP8L", [0x2f, 4, 0x80, 0, 0])],
    ["image/webp", [7, 9], webp("VP8 ", [0, 0, 0, 0x9d, 0x01, 0x2a, 7, 0, 9, 0])]
  ]
  it.each(cases)("reads the size of %s: %j", (mimeType, [width, height], bytes) => {
    assert.deepStrictEqual(ImageHeader.read(bytes), { mimeType, width, height })
    for (let length = 0; length < bytes.length; length++) ImageHeader.read(bytes.subarray(0, length))
  })

  it("gives nothing for an image without area", () => {
    assert.strictEqual(ImageHeader.read(latin1("GIF89a\0\0\x03\0")), undefined)
  })
})

const starts = [
  "",
  "\x89PNG\r\n\x1a\n",
  "GIF89a",
  "RIFF\0\0\0\0WEBPVP8X",
  "\xff\xd8\xff",
  "PK\x03\x04",
  "PK\x05\x06",
  "%PDF-"
]

it.prop(
  "sniffing never throws, whatever follows a known signature",
  [Schema.Literals(starts), Schema.Array(Schema.Literals([0, 1, 2, 4, 0x3c, 0x50, 0xc0, 0xff, 0x4b]))],
  ([start, rest]) => {
    const bytes = Buffer.concat([latin1(start), new Uint8Array(rest)])
    const mime = Mime.detect(bytes, "a.pdf")
    const header = ImageHeader.read(bytes)
    return typeof mime === "string" && (header === undefined || header.width * header.height > 0)
  }
)
