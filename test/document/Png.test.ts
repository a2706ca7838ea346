import { assert, it } from "@effect/vitest"
import { Buffer } from "node:buffer"
import { inflateSync } from "node:zlib"
import * as ImageHeader from "../../src/document/ImageHeader.ts"
import * as Png from "../../src/document/Png.ts"

const pixelsOf = (file: Uint8Array): ReadonlyArray<number> => {
  const buffer = Buffer.from(file)
  const start = buffer.indexOf("IDAT", 0, "latin1")
  return [...inflateSync(buffer.subarray(start + 4, start + 4 + buffer.readUInt32BE(start - 4)))]
}

it.each(
  [
    ["gray", 1, [1, 2], [1, 2]],
    ["bgr", 3, [1, 2, 3, 4, 5, 6], [3, 2, 1, 6, 5, 4]],
    ["rgbx", 4, [1, 2, 3, 99, 4, 5, 6, 99], [1, 2, 3, 4, 5, 6]],
    ["bgra", 4, [1, 2, 3, 8, 4, 5, 6, 9], [3, 2, 1, 8, 6, 5, 4, 9]]
  ] satisfies ReadonlyArray<[Png.PixelFormat, number, Array<number>, Array<number>]>
)(
  "writes a %s bitmap with padded rows",
  (format, bytesPerPixel, row, expected) => {
    const stride = 2 * bytesPerPixel + 3
    const padded = [...row, 77, 77, 77]
    const file = Png.encode({ width: 2, height: 2, stride, format, data: new Uint8Array([...padded, ...padded]) })
    assert.deepStrictEqual(ImageHeader.read(file), { mimeType: "image/png", width: 2, height: 2 })
    assert.deepStrictEqual(pixelsOf(file), [0, ...expected, 0, ...expected])
  }
)
