/** Writes raw bitmaps as PNG files, nothing else: no palette, no interlacing, eight bits per channel. */
import { Buffer } from "node:buffer"
import { crc32, deflateSync } from "node:zlib"

/** Byte order of a pixel; `rgbx` and `bgrx` carry a fourth byte that means nothing and is dropped. */
export type PixelFormat = "gray" | "rgb" | "bgr" | "rgbx" | "bgrx" | "rgba" | "bgra"

export interface Bitmap {
  readonly width: number
  readonly height: number
  /** Bytes per row, which may exceed the pixels' own. */
  readonly stride: number
  readonly format: PixelFormat
  readonly data: Uint8Array
}

interface Layout {
  readonly colorType: 0 | 2 | 6
  readonly bytesPerPixel: number
  /** For each channel of the file, its place in the bitmap's pixel. */
  readonly channels: ReadonlyArray<number>
}

const layouts: Readonly<Record<PixelFormat, Layout>> = {
  gray: { colorType: 0, bytesPerPixel: 1, channels: [0] },
  rgb: { colorType: 2, bytesPerPixel: 3, channels: [0, 1, 2] },
  bgr: { colorType: 2, bytesPerPixel: 3, channels: [2, 1, 0] },
  rgbx: { colorType: 2, bytesPerPixel: 4, channels: [0, 1, 2] },
  bgrx: { colorType: 2, bytesPerPixel: 4, channels: [2, 1, 0] },
  rgba: { colorType: 6, bytesPerPixel: 4, channels: [0, 1, 2, 3] },
  bgra: { colorType: 6, bytesPerPixel: 4, channels: [2, 1, 0, 3] }
}

const signature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1")

export const encode = (bitmap: Bitmap): Uint8Array => {
  const layout = layouts[bitmap.format]
  const header = Buffer.alloc(13)
  header.writeUInt32BE(bitmap.width, 0)
  header.writeUInt32BE(bitmap.height, 4)
  header.set([8, layout.colorType, 0, 0, 0], 8)
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(scanlines(bitmap, layout), { level: 6 })),
    chunk("IEND", Buffer.alloc(0))
  ])
}

const chunk = (type: string, data: Uint8Array): Buffer => {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data])
  const out = Buffer.alloc(body.length + 8)
  out.writeUInt32BE(data.length, 0)
  out.set(body, 4)
  out.writeUInt32BE(crc32(body), body.length + 4)
  return out
}

/** Rows in the file's channel order, each behind its filter byte (0, none). */
const scanlines = ({ data, height, stride, width }: Bitmap, { bytesPerPixel, channels }: Layout): Uint8Array => {
  const rowLength = 1 + width * channels.length
  const out = Buffer.alloc(rowLength * height)
  for (let y = 0; y < height; y++) {
    let to = y * rowLength + 1
    for (let from = y * stride, last = from + width * bytesPerPixel; from < last; from += bytesPerPixel) {
      for (const channel of channels) out[to++] = data[from + channel] ?? 0
    }
  }
  return out
}
