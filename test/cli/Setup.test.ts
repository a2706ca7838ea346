import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { isNodeNew, oldestNode } from "../../src/cli/Doctor.ts"
import { isMadeUp } from "../../src/cli/DoctorChecks.ts"
import * as FakeProvider from "../fake/FakeProvider.ts"
import { folder, lineCount, root, run } from "./Program.ts"

const agent = { program: "pipelex-agent" } as const

/** A project, with the home folder beside it. */
const project = Effect.fnUntraced(function*(files: Readonly<Record<string, string>> = {}) {
  const place = yield* folder(
    Object.fromEntries([["project/package.json", "{}"], ["home/.keep", ""], ...Object.entries(files)])
  )
  const cwd = join(place, "project")
  const home = join(place, "home")
  return { cwd, home, inProject: { cwd, env: { HOME: home } } }
})

const widest = (text: string): number => Math.max(...text.split("\n").map((line) => line.length))

const written = (place: string): ReadonlyArray<string> =>
  existsSync(place) ? readdirSync(place, { recursive: true, encoding: "utf8" }).toSorted() : []

const letters = `domain = "letters"
description = "Letters"
main_pipe = "write"

[pipe.write]
type = "PipeLLM"
description = "Write a letter"
output = "Text"
model = "@default-general"
prompt = "Say hello"
`

const painting = letters.replace("PipeLLM", "PipeImgGen").replace("\"Text\"", "\"Image\"").replace(
  "@default-general",
  "$gen-image"
)
const searching = letters.replace("PipeLLM", "PipeSearch").replace("\"Text\"", "\"SearchResult\"").replace(
  "@default-general",
  "$standard"
)
const reading = `domain = "letters"
description = "Letters"
main_pipe = "write"

[pipe.write]
type = "PipeExtract"
description = "Read a letter"
inputs = { letter = "Document" }
output = "Page[]"
model = "@default-text-from-pdf"
`

/** Something that each backend can do, and the variables that it needs. */
const backends: ReadonlyArray<readonly [name: string, method: string, variables: ReadonlyArray<string>]> = [
  ["openai", letters, ["OPENAI_API_KEY"]],
  ["anthropic", letters, ["ANTHROPIC_API_KEY"]],
  ["google", letters, ["GEMINI_API_KEY"]],
  ["mistral", letters, ["MISTRAL_API_KEY"]],
  ["azure_openai", letters, ["AZURE_OPENAI_API_KEY", "AZURE_OPENAI_ENDPOINT"]],
  ["groq", letters, ["GROQ_API_KEY"]],
  ["xai", letters, ["XAI_API_KEY"]],
  ["openrouter", letters, ["OPENROUTER_API_KEY"]],
  ["scaleway", letters, ["SCALEWAY_API_KEY"]],
  ["fal", painting, ["FAL_API_KEY"]],
  ["linkup", searching, ["LINKUP_API_KEY"]],
  ["ollama", letters, []],
  ["internal", reading, []]
]

describe("pipelex init, then doctor, then a dry run", () => {
  it.live.each(backends)("work with %s alone", ([name, method, variables]) =>
    Effect.gen(function*() {
      const { cwd, home } = yield* project({ "project/letters.mthds": method })
      const env = { HOME: home, ...Object.fromEntries(variables.map((variable) => [variable, "k3y"])) }
      const init = yield* run(["init", "--backends", name], { cwd, env })
      assert.strictEqual(init.code, 0, init.stderr)
      assert.include(init.stdout, `routing profile: all_${name}`)
      const doctor = yield* run(["doctor"], { cwd, env })
      assert.strictEqual(doctor.code, name === "internal" ? 1 : 0, doctor.stdout)
      assert.strictEqual(doctor.stderr, "")
      const dry = yield* run(["run", "bundle", "letters.mthds", "--dry-run", "--mock-inputs"], { cwd, env })
      assert.strictEqual(dry.code, 0, dry.stderr)
    }))
})

describe.concurrent("pipelex init", () => {
  it.live("turns on the backends whose key is set, and keeps to the project", () =>
    Effect.gen(function*() {
      const { cwd, home } = yield* project({ "home/.pipelex/.env": "MISTRAL_API_KEY=k3y\n" })
      const env = { HOME: home, OPENAI_API_KEY: "k3y" }
      const { code, stdout } = yield* run(["init", "--json"], { cwd, env })
      assert.strictEqual(code, 0)
      const result = JSON.parse(stdout)
      const target = join(cwd, ".pipelex")
      assert.deepStrictEqual({ ...result, config_files_copied: 0 }, {
        success: true,
        target_dir: target,
        config_files_copied: 0,
        config_files_kept: [],
        execution: "local",
        backends_enabled: ["openai", "mistral"],
        routing_profile: "custom_routing"
      })
      assert.strictEqual(
        written(target).filter((name) => name.includes(".")).length,
        Number(result.config_files_copied)
      )
      assert.deepStrictEqual(written(join(home, ".pipelex")), [".env"])
    }))

  it.live("goes to the home folder where there is no project, or when told to", () =>
    Effect.gen(function*() {
      const { cwd, home, inProject } = yield* project()
      const global = yield* run(["init", "config", "--global"], inProject)
      assert.strictEqual(global.code, 0, global.stderr)
      assert.deepStrictEqual(written(join(home, ".pipelex")), [".gitignore", "pipelex.toml"])
      assert.deepStrictEqual(written(join(cwd, ".pipelex")), [])
      mkdirSync(join(home, "elsewhere"))
      const local = yield* run(["init", "config", "--local"], { cwd: join(home, "elsewhere"), env: { HOME: home } })
      assert.strictEqual(local.code, 0, local.stderr)
      assert.deepStrictEqual(written(join(home, "elsewhere/.pipelex")), [".gitignore", "pipelex.toml"])
    }))

  it.live("keeps what is there and lists it, also the choice of backends, until it is forced", () =>
    Effect.gen(function*() {
      const { cwd, inProject } = yield* project()
      const place = join(cwd, ".pipelex/pipelex.toml")
      yield* run(["init", "--backends", "openai"], inProject)
      writeFileSync(place, "[cogt]\ntransport_max_retries = 1\n")
      const again = yield* run(["init", "--backends", "anthropic"], inProject)
      assert.strictEqual(again.code, 0)
      assert.include(again.stdout, "Nothing to write")
      assert.include(again.stdout, "backends: openai\n")
      assert.include(again.stdout, "routing profile: all_openai")
      assert.include(again.stderr, "Kept as they are (--force overwrites them): .gitignore,")
      assert.include(again.stderr, "the choice of backends stays what it was")
      assert.isAtMost(widest(again.stderr), 80)
      assert.include(readFileSync(place, "utf8"), "transport_max_retries = 1")
      const forced = yield* run(["init", "--backends", "anthropic", "--force"], inProject)
      assert.include(forced.stdout, "backends: anthropic\n")
      assert.include(forced.stdout, "routing profile: all_anthropic")
      assert.include(forced.stderr, "Still to be set, in the environment or in a .env file: ANTHROPIC_API_KEY")
      assert.notInclude(readFileSync(place, "utf8"), "transport_max_retries = 1\n")
    }))

  it.live("fills in the files that are missing", () =>
    Effect.gen(function*() {
      const { cwd, inProject } = yield* project({ "project/.pipelex/pipelex.toml": "" })
      const { stderr, stdout } = yield* run(["init", "config"], inProject)
      assert.include(stdout, "Wrote 1 file to")
      assert.include(stderr, "--force overwrites them): pipelex.toml")
      assert.isTrue(existsSync(join(cwd, ".pipelex/.gitignore")))
    }))

  it.live("takes the choice as JSON, in the line or in a file, with the primary backend first", () =>
    Effect.gen(function*() {
      const choice = JSON.stringify({ backends: ["openai", "mistral"], primary_backend: "mistral" })
      const { cwd, inProject } = yield* project({ "project/choice.json": choice })
      for (const config of [choice, "choice.json"]) {
        const { code, stderr } = yield* run(["init", "--config", config, "--force"], inProject)
        assert.strictEqual(code, 0, stderr)
        const deck = readFileSync(join(cwd, ".pipelex/inference/deck/x_custom_llm_deck.toml"), "utf8")
        assert.include(deck, "default-general = \"mistral-medium\"")
      }
    }))

  it.live("refuses in a line what cannot be meant, and writes nothing then", () =>
    Effect.gen(function*() {
      const { cwd, inProject } = yield* project()
      const refused: ReadonlyArray<readonly [ReadonlyArray<string>, string]> = [
        [["--backends", "opnai"], "No backend is called \"opnai\"; did you mean \"openai\"?"],
        [["--backends", "zzzz"], "there is openai, anthropic, "],
        [["--backends", " , "], "--backends names no backend"],
        [["--backends", "openai", "--config", "{}"], "--backends and --config exclude each other"],
        [["--local", "--global"], "--local and --global exclude each other"],
        [["--config", "{\"backends\": [\"openai\", \"mistral\"]}"], "need a \"primary_backend\""],
        [["--config", "{\"backends\": [\"openai\"], \"primary_backend\": \"fal\"}"], "\"fal\" is not among"],
        [["--config", "{\"bakends\": []}"], "--config must be JSON such as"],
        [["--config", "{\"execution\": \"hosted\"}"], "hosted runs are not part of this program"],
        [["--config", "nowhere.json"], "neither JSON nor a file that can be read"],
        [["routing", "--backends", "ollama"], "backend \"ollama\" is not enabled: `pipelex init inference"],
        [["wizard"], "Expected: \"all\""]
      ]
      yield* Effect.forEach(
        refused,
        Effect.fnUntraced(function*([args, message]) {
          const { code, stderr, stdout } = yield* run(["init", ...args], inProject)
          assert.strictEqual(code, 2, stderr)
          assert.strictEqual(stdout, "")
          assert.strictEqual(lineCount(stderr), 1)
          assert.include(stderr.toLowerCase(), message.toLowerCase())
        }),
        { concurrency: 2 }
      )
      assert.deepStrictEqual(written(join(cwd, ".pipelex")), [])
    }))

  it.live("names the file that it cannot write", () =>
    Effect.gen(function*() {
      const { cwd, inProject } = yield* project({ "project/.pipelex": "not a folder" })
      const { code, stderr } = yield* run(["init"], inProject)
      assert.strictEqual(code, 1)
      assert.include(stderr, `"${join(cwd, ".pipelex/.gitignore")}" cannot be written`)
      assert.strictEqual(lineCount(stderr), 1)
    }))

  it.live("lists the keys instead of writing any", () =>
    Effect.gen(function*() {
      const { cwd, home } = yield* project({ "project/.env": "ANTHROPIC_API_KEY=sk-secret-1\n" })
      const env = { HOME: home, GEMINI_API_KEY: "sk-secret-2" }
      const people = yield* run(["init", "credentials"], { cwd, env })
      assert.strictEqual(people.code, 0)
      assert.match(people.stdout, /anthropic +ANTHROPIC_API_KEY +set in/)
      assert.match(people.stdout, /google +GOOGLE_API_KEY or .*set in the environment/)
      assert.match(people.stdout, /openai +OPENAI_API_KEY +not set/)
      assert.include(people.stderr.replaceAll(/\s/g, ""), join(home, ".pipelex/.env(notthere)"))
      const programs = yield* run(["init", "credentials", "--json"], { cwd, env })
      assert.deepInclude(JSON.parse(programs.stdout).credentials, {
        backend: "anthropic",
        variables: ["ANTHROPIC_API_KEY"],
        is_set: true,
        from: join(cwd, ".env")
      })
      for (const { stderr, stdout } of [people, programs]) {
        assert.notInclude(stdout + stderr, "sk-secret")
        assert.isAtMost(widest(people.stdout), 80)
      }
      assert.isFalse(existsSync(join(cwd, ".pipelex")))
    }))

  it.live("has nothing to set up for telemetry", () =>
    Effect.gen(function*() {
      const { inProject } = yield* project()
      const { code, stdout } = yield* run(["init", "telemetry"], inProject)
      assert.deepStrictEqual([code, stdout], [0, "No telemetry is sent: there is nothing to set up.\n"])
    }))

  it.live("tells programs what it did, and keeps silent on stderr", () =>
    Effect.gen(function*() {
      const { cwd, inProject } = yield* project()
      const { code, stderr, stdout } = yield* run(["init", "--config", "{\"backends\": [\"openai\"]}"], {
        ...inProject,
        ...agent
      })
      assert.deepStrictEqual([code, stderr], [0, ""])
      assert.deepInclude(JSON.parse(stdout), {
        success: true,
        target_dir: join(cwd, ".pipelex"),
        execution: "local",
        backends_enabled: ["openai"],
        routing_profile: "all_openai"
      })
    }))
})

const ofFile = (name: string, text: string) => ({ [`project/.pipelex/${name}`]: text })

describe.concurrent("pipelex doctor", () => {
  it.live("finds a home without keys wanting, and says which to set", () =>
    Effect.gen(function*() {
      const { inProject } = yield* project()
      const { code, stderr, stdout } = yield* run(["doctor"], inProject)
      assert.deepStrictEqual([code, stderr], [1, ""])
      assert.include(stdout, "✗ no backend has its key: model calls are simulated")
      assert.include(stdout, "Set one of OPENAI_API_KEY, ANTHROPIC_API_KEY")
      assert.isAtMost(widest(stdout), 80)
    }))

  it.live("is content with one key, wherever it is set, and never shows it", () =>
    Effect.gen(function*() {
      const { cwd, home } = yield* project({
        "project/.env": "OPENAI_API_KEY=sk-secret-1\n",
        "home/.pipelex/.env": "OPENAI_API_KEY=sk-secret-2\nANTHROPIC_API_KEY=sk-secret-3\n"
      })
      const options = { cwd, env: { HOME: home, MISTRAL_API_KEY: "sk-secret-4", OPENAI_API_KEY: "sk-secret-5" } }
      const { code, stdout } = yield* run(["doctor"], options)
      assert.strictEqual(code, 0, stdout)
      assert.include(stdout, "✓ openai: OPENAI_API_KEY from the environment")
      assert.include(stdout.replaceAll(/\s+/g, " "), `anthropic: ANTHROPIC_API_KEY from ${home}/.pipelex/.env`)
      assert.include(stdout, "✓ mistral: MISTRAL_API_KEY from the environment")
      assert.include(stdout, "· google: GOOGLE_API_KEY not set")
      assert.include(
        stdout.replaceAll(/\s+/g, " "),
        `⚠ OPENAI_API_KEY is taken from the environment; ${cwd}/.env and ${home}/.pipelex/.env say otherwise`
      )
      assert.notInclude(stdout, "sk-secret")
      const { stdout: json } = yield* run(["doctor", "--json"], options)
      assert.isTrue(JSON.parse(json).all_healthy)
    }))

  it.live("does not take a placeholder for a key", () =>
    Effect.gen(function*() {
      const { cwd, home } = yield* project()
      const { code, stdout } = yield* run(["doctor"], { cwd, env: { HOME: home, OPENAI_API_KEY: "your-key-here" } })
      assert.strictEqual(code, 1)
      assert.include(stdout, "✗ openai: OPENAI_API_KEY holds a placeholder")
      assert.notInclude(stdout, "your-key-here")
    }))

  it.live("wants the key of every backend that a file turns on by name", () =>
    Effect.gen(function*() {
      const { cwd, home } = yield* project(
        ofFile(
          "inference/backends_override.toml",
          "[anthropic]\nenabled = true\n[google]\nenabled = false\n"
        )
      )
      const { code, stdout } = yield* run(["doctor"], { cwd, env: { HOME: home, OPENAI_API_KEY: "k3y" } })
      assert.strictEqual(code, 1)
      assert.include(stdout, "✗ anthropic: ANTHROPIC_API_KEY not set")
      assert.include(stdout, "Set ANTHROPIC_API_KEY, or set enabled = false for anthropic.")
      assert.notInclude(stdout, "google:")
    }))

  it.live.each(
    [
      ["broken TOML", "pipelex.toml", "a = \n", "pipelex.toml:1:5: not valid TOML"],
      [
        "an unknown key",
        "pipelex.toml",
        "[cogt]\ntransport_max_retris = 3\n",
        "pipelex.toml:2:1: \"transport_max_retris\" is not a key of [cogt]; did you mean \"transport_max_retries\"?"
      ],
      [
        "a backend without its file",
        "inference/backends.toml",
        "[vllm]\nendpoint = \"http://localhost:8000/v1\"\n",
        ".pipelex/inference/backends/vllm.toml"
      ],
      [
        "a profile that is not there",
        "inference/routing_profiles.toml",
        "active = \"all\"\n[profiles.none]\ndescription = \"\"\n",
        "routing_profiles.toml:1:"
      ]
    ] as const
  )("shows %s by its place", ([, file, text, message]) =>
    Effect.gen(function*() {
      const { cwd, inProject } = yield* project(ofFile(file, text))
      const { code, stderr, stdout } = yield* run(["doctor"], inProject)
      assert.deepStrictEqual([code, stderr], [1, ""])
      const flowing = stdout.replaceAll(/\s+/g, " ")
      assert.include(flowing, `✗ ${cwd}/.pipelex/`)
      assert.include(flowing, message)
      assert.include(stdout, "Possible solutions")
      assert.isAtMost(widest(stdout), 80)
    }))

  it.live("looks at the home configuration alone when told to", () =>
    Effect.gen(function*() {
      const { cwd, home } = yield* project(ofFile("pipelex.toml", "a = \n"))
      const { code, stdout } = yield* run(["doctor", "--global"], { cwd, env: { HOME: home, OPENAI_API_KEY: "k3y" } })
      assert.strictEqual(code, 0, stdout)
      assert.include(stdout, "✓ no project folder")
    }))

  it.live("says which names lead nowhere, and which only lack a key", () =>
    Effect.gen(function*() {
      const { cwd, home } = yield* project(
        ofFile("inference/backends_override.toml", "[linkup]\nenabled = false\n")
      )
      const { stdout } = yield* run(["doctor"], { cwd, env: { HOME: home, ANTHROPIC_API_KEY: "k3y" } })
      assert.include(stdout, "⚠ no enabled backend has a model for search")
      assert.include(stdout, "⚠ no backend with a key has a model for images")
    }))

  it.live("asks the providers with --online: one that answers, one that refuses the key, one that is not there", () =>
    Effect.gen(function*() {
      const good = yield* FakeProvider.start
      const refusing = yield* FakeProvider.start
      yield* refusing.rules([{ match: { path: "/models" }, reply: { status: 401, body: {} } }])
      const { cwd, home } = yield* project(ofFile(
        "inference/backends_override.toml",
        `[openai]\nendpoint = "${good.url}/v1"\n[anthropic]\nendpoint = "${refusing.url}"\n` +
          "[mistral]\nendpoint = \"http://127.0.0.1:9/v1\"\n"
      ))
      const keys = ["OPENAI_API_KEY", "ANTHROPIC_API_KEY", "MISTRAL_API_KEY", "LINKUP_API_KEY"]
      const env = { HOME: home, ...Object.fromEntries(keys.map((key) => [key, "sk-secret"])) }
      const { code, stdout } = yield* run(["doctor", "--online"], { cwd, env })
      assert.strictEqual(code, 1)
      assert.include(stdout, "✓ openai: answers, and lists 1 model")
      assert.include(stdout, "✗ anthropic: it refuses the key (HTTP 401)")
      assert.include(stdout, "✗ mistral: it cannot be reached (connection refused)")
      assert.include(stdout, "· linkup: not asked, it has no list of its models")
      assert.include(stdout, "Check the key of anthropic.")
      assert.notInclude(stdout, "sk-secret")
      assert.deepStrictEqual([(yield* good.all).length, (yield* refusing.all).length], [1, 1])
    }))

  it.live("calls nobody without --online", () =>
    Effect.gen(function*() {
      const provider = yield* FakeProvider.start
      const { cwd, home } = yield* project(
        ofFile("inference/backends_override.toml", `[openai]\nendpoint = "${provider.url}/v1"\n`)
      )
      yield* run(["doctor"], { cwd, env: { HOME: home, OPENAI_API_KEY: "k3y" } })
      assert.deepStrictEqual(yield* provider.all, [])
    }))

  it.live("tells programs the same, in Markdown or JSON", () =>
    Effect.gen(function*() {
      const { inProject } = yield* project()
      const markdown = yield* run(["doctor"], { ...inProject, ...agent })
      assert.deepStrictEqual([markdown.code, markdown.stderr], [1, ""])
      assert.match(markdown.stdout, /^# Not healthy\n[^]*## Backends\n[^]*## Possible solutions\n/)
      const json = yield* run(["doctor", "--format", "json"], { ...inProject, ...agent })
      const { all_healthy: isHealthy, checks, recommended_actions: actions, success } = JSON.parse(json.stdout)
      assert.deepStrictEqual([success, isHealthy, json.stderr], [true, false, ""])
      assert.hasAllKeys(checks, [
        "node",
        "config_location",
        "config_files",
        "environment",
        "backend_credentials",
        "models"
      ])
      assert.deepInclude(checks.config_files, { healthy: true, message: "22 files read, all valid" })
      assert.deepInclude(checks.backend_credentials.findings, {
        state: "info",
        message: "openai: OPENAI_API_KEY not set"
      })
      assert.lengthOf(actions, 1)
    }))
})

describe("what doctor knows", () => {
  it("tells what stands in the place of a key from a key", () => {
    const madeUp = [
      "your-key-here",
      "YOUR_OPENAI_API_KEY",
      "sk-your-key",
      "<your key>",
      "xxx",
      "sk-xxxxxxxx",
      "sk-...",
      "changeme",
      "replace-me",
      "insert_key",
      "key-here",
      "PLACEHOLDER",
      "todo",
      "api_key",
      "${OPENAI_API_KEY}",
      "https://your-resource.openai.azure.com"
    ]
    assert.deepStrictEqual(madeUp.filter((value) => !isMadeUp(value)), [])
    const keys = ["k", "sk-1234", "dummy", "my-secret", "sk-proj-a-your-9x_change-me", "AIzaSyA-put_in", "4f2e9c"]
    assert.deepStrictEqual(keys.filter(isMadeUp), [])
  })

  it("knows the oldest Node that package.json names", () => {
    const { engines } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
    assert.strictEqual(engines.node, `>=${oldestNode.join(".")}.0`)
    assert.deepStrictEqual(["20.20.2", "22.18.9", "22.19.0", "24.0.0"].map(isNodeNew), [false, false, true, true])
  })
})
