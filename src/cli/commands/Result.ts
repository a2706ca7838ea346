import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Flags from "./Flags.ts"

/** `pipelex result`: the line's shape. */
export const result = Command.make(
  "result",
  { runId: Flags.runId, outputDir: Flags.running.outputDir },
  (line) => Effect.flatMap(Effect.promise(() => import("../Attach.ts")), (module) => module.result(line))
).pipe(Command.withDescription("Show what a durable run came to"))
