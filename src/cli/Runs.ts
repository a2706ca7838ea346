import * as Effect from "effect/Effect"
import process from "node:process"
import * as Configuration from "../config/Configuration.ts"
import * as Environment from "../config/Environment.ts"
import { RunEvents } from "../program/RunEvents.ts"
import type { TimedEvent } from "../report/RunRecord.ts"
import type * as Connection from "../temporal/client/Connection.ts"
import * as Found from "../temporal/client/Runs.ts"
import * as Watch from "../temporal/client/Watch.ts"
import * as DurableRun from "./DurableRun.ts"

/** Durable runs that were begun some time, found on the configured server by their id. */
export interface Open {
  readonly configuration: Configuration.Configuration
  readonly environment: Environment.Environment
  readonly connection: Connection.Connection
  readonly run: Found.Found
}

/** The run, while the scope is open. */
export const open = Effect.fnUntraced(function*(runId: string) {
  const configuration = yield* Configuration.loadFrom(process.cwd())
  const environment = yield* Environment.load(configuration.locations)
  const connection = yield* DurableRun.connect(configuration, environment)
  const run = yield* Found.find(connection, runId, configuration.locations)
  const found: Open = { configuration, environment, connection, run }
  return found
})

export const hasEnded = ({ run: { status } }: Open): boolean => status !== "RUNNING" && status !== "PAUSED"

/** What has happened in the run by now, and how it failed when it did. */
export const record = Effect.fnUntraced(function*(opened: Open) {
  const { connection, run } = opened
  const events: Array<TimedEvent> = []
  const told = hasEnded(opened)
    ? Effect.asVoid(Watch.result(connection, run.started))
    : Watch.soFar(connection, run.started)
  const failure = yield* Effect.provideService(Effect.flip(told), RunEvents, (event, at = 0) => {
    events.push({ at, event })
  }).pipe(Effect.catch(() => Effect.undefined))
  return { events, failure }
})
