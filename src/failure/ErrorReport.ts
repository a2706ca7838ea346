import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Action, Category, Domain } from "./Category.ts"
import { codes, typeUri } from "./Codes.ts"
import * as Foreign from "./Foreign.ts"
import { ProblemError, toProblemError } from "./IssueReport.ts"
import type { ProviderMetadata } from "./Metadata.ts"
import { Attempts, Location, type PipeFailure } from "./PipeFailure.ts"
import { marker } from "./Wire.ts"

/**
 * The documented record of a failure, for programs outside this runtime: between worker, submitter, command line and webhook. It holds
 * the members of both generations of readers, and it is written from a failure, never the other way round: what this runtime
 * itself sends across a boundary is `Wire`. Absent members are left out, never null.
 */
export const ProviderReport = Schema.Struct({
  provider: Schema.optionalKey(Schema.String),
  sdk_exception_type: Schema.optionalKey(Schema.String),
  message: Schema.optionalKey(Schema.String),
  status_code: Schema.optionalKey(Schema.Int),
  request_id: Schema.optionalKey(Schema.String),
  retry_after_seconds: Schema.optionalKey(Schema.Finite),
  provider_error_code: Schema.optionalKey(Schema.String)
})
export type ProviderReport = typeof ProviderReport.Type

export const ErrorReport = Schema.Struct({
  error_type: Schema.String,
  message: Schema.String,
  title: Schema.String,
  type_uri: Schema.String,
  code: Schema.optionalKey(Schema.String),
  error_category: Schema.optionalKey(Category),
  /** `config` is what older writers say for `operator`. */
  error_domain: Schema.optionalKey(Schema.Union([Domain, Schema.Literal("config")])),
  user_action: Schema.optionalKey(Action),
  /** The five facts of the contract: these and `retryable`, `model`, `provider`. */
  category: Schema.optionalKey(Category),
  retryable: Schema.optionalKey(Schema.Boolean),
  model: Schema.optionalKey(Schema.String),
  provider: Schema.optionalKey(Schema.String),
  suggested_action: Schema.optionalKey(Action),
  provider_metadata: Schema.optionalKey(ProviderReport),
  validation_errors: Schema.optionalKey(Schema.Array(ProblemError)),
  location: Schema.optionalKey(Location),
  attempts: Schema.optionalKey(Attempts),
  /** Seconds. */
  retry_after: Schema.optionalKey(Schema.Finite),
  pipeline_run_id: Schema.optionalKey(Schema.String)
})
export type ErrorReport = typeof ErrorReport.Type

/** Why the provider failed, in its own words, under the names of the contract. */
export const providerReport = (metadata: ProviderMetadata): ProviderReport => ({
  provider: metadata.provider,
  ...(metadata.sdkError === undefined ? {} : { sdk_exception_type: metadata.sdkError }),
  ...(metadata.message === undefined ? {} : { message: metadata.message }),
  ...(metadata.status === undefined ? {} : { status_code: metadata.status }),
  ...(metadata.requestId === undefined ? {} : { request_id: metadata.requestId }),
  ...(metadata.retryAfterSeconds === undefined ? {} : { retry_after_seconds: metadata.retryAfterSeconds }),
  ...(metadata.providerCode === undefined ? {} : { provider_error_code: metadata.providerCode })
})

export const metadata = (failure: PipeFailure): ProviderMetadata | undefined =>
  "metadata" in failure.reason ? failure.reason.metadata : undefined

/** Seconds that the provider asked to wait. */
export const retryAfter = (failure: PipeFailure): number | undefined =>
  failure.reason._tag === "RateLimited"
    ? failure.reason.retryAfterSeconds ?? metadata(failure)?.retryAfterSeconds
    : undefined

export const fromFailure = (failure: PipeFailure, run: { readonly runId?: string } = {}): ErrorReport => {
  const { attempts, category, code, domain, location, model, provider, reason, suggestedAction } = failure
  const said = metadata(failure)
  const seconds = retryAfter(failure)
  return {
    error_type: reason._tag,
    message: failure.message,
    title: codes[code].title,
    type_uri: typeUri(code),
    code,
    ...(category === undefined ? {} : { error_category: category }),
    error_domain: domain,
    user_action: suggestedAction,
    ...(category === undefined ? {} : { category }),
    retryable: failure.retryable,
    ...(model === undefined ? {} : { model }),
    ...(provider === undefined ? {} : { provider }),
    suggested_action: suggestedAction,
    ...(said === undefined ? {} : { provider_metadata: providerReport(said) }),
    ...(reason._tag === "MethodInvalid" ? { validation_errors: reason.issues.map(toProblemError) } : {}),
    ...(Object.keys(location).length === 0 ? {} : { location }),
    ...(attempts === undefined ? {} : { attempts }),
    ...(seconds === undefined ? {} : { retry_after: seconds }),
    ...(run.runId === undefined ? {} : { pipeline_run_id: run.runId })
  }
}

const decode = Schema.decodeUnknownExit(ErrorReport, { onExcessProperty: "error" })

/** What stands for a report that is not there, or cannot be read. */
const unrecoverable = (message: string): ErrorReport => ({
  error_type: "UnrecoverableWorkflowFailureError",
  message,
  title: codes["runtime.unexpected"].title,
  type_uri: typeUri("runtime.unexpected"),
  code: "runtime.unexpected",
  error_domain: "runtime",
  retryable: false
})

/** Strict, and total: an unknown member is a breach of the contract, answered by a report that keeps the sentence and says so. */
export const read = (value: unknown): ErrorReport =>
  Option.getOrElse(Exit.getSuccess(decode(value)), () => {
    const sentence = Foreign.textAt(value, "message") ?? Foreign.deepestMessage(value) ??
      "an error report could not be read"
    return unrecoverable(`${sentence} ${marker}`)
  })

const claims = (value: unknown): boolean =>
  ["error_type", "message", "title", "type_uri"].every((key) => Foreign.valueAt(value, key) !== undefined)

/** The first report among the details of an error's chain of causes, else one that says what the innermost cause says. */
export const recover = (error: unknown): ErrorReport => {
  const found = [error, ...Foreign.details(error)].find(claims)
  return found === undefined
    ? unrecoverable(Foreign.deepestMessage(error) ?? "the run failed and did not say why")
    : read(found)
}

/** Said to an outsider in place of a sentence that may name models, accounts or the method's insides. */
export const generic = "The run failed. Its owner can see why."

/** What an outsider may read: nothing of models, providers or accounts; sentences only about what they sent themselves. */
export const strict = (report: ErrorReport): ErrorReport => {
  const own = report.error_domain === "input" && report.error_category === undefined
  const { provider_metadata: said } = report
  return {
    error_type: report.error_type,
    message: own ? report.message : generic,
    title: report.title,
    type_uri: report.type_uri,
    ...(report.code === undefined ? {} : { code: report.code }),
    ...(report.error_category === undefined ? {} : { error_category: report.error_category }),
    ...(report.error_domain === undefined ? {} : { error_domain: report.error_domain }),
    ...(own && report.user_action !== undefined ? { user_action: report.user_action } : {}),
    ...(report.category === undefined ? {} : { category: report.category }),
    ...(report.retryable === undefined ? {} : { retryable: report.retryable }),
    ...(own && report.suggested_action !== undefined ? { suggested_action: report.suggested_action } : {}),
    ...(said === undefined ? {} : {
      provider_metadata: {
        ...(said.status_code === undefined ? {} : { status_code: said.status_code }),
        ...(said.retry_after_seconds === undefined ? {} : { retry_after_seconds: said.retry_after_seconds })
      }
    }),
    ...(report.validation_errors === undefined ? {} : { validation_errors: report.validation_errors }),
    ...(own && report.location !== undefined ? { location: report.location } : {}),
    ...(report.retry_after === undefined ? {} : { retry_after: report.retry_after }),
    ...(report.pipeline_run_id === undefined ? {} : { pipeline_run_id: report.pipeline_run_id })
  }
}
