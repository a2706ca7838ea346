import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Configuration from "../../src/config/Configuration.ts"
import * as InferenceToml from "../../src/config/InferenceToml.ts"
import * as Locations from "../../src/config/Locations.ts"
import * as Packaged from "../../src/config/Packaged.ts"
import * as PipelexToml from "../../src/config/PipelexToml.ts"
import * as RuntimeToml from "../../src/config/RuntimeToml.ts"
import * as Folder from "../source/Folder.ts"

const packaged = Effect.gen(function*() {
  return yield* Configuration.load(Locations.packagedOnly(yield* Packaged.folder))
})

const optionsOf = (toml: string) =>
  Effect.map(Effect.flatMap(Folder.make({ "pipelex.toml": toml }), Configuration.loadFolder), ({ options }) => options)

const refused = Effect.fnUntraced(function*(files: Readonly<Record<string, string>>) {
  const folder = yield* Folder.make(files)
  return (yield* Effect.flip(Configuration.loadFolder(folder))).message.replaceAll(`${folder}/`, "")
})

layer(Folder.layer)("pipelex.toml", (it) => {
  it.effect("says, as packaged, what holds without it", () =>
    Effect.gen(function*() {
      const { options } = yield* packaged
      assert.deepStrictEqual(options, PipelexToml.options({}))
      assert.deepStrictEqual(options.inference, InferenceToml.defaults)
      const { disabledPlugins, log, network, reporting, storage, tracing } = options
      assert.deepStrictEqual({ disabledPlugins, log, network, reporting, storage, tracing }, RuntimeToml.defaults)
    }))

  it.effect("changes how providers are called, key by key", () =>
    Effect.gen(function*() {
      const { inference } = yield* optionsOf(`
[cogt]
transport_max_retries = 0
request_timeout_seconds = 1.5
[cogt.llm_config]
schema_reask_max_attempts = 10
[cogt.llm_config.anthropic_config]
structured_output_timeout_seconds = 60
effort_to_level_map = { low = "medium" }
[cogt.llm_config.effort_to_budget_maps.google]
high = 1
[cogt.img_gen_config.quality_to_steps_maps]
flux = { low = 1 }
`)
      const { defaults } = InferenceToml
      assert.deepStrictEqual(inference, {
        transportMaxRetries: 0,
        requestTimeoutSeconds: 1.5,
        schemaReaskMaxAttempts: 10,
        anthropicStructuredOutputTimeoutSeconds: 60,
        effortToLevel: {
          ...defaults.effortToLevel,
          anthropic: { ...defaults.effortToLevel.anthropic, low: "medium" }
        },
        effortToBudget: { ...defaults.effortToBudget, google: { ...defaults.effortToBudget.google, high: 1 } },
        qualityToSteps: { ...defaults.qualityToSteps, flux: { low: 1, medium: 28, high: 56 } }
      })
    }))

  const spellings: ReadonlyArray<readonly [toml: string]> = [
    ["[cogt.llm_config.google_config.effort_to_level_map]\nlow = \"x\""],
    ["[cogt.google_config.effort_to_level_map]\nlow = \"x\""],
    ["[cogt.llm_config.effort_to_level_map.google]\nlow = \"x\""],
    ["[cogt.llm_config.gemini_config.effort_to_level_map]\nlow = \"x\""],
    ["[inference.llm.google.effort_to_level_map]\nlow = \"x\""],
    ["[inference.google_config.effort_to_level_map]\nlow = \"x\""]
  ]
  it.effect.each(spellings)("reads a level of effort from %j", ([toml]) =>
    Effect.gen(function*() {
      assert.strictEqual((yield* optionsOf(toml)).inference.effortToLevel.google["low"], "x")
    }))

  it.effect("says where artefacts go, what is reported and what is guarded, in both generations of names", () =>
    Effect.gen(function*() {
      const { network, reporting, storage, tracing } = yield* optionsOf(`
[runtime.storage]
method = "s3"
is_upload_local_content_enabled = false
[runtime.storage.s3]
bucket_name = "b"
endpoint = "http://minio:9000"
signed_urls_lifespan_seconds = "disabled"
[pipelex.reporting_config]
is_generate_cost_report_file_enabled = true
[runtime.tracing]
is_enabled = false
[runtime.network]
is_fetch_ssrf_guard_enabled = false
`)
      assert.deepStrictEqual(storage, {
        ...RuntimeToml.defaults.storage,
        method: "s3",
        isLocalContentUploaded: false,
        s3: {
          uriFormat: "{hash}.{extension}",
          bucket: "b",
          endpoint: "http://minio:9000",
          signedUrlsLifespanSeconds: "disabled"
        }
      })
      assert.isTrue(reporting.isCostReportWritten)
      assert.isFalse(tracing.isEnabled)
      assert.isFalse(network.isFetchGuarded)
    }))

  it.effect("takes [telemetry] as it is", () =>
    Effect.gen(function*() {
      const folder = yield* Folder.make({ "pipelex.toml": "[telemetry.sink]\nanything = [1]\n" })
      const { values } = yield* Configuration.loadFolder(folder)
      assert.deepStrictEqual(values["telemetry"], { sink: { anything: [1] } })
    }))

  const unknown: ReadonlyArray<readonly [section: string, key: string, near: string]> = [
    ["cogt", "transport_max_retry = 1", "transport_max_retries"],
    ["cogt.llm_config", "schema_reask_attempts = 1", "schema_reask_max_attempts"],
    ["cogt.llm_config.anthropic_config", "structured_timeout_seconds = 1", "structured_output_timeout_seconds"],
    ["cogt.llm_config.openai_config.effort_to_level_map", "hihg = \"x\"", "high"],
    ["cogt.llm_config.effort_to_budget_maps", "gogle = {}", "google"],
    ["cogt.img_gen_config.quality_to_steps_maps.flux", "mediun = 1", "medium"],
    ["pipelex.storage_config", "methd = \"local\"", "method"],
    ["pipelex.storage_config.s3", "bucket_nam = \"b\"", "bucket_name"],
    ["pipelex.reporting_config", "cost_report_dir = \"x\"", "cost_report_dir_path"],
    ["pipelex.tracing_config", "enabled = true", "is_enabled"],
    ["pipelex.log_config.redaction", "enabled = true", "is_enabled"],
    ["pipelex.pipeline_execution_config.graph_config.mermaid_config", "directoin = \"top_down\"", "direction"],
    ["runtime.network", "is_ssrf_guard_enabled = true", "is_fetch_ssrf_guard_enabled"],
    ["runtime.secrets", "metod = \"env\"", "method"],
    ["runtime.plugins", "disable = []", "disabled"],
    ["simulated", "latency = 1", "latency_ms"]
  ]
  it.effect.each(unknown)("refuses, in [%s], %s, for %s", ([section, key, near]) =>
    Effect.gen(function*() {
      const message = yield* refused({ "pipelex.toml": `# a comment\n\n[${section}]\n${key}\n` })
      assert.include(message, "pipelex.toml:4:1:")
      assert.include(message, `did you mean "${near}"`)
    }))

  const files: ReadonlyArray<readonly [file: string, content: string, place: string, near: string]> = [
    ["inference/backends.toml", "[openai]\nenabled = true\nversion = 1\napikey = \"\"\n", "4:1", "api_key"],
    [
      "inference/routing_profiles.toml",
      "active = \"p\"\n[profiles.p]\ndescription = \"\"\ndefalt = \"x\"\n",
      "4:1",
      "default"
    ],
    ["inference/backends/openai.toml", "[defaults]\nsdk = \"openai\"\n[m]\ninput = []\n", "4:1", "inputs"],
    ["inference/deck/x.toml", "[llm]\nalias = {}\n", "2:1", "aliases"],
    ["inference/deck/x.toml", "[lm]\n", "1:2", "llm"],
    [
      "inference/deck/x.toml",
      "[llm.presets.p]\nmodel = \"m\"\ntemperature = 1\nreasoning_efort = \"low\"\n",
      "4:1",
      "reasoning_effort"
    ]
  ]
  it.effect.each(files)("refuses an unknown key of %s (%j)", ([file, content, place, near]) =>
    Effect.gen(function*() {
      const message = yield* refused({ [file]: content })
      assert.include(message, `${file}:${place}:`)
      assert.include(message, `did you mean "${near}"`)
    }))
})

layer(Folder.layer)("Configuration.origins", (it) => {
  it.effect("tells, for every key, the last file that says it, and the line as it is written there", () =>
    Effect.gen(function*() {
      const folder = yield* Folder.make({
        "pipelex.toml":
          "[inference]\ntransport_max_retries = 4\n\n[runtime.storage.local]\nlocal_storage_path = \"a\"\n",
        "pipelex_override.toml": "[cogt]\ntransport_max_retries = 5\n"
      })
      const configuration = yield* Configuration.loadFolder(folder)
      const all = yield* Configuration.origins(configuration)
      const at = (path: string) => {
        const found = all.find((each) => each.path.join(".") === path)
        return found === undefined ? undefined : [found.value, found.file.replace(`${folder}/`, ""), found.line]
      }
      assert.deepStrictEqual(at("cogt.transport_max_retries"), [5, "pipelex_override.toml", 2])
      assert.deepStrictEqual(at("pipelex.storage_config.local.local_storage_path"), ["a", "pipelex.toml", 5])
      const [value, file] = at("pipelex.pipe_run_config.pipe_stack_limit") ?? []
      assert.strictEqual(value, 20)
      assert.strictEqual(file, configuration.layers[0]?.file)
      assert.strictEqual(new Set(all.map(({ path }) => path.join("."))).size, all.length)
    }))
})
