import { own } from "../concept/Json.ts"
import type { Choice, Deck, Family, Model, ModelTable } from "./Models.ts"
import { parseReference } from "./ModelTable.ts"

/**
 * The part of a model table that some references need: what they lead to, and what is on the way there. A run carries it in place of the
 * whole table, which is a thousand models; every reference resolves in it as it does in the whole.
 */
export interface Named {
  readonly family: Family
  /** As the pipe wrote it; absent where the pipe relies on the deck's default. */
  readonly choice?: Choice
}

/** What was reached, by family where the same name may stand for different things. */
interface Reached {
  readonly handles: Set<string>
  readonly decks: Map<Family, { readonly names: Set<string>; readonly presets: Set<string> }>
}

const written = (choice: Choice): string => typeof choice === "string" ? choice : choice.model

const reach = (table: ModelTable, reached: Reached, family: Family, reference: string): void => {
  const parsed = parseReference(reference)
  const deck = table.decks[family]
  const seen = reached.decks.get(family)
  if (parsed === undefined || seen === undefined) return
  const { kind, name } = parsed
  if (kind === "preset") {
    if (seen.presets.has(name)) return
    seen.presets.add(name)
    const preset = own(deck.presets, name)
    if (preset !== undefined) reach(table, reached, family, preset.model)
    return
  }
  // A name may be a model, an alias and a waterfall at once, and a fault names the others: all of them are kept.
  reached.handles.add(name)
  if (seen.names.has(name)) return
  seen.names.add(name)
  const alias = own(deck.aliases, name)
  for (const next of [...(alias === undefined ? [] : [alias]), ...(own(deck.waterfalls, name) ?? [])]) {
    reach(table, reached, family, next)
  }
}

const only = <A>(record: Readonly<Record<string, A>>, names: ReadonlySet<string>): Readonly<Record<string, A>> =>
  Object.fromEntries(Object.entries(record).filter(([name]) => names.has(name)))

const nothing: Deck = { aliases: {}, waterfalls: {}, presets: {}, defaults: {}, overrides: {} }

const deckOf = (deck: Deck, seen: { readonly names: Set<string>; readonly presets: Set<string> } | undefined): Deck =>
  seen === undefined ? nothing : {
    ...deck,
    aliases: only(deck.aliases, seen.names),
    waterfalls: only(deck.waterfalls, seen.names),
    presets: only(deck.presets, seen.presets)
  }

/** The table for these references. Of a family that none of them is of, nothing is kept. */
export const slice = (table: ModelTable, references: ReadonlyArray<Named>): ModelTable => {
  const reached: Reached = { handles: new Set(), decks: new Map() }
  for (const { family } of references) {
    if (reached.decks.has(family)) continue
    reached.decks.set(family, { names: new Set(), presets: new Set() })
    const { defaults, overrides } = table.decks[family]
    for (const each of [...Object.values(defaults), ...Object.values(overrides)]) reach(table, reached, family, each)
  }
  for (const { choice, family } of references) {
    if (choice !== undefined) reach(table, reached, family, written(choice))
  }
  const isReached = ({ handle }: Model): boolean => reached.handles.has(handle)
  const decks = (family: Family): Deck => deckOf(table.decks[family], reached.decks.get(family))
  return {
    models: table.models.filter(isReached),
    unserved: only(table.unserved, reached.handles),
    ...(table.lacking === undefined ? {} : { lacking: only(table.lacking, reached.handles) }),
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
