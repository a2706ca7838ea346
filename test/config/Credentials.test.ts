import { assert, describe, it } from "@effect/vitest"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type { JsonObject } from "../../src/concept/Json.ts"
import type { Backend } from "../../src/config/Backends.ts"
import * as Backends from "../../src/config/Backends.ts"
import * as Credentials from "../../src/config/Credentials.ts"
import * as OllamaHost from "../../src/config/OllamaHost.ts"
import * as Placeholder from "../../src/config/Placeholder.ts"
import * as Scrub from "../../src/config/Scrub.ts"

const from = (variables: Readonly<Record<string, string>>): Placeholder.Variables => (name) => variables[name]

const none: Backend = { name: "", isEnabled: false, extra: {}, models: [] }

/** A backend as its two files say. */
const backend = (name: string, table: JsonObject, models: JsonObject = {}): Backend => {
  const read = Backends.readBackends({ [name]: table })
  const catalogue = Backends.readModels(name, { file: name, text: "", values: models }, {})
  assert.deepStrictEqual([read.faults, catalogue.faults], [[], []])
  const [found = none] = read.value
  return { ...found, models: catalogue.value }
}

const connected = (each: Backend, variables: Readonly<Record<string, string>>) =>
  Result.getOrThrow(Credentials.connections({ backends: [each] }, from(variables)).get(each.name))

const missing = (each: Backend, variables: Readonly<Record<string, string>>): ReadonlyArray<string> => {
  const found = Credentials.connections({ backends: [each] }, from(variables)).get(each.name)
  return Result.isFailure(found) ? found.failure.variables : []
}

describe("Placeholder.resolve", () => {
  const variables = from({ A: "1", B: "2", EMPTY: "", TRICK: "${A}$&$1" })
  const resolved: ReadonlyArray<readonly [written: string, text: string]> = [
    ["plain", "plain"],
    ["${A}", "1"],
    ["${env:A}-${secret:B}", "1-2"],
    ["${EMPTY|env:NONE|secret:B}", "2"],
    ["https://${A}.x/${B}", "https://1.x/2"],
    ["${TRICK}", "${A}$&$1"]
  ]
  it.each(resolved)("makes of %s %s", (written, text) => {
    const found = Placeholder.resolve(written, variables)
    assert.strictEqual(Result.isSuccess(found) ? found.success.text : undefined, text)
  })

  it("names one variable for each placeholder that has no answer, an empty one included", () => {
    const found = Placeholder.resolve("${A}${EMPTY}${X|env:Y}${X}", variables)
    assert.deepStrictEqual(Result.isFailure(found) ? found.failure : [], ["EMPTY", "X"])
  })
})

describe("Credentials.connections", () => {
  const azure = backend("azure", {
    endpoint: "https://${HOST}/v1",
    api_key: "${KEY|env:OLD_KEY}",
    api_version: "${VERSION}",
    debug: true,
    retries: 3
  })

  it("resolves endpoint, key and whatever else the backend says, keeping every text hidden", () => {
    const { apiKey, endpoint, extra } = connected(azure, { HOST: "h", OLD_KEY: "the-key", VERSION: "2024" })
    assert.strictEqual(endpoint, "https://h/v1")
    assert.strictEqual(apiKey === undefined ? undefined : Redacted.value(apiKey), "the-key")
    const version = extra["api_version"]
    assert.strictEqual(Redacted.isRedacted(version) ? Redacted.value(version) : version, "2024")
    assert.deepStrictEqual([extra["debug"], extra["retries"]], [true, 3])
    assert.notInclude(JSON.stringify({ apiKey, extra }), "the-key")
  })

  it("names what is not set, and is not serving then", () => {
    assert.sameMembers([...missing(azure, { HOST: "h" })], ["KEY", "VERSION"])
    const { isServing } = Credentials.connections({ backends: [azure] }, from({ HOST: "h" }))
    assert.isFalse(isServing(azure))
  })

  it("needs no key where the file names none, and knows backends that do", () => {
    const local = backend("vllm", { endpoint: "http://localhost:8000/v1" })
    assert.isUndefined(connected(local, {}).apiKey)
    assert.deepStrictEqual([local, azure, backend("internal", {})].map(Credentials.needsKey), [false, true, false])
    assert.deepStrictEqual(missing({ ...local, name: "other" }, {}), [])
  })

  const gateway = backend("gateway", { api_key: "k-0123" }, {
    defaults: { sdk: "openai" },
    plain: {},
    tagged: { "x-team": "${TEAM}", model_id: "${DEPLOYMENT}", rules: { prompt: "positive_only" }, variant: "v" }
  })

  it("asks for a model's own headers only when that model is used", () => {
    const { get, isServing, lackedBy } = Credentials.connections({ backends: [gateway] }, from({}))
    assert.isTrue(Result.isSuccess(get("gateway")))
    assert.isTrue(isServing(gateway))
    assert.deepStrictEqual(gateway.models.map(lackedBy), [[], ["TEAM", "DEPLOYMENT"]])
  })

  it("gives a model's wire facts, resolved", () => {
    const { model } = connected(gateway, { TEAM: "blue-team", DEPLOYMENT: "d1" })
    const wire = model("llm", "tagged")
    assert.deepStrictEqual([wire.modelId, wire.variant, wire.rules], ["d1", "v", { prompt: "positive_only" }])
    assert.deepStrictEqual(Object.entries(wire.headers).map(([name, value]) => [name, Redacted.value(value)]), [
      ["x-team", "blue-team"]
    ])
    assert.strictEqual(model("llm", "unheard-of").modelId, "unheard-of")
  })

  it("blanks every secret of the backend, headers of its models included", () => {
    const { scrub } = connected(gateway, { TEAM: "blue-team", DEPLOYMENT: "d1" })
    assert.strictEqual(scrub("k-0123 of blue-team at d1"), "[redacted] of [redacted] at d1")
  })
})

describe("Scrub.scrubber", () => {
  const scrub = Scrub.scrubber(["pa ss/wörd+1", "abc"])

  it("blanks a secret as it is, in an address, in base64 and in JSON", () => {
    const base64 = Buffer.from("pa ss/wörd+1").toString("base64")
    const url = Buffer.from("pa ss/wörd+1").toString("base64url")
    for (const form of ["pa ss/wörd+1", encodeURIComponent("pa ss/wörd+1"), base64, url]) {
      assert.notInclude(scrub(`before ${form} after`), form)
      assert.match(scrub(`before ${form} after`), /^before .* after$/)
    }
    assert.strictEqual(Scrub.scrubber(["a\"b\\c"])(JSON.stringify({ k: "a\"b\\c" })), "{\"k\":\"[redacted]\"}")
  })

  it("leaves words that a short secret is part of", () => {
    assert.strictEqual(scrub("abcdef"), "abcdef")
  })

  const shapes: ReadonlyArray<string> = [
    "sk-proj-0123456789",
    "sk-ant-api03-0123456789",
    "Bearer eyJ0123456789.abc",
    "AIzaSy0123456789012345",
    "https://x/?key=0123456789",
    "https://x/?a=1&access_token=0123456789&b=2",
    "https://user:0123456789@host/"
  ]
  it.each(shapes)("blanks what looks like a key: %s", (text) => {
    const clean = Scrub.scrubber([])(`refused ${text} here`)
    assert.include(clean, "[redacted]")
    assert.notInclude(clean, "0123456789")
    assert.match(clean, /^refused .* here$/)
  })

  it("leaves ordinary texts alone", () => {
    const text = "the key is wrong: see https://x.com/a?page=2 and task-force monkey=3 (basic rules)"
    assert.strictEqual(Scrub.scrubber([])(text), text)
  })
})

describe("OLLAMA_HOST", () => {
  const written: ReadonlyArray<readonly [written: string, endpoint: string | undefined]> = [
    ["localhost", "http://localhost:11434/v1"],
    ["10.0.0.2:8080", "http://10.0.0.2:8080/v1"],
    [":11500", "http://127.0.0.1:11500/v1"],
    ["0.0.0.0", "http://127.0.0.1:11434/v1"],
    ["0.0.0.0:99", "http://127.0.0.1:99/v1"],
    ["http://box", "http://box:80/v1"],
    ["https://box.example/", "https://box.example:443/v1"],
    ["https://box.example/ollama", "https://box.example:443/ollama/v1"],
    ["http://box:1/v1", "http://box:1/v1"],
    ["[::1]:5", "http://[::1]:5/v1"],
    ["::1", "http://[::1]:11434/v1"],
    ["", undefined],
    ["ftp://x", undefined]
  ]
  it.each(written)("%s is %s", (host, endpoint) => {
    assert.strictEqual(OllamaHost.endpoint(host), endpoint)
  })

  const ollama: Backend = {
    name: "ollama",
    isEnabled: false,
    endpoint: "http://localhost:11434/v1",
    extra: {},
    models: []
  }
  const configured = (each: Backend) => Credentials.configuredBy([each], from({ OLLAMA_HOST: "box:1" }))[0]

  it("turns the backend on where it is, and leaves one alone that a file has elsewhere", () => {
    assert.deepStrictEqual(configured(ollama), { ...ollama, isEnabled: true, endpoint: "http://box:1/v1" })
    const elsewhere = { ...ollama, isEnabled: true, endpoint: "http://mine:2/v1" }
    assert.deepStrictEqual(configured(elsewhere), elsewhere)
    const other = { ...ollama, name: "vllm" }
    assert.deepStrictEqual(configured(other), other)
  })
})
