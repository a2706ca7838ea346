import * as Schema from "effect/Schema"
import { Action, Category, Domain, RetryVerdict } from "./Category.ts"
import { type CodeEntry, codes, type StepKind, typeUri } from "./Codes.ts"
import * as ErrorReport from "./ErrorReport.ts"
import { ProblemError, toProblemError } from "./IssueReport.ts"
import { params } from "./Params.ts"
import type { PipeFailure } from "./PipeFailure.ts"

/**
 * A failure as `application/problem+json` (RFC 9457): the answer of an HTTP server, and what the agent's command line writes to stderr.
 * The members of the standard's older contract stand beside the newer ones, so that both kinds of reader are served. A program
 * branches on `code` and never parses a sentence. Absent members are left out, never null.
 */
const Cause = Schema.Struct({ error_class: Schema.String, code: Schema.optionalKey(Schema.String) })

export const ProblemDocument = Schema.Struct({
  type: Schema.String,
  title: Schema.String,
  status: Schema.Int,
  detail: Schema.String,
  code: Schema.String,
  domain: Domain,
  retry: RetryVerdict,
  /** Whole seconds, as in the header `Retry-After`. */
  retry_after: Schema.optionalKey(Schema.Int),
  next_step: Schema.Struct({ kind: Schema.String, detail: Schema.String }),
  params: Schema.optionalKey(Schema.Record(Schema.String, Schema.Json)),
  location: Schema.optionalKey(Schema.Struct({
    pipe: Schema.optionalKey(Schema.String),
    path: Schema.optionalKey(Schema.Array(Schema.String)),
    input: Schema.optionalKey(Schema.String),
    field: Schema.optionalKey(Schema.String),
    item: Schema.optionalKey(Schema.Int),
    succeeded: Schema.optionalKey(Schema.Int),
    attempt: Schema.optionalKey(Schema.Int)
  })),
  errors: Schema.optionalKey(Schema.Array(ProblemError)),
  pipeline_run_id: Schema.optionalKey(Schema.String),
  diagnostics: Schema.optionalKey(Schema.Struct({
    error_class: Schema.String,
    message: Schema.optionalKey(Schema.String),
    causes: Schema.optionalKey(Schema.Array(Cause)),
    model: Schema.optionalKey(Schema.String),
    provider: Schema.optionalKey(Schema.Struct({
      name: Schema.optionalKey(Schema.String),
      status: Schema.optionalKey(Schema.Int),
      code: Schema.optionalKey(Schema.String),
      message: Schema.optionalKey(Schema.String),
      request_id: Schema.optionalKey(Schema.String)
    })),
    runtime_version: Schema.optionalKey(Schema.String)
  })),
  // the five facts
  category: Schema.optionalKey(Category),
  retryable: Schema.Boolean,
  model: Schema.optionalKey(Schema.String),
  provider: Schema.optionalKey(Schema.String),
  suggested_action: Schema.optionalKey(Action),
  // the older contract
  error: Schema.Literal(true),
  error_type: Schema.String,
  error_domain: Domain,
  error_category: Schema.optionalKey(Category),
  user_action: Schema.optionalKey(Action),
  message: Schema.String,
  hint: Schema.optionalKey(Schema.String),
  instance: Schema.optionalKey(Schema.String),
  request_id: Schema.optionalKey(Schema.String),
  is_valid: Schema.optionalKey(Schema.Boolean),
  bundle_path: Schema.optionalKey(Schema.String)
})
export type ProblemDocument = typeof ProblemDocument.Type

export interface Options {
  readonly runId?: string
  /** Of the request that is answered. */
  readonly instance?: string
  readonly requestId?: string
  readonly bundlePath?: string
  readonly runtimeVersion?: string
  /** `strict` for readers from outside: nothing of models, providers, accounts or the method's insides. */
  readonly disclosure?: "verbose" | "strict"
}

const stepText: { readonly [Kind in StepKind]: string } = {
  retry: "Run the method again.",
  wait: "Wait, then run the method again.",
  read_run: "Look at the run.",
  refresh: "Load the page again.",
  change_input: "Change the inputs, then run the method again.",
  change_method: "Change the method.",
  change_model: "Name another model.",
  check_credentials: "Check the credentials.",
  request_access: "Ask for access.",
  check_account: "Look at the account.",
  fix_configuration: "Mend the configuration.",
  upgrade: "Upgrade.",
  contact_owner: "Tell the owner of the method.",
  report: "Report it if it persists."
}

const diagnostics = (failure: PipeFailure, runtimeVersion: string | undefined): ProblemDocument["diagnostics"] => {
  const said = ErrorReport.metadata(failure)
  const name = failure.provider ?? said?.provider
  return {
    error_class: failure.reason._tag,
    message: failure.message,
    ...(said?.sdkError === undefined ? {} : { causes: [{ error_class: said.sdkError }] }),
    ...(failure.model === undefined ? {} : { model: failure.model }),
    ...(name === undefined ? {} : {
      provider: {
        name,
        ...(said?.status === undefined ? {} : { status: said.status }),
        ...(said?.providerCode === undefined ? {} : { code: said.providerCode }),
        ...(said?.message === undefined ? {} : { message: said.message }),
        ...(said?.requestId === undefined ? {} : { request_id: said.requestId })
      }
    }),
    ...(runtimeVersion === undefined ? {} : { runtime_version: runtimeVersion })
  }
}

const place = ({ attempts, location }: PipeFailure): ProblemDocument["location"] => ({
  ...location,
  ...(attempts?.activity === undefined ? {} : { attempt: attempts.activity })
})

const aYear = 31_536_000

/** What both disclosures say. */
const shared = (failure: PipeFailure, options: Options) => {
  const entry: CodeEntry = codes[failure.code]
  const seconds = ErrorReport.retryAfter(failure)
  return {
    type: typeUri(failure.code),
    title: entry.title,
    status: entry.status,
    code: failure.code,
    domain: entry.domain,
    retry: entry.retry,
    ...(seconds === undefined || seconds < 0 ? {} : { retry_after: Math.ceil(Math.min(seconds, aYear)) }),
    ...(failure.reason._tag === "MethodInvalid"
      ? { errors: failure.reason.issues.map(toProblemError), is_valid: false }
      : {}),
    ...(options.runId === undefined ? {} : { pipeline_run_id: options.runId }),
    ...(options.instance === undefined ? {} : { instance: options.instance }),
    ...(failure.category === undefined ? {} : { category: failure.category, error_category: failure.category }),
    retryable: failure.retryable,
    error: true as const,
    error_type: failure.reason._tag,
    error_domain: entry.domain
  }
}

const verbose = (failure: PipeFailure, options: Options): ProblemDocument => {
  const facts = params(failure.reason, failure.location)
  const location = place(failure) ?? {}
  const action = failure.suggestedAction
  const report = diagnostics(failure, options.runtimeVersion)
  const requestId = options.requestId ?? ErrorReport.metadata(failure)?.requestId
  return {
    ...shared(failure, options),
    detail: failure.reason.detail.trim() === "" ? codes[failure.code].title : failure.reason.detail,
    next_step: { kind: codes[failure.code].step[0], detail: action.detail },
    ...(Object.keys(facts).length === 0 ? {} : { params: facts }),
    ...(Object.keys(location).length === 0 ? {} : { location }),
    ...(report === undefined ? {} : { diagnostics: report }),
    ...(failure.model === undefined ? {} : { model: failure.model }),
    ...(failure.provider === undefined ? {} : { provider: failure.provider }),
    suggested_action: action,
    user_action: action,
    message: failure.message,
    hint: action.detail,
    ...(requestId === undefined ? {} : { request_id: requestId }),
    ...(options.bundlePath === undefined ? {} : { bundle_path: options.bundlePath })
  }
}

/** An outsider cannot mend the method or the account: the step is theirs only when the fault is in what they sent. */
const guarded = (failure: PipeFailure, options: Options): ProblemDocument => {
  const own = failure.domain === "input" && failure.category === undefined
  const facts = own ? params(failure.reason, failure.location) : {}
  const [actor, other] = codes[failure.code].step
  const kind = failure.domain === "input" ? actor : other
  const status = ErrorReport.metadata(failure)?.status
  return {
    ...shared(failure, options),
    detail: own ? failure.reason.detail : ErrorReport.generic,
    message: own ? failure.message : ErrorReport.generic,
    next_step: { kind, detail: own ? failure.suggestedAction.detail : stepText[kind] },
    ...(Object.keys(facts).length === 0 ? {} : { params: facts }),
    ...(own && Object.keys(failure.location).length > 0 ? { location: failure.location } : {}),
    ...(own ? { suggested_action: failure.suggestedAction, user_action: failure.suggestedAction } : {}),
    ...(status === undefined ? {} : { diagnostics: { error_class: failure.reason._tag, provider: { status } } })
  }
}

export const fromFailure = (failure: PipeFailure, options: Options = {}): ProblemDocument =>
  options.disclosure === "strict" ? guarded(failure, options) : verbose(failure, options)

/** The headers of an HTTP answer that carries the document. */
export const headers = (document: ProblemDocument): Readonly<Record<string, string>> => ({
  "content-type": "application/problem+json",
  ...(document.retry_after === undefined ? {} : { "retry-after": String(document.retry_after) })
})
