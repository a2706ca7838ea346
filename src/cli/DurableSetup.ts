import * as Effect from "effect/Effect"
import process from "node:process"
import * as Configuration from "../config/Configuration.ts"
import * as Environment from "../config/Environment.ts"
import * as TemporalAccess from "../config/TemporalAccess.ts"
import { Streams } from "./Streams.ts"

/** What commands that serve durable runs start from: the configuration of the working directory, and the way to the server. */
export const load = Effect.fnUntraced(function*() {
  const streams = yield* Streams
  const configuration = yield* Configuration.loadFrom(process.cwd())
  const environment = yield* Environment.load(configuration.locations)
  const access = yield* TemporalAccess.resolve(
    configuration.values,
    environment.get,
    undefined,
    configuration.locations
  )
  yield* streams.note(configuration.warnings)
  return { access, configuration, environment }
})
