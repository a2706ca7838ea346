import * as Effect from "effect/Effect"
import process from "node:process"
import * as Configuration from "../config/Configuration.ts"
import * as Environment from "../config/Environment.ts"
import * as TemporalAccess from "../config/TemporalAccess.ts"
import { Streams } from "./Streams.ts"

/** The configuration of the working directory, and the way to a server of it (default: the selected one). */
export const read = Effect.fnUntraced(function*(server?: string) {
  const configuration = yield* Configuration.loadFrom(process.cwd())
  const environment = yield* Environment.load(configuration.locations)
  const access = yield* TemporalAccess.resolve(
    configuration.values,
    environment.get,
    server,
    configuration.locations
  )
  return { access, configuration, environment }
})

/** What commands that serve durable runs start from: told too is what there is to say of the configuration. */
export const load = Effect.fnUntraced(function*() {
  const streams = yield* Streams
  const found = yield* read()
  yield* streams.note(found.configuration.warnings)
  return found
})
