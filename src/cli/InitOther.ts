import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import process from "node:process"
import * as Backends from "../config/Backends.ts"
import * as Configuration from "../config/Configuration.ts"
import * as Environment from "../config/Environment.ts"
import * as Locations from "../config/Locations.ts"
import { wrap } from "../report/Columns.ts"
import * as Grid from "./Grid.ts"
import { Streams } from "./Streams.ts"

/** The parts of `init` that have nothing to write: keys belong to the environment, and no telemetry is sent. */
interface Credential {
  readonly backend: string
  /** One of them is enough. */
  readonly variables: ReadonlyArray<string>
  /** Where its value comes from; nothing when none of them is set. */
  readonly from: string | undefined
}

const credentialsOf = (
  backend: Backends.Backend,
  environment: Environment.Environment
): ReadonlyArray<Credential> =>
  Backends.credentialVariables(backend).map((sources) => {
    const variables = Array.from(new Set(sources.map(({ name }) => name)))
    const found = variables.map(environment.origin).find((origin) => origin !== undefined)
    return { backend: backend.name, variables, from: found?.from }
  })

const row = ({ backend, from, variables }: Credential): ReadonlyArray<string> => [
  backend,
  variables.join(" or "),
  from === undefined ? "not set" : from === "environment" ? "set in the environment" : `set in ${from}`
]

/** Where a `.env` is looked for, the one that wins first. */
const dotEnvs = Effect.fnUntraced(function*({ cwd, home }: Locations.Locations) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const places = Array.from(new Set([cwd, home].filter((folder) => folder !== undefined)))
  return yield* Effect.forEach(places, (folder) => {
    const file = path.join(folder, ".env")
    return Effect.map(
      Effect.orElseSucceed(fs.exists(file), () => false),
      (isThere) => ({ path: file, exists: isThere })
    )
  })
})

/** Which variables the enabled backends ask for, whether they are set, and where they may be. Shows no value. */
export const credentials = Effect.fn("Init.credentials")(function*() {
  const streams = yield* Streams
  const locations = yield* Locations.find(process.cwd())
  const environment = yield* Environment.load(locations)
  const { inference } = yield* Configuration.load(locations)
  const found = inference.backends.filter(({ isEnabled }) => isEnabled).flatMap((backend) =>
    credentialsOf(backend, environment)
  )
  const files = yield* dotEnvs(locations)
  yield* streams.answer({
    json: () => ({
      success: true,
      credentials: found.map(({ backend, from, variables }) => ({
        backend,
        variables,
        is_set: from !== undefined,
        ...(from === undefined ? {} : { from })
      })),
      env_files: files
    }),
    lines: () => Grid.lines(["Backend", "Variable", "State"], found.map(row), streams.out)
  })
  const places = files.map(({ exists, path }) => `${path}${exists ? "" : " (not there)"}`).join(", then in ")
  yield* streams.note(
    wrap(
      `Nothing is written: set what you need in the environment, or in a .env file. Each is looked for in the environment, then in ${places}.`,
      streams.err.width
    )
  )
})

export const telemetry = Effect.fn("Init.telemetry")(function*() {
  const streams = yield* Streams
  yield* streams.answer({
    json: () => ({ success: true, telemetry: "none" }),
    lines: () => ["No telemetry is sent: there is nothing to set up."]
  })
})
