import * as Effect from "effect/Effect"
import type { JsonObject } from "../concept/Json.ts"
import * as ImageHeader from "../document/ImageHeader.ts"
import * as Mime from "../document/Mime.ts"
import { fail, type PipeFailure } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import type { Storage } from "../storage/Storage.ts"

/** An image that a leaf made or found. What is not known of it is read from its bytes. */
export interface Image {
  readonly bytes: Uint8Array
  readonly mimeType?: string
  readonly width?: number
  readonly height?: number
  readonly caption?: string
  readonly sourcePrompt?: string
  readonly sourceNegativePrompt?: string
}

/** Keeps an image among the run's artefacts and gives the `Image` content that names it. The bytes, not the provider, say what it is. */
export const store = Effect.fn("StoredImage.store")(function*(
  storage: Storage["Service"],
  runId: string,
  image: Image
): Effect.fn.Return<JsonObject, PipeFailure> {
  const header = ImageHeader.read(image.bytes)
  const mimeType = header?.mimeType ?? Mime.sniff(image.bytes) ?? image.mimeType ?? "application/octet-stream"
  const { publicUrl, uri } = yield* Effect.mapError(
    storage.put(image.bytes, { runId, kind: "generated", extension: Mime.extension(mimeType) }),
    ({ detail }) => fail(new Reason.Unexpected({ problem: `the artefact store failed: ${detail}` }))
  )
  return {
    url: uri,
    public_url: publicUrl ?? null,
    source_prompt: image.sourcePrompt ?? null,
    source_negative_prompt: image.sourceNegativePrompt ?? null,
    caption: image.caption ?? null,
    mime_type: mimeType,
    width: header?.width ?? image.width ?? null,
    height: header?.height ?? image.height ?? null,
    filename: null
  }
})
