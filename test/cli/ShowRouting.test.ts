/** `pipelex show routing`, and what is refused of `[temporal]`, as it is told on the command line. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { pipe } from "../library/Fixture.ts"
import { folder, run } from "./Program.ts"

const limit = 120_000

const method = [
  pipe("text", "PipeLLM", { inputs: { topic: "Text" }, output: "Text", prompt: "Say $topic", model: "gpt-4o-mini" }),
  pipe("card", "PipeStructure", { inputs: { draft: "Text" }, output: "Number", model: "gpt-4o" }),
  pipe("pages", "PipeExtract", { inputs: { scan: "Document" }, output: "Page[]", page_views: true }),
  pipe("all", "PipeSequence", {
    inputs: { topic: "Text", scan: "Document" },
    output: "Number",
    steps: [
      { pipe: "text", result: "draft" },
      { pipe: "text", nb_output: 3, result: "others" },
      { pipe: "pages", result: "read" },
      { pipe: "card", result: "count" }
    ]
  })
].join("\n")

const routed = `[temporal.worker_config]
default_task_queue = "home_q"
[temporal.activity_queues.act_llm_gen_text]
default = "openai_q"
[temporal.activity_queues.act_llm_gen_text.by_handle]
gpt-4o-mini = "mini_q"
[temporal.activity_queues.act_llm_gen_text.handle_options.gpt-4o-mini]
start_to_close_timeout = "0:30:00"
[temporal.queue_options.openai_q]
max_task_queue_activities_per_second = 500
[temporal.queue_options.mini_q]
heartbeat_timeout = "90s"
schedule_to_start_timeout = "1h"
[temporal.queue_options.mini_q.retry_policy_config]
maximum_attempts = 7
initial_interval = "1s"
[temporal.temporal_config.temporal_server_configs.local]
description = "the lab"
`

const shown = Effect.fnUntraced(function*(args: ReadonlyArray<string> = [], toml = routed) {
  const cwd = yield* folder({ ".pipelex/pipelex.toml": toml, "m/notes.mthds": `domain = "d"\n${method}` })
  return yield* run(["show", "routing", ...args], { cwd })
})

const isNarrow = (text: string): boolean => text.split("\n").every((line) => line.length <= 80)

/** The card that starts with this line. */
const cardOf = (text: string, title: string): ReadonlyArray<string> =>
  text.split("\n\n").find((card) => card.split("\n").includes(title))?.trimEnd().split("\n") ?? []

describe.concurrent("pipelex show routing", () => {
  it.live(
    "prints every activity with the layer that each of its options comes from, within 80 columns",
    () =>
      Effect.gen(function*() {
        const { code, stderr, stdout } = yield* shown()
        assert.strictEqual(code, 0, stderr)
        assert.isTrue(isNarrow(stdout), stdout)
        assert.deepStrictEqual(cardOf(stdout, "act_llm_gen_text · gpt-4o-mini"), [
          "act_llm_gen_text · gpt-4o-mini",
          "  Queue              mini_q  by_handle",
          "  Start to close     30m     handle",
          "  Heartbeat          90s     queue",
          "  Schedule to start  1h      queue",
          "  Attempts           7       queue",
          "  First wait         1s      queue",
          "  Rate               no cap  —"
        ])
        const others = cardOf(stdout, "act_llm_gen_text · any other")
        assert.include(others, "  Queue           openai_q        route")
        assert.include(others, "  Rate            500 per second  queue")
        const rest = cardOf(stdout, "act_func")
        assert.include(rest, "act_search_gen_structured")
        assert.include(rest, "  Queue           home_q  default_task_queue")
      }),
    limit
  )

  it.live("names the server by its description, with its address and queue", () =>
    Effect.gen(function*() {
      const { stdout } = yield* shown()
      assert.match(stdout, /local \(the lab\) +localhost:7233 +default +home_q/)
    }), limit)

  it.live("says that activities stay with their run where nothing is routed", () =>
    Effect.gen(function*() {
      const { stdout } = yield* shown([], "")
      assert.include(stdout, "that of the run (temporal_task_queue)  workflow")
      assert.lengthOf(stdout.split("Queue    "), 2)
    }), limit)

  it.live("prints the models that the pipes of a method ask, and the pipes behind each", () =>
    Effect.gen(function*() {
      const { code, stderr, stdout } = yield* shown(["m", "--pipe", "all"])
      assert.strictEqual(code, 0, stderr)
      assert.isTrue(isNarrow(stdout), stdout)
      assert.deepStrictEqual(cardOf(stdout, "act_llm_gen_text · gpt-4o-mini").slice(0, 3), [
        "act_llm_gen_text · gpt-4o-mini",
        "  for d.text",
        "  Queue              mini_q  by_handle"
      ])
      // A step that wants three texts asks for a list of objects, of the model that the pipe names.
      const rest = cardOf(stdout, "act_llm_gen_object · gpt-4o")
      assert.includeMembers([...rest], ["  for d.card", "act_llm_gen_object_list · gpt-4o-mini", "  for d.text"])
      assert.includeMembers([...rest], ["act_render_page_views", "  for d.pages"])
    }), limit)

  it.live("finds a bundle, and a pipe of the library folders", () =>
    Effect.gen(function*() {
      const bundle = yield* shown(["m/notes.mthds"])
      const one = yield* shown(["d.card", "-L", "m"])
      assert.deepStrictEqual([bundle.code, one.code], [0, 0], bundle.stderr + one.stderr)
      assert.include(bundle.stdout, "act_extract_gen_extract_pages")
      assert.include(one.stdout, "act_llm_gen_object · gpt-4o")
      assert.notInclude(one.stdout, "act_llm_gen_text")
      const none = yield* shown(["crd", "-L", "m"])
      assert.strictEqual(none.code, 1)
      assert.include(none.stderr, "\"crd\"")
    }), limit)

  it.live("tells a program every option, with its layer", () =>
    Effect.gen(function*() {
      const { code, stdout } = yield* shown(["m", "--pipe", "d.text", "--json"])
      assert.strictEqual(code, 0)
      const { default_task_queue: home, dispatches, server } = JSON.parse(stdout)
      assert.strictEqual(home, "home_q")
      assert.deepInclude(server, { name: "local", description: "the lab" })
      const [{ retry_policy: retry, ...dispatch }] = dispatches
      assert.deepStrictEqual(dispatch, {
        activity: "act_llm_gen_text",
        handle: "gpt-4o-mini",
        pipes: ["d.text"],
        queue: { value: "mini_q", from: "by_handle" },
        start_to_close_timeout: { value: "30m", from: "handle" },
        heartbeat_timeout: { value: "90s", from: "queue" },
        schedule_to_close_timeout: null,
        schedule_to_start_timeout: { value: "1h", from: "queue" },
        max_task_queue_activities_per_second: null
      })
      assert.deepInclude(retry, {
        initial_interval: { value: "1s", from: "queue" },
        maximum_interval: { value: "unlimited", from: "baseline" },
        maximum_attempts: { value: 7, from: "queue" }
      })
    }), limit)

  it.live("warns of a route for a model that is not there", () =>
    Effect.gen(function*() {
      const { code, stderr } = yield* shown([], routed.replaceAll("gpt-4o-mini", "gpt-4o-mni"))
      assert.strictEqual(code, 0)
      assert.isTrue(isNarrow(stderr), stderr)
      assert.include(
        stderr.replaceAll(/\s+/g, " "),
        "no model has the handle \"gpt-4o-mni\"; did you mean \"gpt-4o-mini\""
      )
    }), limit)
})

const refusals: ReadonlyArray<readonly [title: string, toml: string, says: ReadonlyArray<string>]> = [
  [
    "a queue that is routed to and declared nowhere",
    "[temporal.activity_queues.act_func]\ndefault = \"slow_q\"",
    [":2:1", "queue \"slow_q\" is declared nowhere", "[temporal.queue_options.slow_q]", "\"temporal_task_queue\""]
  ],
  [
    "a queue that is declared and that nothing goes to",
    "[temporal.queue_options.lonely_q]",
    [":1:", "nothing is routed to queue \"lonely_q\""]
  ],
  [
    "a profile that is none",
    "[temporal.worker_runtime_profiles]\ndefault_profile = \"defalt\"",
    [":2:1", "no profile is called \"defalt\"; did you mean \"default\"?"]
  ],
  [
    "a scope that is none",
    "[temporal.worker_scopes]\ndefault_scope = \"ful\"",
    [":2:1", "no scope is called \"ful\"; did you mean \"full\"?"]
  ],
  [
    "a server that is none",
    "[temporal.temporal_config]\nselected_server = \"cloud\"",
    [":2:1", "no server is called \"cloud\"; there is local, testing"]
  ],
  [
    "routes in both of their places",
    "[temporal.activity_queues.act_func]\n[temporal.worker_config.activity_queues.act_func]",
    [":2:", "keep it in [temporal]"]
  ],
  [
    "a key that is none",
    "[temporal.worker_config]\nrpc_timout = \"1s\"",
    [":2:1", "\"rpc_timout\" is not a key of [temporal.worker_config]; did you mean \"rpc_timeout\""]
  ]
]

describe.concurrent("the command line refuses", () => {
  for (const [title, toml, says] of refusals) {
    it.live(`${title}, with its line`, () =>
      Effect.gen(function*() {
        const { code, stderr, stdout } = yield* shown([], toml)
        assert.deepStrictEqual([code === 0, stdout], [false, ""])
        for (const part of [".pipelex/pipelex.toml", ...says]) assert.include(stderr, part)
      }), limit)
  }
})
