import * as Effect from "effect/Effect"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

/** A server of this machine for as long as the scope is open, and everything that reached it. */
export interface Loopback {
  readonly port: number
  readonly url: string
  /** Requests, as `METHOD /path`. */
  readonly requests: ReadonlyArray<string>
  /** Connections, also those on which nothing was asked. */
  readonly connections: () => number
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void

const listen = (server: Server, host: string, port: number) =>
  Effect.callback<void, Error>((resume) => {
    server.once("error", (error) => resume(Effect.fail(error)))
    server.listen(port, host, () => resume(Effect.void))
  })

export const serve = (handler: Handler, host = "127.0.0.1", port = 0) =>
  Effect.gen(function*() {
    const requests: Array<string> = []
    let connections = 0
    const server = createServer((request, response) => {
      requests.push(`${request.method} ${request.url}`)
      handler(request, response)
    })
    server.on("connection", () => {
      connections += 1
    })
    yield* Effect.acquireRelease(listen(server, host, port), () =>
      Effect.sync(() => {
        server.close()
        server.closeAllConnections()
      }))
    const { port: bound } = server.address() as AddressInfo
    const shown = host.includes(":") ? `[${host}]` : host
    return { port: bound, url: `http://${shown}:${bound}`, requests, connections: () => connections } satisfies Loopback
  })
