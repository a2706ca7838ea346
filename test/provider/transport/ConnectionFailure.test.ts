import { assert, describe, it } from "@effect/vitest"
import * as ConnectionFailure from "../../../src/provider/transport/ConnectionFailure.ts"

const coded = (code: string, more: object = {}) => Object.assign(new Error("it failed"), { code, ...more })
const wrapped = (cause: unknown) => new TypeError("fetch failed", { cause })
const named = (name: string) => Object.assign(new Error("it failed"), { name })

const cases: ReadonlyArray<readonly [unknown, ConnectionFailure.ConnectionFailure["kind"] | undefined]> = [
  [coded("ECONNREFUSED"), "not_sent"],
  [wrapped(coded("ENOTFOUND")), "not_sent"],
  [wrapped(wrapped(coded("EAI_AGAIN"))), "not_sent"],
  [wrapped(coded("UND_ERR_CONNECT_TIMEOUT")), "not_sent"],
  [wrapped(coded("EHOSTUNREACH")), "not_sent"],
  [wrapped(coded("ENETUNREACH")), "not_sent"],
  [wrapped(coded("ETIMEDOUT", { syscall: "connect" })), "not_sent"],
  [wrapped(coded("ECONNRESET", { syscall: "connect" })), "not_sent"],
  [wrapped(new AggregateError([coded("ECONNREFUSED"), coded("ECONNREFUSED")])), "not_sent"],
  [wrapped(coded("CERT_HAS_EXPIRED")), "not_sent"],
  [wrapped(coded("DEPTH_ZERO_SELF_SIGNED_CERT")), "not_sent"],
  [wrapped(coded("UNABLE_TO_VERIFY_LEAF_SIGNATURE")), "not_sent"],
  [wrapped(coded("ERR_TLS_CERT_ALTNAME_INVALID")), "not_sent"],
  [wrapped(coded("ERR_SSL_WRONG_VERSION_NUMBER")), "not_sent"],
  [wrapped(coded("UND_ERR_HEADERS_TIMEOUT")), "timeout"],
  [wrapped(coded("UND_ERR_BODY_TIMEOUT")), "timeout"],
  [wrapped(coded("ETIMEDOUT", { syscall: "read" })), "timeout"],
  [named("TimeoutError"), "timeout"],
  [wrapped(coded("ECONNRESET")), "network"],
  [wrapped(coded("UND_ERR_SOCKET")), "network"],
  [wrapped(coded("EPIPE")), "network"],
  [wrapped(coded("ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC")), "network"],
  [wrapped(coded("UND_ERR_SOMETHING_NEW")), "network"],
  [named("AbortError"), "network"],
  [coded("Z_BUF_ERROR"), "network"],
  [coded("Z_DATA_ERROR"), "unreadable"],
  [coded("ERR__ERROR_FORMAT_PADDING_1"), "unreadable"],
  [coded("ZSTD_error_prefix_unknown"), "unreadable"],
  [new TypeError("x is not a function"), undefined],
  [coded("ERR_INVALID_ARG_TYPE"), undefined],
  [wrapped(coded("UND_ERR_INVALID_ARG")), undefined],
  [new Error("no"), undefined],
  ["a text", undefined],
  [undefined, undefined]
]

describe("a connection that failed", () => {
  it("is read from the codes of all its causes", () => {
    for (const [cause, kind] of cases) assert.strictEqual(ConnectionFailure.of(cause)?.kind, kind, String(cause))
  })

  it("is told in words without hosts, and read once where causes go in circles", () => {
    const refused = coded("ECONNREFUSED", { address: "10.0.0.7" })
    const outer = wrapped(refused)
    Object.assign(refused, { cause: outer })
    assert.deepStrictEqual(ConnectionFailure.of(outer), { kind: "not_sent", message: "connection refused" })
  })
})
