/**
 * Artefacts in a bucket of an S3-compatible object store. The SDK is loaded when the layer is built, so that runs which keep their
 * artefacts elsewhere never pay for it.
 */
import type { S3ClientConfig } from "@aws-sdk/client-s3"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type { Objects } from "./Objects.ts"
import { over, Storage } from "./Storage.ts"
import { StorageError } from "./StorageError.ts"

export interface Options {
  readonly bucket: string
  readonly region?: string
  /** Of a store that is not Amazon's: MinIO, Ceph, R2, … Buckets are then addressed by path. */
  readonly endpoint?: string
  /** Default: whatever the SDK finds in the environment, shared files or the machine's role. */
  readonly credentials?: {
    readonly accessKeyId: string
    readonly secretAccessKey: Redacted.Redacted
    readonly sessionToken?: Redacted.Redacted
  }
  /** Put before every key, without slashes around it. */
  readonly prefix?: string
  /** Of each request, the first included. Default: the SDK's. */
  readonly maxAttempts?: number
  /** How long a signed link to an artefact holds; without it artefacts have no public address. */
  readonly signedUrlsLifespan?: Duration.Duration
}

/** A link cannot be signed for longer. */
const longestLifespan = Duration.days(7)

const clientConfig = ({ credentials, endpoint, maxAttempts, region }: Options): S3ClientConfig => ({
  region: region ?? "us-east-1",
  ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
  ...(credentials === undefined ? {} : {
    credentials: {
      accessKeyId: credentials.accessKeyId,
      secretAccessKey: Redacted.value(credentials.secretAccessKey),
      ...(credentials.sessionToken === undefined ? {} : { sessionToken: Redacted.value(credentials.sessionToken) })
    }
  }),
  ...(maxAttempts === undefined ? {} : { maxAttempts }),
  // Checksums beyond what S3 itself needs are refused by several compatible stores.
  requestChecksumCalculation: "WHEN_REQUIRED",
  responseChecksumValidation: "WHEN_REQUIRED"
})

const nameOf = (cause: unknown): string => cause instanceof Error ? cause.name : "an unknown error"

const isAbsent = (cause: unknown): boolean => ["NoSuchKey", "NotFound"].includes(nameOf(cause))

/** The store's own message is left out: it may quote keys and account ids. */
const failed = (what: string, uri: string) => (cause: unknown): StorageError =>
  isAbsent(cause)
    ? new StorageError({ reason: "not_found", detail: `nothing is stored under "${uri}"` })
    : new StorageError({ reason: "unavailable", detail: `the artefact "${uri}" cannot be ${what} (${nameOf(cause)})` })

/** The bucket as bytes under keys, with links to them where `signedUrlsLifespan` says how long those hold. */
export const bucket = Effect.fnUntraced(function*(options: Options) {
  const sdk = yield* Effect.promise(() => import("@aws-sdk/client-s3"))
  const { getSignedUrl } = yield* Effect.promise(() => import("@aws-sdk/s3-request-presigner"))
  const client = yield* Effect.acquireRelease(
    Effect.sync(() => new sdk.S3Client(clientConfig(options))),
    (opened) => Effect.sync(() => opened.destroy())
  )
  const placeOf = (key: ReadonlyArray<string>) => ({
    Bucket: options.bucket,
    Key: [...(options.prefix === undefined || options.prefix === "" ? [] : [options.prefix]), ...key].join("/")
  })
  const objects: Objects = {
    put: (key, bytes, name) =>
      Effect.asVoid(Effect.tryPromise({
        try: (abortSignal) =>
          client.send(
            new sdk.PutObjectCommand({ ...placeOf(key), Body: bytes, ContentLength: bytes.length }),
            { abortSignal }
          ),
        catch: failed("written", name)
      })),
    get: (key, name) =>
      Effect.tryPromise({
        try: async (abortSignal) => {
          const { Body } = await client.send(new sdk.GetObjectCommand(placeOf(key)), { abortSignal })
          return Body === undefined ? new Uint8Array() : await Body.transformToByteArray()
        },
        catch: failed("read", name)
      })
  }
  const publicUrl = (key: ReadonlyArray<string>, uri: string) => {
    const { signedUrlsLifespan: lifespan } = options
    return lifespan === undefined ? Effect.undefined : Effect.tryPromise({
      try: () =>
        getSignedUrl(client, new sdk.GetObjectCommand(placeOf(key)), {
          expiresIn: Duration.toSeconds(Duration.min(lifespan, longestLifespan))
        }),
      catch: failed("linked to", uri)
    })
  }
  return { objects, publicUrl }
})

export const layer = (options: Options) =>
  Layer.effect(Storage, Effect.map(bucket(options), ({ objects, publicUrl }) => over(objects, publicUrl)))
