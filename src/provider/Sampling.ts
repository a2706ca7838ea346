import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { InferenceOptions } from "../config/Connection.ts"
import type { Model } from "../program/Models.ts"
import * as ModelTable from "../program/ModelTable.ts"
import type { LanguageRequest } from "./Adapter.ts"
import { providerOf, reasoning } from "./Reasoning.ts"

/** What a language model's settings become in a request, by the rules of the model and its provider. */
const Asked = Schema.Struct({
  temperature: Schema.optionalKey(Schema.Finite),
  maxTokens: Schema.optionalKey(Schema.Union([Schema.Int, Schema.Literal("auto")])),
  imageDetail: Schema.optionalKey(Schema.Literals(["low", "high", "auto"])),
  reasoningEffort: Schema.optionalKey(Schema.Literals(["none", "minimal", "low", "medium", "high", "xhigh", "max"])),
  reasoningBudget: Schema.optionalKey(Schema.Int)
})
export type Asked = typeof Asked.Type

const decode = Schema.decodeUnknownEffect(Asked)

/** The settings of a job. They were checked where they were written: others are a defect. */
export const asked = (settings: unknown): Effect.Effect<Asked> => Effect.orDie(decode(settings))

export interface Sampling {
  readonly request: Pick<LanguageRequest, "temperature" | "maxTokens" | "imageDetail" | "reasoning">
  /** Settings that were not followed, each in one sentence. */
  readonly warnings: ReadonlyArray<string>
}

/** Tokens an hour that Anthropic's clients reckon with: an answer that would take longer than its timeout is asked for shorter. */
const anthropicTokensPerHour = 128_000

interface Limit {
  readonly maxTokens: number | undefined
  readonly warnings: ReadonlyArray<string>
}

/** Anthropic and Mistral are always told a limit; the others when there is one. */
const limit = (model: Model, { maxTokens }: Asked, options: InferenceOptions, isStructured: boolean): Limit => {
  const provider = providerOf(model)
  const set = maxTokens === "auto" ? undefined : maxTokens
  const sent = set ?? (provider === "anthropic" || provider === "mistral" ? model.maxTokens : undefined)
  if (provider !== "anthropic" || !isStructured || sent === undefined) return { maxTokens: sent, warnings: [] }
  const seconds = options.anthropicStructuredOutputTimeoutSeconds
  const most = Math.floor((seconds * anthropicTokensPerHour) / 3600)
  if (sent <= most) return { maxTokens: sent, warnings: [] }
  return {
    maxTokens: most,
    warnings: set === undefined
      ? []
      : [`max_tokens = ${set} is lowered to ${most}, what a structured answer can reach in ${seconds} seconds`]
  }
}

interface Temperature {
  readonly temperature: number | undefined
  readonly warnings: ReadonlyArray<string>
}

const temperature = (model: Model, wanted: number | undefined, isReasoning: boolean): Temperature => {
  const provider = providerOf(model)
  const isListed = (constraint: string): boolean => model.listedConstraints?.includes(constraint) === true
  const fixed = model.valuedConstraints?.["fixed_temperature"]
  const isSilent = isListed("temperature_unsupported") ||
    (isReasoning && (provider === "openai" || provider === "anthropic"))
  if (wanted === undefined || isSilent) return { temperature: undefined, warnings: [] }
  const scaled = isListed("temperature_must_be_multiplied_by_2") ? wanted * 2 : wanted
  return fixed === undefined || fixed === scaled
    ? { temperature: scaled, warnings: [] }
    : {
      temperature: fixed,
      warnings: [`temperature ${scaled} is replaced by ${fixed}, the only one that the model has`]
    }
}

/** The settings as a request sends them, or the capability that they ask for in vain. */
export const sampling = (
  model: Model,
  settings: Asked,
  options: InferenceOptions,
  isStructured: boolean
): Result.Result<Sampling, string> => {
  const refused = ModelTable.refusedSetting({ model, settings })
  if (refused !== undefined) return Result.fail(refused)
  const limited = limit(model, settings, options, isStructured)
  return Result.map(reasoning(model, settings, options, limited.maxTokens), (thought): Sampling => {
    const warm = temperature(model, settings.temperature, thought !== undefined)
    return {
      request: {
        imageDetail: settings.imageDetail ?? "auto",
        ...(limited.maxTokens === undefined ? {} : { maxTokens: limited.maxTokens }),
        ...(warm.temperature === undefined ? {} : { temperature: warm.temperature }),
        ...(thought === undefined ? {} : { reasoning: thought })
      },
      warnings: [...limited.warnings, ...warm.warnings]
    }
  })
}

/** `sampling` of settings as jobs hold them: once for those of a pipe, which its jobs share. */
export const make = (options: InferenceOptions, isStructured: boolean) => {
  const known = new WeakMap<object, ReturnType<typeof sampling>>()
  return (setting: { readonly model: Model; readonly settings: object }) => {
    const found = known.get(setting)
    return found === undefined
      ? Effect.map(asked(setting.settings), (settings) => {
        const made = sampling(setting.model, settings, options, isStructured)
        known.set(setting, made)
        return made
      })
      : Effect.succeed(found)
  }
}
