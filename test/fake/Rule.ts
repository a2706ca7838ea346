/** What a test tells the fake provider: rules, each of which answers the requests it matches. The first that is not used up wins. */
import type { Json, JsonObject } from "../../src/concept/Json.ts"
import { promptText, type Request } from "./Request.ts"

export interface Match {
  /** How the path ends. */
  readonly path?: string
  readonly model?: string
  readonly contains?: string
  readonly not_contains?: string
  readonly structured?: boolean
  /** Name of the schema or tool. */
  readonly tool?: string
  /** Position among all requests, from 1. */
  readonly nth?: number
}

/** Nothing said: the standard answer. */
export interface Reply {
  readonly text?: string
  /** The object of a structured answer, in whatever mode it was asked for. */
  readonly object?: Json
  /** The arguments of the tool, or the content, as raw text: for answers that are not JSON. */
  readonly tool_text?: string
  readonly refusal?: string
  /** `length`, `max_tokens`, `content_filter`, `refusal`, …: written in the words of the API. */
  readonly finish?: string
  /** From 400 up an error, which `body` or `raw` explains. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** The whole body, in place of an answer made from the rest. */
  readonly body?: Json
  readonly raw?: string
  readonly delay_ms?: number
  /** The answer is held back until this is done: for tests that decide the order of answers. */
  readonly until?: Promise<unknown>
  /** The connection is dropped before an answer: with a reset, or an orderly end (`"fin"`). */
  readonly reset?: boolean | "fin"
  /** The connection is dropped after so many characters of the body. */
  readonly cut?: number
}

export interface Rule {
  readonly match?: Match
  readonly reply: Reply
  /** How often the rule may be used. Default: without end. */
  readonly times?: number
}

/** Chooses the answer of a request; `nth` counts from 1, and is 0 for requests beside those to models. */
export type Answer = (request: Request, nth: number) => Reply

const tests: { readonly [Key in keyof Match]-?: (wanted: Match[Key], request: Request, nth: number) => boolean } = {
  path: (wanted, { path }) => path.endsWith(wanted ?? ""),
  model: (wanted, { model }) => model === wanted,
  contains: (wanted, request) => promptText(request).includes(wanted ?? ""),
  not_contains: (wanted, request) => wanted === undefined || !promptText(request).includes(wanted),
  structured: (wanted, { structured }) => (structured !== null) === wanted,
  tool: (wanted, { structured }) => structured?.name === wanted,
  nth: (wanted, _, nth) => nth === wanted
}

/** Beside the requests to models, only a rule that names the path counts. */
const matches = (match: Match, request: Request, nth: number): boolean =>
  (nth > 0 || match.path !== undefined) &&
  (Object.keys(match) as ReadonlyArray<keyof Match>).every((key) =>
    (tests[key] as (wanted: unknown, request: Request, nth: number) => boolean)(match[key], request, nth)
  )

/** The answers that rules give. They remember what was used: make them anew for each run. */
export const answers = (rules: ReadonlyArray<Rule>): Answer => {
  const left = rules.map((rule) => ({ rule, times: rule.times ?? Number.POSITIVE_INFINITY }))
  return (request, nth) => {
    const found = left.find(({ rule, times }) => times > 0 && matches(rule.match ?? {}, request, nth))
    if (found === undefined) return {}
    found.times -= 1
    return found.rule.reply
  }
}

/** The rules of a script file: a list, or a table that holds one. */
export const ofScript = (script: Json | undefined): ReadonlyArray<Rule> => {
  const listed = Array.isArray(script) ? script : (script as JsonObject | undefined)?.["rules"]
  return (listed ?? []) as unknown as ReadonlyArray<Rule>
}
