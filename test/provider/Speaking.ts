/** A provider of this machine that says what a test writes, byte for byte, and an adapter's way to it. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { IncomingHttpHeaders, ServerResponse } from "node:http"
import { text } from "node:stream/consumers"
import type { Connection, InferenceOptions } from "../../src/config/Connection.ts"
import type { Model } from "../../src/program/Models.ts"
import type { AdapterContext, LanguageRequest } from "../../src/provider/Adapter.ts"
import * as Undici from "../../src/provider/transport/Undici.ts"
import * as Loopback from "../document/Loopback.ts"
import { inference, model } from "./Scripted.ts"

export interface Heard {
  readonly line: string
  readonly headers: IncomingHttpHeaders
  readonly body: unknown
}

/** Says the body at once, as JSON. */
export const json =
  (body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}) => (response: ServerResponse) => {
    response.writeHead(status, { "content-type": "application/json", ...headers })
    response.end(typeof body === "string" ? body : JSON.stringify(body))
  }

interface Given {
  readonly connection?: Partial<Connection>
  readonly inference?: Partial<InferenceOptions>
}

export const key = "sk-hush"

/** `answers` in turn, the last one for all that follow. */
export const speaking = (answers: ReadonlyArray<(response: ServerResponse) => void>, given: Given = {}) =>
  Effect.gen(function*() {
    const heard: Array<Heard> = []
    const arrived = yield* Deferred.make<void>()
    const closed = yield* Deferred.make<void>()
    const server = yield* Loopback.serve((request, response) => {
      response.on("close", () => {
        if (!response.writableFinished) Deferred.doneUnsafe(closed, Effect.void)
      })
      void text(request).then((body) => {
        const answer = answers[Math.min(heard.length, answers.length - 1)]
        heard.push({ line: `${request.method} ${request.url}`, headers: request.headers, body: JSON.parse(body) })
        answer?.(response)
        Deferred.doneUnsafe(arrived, Effect.void)
      })
    })
    const { close, fetch } = yield* Effect.acquireRelease(
      Effect.sync(Undici.open),
      (opened) => Effect.promise(opened.close)
    )
    const context: AdapterContext = {
      connection: {
        backend: "mine",
        endpoint: server.url,
        apiKey: Redacted.make(key),
        extra: {},
        model: () => ({ modelId: "", headers: {}, rules: {} }),
        scrub: (said) => said.replaceAll(key, "***"),
        ...given.connection
      },
      inference: { ...inference, ...given.inference },
      fetch
    }
    return {
      context,
      heard,
      close,
      /** The first request is in. */
      arrived: Deferred.await(arrived),
      /** A request was given up by its sender. */
      closed: Deferred.await(closed)
    }
  })

/** A request to a model, with an image and a document when asked. */
export const request = (given: Partial<LanguageRequest> = {}, of: Partial<Model> = {}): LanguageRequest => ({
  model: model(of),
  wire: { modelId: "model-1", headers: { "x-extra": Redacted.make("one") }, rules: {} },
  user: "Look",
  images: [],
  documents: [],
  imageDetail: "auto",
  ...given
})

export const image = { _tag: "Bytes", base64: "aW1n", mimeType: "image/png" } as const

export const document = { _tag: "Bytes", base64: "cGRm", mimeType: "application/pdf", filename: "a.pdf" } as const
