import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { JsonObject } from "../concept/Json.ts"
import type { ModelWire } from "../config/Connection.ts"
import { fail, type PipeFailure } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import type { Handlers, Job } from "../program/Leaves.ts"
import type { Model } from "../program/Models.ts"
import type { SearchReply, SearchRequest } from "./Adapter.ts"
import type { Calling } from "./Calling.ts"
import { metered } from "./Meter.ts"
import { reported } from "./Reask.ts"

/** The search leaves, for every engine alike. An engine is asked once: an object that does not fit is not asked for again. */
type SearchJob = Job<"act_search_gen_sourced_answer">

const by = ({ backend, handle }: Model) => ({ model: handle, provider: backend })

const requestOf = ({ parameters, query, setting: { model } }: SearchJob, wire: ModelWire): SearchRequest => ({
  model,
  wire,
  query,
  ...parameters
})

/** A source as a `Document`. */
const source = ({ snippet, title, url }: SearchReply["sources"][number]): JsonObject => ({
  url,
  public_url: url,
  mime_type: null,
  filename: null,
  title: title ?? null,
  snippet: snippet ?? null
})

/** The handlers of the search leaves. */
export const handlers = (
  calling: Pick<Calling, "search" | "checks">
): Pick<Handlers, "act_search_gen_sourced_answer" | "act_search_gen_structured"> => ({
  act_search_gen_sourced_answer: Effect.fn("SearchEngine.answer")(function*(job) {
    const { meta, setting: { model } } = job
    yield* Effect.annotateCurrentSpan({ "pipelex.pipe": meta.pipe, "pipelex.model": model.handle })
    return yield* metered(
      model,
      Effect.fnUntraced(function*(meter): Effect.fn.Return<JsonObject, PipeFailure> {
        const { adapter, send, wire } = yield* calling.search(model)
        const reply = yield* send(adapter.answer(requestOf(job, wire)), { meter, path: meta.path, texts: [job.query] })
        meter.add(reply.units)
        if (reply.answer.trim() === "") return yield* fail(new Reason.NoResult(by(model)))
        return { answer: reply.answer, sources: reply.sources.map(source) }
      })
    )
  }),

  act_search_gen_structured: Effect.fn("SearchEngine.structured")(function*(job) {
    const { meta, setting: { model }, structure } = job
    yield* Effect.annotateCurrentSpan({ "pipelex.pipe": meta.pipe, "pipelex.model": model.handle })
    const check = calling.checks.object(structure)
    return yield* metered(
      model,
      Effect.fnUntraced(function*(meter): Effect.fn.Return<JsonObject, PipeFailure> {
        const { adapter, send, wire } = yield* calling.search(model)
        const reply = yield* send(
          adapter.structured(requestOf(job, wire), structure),
          { meter, path: meta.path, texts: [job.query] }
        )
        meter.add(reply.units)
        const checked = check(reply.value)
        return Result.isSuccess(checked) ? checked.success : yield* fail(
          new Reason.OutputSchemaMismatch({
            ...by(model),
            concept: structure.concept,
            attempts: 1,
            misfits: reported(checked.failure, structure)
          })
        )
      })
    )
  })
})
