import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import { Buffer } from "node:buffer"
import * as Files from "../../src/provider/Files.ts"
import * as Storage from "../../src/storage/Storage.ts"
import * as Loopback from "../document/Loopback.ts"

const reading = (options: Files.Options = {}) =>
  Layer.provideMerge(Files.layer(options), Layer.mergeAll(Storage.layerMemory, NodeServices.layer))

const textOf = ({ bytes }: { readonly bytes: Uint8Array }) => Buffer.from(bytes).toString()

describe("Files.read", () => {
  it.live("reads data URLs, local files, artefacts and web addresses alike", () =>
    Effect.gen(function*() {
      const server = yield* Loopback.serve((_, response) => response.end("web"))
      const fs = yield* FileSystem.FileSystem
      const base = yield* fs.makeTempDirectoryScoped()
      yield* fs.writeFileString(`${base}/a.md`, "local")
      const found = yield* Effect.gen(function*() {
        const files = yield* Files.Files
        const storage = yield* Storage.Storage
        const { uri } = yield* storage.put(Buffer.from("stored"), { runId: "r", kind: "assets", extension: "csv" })
        return yield* Effect.forEach(
          ["data:,inline", "a.md", uri, `${server.url}/b.html`],
          (url) => files.read(url, "the file")
        )
      }).pipe(Effect.provide(reading({ base, remote: { allowedAddresses: ["127.0.0.1"] } })))
      assert.deepStrictEqual(found.map((each) => [textOf(each), each.mimeType, each.filename]), [
        ["inline", "text/plain", undefined],
        ["local", "text/markdown", "a.md"],
        ["stored", "text/csv", undefined],
        ["web", "text/html", "b.html"]
      ])
    }).pipe(Effect.provide(NodeServices.layer)))

  it.live("fails with a code of what stood in the way, naming the file by what it is for", () =>
    Effect.gen(function*() {
      const server = yield* Loopback.serve((request, response) =>
        response.writeHead(Number((request.url ?? "").slice(1))).end()
      )
      const failures = yield* Effect.gen(function*() {
        const files = yield* Files.Files
        return yield* Effect.forEach(
          [
            `${server.url}/404`,
            `${server.url}/503`,
            "http://169.254.169.254/latest",
            "/etc/passwd",
            "pipelex-storage://r/assets/none.txt",
            "s3://bucket/key"
          ],
          (url) => Effect.flip(files.read(url, "the document of pipe \"read\""))
        )
      }).pipe(Effect.provide(reading({ base: "/tmp", scope: [], remote: { allowedAddresses: ["127.0.0.1"] } })))
      assert.deepStrictEqual(failures.map(({ code, retryable }) => [code, retryable]), [
        ["input.url_unreachable", false],
        ["input.url_unreachable", true],
        ["security.input_path_refused", false],
        ["security.input_path_refused", false],
        ["input.reference_not_found", false],
        ["input.file_unreadable", false]
      ])
      assert.isTrue(failures.every(({ message }) => message.startsWith("the document of pipe \"read\"")))
      assert.strictEqual(
        failures[2]?.message,
        "the document of pipe \"read\" is outside what may be read: host \"169.254.169.254\" is not on the public internet"
      )
    }))
})
