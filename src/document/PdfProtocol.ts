/**
 * What travels between `Pdf` and its child process: one job down, then a message per page, then its end. The child
 * imports the types only, so that it need not load Effect.
 */
import * as Schema from "effect/Schema"
import { Reason } from "./DocumentError.ts"

/** What one job may cost. A job that would exceed a limit fails; it is never cut short silently. */
export interface JobLimits {
  readonly maxPages: number
  /** Of one rendered page or one embedded image. */
  readonly maxPixels: number
  /** Of everything a job gives back: images as files, text at two bytes per unit. */
  readonly maxOutputBytes: number
}

export type Job =
  & {
    readonly bytes: Uint8Array
    readonly limits: JobLimits
  }
  & ({
    readonly kind: "extract"
    /** Of the whole document, first ones first; unset is all. */
    readonly maxPageImages?: number
  } | {
    readonly kind: "render"
    readonly dpi: number
  })

export const ImageFile = Schema.Struct({
  bytes: Schema.Uint8Array,
  mimeType: Schema.Literals(["image/png", "image/jpeg"]),
  width: Schema.Int,
  height: Schema.Int
})
export type ImageFile = typeof ImageFile.Type

export const Page = Schema.Struct({
  text: Schema.String,
  images: Schema.Array(ImageFile),
  /** Embedded images that could not be decoded and are missing from `images`. */
  unreadableImages: Schema.Int
})
export type Page = typeof Page.Type

export const Reply = Schema.Union([
  Schema.Struct({ kind: Schema.Literal("page"), value: Schema.Union([Page, ImageFile]) }),
  Schema.Struct({ kind: Schema.Literal("done"), heapBytes: Schema.Int }),
  Schema.Struct({ kind: Schema.Literal("failed"), reason: Reason, detail: Schema.String, reusable: Schema.Boolean })
])
export type Reply = typeof Reply.Type
