/** Words that must not come out where they do not belong, and a listener at every place where words come out. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Logger from "effect/Logger"
import * as References from "effect/References"
import * as Tracer from "effect/Tracer"
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { inspect } from "node:util"
import * as ErrorReport from "../../src/failure/ErrorReport.ts"
import type { PipeFailure } from "../../src/failure/PipeFailure.ts"
import * as ProblemDocument from "../../src/failure/ProblemDocument.ts"
import * as Wire from "../../src/failure/Wire.ts"
import * as FailureText from "../../src/report/FailureText.ts"

/** What no encoding but a real one changes, so that a part of a secret is found as well as the whole. */
const core = (name: string): string => `C4nary${name}7f3a91`

/** A key with every character that an encoding changes. */
export const secret = (name: string): string => `${core(name)}+/=&"~${core(name)}`

/** Where a header's name is the secret. */
export const token = core

export const prompt = "Canary of the prompt: Zoë 4417 (not for others)"
export const answer = "Canary of the answer: Max 9921 (not for others)"

/** The characters that stand in any base64 text that holds the word, wherever its bytes fall in the groups of three. */
const inBase64 = (word: string): ReadonlyArray<string> =>
  [0, 1, 2].map((offset) => {
    const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(word)])
    return bytes.toString("base64").slice(Math.ceil(offset * 8 / 6), Math.floor(bytes.length * 8 / 6))
  })

/** The forms that a word is given away in. */
export const needles = (word: string): ReadonlyArray<string> => {
  const base64 = inBase64(word)
  const url = base64.map((each) => each.replaceAll("+", "-").replaceAll("/", "_"))
  return [word, encodeURIComponent(word), Buffer.from(word).toString("hex"), ...base64, ...url]
}

/** What a part of the prompt or answer is known by. */
export const promptNeedles = [...needles("the prompt: Zo"), ...needles("4417 (not for")]
export const answerNeedles = [...needles("the answer: Max"), ...needles("9921 (not for")]
export const secretNeedles = (names: ReadonlyArray<string>): ReadonlyArray<string> =>
  names.flatMap((name) => needles(core(name)))

/** As a provider may say again what it was sent. */
export const echoes = (word: string): ReadonlyArray<string> => [
  word,
  encodeURIComponent(word),
  Buffer.from(word).toString("base64"),
  Buffer.from(word).toString("base64url")
]

/** Which of them stand in a text; nothing of the rest, so that a failing test gives nothing away either. */
export const found = (text: string, words: ReadonlyArray<string>): ReadonlyArray<string> =>
  words.filter((word) => text.includes(word))

/** Everything that a failure can be shown as. */
export const shown = (failure: PipeFailure): string =>
  [
    failure.message,
    failure.stack ?? "",
    failure.suggestedAction.detail,
    JSON.stringify(failure),
    JSON.stringify(Wire.encode(failure)),
    JSON.stringify(ErrorReport.fromFailure(failure)),
    JSON.stringify(ErrorReport.strict(ErrorReport.fromFailure(failure))),
    JSON.stringify(ProblemDocument.fromFailure(failure, { disclosure: "verbose" })),
    JSON.stringify(ProblemDocument.fromFailure(failure, { disclosure: "strict" })),
    FailureText.render(failure),
    Cause.pretty(Cause.fail(failure)),
    inspect(failure, { depth: Number.POSITIVE_INFINITY, showHidden: true })
  ].join("\n")

export interface Heard {
  readonly logs: ReadonlyArray<string>
  /** Spans with their attributes and events. */
  readonly spans: () => string
}

/** Runs with a listener for the log at every level, and for the spans. */
export const listening = <A, E, R>(effect: Effect.Effect<A, E, R>) => {
  const logs: Array<string> = []
  const spans: Array<Tracer.NativeSpan> = []
  const logger = Logger.map(Logger.formatStructured, (entry) => {
    logs.push(inspect(entry, { depth: Number.POSITIVE_INFINITY }))
  })
  const tracer = Tracer.make({
    span: (options) => {
      const span = new Tracer.NativeSpan(options)
      spans.push(span)
      return span
    }
  })
  const heard: Heard = {
    logs,
    spans: () =>
      spans.map(({ attributes, events, name, status }) => {
        const cause = status._tag === "Ended" && Exit.isFailure(status.exit) ? status.exit.cause : undefined
        // However an exporter writes the failure of a span.
        const failure = cause === undefined ? [] : [Cause.pretty(cause), JSON.stringify(cause)]
        return `${inspect({ name, attributes, events }, { depth: Number.POSITIVE_INFINITY })} ${failure.join(" ")}`
      }).join("\n")
  }
  return effect.pipe(
    Effect.provide(Logger.layer([logger])),
    Effect.provideService(References.MinimumLogLevel, "All"),
    Effect.provideService(Tracer.Tracer, tracer),
    Effect.map((value) => ({ heard, value }))
  )
}

/** Every file below a folder that may not be there, by its path from it, as text. */
export const filesBelow = (folder: string): ReadonlyMap<string, string> => {
  const files = new Map<string, string>()
  if (!existsSync(folder)) return files
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    const file = join(folder, name)
    if (statSync(file).isFile()) files.set(name, readFileSync(file, "latin1"))
  }
  return files
}
