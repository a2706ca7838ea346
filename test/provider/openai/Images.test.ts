import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Buffer } from "node:buffer"
import type { IncomingMessage } from "node:http"
import { buffer } from "node:stream/consumers"
import * as Files from "../../../src/provider/Files.ts"
import * as Images from "../../../src/provider/openai/Images.ts"
import * as Fetch from "../../../src/provider/transport/Fetch.ts"
import * as Storage from "../../../src/storage/Storage.ts"
import * as Loopback from "../../document/Loopback.ts"
import { answer, bodyOf, context, job, paint, png, request, wire } from "../Painting.ts"

const services = Layer.provideMerge(Files.layer(), Layer.mergeAll(Storage.layerMemory, NodeServices.layer))

const b64 = (shade: number) => ({ b64_json: Buffer.from(png(shade)).toString("base64") })

const formOf = async (incoming: IncomingMessage): Promise<FormData> =>
  new Response(new Uint8Array(await buffer(incoming)), {
    headers: { "content-type": incoming.headers["content-type"] ?? "" }
  }).formData()

describe("the Images API", () => {
  it.live("is asked for images by a prompt and the arguments of the model's rules", () =>
    Effect.gen(function*() {
      let body: unknown
      let headers: IncomingMessage["headers"] = {}
      const server = yield* Loopback.serve((incoming, response) => {
        headers = incoming.headers
        void bodyOf(incoming).then((sent) => {
          body = sent
          answer(response, {
            created: 1,
            data: [b64(1), b64(2)],
            output_format: "png",
            usage: { input_tokens: 5, output_tokens: 9, total_tokens: 14 }
          })
        })
      })
      const reply = yield* Images.make(context(`${server.url}/v1`)).generate(
        request({ count: 2, arguments: { n: 2, size: "1536x1024", quality: "high" } })
      )
      assert.deepStrictEqual(server.requests, ["POST /v1/images/generations"])
      assert.deepStrictEqual(body, {
        model: "studio/painter-1",
        prompt: "A fox",
        n: 2,
        size: "1536x1024",
        quality: "high"
      })
      assert.deepStrictEqual([headers.authorization, headers["x-project-id"]], ["Bearer sk-secret", "p1"])
      assert.deepStrictEqual(reply.units, { input: 5, output: 9 })
      assert.deepStrictEqual(
        reply.images.map((image) => image._tag === "Bytes" ? Buffer.from(image.bytes) : image.url),
        [Buffer.from(png(1)), Buffer.from(png(2))]
      )
    }))

  it.live("is sent images in a form", () =>
    Effect.gen(function*() {
      let form = new FormData()
      const server = yield* Loopback.serve((incoming, response) => {
        void formOf(incoming).then((sent) => {
          form = sent
          answer(response, { data: [b64(3)] })
        })
      })
      const { get } = yield* Fetch.Fetch
      yield* Images.make({ ...context(`${server.url}/v1`), fetch: yield* get }).generate(request({
        arguments: { n: 1, size: "1024x1024" },
        images: [
          { _tag: "Bytes", base64: Buffer.from(png(8)).toString("base64"), mimeType: "image/png" },
          { _tag: "Bytes", base64: Buffer.from(png(9)).toString("base64"), mimeType: "image/png", filename: "b.png" }
        ]
      }))
      assert.deepStrictEqual(server.requests, ["POST /v1/images/edits"])
      assert.deepStrictEqual(["model", "prompt", "n", "size"].map((key) => form.get(key)), [
        "studio/painter-1",
        "A fox",
        "1",
        "1024x1024"
      ])
      const files = form.getAll("image[]") as ReadonlyArray<File>
      assert.deepStrictEqual(files.map(({ name, type }) => [name, type]), [
        ["image_1.png", "image/png"],
        ["b.png", "image/png"]
      ])
      const [first] = yield* Effect.promise(() => Promise.all(files.map((file) => file.arrayBuffer())))
      assert.deepStrictEqual(Buffer.from(first ?? new ArrayBuffer(0)), Buffer.from(png(8)))
    }).pipe(Effect.provide(Fetch.layer)))

  it.live("may answer with addresses, and is asked for bytes where it would by itself", () =>
    Effect.gen(function*() {
      let body: unknown
      const server = yield* Loopback.serve((incoming, response) => {
        void bodyOf(incoming).then((sent) => {
          body = sent
          answer(response, { data: [{ url: "https://x.test/a.png" }] })
        })
      })
      const { images } = yield* Images.make(context(server.url)).generate(
        request({ wire: wire({ modelId: "dall-e-3" }) })
      )
      assert.deepStrictEqual(images, [{ _tag: "Url", url: "https://x.test/a.png" }])
      assert.deepInclude(body as object, { response_format: "b64_json" })
    }))
})

describe("a failure of the Images API", () => {
  const failing = (status: number, body: object, headers: Readonly<Record<string, string>> = {}) =>
    Effect.gen(function*() {
      const server = yield* Loopback.serve((_, response) => answer(response, body, status, headers))
      const failure = yield* Effect.flip(paint(Images.make(context(server.url)), job()))
      return { failure, requests: server.requests.length }
    })

  it.live("of the server leaves the outcome unknown after one request", () =>
    Effect.gen(function*() {
      const { failure, requests } = yield* failing(500, { error: { message: "oops" } })
      assert.deepStrictEqual([failure.code, failure.category, failure.retryable, requests], [
        "provider.outcome_unknown",
        "ambiguous",
        false,
        1
      ])
    }).pipe(Effect.provide(services)))

  it.live("stays one request though the server asks for another", () =>
    Effect.gen(function*() {
      const { requests } = yield* failing(503, {}, { "x-should-retry": "true", "retry-after": "0" })
      assert.strictEqual(requests, 1)
    }).pipe(Effect.provide(services)))

  it.live("by the rate of requests is met with another, each image paid for once", () =>
    Effect.gen(function*() {
      let asked = 0
      const server = yield* Loopback.serve((_, response) => {
        asked += 1
        if (asked === 1) answer(response, { error: { message: "slow down" } }, 429, { "retry-after": "0" })
        else answer(response, { data: [b64(1)] })
      })
      const { usage, value } = yield* paint(Images.make(context(server.url)), job())
      assert.deepStrictEqual([value.length, usage.requests, usage.units], [1, 2, { images: 1 }])
    }).pipe(Effect.provide(services)))

  it.live("by the content is told as such, without the prompt or the key", () =>
    Effect.gen(function*() {
      const { failure } = yield* failing(400, {
        error: {
          message: "Your request was rejected by the safety system: sk-secret",
          type: "image_generation_user_error",
          code: "moderation_blocked"
        }
      })
      assert.strictEqual(failure.code, "model.content_refused")
      assert.notInclude(JSON.stringify(failure), "sk-secret")
    }).pipe(Effect.provide(services)))

  it.live("whose answer cannot be decompressed leaves the outcome unknown", () =>
    Effect.gen(function*() {
      const server = yield* Loopback.serve((_, response) => {
        response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" }).end("no gzip")
      })
      const { get } = yield* Fetch.Fetch
      const images = Images.make({ ...context(server.url), fetch: yield* get })
      const failure = yield* Effect.flip(paint(images, job()))
      assert.deepStrictEqual([failure.code, failure.category, server.requests.length], [
        "provider.outcome_unknown",
        "ambiguous",
        1
      ])
    }).pipe(Effect.provide(Layer.merge(services, Fetch.layer))))

  const unusable: ReadonlyArray<readonly [code: string, body: object]> = [
    ["provider.outcome_unknown", { data: "none" }],
    ["provider.outcome_unknown", { error: { code: 502, message: "upstream" } }],
    ["provider.credential_refused", { error: { code: 401, message: "no" } }],
    ["provider.response_invalid", { data: [] }],
    ["provider.response_invalid", { data: [{}] }]
  ]
  it.live.each(unusable)("in its answer is %s, after one request, for %j", ([code, body]) =>
    Effect.gen(function*() {
      const { failure, requests } = yield* failing(200, body)
      assert.deepStrictEqual([failure.code, failure.retryable, requests], [code, false, 1])
    }).pipe(Effect.provide(services)))
})
