import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { Buffer } from "node:buffer"
import { decodeDataUrl } from "../../document/Source.ts"
import type { AdapterContext, ExtractAdapter, ExtractReply, ExtractRequest, Media } from "../Adapter.ts"
import * as JsonApi from "../transport/JsonApi.ts"
import { ProviderError } from "../transport/ProviderError.ts"
import { api as spoken } from "./Api.ts"

/**
 * Documents and images read by Mistral's OCR. A document of this machine is uploaded, read through a signed link, and deleted again;
 * images travel in the request.
 */
const Page = Schema.Struct({
  markdown: Schema.String,
  images: Schema.optionalKey(
    Schema.NullOr(Schema.Array(Schema.Struct({ image_base64: Schema.optionalKey(Schema.NullOr(Schema.String)) })))
  )
})

const Answer = Schema.Struct({
  pages: Schema.Array(Page),
  usage_info: Schema.optionalKey(
    Schema.NullOr(Schema.Struct({ pages_processed: Schema.optionalKey(Schema.NullOr(Schema.Finite)) }))
  )
})

const Uploaded = Schema.Struct({ id: Schema.NonEmptyString })
const Signed = Schema.Struct({ url: Schema.NonEmptyString })

type Bytes = Extract<Media, { readonly _tag: "Bytes" }>

const { provider } = spoken
/** A run does not wait longer for the removal of what it uploaded. */
const removalSeconds = 10

const unreadable = (what: string) =>
  new ProviderError({ kind: "unreadable", metadata: { provider, message: `${what} is not what the API promises` } })

const decode = <A>(schema: Schema.Codec<A, unknown>, what: string) => {
  const read = Schema.decodeUnknownEffect(schema)
  return (value: unknown): Effect.Effect<A, ProviderError> => Effect.mapError(read(value), () => unreadable(what))
}

const answerOf = decode(Answer, "the answer")
const uploadedOf = decode(Uploaded, "the uploaded file")
const signedOf = decode(Signed, "the signed link")

const documentOf = (kind: ExtractRequest["kind"], url: string) =>
  kind === "image" ? { type: "image_url", image_url: url } : { type: "document_url", document_url: url }

/** Nothing is asked of images that nobody wants. */
const bodyOf = ({ imageMinSize, kind, maxPageImages, wire }: ExtractRequest, url: string) => ({
  model: wire.modelId,
  document: documentOf(kind, url),
  include_image_base64: maxPageImages !== 0,
  ...(maxPageImages === undefined || maxPageImages === 0 ? {} : { image_limit: maxPageImages }),
  ...(imageMinSize === undefined ? {} : { image_min_size: imageMinSize })
})

/** A picture as a data URL, or as its base64 alone. */
const imageOf = (written: string): Result.Result<ExtractReply["pages"][number]["images"][number], ProviderError> =>
  Result.mapBoth(decodeDataUrl(written.startsWith("data:") ? written : `data:;base64,${written}`), {
    onFailure: () => unreadable("an image"),
    onSuccess: ({ bytes, mimeType }) => ({ bytes, mimeType })
  })

const replyOf = Effect.fnUntraced(function*({ pages, usage_info: usage }: typeof Answer.Type) {
  const read = yield* Effect.forEach(pages, ({ images, markdown }) =>
    Effect.map(
      Effect.forEach(
        (images ?? []).flatMap(({ image_base64: written }) => written ?? []),
        (written) => Effect.fromResult(imageOf(written))
      ),
      (found) => ({ text: markdown, images: found })
    ))
  return { pages: read, units: { pages: usage?.pages_processed ?? pages.length } } satisfies ExtractReply
})

const formOf = ({ base64, filename = "document.pdf", mimeType }: Bytes): FormData => {
  const form = new FormData()
  form.set("purpose", "ocr")
  form.set("file", new Blob([Buffer.from(base64, "base64")], { type: mimeType }), filename)
  return form
}

export const make = ({ connection, fetch, inference }: AdapterContext): ExtractAdapter => {
  const api = JsonApi.of({ connection, fetch }, spoken)

  const extract = Effect.fnUntraced(function*(request: ExtractRequest) {
    const { file, kind, wire: { headers } } = request
    const options = { headers, timeoutSeconds: inference.requestTimeoutSeconds }
    const further = <A>(sent: Effect.Effect<A, ProviderError>): Effect.Effect<A, ProviderError> =>
      Effect.suspend(() => {
        request.alsoSending?.()
        return sent
      })

    const ocr = (url: string) =>
      JsonApi.post(api, "/ocr", bodyOf(request, url), options).pipe(
        Effect.flatMap(answerOf),
        Effect.flatMap(replyOf)
      )

    /** Taken back whatever comes of it; where that fails, the provider's own retention does it. */
    const upload = (document: Bytes) =>
      Effect.acquireRelease(
        Effect.flatMap(JsonApi.post(api, "/files", formOf(document), options), uploadedOf),
        ({ id }) =>
          Effect.ignore(
            further(
              JsonApi.remove(api, `/files/${encodeURIComponent(id)}`, { headers, timeoutSeconds: removalSeconds })
            )
          ),
        { interruptible: true }
      )

    const signed = ({ id }: typeof Uploaded.Type) =>
      Effect.flatMap(further(JsonApi.get(api, `/files/${encodeURIComponent(id)}/url?expiry=1`, options)), signedOf)

    if (file._tag === "Url") return yield* ocr(file.url)
    return kind === "image"
      ? yield* ocr(`data:${file.mimeType};base64,${file.base64}`)
      : yield* Effect.scoped(
        upload(file).pipe(Effect.flatMap(signed), Effect.flatMap(({ url }) => further(ocr(url))))
      )
  })

  return { passesUrls: true, extract }
}
