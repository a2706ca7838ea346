import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import { Buffer } from "node:buffer"
import { spawn, spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { createServer, type IncomingMessage, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import process from "node:process"
import * as S3 from "../../src/storage/S3.ts"
import * as Storage from "../../src/storage/Storage.ts"

const bucket = "artefacts"
const credentials = { accessKeyId: "test-access", secretAccessKey: Redacted.make("canary-secret-of-the-store") }
const bytes = Buffer.from("hello")
const naming = { runId: "run-1", kind: "generated", extension: "png" } as const
const uri = "pipelex-storage://run-1/generated/2cf24dba5fb0a30e.png"

/** What an object store keeps, over its wire: enough of S3 to put, get and miss an object of one bucket. */
const wire = Effect.acquireRelease(
  Effect.callback<{ readonly server: Server; readonly endpoint: string; readonly seen: Array<IncomingMessage> }>(
    (resume) => {
      const kept = new Map<string, Buffer>()
      const seen: Array<IncomingMessage> = []
      const server = createServer((request, response) => {
        seen.push(request)
        const chunks: Array<Buffer> = []
        request.on("data", (chunk: Buffer) => chunks.push(chunk))
        request.on("end", () => {
          const key = (request.url ?? "").split("?")[0] ?? ""
          if (request.method === "PUT") {
            kept.set(key, Buffer.concat(chunks))
            return response.writeHead(200, { etag: "\"1\"" }).end()
          }
          const found = kept.get(key)
          return found === undefined
            ? response.writeHead(404, { "content-type": "application/xml" }).end(
              "<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code><Message>gone</Message></Error>"
            )
            : response.writeHead(200, { "content-length": String(found.length) }).end(found)
        })
      })
      server.listen(0, "127.0.0.1", () => {
        const { port } = server.address() as AddressInfo
        resume(Effect.succeed({ server, endpoint: `http://127.0.0.1:${port}`, seen }))
      })
    }
  ),
  ({ server }) => Effect.sync(() => server.close())
)

const gateway = process.env["VERSITYGW_PATH"] ??
  (spawnSync("versitygw", ["--version"]).error === undefined ? "versitygw" : undefined)

const freePort = Effect.callback<number>((resume) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const { port } = server.address() as AddressInfo
    server.close(() => resume(Effect.succeed(port)))
  })
})

/** A real S3-compatible server (versitygw over a folder). */
const realServer = (program: string) =>
  Effect.acquireRelease(
    Effect.map(freePort, (port) => {
      const folder = mkdtempSync(join(tmpdir(), "s3-"))
      mkdirSync(join(folder, bucket))
      const child = spawn(program, ["--port", `127.0.0.1:${port}`, "posix", folder], {
        stdio: "ignore",
        env: {
          ...process.env,
          ROOT_ACCESS_KEY: credentials.accessKeyId,
          ROOT_SECRET_KEY: Redacted.value(credentials.secretAccessKey)
        }
      })
      return { child, folder, endpoint: `http://127.0.0.1:${port}` }
    }),
    ({ child, folder }) =>
      Effect.sync(() => {
        child.kill()
        rmSync(folder, { recursive: true, force: true })
      })
  ).pipe(Effect.tap(({ endpoint }) =>
    Effect.retry(
      Effect.tryPromise(() => fetch(endpoint)),
      Schedule.spaced("50 millis").pipe(Schedule.upTo({ times: 200 }))
    )
  ))

const stored = (endpoint: string, more: Partial<S3.Options> = {}) =>
  S3.layer({ bucket, endpoint, credentials, ...more })

const behaves = (endpoint: string) =>
  Effect.gen(function*() {
    const storage = yield* Storage.Storage
    assert.strictEqual((yield* storage.put(bytes, naming)).uri, uri)
    assert.strictEqual((yield* storage.put(bytes, naming)).uri, uri)
    assert.deepStrictEqual([...(yield* storage.get(uri))], [...bytes])
    const absent = yield* Effect.flip(storage.get("pipelex-storage://run-1/generated/0000.png"))
    assert.strictEqual(absent.reason, "not_found")
    const refused = yield* Effect.flip(storage.get("pipelex-storage://run-1/generated/../secret"))
    assert.strictEqual(refused.reason, "refused")
  }).pipe(Effect.provide(stored(endpoint, { prefix: "team/pipelex" })))

describe("Storage in an S3-compatible bucket", () => {
  it.live("puts, gets and misses artefacts over the SDK's wire", () =>
    Effect.gen(function*() {
      const { endpoint, seen } = yield* wire
      yield* behaves(endpoint)
      assert.strictEqual(seen[0]?.url?.split("?")[0], "/artefacts/team/pipelex/run-1/generated/2cf24dba5fb0a30e.png")
      assert.match(seen[0]?.headers.authorization ?? "", /^AWS4-HMAC-SHA256 Credential=test-access\//)
    }))

  it.live("signs links that hold for the time set, and gives none without one", () =>
    Effect.gen(function*() {
      const { endpoint } = yield* wire
      const put = (more: Partial<S3.Options>) =>
        Effect.provide(Storage.Storage.use((storage) => storage.put(bytes, naming)), stored(endpoint, more))
      assert.strictEqual((yield* put({})).publicUrl, undefined)
      const { publicUrl = "" } = yield* put({ signedUrlsLifespan: Duration.seconds(600) })
      assert.match(publicUrl, /X-Amz-Expires=600/)
      assert.strictEqual(publicUrl.includes(Redacted.value(credentials.secretAccessKey)), false)
      const fetched = yield* Effect.promise(() => fetch(publicUrl).then((response) => response.text()))
      assert.strictEqual(fetched, "hello")
    }))

  it.live("says that the store is out of reach without telling what it said", () =>
    Effect.gen(function*() {
      const port = yield* freePort
      const failure = yield* Effect.flip(
        Effect.provide(
          Storage.Storage.use((storage) => storage.get(uri)),
          stored(`http://127.0.0.1:${port}`, { maxAttempts: 1 })
        )
      )
      assert.strictEqual(failure.reason, "unavailable")
      assert.strictEqual(JSON.stringify(failure).includes("canary"), false)
    }))

  // Set VERSITYGW_PATH, or have versitygw on the PATH.
  it.live.skipIf(gateway === undefined)("does the same with a real S3-compatible server", () =>
    Effect.gen(function*() {
      const { endpoint } = yield* realServer(gateway ?? "")
      yield* behaves(endpoint)
      const { publicUrl = "" } = yield* Effect.provide(
        Storage.Storage.use((storage) => storage.put(bytes, naming)),
        stored(endpoint, { signedUrlsLifespan: Duration.seconds(600) })
      )
      assert.strictEqual(yield* Effect.promise(() => fetch(publicUrl).then((response) => response.text())), "hello")
    }))
})
