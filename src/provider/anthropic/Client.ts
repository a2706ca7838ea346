import { BaseAnthropic } from "@anthropic-ai/sdk/client"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Record from "effect/Record"
import * as Redacted from "effect/Redacted"
import type { Connection, ModelWire } from "../../config/Connection.ts"
import type { AdapterContext } from "../Adapter.ts"
import { ProviderError } from "../transport/ProviderError.ts"
import { fromSdk } from "../transport/SdkError.ts"
import { assemble, type Assembled, type Progress } from "./Events.ts"

/**
 * The official SDK as adapters use it: one request per call, no retry, no log, nothing taken from the environment. Bodies are posted by
 * their path: `messages.create` has no temperature any more, and prints warnings about models.
 */
export interface Client {
  /** The answer as JSON, unchecked. */
  readonly whole: (body: object, call: Call) => Effect.Effect<unknown, ProviderError>
  /** The same of an answer that comes in pieces. One that ends before its last piece fails. */
  readonly streamed: (body: object, call: Call) => Effect.Effect<unknown, ProviderError>
}

/** What is said of one request beside its body. */
export interface Call {
  readonly headers: ModelWire["headers"]
  readonly timeoutSeconds: number
}

const provider = "anthropic"

const defaultEndpoint = "https://api.anthropic.com"

const path = "/v1/messages"

/**
 * The version of the API that backends are written for, which has sampling parameters; the SDK's own one, 2026-10-21, has none. A model
 * may name another by an `anthropic-version` of its own.
 */
const version = "2023-06-01"

/** Keeps the SDK from looking for credentials of its own. It is never sent. */
const dummyKey = "unused"

/** The key goes into one header as it is: the one that the backend names, else Anthropic's. */
const headersOf = ({ apiKey, extra }: Connection): Readonly<Record<string, string | null>> => {
  const named = Object.hasOwn(extra, "auth_header") ? extra["auth_header"] : undefined
  const name = Redacted.isRedacted(named) ? Redacted.value(named) : "x-api-key"
  return {
    "anthropic-version": version,
    authorization: null,
    ...(apiKey === undefined ? {} : { [name.toLowerCase()]: Redacted.value(apiKey) })
  }
}

const isOfSdk = (name: string): boolean =>
  name.startsWith("x-stainless-") || ["accept", "content-type", "user-agent"].includes(name)

/** Drops the headers that the SDK takes from `ANTHROPIC_CUSTOM_HEADERS`: a backend says itself what is sent to it. */
class Closed extends BaseAnthropic {
  readonly #own: ReadonlyArray<string>

  constructor(given: ConstructorParameters<typeof BaseAnthropic>[0], own: ReadonlyArray<string>) {
    super(given)
    this.#own = own
  }

  protected override prepareRequest(
    ...[request, { options }]: Parameters<BaseAnthropic["prepareRequest"]>
  ): Promise<void> {
    const own = new Set([...this.#own, ...Object.keys(options.headers ?? {}).map((name) => name.toLowerCase())])
    request.headers = Array.from(new Headers(request.headers)).filter(([name]) => isOfSdk(name) || own.has(name))
    return Promise.resolve()
  }
}

const clientOf = ({ connection, fetch }: Pick<AdapterContext, "connection" | "fetch">): BaseAnthropic => {
  const defaultHeaders = headersOf(connection)
  return new Closed({
    apiKey: dummyKey,
    webhookKey: null,
    baseURL: connection.endpoint ?? defaultEndpoint,
    defaultHeaders,
    fetch,
    maxRetries: 0,
    logLevel: "off",
    openTelemetry: false
  }, Object.keys(defaultHeaders))
}

/** An answer with a good status that is not what the API promises. */
export const unreadable = (): ProviderError =>
  new ProviderError({ kind: "unreadable", metadata: { provider, message: "the answer is not what the API promises" } })

const cut = (): ProviderError =>
  new ProviderError({ kind: "network", metadata: { provider, message: "the answer ended before it was complete" } })

const late = (seconds: number): ProviderError =>
  new ProviderError({ kind: "timeout", metadata: { provider, message: `no answer within ${seconds} s` } })

const finished = ({ isComplete, message }: Assembled, { events }: Progress): Effect.Effect<unknown, ProviderError> => {
  if (isComplete) return Effect.succeed(message)
  return Effect.fail(events === 0 ? unreadable() : cut())
}

/** Fails when nothing came for so long. It looks once in that time, so that a stream costs no timer per event. */
const stalled = (progress: Progress, seconds: number): Effect.Effect<never, ProviderError> => {
  const watch = (before: number): Effect.Effect<never, ProviderError> =>
    Effect.delay(
      Effect.suspend(() => progress.events === before ? Effect.fail(late(seconds)) : watch(progress.events)),
      Duration.seconds(seconds)
    )
  return watch(0)
}

/** The client of a backend. */
export const make = (context: Pick<AdapterContext, "connection" | "fetch">): Client => {
  const client = clientOf(context)
  const failed = fromSdk(provider, context.connection)

  const post = <A>(
    body: object,
    { headers, timeoutSeconds }: Call,
    read: (answer: unknown, response: Response) => A | Promise<A>
  ): Effect.Effect<A, ProviderError> =>
    Effect.tryPromise({
      try: (signal) =>
        client.post<unknown>(path, {
          body,
          stream: "stream" in body,
          signal,
          timeout: Math.ceil(timeoutSeconds * 1000),
          headers: Record.map(headers, Redacted.value)
        }).withResponse().then(({ data, response }) => read(data, response)),
      // What the SDK cannot parse it throws as JavaScript's own error.
      catch: (cause) => cause instanceof SyntaxError ? unreadable() : failed(cause)
    })

  return {
    // The SDK's own limit ends when the head of the answer is there.
    whole: (body, call) =>
      Effect.timeoutOrElse(post(body, call, (answer) => answer), {
        duration: Duration.seconds(call.timeoutSeconds),
        orElse: () => Effect.fail(late(call.timeoutSeconds))
      }),
    streamed: (body, call) =>
      Effect.suspend(() => {
        const progress: Progress = { events: 0 }
        // The SDK throws an error that says nothing where there is nothing to read.
        const read = (answer: unknown, response: Response) => assemble(response.body === null ? null : answer, progress)
        return post({ ...body, stream: true }, call, read).pipe(
          Effect.raceFirst(stalled(progress, call.timeoutSeconds)),
          Effect.flatMap((assembled) => finished(assembled, progress))
        )
      })
  }
}
