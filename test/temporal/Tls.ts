/** A gate of TLS on the loopback interface: certificates made for one test, and what came through. */
import * as Effect from "effect/Effect"
import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createSecureServer } from "node:http2"
import { type AddressInfo, connect, type Server } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createServer } from "node:tls"

/** The name that the server's certificate is for: not that of its address. */
export const serverName = "temporal.test"

export interface Certificates {
  /** Who signed the others, as a file. */
  readonly ca: string
  readonly server: { readonly cert: Buffer; readonly key: Buffer }
  /** Of a client that the gate lets in, as files. */
  readonly client: { readonly cert: string; readonly key: string }
}

const openssl = (cwd: string, ...args: ReadonlyArray<string>): void => {
  execFileSync("openssl", args, { cwd, stdio: "ignore" })
}

const made = (): Certificates & { readonly folder: string } => {
  const folder = mkdtempSync(join(tmpdir(), "pipelex-tls-"))
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
  openssl(folder, "req", "-x509", ...key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=lab", "-days", "2")
  for (const [name, subject] of [["server", serverName], ["client", "worker"]] as const) {
    openssl(folder, "req", ...key, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${subject}`)
    writeFileSync(join(folder, "names"), `subjectAltName=DNS:${subject}\n`)
    const signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "names"]
    openssl(folder, "x509", "-req", "-in", `${name}.csr`, "-out", `${name}.pem`, ...signed)
  }
  return {
    folder,
    ca: join(folder, "ca.pem"),
    server: { cert: readFileSync(join(folder, "server.pem")), key: readFileSync(join(folder, "server.key")) },
    client: { cert: join(folder, "client.pem"), key: join(folder, "client.key") }
  }
}

/** Gone with the scope. */
export const certificates = Effect.acquireRelease(
  Effect.sync(made),
  ({ folder }) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

const listening = (server: Server) =>
  Effect.acquireRelease(
    Effect.promise(() =>
      new Promise<string>((resolve) => {
        server.listen(0, "127.0.0.1", () => resolve(`127.0.0.1:${(server.address() as AddressInfo).port}`))
      })
    ),
    () => Effect.sync(() => server.close())
  )

/** In front of a server without TLS. `names` is what clients asked for; with `isMutual` they need a certificate too. */
export const gate = Effect.fnUntraced(function*(to: string, { ca, server }: Certificates, isMutual: boolean) {
  const names: Array<string> = []
  const [host = "", port = ""] = to.split(":")
  const options = { ...server, ca: readFileSync(ca), requestCert: isMutual, rejectUnauthorized: isMutual }
  const front = createServer({ ...options, ALPNProtocols: ["h2"] }, (incoming) => {
    names.push(String(incoming.servername))
    const outgoing = connect(Number(port), host)
    incoming.on("error", () => outgoing.destroy()).on("close", () => outgoing.destroy())
    outgoing.on("error", () => incoming.destroy()).on("close", () => incoming.destroy())
    incoming.pipe(outgoing)
    outgoing.pipe(incoming)
  })
  front.on("tlsClientError", () => undefined)
  return { address: yield* listening(front), names }
})

/** A server that refuses every request, and tells what was shown to it. */
export const door = Effect.fnUntraced(function*({ server }: Certificates) {
  const shown: Array<Readonly<Record<string, unknown>>> = []
  const front = createSecureServer(server)
  front.on("stream", (stream, headers) => {
    shown.push({ authorization: headers["authorization"], namespace: headers["temporal-namespace"] })
    stream.respond({ ":status": 200, "content-type": "application/grpc", "grpc-status": "16" }, { endStream: true })
  })
  front.on("sessionError", () => undefined)
  return { address: yield* listening(front), shown }
})
