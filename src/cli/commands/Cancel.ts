import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Flags from "./Flags.ts"

/** `pipelex cancel`: the line's shape. */
export const cancel = Command.make(
  "cancel",
  { runId: Flags.runId },
  (line) => Effect.flatMap(Effect.promise(() => import("../RunControl.ts")), (module) => module.cancel(line))
).pipe(Command.withDescription("Stop a durable run"))
