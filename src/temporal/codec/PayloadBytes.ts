import type { Payload } from "@temporalio/common"
import protobuf from "protobufjs/light.js"

/**
 * A payload as the bytes that every Temporal SDK writes it as, so that what is stored or encrypted here is read by tools of others too.
 * The same payload always comes to the same bytes.
 */
const type = new protobuf.Type("Payload")
  .add(new protobuf.MapField("metadata", 1, "string", "bytes"))
  .add(new protobuf.Field("data", 2, "bytes"))

export const encode = ({ data, metadata }: Payload): Uint8Array =>
  type.encode({
    metadata: Object.fromEntries(Object.entries(metadata ?? {}).toSorted(([one], [other]) => one < other ? -1 : 1)),
    data: data ?? new Uint8Array()
  }).finish()

/** Throws on what is no payload. */
export const decode = (bytes: Uint8Array): Payload => {
  const { data, metadata } = type.toObject(type.decode(bytes), { defaults: true })
  return { metadata, data }
}
