import type { DataConverter, Payload } from "@temporalio/common"
import { decode, encode, ExternalStorageRunner } from "@temporalio/common/lib/internal-non-workflow/index.js"
import * as Effect from "effect/Effect"
import * as HttpMiddleware from "effect/http/HttpMiddleware"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Schema from "effect/Schema"
import * as Wire from "../../failure/Wire.ts"

/**
 * The codec server of Temporal's protocol: the pages of a server, and its command line, send it payloads that they cannot read. It has no
 * login: whoever reaches it, reads.
 */
const Payloads = Schema.Struct({
  payloads: Schema.Array(Schema.Struct({
    metadata: Schema.optionalKey(Schema.Record(Schema.String, Schema.Uint8ArrayFromBase64)),
    data: Schema.optionalKey(Schema.Uint8ArrayFromBase64)
  }))
})

type Work = (payloads: Array<Payload>) => Promise<Array<Payload>>

/** What `/encode` and `/decode` do: the same, in the same order, as workers and clients. */
const works = ({ externalStorage, payloadCodecs = [] }: DataConverter): Readonly<Record<string, Work>> => {
  const storage = externalStorage === undefined ? undefined : new ExternalStorageRunner(externalStorage)
  return {
    "/encode": async (payloads) => {
      const encoded = await encode(payloadCodecs, payloads)
      return storage === undefined ? encoded : storage.store(encoded)
    },
    "/decode": async (payloads) =>
      decode(payloadCodecs, storage === undefined ? payloads : await storage.retrieve(payloads))
  }
}

const written = Schema.encodeSync(Payloads)

const said = (status: number, message: string) => HttpServerResponse.jsonUnsafe({ message }, { status })

/** The part of the address that says what is wanted. */
const pathOf = (url: string): string => url.split("?", 1)[0]?.replace(/\/$/, "") ?? ""

const answer = (known: Readonly<Record<string, Work>>, origins: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const request = yield* HttpServerRequest.HttpServerRequest
    const { origin } = request.headers
    // A page that was not let in may still send, though it never hears the answer.
    if (origin !== undefined && !origins.includes(origin)) {
      return said(403, "this origin is not allowed: see --cors-origin")
    }
    const work = known[pathOf(request.url)]
    if (work === undefined) {
      return said(404, "there is /encode and /decode")
    }
    if (request.method !== "POST") return said(405, "payloads are posted")
    const asked = yield* Effect.option(HttpServerRequest.schemaBodyJson(Payloads))
    if (asked._tag === "None") return said(400, "the body is no JSON of payloads")
    return yield* Effect.tryPromise({
      try: () => work(Array.from(asked.value.payloads)),
      catch: Wire.recover
    }).pipe(
      Effect.match({
        onSuccess: (payloads) =>
          HttpServerResponse.jsonUnsafe(written({
            payloads: payloads.map(({ data, metadata }) => ({
              ...(metadata === undefined || metadata === null ? {} : { metadata }),
              ...(data === undefined || data === null ? {} : { data })
            }))
          })),
        onFailure: ({ message }) => said(400, message)
      })
    )
  })

/** Answers requests for as long as whatever serves it runs. Pages of these origins may ask. */
export const app = (converter: DataConverter, origins: ReadonlyArray<string>) =>
  HttpMiddleware.cors({ allowedOrigins: (origin) => origins.includes(origin), allowedMethods: ["POST"] })(
    answer(works(converter), origins)
  )
