/** What a run does when its provider fails: how often it asks, how long it waits, and what it says in the end. */
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import * as Problem from "../../src/cli/Problem.ts"
import type { JsonObject } from "../../src/concept/Json.ts"
import * as Configuration from "../../src/config/Configuration.ts"
import type { Action, Category } from "../../src/failure/Category.ts"
import type { Code } from "../../src/failure/Codes.ts"
import * as ErrorReport from "../../src/failure/ErrorReport.ts"
import type { PipeFailure } from "../../src/failure/PipeFailure.ts"
import * as ProblemDocument from "../../src/failure/ProblemDocument.ts"
import { folder, run as runProgram } from "../cli/Program.ts"
import * as FakeProvider from "../fake/FakeProvider.ts"
import { promptText } from "../fake/Request.ts"
import { pipe } from "../library/Fixture.ts"
import * as Folder from "../source/Folder.ts"
import { layers, methodOf, type Setting } from "./Layers.ts"

const canary = "CANARY-answer-91f3"

const models = ["llama-3.3-70b", "gpt-4o-mini", "claude-4.5-haiku"] as const
const painters = ["gpt-image-1-mini", "nano-banana", "flux-2-pro"] as const

const card = `[concept.Card]
description = "c"
[concept.Card.structure]
title = { type = "text", description = "t", required = true }
size = { type = "integer", description = "s", required = true }
`

/** The pipes of one model: a text, an object, and a batch of texts. */
const asking = (model: string) => {
  const name = model.replaceAll(/\W/g, "_")
  const inputs = { topic: "Text" }
  return [
    pipe(`text_${name}`, "PipeLLM", { inputs, output: "Text", prompt: "Say $topic", model }),
    pipe(`structured_${name}`, "PipeLLM", { inputs, output: "Card", prompt: "Fill $topic", model }),
    pipe(`batch_${name}`, "PipeBatch", {
      inputs: { topics: "Text[]" },
      output: "Text[]",
      branch_pipe_code: `text_${name}`,
      input_list_name: "topics",
      input_item_name: "topic"
    })
  ].join("\n")
}

const painting = (model: string) =>
  pipe(`image_${model.replaceAll(/\W/g, "_")}`, "PipeImgGen", { output: "Image", prompt: "A cat", model })

const bundle = [card, ...models.map(asking), ...painters.map(painting)].join("\n")

const backends = (url: string): string =>
  [
    ["openai", "/v1"],
    ["groq", "/v1"],
    ["anthropic", ""],
    ["google", "/v1beta"],
    ["fal", ""]
  ].map(([name, path]) => `[${name}]\nendpoint = "${url}${path}"\napi_key = "k"\n`).join("") + "[internal]\n"

const elsewhere = "http://127.0.0.1:1"

/** Read once: a test only leads it to its own provider. */
const configuration = await Effect.runPromise(
  Folder.make({ "inference/backends.toml": backends(elsewhere) }).pipe(
    Effect.flatMap(Configuration.loadFolder),
    Effect.scoped,
    Effect.provide(Folder.layer)
  )
)

const method = methodOf(bundle, configuration)

const setting = (url: string): Setting => {
  const { inference } = configuration
  const led = inference.backends.map((backend) =>
    backend.endpoint === undefined ? backend : { ...backend, endpoint: backend.endpoint.replace(elsewhere, url) }
  )
  return {
    configuration: { ...configuration, inference: { ...inference, backends: led } },
    environment: { get: () => undefined }
  }
}

type Shape = "text" | "structured"

/** One API, in whose words a provider fails. */
interface Wire {
  readonly name: string
  readonly model: typeof models[number]
  readonly refusing: (message: string, type: string) => JsonObject
  readonly filtered: FakeProvider.Reply
  readonly cut: FakeProvider.Reply
}

const openai = {
  refusing: (message: string, type: string) => ({ error: { message, type, code: type, param: null } }),
  filtered: { finish: "content_filter", text: canary },
  cut: { finish: "length" }
}

const wires: ReadonlyArray<Wire> = [
  { name: "OpenAI chat", model: "llama-3.3-70b", ...openai },
  { name: "Responses", model: "gpt-4o-mini", ...openai },
  {
    name: "Anthropic",
    model: "claude-4.5-haiku",
    refusing: (message, type) => ({ type: "error", error: { type, message } }),
    filtered: { finish: "refusal", text: canary },
    cut: { finish: "max_tokens" }
  }
]

interface Ending {
  readonly code: Code
  readonly category: Category
  readonly action: Action["kind"]
  readonly retryAfterSeconds?: number
}

/** What a row comes to on a layer. */
interface Seen {
  readonly requests: number
  /** Seconds from each request to the next, where they are what the row is about. */
  readonly gaps?: ReadonlyArray<readonly [least: number, most: number]>
  /** How the run ends, when not well. */
  readonly ending?: Ending | undefined
  /** Seconds that the layer itself lets pass before it tries the leaf again. */
  readonly putOff?: number
  /** How often the layer itself has tried the leaf, when the run does not end well. Default: once, where it counts. */
  readonly tries?: number
}

interface Row extends Seen {
  readonly title: string
  readonly shapes?: ReadonlyArray<Shape>
  readonly rules: (wire: Wire, shape: Shape) => ReadonlyArray<FakeProvider.Rule>
  /** What is other where the run is durable. */
  readonly durably?: Partial<Seen>
}

/** A busy machine adds to a delay, and never shortens one. */
const slack = 6
/** What a timer may be early by. */
const early = 0.005

const backoff = [[0.375, 0.5], [0.75, 1]] as const
/** What the suite's workers are configured to wait between attempts, and what a server's timers make of it. */
const between = [0.05, 2] as const
/** Tier 1 in each of the three attempts of Tier 2. */
const multiplied: Partial<Seen> = {
  requests: 9,
  gaps: [...backoff, between, ...backoff, between, ...backoff],
  tries: 3
}

const answering = (status: number, type: string, more: Partial<FakeProvider.Rule & FakeProvider.Reply> = {}) => {
  const { headers = {}, times } = more
  return ({ refusing }: Wire): ReadonlyArray<FakeProvider.Rule> => [{
    reply: { status, headers, body: refusing("The request was not served.", type) },
    ...(times === undefined ? {} : { times })
  }]
}

const rateLimited: Ending = { code: "provider.rate_limited", category: "transient", action: "wait_and_retry" }

const quotas: Readonly<Record<string, string>> = {
  Anthropic: "Your credit balance is too low to access the API.",
  other: "You exceeded your current quota, please check your plan and billing details."
}

const unfit = { tool_text: `{"title": "${canary}", "size": "${canary}"}` }
const broken = { tool_text: `{"title": "${canary}` }

const rows: ReadonlyArray<Row> = [
  { title: "429 once", rules: answering(429, "rate_limit_error", { times: 1 }), requests: 2, gaps: [backoff[0]] },
  {
    title: "429 once with Retry-After: 2",
    rules: answering(429, "rate_limit_error", { times: 1, headers: { "retry-after": "2" } }),
    requests: 2,
    gaps: [[2, 2]]
  },
  {
    title: "429 once with Retry-After: 120",
    rules: answering(429, "rate_limit_error", { times: 1, headers: { "retry-after": "120" } }),
    requests: 1,
    ending: { ...rateLimited, retryAfterSeconds: 120 },
    durably: { requests: 2, putOff: 120, ending: undefined }
  },
  {
    title: "429 always",
    rules: answering(429, "rate_limit_error"),
    requests: 3,
    gaps: backoff,
    ending: rateLimited,
    durably: multiplied
  },
  {
    title: "500 always",
    rules: answering(500, "api_error"),
    requests: 3,
    gaps: backoff,
    ending: { code: "provider.failed", category: "transient", action: "wait_and_retry" },
    durably: multiplied
  },
  {
    title: "401",
    rules: answering(401, "authentication_error"),
    requests: 1,
    ending: { code: "provider.credential_refused", category: "configuration", action: "check_credentials" }
  },
  {
    title: "404",
    rules: answering(404, "not_found_error"),
    requests: 1,
    ending: { code: "model.unavailable", category: "configuration", action: "change_model" }
  },
  {
    title: "429 of a spent quota",
    rules: ({ name, refusing }) => [{
      reply: { status: 429, body: refusing(quotas[name] ?? quotas["other"] ?? "", "insufficient_quota") }
    }],
    requests: 1,
    ending: { code: "provider.quota_exhausted", category: "capacity", action: "check_billing" }
  },
  {
    title: "JSON that breaks off, once",
    shapes: ["structured"],
    rules: () => [{ reply: broken, times: 1 }],
    requests: 2
  },
  {
    title: "an object that does not fit, once",
    shapes: ["structured"],
    rules: () => [{ reply: unfit, times: 1 }],
    requests: 2
  },
  ...[broken, unfit].map((reply): Row => ({
    title: reply === broken ? "JSON that breaks off, always" : "an object that does not fit, always",
    shapes: ["structured"],
    rules: () => [{ reply }],
    requests: 3,
    ending: { code: "model.output_schema_mismatch", category: "content", action: "change_input" }
  })),
  {
    title: "an answer stopped by the content filter",
    rules: ({ filtered }) => [{ reply: filtered }],
    requests: 1,
    ending: { code: "model.content_refused", category: "content", action: "change_input" }
  },
  {
    title: "an answer cut at the limit",
    rules: ({ cut }, shape) => [{ reply: { ...cut, ...(shape === "text" ? { text: canary } : broken) } }],
    requests: 1,
    ending: { code: "model.output_truncated", category: "content", action: "change_input" }
  }
]

const failureOf = (result: Result.Result<unknown, PipeFailure>): PipeFailure =>
  Result.isFailure(result) ? result.failure : assert.fail(`it ended well: ${JSON.stringify(result.success)}`)

/** As the command line would end. */
const exitCode = (result: Result.Result<unknown, PipeFailure>): number =>
  Result.isSuccess(result) ? 0 : Problem.ended(Cause.fail(result.failure)).code

const endedWith = (failure: PipeFailure, { action, category, code, retryAfterSeconds }: Ending): void => {
  assert.deepStrictEqual(
    [failure.code, failure.category, failure.suggestedAction.kind, failure.retryable],
    [code, category, action, category === "transient"]
  )
  assert.strictEqual(ErrorReport.retryAfter(failure), retryAfterSeconds)
  const told = [failure.message, failure, ErrorReport.fromFailure(failure), ProblemDocument.fromFailure(failure)]
  assert.notInclude(JSON.stringify(told), canary)
}

const pipeRef = (shape: string, model: string): string => `d.${shape}_${model.replaceAll(/\W/g, "_")}`

const gapsOf = (sent: ReadonlyArray<FakeProvider.Logged>): ReadonlyArray<number> =>
  sent.slice(1).map(({ time }, index) => (time - (sent[index]?.time ?? time)) / 1000)

/** Resolves when it is called so often. */
const counter = (wanted: number) => {
  const { promise, resolve } = Promise.withResolvers<void>()
  let left = wanted
  return {
    done: promise,
    count: () => {
      left -= 1
      if (left === 0) resolve()
    }
  }
}

/** The requests, once each of them was given up by its sender. */
const hungUp = (requests: FakeProvider.FakeProvider["requests"]) =>
  Effect.repeat(requests, {
    until: (sent) => sent.every(({ aborted }) => aborted),
    schedule: Schedule.spaced("10 millis")
  }).pipe(Effect.andThen(requests))

const never = new Promise<void>(() => {})

const topics = Array.from({ length: 20 }, (_, index) => `item-${index}.`)

const itemOf = (request: FakeProvider.Request): number => Number(/item-(\d+)\./.exec(promptText(request))?.[1])

/** Durable runs share a server and a worker with all others. */
const limits = { Direct: 30_000, Temporal: 120_000 }

describe.each(layers)("on $name", ({ name: layer, open }) => {
  const { putOff, run } = open()
  const isDurable = layer === "Temporal"
  const limit = limits[layer]

  describe.concurrent.each(wires)("a leaf of $name", (wire) => {
    for (const row of rows) {
      const seen: Seen = isDurable ? { ...row, ...row.durably } : row
      for (const shape of row.shapes ?? ["text", "structured"] as const) {
        it.live(`meets ${row.title} (${shape})`, () =>
          Effect.gen(function*() {
            const { requests, rules, url } = yield* FakeProvider.start
            yield* rules(row.rules(wire, shape))
            const runId = globalThis.crypto.randomUUID()
            const asked = { method, ref: pipeRef(shape, wire.model), inputs: { topic: "cats" }, runId }
            const running = yield* Effect.forkChild(run(asked, setting(url)))
            if (seen.putOff !== undefined) {
              assert.closeTo(yield* putOff(runId), seen.putOff, 1)
              assert.lengthOf(yield* requests, 1)
            }
            const { events, result } = yield* Fiber.join(running)
            const sent = yield* requests
            assert.lengthOf(sent, seen.requests)
            assert.strictEqual(exitCode(result), seen.ending === undefined ? 0 : 1)
            const gaps = gapsOf(sent)
            for (const [index, [least, most]] of (seen.gaps ?? []).entries()) {
              assert.isAtLeast(gaps[index] ?? 0, least - early)
              assert.isAtMost(gaps[index] ?? 0, most + slack)
            }
            // What one process does by itself is told where it is done.
            assert.lengthOf(events.filter(({ _tag }) => _tag === "Retry"), isDurable ? 0 : seen.gaps?.length ?? 0)
            if (seen.ending !== undefined) {
              const failure = failureOf(result)
              endedWith(failure, seen.ending)
              assert.strictEqual(failure.attempts?.activity, isDurable ? seen.tries ?? 1 : undefined)
            }
          }), limit)
      }
    }

    for (const shape of ["text", "structured"]) {
      it.live(`meets a connection refused (${shape})`, () =>
        Effect.gen(function*() {
          const { url } = yield* Effect.scoped(FakeProvider.start)
          const asked = { method, ref: pipeRef(shape, wire.model), inputs: { topic: "cats" } }
          const { result } = yield* run(asked, setting(url))
          const failure = failureOf(result)
          assert.deepStrictEqual(failure.attempts, { transport: 3, ...(isDurable ? { activity: 3 } : {}) })
          assert.strictEqual(exitCode(result), 1)
          endedWith(failure, { code: "provider.unavailable", category: "transient", action: "wait_and_retry" })
        }), limit)
    }

    it.live(
      "ends a batch of 20 with the failure of the first item that failed, when the items under way are done",
      () =>
        Effect.gen(function*() {
          const { answer, maxInFlight, requests, url } = yield* FakeProvider.start
          const arrived = counter(8)
          const later = counter(1)
          const failures = counter(2)
          const refusal = wire.refusing("The key was refused.", "authentication_error")
          // Item 7 fails first, then item 3; the six others are answered when both have.
          yield* answer((request) => {
            arrived.count()
            const item = itemOf(request)
            if (item === 7) return { until: arrived.done, status: 401, body: refusal }
            if (item === 3) return { until: later.done, status: 401, body: refusal }
            return { until: failures.done }
          })
          const { result } = yield* run(
            {
              method,
              ref: pipeRef("batch", wire.model),
              inputs: { topics },
              listen: ({ _tag }) => {
                if (_tag !== "LeafFailed") return
                later.count()
                failures.count()
              }
            },
            setting(url)
          )
          const failure = failureOf(result)
          const items = (yield* requests).map(({ request }) => itemOf(request))
          assert.deepStrictEqual(items.toSorted((a, b) => a - b), [0, 1, 2, 3, 4, 5, 6, 7])
          assert.strictEqual(yield* maxInFlight, 8)
          assert.deepStrictEqual([failure.location.item, failure.location.succeeded], [3, 6])
          endedWith(failure, {
            code: "provider.credential_refused",
            category: "configuration",
            action: "check_credentials"
          })
        }),
      limit
    )

    it.live("hangs up on every request under way when its run is interrupted", () =>
      Effect.gen(function*() {
        const { answer, requests, url } = yield* FakeProvider.start
        const arrived = counter(8)
        yield* answer(() => {
          arrived.count()
          return { until: never }
        })
        const asked = { method, ref: pipeRef("batch", wire.model), inputs: { topics } }
        const running = yield* Effect.forkChild(run(asked, setting(url)))
        yield* Effect.promise(() => arrived.done)
        yield* Fiber.interrupt(running)
        assert.lengthOf(yield* hungUp(requests), 8)
      }), limit)
  })

  describe.concurrent.each(painters)("an image of %s", (model) => {
    it.live("is asked for once when the provider answers 500: it may have been made", () =>
      Effect.gen(function*() {
        const { requests, rules, url } = yield* FakeProvider.start
        yield* rules([{ reply: { status: 500, body: { error: { message: "Oh no." } } } }])
        const { result } = yield* run({ method, ref: pipeRef("image", model) }, setting(url))
        assert.lengthOf(yield* requests, 1)
        assert.strictEqual(exitCode(result), 1)
        endedWith(failureOf(result), {
          code: "provider.outcome_unknown",
          category: "ambiguous",
          action: "wait_and_retry"
        })
      }), limit)
  })
})

describe.concurrent("the command line", () => {
  const project = (url: string) =>
    folder({
      "lab.mthds": `domain = "d"\nmain_pipe = "batch_gpt_4o_mini"\n${asking("gpt-4o-mini")}\n${card}`,
      ".pipelex/inference/backends.toml": backends(url),
      "topics.json": JSON.stringify({ topics })
    })
  const line = ["run", "bundle", "lab.mthds", "--no-graph", "--inputs", "topics.json"]

  it.live("hangs up on every request under way at Ctrl-C, and ends with 130", () =>
    Effect.gen(function*() {
      const { answer, requests, url } = yield* FakeProvider.start
      const arrived = counter(8)
      yield* answer(() => {
        arrived.count()
        return { until: never }
      })
      const { code, stderr, stdout } = yield* runProgram(line, { cwd: yield* project(url), interruptOn: arrived.done })
      assert.deepStrictEqual([code, stdout], [130, ""])
      assert.include(stderr, "Interrupted.")
      assert.lengthOf(yield* hungUp(requests), 8)
    }), 60_000)

  it.live("ends with 0 when the run ends well, and with 1 when its provider refuses", () =>
    Effect.gen(function*() {
      const { rules, url } = yield* FakeProvider.start
      const cwd = yield* project(url)
      const well = yield* runProgram(line, { cwd })
      assert.strictEqual(well.code, 0, well.stderr)
      yield* rules([{ reply: { status: 401, body: { error: { message: "No.", type: "authentication_error" } } } }])
      const refused = yield* runProgram([...line, "--json"], { cwd })
      assert.deepStrictEqual([refused.code, refused.stdout], [1, ""])
      const document = JSON.parse(refused.stderr)
      assert.deepStrictEqual([document.code, document.category], ["provider.credential_refused", "configuration"])
    }), 60_000)
})
