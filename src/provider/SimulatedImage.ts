import { Buffer } from "node:buffer"
import { crc32, deflateSync } from "node:zlib"
import { digest } from "../concept/Digest.ts"

/** What the stand-in draws: a square of one colour, the same for the same prompt. */
const side = 64
const signature = Buffer.from("89504e470d0a1a0a", "hex")

const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

const chunk = (type: string, data: Buffer): Buffer => {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data])
  return Buffer.concat([number(data.length), body, number(crc32(body))])
}

/** Eight bits of red, green and blue, not interlaced. */
const header = Buffer.concat([number(side), number(side), Buffer.from([8, 2, 0, 0, 0])])

/** A PNG for a text. */
export const draw = (text: string): Uint8Array => {
  const colour = number(digest(text)).subarray(0, 3)
  const row = Buffer.concat([Buffer.from([0]), ...Array.from({ length: side }, () => colour)])
  const pixels = Buffer.concat(Array.from({ length: side }, () => row))
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(pixels)),
    chunk("IEND", Buffer.alloc(0))
  ])
}
