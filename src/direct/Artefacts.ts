import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Path from "effect/Path"
import type { Configuration } from "../config/Configuration.ts"
import type { StorageOptions } from "../config/RuntimeToml.ts"
import { fail } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import * as S3 from "../storage/S3.ts"
import * as Storage from "../storage/Storage.ts"

/** The bucket that a table of the configuration leads to, where its method is neither a folder nor memory. */
export const bucket = Effect.fnUntraced(function*(storage: StorageOptions, table: string) {
  if (storage.method === "gcp") {
    return yield* fail(
      new Reason.Unsupported({
        what: "storage method \"gcp\"",
        remedy: "Use s3: Google Cloud Storage speaks it at https://storage.googleapis.com, with an HMAC key."
      })
    )
  }
  const { bucket: name, endpoint, prefix, region, signedUrlsLifespanSeconds: lifespan } = storage.s3
  if (name === undefined) {
    return yield* fail(
      new Reason.ConfigInvalid({
        problem: "storage method \"s3\" needs a bucket",
        remedy: `Set bucket_name in [${table}.s3].`
      })
    )
  }
  const options: S3.Options = {
    bucket: name,
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(prefix === undefined ? {} : { prefix }),
    ...(lifespan === "disabled" ? {} : { signedUrlsLifespan: Duration.seconds(lifespan) })
  }
  return options
})

/**
 * Where the artefacts of a run go, as `[pipelex.storage_config]` says. A relative folder starts from the project's, where there is one: a
 * `.pipelex` in one of its subfolders would hide the project's own.
 */
export const layer = ({ locations, options: { storage } }: Configuration) =>
  Layer.unwrap(Effect.gen(function*() {
    if (storage.method === "in_memory") return Storage.layerMemory
    if (storage.method === "local") {
      const path = yield* Path.Path
      const directory = path.resolve(locations.projectRoot ?? locations.cwd ?? ".", storage.local.path)
      return Storage.layerLocal({ directory })
    }
    return S3.layer(yield* bucket(storage, "pipelex.storage_config"))
  }))
