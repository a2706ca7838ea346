import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FakeProvider from "../fake/FakeProvider.ts"
import { folder, lineCount, run } from "./Program.ts"

const method = `domain = "letters"
description = "Letters"
main_pipe = "write"

[pipe.write]
type = "PipeLLM"
description = "Write a letter"
output = "Text"
model = "@default-general"
prompt = "Say hello"

[pipe.write_elsewhere]
type = "PipeLLM"
description = "Write a letter with a model of another backend"
output = "Text"
model = "claude-4.5-sonnet"
prompt = "Say hello"
`

const backends = (url: string) =>
  `[openai]
endpoint = "${url}/v1"
api_key = "\${OPENAI_API_KEY}"
[anthropic]
endpoint = "${url}"
api_key = "\${ANTHROPIC_API_KEY}"
[ollama]
enabled = false
endpoint = "http://localhost:11434/v1"
[internal]
`

const project = (url: string) =>
  folder({
    "letters.mthds": method,
    ".pipelex/inference/backends.toml": backends(url),
    ".pipelex/inference/routing_profiles.toml":
      "active = \"all\"\n[profiles.all]\ndescription = \"\"\nfallback_order = [\"openai\", \"anthropic\", \"ollama\"]\n"
  })

const line = ["run", "bundle", "letters.mthds", "--no-graph"]

describe.concurrent("the backends of a live run", () => {
  it.live("need no key of a backend that the run does not use, though the file names it", () =>
    Effect.gen(function*() {
      const { requests, url } = yield* FakeProvider.start
      const cwd = yield* project(url)
      const { code, stderr, stdout } = yield* run([...line, "-v"], { cwd, env: { OPENAI_API_KEY: "sk-here" } })
      assert.strictEqual(code, 0, stderr)
      assert.notInclude(stdout + stderr, "simulated")
      const sent = yield* requests
      assert.deepStrictEqual(sent.map(({ headers }) => headers["authorization"]), ["Bearer sk-here"])
    }))

  it.live("follow a waterfall to the one whose key stands in .env", () =>
    Effect.gen(function*() {
      const { requests, url } = yield* FakeProvider.start
      const cwd = yield* folder({
        "letters.mthds": method,
        ".env": "ANTHROPIC_API_KEY=\"sk-ant-here\"\n",
        ".pipelex/inference/backends.toml": backends(url),
        ".pipelex/inference/routing_profiles.toml":
          "active = \"all\"\n[profiles.all]\ndescription = \"\"\nfallback_order = [\"openai\", \"anthropic\"]\n"
      })
      const { code, stderr } = yield* run(line, { cwd })
      assert.strictEqual(code, 0, stderr)
      const sent = yield* requests
      assert.deepStrictEqual(sent.map(({ headers, request }) => [headers["x-api-key"], request.api]), [
        ["sk-ant-here", "anthropic_messages"]
      ])
    }))

  it.live("need no key where OLLAMA_HOST says who answers", () =>
    Effect.gen(function*() {
      const { requests, url } = yield* FakeProvider.start
      const cwd = yield* project("http://127.0.0.1:9")
      const { code, stderr } = yield* run(line, { cwd, env: { OLLAMA_HOST: url } })
      assert.strictEqual(code, 0, stderr)
      assert.deepStrictEqual((yield* requests).map(({ request }) => request.model), ["qwen3:8b"])
    }))

  it.live("are told by the variable that is missing, before anything is sent", () =>
    Effect.gen(function*() {
      const { requests, url } = yield* FakeProvider.start
      const cwd = yield* project(url)
      const { code, stderr } = yield* run([...line, "--pipe", "write_elsewhere"], { cwd, env: { OPENAI_API_KEY: "k" } })
      assert.strictEqual(code, 1)
      assert.include(stderr, "pipelex.config.credential_missing")
      assert.include(stderr, "ANTHROPIC_API_KEY")
      assert.include(stderr, "or set enabled = false")
      assert.isAtMost(lineCount(stderr), 15)
      assert.deepStrictEqual(yield* requests, [])
    }))

  it.live("are one alone with --backend, which names one that is there", () =>
    Effect.gen(function*() {
      const { requests, url } = yield* FakeProvider.start
      const cwd = yield* project(url)
      const env = { OPENAI_API_KEY: "k", ANTHROPIC_API_KEY: "k" }
      const chosen = yield* run([...line, "--backend", "anthropic"], { cwd, env })
      assert.strictEqual(chosen.code, 0, chosen.stderr)
      assert.deepStrictEqual((yield* requests).map(({ request }) => request.api), ["anthropic_messages"])
      const wrong = yield* run([...line, "--backend", "antropic"], { cwd, env })
      assert.strictEqual(wrong.code, 2)
      assert.include(wrong.stderr, "did you mean \"anthropic\"")
      const without = yield* run([...line, "--backend", "anthropic"], { cwd, env: { OPENAI_API_KEY: "k" } })
      assert.strictEqual(without.code, 1)
      assert.include(without.stderr, "ANTHROPIC_API_KEY")
      const simulated = yield* run([...line, "--backend", "simulated"], { cwd, env })
      assert.strictEqual(simulated.code, 0)
      assert.include(simulated.stderr, "no real model is called")
      assert.notInclude(simulated.stderr, "For real models")
      assert.strictEqual((yield* requests).length, 1)
    }))

  it.live("are simulated without any key, which is said with what would change it", () =>
    Effect.gen(function*() {
      const { requests, url } = yield* FakeProvider.start
      const cwd = yield* project(url)
      const { code, stderr } = yield* run(line, { cwd })
      assert.strictEqual(code, 0)
      assert.include(stderr, "Model calls are answered by the simulated backend: no real model is called")
      assert.include(stderr, "OPENAI_API_KEY (openai), ANTHROPIC_API_KEY (anthropic), OLLAMA_HOST (ollama)")
      assert.deepStrictEqual(yield* requests, [])
    }))
})
