/** Methods in this process, on the packaged models: at a provider that is a server of this machine, or with none at all. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import type { JsonObject } from "../../src/concept/Json.ts"
import * as Configuration from "../../src/config/Configuration.ts"
import * as Direct from "../../src/direct/Direct.ts"
import type { Usage } from "../../src/failure/Usage.ts"
import * as Crate from "../../src/library/Crate.ts"
import * as Library from "../../src/library/Library.ts"
import { PipeRunner } from "../../src/program/PipeRunner.ts"
import { type RunEvent, RunEvents } from "../../src/program/RunEvents.ts"
import * as Storage from "../../src/storage/Storage.ts"
import * as FakeProvider from "../fake/FakeProvider.ts"
import { decode, pipe } from "../library/Fixture.ts"
import * as Folder from "../source/Folder.ts"

const canary = "CANARY-55c1"

const card = `[concept.Card]
description = "c"
[concept.Card.structure]
title = { type = "text", description = "t", required = true }
size = { type = "integer", description = "s", required = true }
remark = { type = "text", description = "r" }
`

const models = ["qwen3-8b", "gpt-5.6-terra", "claude-4.5-haiku", "gemini-2.5-flash-lite", "mistral-small"] as const

/** The pipes of one model: a text, an object, a list of them. */
const asking = (model: string, index: number) => [
  pipe(`say${index}`, "PipeLLM", { inputs: { topic: "Text" }, output: "Text", prompt: "Say $topic", model }),
  pipe(`fill${index}`, "PipeLLM", { inputs: { topic: "Text" }, output: "Card", prompt: "Fill $topic", model }),
  pipe(`list${index}`, "PipeLLM", { inputs: { topic: "Text" }, output: "Card[]", prompt: "List $topic", model })
]

interface Setting {
  readonly url?: string
  readonly keys?: Readonly<Record<string, string>>
  readonly backend?: string
  readonly pipelex?: string
  readonly id?: string
}

/** Ollama needs no key, so it is there only where a test means to call somebody. */
const backends = (url: string, isOllamaThere: boolean): string =>
  `[ollama]\nenabled = ${isOllamaThere}\nendpoint = "${url}/v1"\n` +
  [["openai", "/v1"], ["anthropic", ""], ["google", "/v1beta"], ["mistral", "/v1"]].map(([name, path]) =>
    `[${name}]\nendpoint = "${url}${path}"\napi_key = "\${${name?.toUpperCase()}_KEY}"\n`
  ).join("") + "[internal]\n"

const allKeys = {
  OPENAI_KEY: "k1-secret",
  ANTHROPIC_KEY: "k2-secret",
  GOOGLE_KEY: "k3-secret",
  MISTRAL_KEY: "k4-secret"
}

/** What a run came to, and what its leaves consumed. */
const running = Effect.fnUntraced(function*(
  ref: string,
  { backend, id, keys = {}, pipelex = "", url = "" }: Setting
) {
  const folder = yield* Folder.make({
    "inference/backends.toml": backends(url, keys === allKeys),
    "pipelex.toml": pipelex
  })
  const configuration = yield* Configuration.loadFolder(folder)
  const events: Array<RunEvent> = []
  const variables: Readonly<Record<string, string>> = keys
  const text = pipe("any", "PipeLLM", { inputs: { topic: "Text" }, output: "Text", prompt: "Say $topic" })
  const asked = models.flatMap((model, index) => model === "qwen3-8b" && keys !== allKeys ? [] : asking(model, index))
  const { bundles, issues } = decode([card, text, ...asked].join("\n"))
  const read = Library.make(
    { own: { bundles, links: new Map() }, packages: new Map() },
    { models: configuration.models, compat: false, functions: new Set() },
    issues
  )
  const method = read.library ?? assert.fail(JSON.stringify(read.issues))
  const result = yield* Effect.gen(function*() {
    const runner = yield* PipeRunner
    return yield* Effect.result(runner.run({ crate: Crate.of(method, [ref]), ref, inputs: { topic: "cats" } }))
  }).pipe(
    Effect.provideService(RunEvents, (event) => events.push(event)),
    Effect.provide(Direct.layerWith({
      configuration,
      environment: { get: (name) => variables[name] },
      storage: "memory",
      ...(id === undefined ? {} : { scope: { runId: id } }),
      ...(backend === undefined ? {} : { backend })
    }))
  )
  const usages = events.flatMap((event): ReadonlyArray<Usage> =>
    event._tag === "LeafFinished"
      ? [event.usage]
      : event._tag === "LeafFailed" && event.failure.usage !== undefined
      ? [event.failure.usage]
      : []
  )
  return { result, usages }
}, Effect.provide(Folder.layer))

const made = Effect.fnUntraced(function*(ref: string, setting: Setting) {
  const { result, usages } = yield* running(ref, setting)
  return { value: yield* Effect.fromResult(result), usage: usages[0] }
})

const failed = Effect.fnUntraced(function*(ref: string, setting: Setting) {
  const { result, usages } = yield* running(ref, setting)
  return { failure: yield* Effect.flip(Effect.fromResult(result)), usage: usages[0] }
})

const fits: JsonObject = { title: "a", size: 1, remark: null }

describe.each(models.map((model, index) => ({ model, index })))("a method on $model", ({ index, model }) => {
  it.live("gets its texts from the provider, and tells what they cost", () =>
    Effect.gen(function*() {
      const { requests, rules, url } = yield* FakeProvider.start
      yield* rules([{ reply: { text: "hello" } }])
      const { usage, value } = yield* made(`d.say${index}`, { url, keys: allKeys })
      assert.deepStrictEqual(value, { text: "hello" })
      const [sent] = yield* requests
      assert.include(JSON.stringify(sent?.body), "Say cats")
      if (model !== "qwen3-8b") assert.include(JSON.stringify(sent?.headers), "-secret")
      assert.deepStrictEqual([usage?.model, usage?.requests, usage?.reasks, usage?.simulated], [model, 1, 0, undefined])
      assert.isAbove(usage?.units["input"] ?? 0, 0)
      assert.isAbove(usage?.units["output"] ?? 0, 0)
    }))

  it.live("asks again for an object that does not fit, with what was wrong", () =>
    Effect.gen(function*() {
      const { requests, rules, url } = yield* FakeProvider.start
      yield* rules([{ reply: { object: { title: canary } }, times: 1 }, { reply: { object: fits } }])
      const { usage, value } = yield* made(`d.fill${index}`, { url, keys: allKeys })
      assert.deepStrictEqual(value, fits)
      const [first, second, ...rest] = yield* requests
      assert.lengthOf(rest, 0)
      assert.notInclude(JSON.stringify(first?.body), canary)
      assert.include(JSON.stringify(second?.body), canary)
      assert.include(JSON.stringify(second?.body), "/size: is missing")
      assert.deepStrictEqual([usage?.requests, usage?.reasks], [2, 1])
    }))

  it.live("fails when no object ever fits, after as many requests as are allowed and without quoting one", () =>
    Effect.gen(function*() {
      const { requests, rules, url } = yield* FakeProvider.start
      yield* rules([{ reply: { object: { title: canary, size: canary } } }])
      const { failure, usage } = yield* failed(`d.fill${index}`, { url, keys: allKeys })
      assert.deepStrictEqual([failure.code, failure.attempts?.reask], ["model.output_schema_mismatch", 3])
      assert.lengthOf(yield* requests, 3)
      assert.notInclude(`${JSON.stringify(failure)} ${failure.message}`, canary)
      assert.deepStrictEqual([usage?.requests, usage?.reasks], [3, 2])
    }))

  it.live("gets a list in one answer", () =>
    Effect.gen(function*() {
      const { rules, url } = yield* FakeProvider.start
      yield* rules([{ reply: { object: { items: [fits, { ...fits, title: "b" }] } } }])
      const { value } = yield* made(`d.list${index}`, { url, keys: allKeys })
      assert.deepStrictEqual(value, { items: [fits, { ...fits, title: "b" }] })
    }))

  it.live("fails when its answer is cut, and counts what was paid for it", () =>
    Effect.gen(function*() {
      const { requests, rules, url } = yield* FakeProvider.start
      yield* rules([{ reply: { text: canary, finish: model.startsWith("claude") ? "max_tokens" : "length" } }])
      const { failure, usage } = yield* failed(`d.say${index}`, { url, keys: allKeys })
      assert.strictEqual(failure.code, "model.output_truncated")
      assert.lengthOf(yield* requests, 1)
      assert.isAbove(usage?.units["output"] ?? 0, 0)
      assert.notInclude(`${JSON.stringify(failure)} ${failure.message}`, canary)
    }))

  it.live("fails by its key, once and without showing it", () =>
    Effect.gen(function*() {
      const { requests, rules, url } = yield* FakeProvider.start
      yield* rules([{
        reply: { status: 401, body: { error: { message: "bad key k1-secret k2-secret k3-secret k4-secret" } } }
      }])
      const { failure, usage } = yield* failed(`d.say${index}`, { url, keys: allKeys })
      assert.deepStrictEqual([failure.code, usage?.requests], ["provider.credential_refused", 1])
      assert.lengthOf(yield* requests, 1)
      assert.notMatch(`${JSON.stringify(failure)} ${failure.message}`, new RegExp(`k${[0, 1, 2, 3, 4][index]}-secret`))
    }))
})

describe("who answers", () => {
  it.live("is the first backend of a waterfall that has its key", () =>
    Effect.gen(function*() {
      const { requests, url } = yield* FakeProvider.start
      for (
        const [name, backend] of [["GOOGLE_KEY", "google"], ["MISTRAL_KEY", "mistral"], [
          "ANTHROPIC_KEY",
          "anthropic"
        ]] as const
      ) {
        const { usage } = yield* made("d.any", { url, keys: { [name]: "key" } })
        assert.strictEqual(usage?.backend, backend)
      }
      assert.lengthOf(yield* requests, 3)
    }))

  it.live("is the simulated backend when no key is there, and says so", () =>
    Effect.gen(function*() {
      const { all, url } = yield* FakeProvider.start
      const { usage, value } = yield* made("d.any", { url })
      assert.include(JSON.stringify(value), "[simulated]")
      assert.deepStrictEqual([usage?.simulated, usage?.requests], [true, 0])
      assert.lengthOf(yield* all, 0)
    }))

  it.live("is the backend that is asked for, and no other", () =>
    Effect.gen(function*() {
      const { requests, url } = yield* FakeProvider.start
      const simulated = yield* made("d.any", { url, keys: allKeys, backend: "simulated" })
      assert.isTrue(simulated.usage?.simulated)
      assert.lengthOf(yield* requests, 0)
      const mistral = yield* made("d.any", { url, keys: allKeys, backend: "mistral" })
      assert.strictEqual(mistral.usage?.backend, "mistral")
    }))

  it.live("is nobody for a model named outright whose key is missing while others' are there", () =>
    Effect.gen(function*() {
      const { all, url } = yield* FakeProvider.start
      const { failure } = yield* failed("d.say2", { url, keys: { MISTRAL_KEY: "key" } })
      assert.deepInclude(failure.reason, { code: "pipelex.config.credential_missing", backend: "anthropic" })
      assert.include(failure.message, "ANTHROPIC_KEY")
      assert.lengthOf(yield* all, 0)
    }))

  it.live("is nobody when the backend asked for is none, and the failure names the close ones", () =>
    Effect.gen(function*() {
      const failure = yield* Effect.flip(running("d.any", { backend: "opnai" }))
      assert.strictEqual(failure._tag === "PipeFailure" ? failure.code : failure._tag, "request.invalid")
      assert.include(failure.message, "no backend is called \"opnai\"; did you mean \"openai\"")
    }))

  it.live("may be told to fail", () =>
    Effect.gen(function*() {
      const { failure, usage } = yield* failed("d.any", { pipelex: "[simulated]\nfail_with = \"quota\"\n" })
      assert.deepStrictEqual(
        [failure.code, failure.provider, failure.attempts, usage?.simulated],
        ["provider.quota_exhausted", "simulated", { transport: 1 }, true]
      )
    }))

  it.live("is asked as often as the configuration says", () =>
    Effect.gen(function*() {
      const { requests, rules, url } = yield* FakeProvider.start
      yield* rules([{ reply: { object: {} } }])
      const pipelex = "[cogt.llm_config]\nschema_reask_max_attempts = 2\n"
      const { failure } = yield* failed("d.fill0", { url, keys: allKeys, pipelex })
      assert.strictEqual(failure.code, "model.output_schema_mismatch")
      assert.lengthOf(yield* requests, 2)
    }))
})

describe("the id of a run", () => {
  it.live("is refused before anything is done when artefacts could not be kept under it", () =>
    Effect.gen(function*() {
      for (const id of ["a/b", "", ".."]) {
        const { failure } = yield* failed("d.any", { id })
        assert.strictEqual(failure.code, "request.invalid")
        assert.include(failure.message, "a run id must be 1 to 200 letters, digits")
      }
      assert.isNotNull((yield* made("d.any", { id: "night-1" })).value)
    }))
})

describe("artefacts", () => {
  const storing = (pipelex: string) =>
    Effect.gen(function*() {
      const folder = yield* Folder.make({ "inference/backends.toml": backends("", false), "pipelex.toml": pipelex })
      const configuration = yield* Configuration.loadFolder(folder)
      const path = yield* Path.Path
      const given = { ...configuration, locations: { ...configuration.locations, cwd: folder } }
      const { uri } = yield* Effect.flatMap(
        Storage.Storage,
        (storage) => storage.put(new Uint8Array([1]), { runId: "r", kind: "generated", extension: "bin" })
      ).pipe(Effect.provide(Direct.resources({ configuration: given })))
      const fs = yield* FileSystem.FileSystem
      const isThere = yield* fs.exists(path.join(folder, "kept", uri.replace("pipelex-storage://", "")))
      return isThere
    }).pipe(Effect.provide(Folder.layer))

  it.live("go where the configuration says", () =>
    Effect.gen(function*() {
      const local =
        "[pipelex.storage_config]\nmethod = \"local\"\n[pipelex.storage_config.local]\nlocal_storage_path = \"kept\"\n"
      assert.isTrue(yield* storing(local))
      assert.isFalse(yield* storing("[pipelex.storage_config]\nmethod = \"in_memory\"\n"))
    }))

  it.live("of a store that is not described, or that nothing here speaks to, fail before a run", () =>
    Effect.gen(function*() {
      const failures = yield* Effect.forEach(
        ["s3", "gcp"],
        (method) => Effect.flip(storing(`[pipelex.storage_config]\nmethod = "${method}"\n`))
      )
      assert.deepStrictEqual(
        failures.map((failure) => failure._tag === "PipeFailure" ? failure.code : failure._tag),
        ["pipelex.config.invalid", "runtime.unsupported"]
      )
    }))
})
