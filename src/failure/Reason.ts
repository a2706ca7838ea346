import * as Schema from "effect/Schema"
import type { Category } from "./Category.ts"
import type { Code } from "./Codes.ts"
import { Misfit, ProviderMetadata } from "./Metadata.ts"

/**
 * Why a pipe failed: a closed union. A reason carries facts; what follows from them (code, category, sentence) is a getter,
 * so that it cannot disagree. Reasons of the inference family know model and provider, the others have no category.
 */
const inference = {
  model: Schema.optionalKey(Schema.String),
  provider: Schema.optionalKey(Schema.String),
  metadata: Schema.optionalKey(ProviderMetadata)
}

const by = (reason: { readonly model?: string; readonly provider?: string }): string =>
  [
    reason.provider === undefined ? "the provider" : `provider "${reason.provider}"`,
    reason.model === undefined ? "" : ` for model "${reason.model}"`
  ].join("")

/** The model by name, or what stands for it in a sentence when nobody knew it. */
const named = (reason: { readonly model?: string }): string =>
  reason.model === undefined || reason.model === "" ? "the model" : `model "${reason.model}"`

const quoted = (names: ReadonlyArray<string>): string => names.map((name) => `"${name}"`).join(", ")

/** At most five misfits, so that a large value cannot fill the screen. */
const listed = (misfits: ReadonlyArray<Misfit>): string => {
  const shown = misfits.slice(0, 5).map(({ pointer, reason }) => `${pointer === "" ? "the value" : pointer} ${reason}`)
  return [...shown, ...(misfits.length > 5 ? [`and ${misfits.length - 5} more`] : [])].join("; ") || "no place is known"
}

// ---- inference: the provider, the model, the answer

export class RateLimited extends Schema.TaggedClass<RateLimited>()("RateLimited", {
  ...inference,
  retryAfterSeconds: Schema.optionalKey(Schema.Finite)
}) {
  readonly code: Code = "provider.rate_limited"
  readonly category: Category = "transient"
  get detail() {
    return `${by(this)} is limiting the rate of requests`
  }
}

export class ProviderUnavailable extends Schema.TaggedClass<ProviderUnavailable>()("ProviderUnavailable", inference) {
  readonly code: Code = "provider.unavailable"
  readonly category: Category = "transient"
  get detail() {
    return `${by(this)} cannot be reached`
  }
}

export class ProviderTimeout extends Schema.TaggedClass<ProviderTimeout>()("ProviderTimeout", inference) {
  readonly code: Code = "provider.timeout"
  readonly category: Category = "transient"
  get detail() {
    return `${by(this)} did not answer in time`
  }
}

export class ProviderFailed extends Schema.TaggedClass<ProviderFailed>()("ProviderFailed", {
  ...inference,
  status: Schema.optionalKey(Schema.Int)
}) {
  readonly code: Code = "provider.failed"
  readonly category: Category = "transient"
  get detail() {
    return `${by(this)} failed${this.status === undefined ? "" : ` with status ${this.status}`}`
  }
}

export class ResponseInvalid extends Schema.TaggedClass<ResponseInvalid>()("ResponseInvalid", {
  ...inference,
  defect: Schema.String,
  /** `unknown` when the body could not even be read, `content` otherwise. */
  category: Schema.Literals(["content", "unknown"])
}) {
  readonly code: Code = "provider.response_invalid"
  get detail() {
    return `${by(this)} sent an unusable answer: ${this.defect}`
  }
}

export class CredentialRefused extends Schema.TaggedClass<CredentialRefused>()("CredentialRefused", inference) {
  readonly code: Code = "provider.credential_refused"
  readonly category: Category = "configuration"
  get detail() {
    return `${by(this)} refused the credentials`
  }
}

export class CredentialMissing extends Schema.TaggedClass<CredentialMissing>()("CredentialMissing", {
  ...inference,
  backend: Schema.String,
  variables: Schema.Array(Schema.String)
}) {
  readonly code: Code = "pipelex.config.credential_missing"
  readonly category: Category = "configuration"
  get detail() {
    return `backend "${this.backend}" needs ${this.variables.length === 0 ? "credentials" : quoted(this.variables)}`
  }
}

export class QuotaExhausted extends Schema.TaggedClass<QuotaExhausted>()("QuotaExhausted", inference) {
  readonly code: Code = "provider.quota_exhausted"
  readonly category: Category = "capacity"
  get detail() {
    return `the quota or credit at ${by(this)} is used up`
  }
}

export class OutcomeUnknown extends Schema.TaggedClass<OutcomeUnknown>()("OutcomeUnknown", inference) {
  readonly code: Code = "provider.outcome_unknown"
  readonly category: Category = "ambiguous"
  get detail() {
    return `${by(this)} failed before it said whether the work was done`
  }
}

export class ModelUnavailable extends Schema.TaggedClass<ModelUnavailable>()("ModelUnavailable", {
  ...inference,
  why: Schema.Literals(["unknown_at_provider", "not_allowed", "not_served"])
}) {
  readonly code: Code = "model.unavailable"
  readonly category: Category = "configuration"
  get detail() {
    if (this.provider === undefined && this.why === "not_served") return `no enabled backend serves ${named(this)}`
    const because =
      { unknown_at_provider: "does not know", not_allowed: "does not allow", not_served: "does not serve" }[this.why]
    return `${this.provider === undefined ? "the provider" : `provider "${this.provider}"`} ${because} ${named(this)}`
  }
}

export class ModelUnknown extends Schema.TaggedClass<ModelUnknown>()("ModelUnknown", {
  ...inference,
  family: Schema.String,
  suggestions: Schema.Array(Schema.String)
}) {
  get code(): Code {
    return this.model === undefined || this.model === "" ? "model.unspecified" : "model.unknown"
  }
  readonly category: Category = "configuration"
  get detail() {
    const close = this.suggestions.length === 0 ? "" : `; close names are ${quoted(this.suggestions)}`
    return this.code === "model.unspecified"
      ? `no ${this.family} model was named${close}`
      : `no ${this.family} model is called "${this.model}"${close}`
  }
}

export class CapabilityUnsupported extends Schema.TaggedClass<CapabilityUnsupported>()("CapabilityUnsupported", {
  ...inference,
  capability: Schema.String
}) {
  readonly code: Code = "model.capability_unsupported"
  readonly category: Category = "configuration"
  get detail() {
    return `${named(this)} does not support ${this.capability}`
  }
}

export class ContextExceeded extends Schema.TaggedClass<ContextExceeded>()("ContextExceeded", {
  ...inference,
  /** The model's, which decides what can be made smaller. */
  family: Schema.optionalKey(Schema.String)
}) {
  readonly code: Code = "model.context_exceeded"
  readonly category: Category = "content"
  get detail() {
    return `the prompt is larger than the context of ${named(this)}`
  }
}

export class OutputTruncated extends Schema.TaggedClass<OutputTruncated>()("OutputTruncated", {
  ...inference,
  maxTokens: Schema.optionalKey(Schema.Int),
  outputTokens: Schema.optionalKey(Schema.Int)
}) {
  readonly code: Code = "model.output_truncated"
  readonly category: Category = "content"
  get detail() {
    return `the answer of ${named(this)} was cut at the limit${
      this.maxTokens === undefined ? "" : ` of ${this.maxTokens} tokens (max_tokens)`
    }`
  }
}

export class OutputSchemaMismatch extends Schema.TaggedClass<OutputSchemaMismatch>()("OutputSchemaMismatch", {
  ...inference,
  concept: Schema.String,
  attempts: Schema.Int,
  misfits: Schema.Array(Misfit)
}) {
  readonly code: Code = "model.output_schema_mismatch"
  readonly category: Category = "content"
  get detail() {
    return `the answer of ${named(this)} does not fit concept "${this.concept}" after ${this.attempts} attempt${
      this.attempts === 1 ? "" : "s"
    }: ${listed(this.misfits)}`
  }
}

export class ContentRefused extends Schema.TaggedClass<ContentRefused>()("ContentRefused", inference) {
  readonly code: Code = "model.content_refused"
  readonly category: Category = "content"
  get detail() {
    return `${named(this)} refused the content`
  }
}

export class NoResult extends Schema.TaggedClass<NoResult>()("NoResult", inference) {
  readonly code: Code = "model.no_result"
  readonly category: Category = "content"
  get detail() {
    return `${by(this)} found nothing`
  }
}

/** A request that the provider would not take, for a reason no finer reason stands for. */
export class RequestRefused extends Schema.TaggedClass<RequestRefused>()("RequestRefused", {
  ...inference,
  category: Schema.Literals(["content", "configuration"])
}) {
  readonly code: Code = "runtime.unexpected"
  get detail() {
    const status = this.metadata?.status
    return `${by(this)} refused the request${status === undefined ? "" : ` with status ${status}`}`
  }
}

/** An inference failure that could not be classified. */
export class Unclassified extends Schema.TaggedClass<Unclassified>()("Unclassified", inference) {
  readonly code: Code = "runtime.unexpected"
  readonly category: Category = "unknown"
  get detail() {
    return `${by(this)} failed in a way that is not known`
  }
}

// ---- files

const fileRefused = Schema.Struct({
  what: Schema.String,
  why: Schema.Literals([
    "not_found",
    "unreadable",
    "too_large",
    "unsupported",
    "path_refused",
    "unreachable",
    "timed_out"
  ]),
  explanation: Schema.optionalKey(Schema.String),
  ...inference,
  category: Schema.optionalKey(Schema.Literals(["content", "configuration", "transient"]))
}).check(Schema.makeFilter(({ category, why }) => category !== "transient" || why === "unreachable"))

/**
 * A file that a leaf or an input needs. `what` names the input or url-like place, never the content. Only what could not be fetched may
 * be there the next time.
 */
export class FileRefused extends Schema.TaggedClass<FileRefused>()("FileRefused", fileRefused) {
  get code(): Code {
    return ({
      not_found: "input.reference_not_found",
      unreadable: "input.file_unreadable",
      too_large: "input.too_large",
      unsupported: "input.file_type_unsupported",
      path_refused: "security.input_path_refused",
      unreachable: "input.url_unreachable",
      timed_out: "input.file_unreadable"
    } as const)[this.why]
  }
  get detail() {
    const because = {
      not_found: "does not exist",
      unreadable: "cannot be read",
      too_large: "is too large",
      unsupported: "has an unsupported type",
      path_refused: "is outside what may be read",
      unreachable: "cannot be fetched",
      timed_out: "took too long to read"
    }[this.why]
    return `${this.what} ${because}${this.explanation === undefined ? "" : `: ${this.explanation}`}`
  }
}

// ---- the inputs of a run

export class InputMissing extends Schema.TaggedClass<InputMissing>()("InputMissing", {
  inputs: Schema.Array(Schema.String),
  available: Schema.optionalKey(Schema.Array(Schema.String))
}) {
  readonly code: Code = "input.missing"
  get detail() {
    const given = this.available === undefined || this.available.length === 0
      ? ""
      : `; given: ${quoted(this.available)}`
    if (this.inputs.length === 0) return `an input is missing${given}`
    return `${this.inputs.length === 1 ? "input" : "inputs"} ${quoted(this.inputs)} ${
      this.inputs.length === 1 ? "is" : "are"
    } missing${given}`
  }
}

export class InputUnexpected extends Schema.TaggedClass<InputUnexpected>()("InputUnexpected", {
  input: Schema.String,
  declared: Schema.Array(Schema.String)
}) {
  readonly code: Code = "input.unexpected"
  get detail() {
    return `"${this.input}" is not an input of this pipe; it takes ${
      this.declared.length === 0 ? "none" : quoted(this.declared)
    }`
  }
}

export class InputInvalid extends Schema.TaggedClass<InputInvalid>()("InputInvalid", {
  input: Schema.String,
  concept: Schema.String,
  misfits: Schema.Array(Misfit),
  expected: Schema.optionalKey(Schema.String)
}) {
  readonly code: Code = "input.invalid"
  get detail() {
    return `input "${this.input}" does not fit concept "${this.concept}": ${listed(this.misfits)}${
      this.expected === undefined ? "" : `; expected ${this.expected}`
    }`
  }
}

export class InputWrongConcept extends Schema.TaggedClass<InputWrongConcept>()("InputWrongConcept", {
  input: Schema.String,
  expected: Schema.String,
  provided: Schema.String
}) {
  readonly code: Code = "input.wrong_concept"
  get detail() {
    return `input "${this.input}" wants concept "${this.expected}" and was given "${this.provided}"`
  }
}

export class InputWrongMultiplicity extends Schema.TaggedClass<InputWrongMultiplicity>()("InputWrongMultiplicity", {
  input: Schema.String,
  expected: Schema.String,
  provided: Schema.String
}) {
  readonly code: Code = "input.wrong_multiplicity"
  get detail() {
    return `input "${this.input}" wants ${this.expected} and was given ${this.provided}`
  }
}

export class RequestInvalid extends Schema.TaggedClass<RequestInvalid>()("RequestInvalid", { problem: Schema.String }) {
  readonly code: Code = "request.invalid"
  get detail() {
    return this.problem
  }
}

export class PipeNotFound extends Schema.TaggedClass<PipeNotFound>()("PipeNotFound", {
  ref: Schema.String,
  suggestions: Schema.Array(Schema.String)
}) {
  readonly code: Code = "request.pipe_not_found"
  get detail() {
    return `no pipe is called "${this.ref}"${
      this.suggestions.length === 0 ? "" : `; did you mean ${this.suggestions.map((name) => `"${name}"`).join(" or ")}?`
    }`
  }
}

export class PipeAmbiguous extends Schema.TaggedClass<PipeAmbiguous>()("PipeAmbiguous", {
  ref: Schema.String,
  candidates: Schema.Array(Schema.String)
}) {
  readonly code: Code = "request.pipe_ambiguous"
  get detail() {
    return `several pipes are called "${this.ref}"${this.candidates.length === 0 ? "" : `: ${quoted(this.candidates)}`}`
  }
}

// ---- the method, found out before the run

/** The faults of an invalid method. The whole `Issue`s stay with the caller; what crosses a boundary is this much of them. */
export class MethodInvalid extends Schema.TaggedClass<MethodInvalid>()("MethodInvalid", {
  issues: Schema.Array(Schema.Struct({
    code: Schema.String,
    message: Schema.String,
    fix: Schema.optionalKey(Schema.String),
    pipe: Schema.optionalKey(Schema.String),
    concept: Schema.optionalKey(Schema.String),
    field: Schema.optionalKey(Schema.String),
    file: Schema.optionalKey(Schema.String),
    line: Schema.optionalKey(Schema.Int),
    column: Schema.optionalKey(Schema.Int),
    /** The finer type of `language.md` §14.2, when there is one. */
    type: Schema.optionalKey(Schema.String),
    domain: Schema.optionalKey(Schema.String),
    suggestions: Schema.optionalKey(Schema.Array(Schema.String)),
    params: Schema.optionalKey(Schema.Record(Schema.String, Schema.Json))
  }))
}) {
  readonly code: Code = "method.invalid"
  get detail() {
    const [first] = this.issues
    const more = this.issues.length > 1 ? ` (and ${this.issues.length - 1} more)` : ""
    return first === undefined ? "the method is not valid" : `${first.message}${more}`
  }
}

export class NotRunnable extends Schema.TaggedClass<NotRunnable>()("NotRunnable", { signature: Schema.String }) {
  readonly code: Code = "method.not_runnable"
  get detail() {
    return `pipe "${this.signature}" is a signature: it has a contract but no implementation`
  }
}

// ---- the method, found out while it runs

export class TemplateRenderFailed extends Schema.TaggedClass<TemplateRenderFailed>()("TemplateRenderFailed", {
  field: Schema.String,
  problem: Schema.String,
  line: Schema.optionalKey(Schema.Int)
}) {
  readonly code: Code = "pipe.template_render_failed"
  get detail() {
    return `${this.field} cannot be rendered: ${this.problem}${
      this.line === undefined ? "" : ` (line ${this.line} of the template)`
    }`
  }
}

/** A fault of the template itself that only a render finds. */
export class TemplateInvalid extends Schema.TaggedClass<TemplateInvalid>()("TemplateInvalid", {
  field: Schema.String,
  problem: Schema.String,
  line: Schema.optionalKey(Schema.Int)
}) {
  readonly code: Code = "method.template_invalid"
  get detail() {
    return `${this.field} cannot be rendered as it is written: ${this.problem}${
      this.line === undefined ? "" : ` (line ${this.line} of the template)`
    }`
  }
}

export class TemplateNameConflict extends Schema.TaggedClass<TemplateNameConflict>()("TemplateNameConflict", {
  field: Schema.String,
  name: Schema.String,
  line: Schema.optionalKey(Schema.Int)
}) {
  readonly code: Code = "method.name_conflict"
  get detail() {
    return `${this.field} reads "${this.name}", a name that the template language keeps for itself`
  }
}

export class TemplateBudgetExceeded extends Schema.TaggedClass<TemplateBudgetExceeded>()("TemplateBudgetExceeded", {
  field: Schema.String,
  line: Schema.optionalKey(Schema.Int)
}) {
  readonly code: Code = "pipe.template_budget_exceeded"
  get detail() {
    return `${this.field} asks for more work than a template may do`
  }
}

export class TemplateRefused extends Schema.TaggedClass<TemplateRefused>()("TemplateRefused", {
  field: Schema.String,
  problem: Schema.String,
  line: Schema.optionalKey(Schema.Int)
}) {
  readonly code: Code = "security.template_refused"
  get detail() {
    return `${this.field} was refused: ${this.problem}`
  }
}

export class ConditionUnmatched extends Schema.TaggedClass<ConditionUnmatched>()("ConditionUnmatched", {}) {
  readonly code: Code = "pipe.condition_unmatched"
  get detail() {
    return "the expression evaluated to nothing"
  }
}

export class ConditionRefused extends Schema.TaggedClass<ConditionRefused>()("ConditionRefused", {}) {
  readonly code: Code = "pipe.condition_refused"
  get detail() {
    return "the condition resolved to \"fail\""
  }
}

export class AliasUnresolved extends Schema.TaggedClass<AliasUnresolved>()("AliasUnresolved", { name: Schema.String }) {
  readonly code: Code = "pipe.input_unresolved"
  get detail() {
    return `nothing in memory is called "${this.name}"`
  }
}

export class BindingFailed
  extends Schema.TaggedClass<BindingFailed>()("BindingFailed", { from: Schema.String, problem: Schema.String })
{
  readonly code: Code = "pipe.binding_failed"
  get detail() {
    return `binding "${this.from}" failed: ${this.problem}`
  }
}

export class PathUnresolved extends Schema.TaggedClass<PathUnresolved>()("PathUnresolved", {
  path: Schema.String,
  available: Schema.Array(Schema.String)
}) {
  readonly code: Code = "method.field_path_unresolved"
  get detail() {
    return `"${this.path}" leads nowhere${this.available.length === 0 ? "" : `; there is ${quoted(this.available)}`}`
  }
}

export class InputUnresolved extends Schema.TaggedClass<InputUnresolved>()("InputUnresolved", {
  /** The pipe that could not be called. */
  called: Schema.String,
  inputs: Schema.Array(Schema.String)
}) {
  readonly code: Code = "pipe.input_unresolved"
  get detail() {
    return `pipe "${this.called}" reads ${quoted(this.inputs)}, which ${
      this.inputs.length === 1 ? "is" : "are"
    } not in memory`
  }
}

export class ForcedInputAbsent extends Schema.TaggedClass<ForcedInputAbsent>()("ForcedInputAbsent", {
  variable: Schema.String,
  provenance: Schema.Array(Schema.String)
}) {
  readonly code: Code = "pipe.forced_input_absent"
  get detail() {
    const because = this.provenance.length === 0 ? "" : `: ${this.provenance.join(", because ")}`
    return `"${this.variable}" must be present and is absent${because}`
  }
}

export class StackOverflow extends Schema.TaggedClass<StackOverflow>()("StackOverflow", { limit: Schema.Int }) {
  readonly code: Code = "pipe.stack_overflow"
  get detail() {
    return `pipes are nested deeper than ${this.limit} (pipe_stack_limit)`
  }
}

export class WiringInvalid extends Schema.TaggedClass<WiringInvalid>()("WiringInvalid", { problem: Schema.String }) {
  readonly code: Code = "method.wiring_invalid"
  get detail() {
    return this.problem
  }
}

export class OutputInvalid extends Schema.TaggedClass<OutputInvalid>()("OutputInvalid", {
  concept: Schema.String,
  misfits: Schema.Array(Misfit)
}) {
  readonly code: Code = "pipe.output_invalid"
  get detail() {
    return `the output does not fit concept "${this.concept}": ${listed(this.misfits)}`
  }
}

export class OutputMultiplicity extends Schema.TaggedClass<OutputMultiplicity>()("OutputMultiplicity", {
  expected: Schema.String,
  produced: Schema.String
}) {
  readonly code: Code = "pipe.output_multiplicity"
  get detail() {
    return `${this.expected} was declared and ${this.produced} produced`
  }
}

export class FunctionRaised extends Schema.TaggedClass<FunctionRaised>()("FunctionRaised", {
  function: Schema.String,
  /** The class name of what was thrown; its message stays out, since it may quote data. */
  error: Schema.String
}) {
  readonly code: Code = "pipe.function_raised"
  get detail() {
    return `function "${this.function}" failed with ${this.error}`
  }
}

export class FunctionInvalid
  extends Schema.TaggedClass<FunctionInvalid>()("FunctionInvalid", { function: Schema.String, problem: Schema.String })
{
  readonly code: Code = "method.function_invalid"
  get detail() {
    return `function "${this.function}" ${this.problem}`
  }
}

export class PromptEmpty extends Schema.TaggedClass<PromptEmpty>()("PromptEmpty", {
  model: Schema.optionalKey(Schema.String),
  provider: Schema.optionalKey(Schema.String)
}) {
  readonly code: Code = "pipe.prompt_empty"
  readonly category: Category = "content"
  get detail() {
    return "the prompt is empty"
  }
}

export class MockUnsatisfiable
  extends Schema.TaggedClass<MockUnsatisfiable>()("MockUnsatisfiable", { concept: Schema.String })
{
  readonly code: Code = "method.mock_unsatisfiable"
  get detail() {
    return `no mock value fits concept "${this.concept}"`
  }
}

// ---- the run and the runtime

export class RunCancelled extends Schema.TaggedClass<RunCancelled>()("RunCancelled", {}) {
  readonly code: Code = "run.cancelled"
  get detail() {
    return "the run was cancelled"
  }
}

export class RunTimedOut extends Schema.TaggedClass<RunTimedOut>()("RunTimedOut", { seconds: Schema.Finite }) {
  readonly code: Code = "run.timed_out"
  get detail() {
    return `the run took longer than ${this.seconds} seconds`
  }
}

/** Somebody, or the server, ended the run at once: nothing of it was asked first. */
export class RunTerminated
  extends Schema.TaggedClass<RunTerminated>()("RunTerminated", { why: Schema.optionalKey(Schema.String) })
{
  readonly code: Code = "run.terminated"
  get detail() {
    return `the run was terminated${this.why === undefined ? "" : `: ${this.why}`}`
  }
}

/** A part of the runtime that the run needs did not answer: the server, or a worker for what was to be done. */
export class RuntimeUnavailable
  extends Schema.TaggedClass<RuntimeUnavailable>()("RuntimeUnavailable", { problem: Schema.String })
{
  readonly code: Code = "runtime.unavailable"
  get detail() {
    return this.problem
  }
}

/** Something this runtime, or this layer of it, cannot do. */
export class Unsupported extends Schema.TaggedClass<Unsupported>()("Unsupported", {
  what: Schema.String,
  remedy: Schema.optionalKey(Schema.String)
}) {
  readonly code: Code = "runtime.unsupported"
  get detail() {
    return `${this.what} is not supported`
  }
}

/** No engine here lays out documents of this format. */
export class EngineUnavailable
  extends Schema.TaggedClass<EngineUnavailable>()("EngineUnavailable", { format: Schema.String })
{
  readonly code: Code = "pipelex.docgen.engine_unavailable"
  get detail() {
    return `no engine makes ${this.format} documents here`
  }
}

export class ConfigInvalid extends Schema.TaggedClass<ConfigInvalid>()("ConfigInvalid", {
  problem: Schema.String,
  file: Schema.optionalKey(Schema.String),
  remedy: Schema.optionalKey(Schema.String)
}) {
  readonly code: Code = "pipelex.config.invalid"
  get detail() {
    return `${this.file === undefined ? "" : `${this.file}: `}${this.problem}`
  }
}

/** A defect of this runtime that surfaced in a leaf or at a boundary. */
export class Unexpected extends Schema.TaggedClass<Unexpected>()("Unexpected", { problem: Schema.String }) {
  readonly code: Code = "runtime.unexpected"
  get detail() {
    return this.problem
  }
}

/** The closed union. Its members in this order are also the order of the wire schema. */
export const Reason = Schema.Union([
  RateLimited,
  ProviderUnavailable,
  ProviderTimeout,
  ProviderFailed,
  ResponseInvalid,
  CredentialRefused,
  CredentialMissing,
  QuotaExhausted,
  OutcomeUnknown,
  ModelUnavailable,
  ModelUnknown,
  CapabilityUnsupported,
  ContextExceeded,
  OutputTruncated,
  OutputSchemaMismatch,
  ContentRefused,
  NoResult,
  RequestRefused,
  Unclassified,
  FileRefused,
  InputMissing,
  InputUnexpected,
  InputInvalid,
  InputWrongConcept,
  InputWrongMultiplicity,
  RequestInvalid,
  PipeNotFound,
  PipeAmbiguous,
  MethodInvalid,
  NotRunnable,
  TemplateRenderFailed,
  TemplateInvalid,
  TemplateNameConflict,
  TemplateBudgetExceeded,
  TemplateRefused,
  ConditionUnmatched,
  ConditionRefused,
  AliasUnresolved,
  BindingFailed,
  PathUnresolved,
  InputUnresolved,
  ForcedInputAbsent,
  StackOverflow,
  WiringInvalid,
  OutputInvalid,
  OutputMultiplicity,
  FunctionRaised,
  FunctionInvalid,
  PromptEmpty,
  MockUnsatisfiable,
  RunCancelled,
  RunTimedOut,
  RunTerminated,
  RuntimeUnavailable,
  Unsupported,
  EngineUnavailable,
  ConfigInvalid,
  Unexpected
])
export type Reason = typeof Reason.Type
