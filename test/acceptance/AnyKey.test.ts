/** Any one key is enough: with one provider's key and the packaged configuration, every method comes to its end. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as References from "effect/References"
import * as Result from "effect/Result"
import { PipeFailure } from "../../src/failure/PipeFailure.ts"
import type { Case } from "../conformance/Corpus.ts"
import type * as FakeProvider from "../fake/FakeProvider.ts"
import { pipe } from "../library/Fixture.ts"
import * as Folder from "../source/Folder.ts"
import { layers, methodOf, type Setting } from "./Layers.ts"
import * as Published from "./Published.ts"

interface Key {
  readonly variable: string
  /** Where a request shows the key. */
  readonly header?: string
  readonly apis: ReadonlyArray<FakeProvider.Request["api"]>
  readonly makesImages: boolean
  /** Methods that end otherwise with this key, and how. */
  readonly otherwise?: Readonly<Record<string, string>>
}

const blind = "model.capability_unsupported"

const keys: ReadonlyArray<Key> = [
  {
    variable: "OPENAI_API_KEY",
    header: "authorization",
    apis: ["openai_responses", "openai_images"],
    makesImages: true
  },
  {
    variable: "ANTHROPIC_API_KEY",
    header: "x-api-key",
    apis: ["anthropic_messages"],
    makesImages: false
  },
  {
    variable: "GOOGLE_API_KEY",
    header: "x-goog-api-key",
    apis: ["google_generate"],
    makesImages: true
  },
  {
    variable: "MISTRAL_API_KEY",
    header: "authorization",
    apis: ["mistral_chat", "openai_chat", "mistral_ocr"],
    makesImages: false
  },
  {
    variable: "OLLAMA_HOST",
    apis: ["openai_chat"],
    makesImages: false,
    // They show images to the default model, which is one of text alone here: one that sees has to be named ("$vision").
    otherwise: { diff_llm_gal_with: blind, diff_llm_page_with: blind, images_in_prompt: blind }
  }
]

const endingOf = (failure: unknown): string =>
  failure instanceof PipeFailure ? `${failure.code}: ${failure.message}` : String(failure)

type Run = ReturnType<typeof layers[number]["open"]>["run"]

const ran = (run: Run, each: Case, setting: Setting) =>
  Effect.gen(function*() {
    const asked = yield* Published.asked(each, setting)
    if (typeof asked === "string") return asked
    const { result } = yield* run(asked, { ...setting, base: each.folder })
    return Result.isSuccess(result) ? "ok" : endingOf(result.failure)
  }).pipe(Effect.catch((failure) => Effect.succeed(endingOf(failure))))

/** Every one that does not end as it is to. */
const surprises = Effect.fnUntraced(function*(
  run: Run,
  all: ReadonlyArray<Published.Tried>,
  setting: Setting,
  { otherwise = {} }: Key
) {
  const endings = yield* Effect.forEach(all, ({ each }) => ran(run, each, setting), { concurrency: 4 })
  return all.flatMap(({ each, ending }, index) => {
    const ended = endings[index] ?? ""
    const wanted = otherwise[each.name] ?? ending
    return ended === wanted || ended.startsWith(`${wanted}: `) ? [] : [`${each.name}: ${ended}, not ${wanted}`]
  })
})

/** Whoever was asked is the key's own provider, and was shown the key. */
const onlyAsked = ({ apis, header }: Key, sent: ReadonlyArray<FakeProvider.Logged>): void => {
  assert.isNotEmpty(sent)
  for (const { headers, request } of sent) {
    assert.include(apis, request.api)
    if (header !== undefined) assert.include(headers[header] ?? "", Published.secret)
  }
}

const bundle = [
  pipe("paint", "PipeImgGen", { output: "Image", prompt: "A cat" }),
  pipe("look_up", "PipeSearch", { output: "SearchResult", prompt: "Cats" }),
  pipe("read_page", "PipeExtract", {
    inputs: { page: "Document" },
    output: "Page[]",
    model: "@default-extract-web-page"
  })
].join("\n")

const webPage = { page: { concept: "Document", content: { url: "https://example.invalid/cats" } } }

const lacking = "pipelex.config.credential_missing"

describe.each(layers)("on $name", ({ name: layer, open }) => {
  const { run } = open()
  // That methods end alike on both layers is for `Streams.test.ts`.
  const isDurable = layer === "Temporal"

  describe.each(keys)("with $variable alone", (key) => {
    it.live.skipIf(isDurable || !Published.isCorpusThere)(
      "every published method comes to its end",
      () =>
        Effect.gen(function*() {
          const { provider: { requests }, setting } = yield* Published.start(key.variable)
          assert.deepStrictEqual(yield* surprises(run, Published.published, setting, key), [])
          onlyAsked(key, yield* requests)
        }).pipe(Effect.provideService(References.MinimumLogLevel, "None"), Effect.provide(Folder.layer)),
      120_000
    )

    it.live.skipIf(isDurable)(
      "the example, and every method of ours that names no model, comes to its end",
      () =>
        Effect.gen(function*() {
          const { provider: { requests }, setting } = yield* Published.start(key.variable)
          assert.deepStrictEqual(yield* surprises(run, Published.own, setting, key), [])
          onlyAsked(key, yield* requests)
        }).pipe(Effect.provideService(References.MinimumLogLevel, "None"), Effect.provide(Folder.layer)),
      120_000
    )

    // What no language model does: images are made by OpenAI and Google alone, the web is searched and read by Linkup alone.
    it.live(
      "what its provider does not offer is refused before anything is sent, by the key that is missing",
      () =>
        Effect.gen(function*() {
          const { provider: { requests }, setting } = yield* Published.start(key.variable)
          const method = methodOf(bundle, setting.configuration)
          const ends = Effect.fnUntraced(function*(ref: string, inputs = {}) {
            const { result } = yield* run({ method, ref, inputs }, setting)
            return Result.isSuccess(result) ? "ok" : result.failure.code
          })
          assert.strictEqual(yield* ends("d.look_up"), lacking)
          assert.strictEqual(yield* ends("d.read_page", webPage), lacking)
          assert.strictEqual(yield* ends("d.paint"), key.makesImages ? "ok" : lacking)
          assert.lengthOf(yield* requests, key.makesImages ? 1 : 0)
        }).pipe(Effect.provideService(References.MinimumLogLevel, "None"), Effect.provide(Folder.layer)),
      60_000
    )
  })
})
