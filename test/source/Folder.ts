import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Path from "effect/Path"

export const layer = Layer.merge(NodeFileSystem.layer, NodePath.layer)

/** A temporary folder with these files, gone with the scope. */
export const make = Effect.fnUntraced(function*(files: Readonly<Record<string, string | Uint8Array>>) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const folder = yield* Effect.flatMap(fs.makeTempDirectoryScoped(), fs.realPath)
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name)
    yield* fs.makeDirectory(path.dirname(file), { recursive: true })
    yield* fs.writeFile(file, typeof content === "string" ? new TextEncoder().encode(content) : content)
  }
  return folder
})

/** The folders in a folder. */
export const below = Effect.fnUntraced(function*(folder: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const places = (yield* fs.readDirectory(folder)).map((name) => path.join(folder, name))
  return yield* Effect.filter(places, (place) => Effect.map(fs.stat(place), ({ type }) => type === "Directory"))
})

/** The corpus recorded from the reference, when it lies beside the repository. */
export const corpus = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const folder = path.resolve("../shared/conformance")
  return (yield* fs.exists(folder)) ? folder : undefined
})
