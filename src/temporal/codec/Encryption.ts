import type { Payload, PayloadCodec } from "@temporalio/common"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto"
import { fail, type PipeFailure } from "../../failure/PipeFailure.ts"
import * as Reason from "../../failure/Reason.ts"
import * as PayloadBytes from "./PayloadBytes.ts"
import * as Refused from "./Refused.ts"

/**
 * Encryption of everything that payloads hold, with AES-256-GCM: what the server keeps, and what goes to storage, is of no use without a
 * key. What is written is encrypted with one key, and whatever any listed key has encrypted is read, so that keys can be replaced.
 */
export interface Options {
  /** Absent: what is written stays as it is. */
  readonly keyId?: string
  /** 32 bytes in base64, by name. */
  readonly keys: Readonly<Record<string, Redacted.Redacted>>
}

/** As the SDKs' own examples of encryption call it. */
export const encoding = "binary/encrypted"
const cipher = "aes-256-gcm"
const keyField = "encryption-key-id"
const nonceBytes = 12
const tagBytes = 16

/** What a payload that is not encrypted may be: what the SDK's converter reads. */
const plain: ReadonlySet<string> = new Set([
  "binary/null",
  "binary/plain",
  "json/plain",
  "json/protobuf",
  "binary/protobuf"
])

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Of the metadata: changing the named key, or what the payload says it is, makes it unreadable. */
const authenticated = (keyId: string): Uint8Array => encoder.encode([encoding, cipher, keyId].join("\0"))

const keyOf = (key: Redacted.Redacted): Uint8Array => Buffer.from(Redacted.value(key), "base64")

const encrypt = (keyId: string, key: Redacted.Redacted) => (payload: Payload): Payload => {
  const nonce = randomBytes(nonceBytes)
  const sealing = createCipheriv(cipher, keyOf(key), nonce).setAAD(authenticated(keyId))
  const sealed = [sealing.update(PayloadBytes.encode(payload)), sealing.final()]
  return {
    metadata: { encoding: encoder.encode(encoding), [keyField]: encoder.encode(keyId) },
    data: Buffer.concat([nonce, ...sealed, sealing.getAuthTag()])
  }
}

const open = (keyId: string, key: Redacted.Redacted, data: Uint8Array): Payload => {
  const opening = createDecipheriv(cipher, keyOf(key), data.subarray(0, nonceBytes), { authTagLength: tagBytes })
    .setAAD(authenticated(keyId))
    .setAuthTag(data.subarray(data.length - tagBytes))
  const opened = [opening.update(data.subarray(nonceBytes, data.length - tagBytes)), opening.final()]
  return PayloadBytes.decode(Buffer.concat(opened))
}

const decrypt = ({ data, metadata }: Payload, keys: Options["keys"]): Effect.Effect<Payload, PipeFailure> => {
  const keyId = decoder.decode(metadata?.[keyField] ?? new Uint8Array())
  const key = Object.hasOwn(keys, keyId) ? keys[keyId] : undefined
  return key === undefined
    ? Effect.fail(fail(
      new Reason.ConfigInvalid({
        problem: `a payload is encrypted with the key "${keyId}", which is not among the keys of this process`,
        remedy: `Add "${keyId}" to [temporal.payload_codec_config.encryption.keys], and set is_enabled = true.`
      })
    ))
    : Effect.try({
      try: () => open(keyId, key, data ?? new Uint8Array()),
      catch: () =>
        fail(
          new Reason.Unexpected({
            problem:
              `a payload cannot be decrypted: it was changed, or its key "${keyId}" is another here than where it was written`
          })
        )
    })
}

const encodingOf = ({ metadata }: Payload): string => decoder.decode(metadata?.["encoding"] ?? new Uint8Array())

const isPlain = (payload: Payload): boolean => plain.has(encodingOf(payload))

const read = (payload: Payload, keys: Options["keys"]): Effect.Effect<Payload, PipeFailure> => {
  const said = encodingOf(payload)
  if (said === encoding) return decrypt(payload, keys)
  return plain.has(said) ? Effect.succeed(payload) : Effect.fail(
    fail(
      new Reason.Unsupported({
        what: `a payload with the encoding "${said}"`,
        remedy: "Run the same version of pipelex everywhere, and let only pipelex use its task queues."
      })
    )
  )
}

/** Payloads from before encryption was turned on are read as they are; any other encoding is refused. */
export const codec = ({ keyId, keys }: Options): PayloadCodec => {
  const key = keyId === undefined ? undefined : keys[keyId]
  const write = keyId === undefined || key === undefined ? undefined : encrypt(keyId, key)
  return {
    encode: (payloads) => Promise.resolve(write === undefined ? payloads : payloads.map(write)),
    // Every value of every task comes by here, and where nothing is encrypted there is nothing to do.
    decode: (payloads) =>
      payloads.every(isPlain)
        ? Promise.resolve(payloads)
        : Refused.promise(Effect.forEach(payloads, (payload) => read(payload, keys)))
  }
}
