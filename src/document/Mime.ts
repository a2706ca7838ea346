/**
 * What kind of file some bytes or a file name are. Sniffing believes bytes over names; names decide only among formats
 * that share a container (text, zip). It never throws, whatever the bytes.
 */
import { Buffer } from "node:buffer"

const byExtension: Readonly<Record<string, string>> = {
  bmp: "image/bmp",
  csv: "text/csv",
  docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  gif: "image/gif",
  htm: "text/html",
  html: "text/html",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  json: "application/json",
  markdown: "text/markdown",
  md: "text/markdown",
  odt: "application/vnd.oasis.opendocument.text",
  pdf: "application/pdf",
  png: "image/png",
  pptx: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
  svg: "image/svg+xml",
  tif: "image/tiff",
  tiff: "image/tiff",
  txt: "text/plain",
  webp: "image/webp",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  xml: "application/xml",
  zip: "application/zip"
}

const byMime: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(byExtension).map(([extension, mime]) => [mime, extension])),
  "image/jpeg": "jpg",
  "image/tiff": "tiff",
  "text/html": "html",
  "text/markdown": "md"
}

const signatures: ReadonlyArray<readonly [mime: string, offset: number, latin1: string]> = [
  ["image/png", 0, "\x89PNG\r\n\x1a\n"],
  ["image/jpeg", 0, "\xff\xd8\xff"],
  ["image/gif", 0, "GIF87a"],
  ["image/gif", 0, "GIF89a"],
  ["image/webp", 8, "WEBP"],
  ["image/tiff", 0, "II*\0"],
  ["image/tiff", 0, "MM\0*"],
  ["application/zip", 0, "PK\x03\x04"],
  ["application/zip", 0, "PK\x05\x06"]
]

const officeFolders: ReadonlyArray<readonly [folder: string, extension: string]> = [
  ["word/", "docx"],
  ["xl/", "xlsx"],
  ["ppt/", "pptx"]
]

/** How far into a file a PDF may begin, by the format's own tolerance. */
const pdfHeaderWindow = 1024
const textWindow = 4096
const maxZipEntries = 256

const lookup = (table: Readonly<Record<string, string>>, key: string): string | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined

/** By the name's last extension, in any case; a bare extension is a name too. */
export const fromName = (name: string): string | undefined =>
  lookup(byExtension, name.slice(name.lastIndexOf(".") + 1).toLowerCase())

/** The usual extension without its dot; `bin` when there is none. Parameters of the type are ignored. */
export const extension = (mime: string): string =>
  lookup(byMime, (mime.split(";", 1)[0] ?? "").trim().toLowerCase()) ?? "bin"

/** The type the bytes themselves show, or nothing when they look like none of the known ones. */
export const sniff = (bytes: Uint8Array): string | undefined => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const found = signatures.find(([mime, offset, magic]) =>
    latin1(buffer, offset, offset + magic.length) === magic &&
    (mime !== "image/webp" || latin1(buffer, 0, 4) === "RIFF")
  )?.[0]
  if (found === "application/zip") return sniffZip(buffer)
  if (found !== undefined) return found
  if (latin1(buffer, 0, pdfHeaderWindow).includes("%PDF-")) return byExtension["pdf"]
  return sniffText(buffer)
}

/** The bytes' own type; a name refines only what the bytes leave open. */
export const detect = (bytes: Uint8Array, name?: string): string | undefined => {
  const sniffed = sniff(bytes)
  const named = name === undefined ? undefined : fromName(name)
  if (sniffed === undefined) return named
  if (named === undefined) return sniffed
  const open = sniffed === "text/plain" ? isTextual(named) : sniffed === "application/zip" && isZipped(named)
  return open ? named : sniffed
}

const latin1 = (buffer: Buffer, start: number, end: number): string => buffer.toString("latin1", start, end)

const isTextual = (mime: string): boolean =>
  mime.startsWith("text/") || mime === "application/json" || mime.endsWith("xml")

const isZipped = (mime: string): boolean => mime.startsWith("application/vnd.")

/** Reads the names in the central directory: local headers may lack the sizes needed to walk them. */
const sniffZip = (buffer: Buffer): string => {
  const end = buffer.lastIndexOf("PK\x05\x06", undefined, "latin1")
  let at = end >= 0 && end + 20 <= buffer.length ? buffer.readUInt32LE(end + 16) : buffer.length
  for (let entry = 0; entry < maxZipEntries && at + 46 <= buffer.length; entry++) {
    if (buffer.readUInt32LE(at) !== 0x02014b50) break
    const nameLength = buffer.readUInt16LE(at + 28)
    const name = latin1(buffer, at + 46, at + 46 + nameLength)
    const office = officeFolders.find(([folder]) => name.startsWith(folder))
    if (office !== undefined) return byExtension[office[1]] ?? "application/zip"
    at += 46 + nameLength + buffer.readUInt16LE(at + 30) + buffer.readUInt16LE(at + 32)
  }
  return "application/zip"
}

const sniffText = (buffer: Buffer): string | undefined => {
  const text = decodeStart(buffer)
  if (text === undefined) return undefined
  const start = text.trimStart().toLowerCase()
  if (/^<(?:!doctype html|html|head|body)[\s>]/.test(start)) return "text/html"
  if (/^(?:<\?xml[^>]*>)?(?:\s|<!--[^>]*-->|<!doctype svg[^>]*>)*<svg[\s>]/.test(start)) return "image/svg+xml"
  if (start.startsWith("<?xml")) return "application/xml"
  return "text/plain"
}

/** The first characters when they are plain UTF-8 text; a character cut by the window is not held against them. */
const decodeStart = (buffer: Buffer): string | undefined => {
  if (buffer.length === 0) return undefined
  const decoder = new TextDecoder("utf-8", { fatal: true })
  try {
    const text = decoder.decode(buffer.subarray(0, textWindow), { stream: buffer.length > textWindow })
    // oxlint-disable-next-line no-control-regex -- control characters are what tells binary from text
    return /[\0-\x08\x0e-\x1a\x1c-\x1f]/.test(text) ? undefined : text
  } catch {
    return undefined
  }
}
