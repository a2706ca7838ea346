/** A method that searches and reads, on backends of a `.pipelex` folder that are servers of this machine. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Buffer } from "node:buffer"
import type { JsonObject } from "../../src/concept/Json.ts"
import * as Configuration from "../../src/config/Configuration.ts"
import * as Direct from "../../src/direct/Direct.ts"
import * as Crate from "../../src/library/Crate.ts"
import { PipeRunner } from "../../src/program/PipeRunner.ts"
import { library, pipe } from "../library/Fixture.ts"
import * as Wire from "../provider/Wire.ts"
import * as Folder from "../source/Folder.ts"

const card =
  "[concept.Card]\ndescription = \"c\"\n[concept.Card.structure]\ntitle = { type = \"text\", description = \"t\", required = true }\n"

const method = library([
  card,
  pipe("find", "PipeSearch", { inputs: { topic: "Text" }, output: "SearchResult", prompt: "$topic", max_results: 2 }),
  pipe("fill", "PipeSearch", { inputs: { topic: "Text" }, output: "Card", prompt: "$topic" }),
  pipe("read", "PipeExtract", { inputs: { doc: "Document" }, output: "Page[]" })
].join("\n"))

const crate = Crate.of(method)

const pages = { pages: [{ index: 0, markdown: "# Read", images: [] }], usage_info: { pages_processed: 1 } }

const answers = (line: string, body: string): Wire.Reply => {
  if (line.endsWith("/ocr")) return { body: pages }
  if (line.startsWith("POST /v1/files")) return { body: { id: "f1" } }
  if (line.includes("/files/")) return { body: { url: "https://signed.example/" } }
  if (body.includes("nothing")) {
    return { status: 400, body: { error: { code: "SEARCH_QUERY_NO_RESULT", message: "no" } } }
  }
  return {
    body: body.includes("structured")
      ? { title: body.includes("wrong") ? 3 : "T" }
      : { answer: "Found", sources: [{ name: "A", url: "https://a.example/", snippet: "s" }] }
  }
}

/** Runs a pipe with Linkup and Mistral answering at one server, and gives what reached it. */
const running = (ref: string, inputs: JsonObject) =>
  Effect.gen(function*() {
    const { sent, url } = yield* Wire.backend(({ body, line }) => answers(line, body))
    const folder = yield* Folder.make({
      "inference/backends.toml":
        `[linkup]\nendpoint = "${url}/v1"\napi_key = "\${MY_KEY}"\n[mistral]\nendpoint = "${url}/v1"\napi_key = "\${MY_KEY}"\n[internal]\n`
    })
    const configuration = yield* Configuration.loadFolder(folder)
    const layer = Direct.layerWith({
      configuration,
      environment: { get: (name) => name === "MY_KEY" ? "hush" : undefined },
      storage: "memory"
    })
    const ran = yield* Effect.gen(function*() {
      const runner = yield* PipeRunner
      return yield* Effect.result(runner.run({ crate, ref, inputs }))
    }).pipe(Effect.provide(layer))
    return { ran, sent }
  }).pipe(Effect.provide(Folder.layer))

const made = (ref: string, inputs: JsonObject) =>
  Effect.flatMap(
    running(ref, inputs),
    ({ ran, sent }) => Effect.map(Effect.fromResult(ran), (value) => ({ value, sent }))
  )

const failed = (ref: string, inputs: JsonObject) =>
  Effect.flatMap(
    running(ref, inputs),
    ({ ran, sent }) => Effect.map(Effect.flip(Effect.fromResult(ran)), (failure) => ({ failure, sent }))
  )

describe("a method in this process", () => {
  it.live("searches by the backend of the configuration", () =>
    Effect.gen(function*() {
      const { sent, value } = yield* made("d.find", { topic: "cats" })
      assert.deepInclude(value, { answer: "Found" })
      assert.deepStrictEqual(sent.map((each) => [each.line, Wire.jsonOf(each)]), [["POST /v1/search", {
        q: "cats",
        depth: "standard",
        outputType: "sourcedAnswer",
        includeImages: false,
        includeInlineCitations: true,
        maxResults: 2
      }]])
      assert.strictEqual(sent[0]?.headers.authorization, "Bearer hush")
    }))

  it.live("fills an object from what is found, and takes no other for it", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual((yield* made("d.fill", { topic: "cats" })).value, { title: "T" })
      const { failure, sent } = yield* failed("d.fill", { topic: "wrong cats" })
      assert.strictEqual(failure.code, "model.output_schema_mismatch")
      assert.strictEqual(failure.location.pipe, "fill")
      assert.lengthOf(sent, 1)
    }))

  it.live("says when nothing is found", () =>
    Effect.gen(function*() {
      const { failure, sent } = yield* failed("d.find", { topic: "nothing" })
      assert.deepStrictEqual([failure.code, failure.category, sent.length], ["model.no_result", "content", 1])
      assert.strictEqual(failure.usage?.requests, 1)
    }))

  it.live("reads a document of this machine by a provider", () =>
    Effect.gen(function*() {
      const url = `data:application/pdf;base64,${Buffer.from("%PDF-1.7").toString("base64")}`
      const { sent, value } = yield* made("d.read", { doc: { url } })
      assert.deepStrictEqual(value, {
        items: [{
          text_and_images: { text: { text: "# Read" }, images: [], raw_html: null },
          page_view: null
        }]
      })
      assert.deepStrictEqual(sent.map(({ line }) => line.split("?")[0]), [
        "POST /v1/files",
        "GET /v1/files/f1/url",
        "POST /v1/ocr",
        "DELETE /v1/files/f1"
      ])
    }))
})
