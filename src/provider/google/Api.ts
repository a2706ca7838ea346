import type { Spoken } from "../transport/JsonApi.ts"

/** The Gemini API. */
export const api: Spoken = {
  provider: "google",
  endpoint: "https://generativelanguage.googleapis.com/v1beta",
  key: (key) => ["x-goog-api-key", key]
}
