import { bearer, type Spoken } from "../transport/JsonApi.ts"

/** Mistral's API. */
export const api: Spoken = { provider: "mistral", endpoint: "https://api.mistral.ai/v1", key: bearer }
