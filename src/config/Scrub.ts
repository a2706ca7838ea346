import * as Base64 from "effect/encoding/Base64"
import * as Base64Url from "effect/encoding/Base64Url"

/** Blanks secrets out of texts that quote what was sent or answered: the known ones in every form they take, and whatever looks like one. */
const blank = "[redacted]"
/** A shorter text is found in too many words to be blanked. */
const shortest = 4

const shapes: ReadonlyArray<readonly [RegExp, string]> = [
  [/\b(Bearer|Basic|Key)\s+(?!\[redacted\])[\w.~+/=:-]{8,}/gi, `$1 ${blank}`],
  [/\bsk-[\w-]{6,}/g, blank],
  [/\bAIza[\w-]{10,}/g, blank],
  [
    /\b((?:api[_-]?|access[_-]?|secret[_-]?)?(?:key|token)|password|signature)=(?!\[redacted\])[^&\s"'<>]+/gi,
    `$1=${blank}`
  ],
  [/:\/\/[^/@\s"']+@/g, `://${blank}@`]
]

const forms = (secret: string): ReadonlyArray<string> => {
  const base64 = Base64.encode(secret).replace(/=+$/, "")
  return [secret, encodeURIComponent(secret), base64, Base64Url.encode(secret), JSON.stringify(secret).slice(1, -1)]
}

/** What blanks these secrets. */
export const scrubber = (secrets: Iterable<string>): (text: string) => string => {
  const known = Array.from(new Set(Array.from(secrets).filter((secret) => secret.length >= shortest).flatMap(forms)))
    .toSorted((a, b) => b.length - a.length)
  return (text) =>
    shapes.reduce(
      (clean, [shape, replacement]) => clean.replace(shape, replacement),
      known.reduce((clean, secret) => clean.replaceAll(secret, blank), text)
    )
}
