import * as Schema from "effect/Schema"
import type { Issue } from "./Issue.ts"
import { MethodInvalid } from "./Reason.ts"

/**
 * The issues of an invalid method in the forms that leave the process: the reason of a `PipeFailure`, and the `errors` of a problem
 * document. Both keep what a program needs to point at the place; the excerpt stays with the issue, for the terminal.
 */
export type IssueRecord = MethodInvalid["issues"][number]

const isJson = Schema.is(Schema.Json)

const jsonParams = (params: Readonly<Record<string, unknown>>): Readonly<Record<string, Schema.Json>> =>
  Object.fromEntries(
    Object.entries(params).filter((entry): entry is [string, Schema.Json] => isJson(entry[1]))
  )

/** The place in the bundle as one word: `pipe.review.steps.0.pipe`. */
export const field = (path: ReadonlyArray<string | number>): string => path.join(".")

const toRecord = (issue: Issue): IssueRecord => {
  const params = jsonParams(issue.params ?? {})
  return {
    code: issue.code,
    message: issue.message,
    ...(issue.type === undefined ? {} : { type: issue.type }),
    ...(issue.fix === undefined ? {} : { fix: issue.fix }),
    ...(issue.pipe === undefined ? {} : { pipe: issue.pipe }),
    ...(issue.concept === undefined ? {} : { concept: issue.concept }),
    ...(issue.domain === undefined ? {} : { domain: issue.domain }),
    ...(issue.path.length === 0 ? {} : { field: field(issue.path) }),
    ...(issue.file === undefined ? {} : { file: issue.file }),
    ...(issue.position === undefined ? {} : { line: issue.position.line, column: issue.position.column }),
    ...(issue.suggestions === undefined || issue.suggestions.length === 0 ? {} : { suggestions: issue.suggestions }),
    ...(Object.keys(params).length === 0 ? {} : { params })
  }
}

export const toReason = (issues: ReadonlyArray<Issue>): MethodInvalid =>
  new MethodInvalid({ issues: issues.map(toRecord) })

/** One element of a problem document's `errors`. */
export const ProblemError = Schema.Struct({
  code: Schema.String,
  detail: Schema.String,
  error_type: Schema.optionalKey(Schema.String),
  params: Schema.optionalKey(Schema.Record(Schema.String, Schema.Json)),
  location: Schema.optionalKey(Schema.Struct({
    pipe: Schema.optionalKey(Schema.String),
    concept: Schema.optionalKey(Schema.String),
    domain: Schema.optionalKey(Schema.String),
    field: Schema.optionalKey(Schema.String),
    file: Schema.optionalKey(Schema.String),
    line: Schema.optionalKey(Schema.Int),
    column: Schema.optionalKey(Schema.Int)
  })),
  suggestions: Schema.optionalKey(Schema.Array(Schema.String)),
  suggested_fix: Schema.optionalKey(Schema.String)
})
export type ProblemError = typeof ProblemError.Type

const place = (record: IssueRecord): ProblemError["location"] => ({
  ...(record.pipe === undefined ? {} : { pipe: record.pipe }),
  ...(record.concept === undefined ? {} : { concept: record.concept }),
  ...(record.domain === undefined ? {} : { domain: record.domain }),
  ...(record.field === undefined ? {} : { field: record.field }),
  ...(record.file === undefined ? {} : { file: record.file }),
  ...(record.line === undefined ? {} : { line: record.line }),
  ...(record.column === undefined ? {} : { column: record.column })
})

/** The same element from what a reason kept of an issue. */
export const toProblemError = (record: IssueRecord): ProblemError => {
  const location = place(record) ?? {}
  const params = { ...(record.pipe === undefined ? {} : { pipe: record.pipe }), ...record.params }
  return {
    code: record.code,
    detail: record.message,
    ...(record.type === undefined ? {} : { error_type: record.type }),
    ...(Object.keys(params).length === 0 ? {} : { params }),
    ...(Object.keys(location).length === 0 ? {} : { location }),
    ...(record.suggestions === undefined ? {} : { suggestions: record.suggestions }),
    ...(record.fix === undefined ? {} : { suggested_fix: record.fix })
  }
}

export const toProblemErrors = (issues: ReadonlyArray<Issue>): ReadonlyArray<ProblemError> =>
  issues.map((issue) => toProblemError(toRecord(issue)))
