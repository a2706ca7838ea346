import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
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

const counter = (name: string, description: string) => Metric.counter(name, { description, incremental: true })

const inFlight = Metric.gauge("pipelex_leaves_in_flight", { description: "Leaves that are under way" })

const ended = counter(
  "pipelex_leaves_total",
  "Leaves that ended. outcome: ok, cancelled, defect, failed, or the category of the failure"
)

// The convention's buckets.
const duration = Metric.histogram("gen_ai_client_operation_duration_seconds", {
  description: "How long leaves took, with every request sent again. error_type: the code of the failure",
  boundaries: [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92, 163.84, 327.68]
})

const tokens = Metric.histogram("gen_ai_client_token_usage", {
  description: "Tokens of a leaf. gen_ai_token_type: input (cached ones included) or output (reasoning included)",
  boundaries: [1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864]
})

const units = counter(
  "pipelex_leaf_units_total",
  "What leaves consumed. kind: input and output tokens, parts of them such as input_cached, and pages, images, searches"
)

const cost = counter("pipelex_leaf_cost_usd_total", "What leaves cost in US dollars, where the price is known")

const requests = counter("pipelex_leaf_requests_total", "Requests sent to providers")

const retries = counter("pipelex_leaf_retries_total", "Requests sent again because the one before failed (Tier 1)")

const reasks = counter("pipelex_leaf_reasks_total", "Requests sent again because the answer did not fit")

const add = <Input>(metric: Metric.Metric<Input, unknown>, labels: Labels, amount: Input) =>
  Metric.update(Metric.withAttributes(metric, labels), amount)

const addSome = (metric: Metric.Counter<number>, labels: Labels, amount: number) =>
  amount > 0 ? add(metric, labels, amount) : Effect.void

/** How a leaf ended: for the count of leaves, and for the convention, which names an error and nothing else. */
interface Outcome {
  readonly outcome: string
  readonly error: Labels
  readonly usage?: Usage
}

const outcomeOf = (exit: Exit.Exit<{ readonly usage: Usage }, PipeFailure>): Outcome => {
  if (Exit.isSuccess(exit)) return { outcome: "ok", error: {}, usage: exit.value.usage }
  const failure = exit.cause.reasons.find(Cause.isFailReason)?.error
  if (failure !== undefined) {
    const { category = "failed", code, usage } = failure
    return { outcome: category, error: { error_type: code }, ...(usage === undefined ? {} : { usage }) }
  }
  return Cause.hasInterrupts(exit.cause)
    ? { outcome: "cancelled", error: { error_type: "cancelled" } }
    : { outcome: "defect", error: { error_type: "_OTHER" } }
}

const consumed = (usage: Usage, labels: Labels, operation: Labels, model: Model | undefined, isFailed: boolean) => {
  const spent = LeafUsage.costOf(
    { usage, model: model?.handle, ...(isFailed ? { failed: true as const } : {}) },
    LeafUsage.prices(model === undefined ? [] : [model])
  )
  return Effect.all([
    addSome(requests, labels, usage.requests),
    addSome(reasks, labels, usage.reasks),
    addSome(cost, labels, spent ?? 0),
    ...Object.entries(usage.units).map(([unit, amount]) => addSome(units, { ...labels, kind: unit }, amount)),
    ...(["input", "output"] as const).map((type) => {
      const amount = usage.units[type] ?? 0
      return amount > 0 ? add(tokens, { ...operation, gen_ai_token_type: type }, amount) : Effect.void
    })
  ], { discard: true })
}

/** Counts the requests of Tier 1 that are repeated, and lets whoever listens hear of them as before. */
const hearing = (listener: Listener | undefined, heard: () => void): Listener => (event, at) => {
  if (event._tag === "Retry") heard()
  listener?.(event, at)
}

const measured = <A extends { readonly usage: Usage }>(
  name: LeafName,
  model: Model | undefined,
  leaf: Effect.Effect<A, PipeFailure>
): Effect.Effect<A, PipeFailure> =>
  Effect.suspend(() => {
    const labels: Labels = {
      activity: name,
      ...(model === undefined ? {} : { gen_ai_request_model: model.handle, gen_ai_provider_name: model.backend })
    }
    const operation: Labels = { ...labels, gen_ai_operation_name: operations[name] }
    const underWay = Metric.withAttributes(inFlight, { activity: name })
    let again = 0
    return Effect.acquireUseRelease(
      Effect.andThen(Metric.modify(underWay, 1), Clock.currentTimeMillis),
      () =>
        Effect.updateService(leaf, RunEvents, (listener) =>
          hearing(listener, () => {
            again += 1
          })),
      (began, exit) =>
        Effect.gen(function*() {
          const { error, outcome, usage } = outcomeOf(exit)
          const seconds = ((yield* Clock.currentTimeMillis) - began) / 1000
          yield* Metric.modify(underWay, -1)
          yield* add(ended, { ...labels, outcome }, 1)
          yield* add(duration, { ...operation, ...error }, seconds)
          yield* addSome(retries, labels, again)
          if (usage !== undefined) yield* consumed(usage, labels, operation, model, outcome !== "ok")
        })
    )
  })

const modelOf = (job: Job<LeafName>): Model | undefined => "setting" in job ? job.setting.model : undefined

/** The same leaves, measured. */
export const make = (leaves: Handlers): Handlers => {
  const of = <Name extends LeafName>(name: Name) => (job: Job<Name>): Effect.Effect<LeafResult<Name>, PipeFailure> =>
    measured(name, modelOf(job), leaves[name](job))
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
