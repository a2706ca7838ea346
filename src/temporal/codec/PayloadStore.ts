import type { Payload, StorageDriver, StorageDriverClaim } from "@temporalio/common"
import * as Effect from "effect/Effect"
import * as Path from "effect/Path"
import { createHash } from "node:crypto"
import type { PayloadCodec } from "../../config/TemporalOptions.ts"
import * as Artefacts from "../../direct/Artefacts.ts"
import { fail, type PipeFailure } from "../../failure/PipeFailure.ts"
import * as Reason from "../../failure/Reason.ts"
import * as Objects from "../../storage/Objects.ts"
import * as S3 from "../../storage/S3.ts"
import type { StorageError } from "../../storage/StorageError.ts"
import * as PayloadBytes from "./PayloadBytes.ts"
import * as Refused from "./Refused.ts"

/**
 * Where large payloads are kept, with the server holding a reference in their place: the SHA-256 of what is stored, which is also its
 * name. A reference that leads elsewhere, and a content that is not what the reference says, are refused.
 */
interface Place {
  readonly objects: Objects.Objects
  /** In a sentence. */
  readonly name: string
}

/** What a server keeps in place of a payload. */
interface Reference {
  readonly key: string
  /** `sha256:` and 64 hex digits. */
  readonly hash: string
  /** The method of the store it was put into. */
  readonly store: string
}

/** Written into references as the driver's name: one for all kinds of stores, so that a worker of another kind says what is wrong. */
const driver = { name: "pipelex", type: "pipelex.payload-store" } as const

const table = "temporal.payload_codec_config.storage_provider_config"
const segment = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/

/** Of this process: for a worker and a submitter that share it, such as those of a test. */
const memory = Objects.memory()

const placeOf = Effect.fnUntraced(function*({ storage }: PayloadCodec, base: string) {
  if (storage.method === "in_memory") {
    const place: Place = { objects: memory, name: "the memory of its process" }
    return place
  }
  if (storage.method === "local") {
    const path = yield* Path.Path
    const directory = path.resolve(base, storage.local.path)
    const { objects } = yield* Objects.folder(directory)
    const place: Place = { objects, name: `the folder "${directory}"` }
    return place
  }
  const options = yield* Artefacts.bucket(storage, table)
  const { objects } = yield* S3.bucket(options)
  const place: Place = { objects, name: `the bucket "${options.bucket}"` }
  return place
})

const prefixOf = ({ storagePrefix }: PayloadCodec): Effect.Effect<ReadonlyArray<string>, PipeFailure> => {
  const parts = storagePrefix.replace(/\/$/, "").split("/")
  return parts.every((part) => segment.test(part)) ? Effect.succeed(parts) : Effect.fail(fail(
    new Reason.ConfigInvalid({
      problem: `storage_prefix = "${storagePrefix}" is no prefix of keys`,
      remedy:
        "Use names of letters, digits, \"_\", \"-\" and \".\" with a slash after each, such as \"temporal-payloads/\"."
    })
  ))
}

const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

const refused = (why: string): PipeFailure =>
  fail(new Reason.Unexpected({ problem: `the reference to a large payload is refused: ${why}` }))

/** The digest that a reference names, when the reference is one that this store writes. */
const digestOf = (
  { hash = "", key = "" }: StorageDriverClaim["claimData"],
  prefix: string
): Effect.Effect<string, PipeFailure> => {
  const [, hex = ""] = /^sha256:([0-9a-f]{64})$/.exec(hash) ?? []
  if (hex === "") return Effect.fail(refused("it has no hash"))
  return key === `${prefix}${hex}`
    ? Effect.succeed(hex)
    : Effect.fail(refused(`its key is not "${prefix}" and its hash`))
}

const failed = (verb: string, { name }: Place, elsewhere = "") => ({ detail }: StorageError): PipeFailure =>
  fail(new Reason.RuntimeUnavailable({ problem: `a large payload cannot be ${verb} ${name}: ${detail}${elsewhere}` }))

const many = { concurrency: 8 } as const

/** The configured store, as the SDK takes it; a relative folder starts from `base`. */
export const open = Effect.fn("PayloadStore.open")(function*(options: PayloadCodec, base: string) {
  const parts = yield* prefixOf(options)
  const prefix = `${parts.join("/")}/`
  const place = yield* placeOf(options, base)
  const { method } = options.storage

  const store = (payload: Payload): Effect.Effect<StorageDriverClaim, PipeFailure> => {
    const bytes = PayloadBytes.encode(payload)
    const hex = digest(bytes)
    const reference: Reference = { key: `${prefix}${hex}`, hash: `sha256:${hex}`, store: method }
    return place.objects.put([...parts, hex], bytes, reference.key).pipe(
      Effect.mapError(failed("put into", place)),
      Effect.as({ claimData: { ...reference } })
    )
  }

  const retrieve = Effect.fnUntraced(function*({ claimData }: StorageDriverClaim) {
    const hex = yield* digestOf(claimData, prefix)
    const wrote = claimData["store"] ?? method
    const elsewhere = wrote === method
      ? ""
      : `; it was put into a store of the method "${wrote}", and here it is "${method}"`
    const bytes = yield* place.objects.get([...parts, hex], `${prefix}${hex}`).pipe(
      Effect.mapError(failed("read from", place, elsewhere))
    )
    if (digest(bytes) !== hex) return yield* refused(`what ${place.name} has under its key has another hash`)
    return yield* Effect.try({
      try: () => PayloadBytes.decode(bytes),
      catch: () => refused(`what ${place.name} has under its key is no payload`)
    })
  })

  const made: StorageDriver = {
    ...driver,
    store: ({ abortSignal }, payloads) => Refused.promise(Effect.forEach(payloads, store, many), abortSignal),
    retrieve: ({ abortSignal }, claims) => Refused.promise(Effect.forEach(claims, retrieve, many), abortSignal)
  }
  return made
})
