import * as Result from "effect/Result"
import { own } from "../concept/Json.ts"
import type { InferenceOptions, Provider } from "../config/Connection.ts"
import type { Effort, Model } from "../program/Models.ts"
import type { Reasoning } from "./Adapter.ts"

/**
 * How much a model is asked to think, in its provider's own terms. Providers differ in what they can be told: an effort by name, a budget
 * in tokens, or neither; what a model cannot be told is refused before any request.
 */
export interface Asked {
  readonly reasoningEffort?: Effort
  readonly reasoningBudget?: number
}

/** What to send, nothing, or the capability that is lacking. */
export type Verdict = Result.Result<Reasoning | undefined, string>

export type Maps = Pick<InferenceOptions, "effortToLevel" | "effortToBudget">

const providers: Readonly<Record<string, Provider>> = {
  openai: "openai",
  azure_openai: "openai",
  openai_responses: "openai",
  azure_openai_responses: "openai",
  anthropic: "anthropic",
  google: "google",
  mistral: "mistral"
}

/** Whose rules an adapter's models obey. */
export const providerOf = ({ sdk }: Pick<Model, "sdk">): Provider | undefined => own(providers, sdk)

const nothing: Verdict = Result.succeed(undefined)
const budgeted = (tokens: number): Verdict => Result.succeed({ _tag: "Budget", tokens })
const lacking = (capability: string): Verdict => Result.fail(capability)

/**
 * The part of a budget that fits: within the model's own bounds, and leaving a quarter of the output limit to the answer. There may be
 * no such part.
 */
export const fit = (model: Model, budget: number, maxTokens: number | undefined): Verdict => {
  const { max_thinking_budget: most = Number.POSITIVE_INFINITY, min_thinking_budget: least = 0 } =
    model.valuedConstraints ?? {}
  const room = maxTokens === undefined
    ? Number.POSITIVE_INFINITY
    : maxTokens - Math.max(1, Math.floor(maxTokens / 4))
  return room < Math.max(least, 1)
    ? lacking(`reasoning within ${maxTokens} output tokens`)
    : budgeted(Math.max(Math.min(budget, most, room), least))
}

type Rule = (asking: {
  readonly model: Model
  readonly maps: Maps
  readonly maxTokens: number | undefined
}) => {
  readonly effort: (effort: Effort) => Verdict
  readonly budget: (tokens: number) => Verdict
}

const byEffort = (provider: Provider): Rule => ({ maps, model }) => ({
  effort: (effort) =>
    model.thinking === "adaptive"
      ? lacking("adaptive reasoning")
      : Result.succeed({ _tag: "Effort", effort: own(maps.effortToLevel[provider], effort) ?? effort }),
  budget: () => lacking("a reasoning budget")
})

const byBudget =
  (provider: "anthropic" | "google", isBudgetAdaptive: boolean): Rule => ({ maps, maxTokens, model }) => ({
    effort: (effort) => {
      if (model.thinking === "adaptive") {
        return Result.succeed({ _tag: "Adaptive", effort: own(maps.effortToLevel[provider], effort) ?? effort })
      }
      const tokens = own(maps.effortToBudget[provider], effort)
      return tokens === undefined ? lacking(`reasoning effort "${effort}"`) : fit(model, tokens, maxTokens)
    },
    budget: (tokens) =>
      model.thinking === "adaptive" && !isBudgetAdaptive
        ? lacking("a reasoning budget")
        : fit(model, tokens, maxTokens)
  })

const rules: Readonly<Record<Provider, Rule>> = {
  openai: byEffort("openai"),
  mistral: byEffort("mistral"),
  anthropic: byBudget("anthropic", false),
  google: byBudget("google", true)
}

/** Effort `none`: a word where the provider has one, a budget of nothing for Gemini, silence for Anthropic. */
const off = (provider: Provider, model: Model, maps: Maps): Verdict => {
  if (provider === "google") {
    return model.listedConstraints?.includes("thinking_cannot_be_disabled") === true
      ? lacking("turning reasoning off")
      : budgeted(0)
  }
  const word = provider === "anthropic" ? undefined : own(maps.effortToLevel[provider], "none")
  return word === undefined ? nothing : Result.succeed({ _tag: "Effort", effort: word })
}

/** What a model's settings come to. `maxTokens` is the output limit that the same request sends. */
export const reasoning = (
  model: Model,
  { reasoningBudget: budget, reasoningEffort: effort }: Asked,
  maps: Maps,
  maxTokens?: number
): Verdict => {
  if (effort === undefined && budget === undefined) return nothing
  const provider = providerOf(model)
  if (provider === undefined || model.thinking === "none") return lacking("reasoning")
  if (effort === "none") return off(provider, model, maps)
  const rule = rules[provider]({ model, maps, maxTokens })
  return effort === undefined ? rule.budget(budget ?? 0) : rule.effort(effort)
}
