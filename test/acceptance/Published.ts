/** Whole methods with their inputs: those that are published, and ours that name no model. The packaged backends answer, on the fake provider. */
import * as Effect from "effect/Effect"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import * as Configuration from "../../src/config/Configuration.ts"
import * as InputsFile from "../../src/source/InputsFile.ts"
import * as Method from "../../src/source/Method.ts"
import { type Case, cases, expected, judge, object, string, target } from "../conformance/Corpus.ts"
import { isCompat } from "../conformance/Running.ts"
import * as FakeProvider from "../fake/FakeProvider.ts"
import * as Folder from "../source/Folder.ts"
import type { Asked, Setting } from "./Layers.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))
const corpus = join(root, "../shared/conformance")

export const isCorpusThere = existsSync(join(corpus, "methods"))

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

export const secret = "key-of-this-test"

/** The recorded documents have three pages, and views are made of each. */
export const pages: FakeProvider.Rule = {
  match: { path: "/ocr" },
  reply: {
    body: {
      model: "mistral-ocr-latest",
      pages: Array.from({ length: 3 }, (_, index) => ({ index, markdown: `Page ${index}`, images: [] })),
      usage_info: { pages_processed: 3 }
    }
  }
}

/** A provider, and what leads to it whoever has this one key. */
export const start = Effect.fnUntraced(function*(variable: string) {
  const provider = yield* FakeProvider.start
  yield* provider.rules([pages])
  const folder = yield* Folder.make({ "inference/backends_override.toml": override(provider.url) })
  const value = variable === "OLLAMA_HOST" ? provider.url : secret
  const setting: Setting = {
    configuration: yield* Configuration.loadFolder(folder),
    environment: { get: (name) => name === variable ? value : undefined }
  }
  return { provider, setting }
})

/** A method, and how it is to end: `ok`, or with the code of the failure that is its own doing. */
export interface Tried {
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

export const published: ReadonlyArray<Tried> = isCorpusThere ? cases(corpus, "methods").map(tried) : []

const example: Case = {
  kind: "methods",
  name: "meeting_minutes",
  folder: join(root, "examples/meeting_minutes"),
  features: [],
  settings: {}
}

export const own: ReadonlyArray<Tried> = [
  example,
  ...cases(join(root, "test/cases"), "runs").filter((each) => namesNoModel(each) && !isAnsweredByRules(each))
].map(tried)

const inputsOf = Effect.fnUntraced(function*(folder: string) {
  const file = join(folder, "inputs.json")
  return existsSync(file) ? (yield* InputsFile.read(file, { cwd: folder })).values : {}
})

/** What a run of the method is asked for; what is wrong with it when it cannot be run. */
export const asked = Effect.fnUntraced(function*(each: Case, { configuration: { models } }: Setting) {
  const { libraryDirs, path } = target(each)
  const pipe = string(each.settings["pipe"])
  const { entry, issues, library } = yield* Method.load(path, {
    models,
    compat: isCompat(each),
    libraryDirs,
    ...(pipe === undefined ? {} : { pipe })
  })
  if (library === undefined) return issues.map(({ code, message }) => `${code}: ${message}`).join("; ")
  const found: Asked = { method: library, ref: yield* Effect.fromResult(entry), inputs: yield* inputsOf(each.folder) }
  return found
})
