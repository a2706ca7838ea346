import type { Buffer } from "node:buffer"
import type { IncomingHttpHeaders } from "node:http"
import { Readable } from "node:stream"
import type { Dispatcher } from "undici"
// By its path, since the package's entry loads a browser's whole network stack.
import Agent from "undici/lib/dispatcher/agent.js"
import { type Arrived, isWhole, responseOf, Whole } from "./Answered.ts"

/**
 * The Fetch interface over undici's dispatcher, which costs a fraction of Node's own `fetch`: an answer in JSON, which everybody reads
 * whole, never becomes a stream. It is `fetch` as a client of an API wants it: nothing is cached, no cookie kept, and a redirect is an
 * answer like another, since whoever follows one takes the key along.
 */
export interface Client {
  readonly fetch: typeof globalThis.fetch
  /** Closes every connection, also those in use. */
  readonly close: () => Promise<void>
}

type Body = NonNullable<RequestInit["body"]>

/** A request's body and the type that it has by itself. Forms are written out first, so that their length is known. */
const written = async (
  body: Body
): Promise<readonly [Exclude<Dispatcher.DispatchOptions["body"], undefined>, string | null]> => {
  if (typeof body === "string") return [body, "text/plain;charset=UTF-8"]
  if (body instanceof Uint8Array) return [body, null]
  if (body instanceof ReadableStream) return [Readable.fromWeb(body), null]
  if (Symbol.asyncIterator in body) return [Readable.from(body), null]
  const made = new Response(body)
  return [new Uint8Array(await made.arrayBuffer()), made.headers.get("content-type")]
}

const codeOf = (cause: unknown): unknown => cause instanceof Error && "code" in cause ? cause.code : undefined

/**
 * As `fetch` fails: with a `TypeError` that has the real error for its cause. The SDKs take every cause that speaks of a time-out for a
 * request that was not answered, and forget the cause; a connection that was never made must not speak of one.
 */
const failed = (cause: unknown): TypeError =>
  new TypeError("fetch failed", {
    cause: codeOf(cause) === "UND_ERR_CONNECT_TIMEOUT"
      ? Object.assign(new Error("no connection"), { code: "UND_ERR_CONNECT_TIMEOUT" })
      : cause
  })

/** One request under way: what undici tells of it, and the signal that ends it. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #signal: AbortSignal | undefined
  readonly #arrival = Promise.withResolvers<Arrived>()
  #controller: Dispatcher.DispatchController | undefined
  #body: Whole | Readable | undefined
  #isOver = false

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal
    signal?.addEventListener("abort", this.#abort, { once: true })
  }

  get arrived(): Promise<Arrived> {
    return this.#arrival.promise
  }

  /** Not left to undici, which would first wait for a connection that is being made. */
  readonly #abort = (): void => {
    const reason = this.#signal?.reason
    this.#fail(reason)
    this.#controller?.abort(reason)
  }

  #fail(cause: Error): void {
    this.#isOver = true
    this.#signal?.removeEventListener("abort", this.#abort)
    if (this.#body === undefined) this.#arrival.reject(cause)
    else this.#body.destroy(cause)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#signal?.aborted === true) this.#abort()
  }
  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    fields: IncomingHttpHeaders,
    statusText = ""
  ): void {
    // Told before the answer proper.
    if (status < 200) return
    const body = this.#body = isWhole(fields) ? new Whole() : new Readable({
      read: () => controller.resume(),
      destroy: (cause, done) => {
        if (!this.#isOver) controller.abort(cause ?? new Error("not read to its end"))
        done(cause)
      }
    })
    this.#arrival.resolve({ status, statusText, fields, body })
  }
  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#body?.push(chunk) === false) controller.pause()
  }
  onResponseEnd(): void {
    this.#isOver = true
    this.#signal?.removeEventListener("abort", this.#abort)
    this.#body?.push(null)
  }
  onResponseError(_: Dispatcher.DispatchController, cause: Error): void {
    this.#fail(this.#body === undefined ? failed(cause) : cause)
  }
}

type Fields = Headers | Readonly<Record<string, string>>

const isPlain = (headers: RequestInit["headers"]): headers is Record<string, string> =>
  headers !== undefined && !(headers instanceof Headers) && !(Symbol.iterator in headers)

const isTyped = (headers: Readonly<Record<string, string>>): boolean =>
  Object.keys(headers).some((name) => name.toLowerCase() === "content-type")

/** Plain headers that lack nothing are sent as they are. */
const fieldsOf = (given: RequestInit["headers"], type: string | null): Fields => {
  if (isPlain(given) && (type === null || isTyped(given))) return given
  const headers = new Headers(given)
  if (type !== null && !headers.has("content-type")) headers.set("content-type", type)
  return headers
}

const fetchOver = (dispatcher: Dispatcher): typeof globalThis.fetch => async (input, init = {}) => {
  if (input instanceof Request) return fetchRequest(dispatcher, input, init)
  const signal = init.signal ?? undefined
  signal?.throwIfAborted()
  const { href, origin, pathname, search } = new URL(input)
  const [body, type] = init.body === undefined || init.body === null ? [null, null] : await written(init.body)
  const method = (init.method ?? "GET").toUpperCase()
  const exchange = new Exchange(signal)
  dispatcher.dispatch(
    { origin, path: `${pathname}${search}`, method, headers: fieldsOf(init.headers, type), body },
    exchange
  )
  return responseOf(await exchange.arrived, href)
}

/** A request that was made beforehand, with what is to replace parts of it. */
const fetchRequest = (dispatcher: Dispatcher, made: Request, init: RequestInit): Promise<Response> => {
  const { body, headers, method, signal } = made
  return fetchOver(dispatcher)(made.url, { headers, method, signal, ...(body === null ? {} : { body }), ...init })
}

/** A pool of connections. Whoever opens it closes it. */
export const open = (): Client => {
  const dispatcher = new Agent({
    // The limit of the request decides, which may be longer than any default.
    headersTimeout: 0,
    bodyTimeout: 0,
    // One connection per request under way, as with the SDKs' own transport: a stalled one holds up nobody else.
    allowH2: false
  })
  return { fetch: fetchOver(dispatcher), close: () => dispatcher.destroy() }
}
