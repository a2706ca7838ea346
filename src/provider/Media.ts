import * as Effect from "effect/Effect"
import { Buffer } from "node:buffer"
import { createHash } from "node:crypto"
import * as Mime from "../document/Mime.ts"
import * as Source from "../document/Source.ts"
import type { PipeFailure } from "../failure/PipeFailure.ts"
import type { FileRef } from "../program/Leaves.ts"
import type { Media } from "./Adapter.ts"
import type { Files } from "./Files.ts"

/**
 * The files of a job as requests carry them. They are read and encoded once per leaf, before the first request: a retry or a re-ask sends
 * the same text again.
 */
export type Kind = "image" | "document"

export interface Reading {
  readonly files: Files["Service"]
  readonly kind: Kind
  /** Web addresses go to the provider as they are. */
  readonly passesUrls: boolean
  /** Code of the pipe, which a failure names. */
  readonly pipe: string
}

const atOnce = 4
const unknownType = "application/octet-stream"

/** The same name for the same bytes, whatever they are called here: some providers want one. */
const stableName = (kind: Kind, bytes: Uint8Array, mimeType: string): string =>
  `${kind}_${createHash("sha256").update(bytes).digest("hex").slice(0, 12)}.${Mime.extension(mimeType)}`

const typeOf = (resource: Source.Resource, file: FileRef): string =>
  resource.mimeType === unknownType
    ? Mime.detect(resource.bytes, file.filename ?? resource.filename) ?? file.mimeType ?? unknownType
    : resource.mimeType

/** One file: its address where that will do, its bytes otherwise. */
export const read = Effect.fnUntraced(
  function*({ files, kind, passesUrls, pipe }: Reading, file: FileRef, what?: string): Effect.fn.Return<
    Media,
    PipeFailure
  > {
    if (passesUrls && Source.kind(file.url) === "http") {
      return { _tag: "Url", url: file.url, ...(file.filename === undefined ? {} : { filename: file.filename }) }
    }
    const resource = yield* files.read(file.url, what ?? `the ${kind} of pipe "${pipe}"`)
    const mimeType = typeOf(resource, file)
    const filename = file.filename ?? resource.filename ??
      (kind === "document" ? stableName(kind, resource.bytes, mimeType) : undefined)
    return {
      _tag: "Bytes",
      base64: Buffer.from(resource.bytes).toString("base64"),
      mimeType,
      ...(filename === undefined ? {} : { filename })
    }
  }
)

const none: Effect.Effect<ReadonlyArray<Media>> = Effect.succeed([])

/** Several files of a kind, in their order. */
export const readAll = (
  reading: Reading,
  refs: ReadonlyArray<FileRef>
): Effect.Effect<ReadonlyArray<Media>, PipeFailure> =>
  refs.length === 0 ? none : Effect.forEach(
    refs,
    (file, index) => read(reading, file, `${reading.kind} ${index + 1} of pipe "${reading.pipe}"`),
    { concurrency: atOnce }
  )

/** The kind of file, as models name what they take: `pdf`, `docx`. An address that tells nothing is taken for a PDF. */
export const typeName = (media: Media): string => {
  if (media._tag === "Bytes") return Mime.extension(media.mimeType)
  const path = (media.filename ?? media.url).replace(/[?#].*$/s, "")
  const named = Mime.fromName(path)
  return named === undefined ? "pdf" : Mime.extension(named)
}
