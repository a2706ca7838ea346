/** The command line on durable runs: the built program, a real server, and a worker in this process. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { readdirSync, readFileSync } from "node:fs"
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
  `domain = "d"\nmain_pipe = "write"\n`,
  pipe("draft", "PipeLLM", { output: "Text", prompt: "Draft", model: "gpt-4o-mini" }),
  pipe("shorten", "PipeLLM", {
    inputs: { text: "Text" },
    output: "Text",
    prompt: "Shorten $text",
    model: "gpt-4o-mini"
  }),
  pipe("write", "PipeSequence", {
    output: "Text",
    steps: [{ pipe: "draft", result: "text" }, { pipe: "shorten", result: "short" }]
  })
].join("\n")

const backends = (url: string) => `[openai]\nendpoint = "${url}/v1"\napi_key = "k"\n[internal]\n`

const section = (address: string, queue: string, isEnabled = false) =>
  `[temporal]
is_enabled = ${isEnabled}
[temporal.worker_config]
default_task_queue = "${queue}"
[temporal.worker_config.retry_policy_config]
initial_interval = "0.05s"
maximum_attempts = 2
[temporal.temporal_config.temporal_server_configs.local]
target_host = "${address}"
`

const project = Effect.fnUntraced(function*(isEnabled = false) {
  const provider = yield* FakeProvider.start
  const address = yield* Server.address
  const queue = yield* Server.queue("commands")
  const cwd = yield* folder({
    ".pipelex/pipelex.toml": section(address, queue, isEnabled),
    ".pipelex/inference/backends.toml": backends(provider.url),
    "other.mthds": bundle.replace("Draft", "Sketch"),
    "write.mthds": bundle
  })
  const run = (...line: ReadonlyArray<string>) => started(line, { cwd })
  return {
    provider,
    queue,
    cwd,
    run,
    interrupted: (on: Promise<unknown>, ...line: ReadonlyArray<string>) => started(line, { cwd, interruptOn: on })
  }
})

const filesOf = (cwd: string, result: string) => readdirSync(join(cwd, "results", result)).toSorted()

/** Of times and ids, which no two runs share. */
const plain = (text: string): string =>
  text.replaceAll(/\d+(\.\d+)? m?s\b/g, "a while").replaceAll(/Costs of run \S+/g, "Costs of run").replaceAll(
    /output_\d\d/g,
    "output"
  )

describe("pipelex, durably", () => {
  it.live("shows and writes what a run in process does, with the workflow named first", () =>
    Effect.gen(function*() {
      const { cwd, queue, run } = yield* project()
      yield* work(cwd)
      const direct = yield* run("run", "bundle", "write.mthds")
      const durable = yield* run("run", "bundle", "write.mthds", "--temporal", "--run-id", "same")
      assert.deepStrictEqual([direct.code, durable.code], [0, 0], durable.stderr)
      assert.strictEqual(plain(durable.stdout), plain(direct.stdout))
      const [first = "", ...told] = durable.stderr.split("\n")
      assert.include(first, "Workflow same ")
      assert.include(first, queue)
      assert.strictEqual(plain(told.join("\n")), plain(direct.stderr))
      assert.deepStrictEqual(filesOf(cwd, "write_output_02"), filesOf(cwd, "write_output_01"))
      const nodes = (name: string) =>
        JSON.parse(readFileSync(join(cwd, "results", name, "graphspec.json"), "utf8")).nodes.map(
          ({ id, pipe_code, status }: Record<string, unknown>) => ({ id, pipe_code, status })
        )
      assert.deepStrictEqual(nodes("write_output_02"), nodes("write_output_01"))
    }).pipe(Effect.provide(Folder.layer)), limit)

  it.live(
    "fails as a run in process does, with workflow and attempts beside the same facts",
    () =>
      Effect.gen(function*() {
        const { cwd, provider, run } = yield* project(true)
        yield* work(cwd)
        yield* provider.rules([{ reply: { status: 401, body: {} } }])
        const direct = yield* run("run", "bundle", "write.mthds", "--no-temporal")
        const durable = yield* run("run", "bundle", "write.mthds", "--run-id", "refused")
        assert.deepStrictEqual([direct.code, durable.code], [1, 1])
        assert.include(durable.stderr, "Run:              refused")
        assert.include(durable.stderr, "activity attempt 1")
        for (const fact of ["Category:", "Model:", "Provider:", "Suggested action:", "Code:", "Location:"]) {
          const lineOf = (text: string) => text.split("\n").find((line) => line.startsWith(fact))
          assert.strictEqual(lineOf(durable.stderr), lineOf(direct.stderr))
        }
        const shown = yield* run("status", "refused")
        assert.include(shown.stdout, "failed")
        assert.include(shown.stdout, "provider.credential_refused")
      }).pipe(Effect.provide(Folder.layer)),
    limit
  )

  it.live("goes on when Ctrl-C ends the wait, and is come back to by its id", () =>
    Effect.gen(function*() {
      const { cwd, interrupted, provider, run } = yield* project()
      yield* work(cwd)
      const arrived = Promise.withResolvers<void>()
      const answered = Promise.withResolvers<void>()
      yield* provider.answer(() => {
        arrived.resolve()
        return { until: answered.promise }
      })
      const left = yield* interrupted(arrived.promise, "run", "bundle", "write.mthds", "--temporal", "--run-id", "left")
      assert.strictEqual(left.code, 130)
      assert.include(left.stderr, "pipelex attach left")
      const early = yield* run("result", "left")
      assert.strictEqual(early.code, 1)
      assert.strictEqual(lineCount(early.stderr), 1)
      const going = yield* run("status", "left", "--json")
      const { pipes, status } = JSON.parse(going.stdout)
      assert.strictEqual(status, "RUNNING")
      assert.deepStrictEqual([pipes[0].state, pipes[0].pipes[0].pipe], ["running", "draft"])
      answered.resolve()
      const attached = yield* run("attach", "left")
      assert.strictEqual(attached.code, 0, attached.stderr)
      assert.include(attached.stdout, "Final output of pipe write")
      const fetched = yield* run("result", "left", "--json")
      const again = yield* run("run", "bundle", "write.mthds", "--temporal", "--run-id", "left", "--json")
      assert.deepStrictEqual(JSON.parse(again.stdout), JSON.parse(fetched.stdout))
      const other = yield* run("run", "bundle", "other.mthds", "--temporal", "--run-id", "left")
      assert.strictEqual(other.code, 1)
      assert.include(other.stderr, "choose another run id")
      assert.lengthOf(yield* provider.requests, 2)
    }).pipe(Effect.provide(Folder.layer)), limit)

  it.live("stops when it is cancelled, and hangs up on the provider", () =>
    Effect.gen(function*() {
      const { cwd, interrupted, provider, run } = yield* project()
      yield* work(cwd)
      const arrived = Promise.withResolvers<void>()
      yield* provider.answer(() => {
        arrived.resolve()
        return { until: new Promise(() => {}) }
      })
      yield* interrupted(arrived.promise, "run", "bundle", "write.mthds", "--temporal", "--run-id", "stop")
      const stopped = yield* run("cancel", "stop")
      assert.strictEqual(stopped.code, 0, stopped.stderr)
      const [hungUp] = yield* Effect.repeat(provider.requests, {
        until: (sent) => sent.every(({ aborted }) => aborted),
        schedule: Schedule.spaced("20 millis")
      }).pipe(Effect.andThen(provider.requests))
      assert.isTrue(hungUp?.aborted)
      const [attached, shown] = yield* Effect.all([run("attach", "stop"), run("status", "stop")], { concurrency: 2 })
      assert.strictEqual(attached.code, 1)
      assert.include(attached.stderr, "run.cancelled")
      assert.include(shown.stdout, "cancelled")
    }).pipe(Effect.provide(Folder.layer)), limit)

  it.live("says in one line that a run is not known, or that there is no server", () =>
    Effect.gen(function*() {
      const { run } = yield* project()
      for (const command of ["attach", "result", "status", "cancel"]) {
        const { code, stderr, stdout } = yield* run(command, "nobody")
        assert.deepStrictEqual([code, stdout, lineCount(stderr)], [1, "", 1], stderr)
        assert.include(stderr, "\"nobody\"")
      }
      const cwd = yield* folder({ "write.mthds": bundle, ".pipelex/pipelex.toml": section("127.0.0.1:1", "q", true) })
      const { code, stderr } = yield* started(["run", "bundle", "write.mthds"], { cwd })
      assert.deepStrictEqual([code, lineCount(stderr)], [1, 1], stderr)
      assert.include(stderr, "127.0.0.1:1")
    }).pipe(Effect.provide(Folder.layer)), limit)

  it.live("ends with the run's time limit, and says when nobody works", () =>
    Effect.gen(function*() {
      const { queue, run } = yield* project()
      const { code, stderr } = yield* run(
        "run",
        "bundle",
        "write.mthds",
        "--temporal",
        "--timeout",
        "7s",
        "--run-id",
        "late"
      )
      assert.strictEqual(code, 1)
      assert.include(stderr, "run.timed_out")
      assert.include((yield* run("attach", "late")).stderr, "run.timed_out")
      assert.include(stderr, `No worker polls queue "${queue}"`)
    }).pipe(Effect.provide(Folder.layer)), limit)
})
