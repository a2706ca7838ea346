import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FakeProvider from "../fake/FakeProvider.ts"
import { folder, lineCount, run } from "./Program.ts"

const agent = { program: "pipelex-agent" } as const

const widest = (text: string): number => Math.max(...text.split("\n").map((line) => line.length))

const checked = Effect.fnUntraced(function*(name: string, type: string) {
  const cwd = yield* folder()
  const { code, stderr, stdout } = yield* run(["check-model", name, "--type", type, "--format", "json"], {
    cwd,
    ...agent
  })
  assert.strictEqual(stderr, "")
  return { code, verdict: JSON.parse(stdout) }
})

describe.concurrent("pipelex-agent check-model", () => {
  it.live("finds a name valid for which some model stands", () =>
    Effect.gen(function*() {
      const { code, verdict } = yield* checked("claude-4.5-sonnet", "llm")
      assert.strictEqual(code, 0)
      assert.deepStrictEqual(verdict, {
        success: true,
        valid: true,
        name: "claude-4.5-sonnet",
        kind: "handle",
        model_type: "llm",
        handle: "claude-4.5-sonnet",
        backend: "anthropic"
      })
      assert.deepInclude((yield* checked("$writing-factual", "llm")).verdict, { valid: true, kind: "preset" })
      assert.deepInclude((yield* checked("~others", "llm")).verdict, { valid: true, kind: "waterfall" })
    }))

  it.live("suggests the names that are close", () =>
    Effect.gen(function*() {
      const { code, verdict } = yield* checked("gpt-4o-mni", "llm")
      assert.strictEqual(code, 1)
      assert.deepInclude(verdict, {
        success: true,
        valid: false,
        name: "gpt-4o-mni",
        kind: "handle",
        model_type: "llm",
        wrong_sigil_hints: [],
        cross_collection_suggestions: []
      })
      assert.strictEqual(verdict.suggestions[0], "gpt-4o-mini")
      assert.deepInclude((yield* checked("$writing-factul", "llm")).verdict.suggestions, "$writing-factual")
    }))

  it.live("knows a sigil that was forgotten, or is another one", () =>
    Effect.gen(function*() {
      for (const name of ["writing-factual", "@writing-factual"]) {
        const { code, verdict } = yield* checked(name, "llm")
        assert.strictEqual(code, 1)
        assert.deepStrictEqual(verdict.wrong_sigil_hints, ["writing-factual exists as $writing-factual (preset)"])
      }
    }))

  it.live("knows the type for which the name would be one", () =>
    Effect.gen(function*() {
      const { verdict } = yield* checked("$gen-image", "llm")
      assert.deepStrictEqual(verdict.cross_collection_suggestions, ["$gen-image is a model of type img_gen"])
    }))

  it.live("judges a name that is none, and needs a type", () =>
    Effect.gen(function*() {
      assert.deepInclude(yield* checked("$", "llm"), { code: 1 })
      const cwd = yield* folder()
      const markdown = yield* run(["check-model", "gpt-4o", "-t", "llm"], { cwd, ...agent })
      assert.strictEqual(markdown.stdout, "gpt-4o is a valid llm handle: gpt-4o of backend openai.\n")
      const untyped = yield* run(["check-model", "gpt-4o"], { cwd, ...agent })
      assert.strictEqual(untyped.code, 2)
      assert.include(JSON.parse(untyped.stderr).detail, "--type")
    }))
})

describe.concurrent("pipelex-agent models", () => {
  it.live("lists the names of each type", () =>
    Effect.gen(function*() {
      const cwd = yield* folder()
      const { stdout } = yield* run(["models", "--format", "json"], { cwd, ...agent })
      const { aliases, presets, success, waterfalls } = JSON.parse(stdout)
      assert.isTrue(success)
      for (const names of [aliases, presets, waterfalls]) {
        assert.hasAllKeys(names, ["llm", "extract", "img_gen", "search", "judgment"])
      }
      assert.deepInclude(presets.llm, { name: "writing-factual", description: "Precise prose" })
      assert.strictEqual(aliases.llm["default-general"], "~default-general")
      assert.include(waterfalls.extract["document-extractor"], "mistral-ocr")
    }))

  it.live("keeps to the types and the backend that are asked for", () =>
    Effect.gen(function*() {
      const cwd = yield* folder()
      const line = ["models", "-t", "search", "-t", "llm", "--format", "json"]
      const { stdout } = yield* run(line, { cwd, ...agent })
      assert.hasAllKeys(JSON.parse(stdout).presets, ["llm", "search"])
      const { stdout: linkup } = yield* run([...line, "-b", "linkup"], { cwd, ...agent })
      assert.deepStrictEqual(JSON.parse(linkup).presets.llm, [])
      assert.lengthOf(JSON.parse(linkup).presets.search, 2)
      const wrong = yield* run(["models", "-b", "linkap"], { cwd, ...agent })
      assert.strictEqual(wrong.code, 2)
      assert.include(wrong.stderr, "did you mean \\\"linkup\\\"")
    }))

  it.live("are Markdown unless JSON is asked for", () =>
    Effect.gen(function*() {
      const cwd = yield* folder()
      const { stdout } = yield* run(["models", "-t", "search"], { cwd, ...agent })
      assert.match(stdout, /^# Available models\n\n## Search\n[^]*- \$standard — A quick search\n/)
    }))
})

const withEndpoint = (name: string, url: string) =>
  folder({
    "package.json": "{}",
    ".pipelex/inference/backends_override.toml": `[${name}]\nendpoint = "${url}"\n`
  })

describe.concurrent("pipelex show", () => {
  it.live("backends names every variable, and needs none", () =>
    Effect.gen(function*() {
      const cwd = yield* folder()
      const { code, stderr, stdout } = yield* run(["show", "backends"], {
        cwd,
        env: { OPENAI_API_KEY: "sk-secret" }
      })
      assert.deepStrictEqual([code, stderr], [0, ""])
      assert.match(stdout, /google +6 +GOOGLE_API_KEY or/)
      assert.include(stdout, "Routing profile: all_enabled_backends")
      assert.notInclude(stdout, "ollama")
      assert.notInclude(stdout, "sk-secret")
      assert.isAtMost(widest(stdout), 80)
      assert.include((yield* run(["show", "backends", "--all"], { cwd })).stdout, "ollama (off)")
      const { stdout: json } = yield* run(["show", "backends", "--json"], { cwd })
      const google = JSON.parse(json).backends.find(({ name }: { readonly name: string }) => name === "google")
      assert.deepStrictEqual(google.credential_variables, ["GOOGLE_API_KEY", "GEMINI_API_KEY"])
    }))

  it.live("models shows prices, tells those that nobody knows, and writes CSV with --flat", () =>
    Effect.gen(function*() {
      const cwd = yield* folder()
      const { stdout } = yield* run(["show", "models", "openai"], { cwd })
      assert.match(stdout, /gpt-4o-mini +llm +openai +0\.15 +0\.6/)
      assert.match(stdout, /gpt-image-2 +img_gen +openai +\? +\?/)
      assert.isAtMost(widest(stdout), 80)
      const { stdout: csv } = yield* run(["show", "models", "openai", "--flat"], { cwd })
      assert.match(csv, /^Handle,Type,Backend,In \$\/M,Out \$\/M,Takes → gives\n/)
      const wrong = yield* run(["show", "models", "zzzz"], { cwd })
      assert.strictEqual(wrong.code, 2)
      assert.include(wrong.stderr, "No backend is called \"zzzz\"; there is openai, anthropic")
    }))

  it.live("models --remote asks the provider, with its key and once", () =>
    Effect.gen(function*() {
      const { all, url } = yield* FakeProvider.start
      const cwd = yield* withEndpoint("openai", `${url}/v1`)
      const env = { OPENAI_API_KEY: "sk-here" }
      const { code, stderr, stdout } = yield* run(["show", "models", "openai", "--remote"], { cwd, env })
      assert.deepStrictEqual([code, stderr], [0, ""])
      assert.match(stdout, /Model ID +Created +Owned by\n─+\ngpt-4o-mini +— +—\n/)
      const { stdout: flat } = yield* run(["show", "models", "openai", "--remote", "--flat"], { cwd, env })
      assert.strictEqual(flat, "Model ID,Created,Owned by\ngpt-4o-mini,,\n")
      const { stdout: json } = yield* run(["show", "models", "openai", "--remote", "--json"], { cwd, env })
      assert.deepStrictEqual(JSON.parse(json), { models: [{ id: "gpt-4o-mini" }] })
      assert.deepStrictEqual(
        (yield* all).map(({ headers, method, path }) => [method, path, headers["authorization"]]),
        Array.from({ length: 3 }, () => ["GET", "/v1/models", "Bearer sk-here"])
      )
    }))

  it.live("models --remote says why there is no list", () =>
    Effect.gen(function*() {
      const provider = yield* FakeProvider.start
      yield* provider.rules([{ match: { path: "/models" }, reply: { status: 401, body: {} } }])
      const cwd = yield* withEndpoint("openai", `${provider.url}/v1`)
      const line = ["show", "models", "openai", "--remote"]
      const refused = yield* run(line, { cwd, env: { OPENAI_API_KEY: "sk-secret" } })
      assert.strictEqual(refused.code, 1)
      assert.match(refused.stderr, /^Provider "openai" refused the credentials\n/)
      assert.notInclude(refused.stderr, "sk-secret")
      const keyless = yield* run(line, { cwd })
      assert.strictEqual(keyless.code, 1)
      assert.include(keyless.stderr, "OPENAI_API_KEY")
      const gone = yield* run(["show", "models", "ollama", "--remote"], {
        cwd: yield* withEndpoint("ollama", "http://127.0.0.1:9/v1")
      })
      assert.strictEqual(gone.code, 1)
      assert.match(gone.stderr, /^Provider "ollama" cannot be reached\n/)
      const nameless = yield* run(["show", "models", "--remote"], { cwd })
      assert.deepStrictEqual([nameless.code, lineCount(nameless.stderr)], [2, 1])
      const listless = yield* run(["show", "models", "linkup", "--remote"], { cwd })
      assert.deepStrictEqual([listless.code, listless.stderr], [
        2,
        "The provider of \"linkup\" has no list of its models\n"
      ])
    }))

  it.live("config tells where each value comes from, and hides what is secret", () =>
    Effect.gen(function*() {
      const cwd = yield* folder({
        "package.json": "{}",
        ".pipelex/pipelex.toml": "[cogt]\ntransport_max_retries = 5\n[pipelex.aws_config]\nsecret_key = \"s3cr3t\"\n"
      })
      const { code, stderr, stdout } = yield* run(["show", "config", "--origin"], { cwd })
      assert.strictEqual(code, 0)
      assert.include(stdout, `cogt.transport_max_retries = 5  ← ${cwd}/.pipelex/pipelex.toml:2`)
      assert.include(stdout, "pipelex.pipeline_execution_config.max_concurrency = 8  (packaged)")
      assert.include(stdout, "pipelex.aws_config.secret_key = \"********\"")
      assert.include(stderr, "Read from:")
      const { stdout: json } = yield* run(["show", "config", "--origin", "--json"], { cwd })
      const { origins, values } = JSON.parse(json)
      assert.strictEqual(values.cogt.transport_max_retries, 5)
      assert.isAbove(origins.length, 20)
      assert.notInclude(stdout + json, "s3cr3t")
    }))
})
