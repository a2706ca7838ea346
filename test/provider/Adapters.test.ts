import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { Model } from "../../src/program/Models.ts"
import * as Adapters from "../../src/provider/Adapters.ts"
import { inference, looking, model } from "./Scripted.ts"

describe("adapters", () => {
  const adapters = () => {
    const { asked, connections } = looking()
    let fetches = 0
    const fetch = Effect.sync(() => {
      fetches += 1
      return () => Promise.reject(new Error("nobody is called"))
    })
    return { ...Adapters.make({ connections, inference, fetch }), asked, fetches: () => fetches }
  }

  it.effect("of a backend without credentials are not made: the failure names what to set", () =>
    Effect.gen(function*() {
      const { fetches, language } = adapters()
      const failure = yield* Effect.flip(language(model({ backend: "poor" })))
      assert.strictEqual(failure.code, "pipelex.config.credential_missing")
      assert.deepInclude(failure.reason, {
        backend: "poor",
        provider: "poor",
        model: "acme-1",
        variables: ["POOR_KEY"]
      })
      assert.strictEqual(fetches(), 0)
    }))

  it.effect("that do not exist are a failure that names adapter and backend, before any credential is asked for", () =>
    Effect.gen(function*() {
      const { asked, extract, image, language, search } = adapters()
      const unknown = model({ sdk: "bedrock_boto3", backend: "bedrock" })
      const failures = yield* Effect.all([
        Effect.flip(language(unknown)),
        Effect.flip(image(unknown)),
        Effect.flip(extract(unknown)),
        Effect.flip(search(unknown))
      ])
      for (const failure of failures) {
        assert.strictEqual(failure.code, "runtime.unsupported")
        assert.include(failure.message, "adapter \"bedrock_boto3\" of backend \"bedrock\"")
      }
      for (const sdk of ["constructor", "toString", "__proto__"]) {
        assert.strictEqual((yield* Effect.flip(language(model({ sdk })))).code, "runtime.unsupported")
      }
      assert.deepStrictEqual(asked, [])
    }))

  it.effect("are made once for a backend and sdk, also when they are first asked for together", () =>
    Effect.gen(function*() {
      const { language } = adapters()
      const many = yield* Effect.forEach(
        Array.from({ length: 8 }, () => model()),
        language,
        { concurrency: "unbounded" }
      )
      assert.lengthOf(new Set(many.map(({ adapter }) => adapter)), 1)
      const others = yield* Effect.forEach(
        [model({ backend: "other" }), model({ sdk: "openai_responses" }), model({ sdk: "azure_openai" })],
        language
      )
      assert.lengthOf(new Set([...many, ...others].map(({ adapter }) => adapter)), 4)
      assert.strictEqual(many[0]?.wire.modelId, "acme-1")
    }))

  const known: ReadonlyArray<readonly [Model["family"], ReadonlyArray<string>]> = [
    ["llm", ["openai", "azure_openai", "openai_responses", "azure_openai_responses", "anthropic", "mistral", "google"]],
    ["img_gen", ["openai_img_gen", "fal", "google"]],
    ["text_extractor", ["mistral", "linkup_fetch"]],
    ["search", ["linkup"]]
  ]

  it.effect("exist for what the packaged backends name, and load", () =>
    Effect.gen(function*() {
      const { extract, image, language, search } = adapters()
      const lookups = { llm: language, img_gen: image, text_extractor: extract, search } as Readonly<
        Record<string, (model: Model) => Effect.Effect<unknown, unknown>>
      >
      for (const [family, sdks] of known) {
        for (const sdk of sdks) {
          assert.isTrue(Adapters.isAdapted({ family, sdk }), `${family} ${sdk}`)
          yield* lookups[family]?.(model({ family, sdk })) ?? Effect.die(family)
        }
      }
    }))

  it("are missing for other sdks, and not needed for extraction in this process", () => {
    const adapted = (family: Model["family"], sdk: string) => Adapters.isAdapted({ family, sdk })
    assert.deepStrictEqual(
      [adapted("llm", "bedrock_boto3"), adapted("search", "openai"), adapted("img_gen", "linkup"), adapted("llm", "")],
      [false, false, false, false]
    )
    assert.isTrue(adapted("text_extractor", "pypdfium2"))
    assert.deepStrictEqual(
      [
        Adapters.isLocal({ family: "text_extractor", sdk: "pypdfium2" }),
        Adapters.isLocal({ family: "llm", sdk: "pypdfium2" })
      ],
      [true, false]
    )
  })
})
