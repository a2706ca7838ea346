/**
 * A provider of models on the loopback interface, for tests: it speaks the APIs that the adapters speak, answers by rules, and keeps what
 * it was sent. Answers never change: a text names the digest of its prompt, an object is filled from its schema.
 */
import * as Effect from "effect/Effect"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { buffer } from "node:stream/consumers"
import { setTimeout as sleep } from "node:timers/promises"
import { isObject, type Json, type JsonObject } from "../../src/concept/Json.ts"
import * as Answers from "./Answer.ts"
import * as Aside from "./Aside.ts"
import * as EventStream from "./EventStream.ts"
import * as Parts from "./Parts.ts"
import * as Reading from "./Reading.ts"
import type { Part, Request } from "./Request.ts"
import { type Answer, answers, type Reply, type Rule } from "./Rule.ts"

export type { Request } from "./Request.ts"
export type { Answer, Reply, Rule } from "./Rule.ts"

/** One request as it came. */
export interface Logged {
  /** Position among the requests to models, from 1; 0 for those beside them: files, jobs, lists. */
  readonly nth: number
  /** Milliseconds on the machine's steady clock. */
  readonly time: number
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** As written, or the fields of a form. */
  readonly body: JsonObject
  readonly request: Request
  readonly reply: Reply
  /** Whether the client hung up before it was answered. */
  readonly aborted: boolean
}

export interface FakeProvider {
  /** `http://127.0.0.1:<port>`, without a path. */
  readonly url: string
  /** Answers by these rules from now on, counting requests from 1 and with an empty log. */
  readonly rules: (rules: ReadonlyArray<Rule>) => Effect.Effect<void>
  /** The same with a function in place of rules. */
  readonly answer: (answer: Answer) => Effect.Effect<void>
  /** Requests to models, oldest first. */
  readonly requests: Effect.Effect<ReadonlyArray<Logged>>
  /** All requests, also those beside them. */
  readonly all: Effect.Effect<ReadonlyArray<Logged>>
  /** The most requests that were being answered at once. */
  readonly maxInFlight: Effect.Effect<number>
}

interface Body {
  readonly fields: JsonObject
  readonly files: ReadonlyArray<Part>
}

const parsed = (text: string): Body => {
  try {
    const value: Json = JSON.parse(text)
    return { fields: isObject(value) ? value : {}, files: [] }
  } catch {
    return { fields: {}, files: [] }
  }
}

const numeric = (text: string): Json => /^\d+$/.test(text) ? Number(text) : text

const form = async (raw: Uint8Array<ArrayBuffer>, type: string): Promise<Body> => {
  const data = await new Response(raw, { headers: { "content-type": type } }).formData()
  const texts = Array.from(data).flatMap(([name, value]): ReadonlyArray<readonly [string, Json]> =>
    typeof value === "string" ? [[name, numeric(value)]] : []
  )
  const files = Array.from(data).flatMap(([, value]) => typeof value === "string" ? [] : [value])
  return {
    fields: Object.fromEntries(texts),
    files: await Promise.all(
      files.map(async (file) => Parts.ofBytes(file.type, new Uint8Array(await file.arrayBuffer())))
    )
  }
}

const bodyOf = async (incoming: IncomingMessage): Promise<Body> => {
  const raw = new Uint8Array(await buffer(incoming))
  const type = incoming.headers["content-type"] ?? ""
  return type.startsWith("multipart/") ? form(raw, type) : parsed(new TextDecoder().decode(raw))
}

const flat = (headers: IncomingMessage["headers"]): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value ?? "")]))

class State {
  answer: Answer = () => ({})
  log: Array<Logged & { aborted: boolean }> = []
  count = 0
  inFlight = 0
  maxInFlight = 0

  begin(answer: Answer): void {
    this.answer = answer
    this.log = []
    this.count = 0
    this.maxInFlight = this.inFlight
  }
}

const requestIds = { "x-request-id": "req_fixed", "request-id": "req_fixed" }

const send = (
  outgoing: ServerResponse,
  status: number,
  type: string,
  body: string,
  reply: Reply
): void => {
  const bytes = Buffer.from(body)
  outgoing.writeHead(status, {
    "content-type": type,
    "content-length": bytes.length,
    ...requestIds,
    ...reply.headers
  })
  if (reply.cut === undefined) {
    outgoing.end(bytes)
  } else {
    outgoing.write(bytes.subarray(0, reply.cut), () => outgoing.destroy())
  }
}

const isStreamed = ({ api, other, path }: Request): boolean =>
  api === "anthropic_messages" ? other["stream"] === true : path.endsWith(":streamGenerateContent")

const answerTo = (outgoing: ServerResponse, request: Request, reply: Reply, nth: number, url: string): void => {
  const { body, raw, status = 200 } = reply
  if (raw !== undefined) return send(outgoing, status, "application/json", raw, reply)
  if (body !== undefined || status >= 400) {
    return send(outgoing, status, "application/json", JSON.stringify(body ?? {}), reply)
  }
  const message = Answers.body(request, Answers.said(request, reply), nth, url)
  if (!isStreamed(request)) return send(outgoing, status, "application/json", JSON.stringify(message), reply)
  const events = request.api === "anthropic_messages" ? EventStream.anthropic(message) : EventStream.google(message)
  return send(outgoing, status, "text/event-stream", events, reply)
}

const listener = (state: State, url: () => string) => async (incoming: IncomingMessage, outgoing: ServerResponse) => {
  const time = performance.now()
  const path = (incoming.url ?? "").replace(/\?.*$/, "")
  const method = incoming.method ?? ""
  const { fields, files } = await bodyOf(incoming)
  const request = Reading.read(path, fields, files)
  const served = Aside.serve(method, path, url())
  const nth = served === undefined ? ++state.count : 0
  const reply = state.answer(request, nth)
  const entry = {
    nth,
    time,
    method,
    path,
    headers: flat(incoming.headers),
    body: fields,
    request,
    reply,
    aborted: false
  }
  state.log.push(entry)
  state.maxInFlight = Math.max(state.maxInFlight, ++state.inFlight)
  outgoing.once("close", () => {
    state.inFlight -= 1
    entry.aborted = !outgoing.writableFinished
  })
  await reply.until
  if (reply.delay_ms !== undefined) await sleep(reply.delay_ms, undefined, { ref: false })
  if (outgoing.destroyed) return
  if (reply.reset === "fin") {
    outgoing.socket?.end()
  } else if (reply.reset === true) {
    outgoing.socket?.resetAndDestroy()
  } else if (served !== undefined && Object.keys(reply).length === 0) {
    send(outgoing, 200, "application/json", JSON.stringify(served), {})
  } else {
    answerTo(outgoing, request, reply, nth, url())
  }
}

const addressOf = (server: Server): string => {
  const address = server.address()
  return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`
}

const listen = (state: State) =>
  Effect.callback<Server>((resume) => {
    const server = createServer((incoming, outgoing) => {
      answering(incoming, outgoing).catch(() => outgoing.destroy())
    })
    // Longer than any test: a connection that is closed while a request is on its way would be a fault that no rule asked for.
    server.keepAliveTimeout = 120_000
    const answering = listener(state, () => addressOf(server))
    server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
  })

const close = (server: Server) =>
  Effect.callback<void>((resume) => {
    server.close(() => resume(Effect.void))
    server.closeAllConnections()
  })

/** Listens on a free port until its scope ends. Without rules, every answer is the standard one. */
export const start = Effect.gen(function*() {
  const state = new State()
  const server = yield* Effect.acquireRelease(listen(state), close)
  const provider: FakeProvider = {
    url: addressOf(server),
    rules: (rules) => Effect.sync(() => state.begin(answers(rules))),
    answer: (answer) => Effect.sync(() => state.begin(answer)),
    requests: Effect.sync(() => state.log.filter(({ nth }) => nth > 0)),
    all: Effect.sync(() => [...state.log]),
    maxInFlight: Effect.sync(() => state.maxInFlight)
  }
  return provider
})
