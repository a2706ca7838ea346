import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { Buffer } from "node:buffer"
import { fileURLToPath } from "node:url"
import * as Storage from "../../src/storage/Storage.ts"
import * as StorageUri from "../../src/storage/StorageUri.ts"

const hello = Buffer.from("hello")
const naming = { runId: "run-1", kind: "generated", extension: "png" } as const
const uri = "pipelex-storage://run-1/generated/2cf24dba5fb0a30e.png"

const local = Layer.unwrap(Effect.gen(function*() {
  const files = yield* FileSystem.FileSystem
  return Storage.layerLocal({ directory: `${yield* files.makeTempDirectoryScoped()}/storage` })
})).pipe(Layer.provideMerge(NodeServices.layer))

const layers = [["memory", Storage.layerMemory], ["a local folder", local]] as const

describe.each(layers)("Storage in %s", (_, storageLayer) => {
  layer(storageLayer)((it) => {
    it.effect("names an artefact by its content and gives its bytes back", () =>
      Effect.gen(function*() {
        const storage = yield* Storage.Storage
        assert.strictEqual((yield* storage.put(hello, naming)).uri, uri)
        assert.strictEqual((yield* storage.put(hello, naming)).uri, uri)
        assert.deepStrictEqual([...(yield* storage.get(uri))], [...hello])
      }))

    it.effect("keeps a document's own name, made harmless", () =>
      Effect.gen(function*() {
        const storage = yield* Storage.Storage
        const stored = yield* storage.put(hello, { ...naming, filename: "../My notes (1).pdf" })
        assert.strictEqual(stored.uri, "pipelex-storage://run-1/generated/2cf24dba5fb0a30e/_My_notes_1_.pdf")
        assert.strictEqual((yield* storage.get(stored.uri)).length, 5)
      }))

    it.effect("refuses to read what is no artefact's name, and says when there is none", () =>
      Effect.gen(function*() {
        const storage = yield* Storage.Storage
        const refused = [
          "pipelex-storage://run-1/generated/../../../etc/passwd",
          "pipelex-storage://../generated/a.png",
          "pipelex-storage://run-1/other/a.png",
          "pipelex-storage://run-1/generated/a/b/c.png",
          "pipelex-storage://run-1/generated/.hidden",
          "pipelex-storage://run-1/generated/%2e%2e",
          "pipelex-storage://run-1/generated/a\\b.png",
          "file:///etc/passwd",
          ""
        ]
        for (const bad of refused) assert.strictEqual((yield* Effect.flip(storage.get(bad))).reason, "refused", bad)
        const absent = yield* Effect.flip(storage.get("pipelex-storage://run-1/generated/0000.png"))
        assert.strictEqual(absent.reason, "not_found")
        const escaping = yield* Effect.flip(storage.put(hello, { ...naming, runId: "../up" }))
        assert.strictEqual(escaping.reason, "refused")
      }))
  })
})

layer(local)("Storage.layerLocal", (it) => {
  it.effect("gives a file url people can open, and leaves nothing else behind", () =>
    Effect.gen(function*() {
      const storage = yield* Storage.Storage
      const files = yield* FileSystem.FileSystem
      const puts = Effect.forEach(Array.from({ length: 20 }), () => storage.put(hello, naming), {
        concurrency: "unbounded"
      })
      const [stored] = yield* puts
      const file = fileURLToPath(stored?.publicUrl ?? "")
      assert.strictEqual(yield* files.readFileString(file), "hello")
      const root = file.slice(0, file.indexOf("/run-1/"))
      assert.deepStrictEqual((yield* files.readDirectory(root, { recursive: true })).toSorted(), [
        "run-1",
        "run-1/generated",
        "run-1/generated/2cf24dba5fb0a30e.png"
      ])
    }))

  it.effect("does not follow a link out of its folder", () =>
    Effect.gen(function*() {
      const storage = yield* Storage.Storage
      const files = yield* FileSystem.FileSystem
      const stored = yield* storage.put(hello, naming)
      const file = fileURLToPath(stored.publicUrl ?? "")
      yield* files.symlink("/etc/hostname", file.replace("2cf24dba5fb0a30e", "ffff"))
      const error = yield* Effect.flip(storage.get(stored.uri.replace("2cf24dba5fb0a30e", "ffff")))
      assert.strictEqual(error.reason, "not_found")
    }))
})

it.prop("a URI that parses is written back as it was", [Schema.String, Schema.String], ([run, name]) => {
  const written = `pipelex-storage://${run}/assets/${name}`
  return Result.match(StorageUri.parse(written), {
    onFailure: () => true,
    onSuccess: (parts) => StorageUri.format(parts) === written && !parts.includes("..")
  })
})
