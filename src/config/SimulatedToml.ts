import type { JsonObject } from "../concept/Json.ts"
import * as Read from "../source/Read.ts"
import * as Rules from "../source/Rules.ts"

/** `[simulated]` of `pipelex.toml`: how the stand-in for models behaves, for trying out what a method does when a provider is slow or fails. */
const { integer, oneOf, table } = Rules

/** The ways in which it can be told to fail: statuses of an HTTP API, requests without an answer, answers of no use. */
export const failures = [
  "401",
  "404",
  "429",
  "500",
  "503",
  "quota",
  "network",
  "timeout",
  "malformed",
  "refused",
  "truncated"
] as const

export const rule: Rules.Rule = table({
  latency_ms: integer(0),
  fail_with: oneOf(...failures),
  fail_every: integer(1),
  seed: integer(0)
})

export interface SimulatedOptions {
  /** Before each answer. */
  readonly latencyMillis?: number
  readonly failWith?: (typeof failures)[number]
  /** Of so many requests, one fails. Default: each does. */
  readonly failEvery?: number
  /** Which of them it is, counted back from the last. */
  readonly seed?: number
}

/** Reads the merged layers. */
export const options = (values: JsonObject): SimulatedOptions => {
  const own = Read.table(values, "simulated")
  return Read.present({
    latencyMillis: Read.number(own, "latency_ms"),
    failWith: Read.oneOf(own, "fail_with", failures),
    failEvery: Read.number(own, "fail_every"),
    seed: Read.number(own, "seed")
  })
}
