import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { Buffer } from "node:buffer"
import { brotliCompressSync, gzipSync } from "node:zlib"
import type { Resolve } from "../../src/document/GuardedAgent.ts"
import * as Remote from "../../src/document/Remote.ts"
import * as Loopback from "./Loopback.ts"

/** Every host leads to the same addresses. */
const resolving = (...addresses: ReadonlyArray<string>): Resolve => () =>
  Promise.resolve(addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })))

/** What must never be reached: one port of this machine, on each of its loopback addresses that can be listened to. */
const canary = Effect.gen(function*() {
  const first = yield* Loopback.serve((_, response) => response.end("secret"))
  const others = yield* Effect.forEach(["::1", "127.0.0.2"], (host) =>
    Effect.option(
      Loopback.serve((_, response) => response.end("secret"), host, first.port)
    ))
  const all = [first, ...others.flatMap((each) => each._tag === "Some" ? [each.value] : [])]
  return { port: first.port, connections: () => all.reduce((sum, each) => sum + each.connections(), 0) }
})

/** Ways to write an address that is not public, `PORT` being the canary's. */
const spellings: ReadonlyArray<string> = [
  "http://127.0.0.1:PORT/",
  "https://127.0.0.1:PORT/",
  "HTTP://127.0.0.1:PORT/",
  "http:\\\\127.0.0.1:PORT/",
  "http:127.0.0.1:PORT/",
  "http:///127.0.0.1:PORT/",
  "\t http://127.0.0.1:PORT/",
  "ht\ntp://127.0.0.1:PORT/",
  "http://127.0.0.2:PORT/",
  "http://127.1:PORT/",
  "http://127.0.1:PORT/",
  "http://127.0.0.1.:PORT/",
  "http://2130706433:PORT/",
  "http://2130706433.:PORT/",
  "http://0x7f000001:PORT/",
  "http://0X7F.0.0.1:PORT/",
  "http://0x7f.1:PORT/",
  "http://0x7f.0x0.0x0.0x1:PORT/",
  "http://017700000001:PORT/",
  "http://0177.0.0.1:PORT/",
  "http://0177.1:PORT/",
  "http://0177.0x0.0.1:PORT/",
  "http://127.000.000.001:PORT/",
  "http://127.0x1:PORT/",
  "http://0:PORT/",
  "http://0.0.0.0:PORT/",
  "http://0x0:PORT/",
  "http://%31%32%37.0.0.1:PORT/",
  "http://127%2e0%2e0%2e1:PORT/",
  "http://127。0。0。1:PORT/",
  "http://１２７.０.０.１:PORT/",
  "http://①②⑦.⓪.⓪.①:PORT/",
  "http://[::1]:PORT/",
  "http://[0:0:0:0:0:0:0:1]:PORT/",
  "http://[0000:0000:0000:0000:0000:0000:0000:0001]:PORT/",
  "http://[::]:PORT/",
  "http://[::127.0.0.1]:PORT/",
  "http://[::7f00:1]:PORT/",
  "http://[::ffff:127.0.0.1]:PORT/",
  "http://[::ffff:7f00:1]:PORT/",
  "http://[::FFFF:7F00:0001]:PORT/",
  "http://[0:0:0:0:0:ffff:127.0.0.1]:PORT/",
  "http://[::ffff:0:127.0.0.1]:PORT/",
  "http://[64:ff9b::127.0.0.1]:PORT/",
  "http://[64:ff9b:1::127.0.0.1]:PORT/",
  "http://[2002:7f00:1::]:PORT/",
  "http://[2001:0:7f00:1::]:PORT/",
  "http://[fe80::1]:PORT/",
  "http://[fec0::1]:PORT/",
  "http://[fd00:ec2::254]:PORT/",
  "http://[ff02::1]:PORT/",
  "http://localhost:PORT/",
  "http://LOCALHOST:PORT/",
  "http://localhost.:PORT/",
  "http://ｌocalhost:PORT/",
  "http://app.localhost:PORT/",
  "http://a.b.localhost.:PORT/",
  "http://127.0.0.1.nip.io:PORT/",
  "http://localtest.me:PORT/",
  "http://metadata.google.internal:PORT/",
  "http://example.com:PORT/",
  "http://example.com.:PORT/",
  "http://xn--e1afmkfd.example:PORT/",
  "http://user@127.0.0.1:PORT/",
  "http://user:password@127.0.0.1:PORT/",
  "http://1.1.1.1@127.0.0.1:PORT/",
  "http://example.com@127.0.0.1:PORT/",
  "http://127.0.0.1:PORT@127.0.0.1:PORT/",
  "http://127.0.0.1:PORT#@1.1.1.1/",
  "http://127.0.0.1:PORT?@1.1.1.1/",
  "http://127.0.0.1:PORT\\@1.1.1.1/",
  "http://10.0.0.1:PORT/",
  "http://100.100.100.200/latest/meta-data/",
  "http://169.254.169.254/latest/meta-data/",
  "http://0xa9fea9fe/",
  "http://2852039166/",
  "http://0251.0376.0251.0376/",
  "http://[::ffff:169.254.169.254]/",
  "http://172.16.0.1:PORT/",
  "http://192.168.0.1:PORT/",
  "http://198.18.0.1:PORT/",
  "http://224.0.0.1:PORT/",
  "http://255.255.255.255:PORT/",
  "ftp://127.0.0.1:PORT/",
  "ws://127.0.0.1:PORT/",
  "file:///etc/passwd",
  "javascript:alert(1)"
]

const reasonAt = (remote: Remote.Remote, url: string) =>
  Effect.map(Effect.flip(remote.fetch(url)), ({ reason }) => reason)

describe("what is not public", () => {
  it.live("is not reached, however its address is written", () =>
    Effect.gen(function*() {
      const target = yield* canary
      const remote = yield* Remote.make({ resolve: resolving("127.0.0.1", "::1", "10.0.0.1") })
      assert.isAtLeast(spellings.length, 60)
      for (const spelling of spellings) {
        const url = spelling.replaceAll("PORT", String(target.port))
        assert.strictEqual(yield* reasonAt(remote, url), "refused", url)
      }
      assert.strictEqual(target.connections(), 0)
      // The canary is one: what is not guarded reaches it.
      const open = yield* Remote.make({ isGuarded: false })
      yield* open.fetch(`http://127.0.0.1:${target.port}/`)
      assert.strictEqual(target.connections(), 1)
    }))

  it.live("is not reached by the names that the system itself resolves", () =>
    Effect.gen(function*() {
      const target = yield* canary
      const remote = yield* Remote.make()
      for (const host of ["localhost", "localhost.", "a.localhost", "127.0.0.1", "[::1]"]) {
        assert.strictEqual(yield* reasonAt(remote, `http://${host}:${target.port}/`), "refused", host)
      }
      assert.strictEqual(target.connections(), 0)
    }))

  it.live("is not reached by a redirect, of any status and to any spelling", () =>
    Effect.gen(function*() {
      const target = yield* Loopback.serve((_, response) => response.end("secret"), "127.0.0.2")
      const locations = [
        target.url,
        `//127.0.0.2:${target.port}/`,
        `http://0x7f.2:${target.port}/`,
        `http://2130706434:${target.port}/`,
        `http://[::ffff:127.0.0.2]:${target.port}/`,
        `http://inside.example:${target.port}/`,
        `http://localhost:${target.port}/`,
        "http://169.254.169.254/latest/meta-data/",
        `http://user:password@127.0.0.1:${target.port}/`,
        "file:///etc/passwd",
        "ftp://127.0.0.2/",
        "data:text/plain,secret",
        "javascript:0"
      ]
      const front = yield* Loopback.serve((request, response) => {
        const [, status = "", index = ""] = (request.url ?? "").split("/")
        if (status === "200") {
          const refresh = `<meta http-equiv="refresh" content="0; url=${target.url}">`
          response.writeHead(200, { "content-type": "text/html", refresh: `0; url=${target.url}` }).end(refresh)
        } else response.writeHead(Number(status), { location: locations[Number(index)] ?? "" }).end()
      })
      const remote = yield* Remote.make({ allowedAddresses: ["127.0.0.1"], resolve: resolving("127.0.0.2") })
      for (const status of [301, 302, 303, 307, 308]) {
        for (const [index, location] of locations.entries()) {
          assert.strictEqual(yield* reasonAt(remote, `${front.url}/${status}/${index}`), "refused", location)
        }
      }
      assert.include(Buffer.from((yield* remote.fetch(`${front.url}/200/`)).bytes).toString(), "refresh")
      assert.strictEqual(target.connections(), 0)
      const open = yield* Remote.make({ isGuarded: false })
      assert.strictEqual(Buffer.from((yield* open.fetch(`${front.url}/302/0`)).bytes).toString(), "secret")
    }))

  it.live("is not reached by a name that changes its answer", () =>
    Effect.gen(function*() {
      const answers: Array<string> = []
      const rebinding: Resolve = () => {
        const address = answers.length % 2 === 0 ? "127.0.0.1" : "127.0.0.2"
        answers.push(address)
        return resolving(address)("")
      }
      const front = yield* Loopback.serve((_, response) => response.setHeader("connection", "close").end("public"))
      const inside = yield* Loopback.serve((_, response) => response.end("secret"), "127.0.0.2", front.port)
      const remote = yield* Remote.make({ allowedAddresses: ["127.0.0.1"], resolve: rebinding })
      const url = `http://rebind.example:${front.port}/`
      const seen: Array<string> = []
      for (let round = 0; round < 6; round++) {
        seen.push(
          yield* Effect.match(remote.fetch(url), {
            onSuccess: ({ bytes }) => Buffer.from(bytes).toString(),
            onFailure: ({ reason }) => reason
          })
        )
      }
      // Each connection asks once, and is made to what was answered then.
      assert.deepStrictEqual(seen, ["public", "refused", "public", "refused", "public", "refused"])
      assert.strictEqual(answers.length, 6)
      assert.strictEqual(inside.connections(), 0)
    }))

  it.live("is left out where a name leads to public hosts as well", () =>
    Effect.gen(function*() {
      const front = yield* Loopback.serve((_, response) => response.end("public"))
      const inside = yield* Loopback.serve((_, response) => response.end("secret"), "127.0.0.2", front.port)
      const remote = yield* Remote.make({
        allowedAddresses: ["127.0.0.1"],
        resolve: resolving("127.0.0.2", "10.0.0.1", "127.0.0.1")
      })
      const { bytes } = yield* remote.fetch(`http://both.example:${front.port}/`)
      assert.strictEqual(Buffer.from(bytes).toString(), "public")
      assert.strictEqual(inside.connections(), 0)
    }))

  it.live("is refused by the name of its host, and by no address", () =>
    Effect.gen(function*() {
      const remote = yield* Remote.make({ resolve: resolving("10.11.12.13") })
      const { detail } = yield* Effect.flip(remote.fetch("http://wiki.example/private/path?token=hush"))
      assert.strictEqual(detail, "host \"wiki.example\" is not on the public internet")
    }))
})

describe("Remote", () => {
  const loopback = { allowedAddresses: ["127.0.0.1"] }

  it.live("gives the bytes, what they are, and the name they had", () =>
    Effect.gen(function*() {
      const png = Buffer.from("\x89PNG\r\n\x1a\n", "latin1")
      const bodies: Readonly<Record<string, readonly [string | undefined, string | Buffer]>> = {
        "/a%20b.csv?x=1": ["text/plain; charset=utf-8", "a,b"],
        "/notes.md": [undefined, "# hi"],
        "/shown.txt": ["text/plain", png],
        "/raw.docx": ["application/octet-stream", Buffer.from([0, 1])],
        "/": ["application/x-own", Buffer.from([0, 1])],
        "/deep/..%2F..%2Fetc%2Fpasswd%00": [undefined, Buffer.from([0, 1])]
      }
      const server = yield* Loopback.serve((request, response) => {
        const [type, body] = bodies[request.url ?? ""] ?? [undefined, ""]
        response.writeHead(200, type === undefined ? {} : { "content-type": type }).end(body)
      })
      const remote = yield* Remote.make(loopback)
      const found = yield* Effect.forEach(Object.keys(bodies), (path) => remote.fetch(server.url + path))
      assert.deepStrictEqual(found.map(({ filename, mimeType }) => [mimeType, filename]), [
        ["text/plain", "a b.csv"],
        ["text/markdown", "notes.md"],
        ["image/png", "shown.txt"],
        ["application/vnd.openxmlformats-officedocument.wordprocessingml.document", "raw.docx"],
        ["application/x-own", undefined],
        ["application/octet-stream", "passwd"]
      ])
      assert.strictEqual(Buffer.from(found[0]?.bytes ?? []).toString(), "a,b")
    }))

  it.live("follows five redirects and no more, keeps the first name, and sends nothing of its own along", () =>
    Effect.gen(function*() {
      const seen: Array<ReadonlyArray<string>> = []
      const server = yield* Loopback.serve((request, response) => {
        seen.push(Object.keys(request.headers))
        const left = Number((request.url ?? "").split("/").at(-1)?.split(".")[0])
        if (left === 0) response.end("there")
        else response.writeHead(302, { location: `./${left - 1}.txt`, "set-cookie": "a=b" }).end("elsewhere")
      })
      const remote = yield* Remote.make(loopback)
      const { bytes, filename } = yield* remote.fetch(`${server.url}/x/5.txt`)
      assert.deepStrictEqual([Buffer.from(bytes).toString(), filename], ["there", "5.txt"])
      assert.deepStrictEqual(server.requests.at(-1), "GET /x/0.txt")
      assert.strictEqual(yield* reasonAt(remote, `${server.url}/x/6.txt`), "unreachable")
      for (const name of ["cookie", "authorization", "referer", "origin"]) assert.notInclude(seen.flat(), name)
    }))

  it.live("reads no more than its limit, whatever is announced or unpacked", () =>
    Effect.gen(function*() {
      const large = Buffer.alloc(4 * 1024 * 1024)
      let sent = 0
      const server = yield* Loopback.serve((request, response) => {
        const path = request.url ?? ""
        if (path === "/announced") response.writeHead(200, { "content-length": String(large.length) }).write("x")
        else if (path === "/gzip") response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(large))
        else if (path === "/br") response.writeHead(200, { "content-encoding": "br" }).end(brotliCompressSync(large))
        else if (path === "/fits") response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("fits"))
        else {
          const more = (): void => {
            while (!response.destroyed && sent < 1e9) {
              sent += 65_536
              if (!response.write(large.subarray(0, 65_536))) return void response.once("drain", more)
            }
          }
          more()
        }
      })
      const remote = yield* Remote.make({ ...loopback, maxBytes: 1024 * 1024 })
      for (const path of ["announced", "gzip", "br", "endless"]) {
        assert.strictEqual(yield* reasonAt(remote, `${server.url}/${path}`), "too_large", path)
      }
      assert.isBelow(sent, 64 * 1024 * 1024)
      assert.strictEqual(Buffer.from((yield* remote.fetch(`${server.url}/fits`)).bytes).toString(), "fits")
    }), 30_000)

  it.live("ends what takes too long, before the answer or in the midst of it", () =>
    Effect.gen(function*() {
      const server = yield* Loopback.serve((request, response) => {
        if (request.url === "/drip") response.write("x")
      })
      const remote = yield* Remote.make({ ...loopback, maxTime: "200 millis" })
      for (const path of ["silent", "drip"]) {
        const error = yield* Effect.flip(remote.fetch(`${server.url}/${path}`))
        assert.deepStrictEqual([error.reason, error.isPassing], ["unreachable", true])
      }
    }))

  it.live("tells what may pass from what will not", () =>
    Effect.gen(function*() {
      const server = yield* Loopback.serve((request, response) => {
        const status = Number((request.url ?? "").slice(1))
        if (status === 0) request.socket.destroy()
        else if (status === 1) {
          response.writeHead(200, { "content-length": "100" }).write("x", () => request.socket.destroy())
        } else response.writeHead(status).end("secret")
      })
      const remote = yield* Remote.make({
        ...loopback,
        resolve: () => Promise.reject(Object.assign(new Error("no"), { code: "ENOTFOUND" }))
      })
      const lasting = [403, 404, 410, 302, 304].map((status) => `${server.url}/${status}`)
      const passing = [429, 500, 503, 0, 1].map((status) => `${server.url}/${status}`)
      const { url: gone } = yield* Effect.scoped(Loopback.serve(() => {}))
      const urls = [...lasting, "http://nowhere.example/", "http://", "http://127.0.0.1:25/", ...passing, gone]
      const errors = yield* Effect.forEach(urls, (url) => Effect.flip(remote.fetch(url)))
      assert.deepStrictEqual(new Set(errors.map(({ reason }) => reason)), new Set(["unreachable"]))
      assert.deepStrictEqual(
        errors.map(({ isPassing }) => isPassing === true),
        urls.map((_, index) => index > 7)
      )
      assert.notInclude(JSON.stringify(errors), "secret")
    }))

  it.effect("refuses to go on without encryption, and nothing else of a redirect's own", () =>
    Effect.gen(function*() {
      const at = (from: string, location: string | null) =>
        Effect.match(Remote.redirected(new URL(from), location), {
          onSuccess: ({ href }) => href,
          onFailure: ({ reason }) => reason
        })
      assert.deepStrictEqual(
        yield* Effect.all([
          at("https://a.example/x/y", "http://a.example/"),
          at("https://a.example/x/y", "http://b.example/"),
          at("https://a.example/x/y", "//b.example/z"),
          at("https://a.example/x/y", "z?q"),
          at("http://a.example/x/y", "https://a.example/"),
          at("http://a.example/x/y", "http://"),
          at("http://a.example/x/y", null)
        ]),
        [
          "refused",
          "refused",
          "https://b.example/z",
          "https://a.example/x/z?q",
          "https://a.example/",
          "unreachable",
          "unreachable"
        ]
      )
    }))

  it.live("lets go of the server when it is interrupted, or its scope closes", () =>
    Effect.gen(function*() {
      let closed = 0
      const server = yield* Loopback.serve((request, response) => {
        request.socket.once("close", () => {
          closed += 1
        })
        if (request.url === "/wait") response.write("x")
        else response.end("x")
      })
      const until = (holds: () => boolean) =>
        Effect.gen(function*() {
          while (!holds()) yield* Effect.sleep("5 millis")
        })
      yield* Effect.scoped(Effect.gen(function*() {
        const remote = yield* Remote.make(loopback)
        const waiting = yield* Effect.forkChild(remote.fetch(`${server.url}/wait`))
        yield* until(() => server.requests.length > 0)
        yield* Fiber.interrupt(waiting)
        yield* until(() => closed === 1)
        yield* remote.fetch(`${server.url}/next`)
        assert.strictEqual(closed, 1)
      }))
      yield* until(() => closed === 2)
    }), 30_000)
})
