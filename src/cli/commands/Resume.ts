import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Flags from "./Flags.ts"

/** `pipelex resume`: the line's shape. */
export const resume = Command.make(
  "resume",
  { runId: Flags.runId, outputDir: Flags.running.outputDir },
  (line) => Effect.flatMap(Effect.promise(() => import("../Resume.ts")), (module) => module.resume(line))
).pipe(Command.withDescription("Run again what failed in a durable run, and show what it came to"))
