import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Metric from "effect/Metric"
import type { PipeFailure } from "../failure/PipeFailure.ts"
import type { Usage } from "../failure/Usage.ts"
import { type Handlers, type Job, type LeafName, type LeafResult, Leaves } from "../program/Leaves.ts"
import type { Model } from "../program/Models.ts"
import { type Listener, RunEvents } from "../program/RunEvents.ts"
import * as LeafUsage from "./LeafUsage.ts"

/**
 * What leaves do and consume, as metrics of this process, named as OpenTelemetry's conventions for generative AI and Prometheus name
 * things. Labels are of names that a configuration lists, never of runs, pipes or contents: there are as many series as there are models
 * in use, and not more. Where a server repeats a leaf, each attempt is one.
 */
type Labels = Readonly<Record<string, string>>

/** The convention's names of operations, and ours where it has none. */
const operations: Readonly<Record<LeafName, string>> = {
  act_llm_gen_text: "chat",
  act_llm_gen_object: "chat",
  act_llm_gen_object_list: "chat",
  act_img_gen_images: "generate_content",
  act_extract_gen_extract_pages: "extract",
  act_render_page_views: "render",
  act_search_gen_sourced_answer: "search",
  act_search_gen_structured: "search",
  act_func: "execute_tool"
}

// A metric for each series: one that wraps another works out its labels again whenever two series of a name take turns.
const counter = (name: string, description: string) => (attributes: Labels) =>
  Metric.counter(name, { description, attributes, incremental: true })

const inFlight = (attributes: Labels) =>
  Metric.gauge("pipelex_leaves_in_flight", { description: "Leaves that are under way", attributes })

const ended = counter(
  "pipelex_leaves_total",
  "Leaves that ended. outcome: ok, cancelled, defect, failed, or the category of the failure"
)

/** The convention's buckets: so many, each limit so many times the one before. */
const buckets = (first: number, factor: number, count: number): ReadonlyArray<number> =>
  Array.from({ length: count }, (_, power) => first * factor ** power)

const duration = (attributes: Labels) =>
  Metric.histogram("gen_ai_client_operation_duration_seconds", {
    description: "How long leaves took, with every request sent again. error_type: the code of the failure",
    boundaries: buckets(0.01, 2, 16),
    attributes
  })

const tokens = (attributes: Labels) =>
  Metric.histogram("gen_ai_client_token_usage", {
    description: "Tokens of a leaf. gen_ai_token_type: input (cached ones included) or output (reasoning included)",
    boundaries: buckets(1, 4, 14),
    attributes
  })

const units = counter(
  "pipelex_leaf_units_total",
  "What leaves consumed. kind: input and output tokens, parts of them such as input_cached, and pages, images, searches"
)

const cost = counter("pipelex_leaf_cost_usd_total", "What leaves cost in US dollars, where the price is known")

const requests = counter("pipelex_leaf_requests_total", "Requests sent to providers")

const retries = counter("pipelex_leaf_retries_total", "Requests sent again because the one before failed (Tier 1)")

const reasks = counter("pipelex_leaf_reasks_total", "Requests sent again because the answer did not fit")

const memo = <Key, A>(make: (key: Key) => A): (key: Key) => A => {
  const made = new Map<Key, A>()
  return (key) => {
    const known = made.get(key)
    if (known !== undefined) return known
    const fresh = make(key)
    made.set(key, fresh)
    return fresh
  }
}

/** The series of a leaf and a model, made once. */
const seriesOf = (name: LeafName, model: Pick<Model, "handle" | "backend"> | undefined) => {
  const labels: Labels = {
    activity: name,
    ...(model === undefined ? {} : { gen_ai_request_model: model.handle, gen_ai_provider_name: model.backend })
  }
  const operation: Labels = { ...labels, gen_ai_operation_name: operations[name] }
  return {
    inFlight: inFlight({ activity: name }),
    ended: memo((outcome: string) => ended({ ...labels, outcome })),
    duration: memo((error: string | undefined) =>
      duration({ ...operation, ...(error === undefined ? {} : { error_type: error }) })
    ),
    retries: retries(labels),
    requests: requests(labels),
    reasks: reasks(labels),
    cost: cost(labels),
    units: memo((kind: string) => units({ ...labels, kind })),
    tokens: memo((type: string) => tokens({ ...operation, gen_ai_token_type: type }))
  }
}

type Series = ReturnType<typeof seriesOf>

/** How a leaf ended: for the count of leaves, and for the convention, which names an error and nothing else. */
interface Outcome {
  readonly outcome: string
  readonly error?: string
  readonly usage?: Usage
}

const outcomeOf = (exit: Exit.Exit<{ readonly usage: Usage }, PipeFailure>): Outcome => {
  if (Exit.isSuccess(exit)) return { outcome: "ok", usage: exit.value.usage }
  const failure = exit.cause.reasons.find(Cause.isFailReason)?.error
  if (failure !== undefined) {
    const { category = "failed", code, usage } = failure
    return { outcome: category, error: code, ...(usage === undefined ? {} : { usage }) }
  }
  return Cause.hasInterrupts(exit.cause)
    ? { outcome: "cancelled", error: "cancelled" }
    : { outcome: "defect", error: "_OTHER" }
}

type Context = Parameters<Series["requests"]["updateUnsafe"]>[1]

const consumed = (
  usage: Usage,
  series: Series,
  model: Model | undefined,
  isFailed: boolean,
  context: Context
): void => {
  const spent = LeafUsage.costOf(
    { usage, model: model?.handle, ...(isFailed ? { failed: true as const } : {}) },
    LeafUsage.prices(model === undefined ? [] : [model])
  )
  const add = (metric: Metric.Metric<number, unknown>, amount = 0): void => {
    if (amount > 0) metric.updateUnsafe(amount, context)
  }
  add(series.requests, usage.requests)
  add(series.reasks, usage.reasks)
  add(series.cost, spent)
  for (const [kind, amount] of Object.entries(usage.units)) add(series.units(kind), amount)
  for (const type of ["input", "output"] as const) add(series.tokens(type), usage.units[type])
}

/** Counts the requests of Tier 1 that are repeated, and lets whoever listens hear of them as before. */
const hearing = (listener: Listener | undefined, heard: () => void): Listener => (event, at) => {
  if (event._tag === "Retry") heard()
  listener?.(event, at)
}

const measured = <A extends { readonly usage: Usage }>(
  series: Series,
  model: Model | undefined,
  leaf: Effect.Effect<A, PipeFailure>
): Effect.Effect<A, PipeFailure> =>
  Effect.contextWith((context: Context) => {
    let again = 0
    return Effect.acquireUseRelease(
      Effect.clockWith((clock) =>
        Effect.sync(() => {
          series.inFlight.modifyUnsafe(1, context)
          return clock.currentTimeMillisUnsafe()
        })
      ),
      () =>
        Effect.updateService(leaf, RunEvents, (listener) =>
          hearing(listener, () => {
            again += 1
          })),
      (began, exit) =>
        Effect.clockWith((clock) =>
          Effect.sync(() => {
            const { error, outcome, usage } = outcomeOf(exit)
            series.inFlight.modifyUnsafe(-1, context)
            series.ended(outcome).updateUnsafe(1, context)
            series.duration(error).updateUnsafe((clock.currentTimeMillisUnsafe() - began) / 1000, context)
            if (again > 0) series.retries.updateUnsafe(again, context)
            if (usage !== undefined) consumed(usage, series, model, outcome !== "ok", context)
          })
        )
    )
  })

const modelOf = (job: Job<LeafName>): Model | undefined => "setting" in job ? job.setting.model : undefined

/** The same leaves, measured. */
export const make = (leaves: Handlers): Handlers => {
  const of = <Name extends LeafName>(name: Name) => {
    const withoutModel = seriesOf(name, undefined)
    const ofModel = memo((backend: string) => memo((handle: string) => seriesOf(name, { backend, handle })))
    return (job: Job<Name>): Effect.Effect<LeafResult<Name>, PipeFailure> => {
      const model = modelOf(job)
      const series = model === undefined ? withoutModel : ofModel(model.backend)(model.handle)
      return measured(series, model, leaves[name](job))
    }
  }
  return Leaves.of({
    act_llm_gen_text: of("act_llm_gen_text"),
    act_llm_gen_object: of("act_llm_gen_object"),
    act_llm_gen_object_list: of("act_llm_gen_object_list"),
    act_img_gen_images: of("act_img_gen_images"),
    act_extract_gen_extract_pages: of("act_extract_gen_extract_pages"),
    act_render_page_views: of("act_render_page_views"),
    act_search_gen_sourced_answer: of("act_search_gen_sourced_answer"),
    act_search_gen_structured: of("act_search_gen_structured"),
    act_func: of("act_func")
  })
}
