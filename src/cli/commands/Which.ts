import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Flags from "./Flags.ts"

/** `pipelex which`: the line's shape. */
export const which = Command.make(
  "which",
  { ref: Flags.pipeRef, libraryDirs: Flags.libraryDirs },
  (line) => Effect.flatMap(Effect.promise(() => import("../Which.ts")), (module) => module.which(line))
).pipe(Command.withDescription("Tell where a pipe comes from"))
