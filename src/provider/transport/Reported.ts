import { isObject, own } from "../../concept/Json.ts"
import type { Connection } from "../../config/Connection.ts"
import * as HttpError from "./HttpError.ts"
import type { ProviderError } from "./ProviderError.ts"

/**
 * Errors that are told in an answer with a good status: events of a stream, and the answers of gateways (OpenRouter among them) that pass
 * on what went wrong behind them. They mean what the HTTP status means that they stand for.
 */
const statuses: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  conflict_error: 409,
  request_too_large: 413,
  insufficient_quota: 429,
  rate_limit_error: 429,
  rate_limit_exceeded: 429,
  api_error: 500,
  server_error: 500,
  timeout_error: 504,
  overloaded_error: 529
}

const isErrorStatus = (code: unknown): code is number =>
  typeof code === "number" && Number.isInteger(code) && code >= 400 && code < 600

/** The status that an error stands for: its code where that is one, else by its type, or by its code where that says more. */
export const statusOf = (body: unknown): number | undefined => {
  const told = HttpError.errorOf(body)
  const code = own(told, "code")
  if (isErrorStatus(code)) return code
  return ["type", "code"].map((key) => own(told, key))
    .flatMap((name) => typeof name === "string" ? own(statuses, name) ?? [] : [])[0]
}

/** The error that an answer reports, as if it had come with the status. */
export const error = (
  provider: string,
  status: number,
  body: object,
  { scrub }: Pick<Connection, "scrub">
): ProviderError =>
  HttpError.refused({ provider, sdkError: "ReportedError", status, header: () => undefined, body }, scrub)

/** The error in an answer with a good status that holds one, and says by its code what it is. */
export const inAnswer = (
  provider: string,
  answer: unknown,
  connection: Pick<Connection, "scrub">
): ProviderError | undefined => {
  if (!isObject(answer) || !isObject(own(answer, "error"))) return undefined
  const status = statusOf(answer)
  return status === undefined ? undefined : error(provider, status, answer, connection)
}
