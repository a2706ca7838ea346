import * as Base64 from "effect/encoding/Base64"
import * as Result from "effect/Result"
import { ProviderError } from "./ProviderError.ts"

/**
 * Takes out of what a provider says of a request what it repeats of it: prompts, and answers that were asked again. A provider's own
 * sentence is worth showing; the run's data in it is nobody's business who reads a log or a failure.
 */
const blank = "[withheld]"

/** A shorter text is said by chance. */
const shortest = 12

/** Between quotation marks a provider repeats what it was given, however short. */
const quoted = /(["'`“‘«])([^"'`“”‘’«»]{3,})(["'`”’»])/g

/** As an adapter writes a provider's sentence: on one line. */
const onOneLine = (text: string): string => text.replaceAll(/[\p{Cc}\s]+/gu, " ").trim()

/** What may be repeated: as it is, and as it stands in JSON. */
const spellings = (text: string): ReadonlyArray<string> => {
  const line = onOneLine(text)
  return Array.from(new Set([line, JSON.stringify(line).slice(1, -1), onOneLine(JSON.stringify(text).slice(1, -1))]))
}

type Holds = (said: string) => boolean

/** The text without the parts, of any place in it, that are repeated. */
const withoutParts = (said: string, holds: Holds): string => {
  let kept = ""
  let at = 0
  while (at < said.length) {
    if (said.length - at < shortest || !holds(said.slice(at, at + shortest))) {
      kept += said.charAt(at)
      at += 1
      continue
    }
    let end = at + shortest
    while (end < said.length && holds(said.slice(end - shortest + 1, end + 1))) end += 1
    kept += said.slice(at, end).replace(/\S(?:.*\S)?/s, blank)
    at = end
  }
  return kept
}

const repeats = (text: string, holds: Holds): boolean => withoutParts(onOneLine(text), holds) !== onOneLine(text)

const unescaped = (text: string): string => {
  // A sentence may be cut within a character.
  const whole = text.replace(/(?:%[0-9a-f]{2})*%?[0-9a-f]?$/i, "")
  try {
    return decodeURIComponent(whole.replaceAll("+", " "))
  } catch {
    return ""
  }
}

const decoder = new TextDecoder()

const decoded = (text: string): string => {
  const groups = text.replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, "")
  const bytes = Base64.decode(groups.slice(0, groups.length - groups.length % 4))
  return Result.isSuccess(bytes) ? decoder.decode(bytes.success) : ""
}

/** Words that say in an encoding what was asked. An encoded text may start within a group of four. */
const encodings: ReadonlyArray<readonly [word: RegExp, read: (word: string) => ReadonlyArray<string>]> = [
  [/[^\s"'<>]*%[0-9a-f]{2}[^\s"'<>]*/gi, (word) => [unescaped(word)]],
  [/[\w+/-]{16,}={0,2}/g, (word) => [0, 1, 2, 3].map((skipped) => decoded(word.slice(skipped)))]
]

/** What withholds these texts. */
export const withholding = (texts: Iterable<string>): (said: string) => string => {
  const withheld = Array.from(texts).flatMap(spellings).filter((text) => text !== "")
  const holds: Holds = (said) => withheld.some((text) => text.includes(said))
  return (said) => {
    if (withheld.length === 0) return said
    const plain = withoutParts(said, holds).replaceAll(
      quoted,
      (whole: string, open: string, inside: string, close: string) => holds(inside) ? `${open}${blank}${close}` : whole
    )
    return encodings.reduce(
      (clean, [word, read]) =>
        clean.replaceAll(word, (each) => read(each).some((text) => repeats(text, holds)) ? blank : each),
      plain
    )
  }
}

/** The failure of a request without what it repeats of it. The body stays, for classification alone. */
export const withhold = (error: ProviderError, texts: Iterable<string>): ProviderError => {
  const clean = withholding(texts)
  const { body, kind, metadata, shouldRetry, variables } = error
  const { message, providerCode, requestId } = metadata
  return new ProviderError({
    kind,
    metadata: {
      ...metadata,
      ...(message === undefined ? {} : { message: clean(message) }),
      ...(providerCode === undefined ? {} : { providerCode: clean(providerCode) }),
      ...(requestId === undefined ? {} : { requestId: clean(requestId) })
    },
    ...(body === undefined ? {} : { body }),
    ...(shouldRetry === undefined ? {} : { shouldRetry }),
    ...(variables === undefined ? {} : { variables })
  })
}
