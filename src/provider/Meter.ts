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

/** What a leaf answers, and what the answer cost. */
export interface Metered<A> {
  readonly value: A
  readonly usage: Usage
}

/** Runs a leaf's work with a meter; the usage is in the result, or in the failure. */
export const metered = <A>(
  { backend, handle, modelId }: Pick<Model, "backend" | "handle" | "modelId">,
  work: (meter: Meter) => Effect.Effect<A, PipeFailure>
): Effect.Effect<Metered<A>, PipeFailure> =>
  Effect.clockWith((clock) => {
    const start = clock.currentTimeMillisUnsafe()
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
    const usage = (): Usage => ({
      model: handle,
      backend,
      modelId,
      requests,
      reasks,
      units,
      seconds: (clock.currentTimeMillisUnsafe() - start) / 1000
    })
    return Effect.mapBoth(work(meter), {
      onSuccess: (value) => ({ value, usage: usage() }),
      onFailure: ({ attempts, location, reason }) =>
        new PipeFailure({ reason, location, usage: usage(), ...(attempts === undefined ? {} : { attempts }) })
    })
  })
