import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import process from "node:process"
import * as Configuration from "../config/Configuration.ts"
import type { Deck, Family } from "../program/Models.ts"
import * as ModelTable from "../program/ModelTable.ts"
import { Ended, noBackend, usage } from "./Exit.ts"
import { Streams } from "./Streams.ts"

/** `pipelex-agent models` and `check-model`: which names a method may give its models, and whether one stands for something. */
export const types = ["llm", "extract", "img_gen", "search", "judgment"] as const
export type Type = typeof types[number]

const families: Readonly<Record<Type, Family>> = {
  llm: "llm",
  extract: "text_extractor",
  img_gen: "img_gen",
  search: "search",
  judgment: "judgment"
}

const headings: Readonly<Record<Type, string>> = {
  llm: "LLM",
  extract: "Extract",
  img_gen: "Image generation",
  search: "Search",
  judgment: "Judgment"
}

const configured = Effect.suspend(() => Configuration.loadFrom(process.cwd()))

export interface ModelsOptions {
  /** Empty: every type. */
  readonly types: ReadonlyArray<Type>
  readonly backend: string | undefined
}

interface Names {
  readonly presets: ReadonlyArray<{ readonly name: string; readonly description?: string }>
  readonly aliases: Readonly<Record<string, string>>
  readonly waterfalls: Readonly<Record<string, ReadonlyArray<string>>>
}

/** The names of a deck; with a backend, those that lead to one of its models. */
const namesOf = (table: ModelTable.ModelTable, family: Family, backend: string | undefined): Names => {
  const deck: Deck = table.decks[family]
  const leads = (reference: string): boolean => {
    if (backend === undefined) return true
    const found = ModelTable.resolve(table, family, reference)
    return Result.isSuccess(found) && found.success.model.backend === backend
  }
  const kept = <A>(names: Readonly<Record<string, A>>, sigil: string) =>
    Object.fromEntries(Object.entries(names).filter(([name]) => leads(`${sigil}${name}`)))
  return {
    presets: Object.entries(kept(deck.presets, "$")).map(([name, { description }]) =>
      description === undefined ? { name } : { name, description }
    ),
    aliases: kept(deck.aliases, "@"),
    waterfalls: kept(deck.waterfalls, "~")
  }
}

const section = (title: string, lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.length === 0 ? [] : [`### ${title}`, "", ...lines, ""]

const markdown = (type: Type, { aliases, presets, waterfalls }: Names): ReadonlyArray<string> => {
  return [
    `## ${headings[type]}`,
    "",
    ...section(
      "Presets: a model with its settings",
      presets.map(({ description, name }) => `- $${name}${description === undefined ? "" : ` — ${description}`}`)
    ),
    ...section(
      "Aliases: names that can be pointed elsewhere",
      Object.entries(aliases).map(([name, target]) => `- @${name} → ${target}`)
    ),
    ...section(
      "Waterfalls: the first that is served",
      Object.entries(waterfalls).map(([name, handles]) => `- ~${name} → ${handles.join(", ")}`)
    )
  ]
}

export const models = Effect.fn("AgentModels.models")(function*({ backend, types: asked }: ModelsOptions) {
  const streams = yield* Streams
  const { inference, models: table } = yield* configured
  if (backend !== undefined && !inference.backends.some(({ name }) => name === backend)) {
    const known = inference.backends.map(({ name }) => name)
    return yield* usage(noBackend(backend, known))
  }
  const shown = (asked.length === 0 ? types : types.filter((type) => asked.includes(type)))
    .map((type) => [type, namesOf(table, families[type], backend)] as const)
  const by = <A>(pick: (names: Names) => A) => Object.fromEntries(shown.map(([type, names]) => [type, pick(names)]))
  return yield* streams.audience.format === "markdown"
    ? streams.result(["# Available models", "", ...shown.flatMap(([type, names]) => markdown(type, names))])
    : streams.json({
      success: true,
      presets: by(({ presets }) => presets),
      aliases: by(({ aliases }) => aliases),
      waterfalls: by(({ waterfalls }) => waterfalls)
    })
})

const articles: Readonly<Record<string, string>> = { "$": "preset", "@": "alias", "~": "waterfall" }

/** Other types under which the same reference stands for something. */
const elsewhere = (table: ModelTable.ModelTable, type: Type, name: string): ReadonlyArray<string> =>
  types.filter((other) => other !== type && Result.isSuccess(ModelTable.resolve(table, families[other], name))).map((
    other
  ) => `${name} is a model of type ${other}`)

/** What there is to say of a model name. Valid: a served model answers to it. */
export const judge = (table: ModelTable.ModelTable, type: Type, name: string) => {
  const reference = ModelTable.parseReference(name)
  const found = ModelTable.resolve(table, families[type], name)
  const common = {
    success: true,
    valid: Result.isSuccess(found),
    name,
    kind: reference?.kind ?? "handle",
    model_type: type
  }
  if (Result.isSuccess(found)) {
    return { ...common, handle: found.success.model.handle, backend: found.success.model.backend }
  }
  const fault = found.failure
  return {
    ...common,
    reason: ModelTable.toIssue("", [], fault).message,
    suggestions: fault._tag === "Unknown" ? fault.suggestions : [],
    wrong_sigil_hints: fault._tag === "Unknown"
      ? fault.sigils.map((other) =>
        `${reference?.name ?? name} exists as ${other} (${articles[other[0] ?? ""] ?? "handle"})`
      )
      : [],
    cross_collection_suggestions: elsewhere(table, type, name)
  }
}

const verdictLines = (verdict: ReturnType<typeof judge>): ReadonlyArray<string> =>
  "handle" in verdict
    ? [
      `${verdict.name} is a valid ${verdict.model_type} ${verdict.kind}: ${verdict.handle} of backend ${verdict.backend}.`
    ]
    : [
      `${verdict.name} is not valid: ${verdict.reason}${verdict.reason.endsWith("?") ? "" : "."}`,
      ...[...verdict.suggestions, ...verdict.wrong_sigil_hints, ...verdict.cross_collection_suggestions].map((hint) =>
        `- ${hint}`
      )
    ]

export const check = Effect.fn("AgentModels.check")(
  function*({ name, type }: { readonly name: string; readonly type: Type }) {
    const streams = yield* Streams
    const { models: table } = yield* configured
    const verdict = judge(table, type, name)
    yield* streams.audience.format === "markdown" ? streams.result(verdictLines(verdict)) : streams.json(verdict)
    yield* verdict.valid ? Effect.void : Effect.fail(new Ended({ code: 1 }))
  }
)
