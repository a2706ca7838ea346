import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { greeting, pending, pitches } from "./Bundles.ts"
import { folder, lineCount, run } from "./Program.ts"

describe.concurrent("pipelex validate", () => {
  it.live("says in one line that a bundle is valid, and nothing else", () =>
    Effect.gen(function*() {
      const cwd = yield* folder({ "good.mthds": pitches })
      const { code, stderr, stdout } = yield* run(["validate", "bundle", "good.mthds"], { cwd })
      assert.deepStrictEqual({ code, stderr, stdout }, {
        code: 0,
        stderr: "",
        stdout: "Successfully validated bundle 'good.mthds'\n"
      })
    }))

  it.live("names the pipe, the missing reference, a close one and the place when a step names no pipe", () =>
    Effect.gen(function*() {
      const cwd = yield* folder({ "bad.mthds": pitches.replace(`pipe = "review_pitch"`, `pipe = "review_pich"`) })
      const { code, stderr, stdout } = yield* run(["validate", "bundle", "bad.mthds"], { cwd })
      assert.strictEqual(code, 1)
      assert.strictEqual(stdout, "")
      for (const part of ["Bundle: bad.mthds", "pitch_and_review", "review_pich", `"review_pitch"`, "bad.mthds:23:5"]) {
        assert.include(stderr, part)
      }
    }))

  it.live("tells line and column of broken TOML", () =>
    Effect.gen(function*() {
      const cwd = yield* folder({ "broken.mthds": "domain = \"x\"\nmain_pipe = \n" })
      const { code, stderr } = yield* run(["validate", "bundle", "broken.mthds"], { cwd })
      assert.strictEqual(code, 1)
      assert.include(stderr, "broken.mthds:2:13")
    }))

  it.live("offers close handles for an unknown model, written as a string or inside a table", () =>
    Effect.gen(function*() {
      const text = pitches.replace("\"gpt-4o-mini\"", "\"gpt-4o-minni\"").replace(
        "model = \"gpt-4o-mini\"",
        "model = { model = \"gpt-4o-minj\", temperature = 0.5 }"
      )
      const cwd = yield* folder({ "model.mthds": text })
      const { code, stderr } = yield* run(["validate", "bundle", "model.mthds"], { cwd })
      assert.strictEqual(code, 1)
      assert.include(stderr, "\"gpt-4o-minni\"; did you mean \"gpt-4o-mini\"")
      assert.include(stderr, "\"gpt-4o-minj\"; did you mean \"gpt-4o-mini\"")
    }))

  it.live("gives no verdict on a missing file, an unknown pipe or a bad configuration, in one line", () =>
    Effect.gen(function*() {
      const cwd = yield* folder({ "good.mthds": pitches, "sub/.pipelex/pipelex.toml": "[pipelex\n" })
      const missing = yield* run(["validate", "bundle", "nope.mthds"], { cwd })
      const pipe = yield* run(["validate", "pipe", "wrte_pitch", "-L", "."], { cwd })
      const configuration = yield* run(["validate", "bundle", "../good.mthds"], { cwd: `${cwd}/sub` })
      for (const { code, stderr } of [missing, pipe, configuration]) {
        assert.strictEqual(code, 2)
        assert.strictEqual(lineCount(stderr), 1, stderr)
      }
      assert.include(pipe.stderr, "write_pitch")
    }))

  it.live("says that run takes what only the older spelling allows, and how it reads it", () =>
    Effect.gen(function*() {
      const cwd = yield* folder({ "old.mthds": greeting.replace("Hello $name!", "Hello @name!") })
      const { code, stderr } = yield* run(["validate", "bundle", "old.mthds"], { cwd })
      assert.strictEqual(code, 1)
      assert.include(stderr, "`pipelex run` accepts this method")
      assert.include(stderr, "\"$name\"")
      assert.strictEqual((yield* run(["validate", "bundle", "old.mthds", "--compat"], { cwd })).code, 0)
    }))

  it.live("accepts a method with pipes still to be written, and says that it cannot be run", () =>
    Effect.gen(function*() {
      const cwd = yield* folder({ "pending.mthds": pending })
      const { code, stderr, stdout } = yield* run(["validate", "bundle", "pending.mthds"], { cwd })
      assert.strictEqual(code, 1)
      assert.include(stdout, "Successfully validated")
      assert.include(stderr, "greetings.translate")
      assert.strictEqual((yield* run(["validate", "bundle", "pending.mthds", "--allow-signatures"], { cwd })).code, 0)
    }))

  it.live("checks one pipe of the library folders, or all of them", () =>
    Effect.gen(function*() {
      const cwd = yield* folder({ "lib/good.mthds": pitches, "lib/more.mthds": greeting })
      const one = yield* run(["validate", "pipe", "write_pitch", "-L", "lib"], { cwd })
      const all = yield* run(["validate", "pipe", "--all", "--json"], { cwd, env: { PIPELEXPATH: "lib" } })
      assert.deepStrictEqual([one.code, all.code], [0, 0], one.stderr + all.stderr)
      assert.strictEqual(JSON.parse(all.stdout).total_pipes, 4)
    }))

  it.live("writes an invalid method as one problem document for programs", () =>
    Effect.gen(function*() {
      const cwd = yield* folder({ "bad.mthds": pitches.replace(`pipe = "review_pitch"`, `pipe = "review_pich"`) })
      const { code, stderr, stdout } = yield* run(["validate", "bundle", "bad.mthds"], {
        cwd,
        program: "pipelex-agent"
      })
      const document = JSON.parse((yield* run(["validate", "bundle", "bad.mthds", "--json"], { cwd })).stderr)
      assert.strictEqual(code, 1)
      assert.strictEqual(stdout, "")
      assert.include(stderr, "method.")
      assert.strictEqual(document.is_valid, false)
      assert.strictEqual(document.bundle_path, "bad.mthds")
      assert.strictEqual(document.errors[0].code, "method.pipe_unresolved")
      assert.strictEqual(document.errors[0].location.line, 23)
    }))
})
