import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Flags from "./Flags.ts"

/** `pipelex attach`: the line's shape. */
export const attach = Command.make(
  "attach",
  { runId: Flags.runId, outputDir: Flags.running.outputDir },
  (line) => Effect.flatMap(Effect.promise(() => import("../Attach.ts")), (module) => module.attach(line))
).pipe(Command.withDescription("Wait for a durable run, and show what it came to"))
