import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Buffer } from "node:buffer"
import type { IncomingMessage } from "node:http"
import * as Files from "../../../src/provider/Files.ts"
import * as Images from "../../../src/provider/google/Images.ts"
import * as Storage from "../../../src/storage/Storage.ts"
import * as Loopback from "../../document/Loopback.ts"
import { answer, bodyOf, context, job, paint, png, request, wire } from "../Painting.ts"

const services = Layer.provideMerge(Files.layer(), Layer.mergeAll(Storage.layerMemory, NodeServices.layer))

const base64 = (shade: number) => Buffer.from(png(shade)).toString("base64")

const picture = (shade: number) => ({ inlineData: { mimeType: "image/png", data: base64(shade) } })

const replying = (body: object, status = 200) => {
  const seen: Array<{ readonly body: unknown; readonly headers: IncomingMessage["headers"] }> = []
  return Effect.map(
    Loopback.serve((incoming, response) => {
      void bodyOf(incoming).then((sent) => {
        seen.push({ body: sent, headers: incoming.headers })
        answer(response, body, status)
      })
    }),
    (server) => ({ server, seen, adapter: Images.make(context(`${server.url}/v1beta`)) })
  )
}

describe("Gemini's images", () => {
  it.live("are asked for with the prompt, the images and the shape, and come inline", () =>
    Effect.gen(function*() {
      const { adapter, seen, server } = yield* replying({
        candidates: [{
          content: {
            parts: [{ text: "Here it is" }, { thought: true, ...picture(1) }, picture(2)]
          },
          finishReason: "STOP"
        }],
        usageMetadata: { promptTokenCount: 7, candidatesTokenCount: 1290, thoughtsTokenCount: 10 }
      })
      const reply = yield* adapter.generate(request({
        wire: wire({ modelId: "gemini-2.5-flash-image" }),
        images: [{ _tag: "Bytes", base64: base64(9), mimeType: "image/png" }],
        arguments: { imageConfig: { aspectRatio: "16:9", imageSize: "2K" }, seed: 4 }
      }))
      assert.deepStrictEqual(server.requests, ["POST /v1beta/models/gemini-2.5-flash-image:generateContent"])
      assert.deepStrictEqual(seen[0]?.body, {
        contents: [{
          role: "user",
          parts: [{ text: "A fox" }, { inlineData: { mimeType: "image/png", data: base64(9) } }]
        }],
        generationConfig: {
          responseModalities: ["IMAGE"],
          imageConfig: { aspectRatio: "16:9", imageSize: "2K" },
          seed: 4
        }
      })
      assert.deepStrictEqual([seen[0]?.headers["x-goog-api-key"], seen[0]?.headers["x-project-id"]], [
        "sk-secret",
        "p1"
      ])
      assert.deepStrictEqual(reply, {
        images: [{ _tag: "Bytes", bytes: Buffer.from(png(2)), mimeType: "image/png" }],
        units: { input: 7, output: 1300 }
      })
    }))

  it.live("are asked for one by one", () =>
    Effect.gen(function*() {
      const { adapter, server } = yield* replying({ candidates: [{ content: { parts: [picture(3)] } }] })
      const { value } = yield* paint(adapter, job({ count: 2 }), { rules: { aspect_ratio: "gemini_2_5" } })
      assert.deepStrictEqual([value.length, server.requests.length], [2, 2])
    }).pipe(Effect.provide(services)))

  const refusals: ReadonlyArray<readonly [title: string, body: object]> = [
    ["the prompt", { promptFeedback: { blockReason: "PROHIBITED_CONTENT" }, usageMetadata: { promptTokenCount: 7 } }],
    ["the image", { candidates: [{ finishReason: "IMAGE_SAFETY" }], usageMetadata: { promptTokenCount: 7 } }]
  ]
  it.live.each(refusals)("may be refused for %s, which is counted", ([, body]) =>
    Effect.gen(function*() {
      const { adapter } = yield* replying(body)
      const failure = yield* Effect.flip(paint(adapter, job()))
      assert.deepStrictEqual([failure.code, failure.usage?.units], ["model.content_refused", { input: 7, images: 0 }])
    }).pipe(Effect.provide(services)))

  const unusable: ReadonlyArray<readonly [code: string, body: object]> = [
    ["provider.response_invalid", { candidates: [{ content: { parts: [{ text: "no" }] } }] }],
    ["provider.outcome_unknown", { candidates: 3 }]
  ]
  it.live.each(unusable)("may be missing from an answer: %s for %j", ([code, body]) =>
    Effect.gen(function*() {
      const { adapter, server } = yield* replying(body)
      const failure = yield* Effect.flip(paint(adapter, job()))
      assert.deepStrictEqual([failure.code, server.requests.length], [code, 1])
    }).pipe(Effect.provide(services)))

  it.live("are asked for once where the outcome is not known", () =>
    Effect.gen(function*() {
      const { adapter, server } = yield* replying({ error: { code: 503, status: "UNAVAILABLE", message: "busy" } }, 503)
      const failure = yield* Effect.flip(paint(adapter, job()))
      assert.deepStrictEqual([failure.code, failure.category, server.requests.length], [
        "provider.outcome_unknown",
        "ambiguous",
        1
      ])
    }).pipe(Effect.provide(services)))
})
