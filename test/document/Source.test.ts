import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { Buffer } from "node:buffer"
import * as Source from "../../src/document/Source.ts"

const decoded = (url: string, maxBytes?: number) =>
  Result.match(Source.decodeDataUrl(url, maxBytes), {
    onSuccess: ({ bytes, mimeType }) => [Buffer.from(bytes).toString("latin1"), mimeType],
    onFailure: ({ reason }) => reason
  })

describe("Source.decodeDataUrl", () => {
  it.each([
    ["data:,hi%20there%2", ["hi there%2", "text/plain"]],
    ["DATA:text/csv;charset=utf-8,a%2Cb", ["a,b", "text/csv"]],
    ["data:text/plain;base64,aGk=", ["hi", "text/plain"]],
    ["data:;base64,aGk", ["hi", "text/plain"]],
    ["data:text/plain;base64,a%47k%3D", ["hi", "text/plain"]],
    ["data:text/plain;base64, aG\nk=", ["hi", "text/plain"]],
    ["data:image/png;base64,JVBERi0xLjc=", ["%PDF-1.7", "application/pdf"]],
    ["data:application/x-own;base64,AAEC", ["\0\x01\x02", "application/x-own"]],
    ["data:text/plain;base64,aGk==", "unreadable"],
    ["data:text/plain;base64,aG*k", "unreadable"],
    ["data:text/plain;base64,aGkaG", "unreadable"],
    ["data:text/plain", "unreadable"]
  ])("reads %j", (url, expected) => {
    assert.deepStrictEqual(decoded(url), expected)
  })

  it("refuses what exceeds the limit, without decoding what is far over it", () => {
    assert.strictEqual(decoded("data:,12345", 4), "too_large")
    assert.strictEqual(decoded(`data:;base64,${"*".repeat(10_000)}`, 4), "too_large")
    assert.deepStrictEqual(decoded("data:,1234", 4), ["1234", "text/plain"])
  })

  it.prop("gives back the bytes it was made from", [Schema.Array(Schema.Literals([0, 37, 61, 128, 255]))], ([list]) => {
    const bytes = Buffer.from(list)
    const written = [...bytes].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("")
    const urls = [
      `data:;base64,${bytes.toString("base64")}`,
      `data:;base64,${bytes.toString("base64url")}`,
      `data:,${written}`
    ]
    return urls.every((url) => bytes.equals(Result.getOrThrow(Source.decodeDataUrl(url)).bytes))
  })

  it.prop(
    "never throws",
    [Schema.String, Schema.String],
    ([header, data]) =>
      Result.isResult(Source.decodeDataUrl(`data:${header},${data}`)) && Result.isResult(Source.decodeDataUrl(data))
  )
})

it.each([
  ["data:,x", "data"],
  ["notes.pdf", "file"],
  ["a:b.pdf", "file"],
  ["C:\\notes.pdf", "file"],
  ["file:///notes.pdf", "file"],
  ["HTTPS://example.com/a", "http"],
  ["pipelex-storage://run/generated/a.png", "storage"],
  ["s3://bucket/key", "other"]
])("%j is a %s url", (url, kind) => {
  assert.strictEqual(Source.kind(url), kind)
})

const folder = Effect.gen(function*() {
  const files = yield* FileSystem.FileSystem
  const root = yield* files.realPath(yield* files.makeTempDirectoryScoped())
  yield* files.makeDirectory(`${root}/in/deep`, { recursive: true })
  yield* files.makeDirectory(`${root}/inside-out`)
  yield* files.writeFileString(`${root}/in/a b.txt`, "hello")
  yield* files.writeFileString(`${root}/secret.txt`, "secret")
  yield* files.writeFileString(`${root}/inside-out/x.txt`, "x")
  yield* files.symlink(`${root}/secret.txt`, `${root}/in/link.txt`)
  yield* files.symlink(root, `${root}/in/up`)
  yield* files.symlink(`${root}/in`, `${root}/alias`)
  return root
})

layer(NodeServices.layer)("Source.read", (it) => {
  it.effect("reads local paths and file urls, relative ones from the base", () =>
    Effect.gen(function*() {
      const root = yield* folder
      for (const url of ["a b.txt", "deep/../a b.txt", `${root}/in/a b.txt`, `file://${root}/in/a%20b.txt`]) {
        const found = yield* Source.read(url, { base: `${root}/in` })
        assert.deepStrictEqual(
          [Buffer.from(found.bytes).toString(), found.mimeType, found.filename],
          ["hello", "text/plain", "a b.txt"]
        )
      }
    }))

  it.effect("says what kept it from reading", () =>
    Effect.gen(function*() {
      const root = yield* folder
      const reasons = yield* Effect.forEach([
        "absent.pdf",
        "deep",
        " ",
        "file://other-host/a",
        "file://%zz",
        "a\0b",
        "https://example.com/a.pdf",
        "pipelex-storage://r/generated/a.png"
      ], (url) => Effect.flip(Source.read(url, { base: `${root}/in` })))
      assert.deepStrictEqual(
        reasons.map(({ reason }) => reason),
        [
          "not_found",
          "unreadable",
          "unreadable",
          "unreadable",
          "unreadable",
          "unreadable",
          "unsupported",
          "unsupported"
        ]
      )
      const large = yield* Effect.flip(Source.read("a b.txt", { base: `${root}/in`, maxBytes: 4 }))
      assert.strictEqual(large.reason, "too_large")
      assert.strictEqual((yield* Source.read("a b.txt", { base: `${root}/in`, maxBytes: 5 })).bytes.length, 5)
    }))

  it.effect("stops at the limit of a file that has no end", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Source.read("/proc/self/environ", { base: "/", maxBytes: 1 }))
      assert.include(["too_large", "not_found"], error.reason)
      assert.strictEqual((yield* Effect.flip(Source.read("/dev/zero", { base: "/" }))).reason, "unreadable")
    }))

  it.effect("keeps to its scope, through links and back, and does not say what exists outside", () =>
    Effect.gen(function*() {
      const root = yield* folder
      const options = { base: `${root}/in`, scope: [`${root}/in`] }
      for (
        const url of [
          "link.txt",
          "up/secret.txt",
          "../secret.txt",
          "../absent.txt",
          `${root}/inside-out/x.txt`,
          "deep/../../secret.txt",
          "./../in/../secret.txt",
          "deep/../up/secret.txt",
          `file://${root}/secret.txt`,
          `FILE://${root}/secret.txt`,
          `file:${root}/secret.txt`,
          `file://localhost${root}/secret.txt`,
          `file://${root}/in/%2e%2e/secret.txt`,
          `file://${root}/in/link.txt`
        ]
      ) {
        assert.strictEqual((yield* Effect.flip(Source.read(url, options))).reason, "refused", url)
      }
      for (const url of ["a b.txt", "up/in/a b.txt"]) {
        assert.strictEqual((yield* Source.read(url, options)).filename, "a b.txt")
      }
      assert.strictEqual((yield* Effect.flip(Source.read("absent.txt", options))).reason, "not_found")
      assert.strictEqual((yield* Effect.flip(Source.read("a b.txt", { ...options, scope: [] }))).reason, "refused")
      const linked = { base: `${root}/alias`, scope: [`${root}/alias`] }
      assert.strictEqual((yield* Source.read("a b.txt", linked)).filename, "a b.txt")
    }))
})
