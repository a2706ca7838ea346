/** What must not come out: keys nowhere, prompts and answers in no log, failure or event, whatever a provider does or says. */
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { join } from "node:path"
import * as Configuration from "../../src/config/Configuration.ts"
import * as Environment from "../../src/config/Environment.ts"
import { folder, run as runProgram } from "../cli/Program.ts"
import * as FakeProvider from "../fake/FakeProvider.ts"
import { pipe } from "../library/Fixture.ts"
import * as Folder from "../source/Folder.ts"
import * as Canaries from "./Canaries.ts"
import { layers, methodOf, type Setting } from "./Layers.ts"

const { answer, prompt, secret } = Canaries

/** Each kind of backend, and the pipes that call it. */
interface Wired {
  readonly backend: string
  readonly path: string
  /** The rest of the backend's table. */
  readonly table?: string
  readonly catalogue: string
  readonly pipes: (model: string) => ReadonlyArray<string>
}

const topic = { topic: "Text" }

const language = (model: string): ReadonlyArray<string> => [
  pipe(`text_${model}`, "PipeLLM", { inputs: topic, output: "Text", prompt: "Say $topic", model }),
  pipe(`object_${model}`, "PipeLLM", { inputs: topic, output: "Card", prompt: "Fill $topic", model })
]
const painting = (model: string) => [
  pipe(`text_${model}`, "PipeImgGen", { inputs: topic, output: "Image", prompt: "Paint $topic", model })
]
const searching = (model: string) => [
  pipe(`text_${model}`, "PipeSearch", { inputs: topic, output: "SearchResult", prompt: "Find $topic", model }),
  pipe(`object_${model}`, "PipeSearch", { inputs: topic, output: "Card", prompt: "Find $topic", model })
]
const reading = (model: string) => [
  pipe(`read_${model}`, "PipeExtract", { inputs: { page: "Document" }, output: "Page[]", model })
]

const llm = (sdk: string, method: string): string =>
  `[defaults]\nmodel_type = "llm"\nsdk = "${sdk}"\nstructure_method = "instructor/${method}"\nthinking_mode = "none"
inputs = ["text"]\noutputs = ["text", "structured"]\nmax_tokens = 1000\n`

const images = (sdk: string): string =>
  `[defaults]\nmodel_type = "img_gen"\nsdk = "${sdk}"\ninputs = ["text"]\noutputs = ["image"]\n`

const wired: ReadonlyArray<Wired> = [
  { backend: "chat", path: "/v1", catalogue: llm("openai", "openai_tools"), pipes: language },
  { backend: "json", path: "/v1", catalogue: llm("openai", "json_schema"), pipes: language },
  {
    backend: "responses",
    path: "/v1",
    table: "project = \"${PROJECT}\"\norganization = \"${secret:ORGANIZATION}\"\n",
    catalogue: llm("openai_responses", "openai_responses_tools"),
    pipes: language
  },
  {
    backend: "claude",
    path: "",
    table: "auth_header = \"${AUTH_HEADER}\"\n",
    catalogue: llm("anthropic", "anthropic_tools"),
    pipes: language
  },
  { backend: "mist", path: "/mistral/v1", catalogue: llm("mistral", "mistral_tools"), pipes: language },
  { backend: "gemini", path: "/v1beta", catalogue: llm("google", "genai_structured_outputs"), pipes: language },
  { backend: "painter", path: "/v1", catalogue: images("openai_img_gen"), pipes: painting },
  { backend: "banana", path: "/v1beta", catalogue: images("google"), pipes: painting },
  { backend: "queue", path: "", catalogue: images("fal"), pipes: painting },
  {
    backend: "search",
    path: "/v1",
    catalogue:
      "[defaults]\nmodel_type = \"search\"\nsdk = \"linkup\"\noutputs = [\"sourced-answers\", \"structured\"]\n",
    pipes: searching
  },
  {
    backend: "fetch",
    path: "/v1",
    catalogue:
      "[defaults]\nmodel_type = \"text_extractor\"\nsdk = \"linkup_fetch\"\ninputs = [\"web_page\"]\noutputs = [\"pages\"]\n",
    pipes: reading
  },
  {
    backend: "ocr",
    path: "/v1",
    catalogue:
      "[defaults]\nmodel_type = \"text_extractor\"\nsdk = \"mistral\"\ninputs = [\"pdf\", \"image\"]\noutputs = [\"pages\"]\n",
    pipes: reading
  }
]

const variableOf = (backend: string): string => `${backend.toUpperCase()}_KEY`

/** What stands in the environment, and what in `.env`. */
const inEnvironment = ["chat", "responses", "claude", "gemini", "banana", "search", "ocr"]
const environment: Readonly<Record<string, string>> = {
  ...Object.fromEntries(inEnvironment.map((backend) => [variableOf(backend), secret(backend)])),
  PROJECT: secret("project"),
  AUTH_HEADER: Canaries.token("authheader"),
  TEAM: secret("team")
}
const dotEnv: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    wired.filter(({ backend }) => !inEnvironment.includes(backend)).map(({ backend }) => [
      variableOf(backend),
      secret(backend)
    ])
  ),
  ORGANIZATION: secret("organization")
}

const secretNames = [
  ...wired.map(({ backend }) => backend),
  "project",
  "organization",
  "authheader",
  "AUTHHEADER",
  "team",
  "literal"
]
const secretNeedles = Canaries.secretNeedles(secretNames)
const dataNeedles = [...Canaries.promptNeedles, ...Canaries.answerNeedles]

const rules = "[MODEL.rules]\nmodel_choice = \"model_id\"\nprompt = \"positive_only\"\n"

const modelTable = ({ backend, catalogue }: Wired): string =>
  `${catalogue}\n[m_${backend}]\nmodel_id = "${
    backend === "queue" ? "fal-ai/flux" : `id-${backend}`
  }"\nx-team = "\${TEAM}"
x-literal = '${secret("literal")}'\n${catalogue.includes("img_gen") ? rules.replace("MODEL", `m_${backend}`) : ""}`

const files = (url: string): Readonly<Record<string, string>> => ({
  ".env": Object.entries(dotEnv).map(([name, value]) => `${name}='${value}'\n`).join(""),
  ".pipelex/pipelex.toml": "[cogt]\ntransport_max_retries = 1\n[pipelex.log_config]\ndefault_log_level = \"DEV\"\n",
  ".pipelex/inference/backends.toml": `${
    wired.map(({ backend, path, table = "" }) =>
      `[${backend}]\nendpoint = "${url}${path}"\napi_key = "\${${variableOf(backend)}}"\n${table}`
    ).join("")
  }[internal]\n`,
  ".pipelex/inference/routing_profiles.toml": `active = "all"\n[profiles.all]\ndescription = ""\nfallback_order = ${
    JSON.stringify([...wired.map(({ backend }) => backend), "internal"])
  }\n`,
  ...Object.fromEntries(wired.map((each) => [`.pipelex/inference/backends/${each.backend}.toml`, modelTable(each)])),
  ".pipelex/inference/backends/internal.toml": ""
})

const card = `[concept.Card]
description = "c"
[concept.Card.structure]
title = { type = "text", description = "t", required = true }
size = { type = "integer", description = "s", required = true }
`

const bundle = [card, ...wired.flatMap(({ backend, pipes }) => pipes(`m_${backend}`))].join("\n")

const started = Effect.gen(function*() {
  const provider = yield* FakeProvider.start
  const base = yield* Folder.make(files(provider.url))
  const configuration = yield* Configuration.loadFolder(join(base, ".pipelex"))
  const setting: Setting = {
    configuration,
    environment: yield* Environment.load({ cwd: base }).pipe(
      Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env: environment }))
    ),
    base,
    storage: { directory: join(base, "storage") }
  }
  return { provider, setting, base, method: methodOf(bundle, configuration) }
})

/** One thing that goes wrong, whatever is called. */
interface Fault {
  readonly name: string
  readonly rules: ReadonlyArray<FakeProvider.Rule>
  /** Only where objects are asked for. */
  readonly isOfObjects?: boolean
  /** The client's patience. */
  readonly timeoutSeconds?: number
}

const soon = { "retry-after-ms": "1" }

const refusing = (message: string, type = "invalid_request_error") => ({ error: { message, type, code: type } })

const statuses = [400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 504, 529]

/** What is asked in words. */
const askedOf = (backend: string): ReadonlyArray<string> => {
  if (backend === "fetch") return [page.fetch]
  return backend === "ocr" ? [] : [prompt, `Say ${prompt}`]
}

/** What a provider may repeat: the keys of the backend as they were sent, and what it was asked. */
const repeated = (backend: string): ReadonlyArray<string> => [
  secret(backend),
  `Bearer ${secret(backend)}`,
  `Key ${secret(backend)}`,
  secret("team"),
  secret("literal"),
  ...(backend === "responses" ? [secret("project"), secret("organization")] : []),
  ...(backend === "claude" ? [`${Canaries.token("authheader")}: ${secret(backend)}`] : []),
  ...askedOf(backend)
]

/** Said in a header, it is said in ASCII. */
const inHeader = (said: string) => /^[\x20-\x7e]*$/.test(said) ? { "x-request-id": said } : {}

const refusingWith = (name: string) => (said: string, form: number): Fault => ({
  name: `${name}.${form} in message, code and request id`,
  rules: [{
    reply: { status: 400, headers: inHeader(said), body: refusing(`What is '${said}' doing in ${said}?`, said) }
  }]
})

const crashingWith = (word: string, index: number): Fault => ({
  name: `echo ${index} in a text that is no JSON`,
  rules: [{ reply: { status: 500, headers: soon, raw: `Cannot serve ${word}` } }]
})

const echoing = (backend: string): ReadonlyArray<Fault> => {
  const words = repeated(backend)
  return [
    ...words.flatMap((word, index) => Canaries.echoes(word).map(refusingWith(`echo ${index}`))),
    ...words.map(crashingWith)
  ]
}

const unfit = { tool_text: JSON.stringify({ title: answer, size: answer }), object: { title: answer, size: answer } }

const well: ReadonlyArray<FakeProvider.Rule> = [
  { match: { structured: true }, reply: { object: { title: answer, size: 1 } } },
  { reply: { text: answer } }
]

const faultsOf = (asked: string): ReadonlyArray<Fault> => [
  ...statuses.map((status): Fault => ({
    name: String(status),
    rules: [{ reply: { status, headers: soon, body: refusing(`${asked} is wrong`) } }]
  })),
  { name: "quota", rules: [{ reply: { status: 429, body: refusing(`exceeded your current quota: ${asked}`) } }] },
  { name: "reset", rules: [{ reply: { reset: true } }] },
  { name: "orderly end", rules: [{ reply: { reset: "fin" } }] },
  { name: "timeout", rules: [{ reply: { delay_ms: 2000, text: answer } }], timeoutSeconds: 0.2 },
  { name: "cut", rules: [{ reply: { cut: 120, text: answer } }] },
  { name: "not JSON", rules: [{ reply: { raw: `<html>${answer}</html>` } }] },
  { name: "broken JSON", rules: [{ reply: { raw: `{"text": "${answer}` } }] },
  { name: "another shape", rules: [{ reply: { body: { said: answer, content: { text: answer } } } }] },
  { name: "an error in a good answer", rules: [{ reply: { body: refusing(`${asked} is wrong`) } }] },
  { name: "refusal", rules: [{ reply: { refusal: answer } }] },
  { name: "truncation", rules: [{ reply: { text: answer, finish: "length" } }] },
  { name: "truncation (Anthropic)", rules: [{ reply: { text: answer, finish: "max_tokens" } }] },
  { name: "filter", rules: [{ reply: { text: answer, finish: "content_filter" } }] },
  { name: "re-asks exhausted", rules: [{ reply: unfit }], isOfObjects: true },
  { name: "JSON that breaks off", rules: [{ reply: { tool_text: `{"title": "${answer}` } }], isOfObjects: true },
  { name: "no call of the tool", rules: [{ reply: { text: answer } }], isOfObjects: true },
  ...Canaries.echoes(answer).map((said): Fault => ({
    name: "an echo of the answer in a refusal to be asked again",
    rules: [
      { reply: unfit, times: 1 },
      { reply: { status: 400, body: refusing(`What is '${said}' doing in ${said}?`) } }
    ],
    isOfObjects: true
  })),
  {
    name: "error in the stream",
    rules: [{
      reply: {
        headers: { "content-type": "text/event-stream" },
        raw: [
          { type: "message_start", message: { id: "m", type: "message", role: "assistant", content: [], usage: {} } },
          { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
          { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: answer } },
          { type: "error", error: { type: "overloaded_error", message: `Overloaded by ${asked}` } }
        ].map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join("")
      }
    }]
  },
  { name: "nothing", rules: well }
]

const patient = (setting: Setting, { timeoutSeconds }: Fault): Setting => {
  if (timeoutSeconds === undefined) return setting
  const { options } = setting.configuration
  const inference = {
    ...options.inference,
    requestTimeoutSeconds: timeoutSeconds,
    anthropicStructuredOutputTimeoutSeconds: timeoutSeconds
  }
  return { ...setting, configuration: { ...setting.configuration, options: { ...options, inference } } }
}

const page = {
  ocr: "data:application/pdf;base64,JVBERi0xLjQKJcOkw7zDtsOfCg==",
  fetch: `https://example.invalid/${encodeURIComponent(prompt)}`
}

const inputsOf = (backend: string) =>
  backend === "ocr" || backend === "fetch"
    ? { page: { concept: "Document", content: { url: page[backend] } } }
    : { topic: prompt }

/** A durable run takes its time, and its leaves are the same handlers: one backend of each kind, and the faults that end in their own way. */
const durably = {
  backends: new Set(["chat", "claude", "painter", "ocr"]),
  faults: new Set(["401", "404", "429", "500", "refusal", "re-asks exhausted", "nothing"])
}

describe.each(layers)("on $name", ({ name: layer, open }) => {
  const { run } = open()
  const isDurable = layer === "Temporal"
  const called = wired.filter(({ backend }) => !isDurable || durably.backends.has(backend))
  const met = (faults: ReadonlyArray<Fault>) => faults.filter(({ name }) => !isDurable || durably.faults.has(name))

  describe.concurrent.each(called)("a call of $backend", ({ backend, pipes }) => {
    const refs = pipes(`m_${backend}`).map((text) => `d.${/^\[pipe\.(\w+)\]/.exec(text)?.[1]}`)

    it.live(
      "gives nothing away in logs, failures, events and spans, whatever is answered",
      () =>
        Effect.gen(function*() {
          const { base, method, provider: { all, requests, rules: obey }, setting } = yield* started
          const leaks: Array<string> = []
          const failed = new Set<string>()
          let logged = 0
          for (const ref of refs) {
            const isOfObjects = ref.startsWith("d.object")
            for (const fault of met([...faultsOf(askedOf(backend)[0] ?? "This"), ...echoing(backend)])) {
              if (fault.isOfObjects === true && !isOfObjects) continue
              yield* obey(fault.rules)
              const { heard, value } = yield* Canaries.listening(
                run({ method, ref, inputs: inputsOf(backend) }, patient(setting, fault))
              )
              const failure = Result.isFailure(value.result) ? value.result.failure : undefined
              if (failure !== undefined) failed.add(failure.code)
              logged += heard.logs.length
              const told: Readonly<Record<string, string>> = {
                logs: heard.logs.join("\n"),
                spans: heard.spans(),
                events: JSON.stringify(value.events),
                failure: failure === undefined ? "" : Canaries.shown(failure)
              }
              for (const [place, text] of Object.entries(told)) {
                for (const word of Canaries.found(text, [...secretNeedles, ...dataNeedles])) {
                  leaks.push(`${ref}, ${fault.name}: ${place} has ${word}`)
                }
              }
              assert.isNotEmpty(yield* requests, `${ref}, ${fault.name}: nobody was asked`)
              const [first] = yield* all
              assert.isNotEmpty(
                Canaries.found(JSON.stringify(first?.headers), Canaries.needles(Canaries.token(backend)))
              )
            }
          }
          assert.deepStrictEqual(leaks, [])
          assert.isAbove(failed.size, 3)
          assert.isAbove(logged, 0)
          for (const [name, text] of Canaries.filesBelow(join(base, "storage"))) {
            assert.deepStrictEqual(Canaries.found(text, secretNeedles), [], name)
          }
        }).pipe(Effect.provide(Folder.layer)),
      120_000
    )
  })
})

/** One line of the command line in a project of its own, and what the provider does meanwhile. */
interface Line {
  readonly words: ReadonlyArray<string>
  readonly program?: "pipelex" | "pipelex-agent"
  readonly rules?: ReadonlyArray<FakeProvider.Rule>
  readonly code: number
}

const failing: ReadonlyArray<FakeProvider.Rule> = [{
  reply: {
    status: 500,
    headers: soon,
    body: refusing(repeated("chat").flatMap(Canaries.echoes).join(" and "), repeated("chat").join(" and "))
  }
}]

const unfitting: ReadonlyArray<FakeProvider.Rule> = [{ reply: unfit }]

const running = (pipeCode: string, ...more: ReadonlyArray<string>) => [
  "run",
  "bundle",
  "lab.mthds",
  "--pipe",
  pipeCode,
  "--inputs",
  "inputs.json",
  ...more
]

const lines: ReadonlyArray<Line> = [
  { words: running("text_m_chat"), rules: well, code: 0 },
  { words: running("object_m_claude", "--json"), rules: well, code: 0 },
  { words: running("text_m_painter"), rules: well, code: 0 },
  { words: running("object_m_gemini", "--verbose"), rules: well, code: 0 },
  { words: running("text_m_chat"), rules: failing, code: 1 },
  { words: running("text_m_chat", "--traceback"), rules: failing, code: 1 },
  { words: running("text_m_chat", "--json"), rules: failing, code: 1 },
  { words: running("text_m_chat", "--json", "--traceback"), rules: failing, code: 1 },
  { words: running("object_m_responses", "--traceback"), rules: unfitting, code: 1 },
  { words: running("text_m_chat"), program: "pipelex-agent", rules: well, code: 0 },
  { words: running("text_m_chat", "--traceback"), program: "pipelex-agent", rules: failing, code: 1 },
  { words: ["show", "config", "--origin"], code: 0 },
  { words: ["show", "backends"], code: 0 },
  { words: ["show", "models"], code: 0 },
  { words: ["doctor"], code: 0 },
  { words: ["models"], program: "pipelex-agent", code: 0 },
  { words: ["doctor"], program: "pipelex-agent", code: 0 }
]

/** Where the secrets are meant to be. */
const isTheUsers = (file: string): boolean => file === ".env" || file.startsWith(join(".pipelex", "inference"))

describe.concurrent("the command line", () => {
  for (const { code, program = "pipelex", rules: obeyed = [], words } of lines) {
    const place = lines.findIndex((line) => line.words === words)
    const outcome = obeyed === well || obeyed.length === 0 ? "" : " when it fails"
    it.live(`${place}: ${program} ${words.join(" ")} gives no key away${outcome}`, () =>
      Effect.gen(function*() {
        const { requests, rules: obey, url } = yield* FakeProvider.start
        yield* obey(obeyed)
        const cwd = yield* folder({
          ...files(url),
          "lab.mthds": `domain = "d"\n${bundle}`,
          "inputs.json": JSON.stringify({ topic: prompt })
        })
        const ran = yield* runProgram(words, { cwd, program, env: environment })
        assert.strictEqual(ran.code, code, ran.stderr)
        if (obeyed.length > 0) assert.isNotEmpty(yield* requests)
        const told = { stdout: ran.stdout, stderr: ran.stderr }
        for (const [name, text] of Object.entries(told)) {
          assert.deepStrictEqual(Canaries.found(text, secretNeedles), [], name)
        }
        if (code !== 0) assert.deepStrictEqual(Canaries.found(ran.stdout, dataNeedles), [], "stdout")
        assert.deepStrictEqual(Canaries.found(ran.stderr, dataNeedles), [], "stderr")
        for (const [name, text] of Canaries.filesBelow(cwd)) {
          if (!isTheUsers(name)) assert.deepStrictEqual(Canaries.found(text, secretNeedles), [], name)
        }
      }), 120_000)
  }
})
