import type { WorkerOptions } from "@temporalio/worker"
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
        problem: `WorkerTaskQueueUnknownError: no task queue is called "${queue}"; there is ${known.join(", ")}${
          didYouMean(closest(queue, known, 1, alike))
        }`,
        remedy: `Declare it with an empty [temporal.queue_options.${queue}] and route an activity to it.`
      })
    )
  }
  const scope = yield* Effect.fromResult(WorkerScope.named(options.scopes, asked.scope, "scope"))
  const registered = yield* Effect.fromResult(WorkerScope.resolve(scope.name, scope.value))
  const profile = yield* Effect.fromResult(WorkerScope.named(options.profiles, asked.profile, "profile"))
  const { maxConcurrentActivities } = profile.value
  if (maxConcurrentActivities === 0 && !registered.hasWorkflows) {
    return yield* fail(
      new Reason.ConfigInvalid({
        problem: `scope "${scope.name}" runs activities alone, and profile "${profile.name}" none at once`,
        remedy: "Choose another scope or profile, or set max_concurrent_activities to 1 or more."
      })
    )
  }
  const rate = Object.hasOwn(options.queueRates, queue) ? options.queueRates[queue] : undefined
  const plan: Plan = {
    queue,
    scope: scope.name,
    profile: profile.name,
    hasWorkflows: registered.hasWorkflows,
    activities: maxConcurrentActivities === 0 ? [] : registered.activities,
    numbers: profile.value,
    ...(rate === undefined ? {} : { queueRate: rate })
  }
  return plan
})

/** Shares of this machine above which a worker that is tuned by its resources takes no more. */
const resources = { targetCpuUsage: 0.8, targetMemoryUsage: 0.8 }

/** Fewest slots that the SDK takes: one task of a workflow that is kept may wait for another. */
const fewestWorkflowTasks = 2

/** A profile as the SDK takes it. Tuned by resources, the numbers are the most there may be, whatever the machine could do. */
export const workerOptions = (profile: Profile): Partial<WorkerOptions> => {
  const {
    maxActivitiesPerSecond,
    maxConcurrentActivities: activities,
    maxConcurrentLocalActivities: localActivities,
    maxConcurrentWorkflowTasks: workflowTasks
  } = profile
  return {
    maxCachedWorkflows: profile.maxCachedWorkflows,
    stickyQueueScheduleToStartTimeout: profile.stickyQueueScheduleToStartTimeout,
    maxHeartbeatThrottleInterval: profile.maxHeartbeatThrottleInterval,
    defaultHeartbeatThrottleInterval: profile.defaultHeartbeatThrottleInterval,
    maxConcurrentWorkflowTaskPolls: profile.maxConcurrentWorkflowTaskPolls,
    maxConcurrentActivityTaskPolls: profile.maxConcurrentActivityTaskPolls,
    shutdownGraceTime: profile.gracefulShutdownTimeout,
    ...(maxActivitiesPerSecond === undefined ? {} : { maxActivitiesPerSecond }),
    ...(profile.tuningMode === "resource_based"
      ? {
        tuner: {
          tunerOptions: resources,
          workflowTaskSlotOptions: {
            minimumSlots: Math.min(fewestWorkflowTasks, workflowTasks),
            maximumSlots: workflowTasks
          },
          activityTaskSlotOptions: { minimumSlots: Math.min(1, activities), maximumSlots: activities },
          localActivityTaskSlotOptions: { minimumSlots: Math.min(1, localActivities), maximumSlots: localActivities }
        }
      }
      : {
        maxConcurrentWorkflowTaskExecutions: workflowTasks,
        maxConcurrentLocalActivityExecutions: localActivities,
        // Without activities there is nothing to bound, and the SDK takes no bound of none.
        ...(activities === 0 ? {} : { maxConcurrentActivityTaskExecutions: activities })
      })
  }
}
