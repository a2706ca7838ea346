import type { Domain, RetryVerdict } from "./Category.ts"

/** The closed list of things a problem document may tell its reader to do next. */
export type StepKind =
  | "retry"
  | "wait"
  | "read_run"
  | "refresh"
  | "change_input"
  | "change_method"
  | "change_model"
  | "check_credentials"
  | "request_access"
  | "check_account"
  | "fix_configuration"
  | "upgrade"
  | "contact_owner"
  | "report"

export interface CodeEntry {
  readonly title: string
  readonly domain: Domain
  readonly retry: RetryVerdict
  /** HTTP status of the problem document. */
  readonly status: number
  /** What the actor of the domain does next, and what anybody else does. */
  readonly step: readonly [actor: StepKind, other: StepKind]
}

const entry = (
  title: string,
  domain: Domain,
  retry: RetryVerdict,
  status: number,
  actor: StepKind,
  other: StepKind = actor
): CodeEntry => ({ title, domain, retry, status, step: [actor, other] })

const method = (title: string) => entry(title, "method", "no", 422, "change_method", "contact_owner")
const input = (title: string) => entry(title, "input", "no", 422, "change_input")

/**
 * The registry of failure codes (MTHDS protocol error registry 8.0.0, plus this runtime's own under `pipelex.`).
 * Programs branch on a code, never on a sentence.
 */
export const codes = {
  "provider.rate_limited": entry("The provider is rate limiting this deployment", "runtime", "yes", 429, "wait"),
  "provider.unavailable": entry("The provider cannot be reached", "runtime", "yes", 502, "retry"),
  "provider.timeout": entry("The provider did not answer in time", "runtime", "yes", 504, "retry"),
  "provider.failed": entry("The provider failed", "runtime", "yes", 502, "retry"),
  "provider.response_invalid": entry("The provider sent an unusable answer", "runtime", "yes", 502, "retry"),
  "provider.credential_refused": entry(
    "The provider refused the credentials",
    "operator",
    "no",
    502,
    "check_credentials",
    "report"
  ),
  "provider.quota_exhausted": entry("The account's quota is used up", "operator", "no", 502, "check_account", "report"),
  "provider.outcome_unknown": entry(
    "The provider may or may not have done the work",
    "runtime",
    "yes",
    502,
    "retry",
    "check_account"
  ),
  "model.unknown": entry("No such model", "method", "no", 422, "change_model", "contact_owner"),
  "model.unavailable": entry(
    "The model is not available here",
    "operator",
    "no",
    501,
    "fix_configuration",
    "change_model"
  ),
  "model.unspecified": entry("No model was named", "method", "no", 422, "change_model", "contact_owner"),
  "model.capability_unsupported": entry(
    "The model cannot do what was asked",
    "method",
    "no",
    422,
    "change_model",
    "contact_owner"
  ),
  "model.context_exceeded": input("The prompt is larger than the model's context"),
  "model.output_truncated": entry(
    "The answer was cut at the output limit",
    "method",
    "no",
    422,
    "change_method",
    "contact_owner"
  ),
  "model.output_schema_mismatch": entry("The answer does not fit the concept", "runtime", "yes", 502, "retry"),
  "model.content_refused": input("The model refused the content"),
  "model.no_result": input("Nothing was found"),
  "pipe.output_multiplicity": method("A pipe produced another number of values than it declares"),
  "pipe.output_invalid": method("A pipe's output does not fit its concept"),
  "pipe.function_raised": method("A function failed"),
  "pipe.function_timed_out": method("A function took too long"),
  "pipe.template_render_failed": method("A template could not be rendered"),
  "pipe.template_budget_exceeded": method("A template asked for too much work"),
  "pipe.condition_unmatched": method("A condition evaluated to nothing"),
  "pipe.condition_refused": input("A condition refused its input"),
  "pipe.prompt_empty": input("A prompt is empty"),
  "pipe.binding_failed": method("A binding step failed"),
  "pipe.input_unresolved": method("A pipe's input is not in memory"),
  "pipe.forced_input_absent": method("An input that must be present is absent"),
  "pipe.stack_overflow": method("Pipes are nested too deeply"),
  "method.invalid": method("The method is not valid"),
  "method.syntax": method("The file is not valid TOML"),
  "method.schema_violation": method("The bundle breaks a rule of the language"),
  "method.concept_invalid": method("A concept has no structure that can be built"),
  "method.model_setting_invalid": method("A model setting cannot be read"),
  "method.resource_missing": method("A file the method names is not there"),
  "method.identifier_invalid": method("A name is not allowed"),
  "method.pipe_type_invalid": method("A pipe has no usable type"),
  "method.name_conflict": method("A name is used twice"),
  "method.signature_mismatch": method("A pipe does not keep the contract of its signature"),
  "method.cycle": method("Concepts depend on each other in a circle"),
  "method.wiring_invalid": method("Pipes do not fit together"),
  "method.template_invalid": method("A template cannot be read"),
  "method.template_private_name": method("A template reads a private name"),
  "method.input_undeclared": method("Something is read that is not declared as an input"),
  "method.input_unused": method("A declared input is never read"),
  "method.input_concept_mismatch": method("An input has another concept than is needed"),
  "method.output_concept_mismatch": method("A pipe cannot produce its declared output"),
  "method.output_multiplicity_mismatch": method("A pipe declares another number of outputs than it produces"),
  "method.binding_step_invalid": method("A binding step is malformed"),
  "method.field_path_unresolved": method("A path leads nowhere"),
  "method.optional_marker_invalid": method("A presence marker is not allowed here"),
  "method.optional_unhandled": method("A value that may be absent is not handled"),
  "method.concept_unresolved": method("No such concept"),
  "method.pipe_unresolved": method("No such pipe"),
  "method.dependency_missing": method("A package is missing"),
  "method.pipe_not_exported": method("A pipe is private to its package"),
  "method.function_invalid": method("A function cannot be used"),
  "method.not_runnable": method("The method holds contracts without an implementation"),
  "method.mock_unsatisfiable": method("No mock value fits the concept"),
  "input.missing": input("An input is missing"),
  "input.unexpected": input("An input was given that the pipe does not take"),
  "input.invalid": input("An input does not fit its concept"),
  "input.wrong_concept": input("An input has the wrong concept"),
  "input.wrong_multiplicity": input("An input has the wrong number of values"),
  "input.file_unreadable": input("A file cannot be read"),
  "input.file_type_unsupported": input("A file has an unsupported type"),
  "input.reference_not_found": input("A file does not exist"),
  "input.too_large": entry("An input is too large", "input", "no", 413, "change_input"),
  "input.url_unreachable": entry("A URL cannot be fetched", "input", "yes", 422, "change_input"),
  "request.invalid": entry("The request is malformed", "input", "no", 400, "change_input"),
  "request.pipe_not_found": entry("No such pipe", "input", "no", 404, "change_input"),
  "request.pipe_ambiguous": entry("Several pipes have this name", "input", "no", 422, "change_input"),
  "security.template_refused": method("A template tried to leave its sandbox"),
  "security.input_path_refused": input("A path is outside what may be read"),
  "run.failed": entry("The run failed", "runtime", "no", 409, "read_run"),
  "run.cancelled": entry("The run was cancelled", "input", "yes", 409, "retry"),
  "run.timed_out": entry("The run took too long", "method", "no", 422, "change_method"),
  "run.lost": entry("The run was lost", "runtime", "outcome_unknown", 500, "read_run"),
  "run.outcome_unknown": entry("How the run ended is not known", "runtime", "outcome_unknown", 502, "read_run"),
  "run.terminated": entry("The run was terminated", "operator", "no", 409, "read_run"),
  "runtime.unexpected": entry("Something unexpected went wrong", "runtime", "no", 500, "report"),
  "runtime.misconfigured": entry("The installation is misconfigured", "operator", "no", 500, "fix_configuration"),
  "runtime.unavailable": entry("The runtime is not available", "runtime", "yes", 503, "retry"),
  "runtime.unsupported": entry("This runtime cannot do that", "operator", "no", 501, "fix_configuration"),
  "pipelex.config.invalid": entry("The configuration is not valid", "operator", "no", 500, "fix_configuration"),
  "pipelex.config.credential_missing": entry("A credential is missing", "operator", "no", 500, "check_credentials"),
  "pipelex.docgen.engine_unavailable": entry(
    "No engine for this document format",
    "operator",
    "no",
    501,
    "fix_configuration"
  )
} as const satisfies Record<string, CodeEntry>

export type Code = keyof typeof codes
export const isCode = (code: string): code is Code => Object.hasOwn(codes, code)

/** The identifier of a kind of failure, as the `type` of a problem document. */
export const typeUri = (code: string): string => `https://mthds.ai/errors/${code}`
