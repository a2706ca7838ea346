import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"

/** `pipelex codec-server`: the line's shape. What it does is in `CodecServer`, loaded when it is asked for. */
export const codecServer = Command.make(
  "codec-server",
  {
    host: Flag.String("host").pipe(
      Flag.withDescription("The address to listen at (default: 127.0.0.1)"),
      Flag.withDefault("127.0.0.1")
    ),
    port: Flag.Int("port").pipe(
      Flag.withDescription("The port to listen at; 0 takes a free one (default: 8081)"),
      Flag.withDefault(8081)
    ),
    corsOrigins: Flag.String("cors-origin").pipe(
      Flag.withDescription("A page that may ask; may be given again (default: http://localhost:8233)"),
      Flag.atLeast(0)
    )
  },
  (line) =>
    Effect.flatMap(
      Effect.promise(() => import("../CodecServer.ts")),
      (module) => module.codecServer(line)
    )
).pipe(Command.withDescription("Show what payloads hold to the pages of a Temporal server, until told to stop"))
