import * as Effect from "effect/Effect"
import type { Issue } from "../failure/Issue.ts"
import { cut } from "../report/Columns.ts"
import { Streams } from "./Streams.ts"

/** What is odd about a method and makes nothing invalid: a line each, once. */
const place = ({ file, position }: Issue): string =>
  file === undefined ? "" : `${file}${position === undefined ? "" : `:${position.line}:${position.column}`}: `

export const text = (issue: Issue): string => `${place(issue)}${issue.message}`

export const tell = Effect.fnUntraced(function*(warnings: ReadonlyArray<Issue>) {
  const streams = yield* Streams
  const { style } = streams.err
  const lines = Array.from(new Set(warnings.map(text)))
  yield* streams.warn(lines.map((line) => style.warning(`WARNING  ${cut(line, 1000)}`)))
})
