import type { Json } from "effect/Schema"
import type { Location } from "./PipeFailure.ts"
import type { Reason } from "./Reason.ts"

type Tagged = { readonly [Tag in Reason["_tag"]]: Extract<Reason, { readonly _tag: Tag }> }
type Params = Readonly<Record<string, Json | undefined>>

const ofModel = (reason: { readonly model?: string }): Params => ({ model: reason.model })
const ofProvider = (reason: { readonly provider?: string }): Params => ({ provider: reason.provider })
const both = (reason: { readonly model?: string; readonly provider?: string }): Params => ({
  model: reason.model,
  provider: reason.provider
})

/** The registry's facts per reason, under the registry's names. A reason without an entry has no fact of its own to give. */
const byTag: { readonly [Tag in keyof Tagged]?: (reason: Tagged[Tag], location: Location) => Params } = {
  RateLimited: both,
  ProviderUnavailable: ofProvider,
  ProviderTimeout: ofProvider,
  ProviderFailed: (reason) => ({ provider: reason.provider, status: reason.status }),
  ResponseInvalid: (reason) => ({ provider: reason.provider, defect: reason.defect }),
  CredentialRefused: ofProvider,
  CredentialMissing: (reason) => ({ backend: reason.backend, variables: reason.variables }),
  QuotaExhausted: ofProvider,
  OutcomeUnknown: both,
  ModelUnavailable: (reason) => ({ model: reason.model, reason: reason.why }),
  ModelUnknown: (reason) => ({
    model: reason.model === "" ? undefined : reason.model,
    model_type: reason.family,
    suggestions: reason.suggestions
  }),
  CapabilityUnsupported: (reason) => ({ model: reason.model, capability: reason.capability }),
  ContextExceeded: (reason) => ({ model: reason.model, limit: "context_window" }),
  OutputTruncated: (reason) => ({
    model: reason.model,
    max_tokens: reason.maxTokens,
    output_tokens: reason.outputTokens
  }),
  OutputSchemaMismatch: (reason) => ({ model: reason.model, concept: reason.concept }),
  ContentRefused: ofModel,
  NoResult: ofModel,
  FileRefused: (reason, location) => ({ input: location.input, reason: reason.why }),
  InputMissing: (reason) => ({ input: reason.inputs[0], inputs: reason.inputs.length > 1 ? reason.inputs : undefined }),
  InputUnexpected: (reason) => ({ input: reason.input }),
  InputInvalid: (reason, location) => ({ input: reason.input, concept: reason.concept, field: location.field }),
  InputWrongConcept: (reason) => ({ input: reason.input, expected: reason.expected, provided: reason.provided }),
  InputWrongMultiplicity: (reason) => ({ input: reason.input, expected: reason.expected, provided: reason.provided }),
  PipeNotFound: (reason) => ({ pipe: reason.ref, suggestions: reason.suggestions }),
  PipeAmbiguous: (reason) => ({ pipe: reason.ref, candidates: reason.candidates }),
  NotRunnable: (reason) => ({ pipe: reason.signature }),
  TemplateRenderFailed: (reason, { pipe }) => ({ pipe, field: reason.field, line: reason.line }),
  TemplateInvalid: (reason, { pipe }) => ({ pipe, field: reason.field, line: reason.line }),
  TemplateNameConflict: (reason) => ({ name: reason.name, conflict: "duplicate_declaration" }),
  TemplateBudgetExceeded: (reason, { pipe }) => ({ pipe, field: reason.field, line: reason.line }),
  TemplateRefused: (reason, { pipe }) => ({ pipe, field: reason.field, line: reason.line }),
  ConditionUnmatched: (_, { pipe }) => ({ pipe }),
  ConditionRefused: (_, { pipe }) => ({ pipe, outcome: "fail" }),
  AliasUnresolved: (reason, { pipe }) => ({ pipe, name: reason.name }),
  BindingFailed: (reason, { pipe }) => ({ pipe, from: reason.from }),
  PathUnresolved: (reason, { pipe }) => ({ pipe, path: reason.path, available: reason.available }),
  InputUnresolved: (reason, { pipe }) => ({ pipe, inputs: reason.inputs }),
  ForcedInputAbsent: (reason, { pipe }) => ({ pipe, variable: reason.variable }),
  StackOverflow: (reason) => ({ limit: reason.limit }),
  WiringInvalid: (_, { pipe }) => ({ pipe }),
  OutputInvalid: (reason, { pipe }) => ({ pipe, concept: reason.concept }),
  OutputMultiplicity: (reason, { pipe }) => ({ pipe, expected: reason.expected, produced: reason.produced }),
  FunctionRaised: (reason, { pipe }) => ({ pipe, function: reason.function, error: reason.error }),
  FunctionInvalid: (reason, { pipe }) => ({ pipe, function: reason.function }),
  PromptEmpty: (_, { pipe }) => ({ pipe }),
  MockUnsatisfiable: (reason) => ({ concept: reason.concept }),
  RunTimedOut: (reason) => ({ seconds: reason.seconds }),
  ConfigInvalid: (reason) => ({ file: reason.file })
}

const own = <Tag extends keyof Tagged>(tag: Tag, reason: Tagged[Tag], location: Location): Params =>
  byTag[tag]?.(reason, location) ?? {}

/** What a program may want to know of a failure beyond its code. Empty for most; never a sentence, a prompt or an answer. */
export const params = (reason: Reason, location: Location = {}): Readonly<Record<string, Json>> =>
  Object.fromEntries(
    Object.entries(own(reason._tag, reason, location)).filter((entry): entry is [string, Json] =>
      entry[1] !== undefined
    )
  )
