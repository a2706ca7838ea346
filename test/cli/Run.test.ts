import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { greeting, pitches, table } from "./Bundles.ts"
import { folder, lineCount, root, run } from "./Program.ts"

const product = ["-i", JSON.stringify({ product: "a red umbrella" })]
const json = (...place: ReadonlyArray<string>) => JSON.parse(readFileSync(join(...place), "utf8"))

describe.concurrent("pipelex run", () => {
  it.live("leaves a whole result folder after a dry run that had no key and no inputs", () =>
    Effect.gen(function*() {
      const cwd = yield* folder({ "pitches.mthds": pitches })
      const { code, stdout } = yield* run(["run", "bundle", "pitches.mthds", "--dry-run", "--mock-inputs"], { cwd })
      assert.strictEqual(code, 0)
      assert.include(stdout, "✓ Dry run completed successfully")
      const place = join(cwd, "results/pitch_and_review_output_01")
      assert.deepStrictEqual(readdirSync(join(cwd, "results")), ["pitch_and_review_output_01"])
      assert.deepStrictEqual(readdirSync(place).toSorted(), [
        ".gitignore",
        "graphspec.json",
        "main_stuff.html",
        "main_stuff.json",
        "main_stuff.md",
        "main_stuff_viewer.html",
        "mermaidflow.mmd",
        "method_tree.json",
        "pipe_io_contracts.json",
        "working_memory.json"
      ])
      assert.strictEqual(readFileSync(join(place, ".gitignore"), "utf8"), "*\n")
      const memory = json(place, "working_memory.json")
      assert.deepStrictEqual(json(place, "main_stuff.json"), memory.root.review.content)
      assert.strictEqual(memory.aliases.main_stuff, "review")
      assert.strictEqual(json(place, "graphspec.json").nodes.length, 3)
      assert.strictEqual(json(place, "method_tree.json").entry, "pitches.pitch_and_review")
    }))

  it.live("takes the first free number, also when runs end together", () =>
    Effect.gen(function*() {
      const cwd = yield* folder({ "greeting.mthds": greeting })
      const line = ["run", "bundle", "greeting.mthds", "-i", "{\"name\":\"Ada\"}"]
      const all = yield* Effect.all([run(line, { cwd }), run(line, { cwd }), run(line, { cwd })], { concurrency: 3 })
      assert.deepStrictEqual(all.map(({ code }) => code), [0, 0, 0])
      assert.deepStrictEqual(readdirSync(join(cwd, "results")).toSorted(), [
        "greet_output_01",
        "greet_output_02",
        "greet_output_03"
      ])
    }))

  it.live("shows the final output and the costs, and labels what the simulated backend made up", () =>
    Effect.gen(function*() {
      const cwd = yield* folder({ "pitches.mthds": pitches })
      const { code, stderr, stdout } = yield* run(["run", "bundle", "pitches.mthds", ...product], { cwd })
      assert.strictEqual(code, 0)
      assert.include(stderr, "Model calls are answered by the simulated backend: no real model is called")
      assert.include(stderr, "↳ PipeLLM: write_pitch → Pitch")
      assert.include(stdout, "Final output of pipe pitch_and_review → Review (simulated)")
      assert.include(stdout, "gpt-4o-mini")
      assert.include(stdout, "(simulated: no real model was called)")
      assert.isTrue(stdout.split("\n").every((line) => line.length <= 82), stdout)
      assert.notInclude(stdout + stderr, "\u001b")
    }))

  it.live("shows the output of every step when asked, and no cost table when not wanted", () =>
    Effect.gen(function*() {
      const cwd = yield* folder({ "pitches.mthds": pitches })
      const { stdout } = yield* run(["run", "bundle", "pitches.mthds", ...product, "-v", "--no-costs", "--no-graph"], {
        cwd
      })
      assert.include(stdout, "Output of pipe write_pitch → Pitch (simulated)")
      assert.notInclude(stdout, "Costs of run")
      assert.isFalse(existsSync(join(cwd, "results/pitch_and_review_output_01/graphspec.json")))
    }))

  it.live("says nothing of a backend for a method that asks no model", () =>
    Effect.gen(function*() {
      const cwd = yield* folder({ "greeting.mthds": greeting })
      const { stderr, stdout } = yield* run(["run", "bundle", "greeting.mthds", "-i", "{\"name\":\"Ada\"}"], { cwd })
      assert.notInclude(stderr + stdout, "simulated")
      assert.include(stdout, "Hello Ada!")
    }))

  it.live("fails with input.missing and the input's name, and leaves no result", () =>
    Effect.gen(function*() {
      const cwd = yield* folder({ "pitches.mthds": pitches })
      const { code, stderr, stdout } = yield* run(["run", "bundle", "pitches.mthds"], { cwd })
      assert.strictEqual(code, 1)
      assert.strictEqual(stdout, "")
      assert.include(stderr, "input.missing")
      assert.include(stderr, "\"product\"")
      assert.isFalse(existsSync(join(cwd, "results")))
    }))

  it.live("says in one line, without a stack, that a file is missing or no inputs can be read", () =>
    Effect.gen(function*() {
      const cwd = yield* folder({ "pitches.mthds": pitches, "list.json": "[1]", "broken.toml": "a = \n" })
      const lines = [
        ["nope.mthds"],
        ["pitches.mthds", "-i", "nope.json"],
        ["pitches.mthds", "-i", "list.json"],
        ["pitches.mthds", "-i", "broken.toml"],
        ["pitches.mthds", "-i", "{"],
        ["pitches.mthds", "--pipe", "wrte_pitch", ...product]
      ]
      for (
        const { code, stderr } of yield* Effect.forEach(lines, (line) => run(["run", "bundle", ...line], { cwd }), {
          concurrency: 2
        })
      ) {
        assert.strictEqual(code, 1)
        assert.strictEqual(lineCount(stderr), 1, stderr)
        assert.notInclude(stderr, "    at ")
      }
    }))

  it.live("reads the inputs file of a folder, its paths relative to it, and says so", () =>
    Effect.gen(function*() {
      const cwd = yield* folder({ "method/greeting.mthds": greeting, "method/inputs.json": "{\"name\":\"Ada\"}" })
      const { code, stderr, stdout } = yield* run(["run", "bundle", "method"], { cwd })
      assert.strictEqual(code, 0)
      assert.include(stderr, "Inputs are read from method/inputs.json")
      assert.include(stderr, "greetings.greet")
      assert.include(stdout, "Hello Ada!")
    }))

  it.live("runs a pipe of the library folders and an installed method", () =>
    Effect.gen(function*() {
      const cwd = yield* folder({ "lib/greeting.mthds": greeting, ".mthds/methods/hello/greeting.mthds": greeting })
      const inputs = ["-i", "{\"name\":\"Ada\"}", "--json"]
      const pipe = yield* run(["run", "pipe", "greetings.greet", "-L", "lib", ...inputs], { cwd })
      const method = yield* run(["run", "method", "hello", ...inputs], { cwd })
      const remote = yield* run(["run", "method", "github.com/acme/methods/hi", ...inputs], { cwd })
      assert.deepStrictEqual([pipe.code, method.code, remote.code], [0, 0, 1])
      assert.deepStrictEqual(JSON.parse(pipe.stdout), { text: "Hello Ada!" })
      assert.strictEqual(pipe.stderr, "")
      assert.deepStrictEqual(JSON.parse(method.stdout), { text: "Hello Ada!" })
      assert.strictEqual(JSON.parse(remote.stderr).code, "request.invalid")
    }))

  it.live("writes a flat list as CSV, and refuses one that is none without leaving a result", () =>
    Effect.gen(function*() {
      const cwd = yield* folder({ "table.mthds": table, "greeting.mthds": greeting })
      const list = yield* run([
        "run",
        "bundle",
        "table.mthds",
        "--dry-run",
        "--mock-inputs",
        "--save-csv",
        "out/people.csv"
      ], { cwd })
      assert.strictEqual(list.code, 0, list.stderr)
      assert.match(readFileSync(join(cwd, "out/people.csv"), "utf8"), /^name,age\n(.+,\d+\n)+$/)
      const one = yield* run([
        "run",
        "bundle",
        "greeting.mthds",
        "-o",
        "other",
        "-i",
        "{\"name\":\"Ada\"}",
        "--save-csv",
        "x.csv"
      ], { cwd })
      assert.strictEqual(one.code, 1)
      assert.isFalse(existsSync(join(cwd, "other")) || existsSync(join(cwd, "x.csv")))
    }))

  it.live("reads a PDF with nothing configured", () =>
    Effect.gen(function*() {
      const cwd = yield* folder()
      const { code, stderr, stdout } = yield* run(["run", "bundle", join(root, "examples/meeting_minutes")], { cwd })
      assert.strictEqual(code, 0, stderr)
      assert.include(stderr, "2 pages")
      assert.include(stdout, "(simulated)")
    }))

  it.live("ends with 130 and without a result when interrupted", () =>
    Effect.gen(function*() {
      const cwd = yield* folder({ "method/greeting.mthds": greeting })
      const { code, stderr } = yield* run(["run", "bundle", "method"], { cwd, hasOpenStdin: true, interruptAfter: 100 })
      assert.strictEqual(code, 130)
      assert.include(stderr, "Interrupted.")
      assert.isFalse(existsSync(join(cwd, "results")))
    }))

  it.live("says nothing but the result with --quiet", () =>
    Effect.gen(function*() {
      const cwd = yield* folder({ "greeting.mthds": greeting })
      const { code, stderr, stdout } = yield* run(
        ["-q", "run", "bundle", "greeting.mthds", "-i", "{\"name\":\"Ada\"}"],
        { cwd }
      )
      assert.strictEqual(code, 0)
      assert.strictEqual(stderr, "")
      assert.include(stdout, "Hello Ada!")
    }))
})
