import type { DataConverter } from "@temporalio/common"
import type { TemporalAccess } from "../../config/TemporalAccess.ts"

/**
 * How values become payloads, for workers and clients alike: whoever connects takes it from here, so that both sides always agree. Plain
 * JSON, as the SDK writes it.
 */
export const make = (_access: Pick<TemporalAccess, "options" | "encryptionKeys">): DataConverter => ({})
