import { assert, describe, it, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Configuration from "../../src/config/Configuration.ts"
import * as Locations from "../../src/config/Locations.ts"
import * as Packaged from "../../src/config/Packaged.ts"
import * as Scaffold from "../../src/config/Scaffold.ts"
import * as ModelTable from "../../src/program/ModelTable.ts"
import * as Folder from "../source/Folder.ts"

const names = [
  "openai",
  "anthropic",
  "google",
  "mistral",
  "azure_openai",
  "groq",
  "xai",
  "openrouter",
  "scaleway",
  "fal",
  "linkup",
  "ollama",
  "internal"
]

const packaged = Effect.flatMap(Packaged.folder, (folder) => Configuration.load(Locations.packagedOnly(folder)))

/** The configuration of a new folder, as our own loader reads it. */
const loaded = Effect.fnUntraced(function*(backends: ReadonlyArray<string>) {
  const scaffold = yield* Scaffold.make(yield* packaged, { backends })
  const folder = yield* Folder.make(Object.fromEntries(scaffold.files.map(({ content, path }) => [path, content])))
  return { scaffold, configuration: yield* Configuration.loadFolder(folder) }
})

const standsFor = (
  { models }: Configuration.Configuration,
  family: ModelTable.Family,
  reference: string
): string | undefined => {
  const found = ModelTable.resolve(models, family, reference)
  return Result.isSuccess(found) ? `${found.success.model.backend}/${found.success.model.handle}` : undefined
}

const enabled = ({ inference }: Configuration.Configuration): Array<string> =>
  inference.backends.filter(({ isEnabled }) => isEnabled).map(({ name }) => name)

layer(Folder.layer)("Scaffold.make", (it) => {
  it.effect("knows every packaged backend by name", () =>
    Effect.gen(function*() {
      const { inference } = yield* packaged
      assert.sameMembers(inference.backends.map(({ name }) => name), names)
    }))

  it.effect.each(names)(
    "writes files for %s that load, with it alone enabled and its profile active",
    (name) =>
      Effect.gen(function*() {
        const { configuration, scaffold } = yield* loaded([name])
        assert.sameMembers(enabled(configuration), Array.from(new Set([name, "internal"])))
        assert.strictEqual(configuration.inference.profile.name, `all_${name}`)
        assert.strictEqual(scaffold.profile, `all_${name}`)
        const { models } = configuration
        const served = models.models.filter(({ family }) => family === "llm")
        assert.deepStrictEqual(
          Array.from(new Set(served.map(({ backend }) => backend))),
          served.length === 0 ? [] : [name]
        )
        const standard = standsFor(configuration, "llm", "@default-general")
        assert.strictEqual(standard?.split("/")[0], served.length === 0 ? undefined : name)
      })
  )

  it.effect("lets the first backend answer the default names, and the next those that the first has no model for", () =>
    Effect.gen(function*() {
      const { configuration } = yield* loaded(["mistral", "openai", "linkup"])
      assert.strictEqual(configuration.inference.profile.name, "custom_routing")
      assert.strictEqual(standsFor(configuration, "llm", "@default-general"), "mistral/mistral-medium")
      assert.strictEqual(standsFor(configuration, "text_extractor", "@default-extract-document"), "mistral/mistral-ocr")
      assert.strictEqual(standsFor(configuration, "img_gen", "@default-general"), "openai/gpt-image-2")
      assert.strictEqual(standsFor(configuration, "search", "@default-search"), "linkup/linkup-standard")
      const { configuration: other } = yield* loaded(["openai", "mistral"])
      assert.match(standsFor(other, "llm", "@default-general") ?? "", /^openai\//)
      assert.strictEqual(standsFor(other, "text_extractor", "@default-extract-document"), "mistral/mistral-ocr")
    }))

  it.effect("changes nothing when nothing is chosen", () =>
    Effect.gen(function*() {
      const before = yield* packaged
      const { configuration, scaffold } = yield* loaded([])
      assert.deepStrictEqual(configuration.values, before.values)
      assert.deepStrictEqual(configuration.models, before.models)
      assert.strictEqual(scaffold.profile, before.inference.profile.name)
    }))

  it.effect("writes what turns the backends on last", () =>
    Effect.gen(function*() {
      const { scaffold } = yield* loaded(["openai"])
      assert.strictEqual(scaffold.files.at(-1)?.path, Scaffold.backendsFile)
      assert.include(scaffold.files.find(({ path }) => path === ".gitignore")?.content, ".env")
    }))
})

describe("Scaffold", () => {
  it("switches backends whatever the file said of them, and keeps its comments", () => {
    const toml = "# Who\n[a]\nenabled = false\nendpoint = \"x\" # here\n[b] # the other\n\n[internal]\n"
    assert.strictEqual(
      Scaffold.switched(toml, new Set(["a"])),
      "# Who\n[a]\nenabled = true\nendpoint = \"x\" # here\n[b] # the other\nenabled = false\n\n[internal]\nenabled = true\n"
    )
  })

  it("takes every key back into a comment, and leaves the tables", () => {
    assert.strictEqual(
      Scaffold.commented("# A\n[a.b]\nkey = 1\n\nlist = [\n  1\n]\n"),
      "# A\n[a.b]\n# key = 1\n\n# list = [\n#   1\n# ]\n"
    )
  })
})
