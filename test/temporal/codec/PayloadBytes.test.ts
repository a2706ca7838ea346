import { assert, describe, it } from "@effect/vitest"
import { defaultPayloadConverter } from "@temporalio/common"
import { createRequire } from "node:module"
import * as PayloadBytes from "../../../src/temporal/codec/PayloadBytes.ts"

interface Written {
  readonly encode: (payload: object) => { readonly finish: () => Uint8Array }
}

const require = createRequire(import.meta.url)
const proto = createRequire(require.resolve("@temporalio/common"))("@temporalio/proto") as {
  readonly temporal: { readonly api: { readonly common: { readonly v1: { readonly Payload: Written } } } }
}
const { Payload } = proto.temporal.api.common.v1

describe("PayloadBytes", () => {
  it.each([{ a: 1 }, "text", null, new Uint8Array([1, 2])])("writes %j as the SDK does", (value) => {
    const payload = defaultPayloadConverter.toPayload(value)
    assert.deepStrictEqual(Buffer.from(PayloadBytes.encode(payload)), Buffer.from(Payload.encode(payload).finish()))
    assert.deepStrictEqual(
      defaultPayloadConverter.fromPayload(PayloadBytes.decode(PayloadBytes.encode(payload))),
      value
    )
  })

  it("writes the same bytes whatever the order of the metadata", () => {
    const [a, b] = [new Uint8Array([1]), new Uint8Array([2])]
    assert.deepStrictEqual(
      PayloadBytes.encode({ metadata: { a, b }, data: a }),
      PayloadBytes.encode({ metadata: { b, a }, data: a })
    )
  })
})

describe("protobufjs", () => {
  // With two copies the SDK's external storage fails: a type of one is none of the other's.
  it("is one copy, for the SDK and for us", () => {
    const common = createRequire(require.resolve("@temporalio/common"))
    const places = [
      common.resolve("@temporalio/proto"),
      ...["common", "client", "worker"].map((name) => require.resolve(`@temporalio/${name}`))
    ]
    const own = require.resolve("protobufjs/minimal")
    assert.deepStrictEqual(
      places.map((place) => createRequire(place).resolve("protobufjs/minimal")),
      places.map(() => own)
    )
  })
})
