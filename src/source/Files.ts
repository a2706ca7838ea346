import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type { PlatformError } from "effect/PlatformError"
import { fail, type PipeFailure } from "../failure/PipeFailure.ts"
import { FileRefused } from "../failure/Reason.ts"

/** Files read for a run, with the failures a user understands. `what` says which file, as the user named it. */
export const refused = (what: string) => (error: PlatformError): PipeFailure =>
  fail(new FileRefused({ what, why: error.reason._tag === "NotFound" ? "not_found" : "unreadable" }))

export const tooLarge = (what: string, most: number): PipeFailure =>
  fail(new FileRefused({ what, why: "too_large", explanation: `the limit is ${most} bytes` }))

/** The bytes of a regular file of at most so many bytes; nothing is read of a larger one. */
export const readBytes = Effect.fnUntraced(function*(path: string, what: string, most: number) {
  const fs = yield* FileSystem.FileSystem
  const info = yield* Effect.mapError(fs.stat(path), refused(what))
  if (info.type !== "File") {
    return yield* fail(new FileRefused({ what, why: "unreadable", explanation: "it is not a file" }))
  }
  if (Number(info.size) > most) return yield* tooLarge(what, most)
  return yield* Effect.mapError(fs.readFile(path), refused(what))
})
