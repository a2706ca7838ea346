/**
 * Where a run keeps what it made and what it was given: bytes under names made from their content. Putting the same
 * bytes twice is one artefact. The layers here are memory and a local folder; `S3.ts` has the third, an object store.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Path from "effect/Path"
import * as Objects from "./Objects.ts"
import type { StorageError } from "./StorageError.ts"
import * as StorageUri from "./StorageUri.ts"

export { StorageError } from "./StorageError.ts"

export interface Stored {
  readonly uri: string
  /** Where people may open it; memory has no such place. */
  readonly publicUrl: string | undefined
}

export class Storage extends Context.Service<Storage, {
  put(bytes: Uint8Array, naming: StorageUri.Naming): Effect.Effect<Stored, StorageError>
  get(uri: string): Effect.Effect<Uint8Array, StorageError>
}>()("pipelex/storage/Storage") {}

/** Artefacts in a place that keeps bytes under keys, which can be opened where `publicUrl` says. */
export const over = (
  objects: Objects.Objects,
  publicUrl: (key: ReadonlyArray<string>, uri: string) => Effect.Effect<string | undefined, StorageError>
): Storage["Service"] =>
  Storage.of({
    put: Effect.fn("Storage.put")(function*(bytes, naming) {
      const key = yield* Effect.fromResult(StorageUri.key(bytes, naming))
      const uri = StorageUri.format(key)
      yield* objects.put(key, bytes, uri)
      return { uri, publicUrl: yield* publicUrl(key, uri) }
    }),
    get: Effect.fn("Storage.get")(function*(uri) {
      return yield* objects.get(yield* Effect.fromResult(StorageUri.parse(uri)), uri)
    })
  })

export const layerMemory = Layer.sync(Storage, () => over(Objects.memory(), () => Effect.undefined))

export const defaultDirectory = ".pipelex/storage"

/** A relative directory starts from the process's own. It is made when the first artefact is put. */
export const layerLocal = (options: { readonly directory: string } = { directory: defaultDirectory }) =>
  Layer.effect(
    Storage,
    Effect.gen(function*() {
      const path = yield* Path.Path
      const { fileOf, objects } = yield* Objects.folder(options.directory)
      return over(objects, (key) => Effect.map(Effect.orDie(path.toFileUrl(fileOf(key))), ({ href }) => href))
    })
  )
