import { pipeline, Readable, type Transform } from "node:stream"
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from "node:zlib"
import { Agent, type Dispatcher, request } from "undici"

/**
 * The Fetch interface over undici's `request`, which costs a fraction of Node's own `fetch`: an answer that is read whole never becomes a
 * web stream. It is `fetch` as a client of an API wants it: nothing is cached, no cookie kept, and a redirect is an answer like another,
 * since whoever follows one takes the key along.
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

const headersOf = (data: Dispatcher.ResponseData): Headers => {
  const headers = new Headers()
  for (const [name, value] of Object.entries(data.headers)) {
    if (typeof value === "string") headers.append(name, value)
    else for (const each of value ?? []) headers.append(name, each)
  }
  return headers
}

const decoders: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  "x-gzip": createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress
}

const withoutBody: ReadonlySet<number> = new Set([204, 205, 304])

/** Some gateways compress what nobody asked them to compress. Rare enough to be left to the platform's own response. */
const decoded = (data: Dispatcher.ResponseData, encoding: string): Response | undefined => {
  const decoder = Object.hasOwn(decoders, encoding) ? decoders[encoding] : undefined
  if (decoder === undefined) return undefined
  // What goes wrong on the way is told by the stream that is read.
  const stream = pipeline(data.body, decoder(), () => {})
  return new Response(Readable.toWeb(stream), {
    status: data.statusCode,
    statusText: data.statusText,
    headers: headersOf(data)
  })
}

/** An answer that is read straight from the socket when it is wanted whole. What few want is left to the platform's own response. */
class Answer implements Response {
  readonly #data: Dispatcher.ResponseData
  #headers: Headers | undefined
  readonly url: string
  readonly redirected = false
  readonly type = "basic"

  constructor(data: Dispatcher.ResponseData, url: string) {
    this.#data = data
    this.url = url
  }

  get status(): number {
    return this.#data.statusCode
  }
  get statusText(): string {
    return this.#data.statusText
  }
  get ok(): boolean {
    return this.status >= 200 && this.status < 300
  }
  get headers(): Headers {
    return this.#headers ??= headersOf(this.#data)
  }
  /** Looking at the stream reads nothing: the SDKs do so with answers that they then read whole. */
  get body(): Response["body"] {
    return withoutBody.has(this.status) ? null : this.#data.body.body ?? null
  }
  get bodyUsed(): boolean {
    return this.#data.body.bodyUsed
  }
  text(): Promise<string> {
    return this.#data.body.text()
  }
  json(): Promise<unknown> {
    return this.#data.body.json()
  }
  arrayBuffer(): Promise<ArrayBuffer> {
    return this.#data.body.arrayBuffer()
  }
  bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return this.arrayBuffer().then((buffer) => new Uint8Array(buffer))
  }
  blob(): Promise<Blob> {
    return this.#whole().blob()
  }
  formData(): Promise<FormData> {
    return this.#whole().formData()
  }
  clone(): Response {
    throw new TypeError("an answer is read once")
  }

  #whole(): Response {
    return new Response(this.body, { status: this.status, statusText: this.statusText, headers: this.headers })
  }
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

/** Rejects as soon as the signal aborts: undici itself would first wait for a connection that is being made. */
const unlessAborted = <A>(signal: AbortSignal, work: () => Promise<A>): Promise<A> =>
  new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) return abort()
    signal.addEventListener("abort", abort, { once: true })
    work().then(resolve, reject).finally(() => signal.removeEventListener("abort", abort))
  })

const fetchOver = (dispatcher: Dispatcher): typeof globalThis.fetch => async (input, init = {}) => {
  if (input instanceof Request) return fetchRequest(dispatcher, input, init)
  const url = String(input)
  const signal = init.signal ?? undefined
  const [body, type] = init.body === undefined || init.body === null ? [null, null] : await written(init.body)
  const headers = init.headers instanceof Headers ? init.headers : new Headers(init.headers)
  if (type !== null && !headers.has("content-type")) headers.set("content-type", type)
  const method = (init.method ?? "GET").toUpperCase()
  const answered = async () =>
    request(url, { method, headers, body, dispatcher, ...(signal === undefined ? {} : { signal }) }).catch((cause) => {
      throw signal?.aborted === true ? signal.reason : failed(cause)
    })
  const data = await (signal === undefined ? answered() : unlessAborted(signal, answered))
  const encoding = data.headers["content-encoding"]
  return (typeof encoding === "string" ? decoded(data, encoding) : undefined) ?? new Answer(data, url)
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
