import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Path from "effect/Path"
import * as Source from "../document/Source.ts"
import { fail, type PipeFailure } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import { Storage } from "../storage/Storage.ts"
import { documentFailure } from "./FileFailure.ts"

/** Reads whatever url a content names: a data URL, a local file, an artefact of the store. */
export class Files extends Context.Service<Files, {
  /** `what` names the file in a failure; the url itself may be private. */
  readonly read: (url: string, what: string) => Effect.Effect<Source.Resource, PipeFailure>
}>()("pipelex/provider/Files") {}

/** Files under `base`; with a `scope`, nothing outside these folders is read. */
export const layer = (options: { readonly base?: string; readonly scope?: ReadonlyArray<string> } = {}) =>
  Layer.effect(
    Files,
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const storage = yield* Storage
      const base = options.base ?? path.resolve(".")
      const platform = Context.make(FileSystem.FileSystem, fs).pipe(Context.add(Path.Path, path))

      const read = Effect.fn("Files.read")(function*(url: string, what: string) {
        if (Source.kind(url) === "storage") {
          const bytes = yield* Effect.mapError(storage.get(url), (error) =>
            fail(new Reason.FileRefused({ what, why: error.reason === "not_found" ? "not_found" : "unreadable" })))
          return { bytes, mimeType: "application/octet-stream" }
        }
        const where = { base, ...(options.scope === undefined ? {} : { scope: options.scope }) }
        return yield* Source.read(url, where).pipe(
          Effect.mapError(documentFailure(what)),
          Effect.provideContext(platform)
        )
      })
      return Files.of({ read })
    })
  )
