/** Layers for tests of programs that call pipes. */
/** Leaves answered from a script; structured answers are checked as a provider's would be. */
export * as Recorded from "./direct/Recorded.ts"
export type { Answer, Script, Sent } from "./direct/Recorded.ts"
