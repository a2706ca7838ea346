/** Durable runs that go on without the items that fail, and run those again: the built program, a real server, a worker in this process. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { folder, lineCount, run as started } from "../../cli/Program.ts"
import * as FakeProvider from "../../fake/FakeProvider.ts"
import { pipe } from "../../library/Fixture.ts"
import * as Folder from "../../source/Folder.ts"
import * as Server from "../Server.ts"
import { work } from "../Work.ts"

Server.use()

const limit = 240_000

const bundle = [
  `domain = "d"\nmain_pipe = "go"\n`,
  pipe("one", "PipeLLM", { inputs: { topic: "Text" }, output: "Text", prompt: "About $topic", model: "gpt-4o-mini" }),
  pipe("all", "PipeBatch", {
    inputs: { topics: "Text[]" },
    output: "Text[]",
    branch_pipe_code: "one",
    input_list_name: "topics",
    input_item_name: "topic"
  }),
  pipe("go", "PipeSequence", {
    inputs: { topics: "Text[]" },
    output: "Text[]",
    steps: [{ pipe: "all", result: "answers" }]
  })
].join("\n")

const topics = ["apples", "bears", "cats", "dogs", "eels", "foxes"]
const line = ["run", "bundle", "go.mthds", "-i", JSON.stringify({ topics }), "--no-graph"]

const project = Effect.fnUntraced(function*(granularity: string) {
  const provider = yield* FakeProvider.start
  const cwd = yield* folder({
    ".pipelex/pipelex.toml": `[temporal]
is_enabled = true
[temporal.batch]
granularity = "${granularity}"
[temporal.worker_config]
default_task_queue = "${yield* Server.queue("resume")}"
[temporal.temporal_config.temporal_server_configs.local]
target_host = "${yield* Server.address}"
`,
    ".pipelex/inference/backends.toml": `[openai]\nendpoint = "${provider.url}/v1"\napi_key = "k"\n[internal]\n`,
    "go.mthds": bundle
  })
  yield* work(cwd)
  return { provider, cwd, run: (...words: ReadonlyArray<string>) => started(words, { cwd }) }
})

const refusing = [
  { match: { contains: "bears" }, reply: { status: 401, body: {} } },
  { match: { contains: "eels" }, reply: { status: 401, body: {} } }
] as const

const summary = (runId: string) =>
  `2 of 6 items failed and were left out:
  go > all, items 2, 5: provider.credential_refused
    Pipe "one" failed: provider "openai" for model "gpt-4o-mini" refused the
    credentials
\`pipelex resume ${runId}\` runs them again.
`

describe("a durable run that goes on without the items that fail", () => {
  it.live.each(["auto", "shard"])(
    "says which failed, and then runs those alone again, where an item is on the server what \"%s\" says",
    (granularity) =>
      Effect.gen(function*() {
        const { cwd, provider, run } = yield* project(granularity)
        const id = `resume-${granularity}`
        const lengthOf = (name: string) =>
          JSON.parse(readFileSync(join(cwd, "results", name, "main_stuff.json"), "utf8")).items.length
        yield* provider.rules(refusing)
        const limits = ["--timeout", "10m", "--priority", "2"]
        const first = yield* run(...line, "--run-id", id, "--on-item-failure", "collect", ...limits)
        assert.strictEqual(first.code, 1, first.stderr)
        assert.isTrue(first.stderr.endsWith(summary(id)), first.stderr)
        assert.strictEqual(lengthOf("go_output_01"), 4)
        // Whoever comes back to it is told the same.
        for (const command of ["attach", "result"]) {
          const { code, stderr } = yield* run(command, id, "-o", "again")
          assert.deepStrictEqual([code, stderr.endsWith(summary(id))], [1, true], stderr)
        }
        for (const command of [["status"], ["runs", "show"]]) {
          const { code, stdout } = yield* run(...command, id)
          assert.deepStrictEqual([code, stdout.endsWith(summary(id))], [0, true], stdout)
        }
        const watched = yield* run("runs", "watch", id)
        assert.deepStrictEqual([watched.code, watched.stdout.endsWith(summary(id))], [1, true], watched.stdout)
        const known = JSON.parse((yield* run("status", id, "--json")).stdout)
        assert.deepStrictEqual([known.status, known.failed_items.length], ["COMPLETED", 2])

        yield* provider.rules([])
        const resumed = yield* run("resume", id)
        assert.strictEqual(resumed.code, 0, resumed.stderr)
        assert.include(resumed.stderr, "running 2 of 6 items again")
        const { workflow } = yield* Server.client()
        const { raw } = yield* Effect.promise(() => workflow.getHandle(id).describe())
        assert.strictEqual(Number(raw.executionConfig?.workflowExecutionTimeout?.seconds), 600)
        assert.strictEqual(raw.workflowExecutionInfo?.priority?.priorityKey, 2)
        assert.include(resumed.stdout, "✓ Pipeline execution completed successfully")
        const asked = (yield* provider.requests).map(({ body }) => JSON.stringify(body))
        assert.lengthOf(asked, 2)
        for (const topic of ["bears", "eels"]) assert.isTrue(asked.some((body) => body.includes(topic)))
        assert.strictEqual(lengthOf("go_output_02"), 6)
        assert.isFalse(existsSync(join(cwd, "results/go_output_02/failed_items.json")))
        // Its costs are those of all its output: a shard knows what its failed items asked for besides.
        assert.match(resumed.stdout, /gpt-4o-mini +llm +6 /)

        const again = yield* run("resume", id)
        assert.deepStrictEqual([again.code, again.stderr], [0, ""])
        assert.include(again.stdout, `Nothing failed in run ${id}`)
        assert.lengthOf(yield* provider.requests, 2)
        const shown = yield* run("runs", "show", id)
        assert.include(shown.stdout, "\n   ↳ PipeBatch: all done · 6 of 6 · ")
        assert.lengthOf(
          shown.stdout.match(/^      ↳ PipeLLM: one \(item [1-6]\) done · [\d.]+ m?s$/gm) ?? [],
          6,
          shown.stdout
        )
        assert.notInclude(shown.stdout, "credential_refused")
      }).pipe(Effect.provide(Folder.layer)),
    limit
  )

  it.live("cannot be resumed while it goes on, and goes on from a failure that ended it", () =>
    Effect.gen(function*() {
      const { provider, run } = yield* project("auto")
      const arrived = Promise.withResolvers<void>()
      const answered = Promise.withResolvers<void>()
      yield* provider.answer(() => {
        arrived.resolve()
        return { until: answered.promise }
      })
      const going = yield* Effect.forkChild(run(...line, "--run-id", "going", "--max-concurrency", "2"))
      yield* Effect.promise(() => arrived.promise)
      const early = yield* run("resume", "going")
      assert.deepStrictEqual([early.code, early.stdout, lineCount(early.stderr)], [1, "", 1], early.stderr)
      assert.include(early.stderr, "pipelex attach going")
      yield* provider.rules([{ match: { contains: "dogs" }, reply: { status: 401, body: {} } }])
      answered.resolve()
      const failed = yield* Fiber.join(going)
      assert.strictEqual(failed.code, 1, failed.stderr)
      yield* provider.rules([])
      const resumed = yield* run("resume", "going", "--json")
      assert.strictEqual(resumed.code, 0, resumed.stderr)
      assert.lengthOf(JSON.parse(resumed.stdout).items, 6)
      const asked = (yield* provider.requests).map(({ body }) => JSON.stringify(body))
      assert.isFalse(asked.some((body) => body.includes("apples") || body.includes("bears")))
      assert.isTrue(asked.some((body) => body.includes("dogs")))
    }).pipe(Effect.provide(Folder.layer)), limit)
})
