import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Path from "effect/Path"
import * as Mime from "../document/Mime.ts"
import * as Remote from "../document/Remote.ts"
import * as Source from "../document/Source.ts"
import { fail, type PipeFailure } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import { Storage } from "../storage/Storage.ts"
import { documentFailure } from "./FileFailure.ts"

/** Reads whatever url a content names: a data URL, a local file, a web address, an artefact of the store. */
export class Files extends Context.Service<Files, {
  /** `what` names the file in a failure; the url itself may be private. */
  readonly read: (url: string, what: string) => Effect.Effect<Source.Resource, PipeFailure>
}>()("pipelex/provider/Files") {}

/** Where files may come from. */
export interface Options {
  /** Folder that relative paths start from. Default: the working directory. */
  readonly base?: string
  /** Folders outside of which nothing is read. Default: any. */
  readonly scope?: ReadonlyArray<string>
  /** How web addresses are fetched. Default: public hosts only. */
  readonly remote?: Remote.Options
}

/** Reads files for as long as the layer lives. */
export const layer = (options: Options = {}) =>
  Layer.effect(
    Files,
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const storage = yield* Storage
      const remote = yield* Remote.make(options.remote)
      const base = options.base ?? path.resolve(".")
      const where = { base, ...(options.scope === undefined ? {} : { scope: options.scope }) }
      const platform = Context.make(FileSystem.FileSystem, fs).pipe(Context.add(Path.Path, path))

      const stored = Effect.fnUntraced(function*(uri: string, what: string) {
        const bytes = yield* Effect.mapError(storage.get(uri), (error) =>
          fail(new Reason.FileRefused({ what, why: error.reason === "not_found" ? "not_found" : "unreadable" })))
        return { bytes, mimeType: Mime.detect(bytes, uri) ?? "application/octet-stream" }
      })

      const read = Effect.fn("Files.read")(function*(url: string, what: string) {
        const kind = Source.kind(url)
        if (kind === "storage") {
          return yield* stored(url, what)
        }
        const found = kind === "http" ? remote.fetch(url) : Effect.provideContext(Source.read(url, where), platform)
        return yield* Effect.mapError(found, documentFailure(what))
      })
      return Files.of({ read })
    })
  )
