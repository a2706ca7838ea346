import { isObject, type JsonObject } from "../concept/Json.ts"
import type { Deck, Family, Settings } from "../program/Models.ts"
import * as ModelTable from "../program/ModelTable.ts"
import * as Read from "../source/Read.ts"
import * as Rules from "../source/Rules.ts"
import type { Fault } from "./Document.ts"

/** `inference/deck/*.toml`: the names that methods use for models, family by family. */
const sections = ["llm", "extract", "img_gen", "search", "doc_gen", "judgment"] as const
type Section = (typeof sections)[number]

export const families: Readonly<Record<Section, Family>> = {
  llm: "llm",
  extract: "text_extractor",
  img_gen: "img_gen",
  search: "search",
  doc_gen: "doc_gen",
  judgment: "judgment"
}

const efforts = ["none", "minimal", "low", "medium", "high", "xhigh", "max"] as const
const qualities = ["low", "medium", "high"] as const

const { either, flag, integer, number, oneOf, recordOf, required, table, text } = Rules

const reference = text(
  "a model reference such as \"$preset\", \"@alias\", \"~waterfall\" or a handle",
  (value) => ModelTable.parseReference(value) !== undefined
)
const quality = oneOf(...qualities)
const notBoth = (rule: Rules.Rule, first: string, second: string): Rules.Rule => ({
  ...rule,
  expected: `a table with ${first} or ${second}, not both`,
  accepts: (value) => isObject(value) && !(Object.hasOwn(value, first) && Object.hasOwn(value, second))
})

/** Keys of earlier versions that mean nothing any more are let pass. */
const preset = (keys: Rules.Table): Rules.Rule =>
  table({ model: required(reference), description: text(), prompting_target: text(), ...keys })

const presetRules: Readonly<Record<Section, Rules.Rule>> = {
  llm: notBoth(
    preset({
      temperature: required(number("a number from 0 to 1", (value) => value >= 0 && value <= 1)),
      max_tokens: either(integer(1), oneOf("auto")),
      image_detail: oneOf("low", "high", "auto"),
      reasoning_effort: oneOf(...efforts),
      reasoning_budget: integer(1)
    }),
    "reasoning_effort",
    "reasoning_budget"
  ),
  extract: preset({ max_nb_images: integer(0), image_min_size: integer(0) }),
  img_gen: notBoth(
    preset({
      quality,
      nb_steps: integer(1),
      guidance_scale: number("a number above 0", (value) => value > 0),
      is_moderated: flag,
      safety_tolerance: integer(1, 6)
    }),
    "quality",
    "nb_steps"
  ),
  search: preset({ include_images: flag, include_inline_citations: flag, max_results: integer(1), depth: text() }),
  doc_gen: preset({}),
  judgment: preset({})
}

const names = {
  aliases: recordOf(reference, "a table of names and model references"),
  waterfalls: recordOf(
    { expected: "", accepts: (value) => Array.isArray(value) && value.length > 0 && value.every(reference.accepts) },
    "a table of names and lists of model references"
  ),
  presets: Rules.anyTable,
  talents: Rules.anyTable
}

const forText = { for_text: reference, for_object: reference }

const sectionRules: Readonly<Record<Section, Rules.Table>> = {
  llm: {
    ...names,
    choice_defaults: table({
      ...forText,
      default_temperature: number("a number from 0 to 1", (value) => value >= 0 && value <= 1)
    }),
    choice_overrides: table(forText)
  },
  extract: { ...names, choice_default: reference },
  img_gen: { ...names, choice_default: reference, default_quality: quality },
  search: { ...names, choice_default: reference, default_depth: text() },
  doc_gen: { ...names, choice_defaults: recordOf(reference, "a table of \"<format>.<source>\" and model references") },
  judgment: { ...names, choice_default: reference }
}

const checkSection = (section: Section, content: JsonObject): ReadonlyArray<Fault> => {
  const presets = Read.table(content, "presets")
  const rules = Object.fromEntries(Object.keys(presets).map((name) => [name, presetRules[section]]))
  return Rules.check([section], content, sectionRules[section]).concat(
    Rules.check([section, "presets"], presets, rules)
  )
}

/** Every fault of one deck file. */
export const check = (values: JsonObject): ReadonlyArray<Fault> => {
  const outer: ReadonlyArray<Fault> = Rules.check(
    [],
    values,
    Object.fromEntries(sections.map((name) => [name, Rules.anyTable]))
  )
  return outer.concat(sections.flatMap((section) => checkSection(section, Read.table(values, section))))
}

const settingsOf = (written: JsonObject): Settings & { readonly model: string; readonly description?: string } => ({
  model: Read.text(written, "model") ?? "",
  ...Read.present({
    description: Read.text(written, "description"),
    temperature: Read.number(written, "temperature"),
    maxTokens: Read.number(written, "max_tokens") ?? Read.oneOf(written, "max_tokens", ["auto"]),
    imageDetail: Read.oneOf(written, "image_detail", ["low", "high", "auto"]),
    reasoningEffort: Read.oneOf(written, "reasoning_effort", efforts),
    reasoningBudget: Read.number(written, "reasoning_budget"),
    quality: Read.oneOf(written, "quality", qualities),
    nbSteps: Read.number(written, "nb_steps"),
    guidanceScale: Read.number(written, "guidance_scale"),
    isModerated: Read.flag(written, "is_moderated"),
    safetyTolerance: Read.number(written, "safety_tolerance"),
    maxNbImages: Read.number(written, "max_nb_images"),
    imageMinSize: Read.number(written, "image_min_size"),
    includeImages: Read.flag(written, "include_images"),
    includeInlineCitations: Read.flag(written, "include_inline_citations"),
    maxResults: Read.number(written, "max_results")
  })
})

type Names = Readonly<Record<string, string>>

const forTextAndObject = (choices: JsonObject): Names =>
  Object.fromEntries((["text", "object"] as const).flatMap((kind) => {
    const choice = Read.text(choices, `for_${kind}`)
    return choice === undefined ? [] : [[kind, choice] as const]
  }))

const defaultsOf = (section: Section, content: JsonObject): Names => {
  if (section === "doc_gen") return Read.recordOfTexts(Read.table(content, "choice_defaults"))
  if (section === "llm") return forTextAndObject(Read.table(content, "choice_defaults"))
  const choice = Read.text(content, "choice_default")
  const picture = Read.text(content, "default_quality")
  return {
    ...(choice === undefined ? {} : { default: choice }),
    ...(picture === undefined ? {} : { quality: picture })
  }
}

const deckOf = (section: Section, values: JsonObject): Deck => {
  const content = Read.table(values, section)
  const presets = Read.recordOfTables(Read.table(content, "presets"))
  return {
    aliases: Read.recordOfTexts(Read.table(content, "aliases")),
    waterfalls: Read.recordOfLists(Read.table(content, "waterfalls")),
    presets: Object.fromEntries(Object.entries(presets).map(([name, written]) => [name, settingsOf(written)])),
    defaults: defaultsOf(section, content),
    overrides: forTextAndObject(Read.table(content, "choice_overrides")),
    ...Read.present({ defaultTemperature: Read.number(Read.table(content, "choice_defaults"), "default_temperature") })
  }
}

/** The decks of the merged and checked files. */
export const decks = (values: JsonObject): Readonly<Record<Family, Deck>> => ({
  llm: deckOf("llm", values),
  text_extractor: deckOf("extract", values),
  img_gen: deckOf("img_gen", values),
  search: deckOf("search", values),
  doc_gen: deckOf("doc_gen", values),
  judgment: deckOf("judgment", values)
})
