/** What runs in this process are said to have cost, at a provider that is a server of this machine. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { Json, JsonObject } from "../../src/concept/Json.ts"
import * as Configuration from "../../src/config/Configuration.ts"
import * as Direct from "../../src/direct/Direct.ts"
import * as Crate from "../../src/library/Crate.ts"
import * as Library from "../../src/library/Library.ts"
import { PipeRunner } from "../../src/program/PipeRunner.ts"
import { RunEvents } from "../../src/program/RunEvents.ts"
import * as CostTable from "../../src/report/CostTable.ts"
import * as LeafUsage from "../../src/report/LeafUsage.ts"
import type { TimedEvent } from "../../src/report/RunRecord.ts"
import * as UsageRecords from "../../src/report/UsageRecords.ts"
import * as FakeProvider from "../fake/FakeProvider.ts"
import { decode, pipe } from "../library/Fixture.ts"
import * as Folder from "../source/Folder.ts"

const card = `[concept.Card]
description = "c"
[concept.Card.structure]
size = { type = "integer", description = "s", required = true }
`

/** Millionths of a dollar per token, so that a cost in them can be read off. */
const costs = "costs = { input = 10, input_cached = 1, input_cache_write = 12, output = 100 }"
const model = (name: string, sdk: string, more = costs): string =>
  `["${name}"]\nsdk = "${sdk}"\nmax_tokens = 1000\noutputs = ["text", "structured"]\n${more}\n`

const files = (url: string) => ({
  "pipelex.toml": "[cogt]\ntransport_max_retries = 2\n",
  "inference/backends.toml": [["openai", "/v1"], ["anthropic", ""], ["google", "/v1beta"], ["mistral", "/v1"]].map(
    ([name, path]) => `[${name}]\nendpoint = "${url}${path}"\napi_key = "k"\n`
  ).join("") + "[internal]\n",
  "inference/backends/openai.toml": model("chat", "openai") + model("responses", "openai_responses") +
    model("half", "openai", "costs = { input = 10, output = 100 }") + model("mystery", "openai", "") +
    model("free", "openai", "costs = { input = 0, output = 0 }"),
  "inference/backends/anthropic.toml": model("claude", "anthropic"),
  "inference/backends/google.toml": model("gemini", "google"),
  "inference/backends/mistral.toml": model("mistral", "mistral")
})

const names = ["chat", "responses", "half", "mystery", "free", "claude", "gemini", "mistral"]

const method = [
  card,
  ...names.flatMap((name) => [
    pipe(`say_${name}`, "PipeLLM", { output: "Text", prompt: "Say", model: name }),
    pipe(`fill_${name}`, "PipeLLM", { output: "Card", prompt: "Fill", model: name })
  ]),
  pipe("both", "PipeSequence", {
    output: "Text",
    steps: [{ pipe: "say_chat", result: "first" }, { pipe: "say_claude", result: "second" }]
  })
].join("\n")

/** Runs a pipe, which may fail, and adds up. */
const spent = Effect.fnUntraced(function*(code: string, rules: ReadonlyArray<FakeProvider.Rule>) {
  const provider = yield* FakeProvider.start
  yield* provider.rules(rules)
  const configuration = yield* Configuration.loadFolder(yield* Folder.make(files(provider.url)))
  const { bundles, issues } = decode(method)
  const read = Library.make(
    { own: { bundles, links: new Map() }, packages: new Map() },
    { models: configuration.models, compat: false, functions: new Set() },
    issues
  )
  const library = read.library ?? assert.fail(JSON.stringify(read.issues))
  const events: Array<TimedEvent> = []
  const result = yield* PipeRunner.use((runner) =>
    Effect.result(runner.run({ crate: Crate.of(library, [`d.${code}`]), ref: `d.${code}`, inputs: {} }))
  ).pipe(
    Effect.provideService(RunEvents, (event) => events.push({ at: 1_700_000_000_000, event })),
    Effect.provide(Direct.layerWith({ configuration, environment: { get: () => undefined }, storage: "memory" }))
  )
  const leaves = LeafUsage.ofEvents(events)
  const prices = LeafUsage.prices(configuration.models.models)
  return { outcome: result._tag, leaves, prices, rows: CostTable.rows(leaves, prices) }
}, Effect.provide(Folder.layer))

const millionths = (cost: number | undefined): number | undefined =>
  cost === undefined ? undefined : Math.round(cost * 1e6)

const anthropicCall = (size: Json, usage: JsonObject): JsonObject => ({
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "claude",
  content: [{ type: "tool_use", id: "toolu_1", name: "d__Card", input: { size } }],
  stop_reason: "tool_use",
  stop_sequence: null,
  usage
})

const chatAnswer = (text: string, usage?: JsonObject, finish = "stop"): JsonObject => ({
  id: "c",
  object: "chat.completion",
  created: 1_700_000_000,
  model: "m",
  choices: [{ index: 0, message: { role: "assistant", content: text }, finish_reason: finish, logprobs: null }],
  ...(usage === undefined ? {} : { usage })
})

const responsesAnswer = (usage: JsonObject): JsonObject => ({
  id: "resp_1",
  object: "response",
  created_at: 1_700_000_000,
  status: "completed",
  model: "m",
  output: [{
    type: "message",
    id: "msg_1",
    role: "assistant",
    status: "completed",
    content: [{ type: "output_text", text: "hi", annotations: [] }]
  }],
  parallel_tool_calls: true,
  tool_choice: "auto",
  tools: [],
  error: null,
  incomplete_details: null,
  instructions: null,
  metadata: {},
  usage
})

const cached = {
  prompt_tokens: 100,
  completion_tokens: 5,
  total_tokens: 105,
  prompt_tokens_details: { cached_tokens: 80 }
}

describe("a run with tokens read from a cache", () => {
  it.live.each(
    [
      ["say_chat", chatAnswer("hi", cached), 20 * 10 + 80 * 1 + 5 * 100],
      [
        "say_responses",
        responsesAnswer({
          input_tokens: 100,
          output_tokens: 5,
          total_tokens: 105,
          input_tokens_details: { cached_tokens: 80 },
          output_tokens_details: { reasoning_tokens: 4 }
        }),
        20 * 10 + 80 * 1 + 5 * 100
      ],
      // Anthropic counts both parts beside the input
      [
        "fill_claude",
        anthropicCall(1, {
          input_tokens: 20,
          cache_read_input_tokens: 50,
          cache_creation_input_tokens: 30,
          output_tokens: 5
        }),
        20 * 10 + 50 * 1 + 30 * 12 + 5 * 100
      ],
      // Gemini counts what it thought beside the output
      [
        "say_gemini",
        {
          candidates: [{ content: { role: "model", parts: [{ text: "hi" }] }, finishReason: "STOP", index: 0 }],
          usageMetadata: {
            promptTokenCount: 100,
            cachedContentTokenCount: 80,
            candidatesTokenCount: 2,
            thoughtsTokenCount: 3,
            totalTokenCount: 105
          },
          modelVersion: "m",
          responseId: "r"
        },
        20 * 10 + 80 * 1 + 5 * 100
      ],
      ["say_mistral", chatAnswer("hi", cached), 20 * 10 + 80 * 1 + 5 * 100],
      // without a price of its own, a cached token is half a token
      ["say_half", chatAnswer("hi", cached), 20 * 10 + 80 * 5 + 5 * 100]
    ] as const
  )("prices them apart: %s", ([code, body, expected]) =>
    Effect.gen(function*() {
      const { outcome, rows } = yield* spent(code, [{ reply: { body } }])
      assert.strictEqual(outcome, "Success")
      assert.deepStrictEqual(
        rows.map(({ cost, input, output, requests }) => [requests, input, output, millionths(cost)]),
        [[1, 100, 5, expected]]
      )
    }))
})

describe("a run that asks more than once", () => {
  it.live("is charged for the answers that did not fit", () =>
    Effect.gen(function*() {
      const usage = { input_tokens: 10, output_tokens: 1 }
      const { outcome, leaves, rows } = yield* spent("fill_claude", [
        { reply: { body: anthropicCall("large", usage) }, times: 1 },
        { reply: { body: anthropicCall(3, { ...usage, input_tokens: 20 }) } }
      ])
      assert.strictEqual(outcome, "Success")
      assert.deepStrictEqual(leaves.map((leaf) => [leaf.usage.requests, leaf.usage.reasks]), [[2, 1]])
      assert.deepStrictEqual(rows.map(({ cost }) => millionths(cost)), [30 * 10 + 2 * 100])
    }))

  it.live("counts the requests that were refused, which cost nothing", () =>
    Effect.gen(function*() {
      const busy = { status: 429, headers: { "retry-after": "0" }, body: { error: { message: "busy" } } }
      const { outcome, rows } = yield* spent("say_chat", [
        { reply: busy, times: 2 },
        { reply: { body: chatAnswer("hi", { prompt_tokens: 10, completion_tokens: 1, total_tokens: 11 }) } }
      ])
      assert.strictEqual(outcome, "Success")
      assert.deepStrictEqual(rows.map(({ cost, requests }) => [requests, millionths(cost)]), [[3, 200]])
    }))

  it.live("is charged for a leaf that fails in the end, and for those before it", () =>
    Effect.gen(function*() {
      const usage = { prompt_tokens: 10, completion_tokens: 1, total_tokens: 11 }
      const { leaves, outcome, prices, rows } = yield* spent("both", [
        { match: { model: "chat" }, reply: { body: chatAnswer("hi", usage) } },
        { reply: { text: "cut", finish: "max_tokens" } }
      ])
      assert.strictEqual(outcome, "Failure")
      assert.deepStrictEqual(leaves.map(({ failed, pipe: code }) => [code, failed === true]), [
        ["say_chat", false],
        ["say_claude", true]
      ])
      assert.deepStrictEqual(rows.map((row) => row.model), ["chat", "claude"])
      assert.isAbove(rows[1]?.cost ?? 0, 0)
      const sum = Math.round((CostTable.total(rows) ?? 0) * 1e6)
      assert.strictEqual(sum, 200 + (millionths(rows[1]?.cost) ?? 0))
      assert.deepStrictEqual(CostTable.untilFailure(rows), [
        `Cost until the failure: $${(sum / 1e6).toFixed(sum < 10_000 ? 5 : 4)} in 2 requests`
      ])
      const [, , second] = UsageRecords.csv(leaves, prices).split("\n")
      assert.include(second, ",true,")
    }))
})

describe("a cost that nobody knows", () => {
  it.live.each(
    [
      ["say_mystery", chatAnswer("hi", { prompt_tokens: 10, completion_tokens: 1, total_tokens: 11 })],
      ["say_chat", chatAnswer("hi")]
    ] as const
  )("is unknown, not nothing: %s", ([code, body]) =>
    Effect.gen(function*() {
      const { leaves, prices, rows } = yield* spent(code, [{ reply: { body } }])
      assert.deepStrictEqual(rows.map(({ cost }) => cost), [undefined])
      assert.strictEqual(CostTable.toJson(rows).total_cost, null)
      assert.deepStrictEqual(UsageRecords.make(leaves, prices).map(({ cost }) => cost), [null])
      assert.deepStrictEqual(CostTable.untilFailure(rows), ["Cost until the failure: unknown in 1 request"])
    }))

  it.live("is nothing all the same where the model is free", () =>
    Effect.gen(function*() {
      const { rows } = yield* spent("say_free", [{ reply: { body: chatAnswer("hi") } }])
      assert.deepStrictEqual(rows.map(({ cost }) => cost), [0])
    }))
})
