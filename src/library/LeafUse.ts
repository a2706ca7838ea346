import * as Result from "effect/Result"
import * as Slot from "../concept/Slot.ts"
import * as ModelUse from "../pipe/ModelUse.ts"
import * as Pipe from "../pipe/Pipe.ts"
import * as PipeExtract from "../pipe/PipeExtract.ts"
import * as PipeFunc from "../pipe/PipeFunc.ts"
import * as PipeParallel from "../pipe/PipeParallel.ts"
import * as PipeSequence from "../pipe/PipeSequence.ts"
import * as Step from "../pipe/Step.ts"
import type { LeafName } from "../program/Leaves.ts"
import type { ModelTable } from "../program/Models.ts"
import * as ModelTables from "../program/ModelTable.ts"
import type { Defined } from "./Definitions.ts"
import type { Library } from "./Library.ts"

/** A leaf that a pipe may run, with what its jobs are routed by: for telling, never for running. */
export interface LeafUse {
  readonly pipe: string
  readonly leaf: LeafName
  /** A model's, or the name of a function; absent for what asks no model. */
  readonly handle?: string
}

/** Pipes by the ways in which they are called: a step may want another number of results than the pipe says. */
type Calls = Map<Defined, Set<Slot.Multiplicity>>

const stepsOf = ({ blueprint }: Defined): ReadonlyArray<Step.Step> | undefined =>
  blueprint instanceof PipeSequence.Blueprint
    ? blueprint.steps
    : blueprint instanceof PipeParallel.Blueprint
    ? blueprint.branches
    : undefined

interface Called {
  readonly ref: string
  readonly step?: Step.Step
}

const callsOf = (defined: Defined): ReadonlyArray<Called> =>
  stepsOf(defined)?.flatMap((step) => step.pipe === undefined ? [] : [{ ref: step.pipe, step }]) ??
    Pipe.references(defined.blueprint)

const collect = (library: Library, calls: Calls, defined: Defined, multiplicity: Slot.Multiplicity): void => {
  const known = calls.get(defined)
  calls.set(defined, new Set(known).add(multiplicity))
  if (known !== undefined) return
  for (const { ref, step } of callsOf(defined)) {
    const found = library.surroundings.find(defined, ref)
    const target = found === undefined ? undefined : library.pipes.get(found.ref)
    if (target === undefined) continue
    const own = target.output.multiplicity
    collect(library, calls, target, step === undefined ? own : Step.multiplicity(step, target.output) ?? own)
  }
}

/** The leaf that asks the pipe's model for its output. */
const asked = ({ blueprint: { type }, output }: Defined, { concepts }: Library): LeafName | undefined => {
  const structured = Slot.isPlural(output) ? "act_llm_gen_object_list" : "act_llm_gen_object"
  switch (type) {
    case "PipeLLM":
      return concepts.isText(output.concept) && !Slot.isPlural(output) ? "act_llm_gen_text" : structured
    case "PipeStructure":
      return structured
    case "PipeImgGen":
      return "act_img_gen_images"
    case "PipeExtract":
      return "act_extract_gen_extract_pages"
    case "PipeSearch":
      return concepts.isCompatible(output.concept, "native.SearchResult", true)
        ? "act_search_gen_sourced_answer"
        : "act_search_gen_structured"
    default:
      return undefined
  }
}

const handleIn = (defined: Defined, { concepts }: Library, models: ModelTable): string | undefined => {
  const use = ModelUse.of(defined, { concepts, models })
  const found = use === undefined ? undefined : ModelTables.resolve(models, use.family, use.choice)
  return found !== undefined && Result.isSuccess(found) ? found.success.model.handle : undefined
}

/** Where the table has no such model, the one that the method was checked against may have it. */
const handleOf = (defined: Defined, library: Library, models: ModelTable): string | undefined =>
  handleIn(defined, library, models) ?? handleIn(defined, library, library.surroundings.models)

const usesOf = (defined: Defined, library: Library, models: ModelTable): ReadonlyArray<LeafUse> => {
  const { blueprint, ref: pipe } = defined
  if (blueprint instanceof PipeFunc.Blueprint) return [{ pipe, leaf: "act_func", handle: blueprint.function_name }]
  const leaf = asked(defined, library)
  if (leaf === undefined) return []
  const handle = handleOf(defined, library, models)
  return [
    { pipe, leaf, ...(handle === undefined ? {} : { handle }) },
    ...(blueprint instanceof PipeExtract.Blueprint && blueprint.page_views === true
      ? [{ pipe, leaf: "act_render_page_views" } as const]
      : [])
  ]
}

/** Every leaf that these pipes, and those that they call, may run; models as the table has them. */
export const of = (library: Library, roots: Iterable<Defined>, models: ModelTable): ReadonlyArray<LeafUse> => {
  const calls: Calls = new Map()
  for (const root of roots) collect(library, calls, root, root.output.multiplicity)
  return Array.from(calls).flatMap(([defined, multiplicities]) =>
    Array.from(multiplicities).flatMap((multiplicity) =>
      usesOf({ ...defined, output: { ...defined.output, multiplicity } }, library, models)
    )
  )
}
