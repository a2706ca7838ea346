import * as Base64 from "effect/encoding/Base64"
import * as Base64Url from "effect/encoding/Base64Url"
import * as Hex from "effect/encoding/Hex"

/** Blanks secrets out of texts that quote what was sent or answered: the known ones in every form they take, and whatever looks like one. */
const blank = "[redacted]"
/** A shorter text is found in too many words to be blanked. */
const shortest = 4

const shapes: ReadonlyArray<readonly [RegExp, string]> = [
  [/\b(Bearer|Basic)\s+(?!\[redacted\])[\w.~+/=:-]{8,}/gi, `$1 ${blank}`],
  // "Key" is a word of prose too: a key has a digit in it and is long.
  [/\b(Key)\s+(?=[\w.~+/=:-]*\d)[\w.~+/=:-]{16,}/gi, `$1 ${blank}`],
  [/\bsk-[\w-]{6,}/g, blank],
  [/\bAIza[\w-]{10,}/g, blank],
  [
    /\b((?:api[_-]?|access[_-]?|secret[_-]?)?(?:key|token)|password|signature)=(?!\[redacted\])[^&\s"'<>]+/gi,
    `$1=${blank}`
  ],
  [/:\/\/[^/@\s"']+@/g, `://${blank}@`]
]

/**
 * What stands in any base64 text that holds the secret, wherever its bytes fall among the groups of three: `Bearer` and a key are encoded
 * together as often as the key alone. Only the characters that the secret alone decides.
 */
const inBase64 = (secret: string): ReadonlyArray<string> =>
  [0, 1, 2].flatMap((before) => {
    const bytes = new TextEncoder().encode("\0".repeat(before) + secret)
    const decided = (text: string) => text.slice(Math.ceil(before * 8 / 6), Math.floor(bytes.length * 8 / 6))
    return [decided(Base64.encode(bytes)), decided(Base64Url.encode(bytes))]
  }).concat(Base64.encode(secret).replace(/=+$/, ""), Base64Url.encode(secret))

const forms = (secret: string): ReadonlyArray<string> => {
  const inAddress = encodeURIComponent(secret)
  return [
    secret,
    inAddress,
    inAddress.replaceAll(/%../g, (code) => code.toLowerCase()),
    JSON.stringify(secret).slice(1, -1),
    Hex.encode(secret),
    ...inBase64(secret)
  ]
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
