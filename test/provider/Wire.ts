/** Adapters against a server of this machine: their connection, and the requests that reached it. */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { IncomingMessage } from "node:http"
import { buffer } from "node:stream/consumers"
import type { ModelWire } from "../../src/config/Connection.ts"
import type { AdapterContext } from "../../src/provider/Adapter.ts"
import * as Undici from "../../src/provider/transport/Undici.ts"
import * as Loopback from "../document/Loopback.ts"
import { inference } from "./Scripted.ts"

export interface Request {
  readonly line: string
  readonly headers: IncomingMessage["headers"]
  readonly body: string
}

export interface Reply {
  readonly status?: number
  readonly body: unknown
}

export const wire = (modelId: string): ModelWire => ({
  modelId,
  headers: { "x-extra": Redacted.make("one") },
  rules: {}
})

/** A backend whose answers a test writes. */
export const backend = (answer: (request: Request) => Reply) =>
  Effect.gen(function*() {
    const sent: Array<Request> = []
    const server = yield* Loopback.serve((request, response) => {
      void buffer(request).then((bytes) => {
        const each = { line: `${request.method} ${request.url}`, headers: request.headers, body: bytes.toString() }
        sent.push(each)
        const { body, status = 200 } = answer(each)
        response.writeHead(status, { "content-type": "application/json", "x-request-id": "req-1" })
        response.end(typeof body === "string" ? body : JSON.stringify(body))
      })
    })
    const client = yield* Effect.acquireRelease(Effect.sync(Undici.open), ({ close }) => Effect.promise(close))
    const context: AdapterContext = {
      connection: {
        backend: "mine",
        endpoint: `${server.url}/v1`,
        apiKey: Redacted.make("hush"),
        extra: {},
        model: (_, handle) => wire(handle),
        scrub: (text) => text.replaceAll("hush", "***")
      },
      inference,
      fetch: client.fetch
    }
    return { context, sent, url: server.url }
  })

export const jsonOf = ({ body }: Request): unknown => JSON.parse(body)
