import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { existsSync } from "node:fs"
import { greeting, pitches, sameName, shout, twoInputs } from "./Bundles.ts"
import { folder, run } from "./Program.ts"

const agent = { program: "pipelex-agent" } as const
const ada = ["-i", "{\"name\":\"Ada\"}"]

describe.concurrent("pipelex-agent", () => {
  it.live("run writes exactly the content of the main output", () =>
    Effect.gen(function*() {
      const cwd = yield* folder({ "greeting.mthds": greeting })
      const { code, stderr, stdout } = yield* run(["run", "bundle", "greeting.mthds", ...ada], { cwd, ...agent })
      assert.strictEqual(code, 0)
      assert.strictEqual(stderr, "")
      assert.deepStrictEqual(JSON.parse(stdout), { text: "Hello Ada!" })
      assert.isTrue(existsSync(`${cwd}/results/greet_output_01/live_run.json`))
    }))

  it.live("run fences the JSON when Markdown is asked for", () =>
    Effect.gen(function*() {
      const cwd = yield* folder({ "greeting.mthds": greeting })
      const { stdout } = yield* run(["run", "bundle", "greeting.mthds", ...ada, "--format", "markdown"], {
        cwd,
        ...agent
      })
      assert.match(stdout, /^```json\n[^]*\n```\n$/)
    }))

  it.live("run --with-memory writes the main output three ways and the whole memory", () =>
    Effect.gen(function*() {
      const cwd = yield* folder({ "pitches.mthds": pitches })
      const { code, stderr, stdout } = yield* run([
        "run",
        "bundle",
        "pitches.mthds",
        "-i",
        "{\"product\":\"tea\"}",
        "--with-memory"
      ], { cwd, ...agent })
      assert.deepStrictEqual([code, stderr], [0, ""])
      const result = JSON.parse(stdout)
      assert.deepStrictEqual(Object.keys(result.main_stuff), ["json", "markdown", "html"])
      assert.deepStrictEqual(JSON.parse(result.main_stuff.json), result.working_memory.root.review.content)
      assert.strictEqual(result.simulated, true)
      assert.match(result.method_tree_digest, /^sha256:/)
      assert.isTrue(existsSync(result.output_file) && existsSync(result.graph_files.graph_spec))
    }))

  it.live("run hands the main output to the next method, whatever its one input is called, and drops the rest", () =>
    Effect.gen(function*() {
      const cwd = yield* folder({ "greeting.mthds": greeting, "shout.mthds": shout, "same.mthds": sameName })
      const upstream = yield* run(["run", "bundle", "greeting.mthds", ...ada, "--with-memory"], { cwd, ...agent })
      for (const bundle of ["shout.mthds", "same.mthds"]) {
        const { code, stderr, stdout } = yield* run(["run", "bundle", bundle], {
          cwd,
          ...agent,
          stdin: upstream.stdout
        })
        assert.deepStrictEqual([code, stderr], [0, ""])
        assert.deepStrictEqual(JSON.parse(stdout), { text: "Hello Ada! Hello Ada!" })
      }
    }))

  it.live("run says which inputs a chain lacks and which values it has", () =>
    Effect.gen(function*() {
      const cwd = yield* folder({ "greeting.mthds": greeting, "two.mthds": twoInputs })
      const upstream = yield* run(["run", "bundle", "greeting.mthds", ...ada, "--with-memory"], { cwd, ...agent })
      const { code, stderr, stdout } = yield* run(["run", "bundle", "two.mthds"], {
        cwd,
        ...agent,
        stdin: upstream.stdout
      })
      const document = JSON.parse(stderr)
      assert.deepStrictEqual([code, stdout, document.code], [1, "", "input.missing"])
      assert.include(document.detail, "\"place\"")
      assert.include(document.detail, "\"name\"")
    }))

  it.live("run prefers --inputs to stdin, and stdin to the inputs file of the folder", () =>
    Effect.gen(function*() {
      const cwd = yield* folder({ "m/greeting.mthds": greeting, "m/inputs.json": "{\"name\":\"file\"}" })
      const piped = "{\"name\":\"stdin\"}"
      const texts = yield* Effect.forEach([
        run(["run", "bundle", "m", ...ada], { cwd, ...agent, stdin: piped }),
        run(["run", "bundle", "m"], { cwd, ...agent, stdin: piped }),
        run(["run", "bundle", "m"], { cwd, ...agent, stdin: "" }),
        run(["run", "bundle", "m"], { cwd, ...agent, hasOpenStdin: true })
      ], (each) =>
        Effect.map(each, ({ stdout }) => JSON.parse(stdout).text), { concurrency: 2 })
      assert.deepStrictEqual(texts, ["Hello Ada!", "Hello stdin!", "Hello file!", "Hello file!"])
    }))

  it.live("writes one problem document on stderr and nothing on stdout when something is wrong", () =>
    Effect.gen(function*() {
      const cwd = yield* folder({ "greeting.mthds": greeting })
      const lines: ReadonlyArray<readonly [ReadonlyArray<string>, number, string]> = [
        [["run", "bundle", "greeting.mthds"], 1, "input.missing"],
        [["run", "bundle", "nope.mthds"], 1, "input.reference_not_found"],
        [["run", "bundel", "x"], 2, "request.invalid"],
        [["doctr"], 2, "request.invalid"],
        [["run", "bundle", "greeting.mthds", "-i", "{\"name\":{}}"], 1, "input.invalid"]
      ]
      for (const [line, expected, problem] of lines) {
        const { code, stderr, stdout } = yield* run(line, { cwd, ...agent })
        const document = JSON.parse(stderr)
        assert.deepStrictEqual([code, stdout, document.code, document.error], [expected, "", problem, true])
      }
    }))

  it.live("writes a problem as Markdown when asked", () =>
    Effect.gen(function*() {
      const cwd = yield* folder({ "greeting.mthds": greeting })
      const { stderr } = yield* run(["run", "bundle", "greeting.mthds", "--error-format", "markdown"], {
        cwd,
        ...agent
      })
      assert.include(stderr, "- code: `input.missing`")
    }))

  it.live("validate and inputs tell what a program needs", () =>
    Effect.gen(function*() {
      const cwd = yield* folder({ "pitches.mthds": pitches })
      const verdict = JSON.parse(
        (yield* run(["validate", "bundle", "pitches.mthds", "--format", "json"], { cwd, ...agent })).stdout
      )
      assert.deepStrictEqual([verdict.is_valid, verdict.is_runnable, verdict.total_pipes], [true, true, 3])
      const all = yield* run(["validate", "--all", "-L", "."], { cwd, ...agent })
      assert.include(all.stdout, "# Valid")
      const inputs = JSON.parse((yield* run(["inputs", "bundle", "pitches.mthds"], { cwd, ...agent })).stdout)
      assert.deepStrictEqual([inputs.pipe_ref, Object.keys(inputs.inputs)], ["pitches.pitch_and_review", ["product"]])
    }))
})
