/** Any one key is enough: with one provider's key and the packaged configuration, every method comes to its end. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as References from "effect/References"
import * as Result from "effect/Result"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import * as Configuration from "../../src/config/Configuration.ts"
import { PipeFailure } from "../../src/failure/PipeFailure.ts"
import * as InputsFile from "../../src/source/InputsFile.ts"
import * as Method from "../../src/source/Method.ts"
import { type Case, cases, expected, judge, object, string, target } from "../conformance/Corpus.ts"
import { isCompat } from "../conformance/Running.ts"
import * as FakeProvider from "../fake/FakeProvider.ts"
import { pipe } from "../library/Fixture.ts"
import * as Folder from "../source/Folder.ts"
import { layers, methodOf, type Setting } from "./Layers.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))
const corpus = join(root, "../shared/conformance")
const isCorpusThere = existsSync(join(corpus, "methods"))

interface Key {
  readonly variable: string
  /** Where a request shows the key. */
  readonly header?: string
  readonly apis: ReadonlyArray<FakeProvider.Request["api"]>
  readonly makesImages: boolean
  /** Methods that end otherwise with this key, and how. */
  readonly otherwise?: Readonly<Record<string, string>>
}

const blind = "model.capability_unsupported"

const keys: ReadonlyArray<Key> = [
  {
    variable: "OPENAI_API_KEY",
    header: "authorization",
    apis: ["openai_responses", "openai_images"],
    makesImages: true
  },
  {
    variable: "ANTHROPIC_API_KEY",
    header: "x-api-key",
    apis: ["anthropic_messages"],
    makesImages: false
  },
  {
    variable: "GOOGLE_API_KEY",
    header: "x-goog-api-key",
    apis: ["google_generate"],
    makesImages: true
  },
  {
    variable: "MISTRAL_API_KEY",
    header: "authorization",
    apis: ["mistral_chat", "openai_chat", "mistral_ocr"],
    makesImages: false
  },
  {
    variable: "OLLAMA_HOST",
    apis: ["openai_chat"],
    makesImages: false,
    // They show images to the default model, which is one of text alone here: one that sees has to be named ("$vision").
    otherwise: { diff_llm_gal_with: blind, diff_llm_page_with: blind, images_in_prompt: blind }
  }
]

/** The packaged backends at their places on the fake provider: nothing but addresses is changed. */
const endpoints: Readonly<Record<string, string>> = {
  openai: "/v1",
  anthropic: "",
  google: "/v1beta",
  mistral: "/v1",
  groq: "/v1",
  xai: "/v1",
  openrouter: "/v1",
  scaleway: "/v1",
  fal: "",
  linkup: "/v1"
}

const override = (url: string): string =>
  Object.entries(endpoints).map(([name, path]) => `[${name}]\nendpoint = "${url}${path}"\n`).join("")

const secret = "key-of-this-test"

/** The recorded documents have three pages, and views are made of each. */
const pages: FakeProvider.Rule = {
  match: { path: "/ocr" },
  reply: {
    body: {
      model: "mistral-ocr-latest",
      pages: Array.from({ length: 3 }, (_, index) => ({ index, markdown: `Page ${index}`, images: [] })),
      usage_info: { pages_processed: 3 }
    }
  }
}

const start = Effect.fnUntraced(function*({ variable }: Key) {
  const { requests, rules, url } = yield* FakeProvider.start
  yield* rules([pages])
  const folder = yield* Folder.make({ "inference/backends_override.toml": override(url) })
  const value = variable === "OLLAMA_HOST" ? url : secret
  const setting: Setting = {
    configuration: yield* Configuration.loadFolder(folder),
    environment: { get: (name) => name === variable ? value : undefined }
  }
  return { requests, setting }
})

/** A method, and how it is to end: `ok`, or with the code of the failure that is its own doing. */
interface Tried {
  readonly each: Case
  readonly ending: string
}

const tried = (each: Case): Tried => {
  const outcome = object(expected(judge(each), "outcome"))
  return { each, ending: string(outcome["status"]) === "error" ? string(outcome["code"]) ?? "" : "ok" }
}

const bundlesOf = ({ folder }: Case): string =>
  readdirSync(folder).filter((name) => name.endsWith(".mthds")).map((name) => readFileSync(join(folder, name), "utf8"))
    .join("\n")

/** Naming a provider's model is asking for its key. */
const namesNoModel = (each: Case): boolean => !/^model(_\w+)?\s*=\s*["{](?![$@~])/m.test(bundlesOf(each))

const isAnsweredByRules = ({ folder }: Case): boolean => existsSync(join(folder, "script.json"))

const published = isCorpusThere ? cases(corpus, "methods").map(tried) : []

const example: Case = {
  kind: "methods",
  name: "meeting_minutes",
  folder: join(root, "examples/meeting_minutes"),
  features: [],
  settings: {}
}

const own: ReadonlyArray<Tried> = [
  example,
  ...cases(join(root, "test/cases"), "runs").filter((each) => namesNoModel(each) && !isAnsweredByRules(each))
].map(tried)

const inputsOf = Effect.fnUntraced(function*(folder: string) {
  const file = join(folder, "inputs.json")
  return existsSync(file) ? (yield* InputsFile.read(file, { cwd: folder })).values : {}
})

const endingOf = (failure: unknown): string =>
  failure instanceof PipeFailure ? `${failure.code}: ${failure.message}` : String(failure)

type Run = typeof layers[number]["run"]

const ran = (run: Run, each: Case, setting: Setting) =>
  Effect.gen(function*() {
    const { libraryDirs, path } = target(each)
    const asked = string(each.settings["pipe"])
    const { entry, issues, library } = yield* Method.load(path, {
      models: setting.configuration.models,
      compat: isCompat(each),
      libraryDirs,
      ...(asked === undefined ? {} : { pipe: asked })
    })
    if (library === undefined) return issues.map(({ code, message }) => `${code}: ${message}`).join("; ")
    const ref = yield* Effect.fromResult(entry)
    const inputs = yield* inputsOf(each.folder)
    const { result } = yield* run({ method: library, ref, inputs }, { ...setting, base: each.folder })
    return Result.isSuccess(result) ? "ok" : endingOf(result.failure)
  }).pipe(Effect.catch((failure) => Effect.succeed(endingOf(failure))))

/** Every one that does not end as it is to. */
const surprises = Effect.fnUntraced(function*(
  run: Run,
  all: ReadonlyArray<Tried>,
  setting: Setting,
  { otherwise = {} }: Key
) {
  const endings = yield* Effect.forEach(all, ({ each }) => ran(run, each, setting), { concurrency: 4 })
  return all.flatMap(({ each, ending }, index) => {
    const ended = endings[index] ?? ""
    const wanted = otherwise[each.name] ?? ending
    return ended === wanted || ended.startsWith(`${wanted}: `) ? [] : [`${each.name}: ${ended}, not ${wanted}`]
  })
})

/** Whoever was asked is the key's own provider, and was shown the key. */
const onlyAsked = ({ apis, header }: Key, sent: ReadonlyArray<FakeProvider.Logged>): void => {
  assert.isNotEmpty(sent)
  for (const { headers, request } of sent) {
    assert.include(apis, request.api)
    if (header !== undefined) assert.include(headers[header] ?? "", secret)
  }
}

const bundle = [
  pipe("paint", "PipeImgGen", { output: "Image", prompt: "A cat" }),
  pipe("look_up", "PipeSearch", { output: "SearchResult", prompt: "Cats" }),
  pipe("read_page", "PipeExtract", {
    inputs: { page: "Document" },
    output: "Page[]",
    model: "@default-extract-web-page"
  })
].join("\n")

const webPage = { page: { concept: "Document", content: { url: "https://example.invalid/cats" } } }

const lacking = "pipelex.config.credential_missing"

describe.each(layers)("on $name", ({ run }) => {
  describe.each(keys)("with $variable alone", (key) => {
    it.live.skipIf(!isCorpusThere)("every published method comes to its end", () =>
      Effect.gen(function*() {
        const { requests, setting } = yield* start(key)
        assert.deepStrictEqual(yield* surprises(run, published, setting, key), [])
        onlyAsked(key, yield* requests)
      }).pipe(Effect.provideService(References.MinimumLogLevel, "None"), Effect.provide(Folder.layer)), 120_000)

    it.live(
      "the example, and every method of ours that names no model, comes to its end",
      () =>
        Effect.gen(function*() {
          const { requests, setting } = yield* start(key)
          assert.deepStrictEqual(yield* surprises(run, own, setting, key), [])
          onlyAsked(key, yield* requests)
        }).pipe(Effect.provideService(References.MinimumLogLevel, "None"), Effect.provide(Folder.layer)),
      120_000
    )

    // What no language model does: images are made by OpenAI and Google alone, the web is searched and read by Linkup alone.
    it.live(
      "what its provider does not offer is refused before anything is sent, by the key that is missing",
      () =>
        Effect.gen(function*() {
          const { requests, setting } = yield* start(key)
          const method = methodOf(bundle, setting.configuration)
          const ends = Effect.fnUntraced(function*(ref: string, inputs = {}) {
            const { result } = yield* run({ method, ref, inputs }, setting)
            return Result.isSuccess(result) ? "ok" : result.failure.code
          })
          assert.strictEqual(yield* ends("d.look_up"), lacking)
          assert.strictEqual(yield* ends("d.read_page", webPage), lacking)
          assert.strictEqual(yield* ends("d.paint"), key.makesImages ? "ok" : lacking)
          assert.lengthOf(yield* requests, key.makesImages ? 1 : 0)
        }).pipe(Effect.provideService(References.MinimumLogLevel, "None"), Effect.provide(Folder.layer)),
      60_000
    )
  })
})
