/** Servers behind TLS, with and without certificates of clients, and those that want a key. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { readFileSync } from "node:fs"
import * as Connection from "../../src/temporal/client/Connection.ts"
import * as Worker from "../../src/temporal/worker/Worker.ts"
import * as Folder from "../source/Folder.ts"
import * as Configured from "./Configured.ts"
import * as Server from "./Server.ts"
import * as Tls from "./Tls.ts"

Server.use()

const limit = 60_000

const written = (keys: Readonly<Record<string, string | boolean>>) =>
  Object.fromEntries(
    Object.entries(keys).map(([key, value]) => [
      `temporal_config.temporal_server_configs.local.${key}`,
      JSON.stringify(value)
    ])
  )

/** Connects as a submitter and as a worker does; what each came to. */
const connected = (
  address: string,
  keys: Readonly<Record<string, string | boolean>>,
  more: Omit<Configured.Options, "keys" | "address"> = {}
) =>
  Effect.gen(function*() {
    const { access } = yield* Configured.project("tls", { ...more, address, keys: written(keys) })
    const outcome = <A, E extends { readonly code: string }>(opening: Effect.Effect<A, E>) =>
      Effect.map(Effect.result(opening), (result) => result._tag === "Success" ? "connected" : result.failure.code)
    const submitter = yield* outcome(Effect.scoped(
      Effect.flatMap(
        Connection.open(access),
        (connection) => Connection.request(connection, () => connection.client.workflowService.getSystemInfo({}))
      )
    ))
    const worker = yield* outcome(Effect.scoped(Worker.connect(access)))
    return [submitter, worker]
  }).pipe(Effect.scoped, Effect.provide(Folder.layer))

const both = ["connected", "connected"]
const neither = ["runtime.unavailable", "runtime.unavailable"]

describe("a server behind TLS", () => {
  it.live(
    "is trusted by the authority of tls_ca_file, under the name of tls_server_name",
    () =>
      Effect.gen(function*() {
        const certificates = yield* Tls.certificates
        const { address, names } = yield* Tls.gate(yield* Server.address, certificates, false)
        const trust = { tls_ca_file: certificates.ca, tls_server_name: Tls.serverName }
        assert.deepStrictEqual(yield* connected(address, trust), both)
        assert.deepStrictEqual(new Set(names), new Set([Tls.serverName]))
        assert.deepStrictEqual(yield* connected(address, { tls_server_name: Tls.serverName }), neither)
        assert.deepStrictEqual(yield* connected(address, { ...trust, tls_server_name: "other.test" }), neither)
      }),
    limit
  )

  it.live("is spoken to in plain where tls is off, and with TLS where it is on", () =>
    Effect.gen(function*() {
      const plain = yield* Server.address
      assert.deepStrictEqual(yield* connected(plain, {}), both)
      assert.deepStrictEqual(yield* connected(plain, { tls: false }), both)
      assert.deepStrictEqual(yield* connected(plain, { tls: true }), neither)
    }), limit)

  it.live("is shown the client's certificate of tls_cert_file and tls_key_file", () =>
    Effect.gen(function*() {
      const certificates = yield* Tls.certificates
      const { address } = yield* Tls.gate(yield* Server.address, certificates, true)
      const { ca, client: { cert, key } } = certificates
      const trust = { tls_ca_file: ca, tls_server_name: Tls.serverName }
      assert.deepStrictEqual(yield* connected(address, trust), neither)
      assert.deepStrictEqual(yield* connected(address, { ...trust, tls_cert_file: cert, tls_key_file: key }), both)
    }), limit)

  it.live("finds its files in the project's folder", () =>
    Effect.gen(function*() {
      const certificates = yield* Tls.certificates
      const { address } = yield* Tls.gate(yield* Server.address, certificates, false)
      const keys = { tls_ca_file: "ca.pem", tls_server_name: Tls.serverName }
      const files = { "ca.pem": readFileSync(certificates.ca, "utf8") }
      assert.deepStrictEqual(yield* connected(address, keys, { files }), both)
    }), limit)

  const ways = [
    ["of the variable that is named", { api_key_method: "env_var", api_key_id: "LAB_KEY" }, "Bearer s3cret"],
    ["of the secret that is named", { api_key_method: "secret_provider", api_key_id: "LAB_KEY" }, "Bearer s3cret"],
    ["that a placeholder stands for", { api_key_method: "secret_provider", api_key_id: "${LAB_KEY}" }, "Bearer s3cret"],
    ["of none, where there is none", { api_key_method: "none", tls: true }, undefined]
  ] as const
  for (const [title, keys, authorization] of ways) {
    it.live(`is shown the key ${title}`, () =>
      Effect.gen(function*() {
        const certificates = yield* Tls.certificates
        const { address, shown } = yield* Tls.door(certificates)
        const trust = { tls_ca_file: certificates.ca, tls_server_name: Tls.serverName, namespace: "lab" }
        const variables = { LAB_KEY: "s3cret" }
        assert.deepStrictEqual(yield* connected(address, { ...trust, ...keys }, { variables }), neither)
        const namespace = authorization === undefined ? undefined : "lab"
        assert.isAbove(shown.length, 1)
        for (const each of shown) assert.deepStrictEqual(each, { authorization, namespace })
      }), limit)
  }
})
