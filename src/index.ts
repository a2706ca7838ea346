/**
 * pipelex for TypeScript: MTHDS methods as Effect programs.
 *
 * @example
 * ```ts
 * const summarize = Pipe.llm("notes.summarize", { inputs: { note: Concept.Text }, output: Concept.Text, prompt: "Summarize:\n@note" })
 * const program = summarize({ note: { text: "…" } })
 * Effect.runPromise(Effect.provide(program, Direct.layer))
 * ```
 */
/** Concepts: Effect Schemas with a name, and the native ones. */
export * as Concept from "./concept/Authoring.ts"
/** The in-process layers: documents are read here, model calls answered by the configured backends. */
export * as Direct from "./direct/Direct.ts"
/** Mocks in place of every leaf: no key, no network, the same result every time. */
export * as DryRun from "./direct/DryRun.ts"
/** Methods read from `.mthds` files. */
export * as Library from "./LibraryFiles.ts"
/** Pipes as values: write them, compose them, call them. */
export * as Pipe from "./pipe/Composed.ts"
/** In process or durably, as the configuration says. */
export * as Pipelex from "./Pipelex.ts"
/** Durably: pipes as workflows of a Temporal server, carried out by workers. */
export * as TemporalClient from "./temporal/client/TemporalClient.ts"
/** The one error of every pipe. */
export { PipeFailure } from "./failure/PipeFailure.ts"
/** Every reason a pipe can fail for. */
export * as Reason from "./failure/Reason.ts"
/** What the layers answer. */
export { PipeRunner } from "./program/PipeRunner.ts"
/** Listen to a run by providing this. */
export { RunEvents } from "./program/RunEvents.ts"
export type { RunEvent } from "./program/RunEvents.ts"
/** Host functions for PipeFunc. */
export type { HostFunction, HostFunctions } from "./provider/HostFunctions.ts"
