import { assert, describe, it, layer } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Order from "effect/Order"
import * as Path from "effect/Path"
import * as Result from "effect/Result"
import * as Backends from "../../src/config/Backends.ts"
import * as Configuration from "../../src/config/Configuration.ts"
import * as Locations from "../../src/config/Locations.ts"
import * as Packaged from "../../src/config/Packaged.ts"
import * as Placeholder from "../../src/config/Placeholder.ts"
import * as Spelling from "../../src/config/Spelling.ts"
import type { Family } from "../../src/program/Models.ts"
import * as ModelTable from "../../src/program/ModelTable.ts"
import { defaults } from "../../src/program/Settings.ts"
import * as Folder from "../source/Folder.ts"

const handle = (models: ModelTable.ModelTable, family: Family, choice: ModelTable.Choice): string => {
  const result = ModelTable.resolve(models, family, choice)
  return Result.isSuccess(result) ? result.success.model.handle : result.failure._tag
}

/** A small configuration that stands on its own. */
const inference = {
  "inference/backends.toml": "[one]\napi_key = \"${ONE_KEY}\"\n[two]\n[off]\nenabled = false\n[internal]\n",
  "inference/backends/one.toml": "[defaults]\nsdk = \"openai\"\n[shared]\n[alone]\ninputs = [\"text\", \"images\"]\n",
  "inference/backends/two.toml": "[defaults]\nsdk = \"openai\"\n[shared]\n[prefix-x]\n",
  "inference/backends/off.toml": "[defaults]\nsdk = \"openai\"\n[sleeping]\n",
  "inference/routing_profiles.toml":
    "active = \"p\"\n[profiles.p]\ndescription = \"d\"\nfallback_order = [\"two\", \"one\"]\n",
  "inference/deck/1.toml":
    "[llm.choice_defaults]\ndefault_temperature = 0.7\nfor_text = \"@a\"\n[llm.aliases]\na = \"shared\"\nb = \"alone\"\n"
}

const load = (files: Readonly<Record<string, string>>) => Effect.flatMap(Folder.make(files), Configuration.loadFolder)
const failure = Effect.fnUntraced(function*(files: Readonly<Record<string, string>>) {
  const folder = yield* Folder.make(files)
  const { code, message } = yield* Effect.flip(Configuration.loadFolder(folder))
  assert.strictEqual(code, "pipelex.config.invalid")
  return message.replaceAll(`${folder}/`, "")
})

layer(Folder.layer)("the packaged defaults", (it) => {
  it.effect("load without a fault, and say what the settings' defaults say", () =>
    Effect.gen(function*() {
      const { settings, warnings } = yield* Configuration.load(Locations.packagedOnly(yield* Packaged.folder))
      assert.deepStrictEqual(warnings, [])
      assert.deepStrictEqual(settings, defaults)
    }))

  it.effect("lead every alias, preset and default to a model that is served", () =>
    Effect.gen(function*() {
      const { models } = yield* Configuration.load(Locations.packagedOnly(yield* Packaged.folder))
      for (const family of Backends.families) {
        const { aliases, defaults: choices, presets, waterfalls } = models.decks[family]
        const written = [
          ...Object.keys(aliases).map((name) => `@${name}`),
          ...Object.keys(presets).map((name) => `$${name}`),
          ...Object.keys(waterfalls).map((name) => `~${name}`),
          ...Object.entries(choices).flatMap(([kind, choice]) => kind === "quality" ? [] : [choice])
        ]
        for (const choice of written) {
          assert.isTrue(Result.isSuccess(ModelTable.resolve(models, family, choice)), `${family} ${choice}`)
        }
        assert.isTrue(
          Object.values(aliases).every((target) => target.startsWith("~")),
          family
        )
      }
    }))

  const names: ReadonlyArray<readonly [family: Family, name: string]> = [
    ["llm", "$writing-factual"],
    ["llm", "$writing-creative"],
    ["llm", "$engineering-structured"],
    ["llm", "$retrieval"],
    ["llm", "$vision"],
    ["llm", "@best-gemini"],
    ["llm", "@default-general"],
    ["llm", "@default-premium"],
    ["llm", "@default-small"],
    ["img_gen", "$gen-image"],
    ["text_extractor", "@default-extract-document"],
    ["text_extractor", "@default-extract-image"],
    ["text_extractor", "@default-text-from-pdf"],
    ["text_extractor", "azure-document-intelligence"],
    ["search", "@default-search"],
    ["judgment", "@default-judgment"],
    ["doc_gen", "@default-pdf"]
  ]
  it.effect.each(names)("know, for %s, %s", ([family, name]) =>
    Effect.gen(function*() {
      const { models } = yield* Configuration.load(Locations.packagedOnly(yield* Packaged.folder))
      assert.isTrue(Result.isSuccess(ModelTable.resolve(models, family, name)))
    }))

  it.effect("need but one key, of whichever provider of language models", () =>
    Effect.gen(function*() {
      const { inference: read } = yield* Configuration.load(Locations.packagedOnly(yield* Packaged.folder))
      for (const only of ["openai", "anthropic", "google", "mistral"]) {
        const models = Configuration.models(read, ({ name }) => name === only || name === "internal")
        for (
          const name of [
            ...Object.keys(models.decks.llm.aliases).filter((alias) => alias !== "default-reasoning").map((alias) =>
              `@${alias}`
            ),
            "$vision"
          ]
        ) {
          assert.isTrue(Result.isSuccess(ModelTable.resolve(models, "llm", name)), `${only} ${name}`)
        }
        assert.isTrue(Result.isSuccess(ModelTable.resolve(models, "judgment", "@default-judgment")), only)
      }
      const none = Configuration.models(read, ({ name }) => name === "internal")
      assert.strictEqual(handle(none, "text_extractor", "@default-extract-document"), "pypdfium2-extract-pdf")
      assert.strictEqual(handle(none, "llm", "@default-general"), "Unserved")
      assert.strictEqual(none.unserved["gpt-4o"], "openai")
    }))

  it.effect("are found from the sources, from a bundle in dist, and from compiled modules", () =>
    Effect.gen(function*() {
      const path = yield* Path.Path
      const root = yield* Folder.make({
        "package.json": "{}",
        ".pipelex/pipelex.toml": "",
        "dist/bin.js": "",
        "dist/config/Packaged.js": ""
      })
      for (const module of ["dist/bin.js", "dist/config/Packaged.js"]) {
        const url = yield* path.toFileUrl(path.join(root, module))
        assert.strictEqual(yield* Packaged.search(url.href), path.join(root, ".pipelex"))
      }
      const nowhere = yield* path.toFileUrl(path.join(yield* Folder.make({ "a.js": "" }), "a.js"))
      assert.strictEqual((yield* Effect.flip(Packaged.search(nowhere.href))).code, "pipelex.config.invalid")
    }))
})

const places = ({ models }: ModelTable.ModelTable): ReadonlyArray<string> =>
  models.map((each) => `${each.handle} at ${each.backend}`).toSorted(Order.String)

layer(Folder.layer)("Configuration.load", (it) => {
  it.effect("routes each model to the first of the order that serves it", () =>
    Effect.gen(function*() {
      const { models } = yield* load(inference)
      assert.deepStrictEqual(places(models), ["alone at one", "prefix-x at two", "shared at two"])
      assert.deepStrictEqual(models.unserved, { sleeping: "off" })
      assert.strictEqual(models.decks.llm.defaultTemperature, 0.7)
    }))

  it.effect("lets exact routes win over patterns, patterns over the order, and optional routes sleep with their backend", () =>
    Effect.gen(function*() {
      const routes =
        "[profiles.p.routes]\n\"sha*\" = \"two\"\nshared = \"one\"\n[profiles.p.optional_routes]\nalone = \"off\"\n\"prefix*\" = \"one\"\n"
      const { models } = yield* load({
        ...inference,
        "inference/routing_profiles.toml": inference["inference/routing_profiles.toml"] + routes
      })
      assert.deepStrictEqual(places(models), ["alone at one", "shared at one"])
    }))

  it.effect("says how many images a prompt may hold, of each language model that says nothing itself", () =>
    Effect.gen(function*() {
      const files = {
        ...inference,
        "pipelex.toml": "[cogt.llm_config]\ndefault_max_images = 7\n",
        "inference/backends/one.toml": `${
          inference["inference/backends/one.toml"]
        }[few]\nmax_prompt_images = 2\n[painter]\nmodel_type = "img_gen"\n`
      }
      const most = (models: ModelTable.ModelTable) =>
        Object.fromEntries(models.models.map(({ handle: name, maxPromptImages }) => [name, maxPromptImages]))
      const given = most((yield* load(files)).models)
      assert.deepInclude(given, { alone: 7, few: 2, painter: undefined })
      assert.strictEqual(most((yield* load(inference)).models)["alone"], 100)
    }))

  it.effect("counts a backend that cannot serve as not there", () =>
    Effect.gen(function*() {
      const { inference: read } = yield* load(inference)
      const models = Configuration.models(read, ({ name }) => name !== "two")
      assert.deepStrictEqual(places(models), ["alone at one", "shared at one"])
      assert.deepStrictEqual(models.unserved, { sleeping: "off", "prefix-x": "two" })
    }))

  it.effect("merges deck files in the order of their paths, key by key", () =>
    Effect.gen(function*() {
      const { models } = yield* load({
        ...inference,
        "inference/deck/x_custom/z.toml": "[llm.aliases]\na = \"alone\"\nc = \"shared\"\n"
      })
      assert.deepStrictEqual(models.decks.llm.aliases, { a: "alone", b: "alone", c: "shared" })
    }))

  it.effect("reads both generations of key names, and keeps what it does not use", () =>
    Effect.gen(function*() {
      const newer = yield* load({
        "pipelex.toml":
          "[interpreter.pipeline_execution]\nmax_concurrency = \"unbounded\"\n[inference.dry_run]\nnb_list_items = 5\n[inference.llm]\nis_structure_prompt_enabled = false\n[runtime.log]\ndefault_log_level = \"ERROR\"\n"
      })
      assert.deepStrictEqual([
        newer.settings.maxConcurrency,
        newer.settings.dryRun.nbListItems,
        newer.settings.isStructurePromptEnabled
      ], ["unbounded", 5, false])
      assert.strictEqual(newer.options.log.level, "ERROR")
      const older = yield* load({
        "pipelex.toml":
          "[pipelex.pipe_run_config]\npipe_stack_limit = 7\n[cogt.extract_config]\ndefault_page_views_dpi = 144\n[telemetry]\nanything = { at = \"all\" }\n"
      })
      assert.deepStrictEqual([older.settings.pipeStackLimit, older.settings.pageViewsDpi], [7, 144])
    }))

  const faults: ReadonlyArray<
    readonly [what: string, files: Readonly<Record<string, string>>, says: ReadonlyArray<string>]
  > = [
    ["an unknown section", { "pipelex.toml": "[piplex]\na = 1" }, ["pipelex.toml:1:2:", "did you mean \"pipelex\"?"]],
    ["an unknown key", { "pipelex.toml": "[pipelex.pipe_run_config]\npipe_stack_limt = 2" }, [
      "pipelex.toml:2:1:",
      "\"pipe_stack_limit\""
    ]],
    ["an unknown key in the newer spelling", {
      "pipelex.toml": "[run]\nexecution = \"local\"\n[interpreter.pipe_run]\nstack = 2"
    }, ["pipelex.toml:4:1:"]],
    ["a value of the wrong kind", { "pipelex.toml": "[cogt]\ntransport_max_retries = \"two\"" }, [
      "pipelex.toml:2:1:",
      "an integer of at least 0"
    ]],
    ["the same key twice, under two names", {
      "pipelex.toml": "[cogt]\ntransport_max_retries = 1\n[inference]\ntransport_max_retries = 2"
    }, ["pipelex.toml:4:1:", "the same key"]],
    ["a file that is not TOML", { "pipelex.toml": "[pipelex" }, ["pipelex.toml:1:", "not valid TOML"]],
    ["an enabled backend without a file", { ...inference, "inference/backends.toml": "[three]\n" }, [
      "backends.toml:1:2:",
      "\"three\" is enabled and has no file"
    ]],
    ["a placeholder of an unknown kind", {
      ...inference,
      "inference/backends.toml": "[one]\napi_key = \"${vault:X}\"\n"
    }, ["backends.toml:2:1:", "placeholder"]],
    ["a placeholder in the catalogue", { ...inference, "inference/backends/one.toml": "[m]\nsdk = \"${SDK}\"\n" }, [
      "one.toml:2:1:",
      "must not hold a placeholder"
    ]],
    ["a model without an adapter", { ...inference, "inference/backends/one.toml": "[m]\n" }, [
      "one.toml:1:2:",
      "\"sdk\""
    ]],
    ["a misspelt key of a model", {
      ...inference,
      "inference/backends/one.toml": "[m]\nsdk = \"x\"\nmodelid = \"y\"\n"
    }, ["one.toml:3:1:", "\"model_id\""]],
    ["a known key with a hyphen", {
      ...inference,
      "inference/backends/one.toml": "[m]\nsdk = \"x\"\nmax-tokens = \"1\"\n"
    }, ["one.toml:3:1:", "write \"max_tokens\""]],
    ["a model's name with an unquoted dot", {
      ...inference,
      "inference/backends/one.toml": "[defaults]\nsdk = \"x\"\n[gpt-5.4-mini]\n"
    }, ["one.toml:3:8:", "[\"gpt-5.4-mini\"]"]],
    ["the same handle twice", {
      ...inference,
      "inference/backends/one.toml": "[defaults]\nsdk = \"x\"\n[a]\n[b]\nhandle = \"a\"\n"
    }, ["one.toml:4:2:", "twice"]],
    [
      "a negative price",
      { ...inference, "inference/backends/one.toml": "[a]\nsdk = \"x\"\ncosts = { input = -1 }\n" },
      ["one.toml:3:11:", "not negative"]
    ],
    ["budgets in the wrong order", {
      ...inference,
      "inference/backends/one.toml":
        "[a]\nsdk = \"x\"\nvalued_constraints = { min_thinking_budget = 2, max_thinking_budget = 1 }\n"
    }, ["one.toml:3:1:"]],
    ["a model of an adapter that must know its limit", {
      ...inference,
      "inference/backends/one.toml": "[a]\nsdk = \"anthropic\"\n"
    }, ["one.toml:1:2:", "max_tokens"]],
    ["an active profile that is not there", {
      ...inference,
      "inference/routing_profiles.toml": "active = \"q\"\n[profiles.p]\ndescription = \"d\"\n"
    }, ["routing_profiles.toml:1:1:", "there is \"p\""]],
    ["a route to a disabled backend", {
      ...inference,
      "inference/routing_profiles.toml":
        "active = \"p\"\n[profiles.p]\ndescription = \"d\"\n[profiles.p.routes]\nx = \"off\"\n"
    }, ["routing_profiles.toml:5:1:", "not enabled"]],
    ["an exact route to a backend without the model", {
      ...inference,
      "inference/routing_profiles.toml":
        "active = \"p\"\n[profiles.p]\ndescription = \"d\"\n[profiles.p.routes]\nx = \"one\"\n"
    }, ["routing_profiles.toml:5:1:", "no such model"]],
    ["a preset without a temperature", {
      ...inference,
      "inference/deck/2.toml": "[llm.presets]\nx = { model = \"shared\" }\n"
    }, ["2.toml:2:1:", "\"temperature\""]],
    ["a preset with two ways to reason", {
      ...inference,
      "inference/deck/2.toml":
        "[llm.presets]\nx = { model = \"shared\", temperature = 1, reasoning_effort = \"low\", reasoning_budget = 1 }\n"
    }, ["2.toml:2:1:", "not both"]],
    ["a preset nobody serves, when that is to be raised", {
      ...inference,
      "pipelex.toml": "[cogt.model_deck_config]\nmissing_presets_reaction = \"raise\"\n",
      "inference/deck/2.toml": "[llm.presets]\nx = { model = \"sleeping\", temperature = 1 }\n"
    }, ["2.toml:2:1:", "no enabled backend serves"]]
  ]
  it.effect.each(faults)("shows %s with its file, line and column", ([, files, says]) =>
    Effect.gen(function*() {
      const message = yield* failure(files)
      for (const part of says) assert.include(message, part)
    }))

  it.effect("never quotes a value of a file, which may be a key", () =>
    Effect.gen(function*() {
      const message = yield* failure({
        ...inference,
        "inference/backends.toml": "[one]\napi_key = \"${sk-s3cr3t!}\"\nenabled = \"s3cr3t\"\n"
      })
      assert.notInclude(message, "s3cr3t")
    }))

  it.effect("warns of presets that nobody serves", () =>
    Effect.gen(function*() {
      const { warnings } = yield* load({
        ...inference,
        "inference/deck/2.toml": "[llm.presets]\nx = { model = \"sleeping\", temperature = 1 }\n"
      })
      assert.strictEqual(warnings.length, 1)
      assert.include(warnings[0], "\"$x\"")
    }))

  it.effect("keeps headers, rules and other texts of a backend for its adapter", () =>
    Effect.gen(function*() {
      const { inference: { backends } } = yield* load({
        ...inference,
        "inference/backends.toml":
          "[one]\nendpoint = \"https://${HOST}/v1\"\napi_key = \"${A|env:B}\"\naws_region = \"eu\"\nlisted_constraints = [\"temperature_unsupported\"]\n",
        "inference/backends/one.toml":
          "[m]\nsdk = \"x\"\nx-extra-header = \"${C}\"\nvariant = \"v\"\n[m.rules]\nprompt = \"positive_only\"\n"
      })
      const [one] = backends
      assert.isDefined(one)
      if (one === undefined) return
      assert.deepStrictEqual(one.extra, { aws_region: "eu" })
      assert.deepStrictEqual(
        one.models.map(({ headers, model, rules, variant }) => [headers, rules, variant, model.listedConstraints]),
        [
          [{ "x-extra-header": "${C}" }, { prompt: "positive_only" }, "v", ["temperature_unsupported"]]
        ]
      )
      assert.deepStrictEqual(
        Backends.credentialVariables(one).map((sources) => sources.map(({ from, name }) => `${from}:${name}`)),
        [["any:A", "env:B"], ["any:HOST"], ["any:C"]]
      )
    }))
})

describe("Placeholder", () => {
  it("tells what a text asks for, and what is malformed", () => {
    assert.deepStrictEqual(Placeholder.parse("${A}-${env:B|secret:C}"), [[{ from: "any", name: "A" }], [{
      from: "env",
      name: "B"
    }, { from: "secret", name: "C" }]])
    for (const text of ["${}", "${x:A}", "${A|}", "${A", "${any:A}"]) assert.isDefined(Placeholder.problem(text), text)
    for (const text of ["", "plain", "$A", "${A}${B}"]) assert.isUndefined(Placeholder.problem(text), text)
  })
})

describe("Spelling.normalise", () => {
  it("keeps keys such as __proto__ as keys, and shows where a canonical key was written", () => {
    const values = JSON.parse("{\"__proto__\": {\"x\": 1}, \"inference\": {\"llm\": {\"a\": 1}}}")
    const { values: normalised, writtenAs } = Spelling.normalise(values)
    assert.deepStrictEqual(Object.keys(normalised), ["__proto__", "cogt"])
    assert.deepStrictEqual(writtenAs(["cogt", "llm_config", "a"]), ["inference", "llm", "a"])
    assert.deepStrictEqual(writtenAs(["cogt", "llm_config"]), ["inference", "llm"])
  })
})

const found = (cwd: string, environment: Readonly<Record<string, string>>) =>
  Effect.provide(Locations.find(cwd), ConfigProvider.layer(ConfigProvider.fromUnknown(environment)))

const limit = (value: number) => `[pipelex.pipe_run_config]\npipe_stack_limit = ${value}\n`

layer(Folder.layer)("Locations.find", (it) => {
  it.effect("walks up to the project, and stops at the user's home", () =>
    Effect.gen(function*() {
      const root = yield* Folder.make({
        "home/.pipelex/pipelex.toml": "",
        "home/work/.pipelex/pipelex.toml": "",
        "home/work/a/b/x": "",
        "home/loose/x": "",
        "home/git/.git/x": ""
      })
      const at = (place: string) =>
        Effect.map(found(`${root}/home/${place}`, { HOME: `${root}/home` }), ({ home, project, projectRoot }) =>
          [home, project, projectRoot].map((each) => each?.slice(root.length)))
      assert.deepStrictEqual(yield* at("work/a/b"), ["/home/.pipelex", "/home/work/.pipelex", "/home/work"])
      assert.deepStrictEqual(yield* at("loose"), ["/home/.pipelex", undefined, undefined])
      assert.deepStrictEqual(yield* at("git"), ["/home/.pipelex", undefined, "/home/git"])
      assert.deepStrictEqual(yield* at("."), ["/home/.pipelex", undefined, undefined])
    }))

  it.effect("reads a home that is the project's folder once, and expands the home it is told", () =>
    Effect.gen(function*() {
      const root = yield* Folder.make({ "p/.pipelex/pipelex.toml": "" })
      const same = yield* found(`${root}/p`, { HOME: root, PIPELEX_HOME: "~/p/.pipelex" })
      assert.deepStrictEqual([same.home, same.project], [`${root}/p/.pipelex`, undefined])
      const wrong = yield* Effect.flip(found(root, { HOME: root, PIPELEX_ENV: "moon" }))
      assert.strictEqual(wrong.message, "PIPELEX_ENV must be one of local, dev, staging, prod")
    }))

  it.effect("layers packaged, home and project files, each with its overlays", () =>
    Effect.gen(function*() {
      const root = yield* Folder.make({
        "home/.pipelex/pipelex.toml": limit(1) + "[cogt]\ntransport_max_retries = 9\n",
        "home/.pipelex/pipelex_override.toml": limit(2),
        "home/p/.pipelex/pipelex.toml": limit(3),
        "home/p/.pipelex/pipelex_dev.toml": limit(4),
        "home/p/.pipelex/pipelex_prod.toml": limit(5)
      })
      const at = (environment: Readonly<Record<string, string>>) =>
        Effect.flatMap(found(`${root}/home/p`, { HOME: `${root}/home`, ...environment }), Configuration.load)
      const dev = yield* at({})
      assert.deepStrictEqual([dev.settings.pipeStackLimit, dev.options.inference.transportMaxRetries], [4, 9])
      assert.strictEqual((yield* at({ PIPELEX_ENV: "prod" })).settings.pipeStackLimit, 5)
      assert.strictEqual((yield* at({ PIPELEX_ENV: "staging" })).settings.pipeStackLimit, 3)
      assert.deepStrictEqual(dev.files.filter((file) => file.startsWith(root)).map((file) => file.slice(root.length)), [
        "/home/.pipelex/pipelex.toml",
        "/home/.pipelex/pipelex_override.toml",
        "/home/p/.pipelex/pipelex.toml",
        "/home/p/.pipelex/pipelex_dev.toml"
      ])
    }))
})

interface Recorded {
  readonly model: string
  readonly model_type: Family
  readonly suggestions: Array<string>
}

layer(Folder.layer)("the corpus", (it) => {
  it.effect("holds a configuration that loads, and whose names mean what the reference made of them", (context) =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const corpus = yield* Folder.corpus
      if (corpus === undefined) {
        context.skip()
        return
      }
      const { models, options, settings } = yield* Configuration.loadFolder(path.join(corpus, "config"))
      assert.include(settings.structurePrompt, "[structure]")
      assert.isFalse(options.isGraphGenerated)
      assert.strictEqual(handle(models, "llm", "~best-effort"), "gpt-4o")
      assert.strictEqual(handle(models, "llm", "@fixed-temp"), "gpt-5.6-terra")
      assert.strictEqual(handle(models, "search", "@default-search"), "Unserved")
      assert.strictEqual(handle(models, "judgment", "gpt-4o"), "WrongFamily")
      const suggestions = (family: Family, choice: string): Array<string> => {
        const result = ModelTable.resolve(models, family, choice)
        return Result.isFailure(result) ? [...ModelTable.toIssue("p", ["model"], result.failure).suggestions ?? []] : []
      }
      for (const name of yield* fs.readDirectory(path.join(corpus, "validation"))) {
        const verdict: unknown = JSON.parse(
          yield* fs.readFileString(path.join(corpus, "validation", name, "verdict.json"))
        )
        const recorded = JSON.stringify(verdict).match(/"code":"model\.unknown","params":(\{[^}]*\})/)?.[1]
        if (recorded === undefined) continue
        const { model, model_type, suggestions: close }: Recorded = JSON.parse(recorded)
        assert.sameMembers(suggestions(model_type, model), close, name)
      }
    }))
})
