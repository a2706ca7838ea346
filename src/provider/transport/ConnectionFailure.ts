import type { ProviderError } from "./ProviderError.ts"

/**
 * What a connection that failed means for the request: whether it can have reached anyone, and whether an answer came that nobody can read. Node and undici say so with codes, wrapped
 * in other errors as often as not, so that the whole chain of causes is read.
 */
export interface ConnectionFailure {
  readonly kind: Extract<ProviderError["kind"], "not_sent" | "timeout" | "network" | "unreadable">
  /** In our own words: what the error says itself may name hosts and ports. */
  readonly message: string
}

const failure = (kind: ConnectionFailure["kind"], message: string): ConnectionFailure => ({ kind, message })

const byCode: Readonly<Record<string, ConnectionFailure>> = {
  ECONNREFUSED: failure("not_sent", "connection refused"),
  ENOTFOUND: failure("not_sent", "host not found"),
  EAI_AGAIN: failure("not_sent", "host not found at the moment"),
  EAI_FAIL: failure("not_sent", "host not found"),
  EHOSTUNREACH: failure("not_sent", "host unreachable"),
  EHOSTDOWN: failure("not_sent", "host unreachable"),
  ENETUNREACH: failure("not_sent", "network unreachable"),
  ENETDOWN: failure("not_sent", "network unreachable"),
  UND_ERR_CONNECT_TIMEOUT: failure("not_sent", "no connection in time"),
  UND_ERR_HEADERS_TIMEOUT: failure("timeout", "no answer in time"),
  UND_ERR_BODY_TIMEOUT: failure("timeout", "no complete answer in time"),
  ETIMEDOUT: failure("timeout", "no answer in time"),
  ECONNRESET: failure("network", "connection reset"),
  EPIPE: failure("network", "connection closed"),
  // A compressed answer that ends too early.
  Z_BUF_ERROR: failure("network", "connection closed"),
  UND_ERR_SOCKET: failure("network", "connection closed")
}

/** What a TLS handshake fails with, before anything is sent. */
const handshake =
  /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|ERR_TLS_|HOSTNAME_MISMATCH|WRONG_VERSION|HANDSHAKE|PROTOCOL_VERSION/

/** What decompression fails with: zlib, Brotli (`ERR__ERROR_FORMAT_…`) and Zstandard. */
const compression = /^(Z_|ERR__|ERR_BROTLI|ZSTD_)/

/** Codes of wrong arguments and the like: nobody's connection failed. */
const mistake = /^(ERR_(?!TLS|SSL|STREAM|SOCKET|HTTP2|INTERNAL)|UND_ERR_(INVALID|NOT_SUPPORTED))/

const ofCode = (code: string): ConnectionFailure | undefined => {
  const known = byCode[code]
  if (known !== undefined) return known
  if (compression.test(code)) return failure("unreadable", "the answer cannot be decompressed")
  return handshake.test(code) ? failure("not_sent", "no secure connection") : undefined
}

const mostCauses = 16

/** An error, its causes and those that it gathers, outermost first, each once. */
const causes = (outermost: unknown): ReadonlyArray<object> => {
  const found = new Set<object>()
  const walk = (each: unknown): void => {
    if (typeof each !== "object" || each === null || found.has(each) || found.size >= mostCauses) return
    found.add(each)
    if ("cause" in each) walk(each.cause)
    if ("errors" in each && Array.isArray(each.errors)) each.errors.forEach(walk)
  }
  walk(outermost)
  return Array.from(found)
}

const codeOf = (each: object): string | undefined =>
  "code" in each && typeof each.code === "string" && each.code !== "" ? each.code : undefined

/** Connecting is the one thing that the operating system can fail at before a byte is sent, whatever code it gives. */
const failedToConnect = (each: object): boolean => "syscall" in each && each.syscall === "connect"

const names = (each: object): string =>
  `${each.constructor?.name ?? ""} ${"name" in each && typeof each.name === "string" ? each.name : ""}`

/** Nothing when the error is not that of a connection. */
export const of = (cause: unknown): ConnectionFailure | undefined => {
  const chain = causes(cause)
  const codes = chain.flatMap((each) => codeOf(each) ?? [])
  if (codes.some((code) => mistake.test(code) && !compression.test(code))) return undefined
  const known = codes.flatMap((code) => ofCode(code) ?? [])
  const certain = known.find(({ kind }) => kind === "not_sent") ?? known[0]
  if (certain?.kind !== "not_sent" && chain.some(failedToConnect)) return failure("not_sent", "no connection")
  if (certain !== undefined) return certain
  const called = chain.map(names).join(" ")
  if (/timeout/i.test(called)) return failure("timeout", "no answer in time")
  return /Connection|Abort|Socket/.test(called) || codes.some((code) => /^(E[A-Z]+$|UND_ERR_|ERR_)/.test(code))
    ? failure("network", "connection lost")
    : undefined
}
