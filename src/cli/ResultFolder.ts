import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import { unwritable } from "./Exit.ts"

/**
 * The folder that a run leaves behind. It is filled under a name of its own and takes the name `<pipe>_output_<NN>` when it is whole, so
 * that nobody finds a part of a result under the name of one. A run that fails leaves nothing.
 */
export interface ResultFile {
  readonly name: string
  readonly content: string | Uint8Array
}

const highest = 9999

const write = Effect.fnUntraced(function*(file: string, content: string | Uint8Array) {
  const fs = yield* FileSystem.FileSystem
  yield* typeof content === "string" ? fs.writeFileString(file, content) : fs.writeFile(file, content)
})

/** A file outside the folder, at the path that the user gave. */
export const writeBeside = Effect.fnUntraced(function*(file: string, content: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  yield* Effect.mapError(
    Effect.andThen(fs.makeDirectory(path.dirname(path.resolve(file)), { recursive: true }), write(file, content)),
    unwritable(file)
  )
})

/** Gives the folder its name: the first number that is free, also when another run ends at the same time. */
const publish = Effect.fnUntraced(function*(parent: string, partial: string, label: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  for (let number = 1; number <= highest; number++) {
    const folder = path.join(parent, `${label}_output_${String(number).padStart(2, "0")}`)
    if (yield* fs.exists(folder)) continue
    const isDone = yield* Effect.match(fs.rename(partial, folder), { onSuccess: () => true, onFailure: () => false })
    if (isDone) return folder
    if (!(yield* fs.exists(folder))) yield* fs.rename(partial, folder)
  }
  return partial
})

export const save = Effect.fnUntraced(
  function*(parent: string, label: string, runId: string, files: ReadonlyArray<ResultFile>) {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const partial = path.join(parent, `.${label}_output_${runId.replaceAll(/[^\w-]/g, "_").slice(0, 64)}.partial`)
    const fill = Effect.gen(function*() {
      yield* fs.makeDirectory(partial, { recursive: true })
      yield* write(path.join(partial, ".gitignore"), "*\n")
      for (const { content, name } of files) yield* write(path.join(partial, name), content)
      return yield* publish(parent, partial, label)
    })
    return yield* fill.pipe(
      Effect.onError(() => Effect.ignore(fs.remove(partial, { recursive: true, force: true }))),
      Effect.mapError(unwritable(parent))
    )
  }
)
