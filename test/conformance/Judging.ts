/** One case from its folder to its status. Nothing that goes wrong in it ends the others. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FileSystem from "effect/FileSystem"
import { join } from "node:path"
import type { JsonObject } from "../../src/concept/Json.ts"
import * as Configuration from "../../src/config/Configuration.ts"
import type { Method } from "../../src/source/Method.ts"
import * as FakeProvider from "../fake/FakeProvider.ts"
import { type Case, configFolder, expected, judge, type Kind, object, readJson } from "./Corpus.ts"
import { type Difference, first } from "./Difference.ts"
import * as Divergences from "./Divergences.ts"
import * as Failures from "./Failures.ts"
import type * as Live from "./Live.ts"
import * as Outcomes from "./Outcomes.ts"
import * as Outputs from "./Outputs.ts"
import { recording } from "./Recording.ts"
import * as Replay from "./Replay.ts"
import * as Requests from "./Requests.ts"
import * as Running from "./Running.ts"
import type { Line } from "./Templates.ts"
import * as Verdicts from "./Verdicts.ts"

export interface Judged {
  readonly kind: Kind
  readonly name: string
  readonly features: ReadonlyArray<string>
  readonly status: "passed" | "failed" | "diverged"
  readonly difference?: string
  /** The rule that a diverged case falls under. */
  readonly divergence?: string
}

/** What is worth knowing and decides nothing. */
export interface Notes {
  listings: { same: number; other: number }
  contracts: { same: number; other: Array<string> }
}

export const notes = (): Notes => ({ listings: { same: 0, other: 0 }, contracts: { same: 0, other: [] } })

interface Found {
  readonly difference: Difference
  readonly method: Method | undefined
  readonly recorded: JsonObject
}

const settle = (
  each: { readonly kind: Kind; readonly name: string; readonly features: ReadonlyArray<string> },
  found: Found
): Judged => {
  const { features, kind, name } = each
  const { difference, method, recorded } = found
  if (difference === undefined) return { kind, name, features, status: "passed" }
  const rule = Divergences.find({ difference, method, recorded })
  return rule === undefined
    ? { kind, name, features, status: "failed", difference }
    : { kind, name, features, status: "diverged", difference, divergence: rule.name }
}

/** Configurations, each read once. */
export type Configurations = Map<string, Configuration.Configuration>

const configured = Effect.fnUntraced(function*(root: string, { folder }: Case, known: Configurations) {
  const place = configFolder(root, folder)
  const found = known.get(place) ?? (yield* Configuration.loadFolder(place))
  known.set(place, found)
  return found
})

const noteContracts = (each: Case, recorded: JsonObject, library: Running.Ended["library"], seen: Notes): void => {
  if (library === undefined || recorded["pipe_io_contracts"] === undefined) return
  const difference = Verdicts.contracts(recorded, library)
  if (difference === undefined) seen.contracts.same++
  else seen.contracts.other.push(`${each.kind}/${each.name}: ${difference}`)
}

type Durable = Live.Durable | undefined

const runs = Effect.fnUntraced(function*(
  each: Case,
  configuration: Configuration.Configuration,
  seen: Notes,
  durable: Durable
) {
  const judged = judge(each)
  const recorded = object(expected(judged, "outcome"))
  const requests = recording(expected(judged, "requests"))
  const replay = Replay.make(requests)
  const provider = yield* FakeProvider.start
  yield* provider.answer(replay.answer)
  const ended = yield* Running.run(each, configuration, { provider, durable })
  const exchanges = replay.exchanges()
  const { other, same } = Requests.listings(exchanges)
  seen.listings.same += same
  seen.listings.other += other
  noteContracts(each, object(expected(judged, "validation")), ended.library, seen)
  const output = expected(judged, "output")
  return {
    method: ended.method,
    recorded,
    difference: first([
      Outcomes.compare(recorded, ended.failure),
      Requests.compare(requests, exchanges, yield* provider.maxInFlight),
      output === undefined || ended.memory === undefined || ended.library === undefined
        ? undefined
        : Outputs.compare(ended.library.concepts, object(output), ended.memory)
    ])
  } satisfies Found
})

const failures = Effect.fnUntraced(
  function*(fault: Failures.Fault, each: Case, configuration: Configuration.Configuration, durable: Durable) {
    const provider = yield* FakeProvider.start
    yield* provider.rules(fault.rules)
    const timeoutSeconds = Failures.timeoutSeconds(fault)
    const { failure, method } = yield* Running.run(each, configuration, {
      provider,
      durable,
      ...(timeoutSeconds === undefined ? {} : { timeoutSeconds })
    })
    return {
      method,
      recorded: object(fault.recorded["outcome"]),
      difference: Failures.compare(fault, failure, yield* provider.requests)
    } satisfies Found
  }
)

const validation = Effect.fnUntraced(function*(each: Case, configuration: Configuration.Configuration, seen: Notes) {
  const recorded = object(readJson(`${each.folder}/verdict.json`))
  const method = yield* Running.load(each, configuration)
  const verdict = yield* Verdicts.judge(method, configuration.settings)
  noteContracts(each, recorded, verdict.library, seen)
  return { method, recorded, difference: Verdicts.compare(recorded, verdict) } satisfies Found
})

const crashed = (exit: Exit.Failure<unknown, unknown>): string => {
  const error = Cause.squash(exit.cause)
  const text = error instanceof Error
    ? `${error.name}: ${error.message} ${
      (error.stack ?? "").split("\n").slice(1, 4).map((line) => line.trim()).join(" ")
    }`
    : String(error)
  return `crashed: ${text}`
}

/** How a case that crashed, or was compared, ended. */
const concluded = (each: Parameters<typeof settle>[0], exit: Exit.Exit<Found, unknown>): Judged =>
  settle(
    each,
    Exit.isSuccess(exit) ? exit.value : { difference: crashed(exit), method: undefined, recorded: {} }
  )

export const one = Effect.fnUntraced(
  function*(root: string, each: Case, known: Configurations, seen: Notes, durable?: Durable) {
    const comparing = Effect.gen(function*() {
      readJson(join(each.folder, "case.json"))
      const configuration = yield* configured(root, each, known)
      return yield* each.kind === "validation"
        ? validation(each, configuration, seen)
        : runs(each, configuration, seen, durable)
    })
    return concluded(each, yield* Effect.exit(Effect.scoped(comparing)))
  }
)

export const failure = Effect.fnUntraced(
  function*(root: string, fault: Failures.Fault, known: Configurations, durable?: Durable) {
    const comparing = Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const each = Failures.prepare(fault, yield* fs.makeTempDirectoryScoped({ prefix: "conformance-" }))
      return yield* failures(fault, each, yield* configured(root, each, known), durable)
    })
    return concluded({ ...fault, kind: "failures" }, yield* Effect.exit(Effect.scoped(comparing)))
  }
)

export const template = ({ compare, features, name }: Line): Judged => {
  let difference: Difference
  try {
    difference = compare()
  } catch (error) {
    difference = `crashed: ${String(error)}`
  }
  return settle({ kind: "templates", name, features }, { difference, method: undefined, recorded: {} })
}
