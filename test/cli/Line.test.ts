import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import * as Version from "../../src/cli/Version.ts"
import { greeting, pitches } from "./Bundles.ts"
import { folder, lineCount, root, run } from "./Program.ts"

it("the program's version is the package's", () => {
  assert.strictEqual(Version.program, JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version)
})

describe.concurrent("a command line", () => {
  it.live("tells the versions wherever they are asked for", () =>
    Effect.gen(function*() {
      const cwd = yield* folder()
      for (const line of [["--version"], ["run", "bundle", "x", "-V"]]) {
        const { code, stderr, stdout } = yield* run(line, { cwd })
        assert.strictEqual(code, 0)
        assert.strictEqual(stderr, "")
        assert.deepStrictEqual(stdout.split("\n"), [
          `pipelex ${Version.program}`,
          "MTHDS standard 0.4.1",
          `Node ${process.versions.node}`,
          ""
        ])
      }
    }))

  it.live("that cannot be parsed is answered by one line on stderr, with the closest name and where to look, and exit 2", () =>
    Effect.gen(function*() {
      const cwd = yield* folder({ "pitches.mthds": pitches })
      const lines: ReadonlyArray<readonly [ReadonlyArray<string>, string]> = [
        [["rnu"], "\"run\""],
        [["validate", "bundel", "x"], "\"bundle\""],
        [["run", "bundle"], "bundle"],
        [["run"], "pipelex run --help"],
        [["run", "bundle", "pitches.mthds", "--dryrun"], "--dry-run"],
        [["run", "bundle", "pitches.mthds", "--mock-inputs"], "--dry-run"],
        [["run", "bundle", "pitches.mthds", "--max-concurrency", "many"], "whole number"],
        [["run", "bundle", "pitches.mthds", "--timeout", "soon"], "90s"],
        [["run", "bundle", "pitches.mthds", "--backend", "opnai"], "did you mean \"openai\"?"],
        [["validate", "pipe"], "--all"]
      ]
      const all = yield* Effect.forEach(lines, ([line]) => run(line, { cwd }), { concurrency: 2 })
      for (const [index, { code, stderr, stdout }] of all.entries()) {
        assert.strictEqual(code, 2, stderr)
        assert.strictEqual(stdout, "")
        assert.strictEqual(lineCount(stderr), 1, stderr)
        assert.include(stderr, lines[index]?.[1] ?? "?")
      }
    }))

  it.live("for what comes later is refused in a plain sentence", () =>
    Effect.gen(function*() {
      const cwd = yield* folder({ "pitches.mthds": pitches })
      const lines = [["graph", "render", "x.json"], ["codegen", "x"], ["run", "bundle", "pitches.mthds", "--hosted"]]
      for (const { code, stderr } of yield* Effect.forEach(lines, (line) => run(line, { cwd }), { concurrency: 2 })) {
        assert.strictEqual(code, 2)
        assert.strictEqual(lineCount(stderr), 1, stderr)
        assert.match(stderr, /not in this version yet|not part of this program/)
      }
    }))

  it.live("asks for help on stdout", () =>
    Effect.gen(function*() {
      const cwd = yield* folder()
      const bare = yield* run([], { cwd })
      const asked = yield* run(["run", "bundle", "--help"], { cwd })
      assert.deepStrictEqual([bare.code, bare.stderr, asked.code, asked.stderr], [0, "", 0, ""])
      assert.include(bare.stdout, "validate")
      assert.include(asked.stdout, "--mock-inputs")
    }))

  it.live("is answered whatever stdin is: nothing, closed, or open and silent", () =>
    Effect.gen(function*() {
      const cwd = yield* folder({ "greeting.mthds": greeting })
      const line = ["run", "bundle", "greeting.mthds", "--dry-run", "--mock-inputs", "-q"]
      const all = yield* Effect.all([
        run(line, { cwd }),
        run(line, { cwd, stdin: "" }),
        run(line, { cwd, hasOpenStdin: true })
      ], { concurrency: 2 })
      assert.deepStrictEqual(all.map(({ code }) => code), [0, 0, 0])
      const starved = yield* run(["run", "bundle", "greeting.mthds"], { cwd, hasOpenStdin: true })
      assert.strictEqual(starved.code, 1)
      assert.include(starved.stderr, "input.missing")
    }), 20_000)
})

describe.concurrent("the other commands", () => {
  it.live("which tells where a pipe comes from, and misses with the search path and a close name", () =>
    Effect.gen(function*() {
      const cwd = yield* folder({ "lib/pitches.mthds": pitches })
      const found = yield* run(["which", "write_pitch", "-L", "lib"], { cwd })
      const missed = yield* run(["which", "wrte_pitch", "-L", "lib"], { cwd })
      assert.strictEqual(found.code, 0)
      for (const part of ["✓", "Found: pitches.write_pitch", "PipeLLM", "pitches.mthds"]) {
        assert.include(found.stdout, part)
      }
      assert.strictEqual(missed.code, 1)
      assert.include(missed.stderr, "\"write_pitch\"")
    }))

  it.live("show lists pipes, models, backends and the configuration within 80 columns", () =>
    Effect.gen(function*() {
      const cwd = yield* folder({ "lib/pitches.mthds": pitches })
      const lines = [["pipe", "--all", "-L", "lib"], ["models"], ["models", "openai"], ["backends"], ["config"]]
      const all = yield* Effect.forEach(lines, (line) => run(["show", ...line], { cwd }), { concurrency: 2 })
      assert.deepStrictEqual(all.map(({ code }) => code), [0, 0, 0, 0, 0])
      for (const { stdout } of all.slice(0, 4)) {
        assert.isTrue(stdout.split("\n").every((line) => line.length <= 80), stdout)
      }
      assert.include(all[0]?.stdout, "pitch_and_review")
      assert.include(all[1]?.stdout, "gpt-4o-mini")
      JSON.parse(all[4]?.stdout ?? "")
      const one = yield* run(["show", "pipe", "review_pitch", "-L", "lib"], { cwd })
      for (const part of ["pitches.review_pitch", "gpt-4o-mini", "@pitch", "lib/pitches.mthds"]) {
        assert.include(one.stdout, part)
      }
    }))

  it.live("build inputs writes what run takes, and overwrites nothing unless forced", () =>
    Effect.gen(function*() {
      const cwd = yield* folder({ "pitches.mthds": pitches })
      const build = ["build", "inputs", "bundle", "pitches.mthds"]
      const first = yield* run(build, { cwd })
      assert.deepStrictEqual([first.code, first.stdout], [0, "inputs.json\n"])
      assert.strictEqual((yield* run(build, { cwd })).code, 1)
      assert.strictEqual((yield* run([...build, "--force", "--explicit"], { cwd })).code, 0)
      assert.strictEqual(
        (yield* run(["run", "bundle", "pitches.mthds", "-i", "inputs.json", "--dry-run"], { cwd })).code,
        0
      )
      assert.strictEqual((yield* run([...build, "--format", "toml", "-o", "in.toml"], { cwd })).code, 0)
      assert.strictEqual(
        (yield* run(["run", "bundle", "pitches.mthds", "-i", "in.toml", "--dry-run"], { cwd })).code,
        0
      )
    }))

  it.live("build output writes an example, a schema or types", () =>
    Effect.gen(function*() {
      const cwd = yield* folder({ "pitches.mthds": pitches })
      for (const format of ["json", "schema", "ts"]) {
        assert.strictEqual((yield* run(["build", "output", "bundle", "pitches.mthds", "-f", format], { cwd })).code, 0)
      }
      assert.strictEqual(JSON.parse(readFileSync(join(cwd, "output.json"), "utf8")).concept, "pitches.Review")
      assert.deepStrictEqual(JSON.parse(readFileSync(join(cwd, "output.schema.json"), "utf8")).required, [
        "score",
        "comment"
      ])
      assert.include(readFileSync(join(cwd, "output.ts"), "utf8"), "export interface Review {")
    }))

  it.live("resolve prints every reference qualified, with a fingerprint that its place does not change", () =>
    Effect.gen(function*() {
      const cwd = yield* folder({ "a/pitches.mthds": pitches, "b/c/pitches.mthds": pitches })
      const [one, other, toml] = yield* Effect.all([
        run(["resolve", "a"], { cwd }),
        run(["resolve", "b"], { cwd }),
        run(["resolve", "a", "-f", "toml"], { cwd })
      ], { concurrency: 2 })
      const closure = JSON.parse(one.stdout)
      assert.deepStrictEqual(
        closure.pipes["pitches.pitch_and_review"].steps.map(({ pipe }: { readonly pipe: string }) => pipe),
        ["pitches.write_pitch", "pitches.review_pitch"]
      )
      assert.strictEqual(JSON.parse(other.stdout).fingerprint, closure.fingerprint)
      assert.include(toml.stdout, closure.fingerprint)
    }))
})
