import { own } from "../concept/Json.ts"
import type { Action } from "./Category.ts"
import { type Code, codes, type StepKind } from "./Codes.ts"
import type { ProviderMetadata } from "./Metadata.ts"
import type { Reason } from "./Reason.ts"

type Tagged = { readonly [Tag in Reason["_tag"]]: Extract<Reason, { readonly _tag: Tag }> }

/** Never promises that anything is repeated by itself. */
const waiting = (reason: { readonly metadata?: ProviderMetadata; readonly retryAfterSeconds?: number }): Action => {
  const seconds = reason.retryAfterSeconds ?? reason.metadata?.retryAfterSeconds
  return {
    kind: "wait_and_retry",
    detail: seconds === undefined
      ? "Wait, then run the method again."
      : `Wait at least ${Math.ceil(seconds)} s, then run the method again.`
  }
}

/** What makes a request of a family smaller. */
const smaller: Readonly<Record<string, string>> = {
  llm: "Shorten the input, or lower max_tokens.",
  img_gen: "Give fewer images, or shorten the prompt.",
  text_extractor: "Split the document.",
  search: "Shorten the inputs.",
  judgment: "Shorten the inputs."
}

const unknown: Action = { kind: "contact_support", detail: "Run it again; report it if it persists." }

const byTag: { readonly [Tag in keyof Tagged]?: (reason: Tagged[Tag]) => Action } = {
  RateLimited: waiting,
  ProviderUnavailable: waiting,
  ProviderTimeout: waiting,
  ProviderFailed: waiting,
  OutcomeUnknown: () => ({
    kind: "wait_and_retry",
    detail: "The result may exist and be billed: check at the provider before running again."
  }),
  ResponseInvalid: ({ category }) =>
    category === "unknown"
      ? unknown
      : { kind: "change_input", detail: "Review the prompt and the inputs, then run the method again." },
  QuotaExhausted: () => ({ kind: "check_billing", detail: "Look at the billing page of the provider's account." }),
  CredentialRefused: ({ provider }) => ({
    kind: "check_credentials",
    detail: `Check the API key${provider === undefined ? "" : ` of backend "${provider}"`} and where it is configured.`
  }),
  CredentialMissing: ({ backend, variables }) => ({
    kind: "check_credentials",
    detail: `Set ${
      variables.join(", ") || "the credentials"
    }, or set enabled = false for backend "${backend}" in inference/backends.toml.`
  }),
  ModelUnavailable: ({ model, why }) => ({
    kind: "change_model",
    detail: why === "not_allowed"
      ? `Put ${
        model === undefined ? "the model" : `"${model}"`
      } on the account's allow-list, or name a model that is on it.`
      : "Name a model that is available here."
  }),
  ModelUnknown: () => ({ kind: "change_model", detail: "Name a model of the deck; `pipelex show models` lists them." }),
  CapabilityUnsupported: ({ capability }) => ({
    kind: "change_model",
    detail: `Name a model that supports ${capability}.`
  }),
  ContextExceeded: ({ family = "llm" }) => ({
    kind: "change_input",
    detail: own(smaller, family) ?? "Shorten the inputs."
  }),
  OutputTruncated: () => ({ kind: "change_input", detail: "Ask for a shorter answer, or raise max_tokens." }),
  OutputSchemaMismatch: () => ({
    kind: "change_input",
    detail: "Make the prompt say how each field is to be filled, simplify the concept, or name a stronger model."
  }),
  ContentRefused: () => ({ kind: "change_input", detail: "Revise the prompt or the inputs." }),
  NoResult: () => ({ kind: "change_input", detail: "Ask for something else." }),
  RequestRefused: () => ({ kind: "change_input", detail: "Review the prompt, the parameters and the inputs." }),
  Unclassified: () => unknown,
  FileRefused: (reason) => reason.category === "transient" ? waiting(reason) : stepAction(reason.code),
  Unsupported: ({ remedy }) => ({ kind: "fix_configuration", detail: remedy ?? "Use another pipe or layer." }),
  ConfigInvalid: ({ remedy }) => ({ kind: "fix_configuration", detail: remedy ?? "Mend the configuration file." }),
  ForcedInputAbsent: ({ variable }) => ({
    kind: "change_input",
    detail: `Give inputs that make "${variable}" present, or let the pipe do without it ("?" for "!").`
  }),
  TemplateRefused: () => ({ kind: "change_method", detail: "Take the refused name out of the template." })
}

const byStep: { readonly [Kind in StepKind]?: Action } = {
  retry: { kind: "wait_and_retry", detail: "Wait, then run the method again." },
  wait: { kind: "wait_and_retry", detail: "Wait, then run the method again." },
  change_input: { kind: "change_input", detail: "Change the inputs, then run the method again." },
  change_method: { kind: "change_method", detail: "Change the method at the place named." },
  change_model: { kind: "change_model", detail: "Name another model." },
  check_credentials: { kind: "check_credentials", detail: "Check the credentials." },
  check_account: { kind: "check_billing", detail: "Look at the account." },
  fix_configuration: { kind: "fix_configuration", detail: "Mend the configuration." }
}

const stepAction = (code: Code): Action =>
  byStep[codes[code].step[0]] ?? { kind: "contact_support", detail: "Report it if it persists." }

const advised = <Tag extends keyof Tagged>(tag: Tag, reason: Tagged[Tag]): Action | undefined => byTag[tag]?.(reason)

/** What the reader can do: the reason's own advice, else that of its code. Total over the closed union. */
export const suggestedAction = (reason: Reason): Action => {
  const advice = advised(reason._tag, reason)
  return advice === undefined || advice.detail.trim() === "" ? stepAction(reason.code) : advice
}
