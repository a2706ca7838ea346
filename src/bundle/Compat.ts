import { isObject, type Json, type JsonObject, own } from "../concept/Json.ts"
import * as Native from "../concept/Native.ts"
import * as Slot from "../concept/Slot.ts"
import type { Issue } from "../failure/Issue.ts"

/**
 * Older spellings of the language, rewritten into today's before a bundle is decoded. Each rewriting is one warning. What only the
 * rest of a library can tell (bare references to another domain, inline sigils) is not done here.
 */
type Path = ReadonlyArray<string | number>

interface Rewriting {
  readonly issues: Array<Issue>
  readonly unchecked: Set<string>
}

const warn = ({ issues }: Rewriting, path: Path, message: string, pipe?: string): void => {
  issues.push({
    code: "method.schema_violation",
    warning: "older_spelling",
    path,
    message,
    ...(pipe === undefined ? {} : { pipe })
  })
}

/** Old key, new key, and how its value changes. */
type Rename = readonly [old: string, now: string, value?: (value: Json) => Json]

const preset = (value: Json): Json => typeof value === "string" && !/^[$@~]/.test(value) ? `$${value}` : value

const everywhere: ReadonlyArray<Rename> = [["definition", "description"]]

const perType: Readonly<Record<string, ReadonlyArray<Rename>>> = {
  PipeLLM: [
    ["prompt_template", "prompt"],
    ["llm", "model"],
    ["llm_handle", "model"],
    ["llm_to_structure", "model_to_structure"],
    ["llm_talent", "model", preset],
    ["llm_skill", "model", preset]
  ],
  PipeImgGen: [["img_gen", "model"], ["img_gen_talent", "model", preset], ["img_gen_skill", "model", preset]],
  PipeExtract: [["ocr", "model"], ["extract_talent", "model", preset], ["extract_skill", "model", preset]],
  PipeSearch: [["search_talent", "model", preset], ["search_skill", "model", preset]],
  PipeCondition: [["pipe_map", "outcomes"], ["default_pipe_code", "default_outcome"]],
  PipeParallel: [["parallels", "branches"], ["combined_output", "output"]],
  PipeCompose: [["jinja2", "template"]]
}

const rename = (
  table: JsonObject,
  renames: ReadonlyArray<Rename>,
  at: Path,
  rewriting: Rewriting,
  pipe?: string
): JsonObject => {
  const applied = renames.filter(([old]) => Object.hasOwn(table, old))
  if (applied.length === 0) return table
  return Object.fromEntries(
    Object.entries(table).flatMap(([key, value]): ReadonlyArray<readonly [string, Json]> => {
      const found = applied.find(([old]) => old === key)
      if (found === undefined) return applied.some(([, now]) => now === key && now === "output") ? [] : [[key, value]]
      const [old, now, change] = found
      warn(rewriting, [...at, old], `${old} is an older spelling of ${now}`, pipe)
      return [[now, change === undefined ? value : change(value)]]
    })
  )
}

const mapEntries = (table: JsonObject, change: (key: string, value: Json) => Json): JsonObject =>
  Object.fromEntries(Object.entries(table).map(([key, value]) => [key, change(key, value)]))

const fieldKeys: ReadonlySet<string> = new Set([
  "description",
  "type",
  "required",
  "default_value",
  "choices",
  "item_type",
  "item_concept_ref",
  "concept_ref",
  "key_type",
  "value_type",
  "hints"
])

const field = (value: Json, at: Path, rewriting: Rewriting): Json => {
  if (!isObject(value)) return value
  const renamed = rename(value, everywhere, at, rewriting)
  return Object.fromEntries(
    Object.entries(renamed).flatMap(([key, inner]): ReadonlyArray<readonly [string, Json]> => {
      if (!fieldKeys.has(key)) {
        warn(rewriting, [...at, key], `the unknown key "${key}" is ignored`)
        return []
      }
      if (key === "required" && inner === true && Object.hasOwn(renamed, "default_value")) {
        warn(rewriting, [...at, key], "a field with a default_value cannot be required; the default wins")
        return []
      }
      if (key === "key_type" && inner !== "text" && inner !== "str") {
        warn(rewriting, [...at, key], "keys are text")
        return [[key, "text"]]
      }
      return [[key, inner]]
    })
  )
}

const concept = (value: Json, at: Path, rewriting: Rewriting): Json => {
  if (!isObject(value)) return value
  const renamed = rename(value, everywhere, at, rewriting)
  const structure = own(renamed, "structure")
  return isObject(structure)
    ? {
      ...renamed,
      structure: mapEntries(structure, (name, inner) => field(inner, [...at, "structure", name], rewriting))
    }
    : renamed
}

const type = (table: JsonObject, at: Path, rewriting: Rewriting, pipe: string): JsonObject => {
  if (own(table, "type") === "PipeJinja2") {
    warn(rewriting, [...at, "type"], "PipeJinja2 is an older name of PipeCompose", pipe)
    return { ...table, type: "PipeCompose" }
  }
  if (own(table, "type") !== "PipeSignature") return table
  warn(rewriting, [...at, "type"], "a signature is written without a type", pipe)
  return Object.fromEntries(Object.entries(table).filter(([key]) => key !== "type"))
}

/** A dotted input name stands for reading that path of its root. */
const inputs = (table: JsonObject, at: Path, rewriting: Rewriting, pipe: string): JsonObject => {
  const written = own(table, "inputs")
  if (!isObject(written) || !Object.keys(written).some((name) => name.includes("."))) return table
  const kept: Array<readonly [string, Json]> = []
  for (const [name, slot] of Object.entries(written)) {
    if (!name.includes(".")) {
      kept.push([name, slot])
      continue
    }
    const [root = ""] = name.split(".")
    warn(rewriting, [...at, "inputs", name], `"${name}" is read as a path of "${root}"`, pipe)
    if (!Object.hasOwn(written, root) && !kept.some(([known]) => known === root)) kept.push([root, "Anything"])
  }
  return { ...table, inputs: Object.fromEntries(kept) }
}

/** An older parallel only stored its branches: its declared output was a label. */
const parallelOutput = (table: JsonObject, at: Path, rewriting: Rewriting, pipe: string): JsonObject => {
  const output = own(table, "output")
  if (own(table, "type") !== "PipeParallel" || own(table, "add_each_output") !== true || typeof output !== "string") {
    return table
  }
  const slot = Slot.parse(output, "output")
  if (typeof slot === "string") return table
  const code = slot.concept.replace(/^native\./, "")
  if (!Slot.isPlural(slot) && (code === "Composite" || !Native.isNative(code))) return table
  warn(rewriting, [...at, "output"], `a PipeParallel cannot output "${output}"; it is read as "Composite"`, pipe)
  rewriting.unchecked.add(pipe)
  return { ...table, output: "Composite" }
}

const settings = (table: JsonObject, at: Path, rewriting: Rewriting, pipe: string): JsonObject => {
  const model = own(table, "model")
  if (!isObject(model) || !Object.hasOwn(model, "prompting_target")) return table
  warn(rewriting, [...at, "model", "prompting_target"], "prompting_target is no longer used", pipe)
  return { ...table, model: Object.fromEntries(Object.entries(model).filter(([key]) => key !== "prompting_target")) }
}

const pipe = (code: string, value: Json, rewriting: Rewriting): Json => {
  if (!isObject(value)) return value
  const at = ["pipe", code]
  const typed = type(rename(value, everywhere, at, rewriting, code), at, rewriting, code)
  const kind = own(typed, "type")
  const renamed = rename(typed, typeof kind === "string" ? own(perType, kind) ?? [] : [], at, rewriting, code)
  return settings(parallelOutput(inputs(renamed, at, rewriting, code), at, rewriting, code), at, rewriting, code)
}

/** The document in today's spelling, with the codes of pipes whose output is no longer checked. Warnings are added to `issues`. */
export const rewrite = (
  document: JsonObject,
  issues: Array<Issue>
): { readonly document: JsonObject; readonly unchecked: ReadonlySet<string> } => {
  const rewriting: Rewriting = { issues, unchecked: new Set() }
  const top = rename(document, everywhere, [], rewriting)
  const concepts = own(top, "concept")
  const pipes = own(top, "pipe")
  return {
    document: {
      ...top,
      ...(isObject(concepts)
        ? { concept: mapEntries(concepts, (code, value) => concept(value, ["concept", code], rewriting)) }
        : {}),
      ...(isObject(pipes) ? { pipe: mapEntries(pipes, (code, value) => pipe(code, value, rewriting)) } : {})
    },
    unchecked: rewriting.unchecked
  }
}
