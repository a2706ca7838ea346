import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import { codes } from "../failure/Codes.ts"
import { toReason } from "../failure/IssueReport.ts"
import { fail, PipeFailure } from "../failure/PipeFailure.ts"
import * as ProblemDocument from "../failure/ProblemDocument.ts"
import * as Reason from "../failure/Reason.ts"
import { clean } from "../report/Columns.ts"
import * as FailureText from "../report/FailureText.ts"
import * as IssuesText from "../report/IssuesText.ts"
import { Ended } from "./Exit.ts"
import { Streams } from "./Streams.ts"
import * as Version from "./Version.ts"

/** Says what went wrong: a line, a block or a list of faults for people; one document for programs. Never a stack unless asked for. */
const unexpected = (defect: unknown): PipeFailure => {
  const said = defect instanceof Error ? `${defect.name}: ${defect.message}` : String(defect)
  return fail(new Reason.Unexpected({ problem: clean(said).replaceAll(/\s+/g, " ").slice(0, 500) }))
}

/** Every way a command can fail, as one that says its code. */
export const ended = (cause: Cause.Cause<unknown>): Ended => {
  const error = Cause.squash(cause)
  if (error instanceof Ended) return error
  return new Ended({ code: 1, failure: error instanceof PipeFailure ? error : unexpected(error) })
}

const failureOf = ({ failure, issues }: Ended): PipeFailure | undefined =>
  failure ?? (issues === undefined ? undefined : fail(toReason(issues)))

/** What was wrong before anything ran takes one line; what failed in a run is told with its facts. */
const oneLiners: ReadonlySet<string> = new Set([
  "RequestInvalid",
  "FileRefused",
  "PipeNotFound",
  "PipeAmbiguous",
  "ConfigInvalid",
  "RuntimeUnavailable",
  "Unsupported",
  "Unexpected"
])

const line = (failure: PipeFailure, isUsage: boolean): string => {
  const detail = clean(failure.reason.detail.trim() === "" ? codes[failure.code].title : failure.reason.detail)
  const text = detail.replaceAll(/\s+/g, " ")
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${isUsage ? "" : ` [${failure.code}]`}`
}

/** What the reason itself knows to do about it. */
const remedy = ({ reason, suggestedAction }: PipeFailure): ReadonlyArray<string> =>
  "remedy" in reason && reason.remedy !== undefined ? [`→ ${suggestedAction.detail}`] : []

const tellPeople = Effect.fnUntraced(function*(reported: Ended) {
  const { bundle, code, issues, run, tips = [] } = reported
  const streams = yield* Streams
  const { style, width } = streams.err
  const failure = failureOf(reported)
  const told = issues !== undefined
    ? IssuesText.lines(issues, { width, style, ...(bundle === undefined ? {} : { bundle }) })
    : failure === undefined
    ? []
    : oneLiners.has(failure.reason._tag) && failure.location.pipe === undefined
    ? [style.bad(line(failure, code === 2 && failure.reason._tag === "RequestInvalid")), ...remedy(failure)]
    : FailureText.lines(failure, { width, style, ...(run === undefined ? {} : { run }) })
  yield* streams.problem([...told, ...(tips.length === 0 || told.length < 2 ? tips : ["", ...tips])])
})

/** The document for a reader of Markdown. */
export const markdown = (document: ProblemDocument.ProblemDocument): ReadonlyArray<string> => [
  `# ${document.title}`,
  "",
  document.detail,
  "",
  `- code: \`${document.code}\``,
  `- domain: ${document.domain}`,
  `- retry: ${document.retry}`,
  ...(document.category === undefined ? [] : [`- category: ${document.category}`]),
  ...(document.model === undefined ? [] : [`- model: ${document.model}`]),
  ...(document.provider === undefined ? [] : [`- provider: ${document.provider}`]),
  `- next step: ${document.next_step.detail}`,
  ...(document.errors ?? []).map(({ detail, location }) =>
    `- ${
      location?.file === undefined ? "" : `${location.file}:${location.line ?? 1}:${location.column ?? 1}: `
    }${detail}`
  )
]

const tellPrograms = Effect.fnUntraced(function*(reported: Ended) {
  const streams = yield* Streams
  const failure = failureOf(reported)
  if (failure === undefined) return
  const document = ProblemDocument.fromFailure(failure, {
    runtimeVersion: Version.program,
    ...(reported.bundle === undefined ? {} : { bundlePath: reported.bundle }),
    ...(reported.run === undefined ? {} : { runId: reported.run })
  })
  yield* streams.problem(
    streams.audience.errorFormat === "json" ? [JSON.stringify(document, null, 2)] : markdown(document)
  )
})

export const tell = Effect.fnUntraced(function*(cause: Cause.Cause<unknown>, reported: Ended) {
  const streams = yield* Streams
  yield* streams.audience.reader === "people" ? tellPeople(reported) : tellPrograms(reported)
  if (streams.audience.traceback) yield* streams.problem(["", Cause.pretty(cause)])
})
