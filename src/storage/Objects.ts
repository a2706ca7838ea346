/**
 * Bytes under keys: what a place to keep things comes to, whatever the things are called by those who keep them. Here are memory and a
 * folder; `S3.bucket` is the third.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import type * as PlatformError from "effect/PlatformError"
import { StorageError } from "./StorageError.ts"

/** The parts of a key, each checked by whoever made it; `name` is what errors call it. */
export interface Objects {
  readonly put: (key: ReadonlyArray<string>, bytes: Uint8Array, name: string) => Effect.Effect<void, StorageError>
  readonly get: (key: ReadonlyArray<string>, name: string) => Effect.Effect<Uint8Array, StorageError>
}

const notFound = (name: string) =>
  new StorageError({ reason: "not_found", detail: `nothing is stored under "${name}"` })

const unavailable = (detail: string) => (cause: PlatformError.PlatformError) =>
  new StorageError({ reason: "unavailable", detail, cause })

export const memory = (): Objects => {
  const kept = new Map<string, Uint8Array>()
  return {
    put: (key, bytes) =>
      Effect.sync(() => {
        kept.set(key.join("/"), bytes.slice())
      }),
    get: (key, name) =>
      Effect.suspend(() => {
        const found = kept.get(key.join("/"))
        return found === undefined ? Effect.fail(notFound(name)) : Effect.succeed(found.slice())
      })
  }
}

/** A relative folder starts from the process's own. It is made when the first object is put. */
export const folder = Effect.fnUntraced(function*(directory: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const root = path.resolve(directory)

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

  const fileOf = (key: ReadonlyArray<string>): string => path.join(root, ...key)
  const objects: Objects = {
    put: Effect.fnUntraced(function*(key, bytes, name) {
      const file = fileOf(key)
      if (yield* isComplete(file, bytes.length)) return
      yield* Effect.mapError(write(file, bytes), unavailable(`the artefact "${name}" cannot be written`))
    }),
    get: Effect.fnUntraced(function*(key, name) {
      return yield* Effect.gen(function*() {
        const real = yield* files.realPath(fileOf(key))
        if (real !== path.join(yield* files.realPath(root), ...key)) return yield* notFound(name)
        return yield* files.readFile(real)
      }).pipe(Effect.mapError((error) => {
        if (error._tag === "StorageError") return error
        return error.reason._tag === "NotFound"
          ? notFound(name)
          : unavailable(`the artefact "${name}" cannot be read`)(error)
      }))
    })
  }
  return { objects, fileOf }
})
