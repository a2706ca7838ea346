import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/testing/TestClock"
import { Buffer } from "node:buffer"
import type { PipeFailure } from "../../src/failure/PipeFailure.ts"
import type { ImageAdapter, ImageReply, ImageRequest } from "../../src/provider/Adapter.ts"
import * as Files from "../../src/provider/Files.ts"
import { ProviderError } from "../../src/provider/transport/ProviderError.ts"
import * as Storage from "../../src/storage/Storage.ts"
import * as Loopback from "../document/Loopback.ts"
import { job, paint, png } from "./Painting.ts"

const services = Layer.provideMerge(
  Files.layer({ remote: { allowedAddresses: ["127.0.0.1"] } }),
  Layer.mergeAll(Storage.layerMemory, NodeServices.layer)
)

/** An adapter that answers in turn, and the requests that reached it. */
const scripted = (answers: ReadonlyArray<Partial<ImageReply> | ProviderError>, passesUrls = false) => {
  const sent: Array<ImageRequest> = []
  const adapter: ImageAdapter = {
    passesUrls,
    generate: (request) =>
      Effect.suspend(() => {
        const answer = answers[sent.length]
        sent.push(request)
        if (answer === undefined) return Effect.die(`the script has no answer ${sent.length}`)
        return answer instanceof ProviderError
          ? Effect.fail(answer)
          : Effect.succeed({ images: [], units: {}, ...answer })
      })
  }
  return { adapter, sent }
}

const made = (...shades: ReadonlyArray<number>): Partial<ImageReply> => ({
  images: shades.map((shade) => ({ _tag: "Bytes", bytes: png(shade) }))
})

const status = (code: number, more: Partial<ProviderError["metadata"]> = {}) =>
  new ProviderError({ kind: "status", metadata: { provider: "openai", status: code, ...more } })

/** Waits pass at once. */
const failing = Effect.fnUntraced(function*<R>(effect: Effect.Effect<unknown, PipeFailure, R>) {
  const fiber = yield* Effect.forkChild(Effect.flip(effect))
  yield* TestClock.adjust("5 minutes")
  return yield* Fiber.join(fiber)
})

describe("the image leaf", () => {
  it.effect("keeps what was made among the artefacts, and says of it what its bytes show", () =>
    Effect.gen(function*() {
      const { adapter } = scripted([{ ...made(7), units: { input: 5, output: 9 } }])
      const { usage, value } = yield* paint(
        adapter,
        job({ prompt: "A fox", negativePrompt: "rain" }),
        { rules: { prompt: "with_negative" } }
      )
      const storage = yield* Storage.Storage
      const [image] = value
      const url = String(image?.["url"])
      assert.match(url, /^pipelex-storage:\/\/run\/generated\/[0-9a-f]{16}\.png$/)
      assert.deepStrictEqual(Buffer.from(yield* storage.get(url)), Buffer.from(png(7)))
      assert.deepStrictEqual(value, [{
        url,
        public_url: null,
        source_prompt: "A fox",
        source_negative_prompt: "rain",
        caption: null,
        mime_type: "image/png",
        width: 3,
        height: 2,
        filename: null
      }])
      const { seconds: _, ...counted } = usage
      assert.deepStrictEqual(counted, {
        model: "painter",
        backend: "studio",
        modelId: "studio/painter-1",
        requests: 1,
        reasks: 0,
        units: { input: 5, output: 9, images: 1 }
      })
    }).pipe(Effect.provide(services)))

  it.effect("asks for all images at once where the model can, in their order", () =>
    Effect.gen(function*() {
      const { adapter, sent } = scripted([made(1, 2, 3)])
      const { usage, value } = yield* paint(adapter, job({ count: 3 }), { rules: { num_images: "gpt_image" } })
      assert.deepStrictEqual(sent.map(({ arguments: args, count }) => [args, count]), [[{ n: 3 }, 3]])
      assert.lengthOf(new Set(value.map(({ url }) => url)), 3)
      assert.deepStrictEqual(usage.units, { images: 3 })
    }).pipe(Effect.provide(services)))

  it.effect("asks once for each image where the model makes one", () =>
    Effect.gen(function*() {
      const { adapter, sent } = scripted([made(1), made(2), made(3)])
      const { usage, value } = yield* paint(adapter, job({ count: 3 }))
      assert.deepStrictEqual(sent.map(({ count }) => count), [1, 1, 1])
      assert.lengthOf(value, 3)
      assert.deepStrictEqual([usage.requests, usage.units], [3, { images: 3 }])
    }).pipe(Effect.provide(services)))

  it.effect("hands images over as bytes, and calls the model by the name its rules want", () =>
    Effect.gen(function*() {
      const { adapter, sent } = scripted([made(1)])
      const url = `data:image/png;base64,${Buffer.from(png(9)).toString("base64")}`
      yield* paint(adapter, job({ images: [{ url }] }), { rules: { model_choice: "model_name" } })
      assert.strictEqual(sent[0]?.wire.modelId, "painter")
      assert.deepStrictEqual(sent[0]?.images, [{
        _tag: "Bytes",
        base64: Buffer.from(png(9)).toString("base64"),
        mimeType: "image/png"
      }])
    }).pipe(Effect.provide(services)))

  it.effect("hands over web addresses as they are where the provider takes them", () =>
    Effect.gen(function*() {
      const { adapter, sent } = scripted([made(1)], true)
      yield* paint(adapter, job({ images: [{ url: "https://x.test/a.png" }] }))
      assert.deepStrictEqual(sent[0]?.images, [{ _tag: "Url", url: "https://x.test/a.png" }])
    }).pipe(Effect.provide(services)))

  it.live("fetches what was made elsewhere, again when that fails in passing", () =>
    Effect.gen(function*() {
      let asked = 0
      const server = yield* Loopback.serve((_, response) => {
        asked += 1
        if (asked === 1) response.writeHead(503).end()
        else response.end(png(4))
      })
      const { adapter, sent } = scripted([{ images: [{ _tag: "Url", url: `${server.url}/made` }] }])
      const { value } = yield* paint(adapter, job())
      assert.deepStrictEqual([value[0]?.["mime_type"], asked, sent.length], ["image/png", 2, 1])
    }).pipe(Effect.provide(services)))

  it.effect("counts tokens of the image models that price them", () =>
    Effect.gen(function*() {
      const { adapter } = scripted([{ ...made(1), units: { input: 1 } }, { ...made(2), units: { input: 2 } }])
      const { usage } = yield* paint(adapter, job({ count: 2 }))
      assert.deepStrictEqual(usage.units, { input: 3, images: 2 })
    }).pipe(Effect.provide(services)))
})

describe("the image leaf fails", () => {
  it.effect("after one request where the outcome is not known", () =>
    Effect.gen(function*() {
      for (
        const error of [
          status(500),
          status(503),
          new ProviderError({ kind: "timeout", metadata: { provider: "openai" } }),
          new ProviderError({ kind: "network", metadata: { provider: "openai" } })
        ]
      ) {
        const { adapter, sent } = scripted([error])
        const failure = yield* failing(paint(adapter, job()))
        assert.deepStrictEqual([failure.code, failure.category, failure.retryable, sent.length], [
          "provider.outcome_unknown",
          "ambiguous",
          false,
          1
        ])
        assert.strictEqual(failure.usage?.requests, 1)
      }
    }).pipe(Effect.provide(services)))

  it.effect("after all its requests where no work was done", () =>
    Effect.gen(function*() {
      const limited = scripted([status(429), status(429), status(429)])
      assert.strictEqual((yield* failing(paint(limited.adapter, job()))).code, "provider.rate_limited")
      assert.lengthOf(limited.sent, 3)
      const away = new ProviderError({ kind: "not_sent", metadata: { provider: "openai" } })
      const unreached = scripted([away, away, away])
      assert.strictEqual((yield* failing(paint(unreached.adapter, job()))).code, "provider.unavailable")
      assert.lengthOf(unreached.sent, 3)
    }).pipe(Effect.provide(services)))

  it.effect("before any request for what the model cannot do, or a rule that is not known", () =>
    Effect.gen(function*() {
      const { adapter, sent } = scripted([])
      const asked = job({
        images: [{ url: "no-such-file.png" }],
        parameters: { aspect_ratio: "landscape_16_9", background: "auto", is_raw: false }
      })
      const incapable = yield* Effect.flip(paint(adapter, asked, { rules: { aspect_ratio: "gpt_image_legacy" } }))
      assert.strictEqual(incapable.code, "model.capability_unsupported")
      assert.include(incapable.message, "aspect_ratio = \"landscape_16_9\"")
      const misruled = yield* Effect.flip(paint(adapter, job(), { rules: { inference: "magic" } }))
      assert.strictEqual(misruled.code, "pipelex.config.invalid")
      const missing = yield* Effect.flip(paint(adapter, job({ images: [{ url: "no-such-file.png" }] })))
      assert.strictEqual(missing.code, "input.reference_not_found")
      assert.isEmpty(sent)
    }).pipe(Effect.provide(services)))

  it.effect("on an answer that is of no use, and counts what it cost", () =>
    Effect.gen(function*() {
      const few = yield* Effect.flip(
        paint(scripted([{ ...made(1), units: { output: 8 } }]).adapter, job({ count: 2 }), {
          rules: { num_images: "fal" }
        })
      )
      assert.deepStrictEqual([few.code, few.usage?.units], ["provider.response_invalid", { output: 8, images: 1 }])
      const page = { images: [{ _tag: "Bytes" as const, bytes: Buffer.from("<html></html>"), mimeType: "image/png" }] }
      const none = yield* Effect.flip(paint(scripted([page]).adapter, job()))
      assert.strictEqual(none.code, "provider.response_invalid")
      const refused = yield* Effect.flip(
        paint(scripted([{ isRefused: true, units: { input: 3 } }]).adapter, job())
      )
      assert.deepStrictEqual([refused.code, refused.usage?.units], ["model.content_refused", { input: 3, images: 0 }])
    }).pipe(Effect.provide(services)))

  it.live("for good where an image that was made cannot be had, so that nobody pays for it twice", () =>
    Effect.gen(function*() {
      const server = yield* Loopback.serve((_, response) => {
        response.writeHead(503).end()
      })
      const { adapter, sent } = scripted([{ images: [{ _tag: "Url", url: `${server.url}/made` }] }])
      const failure = yield* Effect.flip(paint(adapter, job()))
      assert.deepStrictEqual([failure.code, failure.retryable, failure.usage?.units, sent.length], [
        "input.url_unreachable",
        false,
        { images: 1 },
        1
      ])
      assert.lengthOf(server.requests, 3)
    }).pipe(Effect.provide(services)))
})
