/**
 * Where a run keeps what it made and what it was given: bytes under names made from their content. Putting the same
 * bytes twice is one artefact. The layers here are memory and a local folder; `S3.ts` has the third, an object store.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Path from "effect/Path"
import type * as PlatformError from "effect/PlatformError"
import { StorageError } from "./StorageError.ts"
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

const notFound = (uri: string) => new StorageError({ reason: "not_found", detail: `nothing is stored under "${uri}"` })

export const layerMemory = Layer.sync(Storage, () => {
  const kept = new Map<string, Uint8Array>()
  return Storage.of({
    put: Effect.fn("Storage.put")(function*(bytes, naming) {
      const uri = StorageUri.format(yield* Effect.fromResult(StorageUri.key(bytes, naming)))
      kept.set(uri, bytes.slice())
      return { uri, publicUrl: undefined }
    }),
    get: Effect.fn("Storage.get")(function*(uri) {
      yield* Effect.fromResult(StorageUri.parse(uri))
      return kept.get(uri)?.slice() ?? (yield* notFound(uri))
    })
  })
})

export const defaultDirectory = ".pipelex/storage"

/** A relative directory starts from the process's own. It is made when the first artefact is put. */
export const layerLocal = (options: { readonly directory: string } = { directory: defaultDirectory }) =>
  Layer.effect(
    Storage,
    Effect.gen(function*() {
      const files = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const root = path.resolve(options.directory)

      const isComplete = (file: string, size: number) =>
        files.stat(file).pipe(
          Effect.map((info) => info.type === "File" && Number(info.size) === size),
          Effect.orElseSucceed(() => false)
        )

      /** Written aside and moved into place: no reader ever sees half a file, and an interruption leaves nothing. */
      const write = Effect.fnUntraced(function*(file: string, bytes: Uint8Array) {
        yield* files.makeDirectory(path.dirname(file), { recursive: true })
        const aside = yield* files.makeTempDirectoryScoped({ directory: root, prefix: ".put-" })
        const temporary = path.join(aside, "artefact")
        yield* files.writeFile(temporary, bytes)
        yield* files.rename(temporary, file)
      }, Effect.scoped)

      return Storage.of({
        put: Effect.fn("Storage.put")(function*(bytes, naming) {
          const key = yield* Effect.fromResult(StorageUri.key(bytes, naming))
          const uri = StorageUri.format(key)
          const file = path.join(root, ...key)
          if (!(yield* isComplete(file, bytes.length))) {
            yield* Effect.mapError(write(file, bytes), unavailable(`the artefact "${uri}" cannot be written`))
          }
          const publicUrl = yield* Effect.orDie(path.toFileUrl(file))
          return { uri, publicUrl: publicUrl.href }
        }),
        get: Effect.fn("Storage.get")(function*(uri) {
          const key = yield* Effect.fromResult(StorageUri.parse(uri))
          const file = path.join(root, ...key)
          return yield* Effect.gen(function*() {
            const real = yield* files.realPath(file)
            if (real !== path.join(yield* files.realPath(root), ...key)) return yield* notFound(uri)
            return yield* files.readFile(real)
          }).pipe(Effect.mapError((error) => {
            if (error._tag === "StorageError") return error
            return error.reason._tag === "NotFound"
              ? notFound(uri)
              : unavailable(`the artefact "${uri}" cannot be read`)(error)
          }))
        })
      })
    })
  )

const unavailable = (detail: string) => (cause: PlatformError.PlatformError) =>
  new StorageError({ reason: "unavailable", detail, cause })
