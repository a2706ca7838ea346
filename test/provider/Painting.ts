/** Image leaves for tests: a model, its connection, and the leaf over an adapter. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { IncomingMessage, ServerResponse } from "node:http"
import { buffer } from "node:stream/consumers"
import type { JsonObject } from "../../src/concept/Json.ts"
import type { InferenceOptions, ModelWire } from "../../src/config/Connection.ts"
import * as Png from "../../src/document/Png.ts"
import type { Job } from "../../src/program/Leaves.ts"
import type { Model } from "../../src/program/Models.ts"
import type { AdapterContext, ImageAdapter, ImageRequest } from "../../src/provider/Adapter.ts"
import { sending } from "../../src/provider/Calling.ts"
import { Files } from "../../src/provider/Files.ts"
import * as ImageModel from "../../src/provider/ImageModel.ts"
import { Storage } from "../../src/storage/Storage.ts"

export type ImagesJob = Job<"act_img_gen_images">

export const inference: InferenceOptions = {
  transportMaxRetries: 2,
  schemaReaskMaxAttempts: 3,
  anthropicStructuredOutputTimeoutSeconds: 1200,
  requestTimeoutSeconds: 60,
  effortToLevel: { openai: {}, anthropic: {}, google: {}, mistral: {} },
  effortToBudget: { anthropic: {}, google: {} },
  qualityToSteps: { flux: { low: 14, medium: 28, high: 56 } }
}

export const model = (given: Partial<Model> = {}): Model => ({
  handle: "painter",
  family: "img_gen",
  backend: "studio",
  sdk: "scripted",
  modelId: "studio/painter-1",
  inputs: ["text", "images"],
  outputs: ["image"],
  thinking: "none",
  ...given
})

export const wire = (given: Partial<ModelWire> = {}): ModelWire => ({
  modelId: "studio/painter-1",
  headers: { "x-project-id": Redacted.make("p1") },
  rules: {},
  ...given
})

/** What an adapter is made with, for a server on this machine. */
export const context = (endpoint: string, options: Partial<InferenceOptions> = {}): AdapterContext => ({
  connection: {
    backend: "studio",
    endpoint,
    apiKey: Redacted.make("sk-secret"),
    extra: {},
    model: () => wire(),
    scrub: (text) => text.replaceAll("sk-secret", "***")
  },
  inference: { ...inference, ...options },
  fetch
})

export const request = (given: Partial<ImageRequest> = {}): ImageRequest => ({
  model: model(),
  wire: wire(),
  prompt: "A fox",
  images: [],
  count: 1,
  arguments: {},
  ...given
})

export const job = (given: Partial<ImagesJob> = {}, more: Partial<Model> = {}): ImagesJob => ({
  meta: { runId: "run", userId: "u", pipe: "draw", domain: "d", path: "draw#0" },
  setting: { model: model(more), settings: {} },
  prompt: "A fox",
  images: [],
  count: 1,
  parameters: { aspect_ratio: "square", background: "auto", is_raw: false },
  ...given
})

/** A picture of one colour. */
export const png = (shade: number, width = 3, height = 2): Uint8Array =>
  Png.encode({ width, height, stride: width, format: "gray", data: new Uint8Array(width * height).fill(shade) })

/** The image leaf over an adapter, with the artefacts and files of the test. */
export const paint = Effect.fnUntraced(function*(
  adapter: ImageAdapter,
  asked: ImagesJob,
  given: { readonly rules?: JsonObject; readonly inference?: Partial<InferenceOptions> } = {}
) {
  const options = { ...inference, ...given.inference }
  const services = yield* Effect.context<Files | Storage>()
  const { act_img_gen_images: leaf } = ImageModel.handlers({
    image: (called) =>
      Effect.succeed({ adapter, wire: wire({ rules: given.rules ?? {} }), send: sending(called, options) }),
    inference: options,
    files: Context.get(services, Files),
    storage: Context.get(services, Storage)
  })
  return yield* leaf(asked)
})

/** The body of a request as JSON. */
export const bodyOf = async (incoming: IncomingMessage): Promise<JsonObject> => {
  const text = (await buffer(incoming)).toString("utf8")
  return text === "" ? {} : JSON.parse(text)
}

export const answer = (
  response: ServerResponse,
  value: unknown,
  status = 200,
  headers: Readonly<Record<string, string>> = {}
): void => {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(value))
}
