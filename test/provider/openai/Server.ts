/** A server that speaks OpenAI's APIs as a test tells it to, and a backend that calls it. */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { IncomingHttpHeaders, ServerResponse } from "node:http"
import { json } from "node:stream/consumers"
import type { JsonObject } from "../../../src/concept/Json.ts"
import type { Connection, ModelWire } from "../../../src/config/Connection.ts"
import type { Structure } from "../../../src/program/Leaves.ts"
import type { Model } from "../../../src/program/Models.ts"
import type { AdapterContext, LanguageRequest } from "../../../src/provider/Adapter.ts"
import { ProviderError } from "../../../src/provider/transport/ProviderError.ts"
import * as Undici from "../../../src/provider/transport/Undici.ts"
import * as Loopback from "../../document/Loopback.ts"
import { inference } from "../Scripted.ts"

export const secret = "sk-canary-7f3a"

export interface Sent {
  readonly line: string
  readonly headers: IncomingHttpHeaders
  readonly body: JsonObject
}

/** What is written for an answer: JSON with status 200, or whatever the test does with the response. */
export type Answer = JsonObject | ((response: ServerResponse, url: string) => void)

const write = (response: ServerResponse, answer: Answer, url: string): void => {
  if (typeof answer === "function") return answer(response, url)
  response.writeHead(200, { "content-type": "application/json" })
  response.end(JSON.stringify(answer))
}

/** An HTTP answer in its parts. */
export const http =
  (status: number, body: string, headers: Readonly<Record<string, string>> = { "content-type": "application/json" }) =>
  (response: ServerResponse): void => {
    response.writeHead(status, headers)
    response.end(body)
  }

export interface Backend {
  readonly context: AdapterContext
  readonly sent: ReadonlyArray<Sent>
  readonly url: string
}

/** Answers in their order, the last one again and again. */
export const backend = (
  answers: ReadonlyArray<Answer>,
  changed: (connection: Connection, url: string) => Partial<Connection> = () => ({}),
  withoutKey = false
) =>
  Effect.gen(function*() {
    const sent: Array<Sent> = []
    const server = yield* Loopback.serve((request, response) => {
      void json(request).then((body) => {
        sent.push({
          line: `${request.method} ${request.url}`,
          headers: request.headers,
          body: body as JsonObject
        })
        write(response, answers[Math.min(sent.length, answers.length) - 1] ?? {}, server.url)
      })
    })
    const client = yield* Effect.acquireRelease(Effect.sync(Undici.open), ({ close }) => Effect.promise(close))
    const base: Connection = {
      backend: "acme",
      endpoint: `${server.url}/v1`,
      ...(withoutKey ? {} : { apiKey: Redacted.make(secret) }),
      extra: {},
      model: () => wire(),
      scrub: (text) => text.replaceAll(secret, "***")
    }
    const connection = { ...base, ...changed(base, server.url) }
    return { context: { connection, inference, fetch: client.fetch }, sent, url: server.url } satisfies Backend
  })

export const wire = (): ModelWire => ({
  modelId: "acme/model-1",
  headers: { "x-project-id": Redacted.make("p1") },
  rules: {}
})

export const model = (changed: Partial<Model> = {}): Model => ({
  handle: "model-1",
  family: "llm",
  backend: "acme",
  sdk: "openai",
  modelId: "acme/model-1",
  inputs: ["text", "images", "pdf"],
  outputs: ["text", "structured"],
  thinking: "none",
  ...changed
})

export const request = (changed: Partial<LanguageRequest> = {}): LanguageRequest => ({
  model: model(),
  wire: wire(),
  user: "Say hello",
  images: [],
  documents: [],
  imageDetail: "auto",
  ...changed
})

export const methodical = (structureMethod: string, changed: Partial<LanguageRequest> = {}): LanguageRequest =>
  request({ model: model({ structureMethod }), ...changed })

export const schema: JsonObject = {
  type: "object",
  title: "lab__Card",
  description: "An index card",
  properties: {
    title: { type: "string", title: "Title" },
    kind: { const: "note", type: "string" },
    weight: { anyOf: [{ type: "integer" }, { type: "null" }], default: null, title: "Weight" }
  },
  required: ["title", "kind"]
}

export const closedSchema: JsonObject = {
  type: "object",
  title: "lab__Card",
  description: "An index card",
  properties: {
    title: { type: "string", title: "Title" },
    kind: { enum: ["note"], type: "string" },
    weight: { anyOf: [{ type: "integer" }, { type: "null" }], title: "Weight" }
  },
  required: ["title", "kind", "weight"],
  additionalProperties: false
}

/** A map of one's own keys, which no strict schema can say. */
export const openSchema: JsonObject = {
  type: "object",
  properties: { m: { type: "object", additionalProperties: { type: "string" } } },
  required: ["m"]
}

export const structure = (changed: Partial<Structure> = {}): Structure => ({
  concept: "lab.Card",
  name: "lab__Card",
  description: "An index card",
  schema,
  concepts: [],
  ...changed
})

export const failed = (effect: Effect.Effect<unknown, ProviderError>) =>
  Effect.map(Effect.flip(effect), (error) => {
    if (!(error instanceof ProviderError)) throw error
    return error
  })
