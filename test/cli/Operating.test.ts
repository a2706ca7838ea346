/** What whoever operates durable runs has: a namespace that is set up, runs that are found, looked into and followed. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as Names from "../../src/temporal/wire/Names.ts"
import * as FakeProvider from "../fake/FakeProvider.ts"
import { pipe } from "../library/Fixture.ts"
import * as Folder from "../source/Folder.ts"
import * as Refusing from "../temporal/Refusing.ts"
import * as Server from "../temporal/Server.ts"
import { work } from "../temporal/Work.ts"
import { folder, lineCount, run as started } from "./Program.ts"

Server.use()

const limit = 240_000
const model = "gpt-4o-mini"
const batched = { input_list_name: "topics", input_item_name: "topic" }

const bundle = [
  `domain = "lab"\nmain_pipe = "write"\n`,
  pipe("draft", "PipeLLM", { inputs: { topic: "Text" }, output: "Text", prompt: "Draft $topic", model }),
  pipe("drafts", "PipeBatch", {
    inputs: { topics: "Text[]" },
    output: "Text[]",
    branch_pipe_code: "draft",
    ...batched
  }),
  pipe("short", "PipeLLM", { inputs: { topics: "Text[]" }, output: "Text", prompt: "Short $topics", model }),
  pipe("long", "PipeLLM", { inputs: { topics: "Text[]" }, output: "Text", prompt: "Long $topics", model }),
  pipe("both", "PipeParallel", {
    inputs: { topics: "Text[]" },
    output: "Composite",
    branches: [{ pipe: "short", result: "s" }, { pipe: "long", result: "l" }],
    add_each_output: true
  }),
  pipe("write", "PipeSequence", {
    inputs: { topics: "Text[]" },
    output: "Text[]",
    steps: [{ pipe: "both", result: "b" }, { pipe: "drafts", result: "d" }]
  })
].join("\n")

const inputs = JSON.stringify({ topics: ["cats", "dogs", "cows"] })

const section = (address: string, queue: string, more = "") =>
  `[temporal.worker_config]
default_task_queue = "${queue}"
[temporal.worker_config.retry_policy_config]
initial_interval = "0.05s"
maximum_attempts = 2
[temporal.temporal_config.temporal_server_configs.local]
target_host = "${address}"
${more}`

/** A second server of the configuration: the namespace that has no search attributes. */
const other = (address: string) =>
  `[temporal.temporal_config.temporal_server_configs.bare]
target_host = "${address}"
namespace = "${Server.namespaces.bare}"
`

const project = Effect.fnUntraced(function*(more = "") {
  const provider = yield* FakeProvider.start
  const address = yield* Server.address
  const queue = yield* Server.queue("operating")
  const cwd = yield* folder({
    ".pipelex/pipelex.toml": section(address, queue, other(address) + more),
    ".pipelex/inference/backends.toml": `[openai]\nendpoint = "${provider.url}/v1"\napi_key = "k"\n[internal]\n`,
    "write.mthds": bundle
  })
  const run = (...line: ReadonlyArray<string>) => started(line, { cwd })
  return { provider, queue, cwd, run }
})

/** Of times and ids, which no two runs share. */
const timeless = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (key, inner: unknown) => key.endsWith("_at") ? undefined : inner))

const durations = (text: string): string => text.replaceAll(/\d+(\.\d+)? m?s\b/g, "a while")

const widest = (text: string): number => Math.max(...text.split("\n").map((line) => line.length))

describe("runs", () => {
  it.live("are found, looked into and followed, and one that was direct looks the same", () =>
    Effect.gen(function*() {
      const { cwd, queue, run } = yield* project()
      yield* work(cwd)
      const name = `found-${globalThis.crypto.randomUUID()}`
      const durable = yield* run("run", "bundle", "write.mthds", "-i", inputs, "--temporal", "--run-id", name)
      assert.strictEqual(durable.code, 0, durable.stderr)
      const direct = yield* run("run", "bundle", "write.mthds", "-i", inputs)
      assert.strictEqual(direct.code, 0, direct.stderr)

      const listed = yield* run("runs", "list", "--pipe", "lab.write", "--run", name.slice(0, 40)).pipe(
        Effect.repeat({
          until: ({ stdout }) => stdout.includes("completed"),
          schedule: Schedule.spaced("200 millis"),
          times: 50
        })
      )
      const [head = "", row = "", own = "", ...rest] = listed.stdout.trimEnd().split("\n")
      assert.match(head, /^Run +State +Age +Took +Pipe$/)
      assert.deepStrictEqual([row, rest], [name, []])
      assert.match(own, /^ +completed +\d+ m?s +\d+ m?s +write$/)
      const json = JSON.parse((yield* run("runs", "list", "--run-id", name, "--user", "anonymous", "--json")).stdout)
      assert.strictEqual(json.of, 1)
      assert.deepInclude(json.runs[0], {
        run_id: name,
        workflow_id: name,
        task_queue: queue,
        status: "COMPLETED",
        pipe: "write",
        domain: "lab",
        user: "anonymous"
      })
      const nobody = yield* run("runs", "list", "--run-id", name, "--status", "failed")
      assert.deepStrictEqual([nobody.code, nobody.stdout], [0, ""])
      assert.include(nobody.stderr, "No run is as wanted.")

      const shown = yield* run("runs", "show", name)
      assert.strictEqual(widest(shown.stdout) <= 80, true, shown.stdout)
      const tree = [
        "PipeSequence: write done · a while",
        "   ↳ PipeParallel: both done · a while",
        "      ↳ PipeLLM: short done · a while",
        "         gpt-4o-mini chat · 7 → 4 tokens · $0.0000035 · a while",
        "      ↳ PipeLLM: long done · a while",
        "         gpt-4o-mini chat · 7 → 4 tokens · $0.0000035 · a while",
        "   ↳ PipeBatch: drafts done · 3 of 3 · a while",
        "      ↳ PipeLLM: draft (item 1) done · a while",
        "         gpt-4o-mini chat · 2 → 4 tokens · $0.0000027 · a while",
        "      ↳ PipeLLM: draft (item 2) done · a while",
        "         gpt-4o-mini chat · 2 → 4 tokens · $0.0000027 · a while",
        "      ↳ PipeLLM: draft (item 3) done · a while",
        "         gpt-4o-mini chat · 2 → 4 tokens · $0.0000027 · a while",
        "5 calls of models · 5 requests · 20 → 20 tokens · $0.000015"
      ]
      const lines = durations(shown.stdout).trimEnd().split("\n")
      assert.deepStrictEqual(lines.slice(lines.indexOf(tree[0] ?? "")), tree)
      const left = yield* run("runs", "show", "results/write_output_02")
      assert.deepStrictEqual(durations(left.stdout).trimEnd().split("\n").slice(1), tree)
      const pipes = (text: string) => timeless(JSON.parse(text).pipes)
      assert.deepStrictEqual(
        pipes((yield* run("runs", "show", name, "--json")).stdout),
        pipes((yield* run("runs", "show", "results/write_output_02/graphspec.json", "--json")).stdout)
      )
      const stood = yield* run("status", name)
      assert.include(stood.stdout, "drafts done · 3 of 3")
      assert.notInclude(stood.stdout, "tokens")

      const watched = yield* run("runs", "watch", name)
      assert.strictEqual(watched.code, 0, watched.stderr)
      assert.include(watched.stderr, "drafts: item 3/3")
      assert.include(watched.stdout, `Run ${name}: completed after`)
      assert.include(watched.stdout, tree.at(-1) ?? "")
    }).pipe(Effect.provide(Folder.layer)), limit)

  it.live(
    "that fail, or go on, are told so: which item, why, and how far the others are",
    () =>
      Effect.gen(function*() {
        const { cwd, provider, run } = yield* project()
        yield* work(cwd)
        const name = `failing-${globalThis.crypto.randomUUID().slice(0, 8)}`
        const answered = Promise.withResolvers<void>()
        yield* provider.rules([
          { match: { contains: "Draft dogs" }, reply: { status: 401, body: {} } },
          { match: { contains: "Draft cats" }, reply: { until: answered.promise } }
        ])
        const line = ["run", "bundle", "write.mthds", "-i", inputs, "--temporal", "--run-id", name]
        const begun = yield* Effect.forkChild(run(...line))
        const going = yield* run("runs", "show", name).pipe(
          Effect.repeat({
            until: ({ stdout }) => stdout.includes("(item 2) failed"),
            schedule: Schedule.spaced("200 millis"),
            times: 100
          })
        )
        assert.include(going.stdout, `Run ${name}: running for`)
        assert.match(going.stdout, /drafts running · \d of 3/)
        assert.match(going.stdout, /draft \(item 1\) running · /)
        assert.match(going.stdout, /gpt-4o-mini chat · failed · .*provider\.credential_refused/)
        const watching = yield* Effect.forkChild(run("runs", "watch", name))
        answered.resolve()
        const [ran, watched] = [yield* Fiber.join(begun), yield* Fiber.join(watching)]
        assert.deepStrictEqual([ran.code, watched.code, watched.stdout], [1, 1, ""])
        for (const fact of ["Code:", "Location:", "Run:"]) {
          const factOf = (text: string) => text.split("\n").find((each) => each.startsWith(fact))
          assert.strictEqual(factOf(watched.stderr), factOf(ran.stderr))
        }
        const over = yield* run("runs", "show", name)
        assert.strictEqual(over.code, 0)
        assert.include(over.stdout, `Run ${name}: failed after`)
        assert.include(over.stdout, "draft (item 2) failed")
        assert.include(over.stdout, "Code:             provider.credential_refused")
      }).pipe(Effect.provide(Folder.layer)),
    limit
  )

  const granularities = [
    ["a workflow per item", false, ""],
    ["shards of two", true, "[temporal.batch]\ngranularity = \"shard\"\nshard_size = 2\n"]
  ] as const
  for (const [shape, isSharded, more] of granularities) {
    it.live(
      `carry on every one of their workflows what it is, whose, and how far: ${shape}`,
      () =>
        Effect.gen(function*() {
          const { cwd, run } = yield* project(more)
          yield* work(cwd)
          const name = `marks-${globalThis.crypto.randomUUID().slice(0, 8)}`
          const { code, stderr } = yield* run(
            "run",
            "bundle",
            "write.mthds",
            "-i",
            inputs,
            "--temporal",
            "--run-id",
            name
          )
          assert.strictEqual(code, 0, stderr)
          const { workflow } = yield* Server.client()
          const ids = yield* Effect.promise(async () => {
            const found: Array<string> = []
            for await (const { workflowId } of workflow.list({ query: `WorkflowId STARTS_WITH '${name}'` })) {
              found.push(workflowId)
            }
            return found.toSorted()
          }).pipe(
            Effect.repeat({ until: ({ length }) => length > 4, schedule: Schedule.spaced("200 millis"), times: 50 })
          )
          const told = yield* Effect.forEach(ids, (id) =>
            Effect.promise(async () => {
              const handle = workflow.getHandle(id)
              const described = await handle.describe()
              const metadata = await handle.query<{ readonly currentDetails?: string }>("__temporal_workflow_metadata")
              return {
                id,
                type: described.type,
                summary: await described.staticSummary() ?? "",
                details: await described.staticDetails() ?? "",
                attributes: Object.fromEntries(
                  described.typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value])
                ),
                current: metadata.currentDetails ?? ""
              }
            }))
          const [top, ...below] = told
          assert.deepStrictEqual([top?.id, top?.type], [name, Names.workflows.run])
          assert.isAbove(below.length, 3)
          assert.strictEqual(ids.some((id) => id.includes("shard")), isSharded)
          for (const { attributes, details, id, summary, type } of told) {
            const pipeCode = String(attributes["PipeCode"])
            if (id !== name) {
              assert.notStrictEqual(type, Names.workflows.run)
              assert.match(id, new RegExp(`^${name}(_[a-z_]+-(shard-)?\\d+)+$`))
            }
            assert.isTrue(summary === pipeCode || summary.startsWith(`${pipeCode} — `), `${id}: ${summary}`)
            assert.deepInclude(attributes, {
              PipelineRunId: name,
              UserId: "anonymous",
              SessionId: "",
              DomainCode: "lab"
            })
            for (
              const [field, value] of [["Pipe", pipeCode], ["Domain", "lab"], ["Pipeline run", name], [
                "User",
                "anonymous"
              ]]
            ) {
              assert.include(details, `| ${field} | \`${value}\` |`, id)
            }
            assert.match(details, /\| Library crate \| `[0-9a-f]{12}` \|/)
          }
          const currentOf = (wanted: string) =>
            told.find(({ attributes, id }) => attributes["PipeCode"] === wanted && !id.includes("shard"))?.current
          assert.deepStrictEqual(
            [currentOf("write"), currentOf("drafts"), currentOf("short")],
            ["step 2/2: drafts", "3 of 3", "act_llm_gen_text · gpt-4o-mini"]
          )
        }).pipe(Effect.provide(Folder.layer)),
      limit
    )
  }

  it.live("are refused in a line each where they cannot be found or shown", () =>
    Effect.gen(function*() {
      const { cwd, run } = yield* project()
      const lines: ReadonlyArray<readonly [line: ReadonlyArray<string>, code: number, says: string]> = [
        [["runs", "list", "--since", "soon"], 2, "--since must be a duration"],
        [["runs", "list", "--limit", "0"], 2, "--limit is from 1"],
        [["runs", "list", "--server", "moon"], 1, "No server is called \"moon\""],
        [["runs", "list", "--server", "bare", "--user", "me"], 1, "no search attribute UserId"],
        [["runs", "show", "nobody"], 1, "No run is called \"nobody\""],
        [["runs", "show", "./nowhere"], 1, "\"./nowhere\" holds no graphspec.json"],
        [["runs", "show", cwd], 1, "holds no graphspec.json"],
        [["runs", "watch", "nobody"], 1, "No run is called \"nobody\""]
      ]
      for (const [line, expected, says] of lines) {
        const { code, stderr, stdout } = yield* run(...line)
        assert.deepStrictEqual([code, stdout], [expected, ""], `${line.join(" ")}: ${stderr}`)
        assert.include(stderr.toLowerCase(), says.toLowerCase())
        assert.isAtMost(lineCount(stderr), 2)
      }
    }).pipe(Effect.provide(Folder.layer)), limit)
})

describe("setup-temporal-namespace", () => {
  const within = Effect.fnUntraced(function*(more: string, address?: string) {
    const at = address ?? (yield* Server.address)
    const cwd = yield* folder({ ".pipelex/pipelex.toml": section(at, "q", more) })
    return (...line: ReadonlyArray<string>) => started(["setup-temporal-namespace", ...line], { cwd })
  })

  it.live(
    "says what is there already, also where runs do not carry it, and how they would",
    () =>
      Effect.gen(function*() {
        const all = yield* (yield* within(""))()
        assert.deepStrictEqual([all.code, all.stderr], [0, ""])
        assert.include(all.stdout, "all 5 already registered")
        const off = yield* (yield* within("[temporal.search_attributes]\nenabled = false\n"))()
        assert.include(off.stdout, "all 5 already registered")
        assert.include(off.stdout, "set enabled = \"auto\" in [temporal.search_attributes]")
        const none = yield* (yield* within("[temporal.search_attributes]\nattributes = []\n"))()
        assert.deepStrictEqual([none.code, lineCount(none.stdout)], [0, 1])
        assert.include(none.stdout, "nothing to register")
      }),
    limit
  )

  it.live("prints, for a dry run, commands that fit a terminal, and asks no server", () =>
    Effect.gen(function*() {
      const { code, stderr, stdout } = yield* (yield* within("", "127.0.0.1:1"))("--dry-run")
      assert.deepStrictEqual([code, stderr], [0, ""])
      assert.include(stdout, "temporal operator search-attribute create --address 127.0.0.1:1")
      assert.include(stdout, "tcld namespace search-attributes add --namespace default")
      assert.strictEqual(stdout.split("--type Keyword").length, 6)
      assert.isAtMost(widest(stdout), 80)
    }), limit)

  it.live(
    "ends with 1 where it does not know, reach or may not change the server, and says who can",
    () =>
      Effect.gen(function*() {
        const here = yield* within("")
        const unknown = yield* here("--server", "moon")
        assert.deepStrictEqual([unknown.code, lineCount(unknown.stderr)], [1, 1], unknown.stderr)
        const away = yield* (yield* within("", "127.0.0.1:1"))()
        assert.deepStrictEqual([away.code, lineCount(away.stderr)], [1, 1], away.stderr)
        assert.include(away.stderr, "127.0.0.1:1")
        const { permissionDenied } = Refusing
        const refusing = yield* Refusing.start(yield* Server.address, { ListSearchAttributes: permissionDenied })
        const denied = yield* (yield* within("", refusing))()
        assert.strictEqual(denied.code, 1)
        assert.include(denied.stderr, "does not let these credentials add search attributes to namespace \"default\"")
        assert.include(denied.stderr, "--name PipeCode --type Keyword")
        assert.include(denied.stderr, "tcld namespace search-attributes add")
      }),
    limit
  )
})
