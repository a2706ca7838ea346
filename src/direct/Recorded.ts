import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Misfit } from "../failure/Metadata.ts"
import { type PipeFailure } from "../failure/PipeFailure.ts"
import { none } from "../failure/Usage.ts"
import { declarations, type Handlers, type Job, type LeafName, Leaves, type Structure } from "../program/Leaves.ts"
import { PipeRunner } from "../program/PipeRunner.ts"
import { type Check, checks } from "../provider/Answer.ts"
import { reask } from "../provider/Reask.ts"
import { type Given, preparing } from "./Configured.ts"
import { prepare } from "./Prepare.ts"
import * as Runner from "./Runner.ts"

/** An answer of the script that did not fit, and what was wrong with it. */
export interface Turn {
  readonly answer: unknown
  readonly misfits: ReadonlyArray<Misfit>
}

/** A leaf job as it reached the layer, and the turns of a structured answer that did not fit. */
export interface Sent {
  readonly leaf: LeafName
  readonly job: Job<LeafName>
  readonly turns: ReadonlyArray<Turn>
}

/** What a script answers: the raw value of the leaf, before a structured one is checked. */
export type Answer = (sent: Sent) => Effect.Effect<unknown, PipeFailure>

export interface Script {
  readonly answer: Answer
  /** Total attempts of a structured answer. Default 3. */
  readonly reaskAttempts?: number
  /** Leaves answered for real. */
  readonly real?: Partial<Handlers>
}

const defaultAttempts = 3

/** Leaves that answer from a script. Structured answers are checked and asked again as a provider's would be. */
export const leaves = ({ answer, reaskAttempts = defaultAttempts, real }: Script): Handlers => {
  const checked = checks()
  const plain = <R extends Schema.ConstraintDecoder<unknown>>(leaf: LeafName, declared: { readonly result: R }) => {
    const decode = Schema.decodeUnknownEffect(declared.result)
    return (job: Job<LeafName>) =>
      Effect.flatMap(answer({ leaf, job, turns: [] }), (value) => Effect.orDie(decode({ value, usage: none })))
  }
  const structured =
    <A>(leaf: LeafName, check: (structure: Structure) => Check<A>) => (job: Job<"act_llm_gen_object">) =>
      Effect.map(
        reask({
          attempts: reaskAttempts,
          ask: (turns) =>
            Effect.map(
              answer({ leaf, job, turns: turns.map(({ message, misfits }) => ({ answer: message, misfits })) }),
              (value) => ({ message: value, value: Result.succeed(value) })
            ),
          check: check(job.structure),
          model: job.setting.model.handle,
          provider: job.setting.model.backend,
          structure: job.structure
        }),
        ({ attempts, value }) => ({ value, usage: { ...none, requests: attempts, reasks: attempts - 1 } })
      )
  return {
    act_llm_gen_text: plain("act_llm_gen_text", declarations.act_llm_gen_text),
    act_llm_gen_object: structured("act_llm_gen_object", checked.object),
    act_llm_gen_object_list: structured("act_llm_gen_object_list", checked.list),
    act_img_gen_images: plain("act_img_gen_images", declarations.act_img_gen_images),
    act_extract_gen_extract_pages: plain("act_extract_gen_extract_pages", declarations.act_extract_gen_extract_pages),
    act_render_page_views: plain("act_render_page_views", declarations.act_render_page_views),
    act_search_gen_sourced_answer: plain("act_search_gen_sourced_answer", declarations.act_search_gen_sourced_answer),
    act_search_gen_structured: plain("act_search_gen_structured", declarations.act_search_gen_structured),
    act_func: plain("act_func", declarations.act_func),
    ...real
  }
}

/** Runs pipes in process with leaves answered from a script. For tests. */
export const layer = (script: Script, given: Given = {}): Layer.Layer<PipeRunner | Leaves, PipeFailure> => {
  const answering = leaves(script)
  return Layer.effectContext(
    Effect.map(preparing(given), (known) =>
      Context.make(Leaves, Leaves.of(answering)).pipe(
        Context.add(PipeRunner, Runner.make(answering, prepare(known)))
      ))
  )
}
