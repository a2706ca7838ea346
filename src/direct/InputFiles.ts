import * as Effect from "effect/Effect"
import type { Concepts } from "../concept/Concept.ts"
import * as ContentFiles from "../concept/ContentFiles.ts"
import { type JsonObject, textOf } from "../concept/Json.ts"
import { shapeOf, type Stuff } from "../concept/Stuff.ts"
import type { WorkingMemory } from "../concept/WorkingMemory.ts"
import * as Mime from "../document/Mime.ts"
import * as Source from "../document/Source.ts"
import { locate, PipeFailure } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import { Files } from "../provider/Files.ts"
import { Storage } from "../storage/Storage.ts"

/**
 * Looks at every file among a run's inputs before anything runs: a local file must be readable, a data URL is moved to the artefact
 * store so that memory stays small, and each gets its MIME type. For a run elsewhere local files are stored too: who reads them may be
 * another machine.
 */
export interface Options {
  /** Whether local files are put in the artefact store. Default: they are read where they lie. */
  readonly isStored?: boolean
}

const unreadable = (what: string) => (failure: PipeFailure): PipeFailure => {
  const { location, reason } = failure
  if (!(reason instanceof Reason.FileRefused)) return failure
  // Nothing has been asked of a model yet, so there is no category.
  const { explanation, why } = reason
  const refused = why === "not_found"
    ? new Reason.FileRefused({ what, why: "unreadable", explanation: "there is no such file" })
    : new Reason.FileRefused({ what, why, ...(explanation === undefined ? {} : { explanation }) })
  return new PipeFailure({ reason: refused, location })
}

const prepared = Effect.fnUntraced(
  function*(content: JsonObject, what: string, runId: string, { isStored = false }: Options) {
    const files = yield* Files
    const storage = yield* Storage
    const url = textOf(content, "url")
    const kind = Source.kind(url)
    if (kind === "http") return { ...content, public_url: content["public_url"] ?? url }
    if (kind === "storage") return content
    const { bytes, filename, mimeType } = yield* Effect.mapError(files.read(url, what), unreadable(what))
    const isLocal = kind !== "data"
    const named = isLocal ? { filename: content["filename"] ?? filename ?? null } : {}
    const known = { ...content, mime_type: content["mime_type"] ?? mimeType, ...named }
    if (isLocal && !isStored) return known
    const { publicUrl, uri } = yield* Effect.mapError(
      storage.put(bytes, { runId, kind: "assets", extension: Mime.extension(mimeType) }),
      () =>
        new PipeFailure({
          reason: new Reason.Unexpected({ problem: "the artefact store cannot be written" }),
          location: {}
        })
    )
    return { ...known, url: uri, ...(isLocal ? {} : { public_url: publicUrl ?? null }) }
  }
)

const stuff = Effect.fnUntraced(function*(concepts: Concepts, each: Stuff, runId: string, options: Options) {
  const found = ContentFiles.find(concepts, shapeOf(each), each.content)
  if (found.length === 0) return each
  const ready = new Map<string, JsonObject>()
  for (const { content, pointer } of found) {
    ready.set(
      pointer,
      yield* Effect.mapError(
        prepared(content, `the file of input "${each.name}"`, runId, options),
        (failure) => locate(failure, { input: each.name, field: `${each.name}${pointer}` })
      )
    )
  }
  return {
    ...each,
    content: ContentFiles.map(
      concepts,
      shapeOf(each),
      each.content,
      ({ content, pointer }) => ready.get(pointer) ?? content
    )
  }
})

/** The memory with its files looked at. */
export const prepare = Effect.fnUntraced(
  function*(concepts: Concepts, memory: WorkingMemory, runId: string, options: Options = {}) {
    const root = new Map<string, Stuff>()
    for (const [name, each] of memory.root) root.set(name, yield* stuff(concepts, each, runId, options))
    return { ...memory, root }
  }
)
