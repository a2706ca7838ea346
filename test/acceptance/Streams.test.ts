/** What a run tells of itself is the same wherever it happens: the tree of its pipes and leaves, what they used, and what that cost. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as References from "effect/References"
import * as Result from "effect/Result"
import { isArray, isObject, type Json } from "../../src/concept/Json.ts"
import * as LeafUsage from "../../src/report/LeafUsage.ts"
import * as RunRecord from "../../src/report/RunRecord.ts"
import * as RunTree from "../../src/report/RunTree.ts"
import * as UsageRecords from "../../src/report/UsageRecords.ts"
import type * as FakeProvider from "../fake/FakeProvider.ts"
import { pipe } from "../library/Fixture.ts"
import * as Folder from "../source/Folder.ts"
import { type Asked, direct, methodOf, type Opened, type Ran, type Setting, temporal } from "./Layers.ts"
import * as Published from "./Published.ts"

const limit = 300_000

/** When things happened, how long they took, and how often a server tried: what no two runs share. */
const ofTheMoment = new Set(
  ["at", "startedAt", "endedAt", "started_at", "ended_at", "completed_at", "seconds", "attempts", "pipeline_run_id"]
)

const timeless = (value: Json): Json => {
  if (isArray(value)) return value.map(timeless)
  if (!isObject(value)) return value
  const kept = Object.keys(value).filter((key) => !ofTheMoment.has(key)).toSorted()
  return Object.fromEntries(kept.map((key) => [key, timeless(value[key] ?? null)]))
}

/** Branches and items go on at once, so that only their places say which is which. */
const ordered = (values: ReadonlyArray<unknown>): ReadonlyArray<string> =>
  values.map((value) => JSON.stringify(timeless(JSON.parse(JSON.stringify(value))))).toSorted()

const treeOf = (nodes: ReadonlyArray<RunTree.Node>): unknown =>
  nodes.map((node) => ({ ...node, children: treeOf(node.children) })).toSorted((one, other) =>
    one.path < other.path ? -1 : 1
  )

/** What one process does by itself is not told from inside a worker. */
const isOfTheRun = ({ event }: RunRecord.TimedEvent): boolean => event._tag !== "Retry"

const told = ({ result, timed }: Ran, { configuration }: Setting) => {
  const events = timed.filter(isOfTheRun)
  const prices = LeafUsage.prices(configuration.models.models)
  const usages = UsageRecords.make(LeafUsage.ofEvents(events), prices)
  return {
    ending: Result.isSuccess(result) ? "ok" : result.failure.code,
    tree: timeless(JSON.parse(JSON.stringify(treeOf(RunTree.of(events))))),
    events: ordered(events.map((each) => JSON.parse(RunRecord.line(each)))),
    usages: ordered(usages),
    // Sums of fractions depend on their order.
    cost: usages.map(({ cost }) => cost ?? 0).toSorted((one, other) => one - other).reduce((sum, cost) => sum + cost, 0)
  }
}

/** The same run on both layers, in front of a provider that begins anew. */
const compared = Effect.fnUntraced(function*(
  [here, there]: readonly [Opened, Opened],
  asked: Asked,
  setting: Setting,
  again: Effect.Effect<void> = Effect.void
) {
  yield* again
  const one = told(yield* here.run(asked, setting), setting)
  yield* again
  const other = told(yield* there.run(asked, setting), setting)
  return { one, other }
})

const llm = (code: string, inputs: Readonly<Record<string, string>>, prompt: string, output = "Text") =>
  pipe(code, "PipeLLM", { inputs, output, prompt })

const topic = { topic: "Text" }

/** Every controller, in each other, and both ways to go over a list. */
const bundle = [
  `[concept.Card]
description = "c"
[concept.Card.structure]
title = { type = "text", description = "t", required = true }
`,
  llm("say", topic, "Say $topic"),
  llm("deny", topic, "Deny $topic"),
  llm("fill", topic, "Fill $topic", "Card"),
  llm("sum", { said: "Text[]", both: "Composite" }, "Sum $said and $both"),
  pipe("each", "PipeBatch", {
    inputs: { topics: "Text[]" },
    output: "Text[]",
    branch_pipe_code: "twice",
    input_list_name: "topics",
    input_item_name: "topic"
  }),
  pipe("twice", "PipeSequence", {
    inputs: topic,
    output: "Text",
    steps: [{ pipe: "say", result: "first" }, { pipe: "chosen", result: "second" }]
  }),
  pipe("chosen", "PipeCondition", {
    inputs: topic,
    output: "Text",
    expression: "topic.text",
    outcomes: { cats: "say" },
    default_outcome: "deny"
  }),
  pipe("both", "PipeParallel", {
    inputs: topic,
    output: "Composite",
    branches: [{ pipe: "fill", result: "card" }, { pipe: "deny", result: "denied" }],
    add_each_output: true
  }),
  pipe("all", "PipeSequence", {
    inputs: { topic: "Text", topics: "Text[]" },
    output: "Text",
    steps: [
      { pipe: "each", result: "said" },
      { pipe: "say", batch_over: "topics", batch_as: "topic", result: "again" },
      { pipe: "both", result: "both" },
      { pipe: "sum", result: "end" }
    ]
  })
].join("\n")

const refused = { error: { message: "no", type: "authentication_error" } }

/** How the provider meets the run, and how the run ends. */
const meetings: Readonly<
  Record<string, { readonly rules: ReadonlyArray<FakeProvider.Rule>; readonly ending: string }>
> = {
  "answered at once": { rules: [], ending: "ok" },
  "limited once": {
    rules: [{
      match: { contains: "Deny cats" },
      reply: { status: 429, headers: { "retry-after-ms": "1" }, body: {} },
      times: 1
    }],
    ending: "ok"
  },
  "answered with an object that does not fit, once": {
    rules: [{ match: { structured: true }, reply: { object: {} }, times: 1 }],
    ending: "ok"
  },
  "refused in a branch": {
    rules: [{ match: { contains: "Deny cats" }, reply: { status: 401, body: refused } }],
    ending: "provider.credential_refused"
  }
}

const variable = "MISTRAL_API_KEY"

describe("the events of a run", () => {
  const layers = [direct.open(), temporal.open()] as const

  for (const [how, { ending, rules }] of Object.entries(meetings)) {
    it.live(
      `through every controller, ${how}, give one tree, usage and cost on both layers`,
      () =>
        Effect.gen(function*() {
          const { provider, setting } = yield* Published.start(variable)
          const asked = {
            method: methodOf(bundle, setting.configuration),
            ref: "d.all",
            inputs: { topic: "cats", topics: ["cats", "dogs", "birds"] }
          }
          const { one, other } = yield* compared(layers, asked, setting, provider.rules(rules))
          assert.deepStrictEqual(other, one)
          assert.strictEqual(one.ending, ending)
          assert.isAbove(one.cost, 0)
          assert.isAbove(one.usages.length, 10)
        }).pipe(Effect.provideService(References.MinimumLogLevel, "None"), Effect.provide(Folder.layer)),
      limit
    )
  }

  it.live.skipIf(!Published.isCorpusThere)(
    "of every published method give one tree, usage and cost on both layers",
    () =>
      Effect.gen(function*() {
        const { setting } = yield* Published.start(variable)
        const compare = Effect.fnUntraced(function*({ each }: Published.Tried) {
          const asked = yield* Published.asked(each, setting)
          if (typeof asked === "string") return assert.fail(`${each.name}: ${asked}`)
          const { one, other } = yield* compared(layers, asked, { ...setting, base: each.folder })
          return { name: each.name, one, other }
        })
        const found = yield* Effect.forEach(Published.published, compare, { concurrency: 4 })
        for (const { name, one, other } of found) assert.deepStrictEqual(other, one, name)
        assert.isAbove(found.filter(({ one }) => one.cost > 0).length, found.length / 2)
      }).pipe(Effect.provideService(References.MinimumLogLevel, "None"), Effect.provide(Folder.layer)),
    limit
  )
})
