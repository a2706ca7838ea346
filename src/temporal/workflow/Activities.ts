import {
  ActivityCancellationType,
  type ActivityOptions,
  log,
  type RetryPolicy,
  scheduleActivity
} from "@temporalio/workflow"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import { fail, type PipeFailure } from "../../failure/PipeFailure.ts"
import * as Reason from "../../failure/Reason.ts"
import { declarations, type Handlers, type Job, type LeafName, type LeafResult, Leaves } from "../../program/Leaves.ts"
import * as Routing from "../../program/Routing.ts"
import * as Failures from "../wire/Failures.ts"
import type { Backoff } from "../wire/Payload.ts"
import * as Texts from "../wire/Texts.ts"
import { operation } from "./Runtime.ts"

interface Declared<Name extends LeafName> {
  readonly result: Schema.ConstraintDecoder<LeafResult<Name>>
  readonly routingKey: (job: Job<Name>) => string | undefined
  readonly summary: (job: Job<Name>) => string
  readonly idempotent: boolean
}

/** What ends an attempt that may have been done: it was not answered in time, or its worker stopped before it was. */
const cutOff = ["TemporalTimeout:StartToClose", "WorkerShutdown"]

const limited = (value: number | "unlimited" | undefined): number | undefined =>
  value === "unlimited" ? undefined : value

/** A leaf whose worker died has nothing to wait for, as one that failed has: that one says itself how long. */
const soon = 500

type Retry = Routing.Dispatch["options"]["retry"]

const retryOf = (retry: Retry, isRepeatable: boolean): RetryPolicy => {
  const { backoffCoefficient, nonRetryableErrorTypes: names } = retry
  const maximumInterval = limited(retry.maximumInterval)
  const maximumAttempts = limited(retry.maximumAttempts)
  return {
    initialInterval: Math.min(soon, retry.initialInterval),
    backoffCoefficient,
    ...(maximumInterval === undefined ? {} : { maximumInterval }),
    ...(maximumAttempts === undefined ? {} : { maximumAttempts }),
    nonRetryableErrorTypes: isRepeatable ? Array.from(names) : [...names, ...cutOff]
  }
}

/** How long to wait after an attempt that failed, for whoever makes it. */
const backoffOf = ({ backoffCoefficient, initialInterval, maximumInterval }: Retry): Backoff => ({
  initialInterval,
  backoffCoefficient,
  ...(maximumInterval === "unlimited" ? {} : { maximumInterval })
})

const optionsOf = (
  { options: { retry, ...timeouts }, queue }: Routing.Dispatch,
  summary: string,
  isRepeatable: boolean
): ActivityOptions => ({
  ...timeouts,
  ...(queue === undefined ? {} : { taskQueue: queue }),
  retry: retryOf(retry, isRepeatable),
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  summary: Texts.line(summary)
})

/**
 * Runs each leaf as an activity of its name, dispatched as the run's routing table says. A leaf that must not be done twice is not
 * repeated when an attempt takes too long, for it may have been done; one whose worker died is.
 */
export const make = (routing: Routing.RoutingTable): Handlers => {
  const activity = <Name extends LeafName>(name: Name, declared: Declared<Name>) => {
    const decode = Schema.decodeUnknownExit(declared.result)
    return (job: Job<Name>): Effect.Effect<LeafResult<Name>, PipeFailure> => {
      const key = declared.routingKey(job)
      const dispatch = Routing.resolve(routing, name, key)
      if (routing.isTraced === true) log.info(Routing.told(routing, name, key))
      const options = optionsOf(dispatch, declared.summary(job), declared.idempotent)
      return operation(() => scheduleActivity<unknown>(name, [job, backoffOf(dispatch.options.retry)], options)).pipe(
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
