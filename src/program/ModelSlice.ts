import * as Result from "effect/Result"
import { own } from "../concept/Json.ts"
import type { Choice, Deck, Family, Model, ModelTable } from "./Models.ts"
import { parseReference, resolve } from "./ModelTable.ts"

/**
 * The part of a model table that some references need: the models that they lead to, in one step. A run carries it in place of the whole
 * table, which is a thousand models; every reference resolves in it as it does in the whole. Where one of a family leads to no model,
 * everything on the way of all of them is kept, so that the fault is the same too.
 */
export interface Named {
  readonly family: Family
  /** As the pipe wrote it; absent where the pipe relies on the deck's default. */
  readonly choice?: Choice
}

interface Reached {
  readonly handles: Set<string>
  readonly names: Set<string>
  readonly presets: Set<string>
}

const written = (choice: Choice): string => typeof choice === "string" ? choice : choice.model

const reach = (table: ModelTable, reached: Reached, family: Family, reference: string): void => {
  const parsed = parseReference(reference)
  const deck = table.decks[family]
  if (parsed === undefined) return
  const { kind, name } = parsed
  if (kind === "preset") {
    if (reached.presets.has(name)) return
    reached.presets.add(name)
    const preset = own(deck.presets, name)
    if (preset !== undefined) reach(table, reached, family, preset.model)
    return
  }
  // A name may be a model, an alias and a waterfall at once, and a fault names the others: all of them are kept.
  reached.handles.add(name)
  if (reached.names.has(name)) return
  reached.names.add(name)
  const alias = own(deck.aliases, name)
  for (const next of [...(alias === undefined ? [] : [alias]), ...(own(deck.waterfalls, name) ?? [])]) {
    reach(table, reached, family, next)
  }
}

const only = <A>(record: Readonly<Record<string, A>>, names: ReadonlySet<string>): Readonly<Record<string, A>> =>
  Object.fromEntries(Object.entries(record).filter(([name]) => names.has(name)))

const nothing: Deck = { aliases: {}, waterfalls: {}, presets: {}, defaults: {}, overrides: {} }

interface Part {
  readonly models: ReadonlyArray<Model>
  readonly handles: ReadonlySet<string>
  readonly deck: Deck
}

/** Everything on the way of these references. */
const whole = (table: ModelTable, family: Family, references: ReadonlyArray<string>): Part => {
  const reached: Reached = { handles: new Set(), names: new Set(), presets: new Set() }
  for (const each of references) reach(table, reached, family, each)
  const deck = table.decks[family]
  return {
    models: table.models.filter(({ handle }) => reached.handles.has(handle)),
    handles: reached.handles,
    deck: {
      ...deck,
      aliases: only(deck.aliases, reached.names),
      waterfalls: only(deck.waterfalls, reached.names),
      presets: only(deck.presets, reached.presets)
    }
  }
}

/** Each reference with the model at its end in place of what it stands for; undefined when one of them has none. */
const straight = (table: ModelTable, family: Family, references: ReadonlyArray<string>): Part | undefined => {
  const aliases: Record<string, string> = {}
  const waterfalls: Record<string, ReadonlyArray<string>> = {}
  const presets: Record<string, Deck["presets"][string]> = {}
  const deck = table.decks[family]
  const models = new Map<string, Model>()
  for (const each of references) {
    const found = resolve(table, family, each)
    const reference = parseReference(each)
    if (Result.isFailure(found) || reference === undefined) return undefined
    const { model } = found.success
    const { handle } = model
    const { kind, name } = reference
    models.set(handle, model)
    const preset = kind === "preset" ? own(deck.presets, name) : undefined
    if (preset !== undefined) presets[name] = { ...preset, model: handle }
    if (kind === "alias" || (kind === "handle" && name !== handle)) aliases[name] = handle
    if (kind === "waterfall") waterfalls[name] = [handle]
  }
  return { models: Array.from(models.values()), handles: new Set(), deck: { ...deck, aliases, waterfalls, presets } }
}

/** What pipes that name no model rely on. */
const standards = ({ defaults, overrides }: Deck): ReadonlyArray<string> =>
  [...Object.entries(defaults), ...Object.entries(overrides)]
    .filter(([kind, reference]) => kind !== "quality" && reference !== "disabled").map(([, reference]) => reference)

/** The table for these references. Of a family that none of them is of, nothing is kept. */
export const slice = (table: ModelTable, references: ReadonlyArray<Named>): ModelTable => {
  const parts = new Map<Family, Part>()
  for (const family of new Set(references.map((each) => each.family))) {
    const relied = standards(table.decks[family])
    const named = references.flatMap(({ choice, family: of }) =>
      of === family && choice !== undefined ? [written(choice)] : []
    )
    const all = [...named, ...relied]
    parts.set(family, straight(table, family, all) ?? whole(table, family, all))
  }
  const handles = new Set(Array.from(parts.values()).flatMap((part) => Array.from(part.handles)))
  const decks = (family: Family): Deck => parts.get(family)?.deck ?? nothing
  return {
    models: Array.from(new Set(Array.from(parts.values()).flatMap(({ models }) => models))),
    unserved: only(table.unserved, handles),
    ...(table.lacking === undefined ? {} : { lacking: only(table.lacking, handles) }),
    decks: {
      llm: decks("llm"),
      text_extractor: decks("text_extractor"),
      img_gen: decks("img_gen"),
      search: decks("search"),
      doc_gen: decks("doc_gen"),
      judgment: decks("judgment")
    },
    isFallbackEnabled: table.isFallbackEnabled
  }
}

/**
 * Every model answered by one backend, whoever serves it otherwise: how `simulated`, when it is asked for, travels to a worker. Documents
 * are read for real, whoever stands in for the models.
 */
export const answeredBy = (table: ModelTable, backend: string): ModelTable => ({
  ...table,
  models: table.models.map((model) => model.family === "text_extractor" ? model : { ...model, backend })
})
