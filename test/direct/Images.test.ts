/** A method that makes images, on a backend of a `.pipelex` folder that is a server of this machine. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { Buffer } from "node:buffer"
import { fileURLToPath } from "node:url"
import { isObject, type JsonObject } from "../../src/concept/Json.ts"
import * as Configuration from "../../src/config/Configuration.ts"
import * as Direct from "../../src/direct/Direct.ts"
import * as Crate from "../../src/library/Crate.ts"
import { PipeRunner } from "../../src/program/PipeRunner.ts"
import { library, pipe } from "../library/Fixture.ts"
import { png } from "../provider/Painting.ts"
import * as Wire from "../provider/Wire.ts"
import * as Folder from "../source/Folder.ts"

const draw = (code: string, output: string, more: object = {}) =>
  pipe(code, "PipeImgGen", { inputs: { subject: "Text" }, output, prompt: "A drawing of $subject", ...more })

const crate = Crate.of(library([
  draw("draw", "Image", { output_format: "png" }),
  draw("many", "Image[3]", { model: { model: "painter", quality: "high" }, aspect_ratio: "landscape_3_2" }),
  draw("wide", "Image", { aspect_ratio: "landscape_21_9" }),
  draw("edit", "Image", { inputs: { subject: "Text", pic: "Image" }, prompt: "$subject on $pic" })
].join("\n")))

const rules = `
[defaults]
model_type = "img_gen"
sdk = "openai_img_gen"
inputs = ["text", "images"]
outputs = ["image"]
[painter]
model_id = "painter-1"
costs = { input = 2.0, output = 8.0 }
[painter.rules]
model_choice = "model_id"
prompt = "positive_only"
num_images = "gpt_image"
aspect_ratio = "gpt_image_legacy"
background = "available"
inference = "gpt_image"
safety_checker = "openai_moderation"
output_format = "gpt_image_legacy"
output_compression = "gpt_image_legacy"
input_images = "gpt_image"
`

const answers = (status: number) => ({ body }: Wire.Request): Wire.Reply => ({
  status,
  body: {
    data: Array.from({ length: body.includes("\"n\":3") ? 3 : 1 }, (_, index) => ({
      b64_json: Buffer.from(png(index, 16, 8)).toString("base64")
    })),
    usage: { input_tokens: 5, output_tokens: 9 }
  }
})

/** Runs a pipe, and gives what it made and what reached the server. */
const running = (
  ref: string,
  inputs: JsonObject = {},
  { status = 200, storage = "memory" }: { readonly status?: number; readonly storage?: Direct.Options["storage"] } = {}
) =>
  Effect.gen(function*() {
    const { sent, url } = yield* Wire.backend(answers(status))
    const folder = yield* Folder.make({
      "inference/backends.toml": `[studio]\nendpoint = "${url}/v1"\napi_key = "\${MY_KEY}"\n`,
      "inference/backends/studio.toml": rules,
      "inference/routing_profiles.toml":
        "active = \"mine\"\n[profiles.mine]\ndescription = \"mine\"\ndefault = \"studio\"\n",
      "inference/deck/1_img_gen.toml": "[img_gen]\nchoice_default = \"painter\"\ndefault_quality = \"medium\"\n"
    })
    const configuration = yield* Configuration.loadFolder(folder)
    const layer = Direct.layerWith({
      configuration,
      environment: { get: (name) => name === "MY_KEY" ? "hush" : undefined },
      storage
    })
    const ran = yield* Effect.gen(function*() {
      const runner = yield* PipeRunner
      return yield* Effect.result(runner.run({ crate, ref, inputs: { subject: "a fox", ...inputs } }))
    }).pipe(Effect.provide(layer))
    return { ran, sent }
  }).pipe(Effect.provide(Folder.layer))

const image = (value: unknown): JsonObject => isObject(value) ? value : {}

describe("a method that makes images in this process", () => {
  it.live("asks the backend of the configuration, and keeps the image", () =>
    Effect.gen(function*() {
      const { ran, sent } = yield* running("d.draw")
      const { url, ...content } = image(yield* Effect.fromResult(ran))
      assert.deepStrictEqual(sent.map((each) => [each.line, Wire.jsonOf(each)]), [["POST /v1/images/generations", {
        model: "painter-1",
        prompt: "A drawing of a fox",
        n: 1,
        size: "1024x1024",
        quality: "medium",
        background: "auto",
        output_format: "png",
        output_compression: 100
      }]])
      assert.match(String(url), /^pipelex-storage:\/\/[^/]+\/generated\/[0-9a-f]{16}\.png$/)
      assert.deepStrictEqual(content, {
        public_url: null,
        source_prompt: "A drawing of a fox",
        source_negative_prompt: null,
        caption: null,
        mime_type: "image/png",
        width: 16,
        height: 8,
        filename: null
      })
    }))

  it.live("makes several by one request, with the settings written inline", () =>
    Effect.gen(function*() {
      const { ran, sent } = yield* running("d.many")
      const made = image(yield* Effect.fromResult(ran))["items"] as ReadonlyArray<JsonObject>
      assert.lengthOf(new Set(made.map(({ url }) => url)), 3)
      const [first] = sent
      assert.lengthOf(sent, 1)
      assert.deepInclude(first === undefined ? {} : Wire.jsonOf(first), { n: 3, size: "1536x1024", quality: "high" })
    }))

  it.live("keeps the very bytes that were made, where people may open them", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* fs.makeTempDirectoryScoped()
      const { ran } = yield* running("d.draw", {}, { storage: { directory } })
      const { public_url: opened } = image(yield* Effect.fromResult(ran))
      const bytes = yield* fs.readFile(fileURLToPath(String(opened)))
      assert.deepStrictEqual(Buffer.from(bytes), Buffer.from(png(0, 16, 8)))
    }).pipe(Effect.provide(NodeServices.layer)))

  it.live("sends the images of the prompt along", () =>
    Effect.gen(function*() {
      const { ran, sent } = yield* running("d.edit", {
        pic: { url: `data:image/png;base64,${Buffer.from(png(4)).toString("base64")}` }
      })
      yield* Effect.fromResult(ran)
      assert.deepStrictEqual(sent.map(({ line }) => line), ["POST /v1/images/edits"])
      assert.include(sent[0]?.body, "a fox on [Image 1]")
    }))

  it.live("asks nobody for what the model cannot do", () =>
    Effect.gen(function*() {
      const { ran, sent } = yield* running("d.wide")
      const failure = yield* Effect.flip(Effect.fromResult(ran))
      assert.deepStrictEqual([failure.code, failure.location.pipe, sent.length], [
        "model.capability_unsupported",
        "wide",
        0
      ])
    }))

  it.live("does not ask twice for what may have been made", () =>
    Effect.gen(function*() {
      const { ran, sent } = yield* running("d.draw", {}, { status: 500 })
      const failure = yield* Effect.flip(Effect.fromResult(ran))
      assert.deepStrictEqual([failure.code, failure.category, failure.usage?.requests, sent.length], [
        "provider.outcome_unknown",
        "ambiguous",
        1,
        1
      ])
    }))
})
