import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { Buffer } from "node:buffer"
import { execFile } from "node:child_process"
import type { IncomingMessage, ServerResponse } from "node:http"
import process from "node:process"
import { buffer } from "node:stream/consumers"
import { promisify } from "node:util"
import { brotliCompressSync, gzipSync } from "node:zlib"
import { open } from "../../../src/provider/transport/Undici.ts"
import * as Loopback from "../../document/Loopback.ts"

const client = Effect.acquireRelease(Effect.sync(open), ({ close }) => Effect.promise(close))

/** A server that says what it was sent. */
const echo = (request: IncomingMessage, response: ServerResponse): void => {
  void buffer(request).then((bytes) => {
    response.setHeader("content-type", "application/json")
    response.setHeader("set-cookie", ["a=1", "b=2"])
    response.setHeader("x-request-id", "req-1")
    response.end(
      JSON.stringify({ method: request.method, url: request.url, headers: request.headers, body: bytes.toString() })
    )
  })
}

interface Echoed {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const json = (response: Response) => Effect.promise(() => response.json() as Promise<Echoed>)

const aborting = () => new AbortController()

/** What a promise is rejected with. */
const rejection = (work: () => Promise<unknown>): Effect.Effect<unknown> =>
  Effect.promise(() => work().then(() => undefined, (cause: unknown) => cause))

describe("a pooled fetch", () => {
  it.live("sends what fetch sends, whatever the body and the headers come as", () =>
    Effect.gen(function*() {
      const { fetch } = yield* client
      const { url } = yield* Loopback.serve(echo)
      const sent = (init: RequestInit) => Effect.flatMap(Effect.promise(() => fetch(`${url}/p?q=1`, init)), json)
      const plain = yield* sent({})
      assert.deepInclude(plain, { method: "GET", url: "/p?q=1", body: "" })
      for (
        const headers of [
          new Headers({ "X-One": "1" }),
          { "X-One": "1" },
          [["X-One", "1"]] satisfies [string, string][]
        ]
      ) {
        const told = yield* sent({ method: "post", headers, body: "text" })
        assert.deepInclude(told, { method: "POST", body: "text" })
        assert.deepInclude(told.headers, {
          "x-one": "1",
          "content-length": "4",
          "content-type": "text/plain;charset=UTF-8"
        })
      }
      const own = yield* sent({ method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" })
      assert.strictEqual(own.headers["content-type"], "application/json")
      assert.strictEqual((yield* sent({ method: "POST", body: new TextEncoder().encode("ünits") })).body, "ünits")
      const pairs = yield* sent({ method: "POST", body: new URLSearchParams({ a: "1 2" }) })
      assert.strictEqual(pairs.body, "a=1+2")
      assert.include(pairs.headers["content-type"], "x-www-form-urlencoded")
      const blob = yield* sent({ method: "POST", body: new Blob(["blob"], { type: "text/x" }) })
      assert.deepInclude(blob.headers, { "content-type": "text/x", "content-length": "4" })
      const streamed = yield* sent({ method: "POST", body: new Blob(["in ", "parts"]).stream(), duplex: "half" })
      assert.deepInclude(streamed, { body: "in parts" })
      const form = new FormData()
      form.append("prompt", "a cat")
      form.append("image[]", new File(["one"], "one.png", { type: "image/png" }))
      const multipart = yield* sent({ method: "POST", body: form })
      assert.match(multipart.headers["content-type"] ?? "", /^multipart\/form-data; boundary=/)
      assert.isDefined(multipart.headers["content-length"])
      assert.match(multipart.body, /name="image\[\]"; filename="one.png"\r\nContent-Type: image\/png\r\n\r\none\r\n/)
      const made = yield* Effect.flatMap(
        Effect.promise(() =>
          fetch(new Request(`${url}/made`, { method: "PUT", body: "made", headers: { "x-one": "1" } }))
        ),
        json
      )
      assert.deepInclude(made, { method: "PUT", url: "/made", body: "made" })
      assert.strictEqual(made.headers["x-one"], "1")
    }))

  it.live("answers as fetch does", () =>
    Effect.gen(function*() {
      const { fetch } = yield* client
      const { url } = yield* Loopback.serve((request, response) => {
        if (request.url === "/empty") response.writeHead(204).end()
        else if (request.url === "/missing") response.writeHead(404, "Not Found").end("nothing here")
        else echo(request, response)
      })
      const get = (path: string) => Effect.promise(() => fetch(`${url}${path}`))
      const good = yield* get("/")
      assert.deepStrictEqual([good.ok, good.status, good.url, good.redirected, good.bodyUsed], [
        true,
        200,
        `${url}/`,
        false,
        false
      ])
      assert.strictEqual(good.headers.get("X-Request-Id"), "req-1")
      assert.deepStrictEqual(good.headers.getSetCookie(), ["a=1", "b=2"])
      // The SDKs look at the stream of an answer that they read whole.
      assert.isNotNull(good.body)
      assert.include(yield* Effect.promise(() => good.text()), `"url":"/"`)
      assert.isTrue(good.bodyUsed)
      yield* Effect.flip(Effect.tryPromise(() => good.text()))
      const missing = yield* get("/missing")
      assert.deepStrictEqual([missing.ok, missing.status, missing.statusText], [false, 404, "Not Found"])
      assert.strictEqual(Buffer.from(yield* Effect.promise(() => missing.bytes())).toString(), "nothing here")
      const empty = yield* get("/empty")
      assert.isNull(empty.body)
      assert.strictEqual(yield* Effect.promise(() => empty.text()), "")
      const whole = yield* get("/")
      assert.isAbove((yield* Effect.promise(() => whole.blob())).size, 0)
    }))

  it.live("gives the parts of an answer as they come", () =>
    Effect.gen(function*() {
      const { fetch } = yield* client
      let more = (): void => undefined
      const { url } = yield* Loopback.serve((_, response) => {
        response.writeHead(200, { "content-type": "text/event-stream" })
        response.write("data: 1\n\n")
        more = () => void response.end("data: 2\n\n")
      })
      const response = yield* Effect.promise(() => fetch(url))
      const reader = response.body?.getReader()
      assert.isDefined(reader)
      if (reader === undefined) return
      const next = Effect.map(Effect.promise(() => reader.read()), ({ value }) => Buffer.from(value ?? []).toString())
      assert.strictEqual(yield* next, "data: 1\n\n")
      more()
      assert.strictEqual(yield* next, "data: 2\n\n")
      assert.isTrue((yield* Effect.promise(() => reader.read())).done)
    }))

  it.live("unpacks what was packed without being asked", () =>
    Effect.gen(function*() {
      const { fetch } = yield* client
      const { url } = yield* Loopback.serve((request, response) => {
        const packed = request.url === "/br" ? brotliCompressSync(`"br"`) : gzipSync(`"gzip"`)
        response.writeHead(200, { "content-encoding": request.url?.slice(1), "content-type": "application/json" })
        response.end(request.url === "/gzip-broken" ? packed.subarray(0, 5) : packed)
      })
      const read = (path: string) => Effect.tryPromise(() => fetch(`${url}${path}`).then((each) => each.json()))
      assert.strictEqual(yield* read("/gzip"), "gzip")
      assert.strictEqual(yield* read("/br"), "br")
    }))

  it.live("hands back a redirect instead of following it with the key", () =>
    Effect.gen(function*() {
      const { fetch } = yield* client
      const other = yield* Loopback.serve(echo)
      const { url } = yield* Loopback.serve((_, response) => response.writeHead(307, { location: other.url }).end())
      const response = yield* Effect.promise(() => fetch(url, { headers: { authorization: "Bearer hush" } }))
      assert.deepStrictEqual([response.status, response.ok], [307, false])
      yield* Effect.promise(() => response.text())
      assert.lengthOf(other.requests, 0)
    }))

  it.live("closes the connection when the signal aborts, before and after the head of the answer", () =>
    Effect.gen(function*() {
      const { fetch } = yield* client
      for (const headed of [false, true]) {
        const arrived = yield* Deferred.make<void>()
        const closed = yield* Deferred.make<void>()
        const { url } = yield* Loopback.serve((request, response) => {
          request.socket.on("close", () => Deferred.doneUnsafe(closed, Effect.void))
          if (headed) response.writeHead(200).write("half")
          Deferred.doneUnsafe(arrived, Effect.void)
        })
        const controller = aborting()
        const reason = "enough"
        const failure = yield* Effect.forkChild(
          rejection(() => fetch(url, { signal: controller.signal }).then((response) => response.text()))
        )
        yield* Deferred.await(arrived)
        if (headed) yield* Effect.sleep("50 millis")
        controller.abort(reason)
        assert.strictEqual(yield* Fiber.join(failure), reason)
        yield* Deferred.await(closed)
      }
      const before = yield* rejection(() => fetch("http://127.0.0.1:1", { signal: AbortSignal.abort() }))
      assert.strictEqual((before as Error).name, "AbortError")
    }))

  it.live("fails as fetch does, with the code in the cause", () =>
    Effect.gen(function*() {
      const { fetch } = yield* client
      const { url } = yield* Loopback.serve((request) => void request.socket.destroy())
      const cause = (at: string) =>
        Effect.map(rejection(() => fetch(at)), (thrown) => {
          assert.instanceOf(thrown, TypeError)
          return (thrown.cause as { readonly code?: unknown }).code
        })
      assert.strictEqual(yield* cause("http://127.0.0.1:1/"), "ECONNREFUSED")
      assert.include(["UND_ERR_SOCKET", "ECONNRESET"], yield* cause(url))
    }))

  it.live("keeps connections, as many as there are requests under way", () =>
    Effect.gen(function*() {
      const { fetch } = yield* client
      const { connections, url } = yield* Loopback.serve(echo)
      const get = Effect.promise(() => fetch(url).then((response) => response.text()))
      yield* Effect.repeat(get, { times: 4 })
      assert.strictEqual(connections(), 1)
    }))

  it.live("lets the process end once it is closed, also with a connection kept", () =>
    Effect.gen(function*() {
      const { url } = yield* Loopback.serve((request, response) => {
        response.setHeader("keep-alive", "timeout=600")
        echo(request, response)
      })
      const module = new URL("../../../src/provider/transport/Fetch.ts", import.meta.url)
      const script = `
        import * as Effect from "effect/Effect"
        import { Fetch, layer } from ${JSON.stringify(module.href)}
        const status = await Effect.runPromise(Effect.provide(Effect.gen(function*() {
          const { get } = yield* Fetch
          const fetch = yield* get
          return yield* Effect.promise(() => fetch(${
        JSON.stringify(url)
      }).then((each) => each.text().then(() => each.status)))
        }), layer))
        process.stdout.write("status " + status)`
      const { stdout } = yield* Effect.promise(() =>
        promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], {
          cwd: new URL("../../..", import.meta.url),
          timeout: 60_000
        })
      )
      assert.strictEqual(stdout, "status 200")
    }), 90_000)
})
