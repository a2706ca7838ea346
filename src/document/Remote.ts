/**
 * Fetches what a web address names into bytes: public hosts only, redirects followed one by one under the same rules, within a size and a
 * time. Nothing of this process goes along: no cookies, no credentials, no proxy of its environment.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { Buffer } from "node:buffer"
import type { Response } from "undici"
import { DocumentError } from "./DocumentError.ts"
import type { Resolve } from "./GuardedAgent.ts"
import { defaultMaxBytes, mimeTypeOf, percentDecode, type Resource, sizeError } from "./Source.ts"

export interface Options {
  /** False: addresses that are not public may be fetched too. Default: true. */
  readonly isGuarded?: boolean
  /** Addresses that may be fetched although they are not public. */
  readonly allowedAddresses?: ReadonlyArray<string>
  /** Stands in for the system's resolver. */
  readonly resolve?: Resolve
  /** Of the content, after it was decompressed. */
  readonly maxBytes?: number
  /** From the first request to the last byte. */
  readonly maxTime?: Duration.Input
}

export interface Remote {
  readonly fetch: (url: string) => Effect.Effect<Resource, DocumentError>
}

const maxRedirects = 5

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** Statuses that another attempt may not meet: the server is busy, or failed. */
const isPassingStatus = (status: number): boolean => status >= 500 || [408, 425, 429].includes(status)

const refused = (detail: string) => new DocumentError({ reason: "refused", detail })

const unreachable = (detail: string, isPassing = false) =>
  new DocumentError({ reason: "unreachable", detail, ...(isPassing ? { isPassing } : {}) })

/** Connections are made with the first fetch, and closed with the scope. */
export const make = Effect.fn("Remote.make")(function*(options: Options = {}) {
  const maxBytes = options.maxBytes ?? defaultMaxBytes
  const maxTime = Duration.fromInputUnsafe(options.maxTime ?? "1 minute")
  const connections = yield* Effect.acquireRelease(
    Effect.sync(() => pool(options)),
    ({ close }) => Effect.promise(close)
  )

  const request = (url: URL, signal: AbortSignal) =>
    Effect.tryPromise({ try: () => connections.request(url, signal), catch: requestError(url) })

  const get: (start: URL) => Effect.Effect<Resource, DocumentError, Scope.Scope> = Effect.fnUntraced(
    function*(start: URL) {
      const abort = yield* Effect.acquireRelease(
        Effect.sync(() => new AbortController()),
        (controller) => Effect.sync(() => controller.abort())
      )
      let url = start
      for (let hop = 0; hop <= maxRedirects; hop++) {
        yield* checkUrl(url)
        const response = yield* request(url, abort.signal)
        if (!redirects.has(response.status)) return yield* resource(response, start, url, maxBytes)
        yield* Effect.ignore(Effect.tryPromise(() => response.body?.cancel() ?? Promise.resolve()))
        url = yield* redirected(url, response.headers.get("location"))
      }
      return yield* unreachable(`host "${start.hostname}" redirects more than ${maxRedirects} times`)
    }
  )

  const fetch = Effect.fn("Remote.fetch")(function*(written: string) {
    const url = yield* parse(written)
    yield* Effect.annotateCurrentSpan({ "pipelex.host": url.hostname })
    return yield* Effect.timeoutOrElse(Effect.scoped(get(url)), {
      duration: maxTime,
      orElse: () =>
        Effect.fail(unreachable(`host "${url.hostname}" takes longer than ${Duration.format(maxTime)}`, true))
    })
  })
  return { fetch } satisfies Remote
})

/** The connections, and the SDK under them, are loaded when they are first needed. */
const pool = ({ allowedAddresses = [], isGuarded = true, resolve }: Options) => {
  const open = async () => {
    const { fetch, make: makeAgent } = await import("./GuardedAgent.ts")
    const agent = makeAgent({
      isGuarded,
      allowed: new Set(allowedAddresses),
      ...(resolve === undefined ? {} : { resolve })
    })
    return { agent, fetch }
  }
  let opened: ReturnType<typeof open> | undefined
  return {
    request: async (url: URL, signal: AbortSignal): Promise<Response> => {
      opened ??= open()
      const { agent, fetch } = await opened
      return await fetch(url, { dispatcher: agent, redirect: "manual", signal, headers: { "user-agent": "pipelex" } })
    },
    close: async (): Promise<void> => {
      await (await opened)?.agent.destroy()
    }
  }
}

const parse = (written: string): Effect.Effect<URL, DocumentError> => {
  const url = URL.parse(written)
  return url === null ? Effect.fail(unreachable("the web address is malformed")) : Effect.succeed(url)
}

const checkUrl = ({ hostname, password, protocol, username }: URL): Effect.Effect<void, DocumentError> => {
  if (protocol !== "https:" && protocol !== "http:") {
    return Effect.fail(refused(`a ${protocol.slice(0, -1)} address is not fetched`))
  }
  return username !== "" || password !== ""
    ? Effect.fail(refused(`the address on host "${hostname}" holds credentials`))
    : Effect.void
}

/** Where a redirect leads: anywhere but from https to http. What is there is judged when it is asked. */
export const redirected = (from: URL, location: string | null): Effect.Effect<URL, DocumentError> => {
  const to = location === null ? null : URL.parse(location, from.href)
  if (to === null) return Effect.fail(unreachable(`host "${from.hostname}" redirects to no address`))
  return from.protocol === "https:" && to.protocol === "http:"
    ? Effect.fail(refused(`host "${from.hostname}" redirects from https to http`))
    : Effect.succeed(to)
}

const resource = Effect.fnUntraced(function*(response: Response, start: URL, { hostname }: URL, maxBytes: number) {
  if (!response.ok) {
    return yield* unreachable(`host "${hostname}" answers ${response.status}`, isPassingStatus(response.status))
  }
  if (Number(response.headers.get("content-length")) > maxBytes) return yield* sizeError(maxBytes)
  const bytes = yield* Effect.tryPromise({
    try: () => readUpTo(response.body, maxBytes),
    catch: () => unreachable(`host "${hostname}" breaks off its answer`, true)
  })
  if (bytes === undefined) return yield* sizeError(maxBytes)
  const filename = filenameOf(start)
  const declared = (response.headers.get("content-type")?.split(";", 1)[0] ?? "").trim().toLowerCase()
  return {
    bytes,
    mimeType: mimeTypeOf(bytes, declared, filename) ?? "application/octet-stream",
    ...(filename === undefined ? {} : { filename })
  } satisfies Resource
})

/** The bytes, or nothing when there are more: what is over the limit is not waited for. */
const readUpTo = async (body: AsyncIterable<Uint8Array> | null, maxBytes: number): Promise<Uint8Array | undefined> => {
  const chunks: Array<Uint8Array> = []
  let length = 0
  for await (const chunk of body ?? []) {
    length += chunk.length
    if (length > maxBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** The last part of the path, as a name: nothing that could lead to another folder. */
const filenameOf = ({ pathname }: URL): string | undefined => {
  const decoded = percentDecode(pathname.slice(pathname.lastIndexOf("/") + 1)).toString("utf8")
  // oxlint-disable-next-line no-control-regex -- a name has none
  const name = decoded.replaceAll(/[\0-\x1f\x7f]/g, "").split(/[/\\]/).at(-1) ?? ""
  return name === "" || name === "." || name === ".." ? undefined : name
}

/** A request that got no answer, by the innermost cause. */
const requestError = ({ hostname }: URL) => (error: unknown): DocumentError => {
  const cause = innermost(error)
  if (cause instanceof Error && cause.name === "AddressRefused") {
    return refused(`host "${hostname}" is not on the public internet`)
  }
  const code = cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : ""
  if (code === "ENOTFOUND") return unreachable(`there is no host "${hostname}"`)
  return unreachable(
    `host "${hostname}" cannot be reached${code === "" ? "" : ` (${code})`}`,
    passingCodes.test(code)
  )
}

/** Of connections that broke, or were not made in time; certificates that do not hold are not among them. */
const passingCodes = /^(?:EAI_AGAIN|ECONN|EHOSTUNREACH|ENETUNREACH|EPIPE|ETIMEDOUT|UND_ERR)/

const innermost = (error: unknown): unknown =>
  error instanceof Error && error.cause !== undefined ? innermost(error.cause) : error
