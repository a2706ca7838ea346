import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Flags from "./Flags.ts"

/** `pipelex status`: the line's shape. */
export const status = Command.make(
  "status",
  { runId: Flags.runId },
  (line) => Effect.flatMap(Effect.promise(() => import("../RunControl.ts")), (module) => module.status(line))
).pipe(Command.withDescription("Show how far a durable run is"))
