import { assert, describe, it } from "@effect/vitest"
import { defaultPayloadConverter, type Payload } from "@temporalio/common"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { randomBytes } from "node:crypto"
import * as Wire from "../../../src/failure/Wire.ts"
import * as Encryption from "../../../src/temporal/codec/Encryption.ts"

const canary = "canary-of-the-prompt"
const key = () => Redacted.make(randomBytes(32).toString("base64"))
const [first, second] = [key(), key()]

const payload = (value: unknown): Payload => defaultPayloadConverter.toPayload(value)
const valueOf = (sent: Payload): unknown => defaultPayloadConverter.fromPayload(sent)
const text = (bytes: Uint8Array | null | undefined) => new TextDecoder().decode(bytes ?? undefined)

const encode = (options: Encryption.Options, ...payloads: Array<Payload>) =>
  Effect.promise(() => Encryption.codec(options).encode(payloads))
const decode = (options: Encryption.Options, ...payloads: Array<Payload>) =>
  Effect.promise(() => Encryption.codec(options).decode(payloads))
const refused = (options: Encryption.Options, sent: Payload) =>
  Effect.tryPromise({ try: () => Encryption.codec(options).decode([sent]), catch: Wire.recover }).pipe(
    Effect.result,
    Effect.map((result) => Result.isFailure(result) ? result.failure : assert.fail("it was read"))
  )

const one = { keyId: "k1", keys: { k1: first } }

const only = (payloads: ReadonlyArray<Payload>): Payload => payloads[0] ?? assert.fail("no payload")

describe("Encryption", () => {
  it.effect.each([{ a: [1, canary] }, canary, null, undefined, new Uint8Array([0, 255])])(
    "reads back %j",
    (value) =>
      Effect.gen(function*() {
        const sent = yield* encode(one, payload(value))
        assert.deepStrictEqual((yield* decode(one, ...sent)).map(valueOf), [value])
      })
  )

  it.effect("leaves nothing of the value readable, its encoding included", () =>
    Effect.gen(function*() {
      const { data, metadata } = only(yield* encode(one, payload({ canary })))
      assert.notInclude(text(data), canary)
      assert.deepStrictEqual(
        Object.fromEntries(Object.entries(metadata ?? {}).map(([name, value]) => [name, text(value)])),
        { encoding: "binary/encrypted", "encryption-key-id": "k1" }
      )
    }))

  it.effect("encrypts the same value differently each time", () =>
    Effect.gen(function*() {
      const sent = yield* encode(one, payload(canary), payload(canary))
      assert.notDeepEqual(sent[0]?.data, sent[1]?.data)
    }))

  it.effect("reads what any listed key wrote, and writes with the one that is named", () =>
    Effect.gen(function*() {
      const before = only(yield* encode(one, payload(canary)))
      const rotated = { keyId: "k2", keys: { k1: first, k2: second } }
      const after = only(yield* encode(rotated, payload(canary)))
      assert.strictEqual(text(after.metadata?.["encryption-key-id"]), "k2")
      assert.deepStrictEqual((yield* decode(rotated, before, after)).map(valueOf), [canary, canary])
    }))

  it.effect("names the key that is not there", () =>
    Effect.gen(function*() {
      const sent = only(yield* encode(one, payload(canary)))
      for (const keys of [{}, { k2: second }]) {
        const failure = yield* refused({ keys }, sent)
        assert.strictEqual(failure.code, "pipelex.config.invalid")
        assert.include(failure.message, "\"k1\"")
      }
    }))

  const tampered: ReadonlyArray<readonly [string, (sent: Payload) => Payload]> = [
    [
      "a changed byte",
      (sent) => ({ ...sent, data: Uint8Array.from(sent.data ?? [], (byte, at) => at === 20 ? byte ^ 1 : byte) })
    ],
    [
      "a changed nonce",
      (sent) => ({ ...sent, data: Uint8Array.from(sent.data ?? [], (byte, at) => at === 0 ? byte ^ 1 : byte) })
    ],
    ["a missing end", (sent) => ({ ...sent, data: (sent.data ?? new Uint8Array()).subarray(0, -1) })],
    ["no data", (sent) => ({ ...sent, data: new Uint8Array() })],
    [
      "another key's name",
      (sent) => ({ ...sent, metadata: { ...sent.metadata, "encryption-key-id": new TextEncoder().encode("same") } })
    ]
  ]
  it.effect.each(tampered)("refuses %s", ([, change]) =>
    Effect.gen(function*() {
      const keys = { k1: first, same: first }
      const failure = yield* refused({ keys }, change(only(yield* encode(one, payload(canary)))))
      assert.strictEqual(failure.code, "runtime.unexpected")
      assert.include(failure.message, "cannot be decrypted")
      assert.notInclude(JSON.stringify(Wire.encode(failure)), Redacted.value(first))
    }))

  it.effect("refuses another key of the same name", () =>
    Effect.gen(function*() {
      const failure = yield* refused({ keys: { k1: second } }, only(yield* encode(one, payload(canary))))
      assert.include(failure.message, "its key \"k1\" is another here")
    }))

  it.effect("reads what was written before it was turned on, and writes plainly when it is off", () =>
    Effect.gen(function*() {
      const plain = payload(canary)
      assert.deepStrictEqual(yield* decode(one, plain), [plain])
      assert.deepStrictEqual(yield* encode({ keys: {} }, plain), [plain])
    }))

  it.effect("refuses an encoding that nobody here writes", () =>
    Effect.gen(function*() {
      const failure = yield* refused(one, {
        metadata: { encoding: new TextEncoder().encode("binary/snappy") },
        data: null
      })
      assert.strictEqual(failure.code, "runtime.unsupported")
      assert.include(failure.message, "binary/snappy")
    }))
})
