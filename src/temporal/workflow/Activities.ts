import {
  ActivityCancellationType,
  ActivityFailure,
  type ActivityOptions,
  log,
  type RetryPolicy,
  scheduleActivity,
  TimeoutFailure
} from "@temporalio/workflow"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import { fail, type PipeFailure } from "../../failure/PipeFailure.ts"
import * as Reason from "../../failure/Reason.ts"
import { declarations, type Handlers, type Job, type LeafName, type LeafResult, Leaves } from "../../program/Leaves.ts"
import * as Routing from "../../program/Routing.ts"
import * as Beat from "../wire/Beat.ts"
import * as Failures from "../wire/Failures.ts"
import type { Lost } from "../wire/Payload.ts"
import * as Texts from "../wire/Texts.ts"
import { now, operation } from "./Runtime.ts"

interface Declared<Name extends LeafName> {
  readonly result: Schema.ConstraintDecoder<LeafResult<Name>>
  readonly routingKey: (job: Job<Name>) => string | undefined
  readonly summary: (job: Job<Name>) => string
  readonly idempotent: boolean
}

/** What ends an attempt whose worker is heard of no more. The server would wait before the next one: the workflow need not. */
const silent = "TemporalTimeout:Heartbeat"

/** What ends an attempt that may have been done: it was not answered in time, or its worker stopped before it was. */
const cutOff = ["TemporalTimeout:StartToClose", "WorkerShutdown"]

const limited = (value: number | "unlimited" | undefined): number | undefined =>
  value === "unlimited" ? undefined : value

type Retry = Routing.Dispatch["options"]["retry"]

/** Names of the reference's errors, from its configuration: no failure of an activity here bears one, and they would be in every event. */
const foreign: ReadonlySet<string> = new Set(Routing.defaults.baseline.retry.nonRetryableErrorTypes)

const retryOf = (retry: Retry, isRepeatable: boolean): RetryPolicy => {
  const { backoffCoefficient, nonRetryableErrorTypes } = retry
  const names = nonRetryableErrorTypes.filter((name) => !foreign.has(name))
  const maximumInterval = limited(retry.maximumInterval)
  const maximumAttempts = limited(retry.maximumAttempts)
  return {
    initialInterval: retry.initialInterval,
    backoffCoefficient,
    ...(maximumInterval === undefined ? {} : { maximumInterval }),
    ...(maximumAttempts === undefined ? {} : { maximumAttempts }),
    nonRetryableErrorTypes: [...names, silent, ...(isRepeatable ? [] : cutOff)]
  }
}

/** In milliseconds, as a dispatch says it. */
type Options = ActivityOptions & Pick<Routing.DispatchOptions, "scheduleToCloseTimeout">

const optionsOf = ({ options: { retry, ...timeouts }, queue }: Routing.Dispatch, isRepeatable: boolean): Options => ({
  ...timeouts,
  ...(queue === undefined ? {} : { taskQueue: queue }),
  retry: retryOf(retry, isRepeatable),
  cancellationType: ActivityCancellationType.TRY_CANCEL
})

/** What is known of the attempts of an activity whose worker was lost; undefined for any other end. */
const lostWith = (error: unknown, before: Lost | undefined): Lost | undefined => {
  const timeout = error instanceof ActivityFailure ? error.cause : undefined
  if (!(timeout instanceof TimeoutFailure) || timeout.timeoutType !== "HEARTBEAT") return undefined
  const { attempt = (before?.attempts ?? 0) + 1, usage = before?.usage } = Beat.read(timeout.lastHeartbeatDetails)
  return { attempts: attempt, ...(usage === undefined ? {} : { usage }) }
}

/**
 * An activity; begun anew at once when its worker is lost, as long as attempts are left. Of the time that all of it may take, what has
 * gone by is gone.
 */
const begun = (
  name: LeafName,
  job: Job<LeafName>,
  options: Options,
  before?: Lost
): Effect.Effect<unknown, unknown> => {
  const since = now()
  return Effect.catch(
    operation(() => scheduleActivity<unknown>(name, before === undefined ? [job] : [job, before], options)),
    (error) => {
      const lost = lostWith(error, before)
      if (lost === undefined) return Effect.fail(error)
      const { retry = {}, scheduleToCloseTimeout: whole } = options
      const { maximumAttempts: most } = retry
      const left = most === undefined ? undefined : most - (lost.attempts - (before?.attempts ?? 0))
      const time = whole === undefined ? undefined : whole - (now() - since)
      if ((left ?? 1) < 1 || (time ?? 1) < 1) return Effect.fail(error)
      log.warn("a leaf is begun again: its worker is heard of no more", { leaf: name, pipe: job.meta.pipe })
      return begun(name, job, {
        ...options,
        retry: { ...retry, ...(left === undefined ? {} : { maximumAttempts: left }) },
        ...(time === undefined ? {} : { scheduleToCloseTimeout: time })
      }, lost)
    }
  )
}

/**
 * Runs each leaf as an activity of its name, dispatched as the run's routing table says. A leaf that must not be done twice is not
 * repeated when an attempt takes too long, for it may have been done; one whose worker died is.
 */
export const make = (routing: Routing.RoutingTable): Handlers => {
  const activity = <Name extends LeafName>(name: Name, declared: Declared<Name>) => {
    const decode = Schema.decodeUnknownExit(declared.result)
    // The same for every job of a model, of which a batch has many.
    const known = new Map<string | undefined, Options>()
    const optionsFor = (key: string | undefined): Options => {
      const found = known.get(key) ?? optionsOf(Routing.resolve(routing, name, key), declared.idempotent)
      known.set(key, found)
      return found
    }
    return (job: Job<Name>): Effect.Effect<LeafResult<Name>, PipeFailure> => {
      const key = declared.routingKey(job)
      if (routing.isTraced === true) log.info(Routing.told(routing, name, key))
      return begun(name, job, { ...optionsFor(key), summary: Texts.line(declared.summary(job)) }).pipe(
        Effect.mapError((error) => Failures.recover(error, { leaf: { name, job } })),
        Effect.flatMap((answer) => {
          const decoded = decode(answer)
          return Exit.isSuccess(decoded) ? Effect.succeed(decoded.value) : Effect.fail(
            fail(new Reason.Unexpected({ problem: `a worker answered ${name} in a form that is not known here` }))
          )
        })
      )
    }
  }
  return Leaves.of({
    act_llm_gen_text: activity("act_llm_gen_text", declarations.act_llm_gen_text),
    act_llm_gen_object: activity("act_llm_gen_object", declarations.act_llm_gen_object),
    act_llm_gen_object_list: activity("act_llm_gen_object_list", declarations.act_llm_gen_object_list),
    act_img_gen_images: activity("act_img_gen_images", declarations.act_img_gen_images),
    act_extract_gen_extract_pages: activity(
      "act_extract_gen_extract_pages",
      declarations.act_extract_gen_extract_pages
    ),
    act_render_page_views: activity("act_render_page_views", declarations.act_render_page_views),
    act_search_gen_sourced_answer: activity(
      "act_search_gen_sourced_answer",
      declarations.act_search_gen_sourced_answer
    ),
    act_search_gen_structured: activity("act_search_gen_structured", declarations.act_search_gen_structured),
    act_func: activity("act_func", declarations.act_func)
  })
}
