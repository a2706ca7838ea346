import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import { fail } from "../failure/PipeFailure.ts"
import { ConfigInvalid } from "../failure/Reason.ts"

/**
 * The defaults that come with the package: its own `.pipelex` folder, found upward from this module. So it is found from `src/config`,
 * from `dist/config` and from a bundle in `dist` alike, and never in a project that merely uses the package.
 */
const mostLevels = 3

export const folder = Effect.suspend(() => search(import.meta.url))

/** The packaged folder as seen from a module of the package. */
export const search = Effect.fnUntraced(function*(moduleUrl: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const module = yield* Effect.orDie(path.fromFileUrl(new URL(moduleUrl)))
  let parent = path.dirname(module)
  for (let level = 0; level <= mostLevels; level++) {
    const isRoot = yield* Effect.orElseSucceed(fs.exists(path.join(parent, "package.json")), () => false)
    if (isRoot) {
      const found = path.join(parent, ".pipelex")
      if (yield* Effect.orElseSucceed(fs.exists(path.join(found, "pipelex.toml")), () => false)) return found
    }
    parent = path.dirname(parent)
  }
  return yield* fail(
    new ConfigInvalid({
      problem: "the packaged defaults are missing",
      remedy: "Install the package again: its .pipelex folder is not there."
    })
  )
})
