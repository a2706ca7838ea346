import { Buffer } from "node:buffer"
import type { IncomingHttpHeaders } from "node:http"
import { pipeline, Readable, type Transform } from "node:stream"
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from "node:zlib"

/** Answers behind the Fetch interface: what an API says in JSON is gathered, and only what comes in parts becomes a stream. */
/** The head of an answer, and what comes after it: in one piece where it is JSON, else as it arrives. */
export interface Arrived {
  readonly status: number
  readonly statusText: string
  readonly fields: IncomingHttpHeaders
  readonly body: Whole | Readable
}

const headersOf = (fields: IncomingHttpHeaders): Headers => {
  const headers = new Headers()
  for (const [name, value] of Object.entries(fields)) {
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

const utf8 = new TextDecoder()

const withoutBody: ReadonlySet<number> = new Set([204, 205, 304])

/** What comes as it arrives is left to the platform's own response, unpacked where a gateway packed it without being asked. */
const streamed = ({ fields, status, statusText }: Arrived, body: Readable): Response => {
  const encoding = fields["content-encoding"]
  const decoder = typeof encoding === "string" && Object.hasOwn(decoders, encoding) ? decoders[encoding] : undefined
  // What goes wrong on the way is told by the stream that is read; where none is, nobody has to hear of it.
  body.on("error", () => {})
  const stream = decoder === undefined ? body : pipeline(body, decoder(), () => {})
  return new Response(withoutBody.has(status) ? null : Readable.toWeb(stream), {
    status,
    statusText,
    headers: headersOf(fields)
  })
}

/** The parts of an answer, gathered as they arrive: what it takes in is what a stream does. */
export class Whole {
  readonly #chunks: Array<Buffer> = []
  readonly #done = Promise.withResolvers<Buffer>()
  bodyUsed = false

  constructor() {
    // Nobody has to read an answer: one that breaks off is the business of who does.
    this.#done.promise.catch(() => {})
  }

  push(chunk: Buffer | null): boolean {
    if (chunk === null) this.#done.resolve(Buffer.concat(this.#chunks))
    else this.#chunks.push(chunk)
    return true
  }
  destroy(cause: Error): void {
    this.#done.reject(cause)
  }
  read(): Promise<Buffer> {
    if (this.bodyUsed) return Promise.reject(new TypeError("an answer is read once"))
    this.bodyUsed = true
    return this.#done.promise
  }
}

/** An answer in one piece, without the streams of the platform's own response. */
class Answer implements Response {
  readonly #arrived: Arrived
  readonly #whole: Whole
  #headers: Headers | undefined
  #body: ReadableStream<Uint8Array<ArrayBuffer>> | undefined
  readonly url: string
  readonly redirected = false
  readonly type = "basic"

  constructor(arrived: Arrived, whole: Whole, url: string) {
    this.#arrived = arrived
    this.#whole = whole
    this.url = url
  }

  get status(): number {
    return this.#arrived.status
  }
  get statusText(): string {
    return this.#arrived.statusText
  }
  get ok(): boolean {
    return this.status >= 200 && this.status < 300
  }
  get headers(): Headers {
    return this.#headers ??= headersOf(this.#arrived.fields)
  }
  /** Looking at the stream reads nothing: the SDKs do so with answers that they then read whole. */
  get body(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    if (withoutBody.has(this.status)) return null
    const pull = async (to: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>): Promise<void> => {
      to.enqueue(await this.bytes())
      to.close()
    }
    return this.#body ??= new ReadableStream({ pull }, { highWaterMark: 0 })
  }
  get bodyUsed(): boolean {
    return this.#whole.bodyUsed
  }
  text(): Promise<string> {
    return this.#whole.read().then((bytes) => utf8.decode(bytes))
  }
  json(): Promise<unknown> {
    return this.text().then((text) => JSON.parse(text))
  }
  bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#whole.read().then((bytes) => new Uint8Array(bytes))
  }
  arrayBuffer(): Promise<ArrayBuffer> {
    return this.bytes().then(({ buffer }) => buffer)
  }
  blob(): Promise<Blob> {
    return this.bytes().then((bytes) => new Blob([bytes], { type: this.headers.get("content-type") ?? "" }))
  }
  formData(): Promise<FormData> {
    return this.bytes().then((bytes) => new Response(bytes, { headers: this.headers }).formData())
  }
  clone(): Response {
    throw new TypeError("an answer is read once")
  }
}

/** Whether an answer is read whole by whoever asked for it. */
export const isWhole = ({ "content-encoding": encoding, "content-type": type }: IncomingHttpHeaders): boolean =>
  encoding === undefined && typeof type === "string" && type.startsWith("application/json")

/** What arrived, as `fetch` would answer it. */
export const responseOf = (arrived: Arrived, url: string): Response =>
  arrived.body instanceof Whole ? new Answer(arrived, arrived.body, url) : streamed(arrived, arrived.body)
