import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { existsSync } from "node:fs"
import { join } from "node:path"
import * as FakeProvider from "../fake/FakeProvider.ts"
import { greeting } from "./Bundles.ts"
import { folder, run } from "./Program.ts"

const drawing = `domain = "drawings"
description = "Drawings"
main_pipe = "draw"

[pipe.draw]
type = "PipeImgGen"
description = "Draw a fox"
output = "Image"
prompt = "A fox"
`

const storing = (method: string, more = "") =>
  `[pipelex.storage_config]\nmethod = "${method}"\n${more}\n[cogt]\ntransport_max_retries = 1\n`

/** What a run of the drawing leaves: its exit code, the files of its folder, whether artefacts are at the two places. */
const drawn = (pipelex: string) =>
  Effect.gen(function*() {
    const cwd = yield* folder({ "drawing.mthds": drawing, ".pipelex/pipelex.toml": pipelex })
    const { code, stderr } = yield* run(["run", "bundle", "drawing.mthds", "--backend", "simulated"], { cwd })
    assert.strictEqual(code, 0, stderr)
    return {
      hasFile: existsSync(join(cwd, "results/draw_output_01/image.png")),
      usual: existsSync(join(cwd, ".pipelex/storage")),
      other: existsSync(join(cwd, "kept"))
    }
  })

describe.concurrent("the artefacts of a run", () => {
  it.live("are kept in the project's .pipelex unless the configuration says otherwise", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* drawn(""), { hasFile: true, usual: true, other: false })
    }))

  it.live("go into the folder that the configuration names", () =>
    Effect.gen(function*() {
      const local = storing("local", "[pipelex.storage_config.local]\nlocal_storage_path = \"kept\"")
      assert.deepStrictEqual(yield* drawn(local), { hasFile: true, usual: false, other: true })
    }))

  it.live("stay in memory where it says so, and the main output is saved all the same", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* drawn(storing("in_memory")), { hasFile: true, usual: false, other: false })
    }))

  it.live("are not started to be made for a store that is not described", () =>
    Effect.gen(function*() {
      const cwd = yield* folder({ "drawing.mthds": drawing, ".pipelex/pipelex.toml": storing("s3") })
      const { code, stderr } = yield* run(["run", "bundle", "drawing.mthds"], { cwd })
      assert.strictEqual(code, 1)
      assert.include(stderr, "method \"s3\" needs a bucket")
    }))
})

describe.concurrent("a run's own settings", () => {
  it.live("refuse an id that artefacts could not be kept under, naming the form of one", () =>
    Effect.gen(function*() {
      const cwd = yield* folder({ "greeting.mthds": greeting })
      const line = ["run", "bundle", "greeting.mthds", "-i", "{\"name\":\"Ada\"}", "--run-id"]
      for (const id of ["a/b", "..", "-x", "", "é"]) {
        const { code, stderr } = yield* run([...line.slice(0, -1), `--run-id=${id}`], { cwd })
        assert.strictEqual(code, 2, id)
        assert.include(stderr, "--run-id must be 1 to 200 letters, digits", id)
      }
      assert.isFalse(existsSync(join(cwd, "results")))
      assert.strictEqual((yield* run([...line, "night.2026-11_a"], { cwd })).code, 0)
    }))

  it.live("find library folders by PIPELEXPATH, also where .env says it", () =>
    Effect.gen(function*() {
      const cwd = yield* folder({ "lib/greeting.mthds": greeting, ".env": "PIPELEXPATH=lib\n" })
      const line = ["run", "pipe", "greetings.greet", "-i", "{\"name\":\"Ada\"}", "--json"]
      const said = yield* run(line, { cwd })
      assert.strictEqual(said.code, 0, said.stderr)
      assert.strictEqual((yield* run(line, { cwd, env: { PIPELEXPATH: "elsewhere" } })).code, 1)
    }))
})

const letter = `domain = "letters"
description = "Letters"
main_pipe = "write"

[pipe.write]
type = "PipeLLM"
description = "Write a letter"
output = "Text"
model = "@default-general"
prompt = "Say hello"
`

describe.concurrent("what is said of a live run", () => {
  const project = (url: string, level = "INFO") =>
    folder({
      "letters.mthds": letter,
      ".pipelex/pipelex.toml": `[pipelex.log_config]\ndefault_log_level = "${level}"\n`,
      ".pipelex/inference/backends.toml":
        `[openai]\nendpoint = "${url}/v1"\napi_key = "\${OPENAI_API_KEY}"\n[anthropic]\nendpoint = "${url}"\napi_key = "\${ANTHROPIC_API_KEY}"\n[internal]\n`,
      ".pipelex/inference/routing_profiles.toml":
        "active = \"all\"\n[profiles.all]\ndescription = \"\"\nfallback_order = [\"openai\", \"anthropic\"]\n"
    })

  const line = ["run", "bundle", "letters.mthds", "--no-graph"]

  it.live("is by which model a waterfall is answered past its first, to people who did not ask for quiet", () =>
    Effect.gen(function*() {
      const { url } = yield* FakeProvider.start
      const cwd = yield* project(url)
      const env = { ANTHROPIC_API_KEY: "k" }
      const told = "\"claude-4.5-sonnet\" at anthropic: its first choice \"gpt-5.6-terra\" is not served here"
      const { code, stderr } = yield* run(line, { cwd, env })
      assert.strictEqual(code, 0, stderr)
      assert.strictEqual(stderr.split(told).length, 2, stderr)
      for (const more of [["--quiet"], ["--json"]]) {
        assert.notInclude((yield* run([...line, ...more], { cwd, env })).stderr, "not served here")
      }
      const first = yield* run(line, { cwd, env: { OPENAI_API_KEY: "k" } })
      assert.notInclude(first.stderr, "not served here")
    }))

  it.live("is logged as much as the configuration says, and not at all to a program", () =>
    Effect.gen(function*() {
      const { rules, url } = yield* FakeProvider.start
      const env = { OPENAI_API_KEY: "k" }
      const busyOnce = rules([{ reply: { status: 429, headers: { "retry-after": "0" } }, times: 1 }])
      const retry = "sending a request again"
      const quiet = yield* project(url)
      yield* busyOnce
      const usual = yield* run(line, { cwd: quiet, env })
      assert.strictEqual(usual.code, 0, usual.stderr)
      assert.notInclude(usual.stderr, retry)
      const cwd = yield* project(url, "DEBUG")
      yield* busyOnce
      assert.include((yield* run(line, { cwd, env })).stderr, retry)
      yield* busyOnce
      const agent = yield* run(line, { cwd, env, program: "pipelex-agent" })
      assert.deepStrictEqual([agent.code, agent.stderr], [0, ""])
      yield* rules([{ reply: { status: 500 } }])
      const failed = yield* run(line, { cwd, env, program: "pipelex-agent" })
      assert.strictEqual(failed.code, 1)
      assert.strictEqual(JSON.parse(failed.stderr).code, "provider.failed")
    }))
})
