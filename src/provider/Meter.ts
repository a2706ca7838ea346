import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { PipeFailure } from "../failure/PipeFailure.ts"
import type { Usage } from "../failure/Usage.ts"
import type { Model } from "../program/Models.ts"

/** Counts what one leaf consumes while it runs, so that every attempt is counted, also those of a leaf that fails in the end. */
export interface Meter {
  /** A request is about to be sent. */
  readonly sent: () => void
  /** The next request asks again for an answer that fits. */
  readonly reasked: () => void
  /** An answer came, and this is what it cost, whether it is of use or not. */
  readonly add: (units: Usage["units"]) => void
}

/** Runs a leaf's work with a meter; the usage is in the result, or in the failure. */
export const metered = Effect.fnUntraced(function*<A>(
  { backend, handle, modelId }: Pick<Model, "backend" | "handle" | "modelId">,
  work: (meter: Meter) => Effect.Effect<A, PipeFailure>
) {
  const start = yield* Clock.currentTimeMillis
  const units: Record<string, number> = {}
  let requests = 0
  let reasks = 0
  const meter: Meter = {
    sent: () => {
      requests += 1
    },
    reasked: () => {
      reasks += 1
    },
    add: (more) => {
      for (const [category, amount] of Object.entries(more)) units[category] = (units[category] ?? 0) + amount
    }
  }
  const usage = Effect.map(Clock.currentTimeMillis, (end): Usage => ({
    model: handle,
    backend,
    modelId,
    requests,
    reasks,
    units,
    seconds: (end - start) / 1000
  }))
  const value = yield* Effect.catch(
    work(meter),
    ({ attempts, location, reason }) =>
      Effect.flatMap(
        usage,
        (used) =>
          Effect.fail(
            new PipeFailure({ reason, location, usage: used, ...(attempts === undefined ? {} : { attempts }) })
          )
      )
  )
  return { value, usage: yield* usage }
})
