/** A way to a Temporal server that refuses some of its methods, as a server does to whoever may not call them. */
import * as Effect from "effect/Effect"
import { connect, createServer, type ServerHttp2Stream } from "node:http2"
import type { AddressInfo } from "node:net"

/** gRPC's numbers. */
export const permissionDenied = 7

const refuse = (stream: ServerHttp2Stream, status: number): void => {
  stream.respond({
    ":status": 200,
    "content-type": "application/grpc",
    "grpc-status": String(status),
    "grpc-message": "Request unauthorized."
  }, { endStream: true })
}

/** Its `host:port`, for as long as the scope is open. `refused` has the last part of a method's name, and the status it answers with. */
export const start = Effect.fnUntraced(function*(address: string, refused: Readonly<Record<string, number>>) {
  const server = createServer()
  const behind = yield* Effect.acquireRelease(
    Effect.sync(() => connect(`http://${address}`)),
    (session) => Effect.sync(() => session.destroy())
  )
  server.on("stream", (stream, headers) => {
    stream.on("error", () => undefined)
    const method = String(headers[":path"]).split("/").at(-1) ?? ""
    const status = refused[method]
    if (status !== undefined) {
      stream.resume()
      refuse(stream, status)
      return
    }
    const { ":authority": _authority, ":scheme": _scheme, ...sent } = headers
    const onward = behind.request(sent)
    onward.on("error", () => stream.destroy())
    let trailers = {}
    onward.on("trailers", (found) => {
      trailers = found
    })
    onward.on("response", ({ ":status": code, ...found }) => {
      stream.respond({ ":status": code ?? 200, ...found }, { waitForTrailers: true })
      stream.on("wantTrailers", () => stream.sendTrailers(trailers))
      onward.pipe(stream)
    })
    stream.pipe(onward)
  })
  yield* Effect.acquireRelease(
    Effect.promise(() =>
      new Promise<void>((resolve) => {
        server.listen(0, "127.0.0.1", resolve)
      })
    ),
    () => Effect.sync(() => server.close())
  )
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
})
