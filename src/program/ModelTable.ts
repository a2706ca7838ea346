import * as Result from "effect/Result"
import { own } from "../concept/Json.ts"
import type { Issue } from "../failure/Issue.ts"
import * as Reason from "../failure/Reason.ts"
import { closest, didYouMean } from "../failure/Suggest.ts"
import type { Choice, Deck, Family, Model, ModelSetting, ModelTable, Settings } from "./Models.ts"

/**
 * What a pipe's `model` stands for in a model table: presets, aliases and waterfalls are followed to a model that is served, with the
 * settings of the call. Pure data in, data out; nothing here is asked of a provider.
 */
export type { Choice, Family, ModelSetting, ModelTable }

/** Why a choice stands for no model. `model` is always the reference as written. */
export type ModelFault =
  | { readonly _tag: "Malformed"; readonly family: Family; readonly model: string; readonly problem: string }
  | {
    readonly _tag: "Unknown"
    readonly family: Family
    readonly model: string
    /** Close references of the same kind, with their sigil. */
    readonly suggestions: ReadonlyArray<string>
    /** The same name under another sigil. */
    readonly sigils: ReadonlyArray<string>
  }
  /** A known reference that leads to no served model; the backend is known when one would serve it. */
  | {
    readonly _tag: "Unserved"
    readonly family: Family
    readonly model: string
    readonly handle: string
    readonly backend?: string
    /** Given when the backend is enabled and only lacks these variables. */
    readonly variables?: ReadonlyArray<string>
  }
  | {
    readonly _tag: "WrongFamily"
    readonly family: Family
    readonly model: string
    readonly servedAs: ReadonlyArray<Family>
  }

type Kind = "preset" | "alias" | "waterfall" | "handle"

const sigils: Readonly<Record<string, Kind>> = { $: "preset", "@": "alias", "~": "waterfall" }
const sigilOf: Readonly<Record<Kind, string>> = { preset: "$", alias: "@", waterfall: "~", handle: "" }
const kinds: ReadonlyArray<Kind> = ["preset", "alias", "waterfall", "handle"]
const mostHops = 8
const mostSuggestions = 5

export interface Reference {
  readonly kind: Kind
  readonly name: string
}

/** Takes a reference apart: `$name` or `preset:name` and so on, a bare name being a handle. Nothing when no name is left. */
export const parseReference = (asWritten: string): Reference | undefined => {
  const written = asWritten.trim()
  const sigil = own(sigils, written[0] ?? "")
  const long = kinds.find((kind) => written.startsWith(`${kind}:`))
  const reference: Reference = sigil !== undefined
    ? { kind: sigil, name: written.slice(1) }
    : long !== undefined
    ? { kind: long, name: written.slice(long.length + 1) }
    : { kind: "handle", name: written }
  return reference.name.trim() === "" ? undefined : reference
}

const nouns: Readonly<Record<Family, string>> = {
  llm: "LLM",
  text_extractor: "extraction model",
  img_gen: "image generation model",
  search: "search model",
  doc_gen: "document engine",
  judgment: "judgment model"
}

const withArticle = (family: Family): string => `${/^[aeiL]/.test(nouns[family]) ? "an" : "a"} ${nouns[family]}`

const namesOf = (deck: Deck, kind: "preset" | "alias" | "waterfall"): Readonly<Record<string, unknown>> =>
  ({ preset: deck.presets, alias: deck.aliases, waterfall: deck.waterfalls })[kind]

const underOtherSigils = (deck: Deck, { kind, name }: Reference): ReadonlyArray<string> =>
  (["preset", "alias", "waterfall"] as const)
    .filter((other) => other !== kind && Object.hasOwn(namesOf(deck, other), name))
    .map((other) => `${sigilOf[other]}${name}`)

const served = (table: ModelTable, family: Family, handle: string): Model | undefined =>
  table.models.find((model) => model.handle === handle && model.family === family)

const unknown = (table: ModelTable, family: Family, model: string, reference: Reference): ModelFault => {
  const deck = table.decks[family]
  const { kind, name } = reference
  const candidates = kind === "handle"
    ? table.models.filter((each) => each.family === family).map(({ handle }) => handle)
    : Object.keys(namesOf(deck, kind))
  return {
    _tag: "Unknown",
    family,
    model,
    suggestions: closest(name, candidates, mostSuggestions).map((candidate) => `${sigilOf[kind]}${candidate}`),
    sigils: [
      ...underOtherSigils(deck, reference),
      ...(kind !== "handle" && served(table, family, name) !== undefined ? [name] : [])
    ]
  }
}

const unserved = (table: ModelTable, family: Family, model: string, handle: string): ModelFault => {
  const backend = own(table.unserved, handle)
  const variables = own(table.lacking ?? {}, handle)
  return {
    _tag: "Unserved",
    family,
    model,
    handle,
    ...(backend === undefined ? {} : { backend }),
    ...(variables === undefined ? {} : { variables })
  }
}

/** Why a bare name is no model here: disabled, served as something else, or not known at all. */
const handleFault = (table: ModelTable, family: Family, model: string, name: string): ModelFault => {
  const others = table.models.filter(({ handle }) => handle === name).map((each) => each.family)
  if (others.length > 0) return { _tag: "WrongFamily", family, model, servedAs: others }
  if (Object.hasOwn(table.unserved, name)) return unserved(table, family, model, name)
  return unknown(table, family, model, { kind: "handle", name })
}

interface Walk {
  readonly table: ModelTable
  readonly family: Family
  /** References already followed: one that led nowhere, or that is being followed, is not followed again. */
  readonly seen: Set<string>
  /** Where the waterfalls on the way landed. */
  readonly landed: Array<Landing>
}

/** A waterfall that could not be served by its first entry. */
export interface Landing {
  readonly waterfall: string
  /** Its first entry, as the deck writes it. */
  readonly ideal: string
  readonly model: Model
}

/** The model at the end of a chain of aliases and waterfalls, or the handle where the chain ends in nothing. */
const follow = (walk: Walk, written: string, hops: number): Result.Result<Model, string> => {
  const reference = parseReference(written)
  if (reference === undefined || reference.kind === "preset" || hops > mostHops) return Result.fail(written)
  const { kind, name } = reference
  const { family, seen, table } = walk
  if (seen.has(`${kind}:${name}`)) return Result.fail(name)
  seen.add(`${kind}:${name}`)
  const deck = table.decks[family]
  const model = kind === "handle" ? served(table, family, name) : undefined
  if (model !== undefined) return Result.succeed(model)
  const target = kind === "waterfall" ? undefined : own(deck.aliases, name)
  if (target !== undefined) return follow(walk, target, hops + 1)
  const steps = kind === "alias" ? undefined : own(deck.waterfalls, name)
  const [first, ...rest] = steps ?? []
  if (first === undefined) return Result.fail(name)
  const ideal = follow(walk, first, hops + 1)
  if (Result.isSuccess(ideal) || !table.isFallbackEnabled) return ideal
  for (const step of rest) {
    const found = follow(walk, step, hops + 1)
    if (Result.isFailure(found)) continue
    walk.landed.push({ waterfall: name, ideal: first, model: found.success })
    return found
  }
  return ideal
}

/** What the deck adds to a call that names no settings of its own. */
const deckSettings = (deck: Deck, family: Family): Settings => {
  const quality = family === "img_gen" ? own(deck.defaults, "quality") : undefined
  return {
    ...(deck.defaultTemperature === undefined ? {} : { temperature: deck.defaultTemperature }),
    ...(quality === "low" || quality === "medium" || quality === "high" ? { quality } : {})
  }
}

const isNamed = (deck: Deck, { kind, name }: Reference): boolean =>
  kind === "handle"
    ? Object.hasOwn(deck.aliases, name) || Object.hasOwn(deck.waterfalls, name)
    : Object.hasOwn(namesOf(deck, kind), name)

const modelOf = (
  table: ModelTable,
  family: Family,
  written: string,
  model: string
): Result.Result<Model, ModelFault> => {
  const reference = parseReference(written)
  if (reference === undefined) {
    return Result.fail({ _tag: "Malformed", family, model, problem: "a model reference needs a name" })
  }
  if (reference.kind === "preset") {
    return Result.fail({
      _tag: "Malformed",
      family,
      model,
      problem: `"${written}" is a preset, and a preset cannot stand for a model`
    })
  }
  const found = follow({ table, family, seen: new Set(), landed: [] }, written, 0)
  if (Result.isSuccess(found)) return Result.succeed(found.success)
  if (!isNamed(table.decks[family], reference)) {
    return Result.fail(
      reference.kind === "handle"
        ? handleFault(table, family, model, reference.name)
        : unknown(table, family, model, reference)
    )
  }
  return Result.fail(unserved(table, family, model, found.failure))
}

/** The model and settings that a choice stands for. A chain of more than eight hops, or one in a circle, stands for nothing. */
export const resolve = (table: ModelTable, family: Family, choice: Choice): Result.Result<ModelSetting, ModelFault> => {
  const deck = table.decks[family]
  if (typeof choice !== "string") {
    const { model: written, ...settings } = choice
    return Result.map(modelOf(table, family, written, written), (model) => ({ model, settings }))
  }
  const reference = parseReference(choice)
  if (reference?.kind !== "preset") {
    return Result.map(
      modelOf(table, family, choice, choice),
      (model) => ({ model, settings: deckSettings(deck, family) })
    )
  }
  const preset = own(deck.presets, reference.name)
  if (preset === undefined) return Result.fail(unknown(table, family, choice, reference))
  const { description: _, model: written, ...settings } = preset
  const found = modelOf(table, family, written, choice)
  if (Result.isSuccess(found)) return Result.succeed({ model: found.success, settings })
  const fault = found.failure
  return Result.fail(fault._tag === "Unknown" ? { _tag: "Unserved", family, model: choice, handle: written } : fault)
}

/** The waterfall on the way from a choice to its model that landed past its first entry; where one leads to another, the outer one. */
export const landing = (table: ModelTable, family: Family, choice: Choice): Landing | undefined => {
  const written = typeof choice === "string" ? choice : choice.model
  const reference = parseReference(written)
  const preset = reference?.kind === "preset" ? own(table.decks[family].presets, reference.name) : undefined
  const landed: Array<Landing> = []
  const found = follow({ table, family, seen: new Set(), landed }, preset?.model ?? written, 0)
  return Result.isSuccess(found) ? landed.at(-1) : undefined
}

/** What a pipe that names no model uses. `"disabled"` takes an override back. */
export const defaultChoice = (table: ModelTable, family: Family, kind: string): Choice | undefined => {
  const deck = table.decks[family]
  const override = own(deck.overrides, kind)
  return override !== undefined && override !== "disabled" ? override : own(deck.defaults, kind)
}

/** References that a bare name may have been meant as: it was read as a handle, and the deck knows it under a sigil too. */
export const otherReadings = (table: ModelTable, family: Family, choice: Choice): ReadonlyArray<string> => {
  const reference = parseReference(typeof choice === "string" ? choice : choice.model)
  return reference?.kind === "handle" ? underOtherSigils(table.decks[family], reference) : []
}

/** The first setting that the model cannot obey, as the name of a capability. */
export const refusedSetting = ({ model, settings }: ModelSetting): string | undefined => {
  const { reasoningBudget: budget, reasoningEffort: effort } = settings
  if (model.thinking === "none") return effort === undefined && budget === undefined ? undefined : "reasoning"
  return budget !== undefined && model.sdk.startsWith("openai") ? "a reasoning budget" : undefined
}

/** What of a prompt the model cannot be shown, as the name of a capability. */
export const refusedPrompt = (
  model: Model,
  images: number,
  documents: number,
  documentTypes: ReadonlyArray<string> = ["pdf"]
): string | undefined => {
  if (images > 0 && !model.inputs.includes("images")) return "images"
  if (images > (model.maxPromptImages ?? 5000)) return `more than ${model.maxPromptImages ?? 5000} images`
  if (documents > 0 && !documentTypes.every((type) => model.inputs.includes(type))) return "documents"
  return undefined
}

const decksFolder = "inference/deck"
const backendFile = "inference/backends.toml"

/** `LLM`, or `LLM preset` when the reference says which kind it wants. */
const nounOf = ({ family, model }: ModelFault): string => {
  const kind = parseReference(model)?.kind ?? "handle"
  return kind === "handle" ? nouns[family] : `${nouns[family]} ${kind}`
}

/** The sentence for an author, and what would mend it. */
const worded = (fault: ModelFault): { readonly message: string; readonly fix: string } => {
  switch (fault._tag) {
    case "Malformed":
      return { message: fault.problem, fix: "write $preset, @alias, ~waterfall or a model's handle" }
    case "Unknown":
      return {
        message: `there is no ${nounOf(fault)} called "${fault.model}"${
          didYouMean(fault.sigils.length > 0 ? fault.sigils : fault.suggestions)
        }`,
        fix: fault.sigils[0] !== undefined
          ? `write "${fault.sigils[0]}"`
          : fault.suggestions[0] !== undefined
          ? `write "${fault.suggestions[0]}"`
          : `name a model of the deck, or add it to a file under ${decksFolder}`
      }
    case "Unserved": {
      if (fault.variables !== undefined && fault.backend !== undefined) {
        return {
          message: `"${fault.model}" needs backend "${fault.backend}", which needs ${fault.variables.join(", ")}`,
          fix: `set ${fault.variables.join(", ")}`
        }
      }
      const by = fault.handle === fault.model ? "" : `, which stands for "${fault.handle}",`
      return {
        message: `"${fault.model}"${by} names ${withArticle(fault.family)} that no enabled backend serves`,
        fix: fault.backend === undefined
          ? `add "${fault.handle}" to a backend under inference/backends, or change it in ${decksFolder}`
          : `enable backend "${fault.backend}" in ${backendFile} and give it its credentials`
      }
    }
    default:
      return {
        message: `"${fault.model}" is served, but not as ${withArticle(fault.family)}`,
        fix: `name ${withArticle(fault.family)}`
      }
  }
}

/** The fault at a key of a pipe. A name served as something else counts as unknown there, as in the reference's verdicts. */
export const toIssue = (pipe: string, path: ReadonlyArray<string | number>, fault: ModelFault): Issue => {
  const { fix, message } = worded(fault)
  const common = { path: ["pipe", pipe, ...path], pipe, message, fix, names: [fault.model] }
  const params = { model: fault.model, model_type: fault.family }
  switch (fault._tag) {
    case "Malformed":
      return { ...common, code: "method.model_setting_invalid", params }
    case "Unserved":
      if (fault.variables !== undefined && fault.backend !== undefined) {
        return {
          ...common,
          code: "pipelex.config.credential_missing",
          params: { ...params, model: fault.handle, backend: fault.backend, variables: fault.variables }
        }
      }
      return {
        ...common,
        code: "model.unavailable",
        params: { ...params, model: fault.handle, reason: "not_served" },
        names: [fault.model, fault.handle]
      }
    case "WrongFamily":
      return {
        ...common,
        code: "model.unknown",
        type: "unknown_model",
        params: { ...params, served_as: fault.servedAs, suggestions: [] }
      }
    default:
      return {
        ...common,
        code: "model.unknown",
        type: "unknown_model",
        suggestions: [...fault.sigils, ...fault.suggestions],
        params: { ...params, suggestions: fault.suggestions }
      }
  }
}

/** The fault as the reason of a failed run. */
export const toReason = (fault: ModelFault): Reason.Reason => {
  switch (fault._tag) {
    case "Malformed":
      return new Reason.ModelUnknown({ model: fault.model, family: fault.family, suggestions: [] })
    case "Unknown":
      return new Reason.ModelUnknown({
        model: fault.model,
        family: fault.family,
        suggestions: [...fault.sigils, ...fault.suggestions]
      })
    case "Unserved":
      if (fault.variables !== undefined && fault.backend !== undefined) {
        return new Reason.CredentialMissing({ model: fault.handle, backend: fault.backend, variables: fault.variables })
      }
      return new Reason.ModelUnavailable({ model: fault.handle, why: "not_served" })
    default:
      return new Reason.CapabilityUnsupported({
        model: fault.model,
        capability: `the work of ${withArticle(fault.family)}`
      })
  }
}
