import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import { Buffer } from "node:buffer"
import { PipeFailure } from "../../src/failure/PipeFailure.ts"
import type { Model } from "../../src/program/Models.ts"
import { RunEvents } from "../../src/program/RunEvents.ts"
import type { Media } from "../../src/provider/Adapter.ts"
import type { Files } from "../../src/provider/Files.ts"
import * as LanguageModel from "../../src/provider/LanguageModel.ts"
import { type Answer, calling, job, model, scripted, status, structure } from "./Scripted.ts"

const canary = "CANARY-7f3a"

const fits = { title: "a", count: 1 }
const object = (value: unknown, units = { input: 10, output: 5 }): Answer => ({ value: Result.succeed(value), units })

/** Runs an effect while all the time there is goes by. */
const inTime = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.forkChild(Effect.result(effect))
    yield* TestClock.adjust("1 hour")
    return yield* Fiber.join(fiber)
  })

const failed = <A>(effect: Effect.Effect<A, PipeFailure>) =>
  Effect.flatMap(
    inTime(effect),
    (result) => Result.isFailure(result) ? Effect.succeed(result.failure) : Effect.die("it succeeded")
  )

const succeeded = <A>(effect: Effect.Effect<A, PipeFailure>) => Effect.flatMap(inTime(effect), Effect.fromResult)

const leaves = (answers: ReadonlyArray<Answer>, given: Parameters<typeof calling>[1] = {}) => {
  const { adapter, sent } = scripted(answers)
  return { ...LanguageModel.handlers(calling(adapter, given)), sent }
}

const written = (failure: PipeFailure) =>
  [
    JSON.stringify(Schema.encodeUnknownSync(Schema.toCodecJson(PipeFailure))(failure)),
    failure.message,
    Cause.pretty(Cause.fail(failure))
  ].join("\n")

describe("a text", () => {
  it.effect("is asked for once, with what the settings say and nothing more", () =>
    Effect.gen(function*() {
      const { act_llm_gen_text, sent } = leaves([{ text: "hello", units: { input: 7, output: 2 } }])
      const asked = job({ settings: { temperature: 0.3, imageDetail: "low" }, prompt: { system: "be kind" } })
      const { usage, value } = yield* succeeded(act_llm_gen_text(asked))
      assert.strictEqual(value, "hello")
      assert.deepStrictEqual(usage, {
        model: "acme-1",
        backend: "acme",
        modelId: "acme-one",
        requests: 1,
        reasks: 0,
        units: { input: 7, output: 2 },
        seconds: 0
      })
      assert.deepStrictEqual(sent, [{
        turns: [],
        request: {
          model: model(),
          wire: { modelId: "acme-one", headers: {}, rules: {} },
          system: "be kind",
          user: "the prompt",
          images: [],
          documents: [],
          temperature: 0.3,
          imageDetail: "low"
        }
      }])
    }))

  it.effect.each(
    [
      ["length", "model.output_truncated"],
      ["refused", "model.content_refused"]
    ] as const
  )("that stopped for %s fails as %s, counted and not asked again", ([stop, code]) =>
    Effect.gen(function*() {
      const { act_llm_gen_text, sent } = leaves([{ text: canary, stop, units: { input: 3, output: 50 } }])
      const failure = yield* failed(act_llm_gen_text(job({ settings: { maxTokens: 50 } })))
      assert.deepStrictEqual(
        [failure.code, failure.category, failure.model, failure.provider, sent.length],
        [code, "content", "acme-1", "acme", 1]
      )
      assert.deepStrictEqual(failure.usage?.units, { input: 3, output: 50 })
      if (stop === "length") assert.deepInclude(failure.reason, { maxTokens: 50, outputTokens: 50 })
      assert.notInclude(written(failure), canary)
    }))

  it.effect.each(["", " \n\t"])("of %j is an unusable answer, and has been paid for", (text) =>
    Effect.gen(function*() {
      const { act_llm_gen_text, sent } = leaves([{ text }])
      const failure = yield* failed(act_llm_gen_text(job()))
      assert.deepStrictEqual([failure.code, failure.category, sent.length], ["provider.response_invalid", "content", 1])
      assert.include(failure.message, "the answer is empty")
      assert.strictEqual(failure.usage?.units["output"], 5)
    }))

  it.effect("is sent again when the transport fails, and every request is counted", () =>
    Effect.gen(function*() {
      const { act_llm_gen_text, sent } = leaves([status(500), status(429), { text: "hello" }])
      const events: Array<string> = []
      const { usage } = yield* succeeded(
        Effect.provideService(act_llm_gen_text(job()), RunEvents, ({ _tag }) => events.push(_tag))
      )
      assert.deepStrictEqual([sent.length, usage.requests, usage.reasks], [3, 3, 0])
      assert.deepStrictEqual(events, ["Retry", "Retry"])
    }))

  it.effect("of a provider that stays away fails with its attempts and its usage", () =>
    Effect.gen(function*() {
      const { act_llm_gen_text, sent } = leaves([status(500), status(500), status(500)])
      const failure = yield* failed(act_llm_gen_text(job()))
      assert.deepStrictEqual([sent.length, failure.usage?.requests, failure.attempts], [3, 3, { transport: 3 }])
      assert.deepStrictEqual([failure.retryable, failure.provider], [true, "acme"])
    }))
})

describe("an object", () => {
  it.effect("that fits is returned as its concept reads it", () =>
    Effect.gen(function*() {
      const { act_llm_gen_object } = leaves([object({ ...fits, remark: null, extra: canary })])
      const { value } = yield* succeeded(act_llm_gen_object(job()))
      assert.deepStrictEqual(value, { ...fits, remark: null })
    }))

  it.effect("that does not fit is shown to the model with what is wrong, at once", () =>
    Effect.gen(function*() {
      const { act_llm_gen_object, sent } = leaves([
        object({ title: "a" }),
        { value: Result.fail("is not JSON"), text: canary },
        object(fits)
      ])
      const { usage, value } = yield* Effect.result(act_llm_gen_object(job())).pipe(Effect.flatMap(Effect.fromResult))
      assert.deepStrictEqual(value, { ...fits, remark: null })
      assert.deepStrictEqual(sent.map(({ turns }) => turns), [
        [],
        [{
          message: { role: "assistant", content: "answer 1" },
          misfits: [{ pointer: "/count", reason: "is missing" }]
        }],
        [
          {
            message: { role: "assistant", content: "answer 1" },
            misfits: [{ pointer: "/count", reason: "is missing" }]
          },
          { message: { role: "assistant", content: canary }, misfits: [{ pointer: "", reason: "is not JSON" }] }
        ]
      ])
      assert.deepStrictEqual([usage.requests, usage.reasks, usage.units], [3, 2, { input: 30, output: 15 }])
    }))

  it.effect("is asked for as often as is allowed, and then fails without a word of the answers", () =>
    Effect.gen(function*() {
      const wrong = object({ title: canary, count: canary, [canary]: canary })
      const { act_llm_gen_object, sent } = leaves([wrong, wrong, wrong])
      const failure = yield* failed(act_llm_gen_object(job()))
      assert.strictEqual(sent.length, 3)
      assert.deepStrictEqual(
        [failure.code, failure.category, failure.attempts],
        ["model.output_schema_mismatch", "content", { reask: 3 }]
      )
      assert.deepInclude(failure.reason, { attempts: 3, misfits: [{ pointer: "/count", reason: "is not an integer" }] })
      assert.deepStrictEqual([failure.usage?.requests, failure.usage?.reasks, failure.usage?.units["output"]], [
        3,
        2,
        15
      ])
      assert.notInclude(written(failure), canary)
    }))

  it.effect("is asked for once when one attempt is allowed", () =>
    Effect.gen(function*() {
      const { act_llm_gen_object, sent } = leaves([object({})], { inference: { schemaReaskMaxAttempts: 1 } })
      assert.strictEqual((yield* failed(act_llm_gen_object(job()))).code, "model.output_schema_mismatch")
      assert.strictEqual(sent.length, 1)
    }))

  it.effect("has a transport budget of its own at each attempt, and a failed transport ends it", () =>
    Effect.gen(function*() {
      const { act_llm_gen_object, sent } = leaves([
        status(500),
        object({}),
        status(500),
        status(500),
        status(500)
      ])
      const failure = yield* failed(act_llm_gen_object(job()))
      assert.strictEqual(sent.length, 5)
      assert.deepStrictEqual([failure.code, failure.attempts], ["provider.failed", { transport: 3, reask: 2 }])
      assert.deepStrictEqual(failure.usage?.units, { input: 10, output: 5 })
    }))

  it.effect("that was cut or refused is not asked again, also after a re-ask", () =>
    Effect.gen(function*() {
      for (const stop of ["length", "refused"] as const) {
        const { act_llm_gen_object, sent } = leaves([object({}), { stop, value: Result.fail("is not JSON") }])
        const failure = yield* failed(act_llm_gen_object(job()))
        assert.strictEqual(failure.code, stop === "length" ? "model.output_truncated" : "model.content_refused")
        assert.deepStrictEqual([sent.length, failure.usage?.units["output"], failure.attempts?.reask], [2, 10, 2])
      }
    }))

  it.effect("costs the same whether it succeeds in the end or not", () =>
    Effect.gen(function*() {
      const answers = [status(500), object({}), object({ title: 1 })]
      const good = leaves([...answers, object(fits)])
      const bad = leaves([...answers, object({})])
      const { usage } = yield* succeeded(good.act_llm_gen_object(job()))
      const failure = yield* failed(bad.act_llm_gen_object(job()))
      assert.deepStrictEqual({ ...failure.usage, seconds: 0 }, { ...usage, seconds: 0 })
    }))
})

describe("a list of objects", () => {
  it.effect("is read from its items, and each misfit says which", () =>
    Effect.gen(function*() {
      const { act_llm_gen_object_list, sent } = leaves([
        object({ items: [fits, { title: "b" }] }),
        object({ items: [fits] })
      ])
      const asked = { ...job(), structure: structure(true) }
      const { value } = yield* succeeded(act_llm_gen_object_list(asked))
      assert.deepStrictEqual(value, [{ ...fits, remark: null }])
      assert.deepStrictEqual(sent[1]?.turns[0]?.misfits, [{ pointer: "/items/1/count", reason: "is missing" }])
    }))
})

describe("what the model cannot do", () => {
  const refused = (given: Partial<Model>, asked: Parameters<typeof job>[0]) =>
    Effect.gen(function*() {
      const bytes: Files["Service"] = {
        read: () => Effect.succeed({ bytes: Buffer.from("%PDF-1.7"), mimeType: "application/pdf" })
      }
      const { act_llm_gen_text, sent } = leaves([{ text: "hello" }], { files: bytes })
      const failure = yield* failed(act_llm_gen_text(job({ ...asked, model: model(given) })))
      assert.deepStrictEqual([failure.code, sent.length, failure.usage?.requests], [
        "model.capability_unsupported",
        0,
        0
      ])
      return "capability" in failure.reason ? failure.reason.capability : ""
    })

  it.effect("is refused before any request", () =>
    Effect.gen(function*() {
      const image = { url: "https://example.org/a.png" }
      assert.deepStrictEqual(
        yield* Effect.all([
          refused({ inputs: ["text"] }, { prompt: { images: [image] } }),
          refused({ maxPromptImages: 1 }, { prompt: { images: [image, image] } }),
          refused({ inputs: ["text", "images"] }, { prompt: { documents: [{ url: "a.pdf" }] } }),
          refused({}, { settings: { reasoningEffort: "high" } }),
          refused({ thinking: "manual" }, { settings: { reasoningBudget: 100 } })
        ]),
        ["images", "more than 1 images", "documents", "reasoning", "a reasoning budget"]
      )
    }))
})

describe("files in a prompt", () => {
  const png = Buffer.from("89504e470d0a1a0a00000000", "hex")
  const pdf = Buffer.from("%PDF-1.7 x")

  const reading = () => {
    const read: Array<string> = []
    const files: Files["Service"] = {
      read: (url) =>
        Effect.sync(() => {
          read.push(url)
          return url.startsWith("pipelex-storage:") || url.endsWith(".png")
            ? { bytes: png, mimeType: "application/octet-stream" }
            : { bytes: pdf, mimeType: "application/pdf" }
        })
    }
    return { files, read }
  }

  const shown = (media: ReadonlyArray<Media> = []) =>
    media.map((each) => [each._tag === "Url" ? each.url : `${each.mimeType} ${each.base64}`, each.filename])

  const images = ["https://example.org/a.png", "pipelex-storage://r/generated/0.png", "./b.png", "file:///c.png"]
    .map((url) => ({ url }))
  const documents = [
    { url: "https://example.org/a.pdf" },
    { url: "data:application/pdf;base64,AAAA" },
    { url: "d.pdf", filename: "report.pdf" }
  ]

  it.effect("are read and encoded once, however often the request is sent", () =>
    Effect.gen(function*() {
      const { files, read } = reading()
      const { act_llm_gen_object, sent } = leaves([status(500), object({}), object(fits)], { files })
      yield* succeeded(act_llm_gen_object(job({ prompt: { images, documents } })))
      assert.lengthOf(sent, 3)
      assert.deepStrictEqual(read.toSorted(), [...images, ...documents].map(({ url }) => url).toSorted())
      assert.strictEqual(sent[0]?.request, sent[2]?.request)
    }))

  it.effect("are bytes with a type, and documents have a name that depends on their content alone", () =>
    Effect.gen(function*() {
      const { files } = reading()
      const { act_llm_gen_text, sent } = leaves([{ text: "hello" }], { files })
      yield* succeeded(act_llm_gen_text(job({ prompt: { images, documents } })))
      const image = [`image/png ${png.toString("base64")}`, undefined]
      assert.deepStrictEqual(shown(sent[0]?.request.images), [image, image, image, image])
      const document = `application/pdf ${pdf.toString("base64")}`
      const [first, second, third] = shown(sent[0]?.request.documents)
      assert.deepStrictEqual([first?.[0], third], [document, [document, "report.pdf"]])
      assert.match(first?.[1] ?? "", /^document_[0-9a-f]{12}\.pdf$/)
      assert.deepStrictEqual(first, second)
    }))

  it.effect("stay addresses where the provider fetches them, kind by kind", () =>
    Effect.gen(function*() {
      const { files, read } = reading()
      for (const passes of [{ images: true, documents: false }, { images: false, documents: true }]) {
        read.length = 0
        const { adapter, sent } = scripted([{ text: "hello" }], passes)
        const { act_llm_gen_text } = LanguageModel.handlers(calling(adapter, { files }))
        yield* succeeded(act_llm_gen_text(job({ prompt: { images, documents } })))
        assert.deepStrictEqual(
          [sent[0]?.request.images[0]?._tag, sent[0]?.request.documents[0]?._tag],
          passes.images ? ["Url", "Bytes"] : ["Bytes", "Url"]
        )
        assert.notInclude(read, passes.images ? "https://example.org/a.png" : "https://example.org/a.pdf")
        assert.lengthOf(read, images.length + documents.length - 1)
      }
    }))

  it.effect("that cannot be read are named by their place, and nothing is sent", () =>
    Effect.gen(function*() {
      const { act_llm_gen_text, sent } = leaves([{ text: "hello" }])
      const failure = yield* failed(act_llm_gen_text(job({ prompt: { images: [{ url: `/home/${canary}.png` }] } })))
      assert.deepStrictEqual([failure.code, sent.length], ["input.reference_not_found", 0])
      assert.include(failure.message, "image 1 of pipe \"ask\"")
      assert.notInclude(written(failure), canary)
    }))
})

it.effect("a setting that is not followed is said once for a model", () =>
  Effect.gen(function*() {
    const said: Array<unknown> = []
    const { act_llm_gen_text } = leaves([{ text: "a" }, { text: "b" }])
    const asked = job({ settings: { temperature: 0.2 }, model: model({ valuedConstraints: { fixed_temperature: 1 } }) })
    yield* succeeded(
      Effect.andThen(act_llm_gen_text(asked), act_llm_gen_text(asked)).pipe(
        Effect.provide(Logger.layer([Logger.make(({ message }) => said.push(message))]))
      )
    )
    assert.lengthOf(said, 1)
  }))
