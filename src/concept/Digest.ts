/** FNV-1a over UTF-16 units, 32 bits unsigned: the same number for the same text everywhere. Names things; protects nothing. */
export const digest = (text: string): number => {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

const hex = (number: number): string => number.toString(16).padStart(8, "0")

/** Sixteen hex digits: two digests of 32 bits from different beginnings. */
export const long = (text: string): string => hex(digest(text)) + hex(digest(`~${text}`))
