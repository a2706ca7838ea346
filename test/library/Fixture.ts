/** Libraries made from TOML in memory, and runs of their pipes with the leaves answered from a script. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Bundle from "../../src/bundle/Bundle.ts"
import type { JsonObject } from "../../src/concept/Json.ts"
import * as WorkingMemory from "../../src/concept/WorkingMemory.ts"
import * as Recorded from "../../src/direct/Recorded.ts"
import type { Issue } from "../../src/failure/Issue.ts"
import type { PipeFailure } from "../../src/failure/PipeFailure.ts"
import * as Inputs from "../../src/library/Inputs.ts"
import * as Library from "../../src/library/Library.ts"
import type { Unit } from "../../src/library/Sources.ts"
import type { Job } from "../../src/program/Leaves.ts"
import type { Deck, Model, ModelTable } from "../../src/program/Models.ts"
import * as PipePath from "../../src/program/PipePath.ts"
import { PipeRunner } from "../../src/program/PipeRunner.ts"
import type { RunScope } from "../../src/program/RunScope.ts"
import { defaults } from "../../src/program/Settings.ts"
import * as Simulated from "../../src/provider/Simulated.ts"
import * as Toml from "../../src/source/Toml.ts"

const empty: Deck = { aliases: {}, waterfalls: {}, presets: {}, defaults: {}, overrides: {} }

const model = (handle: string, family: Model["family"], more: Partial<Model> = {}): Model => ({
  handle,
  family,
  backend: "scripted",
  sdk: "scripted",
  modelId: handle,
  inputs: ["text", "images", "pdf"],
  outputs: ["text", "structured"],
  thinking: "none",
  ...more
})

/** One model of each family, and a language model that takes text alone. */
export const models: ModelTable = {
  models: [
    model("writer", "llm"),
    model("reader", "llm"),
    model("blind", "llm", { inputs: ["text"] }),
    model("scanner", "text_extractor"),
    model("painter", "img_gen"),
    model("finder", "search"),
    model("press", "doc_gen"),
    model("judge", "judgment")
  ],
  unserved: {},
  decks: {
    llm: {
      ...empty,
      presets: { factual: { model: "writer", temperature: 0.1 } },
      defaults: { text: "writer", object: "writer" },
      defaultTemperature: 0.5
    },
    text_extractor: { ...empty, defaults: { default: "scanner" } },
    img_gen: { ...empty, defaults: { default: "painter" } },
    search: { ...empty, defaults: { default: "finder" } },
    doc_gen: { ...empty, defaults: { "pdf.layout": "press", "pdf.html": "press" } },
    judgment: { ...empty, defaults: { default: "judge" } }
  },
  isFallbackEnabled: true
}

export interface Reading {
  readonly compat?: boolean
  readonly functions?: ReadonlyArray<string>
  readonly links?: Readonly<Record<string, string>>
  readonly exports?: Unit["exports"]
  readonly packages?: Readonly<Record<string, Omit<Unit, "package">>>
}

export type Files = string | Readonly<Record<string, string>>

/** A text without a domain is of the domain `d`. */
const withDomain = (text: string): string => /^\s*domain\s*=/m.test(text) ? text : `domain = "d"\n${text}`

const named = (files: Files): Readonly<Record<string, string>> =>
  typeof files === "string" ? { "main.mthds": files } : files

/** The bundles of some files, with what is wrong in each. */
export const decode = (files: Files, compat = false): {
  readonly bundles: ReadonlyArray<Bundle.Bundle>
  readonly issues: ReadonlyArray<Issue>
} => {
  const issues: Array<Issue> = []
  const bundles: Array<Bundle.Bundle> = []
  for (const [file, text] of Object.entries(named(files))) {
    const document = Toml.parse(withDomain(text), file)
    if (Result.isFailure(document)) {
      issues.push(document.failure)
      continue
    }
    const decoded = Bundle.decode(document.success, { file, compat })
    issues.push(...decoded.issues.map((issue) => ({ file, ...issue })))
    if (decoded.bundle !== undefined) bundles.push(decoded.bundle)
  }
  return { bundles, issues }
}

export const make = (files: Files, reading: Reading = {}): Library.Made => {
  const { compat = false, exports, functions = [], links = {}, packages = {} } = reading
  const { bundles, issues } = decode(files, compat)
  return Library.make(
    {
      own: { bundles, links: new Map(Object.entries(links)), ...(exports === undefined ? {} : { exports }) },
      packages: new Map(Object.entries(packages).map(([name, unit]) => [name, { ...unit, package: name }]))
    },
    { models, compat, functions: new Set(functions) },
    issues
  )
}

/** The library of sound files; a fault is the test's own. */
export const library = (files: Files, reading: Reading = {}): Library.Library => {
  const { issues, library: made } = make(files, reading)
  if (made === undefined) throw new Error(issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("\n"))
  return made
}

/** `type code` of each fault, the type being `-` where there is none. */
export const kinds = (issues: ReadonlyArray<Issue>): ReadonlyArray<string> =>
  issues.map(({ code, type, warning }) => `${type ?? "-"} ${code}${warning === undefined ? "" : ` (${warning})`}`)

/** A text that tells which pipe was asked what; simulated objects. */
export const echo: Recorded.Answer = ({ job, leaf }) =>
  Effect.sync(() => {
    if (leaf === "act_llm_gen_text") {
      const { meta, prompt } = job as Job<"act_llm_gen_text">
      return `${meta.pipe}(${prompt.user})`
    }
    const { structure } = job as Job<"act_llm_gen_object">
    return Simulated.object(structure)
  })

/** Answers by the code of the pipe that asks; whatever is not listed is echoed. */
export const byPipe = (answers: Readonly<Record<string, unknown>>): Recorded.Answer => (sent) =>
  Object.hasOwn(answers, sent.job.meta.pipe) ? Effect.succeed(answers[sent.job.meta.pipe]) : echo(sent)

/** Keeps every job that is sent. */
export const recording = (answer: Recorded.Answer = echo) => {
  const sent: Array<Recorded.Sent> = []
  const recorded: Recorded.Answer = (each) =>
    Effect.suspend(() => {
      sent.push(each)
      return answer(each)
    })
  return {
    sent,
    answer: recorded,
    prompts: (): ReadonlyArray<string> =>
      sent.map(({ job }) => "prompt" in job && typeof job.prompt === "object" ? job.prompt.user : "")
  }
}

export interface Running {
  readonly answer?: Recorded.Answer
  readonly reaskAttempts?: number
  readonly real?: Recorded.Script["real"]
  readonly scope?: Partial<RunScope>
  readonly settings?: Partial<typeof defaults>
  readonly result?: string
  readonly compat?: boolean
}

/** Runs a pipe of a library with inputs as an inputs file gives them. */
export const run = (
  from: Library.Library,
  ref: string,
  inputs: JsonObject = {},
  running: Running = {}
): Effect.Effect<WorkingMemory.WorkingMemory, PipeFailure> => {
  const { answer = echo, compat = false, real, reaskAttempts, result, scope, settings } = running
  const all = { ...defaults, ...settings }
  const script = {
    answer,
    ...(reaskAttempts === undefined ? {} : { reaskAttempts }),
    ...(real === undefined ? {} : { real })
  }
  return Effect.gen(function*() {
    const entry = from.pipes.get(ref)
    if (entry === undefined) return yield* Effect.die(new Error(`no pipe ${ref}`))
    const runner = yield* PipeRunner
    const memory = Inputs.shape({ library: from, entry, compat }, inputs)
    if (Result.isFailure(memory)) return yield* memory.failure
    return yield* runner.call({
      method: from,
      ref,
      memory: memory.success,
      path: PipePath.entry(entry),
      scope: { runId: "run", userId: "tester", mode: "live", settings: all, ...scope },
      result
    })
  }).pipe(Effect.provide(Recorded.layer(script, { models })))
}

/** The content under a name, or nothing. */
export const content = (
  memory: WorkingMemory.WorkingMemory,
  name: string = WorkingMemory.main
): JsonObject | undefined => WorkingMemory.get(memory, name)?.content

/** The texts of a list of texts. */
export const texts = (memory: WorkingMemory.WorkingMemory, name: string = WorkingMemory.main): ReadonlyArray<string> =>
  ((content(memory, name)?.["items"] ?? []) as ReadonlyArray<{ readonly text: string }>).map(({ text }) => text)

type Table = Readonly<Record<string, unknown>>

/** A value as TOML writes it inline. */
export const toml = (value: unknown): string =>
  Array.isArray(value)
    ? `[${value.map(toml).join(", ")}]`
    : typeof value === "object" && value !== null
    ? `{ ${Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)} = ${toml(inner)}`).join(", ")} }`
    : JSON.stringify(value)

/** The table of one pipe, described by its code. */
export const pipe = (code: string, type: string, table: Table): string =>
  [
    `[pipe.${code}]`,
    `type = "${type}"`,
    `description = "${code}"`,
    ...Object.entries(table).map(([key, value]) => `${key} = ${toml(value)}`),
    ""
  ].join("\n")

/** A PipeLLM that reads each of its inputs. */
export const llm = (
  code: string,
  inputs: Readonly<Record<string, string>>,
  output = "Text",
  more: Table = {}
): string =>
  pipe(code, "PipeLLM", {
    inputs,
    output,
    prompt: Object.entries(inputs).map(([name, slot]) => slot.endsWith("?") ? `\n@?${name}` : `$${name}`).join(" ") ||
      "go",
    ...more
  })

/** A PipeCompose that renders a template to a text. */
export const compose = (
  code: string,
  inputs: Readonly<Record<string, string>>,
  template: string,
  output = "Text"
): string => pipe(code, "PipeCompose", { inputs, output, template })

/** A PipeSequence. */
export const sequence = (
  code: string,
  inputs: Readonly<Record<string, string>>,
  output: string,
  steps: ReadonlyArray<Table>
): string => pipe(code, "PipeSequence", { inputs, output, steps })
