import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Path from "effect/Path"
import * as Result from "effect/Result"
import * as Configuration from "../../src/config/Configuration.ts"
import * as Locations from "../../src/config/Locations.ts"
import * as Packaged from "../../src/config/Packaged.ts"
import type * as Placeholder from "../../src/config/Placeholder.ts"
import * as Serving from "../../src/config/Serving.ts"
import * as Live from "../../src/library/Live.ts"
import type { Family } from "../../src/program/Models.ts"
import * as ModelTable from "../../src/program/ModelTable.ts"
import * as Adapters from "../../src/provider/Adapters.ts"
import * as Method from "../../src/source/Method.ts"
import * as Folder from "../source/Folder.ts"

type Variables = Readonly<Record<string, string>>

const from = (variables: Variables): Placeholder.Variables => (name) => variables[name]
const isAdapted = Adapters.isAdapted

const packaged = Effect.gen(function*() {
  return yield* Configuration.load(Locations.packagedOnly(yield* Packaged.folder))
})

/** What one provider alone needs. */
const anyOne: ReadonlyArray<readonly [provider: string, variables: Variables]> = [
  ["openai", { OPENAI_API_KEY: "k" }],
  ["anthropic", { ANTHROPIC_API_KEY: "k" }],
  ["mistral", { MISTRAL_API_KEY: "k" }],
  ["google", { GOOGLE_API_KEY: "k" }],
  ["ollama", { OLLAMA_HOST: "localhost" }],
  ["azure_openai", { AZURE_OPENAI_ENDPOINT: "https://x", AZURE_OPENAI_API_KEY: "k" }],
  ["groq", { GROQ_API_KEY: "k" }],
  ["xai", { XAI_API_KEY: "k" }],
  ["openrouter", { OPENROUTER_API_KEY: "k" }],
  ["scaleway", { SCALEWAY_API_KEY: "k" }]
]
const five = anyOne.slice(0, 5)

const resolved = (models: ModelTable.ModelTable, family: Family, reference: string) => {
  const found = ModelTable.resolve(models, family, reference)
  return Result.isSuccess(found)
    ? `${found.success.model.handle} at ${found.success.model.backend}`
    : found.failure._tag
}

/** What a failed run would be told. */
const refused = (models: ModelTable.ModelTable, family: Family, reference: string) => {
  const found = ModelTable.resolve(models, family, reference)
  return Result.isSuccess(found) ? undefined : ModelTable.toReason(found.failure)
}

layer(Folder.layer)("the packaged deck, with one provider alone", (it) => {
  it.effect.each(five)(
    "means something by every language model's name, and obeys every preset, with %s",
    ([only, variables]) =>
      Effect.gen(function*() {
        const { isSimulated, models } = Configuration.live(yield* packaged, { variables: from(variables), isAdapted })
        assert.isFalse(isSimulated)
        const { aliases, presets, waterfalls } = models.decks.llm
        const names = [
          ...Object.keys(aliases).map((name) => `@${name}`),
          ...Object.keys(presets).map((name) => `$${name}`),
          ...Object.keys(waterfalls).filter((name) => !name.startsWith("others")).map((name) => `~${name}`)
        ]
        for (const name of names) {
          const found = ModelTable.resolve(models, "llm", name)
          assert.isTrue(Result.isSuccess(found), name)
          if (Result.isFailure(found)) return
          assert.strictEqual(found.success.model.backend, only, name)
          assert.isUndefined(ModelTable.refusedSetting(found.success), name)
          if (name.includes("vision")) assert.isUndefined(ModelTable.refusedPrompt(found.success.model, 1, 0), name)
        }
        for (const judge of Object.keys(models.decks.judgment.aliases)) {
          assert.include(resolved(models, "judgment", `@${judge}`), `at ${only}`)
        }
      })
  )

  it.effect.each(anyOne)(
    "answers the defaults with %s, and reads documents",
    ([only, variables]) =>
      Effect.gen(function*() {
        const { models } = Configuration.live(yield* packaged, { variables: from(variables), isAdapted })
        for (const kind of ["text", "object"]) {
          const choice = ModelTable.defaultChoice(models, "llm", kind)
          assert.include(resolved(models, "llm", typeof choice === "string" ? choice : ""), `at ${only}`)
        }
        for (const name of ["@default-extract-document", "@default-text-from-pdf", "azure-document-intelligence"]) {
          assert.match(resolved(models, "text_extractor", name), /^(mistral-ocr|pypdfium2-extract-pdf) /)
        }
      })
  )

  it.effect("has a model for a picture with those that draw, and says of the others which key would bring one", () =>
    Effect.gen(function*() {
      const configuration = yield* packaged
      const pictures = (variables: Variables) =>
        Configuration.live(configuration, { variables: from(variables), isAdapted }).models
      assert.strictEqual(resolved(pictures({ OPENAI_API_KEY: "k" }), "img_gen", "$gen-image"), "gpt-image-2 at openai")
      assert.strictEqual(resolved(pictures({ GOOGLE_API_KEY: "k" }), "img_gen", "$gen-image"), "nano-banana at google")
      assert.deepInclude(refused(pictures({ MISTRAL_API_KEY: "k" }), "img_gen", "$gen-image"), {
        _tag: "CredentialMissing",
        backend: "openai",
        variables: ["OPENAI_API_KEY"]
      })
    }))
})

layer(Folder.layer)("Configuration.live", (it) => {
  it.effect("is simulated when nothing on the network can be called, and reads documents here", () =>
    Effect.gen(function*() {
      const configuration = yield* packaged
      const { isSimulated, models } = Configuration.live(configuration, { variables: from({}), isAdapted })
      assert.isTrue(isSimulated)
      assert.strictEqual(resolved(models, "llm", "@default-general"), "gpt-5.6-terra at openai")
      assert.strictEqual(
        resolved(models, "text_extractor", "@default-extract-document"),
        "pypdfium2-extract-pdf at internal"
      )
      assert.deepInclude(refused(models, "text_extractor", "linkup-fetch"), {
        _tag: "CredentialMissing",
        variables: ["LINKUP_API_KEY"]
      })
      assert.deepStrictEqual(
        Serving.enabling(configuration.inference, from({ GROQ_API_KEY: "k" })).map((each) => each.variables),
        [
          ["OPENAI_API_KEY"],
          ["ANTHROPIC_API_KEY"],
          ["GOOGLE_API_KEY"],
          ["MISTRAL_API_KEY"],
          ["AZURE_OPENAI_ENDPOINT", "AZURE_OPENAI_API_KEY"].toReversed(),
          ["XAI_API_KEY"],
          ["OPENROUTER_API_KEY"],
          ["SCALEWAY_API_KEY"],
          ["OLLAMA_HOST"]
        ]
      )
    }))

  it.effect("fails a handle named outright with the variable that its backend lacks, and leaves the verdict as it is", () =>
    Effect.gen(function*() {
      const configuration = yield* packaged
      const { models } = Configuration.live(configuration, { variables: from({ OPENAI_API_KEY: "k" }), isAdapted })
      const reason = refused(models, "llm", "claude-4.5-sonnet")
      assert.deepInclude(reason, {
        _tag: "CredentialMissing",
        code: "pipelex.config.credential_missing",
        backend: "anthropic",
        variables: ["ANTHROPIC_API_KEY"]
      })
      assert.strictEqual(refused(models, "llm", "qwen3-8b")?._tag, "ModelUnavailable")
      assert.strictEqual(resolved(configuration.models, "llm", "claude-4.5-sonnet"), "claude-4.5-sonnet at anthropic")
      assert.isUndefined(configuration.models.lacking)
    }))

  it.effect("lets one backend answer every call when that is asked for", () =>
    Effect.gen(function*() {
      const configuration = yield* packaged
      const variables = from({ OPENAI_API_KEY: "k", OPENROUTER_API_KEY: "k" })
      const live = (backend: string) => Configuration.live(configuration, { variables, isAdapted, backend })
      const { isSimulated, models } = live("openrouter")
      assert.isFalse(isSimulated)
      assert.strictEqual(resolved(models, "llm", "gpt-4o"), "gpt-4o at openrouter")
      assert.strictEqual(resolved(models, "llm", "@default-general"), "claude-4.5-sonnet at openrouter")
      assert.strictEqual(
        resolved(models, "text_extractor", "@default-extract-document"),
        "pypdfium2-extract-pdf at internal"
      )
      assert.strictEqual(resolved(live("ollama").models, "llm", "@default-general"), "qwen3-8b at ollama")
      assert.isTrue(live("simulated").isSimulated)
    }))

  const files = {
    "inference/backends.toml":
      "[one]\napi_key = \"${ONE}\"\n[two]\nendpoint = \"https://two\"\n[three]\nenabled = false\n",
    "inference/backends/one.toml":
      "[defaults]\nsdk = \"openai\"\n[shared]\n[alone]\n[routed]\n[strange]\nsdk = \"unheard-of\"\n",
    "inference/backends/two.toml":
      "[defaults]\nsdk = \"openai\"\n[shared]\n[routed]\n[tagged]\n\"x-team\" = \"${TEAM}\"\n",
    "inference/backends/three.toml": "[defaults]\nsdk = \"openai\"\n[asleep]\n[alone]\n",
    "inference/routing_profiles.toml":
      "active = \"p\"\n[profiles.p]\ndescription = \"d\"\nfallback_order = [\"one\", \"two\"]\n[profiles.p.routes]\nrouted = \"one\"\n\"sha*\" = \"one\"\n",
    "inference/deck/1.toml": "[llm.aliases]\na = \"~w\"\n[llm.waterfalls]\nw = [\"alone\", \"tagged\", \"shared\"]\n"
  }

  it.effect("leaves a backend without credentials out of waterfalls and wildcards, but not out of a name's own route", () =>
    Effect.gen(function*() {
      const configuration = yield* Effect.flatMap(Folder.make(files), Configuration.loadFolder)
      const live = (variables: Variables) =>
        Configuration.live(configuration, { variables: from(variables), isAdapted }).models
      const models = live({})
      assert.strictEqual(resolved(models, "llm", "@a"), "shared at two")
      assert.strictEqual(resolved(models, "llm", "shared"), "shared at two")
      assert.deepInclude(refused(models, "llm", "routed"), { _tag: "CredentialMissing", backend: "one" })
      assert.deepInclude(refused(models, "llm", "alone"), {
        _tag: "CredentialMissing",
        backend: "one",
        variables: ["ONE"]
      })
      assert.strictEqual(refused(models, "llm", "asleep")?._tag, "ModelUnavailable")
      assert.strictEqual(resolved(live({ ONE: "k" }), "llm", "@a"), "alone at one")
      assert.strictEqual(resolved(live({ ONE: "k" }), "llm", "routed"), "routed at one")
    }))

  it.effect("leaves out a model that lacks a header of its own, or that nothing here can speak to, and no other", () =>
    Effect.gen(function*() {
      const configuration = yield* Effect.flatMap(Folder.make(files), Configuration.loadFolder)
      const { connections, models } = Configuration.live(configuration, { variables: from({ ONE: "k" }), isAdapted })
      assert.isTrue(Result.isSuccess(connections.get("two")))
      assert.deepInclude(refused(models, "llm", "tagged"), {
        _tag: "CredentialMissing",
        backend: "two",
        variables: ["TEAM"]
      })
      assert.isDefined(refused(models, "llm", "strange"))
      assert.strictEqual(resolved(configuration.models, "llm", "strange"), "strange at one")
    }))
})

layer(Folder.layer)("a durable run", (it) => {
  const durable = (variables: Variables, backend?: string) =>
    Effect.map(
      packaged,
      ({ inference }) => Serving.durable(inference, { variables: from(variables), isAdapted, backend })
    )

  it.effect("is resolved by the keys of its submitter, where it has any", () =>
    Effect.gen(function*() {
      const { inference } = yield* packaged
      for (const [, variables] of five) {
        const asking = { variables: from(variables), isAdapted }
        const { isSimulated, models } = Serving.durable(inference, asking)
        assert.isFalse(isSimulated)
        assert.deepStrictEqual(models, Serving.live(inference, asking).models)
      }
    }))

  it.effect("counts every enabled backend where none can be called: the keys are the workers' own", () =>
    Effect.gen(function*() {
      const { isSimulated, models } = yield* durable({})
      assert.isFalse(isSimulated)
      const backends = new Set(models.models.map(({ backend }) => backend))
      for (const backend of ["openai", "anthropic", "mistral", "internal"]) {
        assert.isTrue(backends.has(backend), backend)
      }
      const { models: one } = yield* durable({}, "anthropic")
      assert.match(resolved(one, "llm", "@default-general"), / at anthropic$/)
    }))

  it.effect("is simulated when that is asked for, and only then", () =>
    Effect.gen(function*() {
      assert.isTrue((yield* durable({}, Serving.simulated)).isSimulated)
      assert.isTrue((yield* durable({ OPENAI_API_KEY: "k" }, Serving.simulated)).isSimulated)
    }))
})

layer(Folder.layer)("a published method", (it) => {
  const environments: ReadonlyArray<readonly [string, Variables]> = [...five, ["no provider at all", {}]]
  it.effect.each(environments)(
    "names no model that it cannot have with %s",
    ([, variables], context) =>
      Effect.gen(function*() {
        const path = yield* Path.Path
        const corpus = yield* Folder.corpus
        if (corpus === undefined) {
          context.skip()
          return
        }
        const configuration = yield* packaged
        const { models } = Configuration.live(configuration, { variables: from(variables), isAdapted })
        const folders = yield* Folder.below(path.join(corpus, "methods"))
        assert.isAbove(folders.length, 10)
        for (const folder of folders) {
          const method = yield* Method.load(folder, { models: configuration.models, compat: true })
          const library = method.library
          assert.isDefined(library, folder)
          for (const ref of library?.pipes.keys() ?? []) {
            const live = library === undefined ? undefined : Live.reaching(library, ref, { models })
            assert.isTrue(live !== undefined && Result.isSuccess(live), `${folder} ${ref}`)
          }
        }
      })
  )
})
