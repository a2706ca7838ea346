import { assert, describe, it } from "@effect/vitest"
import { defaultPayloadConverter, type Payload, type StorageDriver } from "@temporalio/common"
import * as Effect from "effect/Effect"
import { createHash } from "node:crypto"
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { createServer, type Server as HttpServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { vi } from "vitest"
import { defaults, type PayloadCodec } from "../../../src/config/TemporalOptions.ts"
import type { PipeFailure } from "../../../src/failure/PipeFailure.ts"
import * as Wire from "../../../src/failure/Wire.ts"
import * as PayloadBytes from "../../../src/temporal/codec/PayloadBytes.ts"
import * as PayloadStore from "../../../src/temporal/codec/PayloadStore.ts"
import * as Folder from "../../source/Folder.ts"

const large: Payload = defaultPayloadConverter.toPayload({ text: "x".repeat(100_000) })
const folderOf = (base: string) => join(base, ".pipelex/temporal-payload-store/temporal-payloads")

const opened = Effect.gen(function*() {
  const base = yield* Folder.make({})
  return { base, driver: yield* PayloadStore.open(defaults.payloadCodec, base) }
})

const stored = (driver: StorageDriver, ...payloads: Array<Payload>) => Effect.promise(() => driver.store({}, payloads))

const refused = (driver: StorageDriver, claimData: Record<string, string>): Effect.Effect<PipeFailure> =>
  Effect.flip(Effect.tryPromise({ try: () => driver.retrieve({}, [{ claimData }]), catch: Wire.recover })).pipe(
    Effect.orDie
  )

/** An object store of one bucket, as far as putting and getting go, with the keys it was given. */
const bucket = Effect.acquireRelease(
  Effect.callback<{ readonly server: HttpServer; readonly endpoint: string; readonly keys: ReadonlyArray<string> }>(
    (resume) => {
      const kept = new Map<string, Buffer>()
      const keys: Array<string> = []
      const server = createServer((request, response) => {
        const chunks: Array<Buffer> = []
        const [key = ""] = (request.url ?? "").split("?")
        request.on("data", (chunk: Buffer) => chunks.push(chunk)).on("end", () => {
          if (request.method === "PUT") {
            kept.set(key, Buffer.concat(chunks))
            keys.push(key)
          }
          response.end(request.method === "PUT" ? undefined : kept.get(key))
        })
      })
      server.listen(0, "127.0.0.1", () => {
        resume(Effect.succeed({ server, keys, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }))
      })
    }
  ),
  ({ server }) => Effect.sync(() => server.close())
)

const inMemory: PayloadCodec = {
  ...defaults.payloadCodec,
  storage: { ...defaults.payloadCodec.storage, method: "in_memory" }
}

describe("PayloadStore", () => {
  it.effect("keeps a payload under its digest, once, and gives it back", () =>
    Effect.gen(function*() {
      const { base, driver } = yield* opened
      const claims = yield* stored(driver, large, large)
      assert.deepStrictEqual(yield* Effect.promise(() => driver.retrieve({}, claims)), [large, large])
      const names = readdirSync(folderOf(base))
      assert.lengthOf(names, 1)
      const [name = ""] = names
      assert.strictEqual(createHash("sha256").update(readFileSync(join(folderOf(base), name))).digest("hex"), name)
      assert.deepStrictEqual(claims[0]?.claimData, {
        key: `temporal-payloads/${name}`,
        hash: `sha256:${name}`,
        store: "local"
      })
    }).pipe(Effect.provide(Folder.layer)))

  it.effect("keeps payloads in the memory that the process shares", () =>
    Effect.gen(function*() {
      const writer = yield* PayloadStore.open(inMemory, ".")
      const reader = yield* PayloadStore.open(inMemory, ".")
      const claims = yield* stored(writer, large)
      assert.deepStrictEqual(yield* Effect.promise(() => reader.retrieve({}, claims)), [large])
    }).pipe(Effect.provide(Folder.layer)))

  it.live("keeps payloads in a bucket, below its prefix", () =>
    Effect.gen(function*() {
      vi.stubEnv("AWS_ACCESS_KEY_ID", "test")
      vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test")
      const { endpoint, keys } = yield* bucket
      const { storage } = defaults.payloadCodec
      const s3 = { ...storage.s3, bucket: "runs", endpoint, prefix: "team" }
      const driver = yield* PayloadStore.open(
        { ...defaults.payloadCodec, storage: { ...storage, method: "s3", s3 } },
        "."
      )
      const claims = yield* stored(driver, large)
      assert.deepStrictEqual(yield* Effect.promise(() => driver.retrieve({}, claims)), [large])
      assert.deepStrictEqual(keys, [`/runs/team/${claims[0]?.claimData["key"]}`])
    }).pipe(Effect.ensuring(Effect.sync(() => vi.unstubAllEnvs())), Effect.provide(Folder.layer)))

  it.effect("refuses references that lead anywhere else", () =>
    Effect.gen(function*() {
      const { base, driver } = yield* opened
      writeFileSync(join(base, "secret"), "s")
      const [claim] = yield* stored(driver, large)
      const { hash = "", key = "" } = claim?.claimData ?? {}
      const hex = hash.slice("sha256:".length)
      const others: ReadonlyArray<Record<string, string>> = [
        {},
        { key },
        { hash, key: hex },
        { hash, key: `artefacts/${hex}` },
        { hash, key: `temporal-payloads/../${hex}` },
        { hash, key: `temporal-payloads/${"0".repeat(64)}` },
        { hash: "sha256:../../secret", key: "temporal-payloads/../../secret" }
      ]
      for (const claimData of others) {
        const failure = yield* refused(driver, claimData)
        assert.strictEqual(failure.code, "runtime.unexpected")
        assert.include(failure.message, "refused")
      }
    }).pipe(Effect.provide(Folder.layer)))

  it.effect("refuses a content that is not the one that was stored", () =>
    Effect.gen(function*() {
      const { base, driver } = yield* opened
      const [claim] = yield* stored(driver, large)
      const [name = ""] = readdirSync(folderOf(base))
      writeFileSync(join(folderOf(base), name), PayloadBytes.encode(defaultPayloadConverter.toPayload("forged")))
      const failure = yield* refused(driver, claim?.claimData ?? {})
      assert.include(failure.message, "has another hash")
    }).pipe(Effect.provide(Folder.layer)))

  it.effect("names the store that has nothing under a reference, and the kind it was put into", () =>
    Effect.gen(function*() {
      const { base, driver } = yield* opened
      const elsewhere = yield* PayloadStore.open(inMemory, ".")
      const [claim] = yield* stored(elsewhere, defaultPayloadConverter.toPayload("y".repeat(70_000)))
      const failure = yield* refused(driver, claim?.claimData ?? {})
      assert.strictEqual(failure.code, "runtime.unavailable")
      assert.include(failure.message, join(base, ".pipelex/temporal-payload-store"))
      assert.include(failure.message, "in_memory")
    }).pipe(Effect.provide(Folder.layer)))

  it.effect.each([
    [{ storagePrefix: "../x/" }, "storage_prefix"],
    [{ storagePrefix: "a//b/" }, "storage_prefix"],
    [
      { storage: { ...defaults.payloadCodec.storage, method: "s3" } },
      "temporal.payload_codec_config.storage_provider_config.s3"
    ],
    [{ storage: { ...defaults.payloadCodec.storage, method: "gcp" } }, "gcp"]
  ] as ReadonlyArray<readonly [Partial<PayloadCodec>, string]>)(
    "is not opened with %j",
    ([wrong, word]) =>
      Effect.gen(function*() {
        const failure = yield* Effect.flip(PayloadStore.open({ ...defaults.payloadCodec, ...wrong }, "."))
        assert.include(JSON.stringify(Wire.encode(failure)), word)
      }).pipe(Effect.provide(Folder.layer))
  )
})
