/** The layers that the acceptance suites hold for, each behind one function, so that a suite is written once. */
import * as Effect from "effect/Effect"
import type * as Result from "effect/Result"
import type { Json, JsonObject } from "../../src/concept/Json.ts"
import type { Configuration } from "../../src/config/Configuration.ts"
import type { Environment } from "../../src/config/Environment.ts"
import * as Direct from "../../src/direct/Direct.ts"
import type { PipeFailure } from "../../src/failure/PipeFailure.ts"
import * as Crate from "../../src/library/Crate.ts"
import * as Library from "../../src/library/Library.ts"
import { type Crate as CrateData, PipeRunner } from "../../src/program/PipeRunner.ts"
import { type RunEvent, RunEvents } from "../../src/program/RunEvents.ts"
import { decode } from "../library/Fixture.ts"

/** One run: a pipe of a method, and what it is given. */
export interface Asked {
  readonly method: Library.Library
  readonly ref: string
  readonly inputs?: JsonObject
  /** Hears what happens while it happens. */
  readonly listen?: (event: RunEvent) => void
}

/** Where a run happens. */
export interface Setting {
  readonly configuration: Configuration
  readonly environment: Pick<Environment, "get">
  /** Folder that relative file paths of the inputs start from. */
  readonly base?: string
  readonly storage?: Direct.Options["storage"]
}

export interface Ran {
  readonly result: Result.Result<Json, PipeFailure>
  readonly events: ReadonlyArray<RunEvent>
}

export interface Layer {
  readonly name: string
  readonly run: (asked: Asked, setting: Setting) => Effect.Effect<Ran>
}

/** What the pipe reaches, and every concept of the method: an input may be of one that no pipe names. */
const crateOf = (method: Library.Library, ref: string): CrateData => ({
  ...Crate.of(method, [ref]),
  concepts: Crate.of(method).concepts
})

const direct: Layer = {
  name: "Direct",
  run: Effect.fnUntraced(function*({ inputs = {}, listen, method, ref }, { base, storage = "memory", ...setting }) {
    const events: Array<RunEvent> = []
    const running = Effect.gen(function*() {
      const runner = yield* PipeRunner
      return yield* runner.run({ crate: crateOf(method, ref), ref, inputs })
    })
    const result = yield* running.pipe(
      Effect.provideService(RunEvents, (event) => {
        events.push(event)
        listen?.(event)
      }),
      Effect.provide(Direct.layerWith({ ...setting, storage, ...(base === undefined ? {} : { base }) })),
      Effect.result
    )
    return { result, events }
  })
}

/** A method written in a test, checked against the models of a configuration. */
export const methodOf = (text: string, { models }: Configuration): Library.Library => {
  const { bundles, issues } = decode(text)
  const made = Library.make(
    { own: { bundles, links: new Map() }, packages: new Map() },
    { models, compat: false, functions: new Set() },
    issues
  )
  if (made.library === undefined) throw new Error(made.issues.map(({ message }) => message).join("\n"))
  return made.library
}

/** Each runs the whole of every suite. */
export const layers: ReadonlyArray<Layer> = [direct]
