import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Flags from "./Flags.ts"

/** `pipelex setup-temporal-namespace`: the line's shape. */
export const setupNamespace = Command.make(
  "setup-temporal-namespace",
  {
    server: Flags.text("server", "A server of the configuration (default: the selected one)"),
    dryRun: Flags.flag("dry-run", "Print what an administrator would type, and ask no server")
  },
  (line) => Effect.flatMap(Effect.promise(() => import("../SetupNamespace.ts")), (module) => module.setUp(line))
).pipe(Command.withDescription("Register the search attributes that durable runs are found by"))
