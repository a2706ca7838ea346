import type { Settings } from "./Settings.ts"

/** What is fixed for the whole of one run and travels with it. */
export interface RunScope {
  readonly runId: string
  readonly userId: string
  readonly sessionId?: string
  readonly mode: "live" | "dry"
  readonly settings: Settings
  /** Concept (`domain.Code`) that a `Dynamic` output stands for in this run. */
  readonly dynamicOutput?: string
}
