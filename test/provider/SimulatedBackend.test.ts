import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import * as TestClock from "effect/testing/TestClock"
import type { SimulatedOptions } from "../../src/config/SimulatedToml.ts"
import * as ImageHeader from "../../src/document/ImageHeader.ts"
import type { PipeFailure } from "../../src/failure/PipeFailure.ts"
import { checks } from "../../src/provider/Answer.ts"
import * as SimulatedBackend from "../../src/provider/SimulatedBackend.ts"
import * as Storage from "../../src/storage/Storage.ts"
import { inference, job, model } from "./Scripted.ts"

const backend = (behaviour: SimulatedOptions = {}) =>
  Effect.gen(function*() {
    const storage = yield* Storage.Storage
    return {
      storage,
      ...SimulatedBackend.handlers(
        { files: { read: () => Effect.die("nothing is read") }, storage, checks: checks(), inference },
        behaviour
      )
    }
  }).pipe(Effect.provide(Storage.layerMemory))

const failed = <A>(effect: Effect.Effect<A, PipeFailure>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.forkChild(Effect.flip(effect))
    yield* TestClock.adjust("1 hour")
    return yield* Fiber.join(fiber)
  })

describe("the simulated backend", () => {
  it.effect("answers texts and objects, says so, and has asked nobody", () =>
    Effect.gen(function*() {
      const { act_llm_gen_object, act_llm_gen_text } = yield* backend()
      const { usage, value } = yield* act_llm_gen_text(job())
      assert.include(value, "[simulated]")
      assert.include(value, "acme-1")
      assert.deepStrictEqual(usage, {
        model: "acme-1",
        backend: "simulated",
        requests: 0,
        reasks: 0,
        units: {},
        seconds: 0,
        simulated: true
      })
      assert.deepStrictEqual((yield* act_llm_gen_text(job())).value, value)
      assert.notStrictEqual((yield* act_llm_gen_text(job({ prompt: { user: "other" } }))).value, value)
      assert.deepStrictEqual((yield* act_llm_gen_object(job())).value, {
        title: "simulated title",
        count: 1,
        remark: "simulated remark"
      })
    }))

  it.effect("draws images and finds an answer without sources", () =>
    Effect.gen(function*() {
      const { act_img_gen_images, act_search_gen_sourced_answer, storage } = yield* backend()
      const { meta } = job()
      const drawn = yield* act_img_gen_images({
        meta,
        setting: { model: model({ family: "img_gen", sdk: "fal" }), settings: {} },
        prompt: "a cat",
        images: [],
        count: 2,
        parameters: { aspect_ratio: "square", background: "auto", is_raw: false }
      })
      assert.lengthOf(drawn.value, 2)
      const url = drawn.value[0]?.["url"]
      const header = ImageHeader.read(yield* storage.get(typeof url === "string" ? url : ""))
      assert.strictEqual(header?.mimeType, "image/png")
      assert.deepStrictEqual([drawn.usage.simulated, drawn.usage.requests], [true, 0])
      const { value } = yield* act_search_gen_sourced_answer({
        meta,
        setting: { model: model({ family: "search", sdk: "linkup" }), settings: {} },
        query: "cats",
        parameters: { includeImages: false, includeInlineCitations: false }
      })
      assert.include(String(value["answer"]), "[simulated]")
      assert.deepStrictEqual(value["sources"], [])
    }))

  it.effect.each(
    [
      ["401", "provider.credential_refused", 1],
      ["429", "provider.rate_limited", 3],
      ["500", "provider.failed", 3],
      ["quota", "provider.quota_exhausted", 1],
      ["network", "provider.unavailable", 3],
      ["timeout", "provider.timeout", 3]
    ] as const
  )("told to fail with %s fails as %s, after %d requests", ([failWith, code, requests]) =>
    Effect.gen(function*() {
      const { act_llm_gen_text } = yield* backend({ failWith })
      const failure = yield* failed(act_llm_gen_text(job()))
      assert.deepStrictEqual(
        [failure.code, failure.attempts?.transport, failure.provider],
        [code, requests, "simulated"]
      )
      assert.deepStrictEqual([failure.usage?.simulated, failure.usage?.requests], [true, 0])
    }))

  it.effect.each(
    [
      ["malformed", "model.output_schema_mismatch", 3],
      ["refused", "model.content_refused", undefined],
      ["truncated", "model.output_truncated", undefined]
    ] as const
  )("told to give a %s answer fails as %s", ([failWith, code, reask]) =>
    Effect.gen(function*() {
      const { act_llm_gen_object } = yield* backend({ failWith })
      const failure = yield* failed(act_llm_gen_object(job()))
      assert.deepStrictEqual([failure.code, failure.attempts?.reask], [code, reask])
    }))

  it.effect("fails every so many requests, the same ones every time", () =>
    Effect.gen(function*() {
      const known: ReadonlyArray<readonly [seed: number, succeed: Array<boolean>]> = [
        [0, [true, true, false, true, true, false]],
        [2, [false, true, true, false, true, true]]
      ]
      for (const [seed, expected] of known) {
        const { act_llm_gen_text } = yield* backend({ failWith: "404", failEvery: 3, seed })
        const results = yield* Effect.forEach(expected, () => Effect.result(act_llm_gen_text(job())))
        assert.deepStrictEqual(results.map(Result.isSuccess), expected)
      }
    }))

  it.effect("takes the time that it is told to", () =>
    Effect.gen(function*() {
      const { act_llm_gen_text } = yield* backend({ latencyMillis: 1500 })
      const fiber = yield* Effect.forkChild(act_llm_gen_text(job()))
      yield* TestClock.adjust("1499 millis")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("1 millis")
      assert.strictEqual((yield* Fiber.join(fiber)).usage.seconds, 1.5)
    }))
})
