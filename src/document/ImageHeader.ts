/**
 * Width and height of an image, read from its first bytes without decoding it. Every read is bounds-checked: hostile or
 * cut bytes give nothing, never an exception. Sizes are of the stored pixels; an orientation note is not applied.
 */

export interface ImageHeader {
  readonly mimeType: "image/png" | "image/jpeg" | "image/webp" | "image/gif"
  readonly width: number
  readonly height: number
}

export const read = (bytes: Uint8Array): ImageHeader | undefined => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const found = png(view) ?? gif(view) ?? webp(view) ?? jpeg(view)
  return found !== undefined && found.width > 0 && found.height > 0 ? found : undefined
}

const has = (view: DataView, offset: number, ascii: string): boolean => {
  if (view.byteLength < offset + ascii.length) return false
  return Array.from(ascii).every((character, index) => view.getUint8(offset + index) === character.charCodeAt(0))
}

const png = (view: DataView): ImageHeader | undefined =>
  has(view, 0, "\x89PNG\r\n\x1a\n") && has(view, 12, "IHDR") && view.byteLength >= 24
    ? { mimeType: "image/png", width: view.getUint32(16), height: view.getUint32(20) }
    : undefined

const gif = (view: DataView): ImageHeader | undefined =>
  (has(view, 0, "GIF87a") || has(view, 0, "GIF89a")) && view.byteLength >= 10
    ? { mimeType: "image/gif", width: view.getUint16(6, true), height: view.getUint16(8, true) }
    : undefined

const webp = (view: DataView): ImageHeader | undefined => {
  if (!has(view, 0, "RIFF") || !has(view, 8, "WEBP") || view.byteLength < 30) return undefined
  if (has(view, 12, "VP8X")) {
    return { mimeType: "image/webp", width: 1 + uint24(view, 24), height: 1 + uint24(view, 27) }
  }
  if (has(view, 12, "VP8L") && view.getUint8(20) === 0x2f) {
    const packed = view.getUint32(21, true)
    return { mimeType: "image/webp", width: 1 + (packed & 0x3fff), height: 1 + ((packed >>> 14) & 0x3fff) }
  }
  if (has(view, 12, "VP8 ") && has(view, 23, "\x9d\x01\x2a")) {
    return {
      mimeType: "image/webp",
      width: view.getUint16(26, true) & 0x3fff,
      height: view.getUint16(28, true) & 0x3fff
    }
  }
  return undefined
}

const uint24 = (view: DataView, offset: number): number =>
  view.getUint16(offset, true) | (view.getUint8(offset + 2) << 16)

/** Walks the segments up to the frame header (SOF0 to SOF15, without DHT, JPG and DAC, which share its range). */
const jpeg = (view: DataView): ImageHeader | undefined => {
  if (!has(view, 0, "\xff\xd8\xff")) return undefined
  let at = 2
  while (at + 9 <= view.byteLength) {
    if (view.getUint8(at) !== 0xff) return undefined
    const marker = view.getUint8(at + 1)
    if (marker === 0xff) {
      at += 1
      continue
    }
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      return { mimeType: "image/jpeg", width: view.getUint16(at + 7), height: view.getUint16(at + 5) }
    }
    if (marker === 0xd9 || marker === 0xda) return undefined
    const standalone = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)
    at += standalone ? 2 : 2 + Math.max(2, view.getUint16(at + 2))
  }
  return undefined
}
