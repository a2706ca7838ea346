/** A zip archive of empty files with these names. */
import { Buffer } from "node:buffer"

export const zip = (names: ReadonlyArray<string>): Uint8Array => {
  const locals = names.map((name) => record(0x04034b50, 30, 26, name))
  const entries = names.map((name) => record(0x02014b50, 46, 28, name))
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt32LE(Buffer.concat(locals).length, 16)
  return new Uint8Array(Buffer.concat([...locals, ...entries, end]))
}

const record = (signature: number, size: number, nameLengthAt: number, name: string): Buffer => {
  const header = Buffer.alloc(size)
  header.writeUInt32LE(signature, 0)
  header.writeUInt16LE(name.length, nameLengthAt)
  return Buffer.concat([header, Buffer.from(name, "latin1")])
}
