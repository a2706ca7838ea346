/** FNV-1a over UTF-16 units, 32 bits unsigned: the same number for the same text everywhere. Names things; protects nothing. */
export const digest = (text: string): number => {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}
