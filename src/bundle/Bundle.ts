import * as Schema from "effect/Schema"
import { isObject, type Json, type JsonObject, own } from "../concept/Json.ts"
import * as Native from "../concept/Native.ts"
import * as Reference from "../concept/Reference.ts"
import * as Slot from "../concept/Slot.ts"
import type { Issue } from "../failure/Issue.ts"
import { closest, didYouMean } from "../failure/Suggest.ts"
import { slotText } from "../pipe/Header.ts"
import * as Pipe from "../pipe/Pipe.ts"
import * as Compat from "./Compat.ts"
import * as ConceptBlueprint from "./ConceptBlueprint.ts"
import { closedTable } from "./Decode.ts"
import * as Hints from "./Hints.ts"

/** One `.mthds` file as data: what could be understood of it, and every fault found in it. */
export interface Bundle {
  readonly file: string
  readonly domain: string
  readonly description?: string
  readonly systemPrompt?: string
  readonly mainPipe?: string
  readonly concepts: ReadonlyMap<string, ConceptBlueprint.ConceptBlueprint>
  readonly pipes: ReadonlyMap<string, Pipe.Blueprint>
  /** Codes that are declared but could not be understood: what refers to them is not reported a second time. */
  readonly broken: ReadonlySet<string>
  /** Pipes whose declared output an older rule left unchecked. */
  readonly unchecked: ReadonlySet<string>
}

export interface Decoded {
  readonly bundle: Bundle | undefined
  readonly issues: ReadonlyArray<Issue>
}

const Top = Schema.Struct({
  domain: Schema.String,
  description: Schema.optionalKey(Schema.String),
  system_prompt: Schema.optionalKey(Schema.String),
  main_pipe: Schema.optionalKey(Schema.String),
  concept: Schema.optionalKey(Schema.Unknown),
  pipe: Schema.optionalKey(Schema.Unknown),
  source: Schema.optionalKey(Schema.String)
})

const tableOf = (value: unknown, key: string, issues: Array<Issue>): JsonObject => {
  if (value === undefined) return {}
  if (isObject(value)) return value
  issues.push({ code: "method.schema_violation", path: [key], message: `${key} has to be a table` })
  return {}
}

const domainProblem = (domain: string): string | undefined => {
  if (!Reference.domainCode.test(domain)) return `"${domain}" is not a domain: use lower-case names separated by dots`
  const [first = ""] = domain.split(".")
  return Reference.reservedDomains.has(first) ? `domain "${domain}" is reserved` : undefined
}

const domainFaults = (domain: string): ReadonlyArray<Issue> => {
  const message = domainProblem(domain)
  return message === undefined ? [] : [{ code: "method.schema_violation", path: ["domain"], message }]
}

const decodeConcepts = (table: JsonObject, issues: Array<Issue>, broken: Set<string>) => {
  const concepts = new Map<string, ConceptBlueprint.ConceptBlueprint>()
  for (const [code, value] of Object.entries(table)) {
    if (!Reference.conceptCode.test(code)) {
      issues.push({
        code: "method.schema_violation",
        path: ["concept", code],
        concept: code,
        message: `"${code}" is not a concept: use PascalCase`
      })
      continue
    }
    if (Native.isNative(code)) {
      issues.push({
        code: "method.name_conflict",
        type: "native_concept_redeclaration",
        path: ["concept", code],
        concept: code,
        message: `"${code}" is a native concept and cannot be declared again`,
        fix: "take it out, or give your concept another name",
        params: { name: code, conflict: "native_redeclaration" }
      })
      continue
    }
    const blueprint = ConceptBlueprint.decode(code, value, issues)
    if (blueprint === undefined) broken.add(code)
    else concepts.set(code, blueprint)
  }
  return concepts
}

const codeFaults = (code: string, domain: string): ReadonlyArray<Issue> => {
  if (Reference.snake.test(code)) return []
  const isOwn = code.startsWith(`${domain}.`)
  return [{
    code: "method.identifier_invalid",
    type: "invalid_pipe_code_syntax",
    path: ["pipe", code],
    pipe: code,
    message: `"${code}" is not a pipe code: use lower-case letters, digits and underscores`,
    fix: isOwn ? `write ${code.slice(domain.length + 1)}` : "rename it"
  }]
}

const signatureKeys: ReadonlySet<string> = new Set(["description", "inputs", "output", "signature_for"])

/** The pipe's type, or the fault of having none. A table without `type` that holds a bare contract is a signature. */
const typeOf = (code: string, table: JsonObject): Pipe.PipeType | Issue => {
  const at = ["pipe", code]
  const written = own(table, "type")
  const invalid = (type: string, path: ReadonlyArray<string>, message: string, more: Partial<Issue> = {}): Issue => ({
    code: "method.pipe_type_invalid",
    type,
    path,
    pipe: code,
    message,
    ...more
  })
  if (written === undefined) {
    return Object.keys(table).every((key) => signatureKeys.has(key))
      ? "PipeSignature"
      : invalid("missing_pipe_type", at, `pipe "${code}" has no type`, {
        fix: "add type = \"PipeLLM\", or whichever it is"
      })
  }
  if (written === "PipeSignature") {
    return invalid("unknown_pipe_type", [...at, "type"], `pipe "${code}" is written as a PipeSignature`, {
      fix: "delete the type line: a contract alone is a signature"
    })
  }
  if (typeof written === "string" && Pipe.isPipeType(written)) return written
  const suggestions = closest(typeof written === "string" ? written : "", Object.keys(Pipe.kinds))
  return invalid("unknown_pipe_type", [...at, "type"], `pipe "${code}" has an unknown type${didYouMean(suggestions)}`, {
    suggestions
  })
}

const slotProblems: Readonly<Record<Slot.SlotFault, string>> = {
  malformed: "is not a concept with an optional [], [N], ? or !",
  zero: "asks for a list of none",
  marker_on_list: "has a presence marker on a list, which is never absent",
  forced_output: "forces an output, which only an input can be"
}

const slotFaults = (
  pipe: string,
  text: string,
  role: "input" | "output",
  path: ReadonlyArray<string>,
  name: string
): ReadonlyArray<Issue> => {
  const slot = Slot.parse(text, role)
  if (typeof slot !== "string") return []
  const isMarker = slot === "marker_on_list" || slot === "forced_output"
  return [{
    code: isMarker ? "method.optional_marker_invalid" : "method.schema_violation",
    ...(isMarker ? { type: "optional_marker_invalid" } : {}),
    path: ["pipe", pipe, ...path],
    pipe,
    names: [name],
    message: `${path.join(".")} of pipe "${pipe}": "${text}" ${slotProblems[slot]}`
  }]
}

const nameFaults = (pipe: string, name: string): ReadonlyArray<Issue> =>
  Reference.snake.test(name) ? [] : [{
    code: "method.identifier_invalid",
    type: "invalid_input_name",
    path: ["pipe", pipe, "inputs", name],
    pipe,
    names: [name],
    message: `"${name}" cannot be an input name`,
    fix: name.includes(".")
      ? "declare the root, and bind the path with a step { from = …, result = … }"
      : "use lower-case letters, digits and underscores, starting with a letter"
  }]

const inputFaults = (pipe: string, blueprint: Pipe.Blueprint): ReadonlyArray<Issue> => [
  ...Object.entries(blueprint.inputs).flatMap(([name, slot]) =>
    nameFaults(pipe, name).concat(slotFaults(pipe, slotText(slot), "input", ["inputs", name], name))
  ),
  ...slotFaults(pipe, blueprint.output, "output", ["output"], "output")
]

const withType = (table: JsonObject, type: string): JsonObject => ({ ...table, type })

interface Reading {
  readonly domain: string
  readonly systemPrompt: string | undefined
  readonly compat: boolean
  readonly issues: Array<Issue>
}

const decodePipe = (
  code: string,
  value: Json,
  { compat, domain, issues, systemPrompt }: Reading
): Pipe.Blueprint | undefined => {
  if (!isObject(value)) {
    issues.push({
      code: "method.schema_violation",
      path: ["pipe", code],
      pipe: code,
      message: `pipe "${code}" has to be a table`
    })
    return undefined
  }
  const type = typeOf(code, value)
  if (typeof type !== "string") {
    issues.push(type)
    return undefined
  }
  const schema: Schema.ConstraintDecoder<Pipe.Blueprint> = Pipe.kinds[type].Blueprint
  const blueprint = closedTable(schema, withType(value, type), `pipe "${code}"`, ["pipe", code], issues, { pipe: code })
  if (blueprint === undefined) return undefined
  for (const [name, slot] of Object.entries(blueprint.inputs)) {
    if (typeof slot === "string") continue
    const at = { path: ["pipe", code, "inputs", name], pipe: code }
    issues.push(...Hints.check(slot.hints, Hints.siteOf(slot.concept), `input "${name}" of pipe "${code}"`, at))
  }
  const found = inputFaults(code, blueprint)
  issues.push(...found)
  const context = { domain, compat, ...(systemPrompt === undefined ? {} : { systemPrompt }) }
  issues.push(...Pipe.validate(code, blueprint, context))
  return found.length > 0 ? undefined : blueprint
}

/** Reads a parsed `.mthds` document. Nothing is thrown; whatever is wrong is in `issues`, all at once. */
export const decode = (document: JsonObject, options: { readonly file: string; readonly compat: boolean }): Decoded => {
  const { compat, file } = options
  const issues: Array<Issue> = []
  const { document: written, unchecked } = compat
    ? Compat.rewrite(document, issues)
    : { document, unchecked: new Set<string>() }
  closedTable(Top, written, "the bundle", [], issues)
  const domain = typeof written["domain"] === "string" ? written["domain"] : ""
  if (domain !== "" || typeof written["domain"] === "string") issues.push(...domainFaults(domain))
  const text = (key: string): string | undefined =>
    typeof written[key] === "string" && written[key] !== "" ? written[key] : undefined
  const systemPrompt = text("system_prompt")
  const mainPipe = text("main_pipe")
  const description = text("description")
  const broken = new Set<string>()
  const concepts = decodeConcepts(tableOf(own(written, "concept"), "concept", issues), issues, broken)
  const pipes = new Map<string, Pipe.Blueprint>()
  const table = tableOf(own(written, "pipe"), "pipe", issues)
  for (const [code, value] of Object.entries(table)) {
    const faults = codeFaults(code, domain)
    issues.push(...faults)
    const blueprint = decodePipe(code, value, { domain, systemPrompt, compat, issues })
    if (blueprint === undefined || faults.length > 0) broken.add(code)
    else pipes.set(code, blueprint)
  }
  const entry = mainPipe ?? (written["main_pipe"] === "" ? "" : undefined)
  if (entry !== undefined) issues.push(...mainFaults(entry, Object.keys(table)))
  if (domain === "") return { bundle: undefined, issues }
  return {
    bundle: {
      file,
      domain,
      concepts,
      pipes,
      broken,
      unchecked,
      ...(description === undefined ? {} : { description }),
      ...(systemPrompt === undefined ? {} : { systemPrompt }),
      ...(mainPipe === undefined ? {} : { mainPipe })
    },
    issues
  }
}

const mainFaults = (mainPipe: string, declared: ReadonlyArray<string>): ReadonlyArray<Issue> => {
  if (!Reference.snake.test(mainPipe)) {
    return [{
      code: "method.identifier_invalid",
      type: "invalid_pipe_code_syntax",
      path: ["main_pipe"],
      message: `main_pipe "${mainPipe}" is not a pipe code`
    }]
  }
  if (declared.includes(mainPipe)) return []
  const suggestions = closest(mainPipe, declared)
  return [{
    code: "method.schema_violation",
    path: ["main_pipe"],
    message: `main_pipe "${mainPipe}" is not declared in this file${didYouMean(suggestions)}`,
    suggestions
  }]
}
