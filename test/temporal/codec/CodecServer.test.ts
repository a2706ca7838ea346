/** The codec server, asked as the pages of a Temporal server ask it. */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { assert, describe, it } from "@effect/vitest"
import { defaultPayloadConverter, type Payload } from "@temporalio/common"
import * as Effect from "effect/Effect"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import * as TemporalAccess from "../../../src/config/TemporalAccess.ts"
import * as CodecServer from "../../../src/temporal/codec/CodecServer.ts"
import * as DataConverter from "../../../src/temporal/codec/DataConverter.ts"
import * as Folder from "../../source/Folder.ts"
import * as Server from "../Server.ts"
import * as Process from "../worker/Process.ts"
import * as Project from "./Project.ts"

Server.use()

const limit = 180_000
const page = "http://localhost:8233"
const canary = "canary-of-the-prompt"

const serve = Effect.fnUntraced(function*(access: TemporalAccess.TemporalAccess) {
  const node = createServer()
  const server = yield* NodeHttpServer.make(() => node, { host: "127.0.0.1", port: 0 })
  yield* server.serve(CodecServer.app(yield* DataConverter.make(access), [page]))
  return `http://127.0.0.1:${(node.address() as AddressInfo).port}`
})

interface Sent {
  readonly metadata?: Readonly<Record<string, string>>
  readonly data?: string
}

const base64 = (bytes: Uint8Array | null | undefined) => Buffer.from(bytes ?? []).toString("base64")
const bytes = (text = "") => Buffer.from(text, "base64")

const toJson = ({ data, metadata }: Payload): Sent => ({
  metadata: Object.fromEntries(Object.entries(metadata ?? {}).map(([name, value]) => [name, base64(value)])),
  data: base64(data)
})

const valueOf = ({ data, metadata = {} }: Sent): unknown =>
  defaultPayloadConverter.fromPayload({
    metadata: Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, bytes(value)])),
    data: bytes(data)
  })

const ask = (url: string, body: unknown, headers: Readonly<Record<string, string>> = { origin: page }) =>
  Effect.promise(async () => {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", "x-namespace": "default", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body)
    })
    const answer = await response.json() as { readonly payloads: ReadonlyArray<Sent>; readonly message?: string }
    return { status: response.status, allowed: response.headers.get("access-control-allow-origin"), answer }
  })

const accessTo = (more: JsonTable) =>
  TemporalAccess.resolve({ temporal: { payload_codec_config: more } }, () => undefined)
type JsonTable = Readonly<Record<string, boolean | string | number | Readonly<Record<string, string>>>>

const inMemory = { size_threshold: 100, storage_provider_config: { method: "in_memory" } }

describe("the codec server", () => {
  it.live("decodes what a run's history holds, encrypted and put into storage", () =>
    Effect.gen(function*() {
      const queue = yield* Server.queue("codec")
      const codec = `[temporal.payload_codec_config]\nsize_threshold = 3000\n${
        Project.encrypted("k1", { k1: Project.key() })
      }`
      const { access, history, run } = yield* Project.make(yield* Server.address, queue, codec)
      yield* run(queue, "d.first", { document: `${canary} `.repeat(500) })
      const [started] = yield* history(queue)
      const input = started?.workflowExecutionStartedEventAttributes?.input?.payloads ?? []
      const summary = started?.userMetadata?.summary
      assert.lengthOf(input, 1)
      const payloads = [...input, ...(summary === undefined || summary === null ? [] : [summary])].map(toJson)
      assert.notInclude(JSON.stringify(payloads.map(({ data }) => bytes(data).toString())), canary)
      const { allowed, answer, status } = yield* ask(`${yield* serve(access)}/decode`, { payloads })
      assert.deepStrictEqual([status, allowed], [200, page])
      const [whole, line] = answer.payloads.map(valueOf)
      assert.include(JSON.stringify(whole), `${canary} ${canary}`)
      assert.strictEqual(line, "first — first")
    }).pipe(Effect.provide(Folder.layer)), limit)

  it.live("encodes as a client does, and decodes that again", () =>
    Effect.gen(function*() {
      const url = yield* serve(yield* accessTo(inMemory))
      const payloads = ["short", "long ".repeat(100)].map((value) => toJson(defaultPayloadConverter.toPayload(value)))
      const { answer: encoded } = yield* ask(`${url}/encode`, { payloads })
      assert.deepStrictEqual(encoded.payloads[0], payloads[0])
      assert.notInclude(bytes(encoded.payloads[1]?.data).toString(), "long")
      assert.deepStrictEqual((yield* ask(`${url}/decode`, encoded)).answer.payloads, payloads)
    }).pipe(Effect.provide(Folder.layer)), limit)

  it.live(
    "answers the pages that it was told of, and refuses others before it reads anything",
    () =>
      Effect.gen(function*() {
        const url = yield* serve(yield* accessTo(inMemory))
        const asking = (origin: string) =>
          Effect.promise(() =>
            fetch(`${url}/decode`, {
              method: "OPTIONS",
              headers: {
                origin,
                "access-control-request-method": "POST",
                "access-control-request-headers": "x-namespace,content-type"
              }
            })
          )
        const { headers, status } = yield* asking(page)
        assert.deepStrictEqual(
          [status, headers.get("access-control-allow-origin"), headers.get("access-control-allow-headers")],
          [204, page, "x-namespace,content-type"]
        )
        assert.isNull((yield* asking("http://elsewhere.example")).headers.get("access-control-allow-origin"))
        const refused = yield* ask(`${url}/decode`, { payloads: [] }, { origin: "http://elsewhere.example" })
        assert.deepStrictEqual([refused.status, refused.allowed], [403, null])
        assert.strictEqual((yield* ask(`${url}/decode`, { payloads: [] }, {})).status, 200)
      }).pipe(Effect.provide(Folder.layer)),
    limit
  )

  it.live("says what is wrong with what it is asked", () =>
    Effect.gen(function*() {
      const url = yield* serve(yield* accessTo(inMemory))
      assert.strictEqual((yield* ask(`${url}/decode`, "no json")).status, 400)
      assert.strictEqual((yield* ask(`${url}/download`, {})).status, 404)
      const foreign = {
        metadata: { encoding: base64(new TextEncoder().encode("binary/encrypted")), "encryption-key-id": "azE=" },
        data: ""
      }
      const { answer, status } = yield* ask(`${url}/decode`, { payloads: [foreign] })
      assert.strictEqual(status, 400)
      assert.include(answer.message, "\"k1\"")
    }).pipe(Effect.provide(Folder.layer)), limit)
})

const start = (codec: string, args: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const folder = yield* Folder.make({ ".pipelex/pipelex.toml": codec })
    return yield* Process.start(folder, args, "codec-server")
  })

describe("pipelex codec-server", () => {
  it.live("says where it listens, and stops when it is told to", () =>
    Effect.gen(function*() {
      const server = yield* start("", ["--port", "0"])
      const said = yield* server.said("codec server ready: ")
      const [, url = ""] = /ready: (\S+) for pages of http:\/\/localhost:8233/.exec(said) ?? []
      assert.strictEqual((yield* ask(`${url}/decode`, { payloads: [] })).status, 200)
      yield* server.kill("SIGTERM")
      const { code, stdout } = yield* server.ended
      assert.deepStrictEqual([code, stdout], [0, ""])
    }).pipe(Effect.provide(Folder.layer)), limit)

  const refusals: ReadonlyArray<readonly [title: string, codec: string, args: ReadonlyArray<string>, says: string]> = [
    ["while the codec is off", "[temporal.payload_codec_config]\nis_enabled = false\n", [], "is_enabled = false"],
    [
      "without a key that is named",
      "[temporal.payload_codec_config.encryption]\nis_enabled = true\nkey_id = \"k\"\nkeys = { k = \"${NOT_SET_HERE}\" }\n",
      [],
      "NOT_SET_HERE"
    ],
    ["at a port that is none", "", ["--port", "70000"], "70000"]
  ]
  for (const [title, codec, args, says] of refusals) {
    it.live(`does not start ${title}`, () =>
      Effect.gen(function*() {
        const { code, stderr } = yield* (yield* start(codec, args)).ended
        assert.strictEqual(code, 2)
        assert.include(stderr.replaceAll(/\s+/g, " "), says)
      }).pipe(Effect.provide(Folder.layer)), limit)
  }
})
