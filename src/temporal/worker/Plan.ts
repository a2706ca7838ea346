import * as Effect from "effect/Effect"
import type { Profile, TemporalOptions } from "../../config/TemporalOptions.ts"
import { fail } from "../../failure/PipeFailure.ts"
import * as Reason from "../../failure/Reason.ts"
import { closest, didYouMean } from "../../failure/Suggest.ts"
import type { LeafName } from "../../program/Leaves.ts"
import * as WorkerScope from "./WorkerScope.ts"

/** What a worker is to be, decided from the configuration alone: whoever asks for what is not there hears it before anything is opened. */
export interface Plan {
  readonly queue: string
  readonly scope: string
  readonly profile: string
  readonly hasWorkflows: boolean
  readonly activities: ReadonlyArray<LeafName>
  readonly numbers: Profile
  /** Of the queue, for all of its workers together. */
  readonly queueRate?: number
}

export interface Asked {
  readonly taskQueue?: string | undefined
  readonly scope?: string | undefined
  readonly profile?: string | undefined
}

/** Every queue that the configuration names. */
export const queues = (
  { routing: { activities, defaultQueue, queues: declared } }: TemporalOptions
): ReadonlyArray<string> => {
  const routes = Object.values(activities)
  const routed = routes.flatMap((route) => Object.values(route.byHandle).concat(route.default ?? []))
  return Array.from(new Set([defaultQueue, ...Object.keys(declared), ...routed])).toSorted()
}

/** How like a queue's name must be, to be what was meant. */
const alike = 0.7

export const make = Effect.fn("Plan.make")(function*(options: TemporalOptions, asked: Asked) {
  const known = queues(options)
  const queue = asked.taskQueue ?? options.routing.defaultQueue
  if (!known.includes(queue)) {
    return yield* fail(
      new Reason.ConfigInvalid({
        problem: `no task queue is called "${queue}"; there is ${known.join(", ")}${
          didYouMean(closest(queue, known, 1, alike))
        }`,
        remedy: `Declare it with an empty [temporal.queue_options.${queue}] and route an activity to it.`
      })
    )
  }
  const scope = yield* Effect.fromResult(WorkerScope.named(options.scopes, asked.scope, "scope"))
  const registered = yield* Effect.fromResult(WorkerScope.resolve(scope.name, scope.value))
  const profile = yield* Effect.fromResult(WorkerScope.named(options.profiles, asked.profile, "profile"))
  const rate = options.queueRates[queue]
  const plan: Plan = {
    queue,
    scope: scope.name,
    profile: profile.name,
    ...registered,
    numbers: profile.value,
    ...(rate === undefined ? {} : { queueRate: rate })
  }
  return plan
})
