import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import { own } from "../../concept/Json.ts"
import type { AdapterContext, ImageAdapter, ImageReply, ImageRequest, Media } from "../Adapter.ts"
import { dataUrl } from "../DataUrl.ts"
import * as JsonApi from "../transport/JsonApi.ts"
import { ProviderError } from "../transport/ProviderError.ts"

/**
 * Images of fal's queue: a job is submitted, its status asked for until it is complete, its answer fetched. The submission is what is
 * paid for, so it alone is "the request" that Tier 1 may repeat; once it is accepted, questions about the job are repeated here, and
 * whatever fails in the end leaves the outcome unknown.
 */
const provider = "fal"

const Accepted = Schema.Struct({
  request_id: Schema.String,
  status_url: Schema.String,
  response_url: Schema.String,
  cancel_url: Schema.optionalKey(Schema.String)
})
type Accepted = typeof Accepted.Type

const Status = Schema.Struct({ status: Schema.String })

const Picture = Schema.Struct({
  url: Schema.String,
  content_type: Schema.optionalKey(Schema.NullOr(Schema.String))
})

const Answer = Schema.Struct({
  images: Schema.optionalKey(Schema.NullOr(Schema.Array(Picture))),
  image: Schema.optionalKey(Schema.NullOr(Picture)),
  has_nsfw_concepts: Schema.optionalKey(Schema.NullOr(Schema.Array(Schema.Boolean)))
})
type Answer = typeof Answer.Type

const defaultEndpoint = "https://queue.fal.run"

/** Half a second at first, two in the end. */
const betweenPolls = Schedule.min([Schedule.exponential("500 millis", 1.5), Schedule.spaced("2 seconds")])

/** How often one question about an accepted job is repeated when it fails in passing. */
const askAgain = Schedule.exponential("500 millis").pipe(Schedule.upTo({ times: 2 }))

const cancelWithinSeconds = 5

const waiting: ReadonlySet<string> = new Set(["IN_QUEUE", "IN_PROGRESS"])

const passing: ReadonlySet<number> = new Set([408, 409, 425, 429])

const isPassingStatus = (status: number): boolean => status >= 500 || passing.has(status)

const isPassing = ({ kind, metadata }: ProviderError): boolean =>
  kind === "status" ? isPassingStatus(metadata.status ?? 0) : ["not_sent", "timeout", "network"].includes(kind)

/** A question about an accepted job that stayed without an answer: the job may be done all the same. */
const unknownOutcome = ({ kind, metadata }: ProviderError): ProviderError => {
  const { message, requestId, sdkError } = metadata
  return new ProviderError({
    kind: kind === "timeout" ? "timeout" : "network",
    metadata: {
      provider,
      ...(sdkError === undefined ? {} : { sdkError }),
      ...(message === undefined ? {} : { message }),
      ...(requestId === undefined ? {} : { requestId })
    }
  })
}

/** The job's own failure is told by the status of its answer. Nothing that says "again later" means that the job may be submitted again. */
const answerFailure = (error: ProviderError): ProviderError => {
  const { body, kind, metadata } = error
  return kind === "unreadable" || (kind === "status" && !passing.has(metadata.status ?? 0))
    ? new ProviderError({ kind, metadata, ...(body === undefined ? {} : { body }) })
    : unknownOutcome(error)
}

/** `input_image`, `input_image_2` and so on. */
const inputs = (images: ReadonlyArray<Media>) =>
  Object.fromEntries(
    images.map((image, index) => [`input_image${index === 0 ? "" : `_${index + 1}`}`, dataUrl(image)])
  )

const bodyOf = ({ arguments: made, images, negativePrompt, prompt }: ImageRequest) => ({
  prompt,
  ...(negativePrompt === undefined ? {} : { negative_prompt: negativePrompt }),
  ...made,
  ...inputs(images)
})

/** A checker that found something blanks the image; where it was turned off, what it thinks is of no account. */
const isBlanked = ({ has_nsfw_concepts: found }: Answer, request: ImageRequest): boolean =>
  own(request.arguments, "enable_safety_checker") !== false && found?.includes(true) === true

const imageOf = ({ content_type: mimeType, url }: typeof Picture.Type): ImageReply["images"][number] =>
  typeof mimeType === "string" ? { _tag: "Url", url, mimeType } : { _tag: "Url", url }

const replyOf = (answer: Answer, request: ImageRequest): ImageReply => {
  const pictures = answer.images ?? (answer.image === undefined || answer.image === null ? [] : [answer.image])
  return {
    images: pictures.map(imageOf),
    ...(isBlanked(answer, request) ? { isRefused: true } : {}),
    units: {}
  }
}

/** What of the queue's own an adapter knows: its endpoint, and how to ask it. */
interface Queue {
  readonly api: JsonApi.JsonApi
  readonly endpoint: URL
  readonly options: JsonApi.Options
}

const unreadable = (message: string) => new ProviderError({ kind: "unreadable", metadata: { provider, message } })

const decode = <A>(schema: Schema.Codec<A, unknown>, what: string) => (value: unknown) =>
  Effect.mapError(Schema.decodeUnknownEffect(schema)(value), () => unreadable(`${what} is not what the API promises`))

/** The path of an address that the queue gave. The key goes to the endpoint's own host, wherever an answer points. */
const pathOf = ({ endpoint }: Queue, address: string): Effect.Effect<string, ProviderError> => {
  const url = URL.canParse(address, endpoint.href) ? new URL(address, endpoint.href) : undefined
  return url?.origin === endpoint.origin
    ? Effect.succeed(`${url.pathname}${url.search}`)
    : Effect.fail(unreadable("the queue points to another host"))
}

const ask = (queue: Queue, address: string) =>
  Effect.flatMap(
    pathOf(queue, address),
    (path) => Effect.retry(JsonApi.get(queue.api, path, queue.options), { schedule: askAgain, while: isPassing })
  )

/** Best effort: a job that has begun may be finished, and paid for, all the same. */
const cancel = (queue: Queue, { cancel_url: address }: Accepted) =>
  address === undefined
    ? Effect.void
    : Effect.flatMap(
      pathOf(queue, address),
      (path) => JsonApi.put(queue.api, path, { ...queue.options, timeoutSeconds: cancelWithinSeconds })
    ).pipe(Effect.ignore)

/** The answer of an accepted job, when it is there. */
const answerOf = (queue: Queue, accepted: Accepted): Effect.Effect<Answer, ProviderError> =>
  ask(queue, accepted.status_url).pipe(
    Effect.flatMap(decode(Status, "the status of the job")),
    Effect.repeat({ schedule: betweenPolls, until: ({ status }) => !waiting.has(status) }),
    Effect.mapError(unknownOutcome),
    Effect.andThen(
      ask(queue, accepted.response_url).pipe(
        Effect.flatMap(decode(Answer, "the answer")),
        Effect.mapError(answerFailure)
      )
    ),
    Effect.onInterrupt(() => cancel(queue, accepted))
  )

const outlived = (timeoutSeconds: number): ProviderError =>
  new ProviderError({
    kind: "timeout",
    metadata: { provider, message: `the job was not done within ${timeoutSeconds} seconds` }
  })

/** The adapter of fal's models. An endpoint may have a path of its own, as gateways do. */
export const make = ({ connection, fetch, inference }: AdapterContext): ImageAdapter => {
  const { apiKey, scrub } = connection
  const endpoint = new URL(connection.endpoint ?? defaultEndpoint)
  const folder = endpoint.pathname.replace(/\/+$/, "")
  const headers: JsonApi.Headers = apiKey === undefined
    ? {}
    : { authorization: Redacted.make(`Key ${Redacted.value(apiKey)}`) }
  const api = JsonApi.make({ provider, fetch, baseUrl: endpoint.origin, headers, scrub })
  const timeoutSeconds = inference.requestTimeoutSeconds

  const generate = Effect.fnUntraced(function*(request: ImageRequest) {
    const { headers: modelHeaders, modelId } = request.wire
    const queue: Queue = { api, endpoint, options: { headers: modelHeaders, timeoutSeconds } }
    const submitted = yield* JsonApi.post(api, `${folder}/${modelId}`, bodyOf(request), queue.options)
    const accepted = yield* Effect.mapError(decode(Accepted, "the receipt of the job")(submitted), unknownOutcome)
    const answer = yield* Effect.timeoutOrElse(answerOf(queue, accepted), {
      duration: Duration.seconds(timeoutSeconds),
      orElse: () => Effect.fail(outlived(timeoutSeconds))
    })
    return replyOf(answer, request)
  })

  return { passesUrls: true, generate }
}
