/** Runs in process that go on without the items that fail. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { width } from "../../src/report/Columns.ts"
import * as FakeProvider from "../fake/FakeProvider.ts"
import { pipe } from "../library/Fixture.ts"
import { folder, run } from "./Program.ts"

const limit = 120_000

const bundle = [
  `domain = "d"\nmain_pipe = "all"\n`,
  pipe("one", "PipeLLM", { inputs: { topic: "Text" }, output: "Text", prompt: "About $topic", model: "gpt-4o-mini" }),
  pipe("all", "PipeBatch", {
    inputs: { topics: "Text[]" },
    output: "Text[]",
    branch_pipe_code: "one",
    input_list_name: "topics",
    input_item_name: "topic"
  })
].join("\n")

const topics = ["apples", "bears", "cats", "dogs", "eels", "foxes"]
const inputs = ["-i", JSON.stringify({ topics })]

const project = Effect.fnUntraced(function*(pipelex = "") {
  const provider = yield* FakeProvider.start
  yield* provider.rules([
    { match: { contains: "bears" }, reply: { status: 401, body: {} } },
    { match: { contains: "eels" }, reply: { refusal: "No." } }
  ])
  const cwd = yield* folder({
    "all.mthds": bundle,
    ".pipelex/pipelex.toml": pipelex,
    ".pipelex/inference/backends.toml": `[openai]\nendpoint = "${provider.url}/v1"\napi_key = "k"\n[internal]\n`
  })
  return { cwd, provider }
})

const collect = ["run", "bundle", "all.mthds", ...inputs, "--on-item-failure", "collect"]

const heading = "2 of 6 items failed and were left out:"

const summary = `${heading}
  all, item 2: provider.credential_refused
    Pipe "one" failed: provider "openai" for model "gpt-4o-mini" refused the
    credentials
  all, item 5: model.content_refused
    Pipe "one" failed: model "gpt-4o-mini" refused the content
Mend what made them fail, then run the method again.`

describe.concurrent("a run that goes on without the items that fail", () => {
  it.live(
    "shows and writes the others in order, then says which failed and why, and ends with 1",
    () =>
      Effect.gen(function*() {
        const { cwd, provider } = yield* project()
        const { code, stderr, stdout } = yield* run([...collect, "--no-graph"], { cwd })
        assert.strictEqual(code, 1, stderr)
        assert.isTrue(stderr.endsWith(`\n${summary}\n`), stderr)
        assert.include(stdout, "! Pipeline execution completed without 2 of 6 items that failed\n")
        assert.notInclude(stdout, "successfully")
        assert.lengthOf(yield* provider.requests, 6)
        const of = (name: string) => JSON.parse(readFileSync(join(cwd, "results/all_output_01", name), "utf8"))
        const said = of("main_stuff.json").items.map(({ text }: { readonly text: string }) => text)
        assert.lengthOf(said, 4)
        const { failed_items, run_id } = of("failed_items.json")
        assert.strictEqual(failed_items[0].failure.pipeline_run_id, run_id)
        assert.deepStrictEqual(failed_items[0].failure.location, { pipe: "one", path: ["all", "one"], item: 1 })
        assert.deepStrictEqual(
          failed_items.map((
            { failure, index, items, path }: Record<string, unknown> & { readonly failure: { readonly code: string } }
          ) => [path, index, items, failure.code]),
          [["all", 1, 6, "provider.credential_refused"], ["all", 4, 6, "model.content_refused"]]
        )
        assert.deepStrictEqual(Object.keys(of("working_memory.json").root), ["topics", "main_stuff"])
        for (const line of stdout.split("\n")) assert.isAtMost(width(line), 80, line)
      }),
    limit
  )

  it.live(
    "gives a program its output as ever, and one document that lists those that failed",
    () =>
      Effect.gen(function*() {
        const { cwd } = yield* project()
        const json = yield* run([...collect, "--json"], { cwd })
        assert.strictEqual(json.code, 1)
        assert.lengthOf(JSON.parse(json.stdout).items, 4)
        const document = JSON.parse(json.stderr)
        assert.deepStrictEqual(
          [document.code, document.error, document.location.item],
          ["provider.credential_refused", true, 1]
        )
        assert.include(document.detail, "2 of 6 items failed and were left out.")
        const agent = yield* run([...collect, "--with-memory"], { cwd, program: "pipelex-agent" })
        assert.strictEqual(agent.code, 1)
        const { failed_items, main_stuff, output_file } = JSON.parse(agent.stdout)
        assert.lengthOf(JSON.parse(main_stuff.json).items, 4)
        const at = ({ index, path }: Record<string, unknown>) => [path, index]
        assert.deepStrictEqual(failed_items.map(at), [["all", 1], ["all", 4]])
        assert.deepStrictEqual(JSON.parse(agent.stderr).failed_items.map(at), failed_items.map(at))
        assert.deepStrictEqual(JSON.parse(readFileSync(output_file, "utf8")).failed_items, failed_items)
        const compact = yield* run([...collect, "--error-format", "markdown"], { cwd, program: "pipelex-agent" })
        assert.deepStrictEqual(JSON.parse(compact.stdout), JSON.parse(json.stdout))
        assert.include(compact.stderr, "2 of 6 items failed")
      }),
    limit
  )

  it.live("says what it had left out when it fails all the same", () =>
    Effect.gen(function*() {
      const { cwd } = yield* project()
      yield* Effect.sync(() =>
        writeFileSync(
          join(cwd, "then.mthds"),
          [
            bundle.replace("main_pipe = \"all\"", "main_pipe = \"go\""),
            pipe("sum", "PipeLLM", {
              inputs: { answers: "Text[]" },
              output: "Text",
              prompt: "bears: @answers",
              model: "gpt-4o-mini"
            }),
            pipe("go", "PipeSequence", {
              inputs: { topics: "Text[]" },
              output: "Text",
              steps: [{ pipe: "all", result: "answers" }, { pipe: "sum", result: "end" }]
            })
          ].join("\n")
        )
      )
      const { code, stderr } = yield* run(["run", "bundle", "then.mthds", ...collect.slice(3), "--no-graph"], { cwd })
      assert.strictEqual(code, 1)
      const [, after = ""] = stderr.split(`\n${summary.replaceAll("  all, ", "  go > all, ")}\n\n`)
      assert.isTrue(after.startsWith("Pipe \"sum\" failed: "), stderr)
    }), limit)

  it.live("is configured, and the line decides for one run", () =>
    Effect.gen(function*() {
      const { cwd, provider } = yield* project("[pipelex.pipeline_execution_config]\non_item_failure = \"collect\"\n")
      const line = ["run", "bundle", "all.mthds", ...inputs, "--no-graph"]
      const collecting = yield* run(line, { cwd })
      assert.deepStrictEqual([collecting.code, collecting.stderr.includes(heading)], [1, true], collecting.stderr)
      const failing = yield* run([...line, "--on-item-failure", "fail"], { cwd })
      assert.strictEqual(failing.code, 1)
      assert.notInclude(failing.stderr, heading)
      assert.include(failing.stderr, "(item 2")
      assert.isFalse(existsSync(join(cwd, "results/all_output_02")))
      yield* provider.rules([])
      const { code, stderr, stdout } = yield* run(line, { cwd })
      assert.deepStrictEqual([code, stderr.includes("left out")], [0, false])
      assert.include(stdout, "✓ Pipeline execution completed successfully")
      assert.isFalse(existsSync(join(cwd, "results/all_output_02/failed_items.json")))
    }), limit)
})
