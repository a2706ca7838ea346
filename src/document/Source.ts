/**
 * Reads what a url of an Image or Document names into bytes: data URLs and local files, under a size limit and, when one
 * is given, inside the folders a run may read. Web addresses and storage URIs are told apart here and read elsewhere.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import type * as PlatformError from "effect/PlatformError"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { Buffer } from "node:buffer"
import { DocumentError } from "./DocumentError.ts"
import * as Mime from "./Mime.ts"

export type Kind = "data" | "file" | "http" | "storage" | "other"

export interface Resource {
  readonly bytes: Uint8Array
  readonly mimeType: string
  /** The last part of a path, local or of a web address; data URLs have none. */
  readonly filename?: string
}

export interface Options {
  /** Absolute folder that relative paths start from. */
  readonly base: string
  readonly maxBytes?: number
  /** Folders that may be read, with all they contain; links out of them are refused. Unset: any folder. */
  readonly scope?: ReadonlyArray<string>
}

export const defaultMaxBytes = 100 * 1024 * 1024

const schemes: Readonly<Record<string, Kind>> = {
  "file:": "file",
  "http:": "http",
  "https:": "http",
  "pipelex-storage:": "storage"
}

/** A path needs no scheme; a name with a colon is still a path, and so is a drive letter. */
export const kind = (url: string): Kind => {
  if (/^data:/i.test(url)) return "data"
  const scheme = /^([a-z][a-z0-9+.-]+:)\/\//i.exec(url)?.[1]?.toLowerCase()
  return scheme === undefined ? "file" : schemes[scheme] ?? "other"
}

export const read = Effect.fn("Source.read")(function*(url: string, options: Options) {
  const maxBytes = options.maxBytes ?? defaultMaxBytes
  const found = kind(url)
  if (url.trim() === "") return yield* new DocumentError({ reason: "unreadable", detail: "the url is blank" })
  if (found === "data") return yield* Effect.fromResult(decodeDataUrl(url, maxBytes))
  if (found === "file") return yield* readFile(url, { ...options, maxBytes })
  return yield* new DocumentError({
    reason: found === "other" ? "unreadable" : "unsupported",
    detail: `no reader for ${url.split(":", 1)[0]} urls`
  })
})

/** Pure and total: any string gives a resource or a typed failure. */
export const decodeDataUrl = (
  url: string,
  maxBytes: number = defaultMaxBytes
): Result.Result<Resource, DocumentError> => {
  const comma = url.indexOf(",")
  if (!/^data:/i.test(url) || comma < 0) return unreadable("the data URL has no comma before its data")
  const header = url.slice("data:".length, comma)
  const isBase64 = /;\s*base64\s*$/i.test(header)
  const written = url.slice(comma + 1)
  // Each byte takes at least 4/3 of a character in base64, and one otherwise.
  if (isBase64 && !written.includes("%") && written.length / 4 * 3 > maxBytes + 3 * 1024) return tooLarge(maxBytes)
  const plain = percentDecode(written)
  const bytes = isBase64 ? base64Decode(plain) : plain
  if (bytes === undefined) return unreadable("the data URL's base64 is malformed")
  if (bytes.length > maxBytes) return tooLarge(maxBytes)
  const declared = (header.split(";", 1)[0] ?? "").trim().toLowerCase()
  return Result.succeed({ bytes, mimeType: mimeTypeOf(bytes, declared) ?? "text/plain" })
}

/** Types that say no more than that there are bytes. */
const vague: ReadonlySet<string> = new Set(["", "application/octet-stream", "binary/octet-stream"])

/**
 * What the bytes are, whatever is declared of them; among text formats, which look alike, the declaration or the name decides, and so
 * they do where the bytes show nothing.
 */
export const mimeTypeOf = (bytes: Uint8Array, declared: string, name?: string): string | undefined => {
  const shown = Mime.sniff(bytes)
  if (vague.has(declared)) return Mime.detect(bytes, name) ?? (declared === "" ? undefined : declared)
  return shown === undefined || shown === "text/plain" ? declared : shown
}

const unreadable = (detail: string) => Result.fail(new DocumentError({ reason: "unreadable", detail }))

const tooLarge = (maxBytes: number) => Result.fail(sizeError(maxBytes))

/** There is more than may be read. */
export const sizeError = (maxBytes: number) =>
  new DocumentError({ reason: "too_large", detail: `the document has more than ${maxBytes} bytes` })

const hexDigit = (code: number | undefined): number => {
  if (code === undefined) return -1
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const lower = code | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}

/** As URLs do it: a `%` that is not followed by two hex digits stands for itself. */
export const percentDecode = (text: string): Buffer => {
  const bytes = Buffer.from(text, "utf8")
  let to = 0
  for (let from = 0; from < bytes.length; from++) {
    const high = bytes[from] === 0x25 ? hexDigit(bytes[from + 1]) : -1
    const low = high < 0 ? -1 : hexDigit(bytes[from + 2])
    bytes[to++] = low < 0 ? bytes[from] ?? 0 : high * 16 + low
    if (low >= 0) from += 2
  }
  return bytes.subarray(0, to)
}

/** Both alphabets, padding optional, white space ignored; Node alone would drop foreign characters silently. */
const base64Decode = (written: Buffer): Buffer | undefined => {
  const text = written.toString("latin1").replace(/[\t\n\f\r ]+/g, "")
  const digits = text.replace(/={1,2}$/, "")
  if (/[^A-Za-z0-9+/_-]/.test(digits) || digits.length % 4 === 1) return undefined
  return text.length === digits.length || text.length % 4 === 0 ? Buffer.from(digits, "base64") : undefined
}

const readFile = Effect.fnUntraced(function*(url: string, options: Options & { readonly maxBytes: number }) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const named = yield* localPath(url)
  const wanted = path.resolve(options.base, named)
  const filename = path.basename(wanted)
  const real = yield* resolveInScope(wanted, options.scope, filename)
  const info = yield* files.stat(real)
  if (info.type !== "File") {
    return yield* new DocumentError({ reason: "unreadable", detail: `"${filename}" is not a file` })
  }
  const chunks = yield* Stream.runCollect(files.stream(real, { bytesToRead: options.maxBytes + 1 }))
  const bytes = Buffer.concat(chunks)
  if (bytes.length > options.maxBytes) return yield* sizeError(options.maxBytes)
  return { bytes, filename, mimeType: Mime.detect(bytes, filename) ?? "application/octet-stream" } satisfies Resource
}, (effect, url) => Effect.mapError(effect, (error) => error._tag === "DocumentError" ? error : fileError(url, error)))

const localPath = Effect.fnUntraced(function*(url: string) {
  if (!/^file:/i.test(url)) return url
  const path = yield* Path.Path
  const parsed = yield* Effect.try({
    try: () => new URL(url),
    catch: () => new DocumentError({ reason: "unreadable", detail: "the file URL is malformed" })
  })
  return yield* path.fromFileUrl(parsed)
})

/** The file's real path. Judged before it is looked for, so that a refusal tells nothing about what exists outside. */
const resolveInScope = Effect.fnUntraced(
  function*(wanted: string, scope: ReadonlyArray<string> | undefined, filename: string) {
    const files = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    if (scope === undefined) return yield* files.realPath(wanted)
    const contains = (file: string) => (folder: string) => {
      const relative = path.relative(folder, file)
      return relative !== ".." && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative)
    }
    const refused = new DocumentError({
      reason: "refused",
      detail: `"${filename}" is outside the folders this run may read`
    })
    const folders = yield* Effect.forEach(
      scope,
      (folder) => Effect.map(Effect.option(files.realPath(folder)), (real) => ({ real, written: path.resolve(folder) }))
    )
    const realFolders = folders.flatMap(({ real }) => Option.toArray(real))
    if (![...realFolders, ...folders.map(({ written }) => written)].some(contains(wanted))) return yield* refused
    const real = yield* files.realPath(wanted)
    return realFolders.some(contains(real)) ? real : yield* refused
  }
)

const fileError = (url: string, error: PlatformError.PlatformError | PlatformError.BadArgument) => {
  const name = JSON.stringify(url.length > 200 ? `${url.slice(0, 200)}…` : url)
  const tag = error._tag === "PlatformError" ? error.reason._tag : error._tag
  return tag === "NotFound"
    ? new DocumentError({ reason: "not_found", detail: `there is no file at ${name}` })
    : new DocumentError({ reason: "unreadable", detail: `the file at ${name} cannot be read (${tag})` })
}
