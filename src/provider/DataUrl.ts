import type { Media } from "./Adapter.ts"

/** The file as one address: its own, or one that holds its bytes. */
export const dataUrl = (media: Media): string =>
  media._tag === "Url" ? media.url : `data:${media.mimeType};base64,${media.base64}`
