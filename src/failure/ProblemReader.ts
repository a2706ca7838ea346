import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Domain, RetryVerdict } from "./Category.ts"
import { type CodeEntry, codes, isCode } from "./Codes.ts"
import * as Foreign from "./Foreign.ts"

/**
 * A problem document of another runtime or version, as far as a program may rely on it. Members and values that are not known here
 * are no fault: an unknown code is judged by its family, an unknown retry verdict reads as `no`.
 */
export interface Problem {
  readonly code: string
  readonly domain: Domain
  readonly retry: RetryVerdict
  readonly status: number
  readonly title: string
  readonly detail: string
}

const readDomain = Schema.decodeUnknownOption(Domain)
const readVerdict = Schema.decodeUnknownOption(RetryVerdict)
const statusOf: { readonly [D in Domain]: number } = {
  input: 422,
  method: 422,
  account: 402,
  operator: 500,
  runtime: 500
}
const families: Readonly<Record<string, Domain>> = {
  provider: "runtime",
  model: "method",
  pipe: "method",
  method: "method",
  input: "input",
  request: "input",
  security: "input",
  run: "runtime",
  runtime: "runtime",
  pipelex: "operator"
}

const family = (code: string): CodeEntry => {
  const domain = families[code.split(".")[0] ?? ""] ?? "runtime"
  const title = "A failure of a kind that is not known here"
  return { title, domain, retry: "no", status: statusOf[domain], step: ["report", "report"] }
}

export const read = (value: unknown): Problem => {
  const code = Foreign.textAt(value, "code") ?? "runtime.unexpected"
  const entry: CodeEntry = isCode(code) ? codes[code] : family(code)
  const retry = Foreign.valueAt(value, "retry")
  const status = Foreign.valueAt(value, "status")
  const title = Foreign.textAt(value, "title") ?? entry.title
  return {
    code,
    domain: Option.getOrElse(readDomain(Foreign.valueAt(value, "domain")), () => entry.domain),
    retry: retry === undefined ? entry.retry : Option.getOrElse(readVerdict(retry), (): RetryVerdict => "no"),
    status: typeof status === "number" ? status : entry.status,
    title,
    detail: Foreign.textAt(value, "detail") ?? Foreign.textAt(value, "message") ?? title
  }
}
