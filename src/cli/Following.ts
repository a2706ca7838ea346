import * as Effect from "effect/Effect"
import * as Credentials from "../config/Credentials.ts"
import { RunEvents } from "../program/RunEvents.ts"
import * as DurableRun from "./DurableRun.ts"
import * as Logging from "./Logging.ts"
import * as LogLevels from "./LogLevels.ts"
import type * as Runs from "./Runs.ts"
import type { Watch } from "./Watch.ts"

/** Waits for a durable run that was begun some time, and tells it as it goes on. Interrupting the wait leaves the run alone. */
export const follow = ({ configuration, connection, environment, run }: Runs.Open, watch: Watch) =>
  DurableRun.waited(connection, run.started).pipe(
    LogLevels.obeying(configuration.options.log),
    Logging.to(configuration.options.log, {
      scrub: Credentials.scrubber(configuration.inference, environment.get),
      put: watch.log
    }),
    Effect.provideService(RunEvents, watch.listen),
    Effect.raceFirst(watch.draw)
  )
