import { isObject, type Json, type JsonObject } from "../concept/Json.ts"
import { type Fault, merge } from "./Document.ts"
import * as InferenceToml from "./InferenceToml.ts"
import * as TemporalToml from "./TemporalToml.ts"

/**
 * Both generations of key names, brought to the one that this runtime documents. A file is normalised by itself, before layers are
 * merged; one that says two different things under two names for the same key is refused.
 */
type Path = ReadonlyArray<string>
const steps = (dotted: string): Path => dotted.split(".")

/** Another spelling → the canonical one. The longest that fits is taken, and what it leads to is read again. */
const spellings: ReadonlyArray<readonly [newer: Path, canonical: Path]> = ([
  ["runtime.storage", "pipelex.storage_config"],
  ["runtime.log", "pipelex.log_config"],
  ["runtime.rich_log", "pipelex.log_config.rich_log_config"],
  ["runtime.log.rich_log", "pipelex.log_config.rich_log_config"],
  ["runtime.package_log_levels", "pipelex.log_config.package_log_levels"],
  ["runtime.reporting", "pipelex.reporting_config"],
  ["runtime.tracing", "pipelex.tracing_config"],
  ["runtime.aws", "pipelex.aws_config"],
  ["interpreter.pipeline_execution", "pipelex.pipeline_execution_config"],
  ["interpreter.pipeline_execution.graph", "pipelex.pipeline_execution_config.graph_config"],
  ["interpreter.pipeline_execution.graph.mermaid", "pipelex.pipeline_execution_config.graph_config.mermaid_config"],
  ["interpreter.pipeline_execution.graph.reactflow", "pipelex.pipeline_execution_config.graph_config.reactflow_config"],
  ["interpreter.pipe_run", "pipelex.pipe_run_config"],
  ["interpreter.scan", "pipelex.scan_config"],
  ["interpreter.builder", "pipelex.builder_config"],
  ["inference.dry_run", "pipelex.dry_run_config"],
  ["inference", "cogt"],
  ["inference.model_deck", "cogt.model_deck_config"],
  ["inference.llm", "cogt.llm_config"],
  ["inference.llm.instructor", "cogt.llm_config.instructor_config"],
  ["inference.llm.openai", "cogt.llm_config.openai_config"],
  ["inference.llm.anthropic", "cogt.llm_config.anthropic_config"],
  ["inference.llm.mistral", "cogt.llm_config.mistral_config"],
  ["inference.llm.google", "cogt.llm_config.google_config"],
  ["inference.img_gen", "cogt.img_gen_config"],
  ["inference.img_gen.img_gen_job", "cogt.img_gen_config.img_gen_job_config"],
  ["inference.extract", "cogt.extract_config"],
  ["inference.search", "cogt.search_config"],
  ["cogt.templating", "cogt.llm_config"],
  ["pipelex.prompting_config.default_prompting_style", "cogt.llm_config.default_templating_style"],
  ...InferenceToml.spellings,
  ...TemporalToml.spellings
] as const).map(([newer, known]) => [steps(newer), steps(known)] as const)
  .toSorted(([a], [b]) => b.length - a.length)

const startsWith = (whole: Path, start: Path): boolean =>
  start.length <= whole.length && start.every((key, index) => key === whole[index])

const canonical = (written: Path): Path => {
  const match = spellings.find(([newer]) => startsWith(written, newer))
  return match === undefined ? written : canonical([...match[1], ...written.slice(match[0].length)])
}

/** A key that holds no table, or an empty one. */
export interface Leaf {
  readonly written: Path
  readonly value: Json
}

export const leaves = (value: JsonObject, at: Path): ReadonlyArray<Leaf> =>
  Object.entries(value).flatMap(([key, inner]) => {
    const here = [...at, key]
    return isObject(inner) && Object.keys(inner).length > 0 ? leaves(inner, here) : [{ written: here, value: inner }]
  })

export interface Normalised {
  readonly values: JsonObject
  readonly faults: ReadonlyArray<Fault>
  /** Canonical path → the path as written, so that a fault is shown where it stands. */
  readonly writtenAs: (path: ReadonlyArray<string | number>) => ReadonlyArray<string | number>
}

/** A table that holds one leaf. */
const nested = (path: Path, value: Json): JsonObject => {
  const [key = "", ...rest] = path
  return { [key]: rest.length === 0 ? value : nested(rest, value) }
}

export const normalise = (values: JsonObject): Normalised => {
  const written = new Map<string, Leaf>()
  const faults: Array<Fault> = []
  let normalised: JsonObject = {}
  for (const leaf of leaves(values, [])) {
    const target = canonical(leaf.written)
    const key = JSON.stringify(target)
    const earlier = written.get(key)
    if (earlier !== undefined && JSON.stringify(earlier.value) !== JSON.stringify(leaf.value)) {
      faults.push({
        path: leaf.written,
        message: `"${leaf.written.join(".")}" and "${
          earlier.written.join(".")
        }" are the same key, with different values`
      })
    }
    written.set(key, leaf)
    normalised = merge(normalised, nested(target, leaf.value))
  }
  const writtenAs = (at: ReadonlyArray<string | number>): ReadonlyArray<string | number> => {
    const wanted = at.map(String)
    const found = Array.from(written.values()).find((leaf) => startsWith(canonical(leaf.written), wanted))
    if (found === undefined) return at
    const extra = canonical(found.written).length - wanted.length
    return extra > 0 ? found.written.slice(0, -extra) : found.written
  }
  return { values: normalised, faults, writtenAs }
}
