/** A failure is the same on both layers: whatever a provider does, the report of a durable run equals that of a run in this process. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type * as Layer from "effect/Layer"
import * as References from "effect/References"
import * as Result from "effect/Result"
import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { isDeepStrictEqual } from "node:util"
import type { Backend } from "../../../src/config/Backends.ts"
import * as Configuration from "../../../src/config/Configuration.ts"
import * as Direct from "../../../src/direct/Direct.ts"
import * as ErrorReport from "../../../src/failure/ErrorReport.ts"
import type { PipeFailure } from "../../../src/failure/PipeFailure.ts"
import * as Crate from "../../../src/library/Crate.ts"
import { PipeRunner } from "../../../src/program/PipeRunner.ts"
import { methodOf } from "../../acceptance/Layers.ts"
import * as Failures from "../../conformance/Failures.ts"
import * as FakeProvider from "../../fake/FakeProvider.ts"
import { pipe } from "../../library/Fixture.ts"
import * as Folder from "../../source/Folder.ts"
import * as Durably from "../Durably.ts"
import * as Server from "../Server.ts"

Server.use()

const own = fileURLToPath(new URL("../../cases", import.meta.url))
const shared = fileURLToPath(new URL("../../../../shared/conformance", import.meta.url))

const models: Readonly<Record<string, string>> = {
  openai_chat: "llama-3.3-70b",
  openai_responses: "gpt-4o-mini",
  anthropic: "claude-4.5-haiku"
}

const card = `[concept.Card]
description = "c"
[concept.Card.structure]
title = { type = "text", description = "t", required = true }
kind = { description = "k", choices = ["note", "task"], required = true }
`

/** What a fault may meet: a text and an object of each API, an image, and a document that is read. */
const bundle = [
  card,
  ...Object.entries(models).flatMap(([adapter, model]) => [
    pipe(`text_${adapter}`, "PipeLLM", { output: "Text", prompt: "Hello", model }),
    pipe(`object_${adapter}`, "PipeLLM", { output: "Card", prompt: "Hello", model })
  ]),
  pipe("image", "PipeImgGen", { output: "Image", prompt: "A cat", model: "gpt-image-1-mini" }),
  pipe("extract", "PipeExtract", { inputs: { page: "Document" }, output: "Page[]", model: "mistral-ocr" })
].join("\n")

const elsewhere = "http://127.0.0.1:1"

const backends =
  [["openai", "/v1"], ["groq", "/v1"], ["anthropic", ""], ["mistral", "/v1"]].map(([name, path]) =>
    `[${name}]\nendpoint = "${elsewhere}${path}"\napi_key = "k"\n`
  ).join("") + "[internal]\n"

const configuration = await Effect.runPromise(
  Folder.make({ "inference/backends.toml": backends }).pipe(
    Effect.flatMap(Configuration.loadFolder),
    Effect.scoped,
    Effect.provide(Folder.layer)
  )
)

const method = methodOf(bundle, configuration)

const ledTo = (url: string) => (backend: Backend): Backend =>
  backend.endpoint === undefined ? backend : { ...backend, endpoint: backend.endpoint.replace(elsewhere, url) }

const led = (url: string, timeoutSeconds: number | undefined): Configuration.Configuration => {
  const { inference, options } = configuration
  return {
    ...configuration,
    inference: {
      ...inference,
      backends: inference.backends.map(ledTo(url))
    },
    options: timeoutSeconds === undefined
      ? options
      : { ...options, inference: { ...options.inference, requestTimeoutSeconds: timeoutSeconds } }
  }
}

const environment = { get: () => undefined }

const document = "data:application/pdf;base64," + Buffer.from("%PDF-1.4 nothing of use").toString("base64")

interface Tried {
  readonly name: string
  readonly ref: string
  readonly rules: ReadonlyArray<FakeProvider.Rule>
  readonly timeoutSeconds: number | undefined
}

/** Every fault of a corpus against every shape. */
const triedOf = (root: string): ReadonlyArray<Tried> =>
  Failures.faults(root).flatMap((fault) => {
    const adapter = fault.name.slice(0, fault.name.indexOf("/"))
    const shapes = [
      ...(Object.hasOwn(models, adapter) ? [`text_${adapter}`, `object_${adapter}`] : []),
      "image",
      "extract"
    ]
    const { name, rules } = fault
    const timeoutSeconds = Failures.timeoutSeconds(fault)
    return shapes.map((shape) => ({ name: `${name} of ${shape}`, ref: `d.${shape}`, rules, timeoutSeconds }))
  })

const inputsOf = (ref: string) => ref === "d.extract" ? { page: { url: document } } : {}

/** One run, and what is to be the same: how it ended, and how often the provider was asked. */
const ended = (
  { ref, rules, timeoutSeconds }: Tried,
  layer: (configured: Configuration.Configuration) => Layer.Layer<PipeRunner, PipeFailure>
) =>
  Effect.scoped(Effect.gen(function*() {
    const provider = yield* FakeProvider.start
    yield* provider.rules(rules)
    const crate = { ...Crate.of(method, [ref]), concepts: Crate.of(method).concepts }
    const running = Effect.flatMap(PipeRunner, (runner) => runner.run({ crate, ref, inputs: inputsOf(ref) }))
    const result = yield* Effect.result(Effect.provide(running, layer(led(provider.url, timeoutSeconds))))
    return { result, requests: (yield* provider.requests).length }
  }))

/** Everything that a failure says, but for how long it took, how often the activity was tried, and where the fake listened. */
const factsOf = (result: Result.Result<unknown, PipeFailure>): unknown => {
  if (Result.isSuccess(result)) return "ok"
  const { attempts, usage } = result.failure
  const { activity: _, ...tries } = attempts ?? {}
  const report = ErrorReport.fromFailure(result.failure)
  const { attempts: __, ...facts } = report
  const text = JSON.stringify({ facts, tries, usage: usage === undefined ? undefined : { ...usage, seconds: 0 } })
  return JSON.parse(text.replaceAll(/127\.0\.0\.1:\d+/g, "the provider"))
}

const compared = Effect.fnUntraced(function*(root: string, folder: string) {
  const durably = yield* Durably.start({
    address: yield* Server.address,
    queue: yield* Server.queue("parity"),
    attempts: 1
  })
  const all = triedOf(root)
  assert.isNotEmpty(all)
  let failed = 0
  const differences = yield* Effect.forEach(all, (tried, index) =>
    Effect.gen(function*() {
      const here = yield* ended(tried, (configured) =>
        Direct.layerWith({ configuration: configured, environment, storage: "memory" }))
      const there = yield* ended(tried, (configured) =>
        durably.layer({
          runId: `parity-${index}-${durably.queue}`,
          configuration: configured,
          environment,
          directory: `${folder}/${index}`
        }))
      const [one, other] = [here, there].map(({ requests, result }) => ({ requests, facts: factsOf(result) }))
      if (Result.isFailure(here.result)) {
        failed++
      }
      return isDeepStrictEqual(other, one) ? [] : [{ case: tried.name, direct: one, durable: other }]
    }), { concurrency: 12 })
  assert.deepStrictEqual(differences.flat(), [])
  assert.isAbove(failed, all.length / 2)
})

const tested = (root: string) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    yield* compared(root, yield* fs.makeTempDirectoryScoped())
  }).pipe(Effect.provideService(References.MinimumLogLevel, "None"), Effect.provide(Folder.layer))

describe("a failure", () => {
  it.live("is reported alike on both layers, whatever the provider did", () => tested(own), 300_000)

  it.live.skipIf(!existsSync(shared))(
    "is reported alike on both layers for every recorded fault",
    () => tested(shared),
    600_000
  )
})
