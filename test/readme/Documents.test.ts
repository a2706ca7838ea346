/** What the README and the documents say is true: their commands run, their files hold what they show, their prints are what is printed. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"
import * as Server from "../temporal/Server.ts"
import * as Documents from "./Documents.ts"
import * as Place from "./Place.ts"
import * as Shell from "./Shell.ts"

const pages = [...Documents.documents, "CONTRIBUTING.md"]

const examples = readdirSync(join(Documents.root, "examples/compose")).map((name) => `examples/compose/${name}`)

/** Two runs of the same are told apart by their ids alone. */
const anonymous = (text: string): string => text.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "<id>")

/** Takes free ports: the usual ones, and those of a document, may be taken on this machine. */
const anyPort = (argv: ReadonlyArray<string>): ReadonlyArray<string> => [
  ...argv.map((word, at) => /^--\w+-port$/.test(argv[at - 1] ?? "") ? "0" : word),
  ...(argv.includes("codec-server") ? ["--port", "0"] : [])
]

const wantsServer = (file: string): boolean =>
  Documents.blocks(file, "sh").some(({ text }) => Shell.commands(text).some(Shell.isServer))

/** Goes through a document from its start, as its reader would: writes the files it shows, runs its commands, gives what they print. */
const followed = Effect.fnUntraced(function*(file: string, place: Place.Place) {
  const exported: Record<string, string> = {}
  const printed: Array<string> = []
  const services = new Map<string, Effect.Success<ReturnType<typeof Shell.service>>>()
  const stop = Effect.fnUntraced(function*(written: string) {
    const ran = yield* services.get(written)?.stop ?? Effect.succeed({ code: 0, stderr: "" })
    assert.strictEqual(ran.code, 0, `${written}\n${ran.stderr}`)
  })
  for (const { language, text } of Documents.blocks(file, "sh", "toml")) {
    if (language === "toml") {
      const name = Place.fileOf(text)
      if (name !== undefined) Place.write(place.cwd, name, place.led(text))
      continue
    }
    for (const line of Shell.commands(place.led(text))) {
      if (line.words.length === 0) Object.assign(exported, line.variables)
      if (!Shell.isStarted(line)) continue
      const env = { ...place.env, ...exported, ...line.variables }
      const where = { cwd: place.cwd, env }
      if (Shell.isService(line)) {
        // Started again, as its reader would: the one that runs is stopped first.
        yield* stop(line.written)
        services.set(line.written, yield* Shell.service(anyPort(Shell.argv(line)), where))
        continue
      }
      const { code, stderr, stdout } = yield* Shell.node(Shell.argv(line), where)
      assert.strictEqual(code, line.code, `${line.written}\n${stdout}\n${stderr}`)
      printed.push(stdout, stderr)
    }
  }
  yield* Effect.forEach(services.keys(), stop)
  return anonymous(printed.join("\n"))
})

const textBlocks = (file: string): ReadonlyArray<string> => Documents.blocks(file, "text").map(({ text }) => text)

describe.each(pages)("%s", (file) => {
  it("names only scripts that exist", () => {
    const named = Array.from(Documents.read(file).matchAll(/npm run ([a-z-]+)/g), ([, name = ""]) => name)
    assert.deepStrictEqual(named.filter((name) => !Shell.isScript(name)), [])
  })

  it("links only to files and headings that exist", () => {
    const wrong = Documents.links(file).filter(({ heading, target }) =>
      !existsSync(join(Documents.root, target)) ||
      (heading !== undefined && !Documents.headings(target).includes(heading))
    )
    assert.deepStrictEqual(wrong, [])
  })

  it("shows TypeScript that stands in an example", () => {
    const sources = examples.map(Documents.read)
    const missing = Documents.blocks(file, "ts").filter(({ text }) => !sources.some((source) => source.includes(text)))
    assert.deepStrictEqual(missing, [])
  })
})

/** The last request that a document's commands send: its path and its model. */
const askedLast: Readonly<Record<string, ReadonlyArray<unknown>>> = {
  "docs/inference.md": ["/v1/chat/completions", "Qwen/Qwen3-32B"]
}

describe("the commands", () => {
  for (const file of Documents.documents) {
    if (Documents.blocks(file, "sh").length === 0) continue
    it.live(`of ${file} end as it says, and print what it shows`, () =>
      Effect.gen(function*() {
        const place = yield* Place.make
        if (wantsServer(file)) Place.durable(place, yield* Server.address, yield* Server.queue("readme"))
        const printed = yield* followed(file, place)
        const shown = textBlocks(file).filter((text) => !text.includes("HTTP 401")).map(anonymous)
        for (const text of shown) assert.include(printed, text)
        const wanted = askedLast[file]
        const last = (yield* place.provider.requests).at(-1)
        if (wanted !== undefined) assert.deepStrictEqual([last?.path, last?.request.model], wanted)
      }), 240_000)
  }
})

describe("the README", () => {
  it("runs on Node 24", () => {
    assert.match(process.version, /^v24\./)
  })

  it("shows the method that its commands run", () => {
    assert.include(
      Documents.blocks(Documents.readme, "toml").map(({ text }) => text),
      Documents.read("examples/notes.mthds")
    )
  })

  it.live("shows a refused key as it is told", () =>
    Effect.gen(function*() {
      const { cwd, env, provider } = yield* Place.make
      yield* provider.rules([{
        reply: {
          status: 401,
          body: { type: "error", error: { type: "authentication_error", message: "invalid x-api-key" } }
        }
      }])
      const line = Shell.commands("pipelex run bundle examples/notes.mthds --inputs '{\"message\": \"Hello\"}'")
      const [{ code, stderr } = { code: 0, stderr: "" }] = yield* Effect.forEach(
        line,
        (each) => Shell.node(Shell.argv(each), { cwd, env: { ...env, ANTHROPIC_API_KEY: "sk-ant-0" } })
      )
      assert.strictEqual(code, 1)
      const block = textBlocks(Documents.readme).find((text) => text.includes("HTTP 401"))
      assert.isDefined(block)
      assert.include(stderr, block)
    }), 60_000)

  it.live(
    "has a demo that reads a PDF, shows progress, result and files, and says that it was simulated",
    () =>
      Effect.gen(function*() {
        const { cwd, env } = yield* Place.make
        const [line] = Shell.commands("npm run demo")
        assert.isDefined(line)
        const { code, stderr, stdout } = yield* Shell.node(Shell.argv(line), { cwd, env })
        assert.strictEqual(code, 0, stderr)
        assert.match(stderr, /read_notes/)
        assert.match(stdout, /simulated/)
        const results = join(cwd, "results")
        const [folder = ""] = readdirSync(results)
        assert.include(readdirSync(join(results, folder)), "main_stuff.json")
      }),
    60_000
  )
})

describe("the examples", () => {
  const run = (name: string, rules: Parameters<Place.Place["provider"]["rules"]>[0], key: string) =>
    Effect.gen(function*() {
      const { cwd, env, provider } = yield* Place.make
      yield* provider.rules(rules)
      const { code, stderr, stdout } = yield* Shell.node([
        "--conditions=development",
        join(Documents.root, "examples/compose", name)
      ], { cwd, env: key === "" ? env : { ...env, [key]: "sk-0" } })
      assert.strictEqual(code, 0, stderr)
      return { stdout, sent: yield* provider.requests }
    })

  it.live("review.ts asks the backend whose key is set", () =>
    Effect.gen(function*() {
      const { sent, stdout } = yield* run("review.ts", [
        { match: { structured: true }, reply: { object: { clause: "Either party …", level: "high" } } }
      ], "OPENAI_API_KEY")
      assert.strictEqual(stdout, "high: Either party …\nhigh: Either party …\n")
      assert.lengthOf(sent, 4)
    }), 60_000)

  it.live("review.ts runs without any key", () =>
    Effect.gen(function*() {
      const { sent, stdout } = yield* run("review.ts", [], "")
      assert.strictEqual(stdout, "low: simulated clause\nlow: simulated clause\n")
      assert.lengthOf(sent, 0)
    }), 60_000)

  it.live("testing.ts calls nobody, whatever keys are set", () =>
    Effect.gen(function*() {
      const { sent, stdout } = yield* run("testing.ts", [], "OPENAI_API_KEY")
      const simulated = "low: simulated clause\n"
      const scripted = "high: Either party …\n"
      assert.strictEqual(stdout, `${simulated}${simulated}${scripted}${scripted}`)
      assert.lengthOf(sent, 0)
    }), 60_000)

  const endings = [
    ["a rate limit", { status: 429, headers: { "retry-after": "120" } }, "come back in 120 s"],
    ["a refused key", { status: 401 }, "the key of anthropic is refused"],
    [
      "refused content",
      { finish: "refusal", text: "No." },
      "model.content_refused: Revise the prompt or the inputs."
    ],
    ["an answer", { text: "A door." }, "A door."]
  ] as const
  for (const [what, reply, line] of endings) {
    it.live(`failures.ts tells ${what} by its reason`, () =>
      Effect.gen(function*() {
        const { stdout } = yield* run("failures.ts", [{ reply }], "ANTHROPIC_API_KEY")
        assert.strictEqual(stdout, `${line}\n`)
      }), 60_000)
  }
})
